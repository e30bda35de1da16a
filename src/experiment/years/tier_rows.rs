//! Rows of the contracts over years: which tier keeps what it was sold, and what it owes if not.

use super::groups::Groups;
use super::per_year::YEAR;
use super::results::TierYears;
use crate::engine::stats::{self, Estimate, State};
use crate::experiment::rows::{About, Rows};
use crate::measure::ledger::books::Ground;
use crate::measure::ledger::scale::{Scale, half_step};
use crate::measure::ledger::totals::{ClassTotals, Totals};
use crate::measure::plan::allowed_minutes;
use crate::scenario::calendar::Window;
use crate::scenario::run::FaultChoice;
use crate::units::{MINUTE, MONTH, Nanos, seconds};
use crate::world::faults::is_awake;

/// Shares, and dollars, that are rounding and nothing else.
const DUST: f64 = 1e-12;

/// Dollars of credits a year of the tiers wanted; `None` if none promises any, or no window was judged.
pub(super) fn credits_of(ground: &Ground<'_>, done: &Groups, wanted: impl Fn(usize) -> bool) -> Option<Estimate> {
    let scenario = ground.scenario;
    let any = scenario.tiers.iter().enumerate().any(|(tier, spec)| wanted(tier) && !spec.contract.credits.is_empty());
    let classes = &ground.model.platform.classes;
    let dollars = |totals: &Totals| -> f64 {
        let classes = totals.classes.iter().zip(classes).filter(|(_, class)| wanted(class.tier));
        let dollars: f64 = classes.map(|(totals, _)| totals.credits).sum();
        // What rounding leaves of certainty is no money.
        if dollars < DUST { 0.0 } else { dollars }
    };
    // Judged windows may be a little less than the horizon; those of tiers may differ.
    let judged = |totals: &Totals| {
        let minutes = totals.classes.iter().map(|class| class.minutes).max().unwrap_or(0);
        60.0 * minutes as f64 / YEAR
    };
    let pairs: Vec<(f64, f64)> = done.totals().map(|totals| (dollars(totals), judged(totals))).collect();
    (any && pairs[0].1 > 0.0).then(|| stats::ratio_within(&pairs, (0.0, f64::INFINITY), scenario.run.confidence))
}

/// Adds the rows of all contracts, and returns their table.
pub(super) fn tiers(rows: &mut Rows<'_>, ground: &Ground<'_>, done: &Groups) -> Vec<TierYears> {
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
                    None => share_of(all.all_kept[tier], totals.windows as f64),
                    Some(_) => share_of(totals.all_kept, totals.windows as f64),
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
                window: spec.contract.window(scenario.run.starts_on).text(),
                days_apart: days_apart(spec.contract.window(scenario.run.starts_on)),
                allowed: row.allowed.map(|minutes| allowed_minutes(spec.contract.sla, minutes as u64)),
                used: shares_used(&row, spec.contract.sla),
                credits,
                ..row
            });
        }
    }
    table
}

/// Days from one window to the next, on average.
fn days_apart(window: Window) -> f64 {
    match window {
        Window::Days(days) => f64::from(days),
        Window::Rolling(_) => 1.0,
        Window::Month => 365.0 / 12.0,
        Window::Quarter => 365.0 / 4.0,
    }
}

/// Bad minutes over all minutes: mean, what 95 % of windows do not exceed, and the worst, each by the length of its own window.
fn rates_of(totals: &[ClassTotals], by_minutes: &Scale, worst: (f64, Nanos, u64), longest: u64) -> [f64; 3] {
    let (bad, minutes) =
        totals.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.bad_minutes, sum.1 + one.contract_minutes));
    let mut by_rate = Scale::default();
    for one in totals {
        by_rate.merge(&one.by_rate);
    }
    let p95 = match by_rate.quantile(0.95) {
        Some(rate) => rate / (MONTH / MINUTE) as f64,
        None => by_minutes.quantile(0.95).unwrap_or(0.0) / longest.max(1) as f64,
    };
    [bad / minutes.max(1.0), p95, worst.0 / worst.2.max(1) as f64]
}

/// The same as shares of what is allowed.
fn shares_used(row: &TierYears, sla: f64) -> [f64; 3] {
    row.used.map(|rate| rate / (1.0 - sla))
}

/// Adds up classes; the windows are the same for all of them.
fn merged(classes: &[ClassTotals], mine: &impl Fn(usize) -> bool) -> ClassTotals {
    let mut sum = ClassTotals::default();
    for (_, class) in classes.iter().enumerate().filter(|(index, _)| mine(*index)) {
        sum.add(class);
        (sum.windows, sum.minutes) = (class.windows, class.minutes);
    }
    sum
}

/// What was kept of how many: certain but for rounding is certain.
fn share_of(kept: f64, all: f64) -> (f64, f64) {
    (if all - kept < DUST * all { all } else { kept }, all)
}

fn tier_row(rows: &mut Rows<'_>, about: About<'_>, totals: &[ClassTotals], all_kept: &[(f64, f64)]) -> TierYears {
    let confidence = rows.confidence;
    let months: Vec<(f64, f64)> = totals.iter().map(|one| share_of(one.kept, one.months)).collect();
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
    let mut lengths = ClassTotals::default();
    for one in totals {
        lengths.note_length(one.lengths);
    }
    let (shortest, longest) = lengths.lengths;
    let bad = if reason == Some("the horizon holds no whole contract window") {
        measured(Estimate::exact(0.0))
    } else if rows.scenario.faults.iter().any(|fault| is_awake(fault, rows.scenario.run.faults)) {
        stats::ratio_within(&pairs, (0.0, longest as f64), confidence)
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
        Some(value) => stats::sectioned(value, &sections, half_step(value), confidence),
    };
    let denominator = "customers, workflows and windows";
    rows.add(("sla_attainment", "mean"), ("share", denominator), about, kept.clone());
    rows.add(("sla_attainment_of_all", "mean"), ("share", "windows"), about, all.clone());
    rows.add(("bad_minutes", "mean"), ("min", "window"), about, bad.clone());
    rows.add(("bad_minutes", "p95"), ("min", "window"), about, p95.clone());
    // Windows of unlike length weigh as much as they last.
    let availability = match shortest == longest {
        true => bad.scaled(1.0 / (longest as f64).max(1.0)),
        false => {
            let pairs: Vec<(f64, f64)> = totals.iter().map(|one| (one.bad_minutes, one.contract_minutes)).collect();
            match bad.state {
                State::Null => bad.clone(),
                _ => stats::ratio_within(&pairs, (0.0, 1.0), confidence),
            }
        }
    };
    let availability = availability.complement();
    rows.add(("availability", "mean"), ("share", "windows"), about, availability);
    let worst = totals.iter().map(|one| one.worst).fold((0.0, 0, 0), |a, b| if b.0 > a.0 { b } else { a });
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
        window: String::new(),
        days_apart: 0.0,
        allowed: [shortest as f64, longest as f64],
        used: rates_of(totals, &by_minutes, worst, longest),
        credits: None,
        worst: (worst.0, seconds(worst.1) / YEAR),
    }
}
