//! Rows of the tidy table, and the tables of years, from the books of all replications.

use super::groups::{Group, Groups};
use super::rare::Histories;
use super::results::{AlertYears, CauseYears, Cells, Exceedance, TierYears, WorstIncident, Years};
use crate::engine::stats::{self, Estimate, State};
use crate::experiment::results::{Facts, Row};
use crate::experiment::rows::{About, Rows, cost};
use crate::measure::ledger::books::Ground;
use crate::measure::ledger::burn_rate::POLICIES;
use crate::measure::ledger::scale::Scale;
use crate::measure::ledger::totals::{ClassTotals, FaultTotals, Notable, Totals};
use crate::measure::meter::allowed_minutes;
use crate::scenario::Scenario;
use crate::scenario::fault::{CellFilter, Clock, Fault, Schedule, ScopeKind, Strikes};
use crate::scenario::priors::describe;
use crate::scenario::run::FaultChoice;
use crate::units::{DAY, seconds};
use crate::world::faults::is_awake;
use crate::world::flow::observer::Ending;

const NEVER_STRUCK: &str = "the fault did not strike in this horizon";
/// Minutes of a contract window.
const WINDOW: f64 = 43_200.0;
/// Seconds of a year of 365 days.
const YEAR: f64 = 365.0 * 86_400.0;

/// Customers from which exceedance is told: 1, 2, 5, 10, ...
fn thresholds(customers: u64) -> Vec<f64> {
    let decades = (0..8).flat_map(|power| [1.0, 2.0, 5.0].map(|digit: f64| digit * libm::pow(10.0, f64::from(power))));
    decades.take_while(|&threshold| threshold <= customers as f64).collect()
}

/// Returns the tidy table and the tables of years.
pub fn all(ground: &Ground<'_>, facts: &Facts, rare: Option<&Histories>, done: &Groups) -> (Vec<Row>, Years) {
    let scenario = ground.scenario;
    let mut rows = Rows { scenario, confidence: scenario.run.confidence, rows: Vec::new() };
    let each = seconds(scenario.run.horizon) / YEAR;
    let awake: Vec<usize> =
        (0..scenario.faults.len()).filter(|&fault| is_awake(&scenario.faults[fault], scenario.run.faults)).collect();
    let minutes = |totals: &Totals| totals.faults.iter().map(|fault| fault.minutes.iter().sum::<f64>()).sum();
    let incidents = |totals: &Totals| totals.faults.iter().map(|fault| fault.incidents as f64).sum();
    let all_minutes: f64 = done.totals().map(minutes).sum();
    let count: f64 = done.totals().map(incidents).sum();
    let mut causes = Vec::new();
    for &fault in &awake {
        causes.push(cause(&mut rows, ground, done, fault, each, all_minutes));
    }
    let total = a_year(done, each, rows.confidence, minutes);
    rows.add(("yearly_minutes", "mean"), ("min", "a year"), About::default(), total.clone());
    let incidents = times_a_year(done, each, rows.confidence, incidents);
    rows.add(("incidents", "mean"), ("", "a year"), About::default(), incidents);
    let tiers = tiers(&mut rows, ground, done);
    let alerts = alerts(&mut rows, ground, done, each);
    let at_once = rare.map(|histories| histories.rows(&mut rows, &done.rare));
    cost(&mut rows, facts);
    let mut harmed = Scale::default();
    done.totals().flat_map(|totals| &totals.faults).for_each(|fault| harmed.merge(&fault.by_harmed));
    let credits = credits_of(ground, done, |_| true);
    let years = Years {
        years: each * f64::from(done.done),
        incidents: count as u64,
        events: done.events,
        windows: done.totals().map(|totals| totals.classes.first().map_or(0, |class| class.windows)).sum(),
        window: if scenario.run.starts_on.is_some() { "calendar month" } else { "30 days" }.to_owned(),
        tiers,
        causes,
        harmed: quantiles(&harmed),
        minutes: total,
        credits,
        exceedance: exceedance(&rows, done, &awake, each, facts.customers),
        alerts,
        priors: scenario.priors.iter().map(|prior| describe(prior)).collect(),
        calibration: Vec::new(),
        worst_incidents: worst_incidents(scenario, &done.notable),
        strip: done.groups[0].totals.lost_by_window.clone(),
        at_once,
    };
    (rows.rows, years)
}

fn quantiles(scale: &Scale) -> [Option<f64>; 3] {
    [scale.quantile(0.5), scale.quantile(0.95), (scale.total > 0.0).then_some(scale.most)]
}

/// Mean per year, over replications or groups of them: of what happened to the years in which it did.
fn a_year(done: &Groups, each: f64, confidence: f64, of: impl Fn(&Totals) -> f64) -> Estimate {
    let pair = |group: &Group| (of(&group.totals), each * f64::from(group.count));
    let pairs: Vec<(f64, f64)> = done.groups.iter().map(pair).collect();
    stats::ratio_within(&pairs, (0.0, f64::INFINITY), confidence)
}

/// The same of what is counted one by one: none in so many years still has an upper limit.
fn times_a_year(done: &Groups, each: f64, confidence: f64, of: impl Fn(&Totals) -> f64) -> Estimate {
    if done.totals().any(|totals| of(totals) != 0.0) {
        return a_year(done, each, confidence, of);
    }
    let years = f64::from(done.done) * each;
    let high = -libm::log(1.0 - confidence) / years;
    let why = format!("none in {years:.0} years: the upper limit if they come one by one (rule of three)");
    Estimate::bound(0.0, 0.0, high, done.groups.len() as u64, why)
}

/// Mean per incident, over replications.
fn per_incident(done: &Groups, fault: usize, of: impl Fn(&FaultTotals) -> f64, most: f64, confidence: f64) -> Estimate {
    let totals = done.totals().map(|totals| &totals.faults[fault]);
    let pairs: Vec<(f64, f64)> = totals.map(|totals| (of(totals), totals.incidents as f64)).collect();
    match pairs.iter().all(|pair| pair.1 == 0.0) {
        true => Estimate::null(NEVER_STRUCK),
        false => stats::ratio_within(&pairs, (0.0, most), confidence),
    }
}

fn exposed_by(done: &Groups, fault: usize, of: impl Fn(&FaultTotals) -> f64, confidence: f64) -> Estimate {
    let alike = per_incident(done, fault, &of, f64::INFINITY, confidence);
    match (alike.state, alike.value) {
        (State::Bound, Some(value)) => Estimate::exact(value),
        _ => alike,
    }
}

fn cause(
    rows: &mut Rows<'_>,
    ground: &Ground<'_>,
    done: &Groups,
    fault: usize,
    each: f64,
    all_minutes: f64,
) -> CauseYears {
    let scenario = rows.scenario;
    let spec = &scenario.faults[fault];
    let confidence = rows.confidence;
    let sizes: Vec<f64> = scenario.tiers.iter().map(|tier| f64::from(tier.customers)).collect();
    let mine = || done.totals().map(|totals| &totals.faults[fault]);
    for tier in std::iter::once(None).chain((0..scenario.tiers.len()).map(Some)) {
        let about = About { tier, fault: &spec.name, ..About::default() };
        let in_tier = |by_tier: &[f64]| tier.map_or_else(|| by_tier.iter().sum(), |tier| by_tier[tier]);
        let (all, denominator) = match tier {
            Some(tier) => (sizes[tier], format!("customers of {}", scenario.tiers[tier].name)),
            None => (sizes.iter().sum(), "all customers".to_owned()),
        };
        let harmed = per_incident(done, fault, |totals| in_tier(&totals.harmed), all, confidence);
        // Who lives where it strikes follows from the design, who is harmed does not.
        let exposed = exposed_by(done, fault, |totals| in_tier(&totals.exposed), confidence);
        for (metric, mean) in [("blast_radius", &harmed), ("exposed", &exposed)] {
            rows.add((metric, "mean"), ("customers", ""), about, mean.clone());
            rows.add((metric, "mean"), ("share", &denominator), about, mean.scaled(1.0 / all.max(1.0)));
        }
        let worst = mine().map(|totals| tier.map_or(totals.by_harmed.most, |tier| totals.worst[tier]));
        let worst = worst.fold(0.0, f64::max);
        let reach = match tier {
            None => mine().map(|totals| totals.exposed_most).fold(worst, f64::max),
            Some(tier) => sizes[tier].max(worst),
        };
        let incidents: u64 = mine().map(|totals| totals.incidents).sum();
        let largest = match incidents {
            0 => Estimate::null(NEVER_STRUCK),
            n => Estimate::largest(worst, Some(reach), n),
        };
        rows.add(("blast_radius", "worst"), ("customers", ""), about, largest.clone());
        rows.add(("blast_radius", "worst"), ("share", &denominator), about, largest.scaled(1.0 / all.max(1.0)));
    }
    let about = About { fault: &spec.name, ..About::default() };
    let minutes: f64 = mine().flat_map(|totals| &totals.minutes).sum();
    let share = if all_minutes > 0.0 { minutes / all_minutes } else { 0.0 };
    let minutes = a_year(done, each, confidence, |totals| totals.faults[fault].minutes.iter().sum());
    rows.add(("yearly_minutes", "mean"), ("min", "a year"), about, minutes.clone());
    let per = per_incident(done, fault, |totals| totals.minutes.iter().sum(), f64::INFINITY, confidence);
    rows.add(("customer_minutes", "mean"), ("min", "an incident"), about, per);
    let incidents = mine().map(|totals| totals.incidents).sum();
    let a_year = times_a_year(done, each, confidence, |totals| totals.faults[fault].incidents as f64);
    rows.add(("incidents", "mean"), ("", "a year"), about, a_year.clone());
    let mut harmed = Scale::default();
    mine().for_each(|totals| harmed.merge(&totals.by_harmed));
    for (statistic, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        let sections: Vec<f64> = mine().filter_map(|totals| totals.by_harmed.quantile(p)).collect();
        let estimate = match harmed.quantile(p) {
            None => Estimate::null(NEVER_STRUCK),
            Some(value) => stats::sectioned(value, &sections, 0.01 * value, confidence),
        };
        rows.add(("blast_radius", statistic), ("customers", ""), about, estimate);
    }
    CauseYears {
        cause: spec.name.clone(),
        incidents,
        a_year,
        harmed: quantiles(&harmed),
        harmed_mean: per_incident(done, fault, |totals| totals.harmed.iter().sum(), sizes.iter().sum(), confidence),
        minutes,
        share,
        with_more_cells: with_more_cells(ground, spec),
        stuck: mine().map(|totals| totals.stuck).sum(),
    }
}

/// Decides by what a fault strikes at once whether more cells contain it.
fn with_more_cells(ground: &Ground<'_>, fault: &Fault) -> Cells {
    let of_a_cell = |filter: &CellFilter| filter.cell.is_some();
    match (&fault.strikes, &fault.schedule) {
        (_, Schedule::Random { clock: Clock::Each(ScopeKind::Cell) | Clock::OneOf(ScopeKind::Cell), .. }) => {
            Cells::FewerPerIncident
        }
        (Strikes::Cells(filter), _) if of_a_cell(filter) && ground.model.cells.len() > 1 => Cells::FewerPerIncident,
        (Strikes::Customers { customer: Some(_), .. }, _) => Cells::FewerNeighbours,
        _ => Cells::Nothing,
    }
}

fn credits_of(ground: &Ground<'_>, done: &Groups, wanted: impl Fn(usize) -> bool) -> Option<Estimate> {
    let scenario = ground.scenario;
    let any = scenario.tiers.iter().enumerate().any(|(tier, spec)| wanted(tier) && !spec.contract.credits.is_empty());
    let classes = &ground.model.platform.classes;
    let dollars = |totals: &Totals| -> f64 {
        let classes = totals.classes.iter().zip(classes).filter(|(_, class)| wanted(class.tier));
        classes.map(|(totals, _)| totals.credits).sum()
    };
    // Judged windows may be a little less than the horizon.
    let window = match scenario.run.starts_on {
        None => 30.0 * seconds(DAY) / YEAR,
        Some(_) => 1.0 / 12.0,
    };
    let judged = |totals: &Totals| totals.classes.first().map_or(0.0, |class| class.windows as f64 * window);
    let pairs: Vec<(f64, f64)> = done.totals().map(|totals| (dollars(totals), judged(totals))).collect();
    (any && pairs[0].1 > 0.0).then(|| stats::ratio(&pairs, scenario.run.confidence).not_negative())
}

fn tiers(rows: &mut Rows<'_>, ground: &Ground<'_>, done: &Groups) -> Vec<TierYears> {
    let scenario = rows.scenario;
    let classes = &ground.model.platform.classes;
    let mut table = Vec::new();
    for (tier, spec) in scenario.tiers.iter().enumerate() {
        let used = classes.iter().filter(|class| class.tier == tier).map(|class| Some(class.workflow));
        for workflow in std::iter::once(None).chain(used) {
            let about = About { tier: Some(tier), workflow, ..About::default() };
            let mine = |class: usize| {
                classes[class].tier == tier && workflow.is_none_or(|workflow| workflow == classes[class].workflow)
            };
            let totals: Vec<ClassTotals> = done.totals().map(|totals| merged(&totals.classes, &mine)).collect();
            let all_kept: Vec<(f64, f64)> = done
                .totals()
                .zip(&totals)
                .map(|(all, totals)| match workflow {
                    None => (all.all_kept[tier], totals.windows as f64),
                    Some(_) => (totals.all_kept, totals.windows as f64),
                })
                .collect();
            let credits = match workflow {
                None => credits_of(ground, done, |other| other == tier),
                Some(_) => None,
            };
            let row = tier_row(rows, about, &totals, &all_kept);
            if let Some(credits) = &credits {
                let month = credits.scaled(30.0 / 365.0);
                rows.add(("credits", "mean"), ("$", "month"), about, month);
            }
            table.push(TierYears {
                tier: spec.name.clone(),
                workflow: workflow.map_or("all".to_owned(), |workflow| scenario.workflows[workflow].name.clone()),
                sla: spec.contract.sla,
                allowed: allowed_minutes(spec.contract.sla),
                credits,
                ..row
            });
        }
    }
    table
}

/// Adds up classes; the windows are the same for all of them.
fn merged(classes: &[ClassTotals], mine: &impl Fn(usize) -> bool) -> ClassTotals {
    let mut sum = ClassTotals::default();
    for (_, class) in classes.iter().enumerate().filter(|(index, _)| mine(*index)) {
        sum.add(class);
        sum.windows = class.windows;
    }
    sum
}

fn tier_row(rows: &mut Rows<'_>, about: About<'_>, totals: &[ClassTotals], all_kept: &[(f64, f64)]) -> TierYears {
    let confidence = rows.confidence;
    let months: Vec<(f64, f64)> = totals.iter().map(|one| (one.kept.min(one.months), one.months)).collect();
    let scripted = rows.scenario.run.faults == FaultChoice::Scripted && !rows.scenario.faults.is_empty();
    let reason = if totals.iter().all(|one| one.windows == 0) {
        Some("the horizon holds no whole contract window")
    } else if scripted {
        Some("scripted faults say what happens if, not how often: give faults an mtbf and an mttr")
    } else {
        None
    };
    let measured = |estimate: Estimate| reason.map_or(estimate, Estimate::null);
    let kept = measured(stats::proportion(&months, confidence));
    let all = measured(stats::proportion(all_kept, confidence));
    let pairs: Vec<(f64, f64)> = totals.iter().map(|one| (one.bad_minutes, one.months)).collect();
    let bad = if reason == Some("the horizon holds no whole contract window") {
        measured(Estimate::exact(0.0))
    } else if rows.scenario.faults.iter().any(|fault| is_awake(fault, rows.scenario.run.faults)) {
        stats::ratio_within(&pairs, (0.0, WINDOW), confidence)
    } else {
        // Flows in health are not drawn.
        stats::ratio(&pairs, confidence)
    };
    let mut by_minutes = Scale::default();
    for one in totals {
        by_minutes.merge(&one.by_bad_minutes);
    }
    let sections: Vec<f64> = totals.iter().filter_map(|one| one.by_bad_minutes.quantile(0.95)).collect();
    let p95 = match by_minutes.quantile(0.95) {
        None => Estimate::null("the horizon holds no whole contract window"),
        Some(value) => stats::sectioned(value, &sections, if value > 100.0 { 0.01 * value } else { 0.5 }, confidence),
    };
    let denominator = "customers, workflows and windows";
    rows.add(("sla_attainment", "mean"), ("share", denominator), about, kept.clone());
    rows.add(("sla_attainment_of_all", "mean"), ("share", "windows"), about, all.clone());
    rows.add(("bad_minutes", "mean"), ("min", "window"), about, bad.clone());
    rows.add(("bad_minutes", "p95"), ("min", "window"), about, p95.clone());
    let availability = bad.scaled(1.0 / WINDOW).complement();
    rows.add(("availability", "mean"), ("share", "windows"), about, availability);
    let worst = totals.iter().map(|one| one.worst).fold((0.0, 0), |a, b| if b.0 > a.0 { b } else { a });
    if reason.is_none() {
        let estimate = Estimate::largest(worst.0, None, totals.len() as u64);
        rows.add(("bad_minutes", "worst"), ("min", "window"), about, estimate);
    }
    TierYears {
        tier: String::new(),
        workflow: String::new(),
        sla: 0.0,
        kept,
        all_kept: all,
        bad_minutes: bad,
        bad_minutes_p95: p95,
        allowed: 0.0,
        credits: None,
        worst: (worst.0, seconds(worst.1) / YEAR),
    }
}

fn alerts(rows: &mut Rows<'_>, ground: &Ground<'_>, done: &Groups, each: f64) -> Vec<AlertYears> {
    let scenario = rows.scenario;
    let mut table = Vec::new();
    for (index, class) in ground.model.platform.classes.iter().enumerate() {
        for (policy, rule) in POLICIES.iter().enumerate() {
            let fired = |totals: &Totals| totals.classes[index].alerts[policy] as f64;
            let a_year = times_a_year(done, each, rows.confidence, fired);
            let about = About { tier: Some(class.tier), workflow: Some(class.workflow), ..About::default() };
            rows.add(("burn_rate_alerts", "mean"), ("", &format!("a year: {}", rule.name)), about, a_year.clone());
            table.push(AlertYears {
                tier: scenario.tiers[class.tier].name.clone(),
                workflow: scenario.workflows[class.workflow].name.clone(),
                alert: rule.name.to_owned(),
                a_year,
            });
        }
    }
    table
}

fn exceedance(rows: &Rows<'_>, done: &Groups, awake: &[usize], each: f64, customers: u64) -> Vec<Exceedance> {
    let mut table = Vec::new();
    let causes = std::iter::once(None).chain(awake.iter().copied().map(Some));
    for cause in causes {
        for threshold in thresholds(customers) {
            let beyond = |totals: &Totals| -> f64 {
                let faults = totals.faults.iter().enumerate();
                let mine = faults.filter(|(fault, _)| cause.is_none_or(|cause| cause == *fault));
                mine.map(|(_, totals)| totals.by_harmed.at_least(threshold)).sum()
            };
            let a_year = times_a_year(done, each, rows.confidence, beyond);
            let cause = cause.map_or("all".to_owned(), |cause| rows.scenario.faults[cause].name.clone());
            table.push(Exceedance { cause, customers: threshold, a_year });
        }
    }
    table
}

/// The incidents that cost most customer-minutes, over all replications.
fn worst_incidents(scenario: &Scenario, notable: &[(u32, Notable)]) -> Vec<WorstIncident> {
    let row = |(index, one): &(u32, Notable)| WorstIncident {
        replication: index + 1,
        fault: scenario.faults[one.fault].name.clone(),
        onset_seconds: seconds(one.span.0),
        end_seconds: seconds(one.span.1),
        exposed: one.customers.0,
        harmed: one.customers.1,
        customer_minutes: one.minutes,
        recovery: match one.ending {
            Ending::Recovered => "recovered",
            Ending::StillFaulted => "still faulted",
            Ending::NotRecovered => "not recovered",
        }
        .to_owned(),
    };
    notable.iter().map(row).collect()
}

/// Returns what a reader must know about a run over years.
pub fn warnings(ground: &Ground<'_>, years: &Years, done: &Groups) -> Vec<String> {
    let mut warnings = Vec::new();
    if done.of_each() > 1 {
        warnings.push(format!(
            "{} replications were folded into {} groups of {}: intervals rest on the groups",
            done.done,
            done.groups.len(),
            done.of_each()
        ));
    }
    for cause in years.causes.iter().filter(|cause| cause.stuck > 0) {
        warnings.push(format!(
            "{}: {} of {} incidents never recovered (metastable)",
            cause.cause, cause.stuck, cause.incidents
        ));
    }
    if let Some(at_once) = &years.at_once
        && let Some(last) = at_once.cells_down.last()
        && let Some(error) = last.relative_error.filter(|&error| error > 1.5 * at_once.asked_error)
    {
        warnings.push(format!(
            "{} cells down at once: a relative error of {:.0} %, where {:.0} % was aimed at; more histories help",
            last.cells,
            100.0 * error,
            100.0 * at_once.asked_error
        ));
    }
    let healthy = ground.health.flows.iter().flat_map(|flow| &flow.failed).copied().fold(0.0, f64::max);
    let strictest = ground.scenario.tiers.iter().map(|tier| 1.0 - tier.contract.sla).fold(1.0, f64::min);
    if healthy > strictest {
        warnings.push(format!(
            "without any fault up to {:.3} % of a cell's requests fail, more than the strictest tier may lose",
            100.0 * healthy
        ));
    }
    warnings
}
