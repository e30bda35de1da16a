//! Rows of the tidy table, and the tables of years, from the books of all replications.

use super::anchor::{Struck, unless_alone};
use super::cause_rows::{cause, quantiles, yearly_minutes};
use super::doubts;
use super::groups::Groups;
use super::per_year::{YEAR, times_a_year};
use super::rare::Histories;
use super::tier_rows::{credits_of, tiers};
use crate::catalogue::{Metric, Statistic, Unit};
use crate::engine::stats::{Estimate, anchored};
use crate::experiment::measures::platform::cost;
use crate::experiment::measures::table::{About, Rows};
use crate::experiment::outcome::years::{AlertYears, Exceedance, Steps, WorstIncident, Years};
use crate::experiment::outcome::{Facts, Row, Warning};
use crate::measure::ledger::books::Ground;
use crate::measure::ledger::burn_rate::POLICIES;
use crate::measure::ledger::scale::Scale;
use crate::measure::ledger::totals::{Notable, Totals};
use crate::scenario::Scenario;
use crate::scenario::priors::describe;
use crate::units::seconds;
use crate::world::flow::observer::Ending;
use crate::world::operations::faults::is_awake;

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
    let minutes = |totals: &Totals| totals.faults.iter().map(|fault| fault.minutes).sum::<f64>();
    let incidents = |totals: &Totals| totals.faults.iter().map(|fault| fault.incidents as f64).sum();
    let all_minutes: f64 = done.totals().map(minutes).sum();
    let count: f64 = done.totals().map(incidents).sum();
    let mut causes = Vec::new();
    for &fault in &awake {
        causes.push(cause(&mut rows, ground, done, fault, each, all_minutes));
    }
    let total = unless_alone(done, yearly_minutes(ground, done, &awake, each, rows.confidence));
    rows.add((Metric::YearlyMinutes, Statistic::Mean), (Unit::Minutes, "a year"), About::default(), total.clone());
    let incidents = times_a_year(done, each, rows.confidence, incidents);
    rows.add((Metric::Incidents, Statistic::Mean), (Unit::Plain, "a year"), About::default(), incidents);
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
        window: window(scenario),
        tiers,
        causes,
        harmed: quantiles(&harmed),
        minutes: total,
        credits,
        exceedance: exceedance(ground, &rows, done, &awake, each, facts.customers),
        exceedance_steps: exceedance_steps(ground, done, &awake, each),
        alerts,
        priors: scenario.priors.iter().map(|prior| describe(prior)).collect(),
        calibration: Vec::new(),
        worst_incidents: worst_incidents(scenario, &done.notable),
        strip: done.groups[0].totals.lost_by_window.clone(),
        at_once,
    };
    (rows.rows, years)
}

/// Says what contracts are judged over.
fn window(scenario: &Scenario) -> String {
    let mut windows: Vec<_> = scenario.tiers.iter().map(|tier| tier.contract.window(scenario.run.starts_on)).collect();
    windows.dedup();
    match windows.as_slice() {
        [one] => one.text(),
        _ => "as each tier's contract says".to_owned(),
    }
}

fn alerts(rows: &mut Rows<'_>, ground: &Ground<'_>, done: &Groups, each: f64) -> Vec<AlertYears> {
    let scenario = rows.scenario;
    let mut table = Vec::new();
    for (index, class) in ground.model.platform.classes.iter().enumerate() {
        for (policy, rule) in POLICIES.iter().enumerate() {
            let fired = |totals: &Totals| totals.classes[index].alerts[policy] as f64;
            let a_year = times_a_year(done, each, rows.confidence, fired);
            let about = About {
                tier: Some(class.tier),
                workflow: Some(class.workflow),
                alert: Some(rule.alert),
                ..About::default()
            };
            rows.add((Metric::BurnRateAlerts, Statistic::Mean), (Unit::Plain, "a year"), about, a_year.clone());
            table.push(AlertYears {
                tier: scenario.tiers[class.tier].name.clone(),
                workflow: scenario.workflows[class.workflow].name.clone(),
                alert: rule.alert,
                a_year,
            });
        }
    }
    table
}

fn exceedance(
    ground: &Ground<'_>,
    rows: &Rows<'_>,
    done: &Groups,
    awake: &[usize],
    each: f64,
    customers: u64,
) -> Vec<Exceedance> {
    let mut table = Vec::new();
    let causes = std::iter::once(None).chain(awake.iter().copied().map(Some));
    for cause in causes {
        for threshold in thresholds(customers) {
            let mine = awake.iter().filter(|fault| cause.is_none_or(|cause| cause == **fault));
            let strata: Vec<_> =
                mine.flat_map(|&fault| Struck::new(ground.exposure, done, fault).beyond(threshold, each)).collect();
            let found = anchored::mean_apart(&strata, rows.confidence);
            // Of what never struck it is known that it was not seen.
            let a_year = unless_alone(done, Estimate { value: found.value.or(Some(0.0)), ..found });
            let fault = cause.map(|cause| rows.scenario.faults[cause].name.clone());
            table.push(Exceedance { fault, customers: threshold, a_year });
        }
    }
    table
}

/// Incidents a year that harm at least so many customers, at every number that was met: all causes together, then each.
fn exceedance_steps(ground: &Ground<'_>, done: &Groups, awake: &[usize], each: f64) -> Vec<Steps> {
    let causes = std::iter::once(None).chain(awake.iter().copied().map(Some));
    let steps = causes.map(|cause| {
        let mine = awake.iter().filter(|fault| cause.is_none_or(|cause| cause == **fault));
        let sizes = mine.flat_map(|&fault| Struck::new(ground.exposure, done, fault).sizes(each));
        let mut sizes: Vec<(f64, f64)> = sizes.filter(|(customers, _)| *customers >= 1.0).collect();
        sizes.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut steps: Vec<(f64, f64)> = Vec::with_capacity(sizes.len());
        let mut at_least = 0.0;
        for (customers, often) in sizes.into_iter().rev() {
            at_least += often;
            match steps.last_mut() {
                Some(last) if last.0 == customers => last.1 = at_least,
                _ => steps.push((customers, at_least)),
            }
        }
        steps.reverse();
        (cause.map(|cause| ground.scenario.faults[cause].name.clone()), steps)
    });
    steps.collect()
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
pub fn warnings(ground: &Ground<'_>, years: &Years, done: &Groups) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if done.of_each() > 1 {
        warnings.push(Warning::Folded { replications: done.done, groups: done.groups.len(), of_each: done.of_each() });
    }
    for cause in years.causes.iter().filter(|cause| cause.stuck > 0) {
        warnings.push(Warning::NeverRecovered {
            cause: cause.fault.clone(),
            stuck: cause.stuck,
            incidents: cause.incidents,
        });
    }
    if let Some(at_once) = &years.at_once
        && let Some(last) = at_once.cells_down.last()
        && let Some(error) = last.relative_error.filter(|&error| error > 1.5 * at_once.asked_error)
    {
        warnings.push(Warning::Rough { cells: last.cells, error, asked: at_once.asked_error });
    }
    let at_rest = ground.health.unsettled;
    if at_rest as u64 + done.unsettled > 0 {
        warnings.push(Warning::BetweenTwoStates {
            in_health: at_rest as u64,
            cells: ground.health.flows() as u64,
            flows: done.unsettled,
        });
    }
    warnings.extend(doubts::told(ground, done));
    let healthy = ground.health.most_failed();
    let strictest = ground.scenario.tiers.iter().map(|tier| 1.0 - tier.contract.sla).fold(1.0, f64::min);
    if healthy > strictest {
        warnings.push(Warning::CellFailsInHealth { failed: healthy });
    }
    warnings
}
