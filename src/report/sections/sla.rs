//! Section 2: what the faults take from each tier's promise.

use crate::catalogue::{Metric, Statistic, Unit};
use crate::engine::stats::{Estimate, State};
use crate::experiment::outcome::{BudgetRow, Outcome, Requests, TierFacts};
use crate::number;
use crate::report::rows::{self, Query};
use crate::report::section::Section;
use crate::report::sections::spread;
use crate::report::table::{Align, Cell, Table};
use crate::report::{estimate, facts, period};

/// Returns the section.
pub fn section(results: &Outcome, requests: &Requests) -> Section {
    let measured = results.facts.tiers.iter().any(|tier| attainment(results, tier).is_some());
    let conditional = !requests.faults.is_empty() && !spread::has_random(requests);
    let windows = facts::windows(&results.facts);
    let period = period::of_all(&results.facts);
    let one = if windows.starts_with("calendar") {
        format!("a {windows}")
    } else {
        format!("a contract {period} of {windows}")
    };
    let (title, aside) = if conditional {
        ("2 WHAT DOES THAT TAKE FROM EACH SLA?", format!("{one} with only these faults"))
    } else if measured {
        ("2 DOES EVERY TIER MEET ITS SLA?", format!("contract {period}s of {windows}"))
    } else {
        ("2 WHAT DOES THAT TAKE FROM EACH SLA?", format!("{one} with only what happened in this run"))
    };
    let mut section = Section::new(title, aside);
    section.table = Some(table(results, requests, measured));
    if conditional {
        section.note("", "This is \"if these happen\": how often they happen is not part of this run.");
    }
    section.notes.extend(phase(results, requests).map(|text| (String::new(), text)));
    section.notes.extend(decided_by_one(requests).map(|text| (String::new(), text)));
    section.notes.extend(missing(results, requests).map(|text| ("not measured".to_owned(), text)));
    section
}

/// Returns the measured share of contract months that a tier keeps.
fn attainment<'a>(results: &'a Outcome, tier: &TierFacts) -> Option<&'a Estimate> {
    let query = Query { tier: &tier.name, ..Query::of(Metric::SlaAttainment, Statistic::Mean) };
    rows::find(results, &query).filter(|found| !estimate::is_missing(found))
}

/// Returns a tier's budget row for one fault, or for all, over all workflows.
fn budget<'a>(requests: &'a Requests, tier: &str, fault: Option<&str>) -> Option<&'a BudgetRow> {
    requests.budgets_of(tier).find(|row| row.workflow.is_none() && row.fault.as_deref() == fault)
}

/// Returns the fault that takes most from a tier's worst customer, if any takes something.
fn culprit<'a>(requests: &'a Requests, tier: &str) -> Option<&'a BudgetRow> {
    let fault = budget(requests, tier, None)?.mostly_by.as_deref()?;
    budget(requests, tier, Some(fault))
}

fn table(results: &Outcome, requests: &Requests, measured: bool) -> Table {
    let right = Align::Right;
    let period = period::of_all(&results.facts);
    let kept = ["meets SLA".to_owned(), format!("{period}s within SLA")];
    let in_minutes = requests.budgets.iter().all(|row| row.measure == "bad-minutes");
    let mut columns = vec![("tier", Align::Left), ("SLA", Align::Left)];
    if measured {
        columns.push((kept[0].as_str(), right));
    }
    columns.push((if in_minutes { "bad minutes allowed" } else { "allowed" }, right));
    columns.extend([
        ("used, worst customer", right),
        ("", Align::Left),
        ("mostly by", Align::Left),
        (kept[1].as_str(), right),
    ]);
    let mut table = Table::new(&columns);
    for tier in &results.facts.tiers {
        let mut cells: Vec<Cell> = vec![tier.name.as_str().into(), number::sold(tier.sla).into()];
        if measured {
            let kept = attainment(results, tier);
            cells.push(
                kept.map_or("not measured".to_owned(), |kept| {
                    estimate::at(results.confidence).with_unit(kept, Unit::Share)
                })
                .into(),
            );
        }
        let Some(row) = budget(requests, &tier.name, None) else {
            cells.extend([number::minutes(tier.allowed_minutes), "not measured".to_owned()].map(Cell::from));
            cells.extend(["", "", "-"].map(Cell::from));
            table.row(cells);
            continue;
        };
        cells.push(allowed(tier, row, in_minutes).into());
        cells.extend(used(results, row).map(Cell::from));
        cells.push(still_kept(results, row).into());
        table.row(cells);
    }
    table
}

fn allowed(tier: &TierFacts, row: &BudgetRow, in_minutes: bool) -> String {
    match row.measure.as_str() {
        "bad-minutes" if in_minutes => number::minutes(tier.allowed_minutes),
        "bad-minutes" => format!("{} bad minutes", number::minutes(tier.allowed_minutes)),
        "requests" => format!("{} of requests", number::percent(1.0 - tier.sla)),
        _ => format!("{} mean error share", number::percent(1.0 - tier.sla)),
    }
}

/// Returns the amount used, the share of what is allowed, and by which fault.
fn used(results: &Outcome, row: &BudgetRow) -> [String; 3] {
    if estimate::is_missing(&row.share_worst) {
        return ["not measured".to_owned(), String::new(), String::new()];
    }
    let share = row.share_worst.value.unwrap_or(0.0);
    let minutes = row.measure == "bad-minutes";
    if share == 0.0 {
        return ["0".to_owned(), String::new(), "none seen".to_owned()];
    }
    let amount = if minutes { estimate::at(results.confidence).bare(&row.used_worst) } else { String::new() };
    let share = if minutes { format!("({})", number::percent(share)) } else { number::percent(share) };
    let by = row.mostly_by.clone().unwrap_or_default();
    [amount, share, by]
}

fn still_kept(results: &Outcome, row: &BudgetRow) -> String {
    if estimate::is_missing(&row.months_within_sla) {
        return "not measured".to_owned();
    }
    // All or none of them in every run: the bound on what another run might keep is in the files.
    let kept = match (row.months_within_sla.state, row.months_within_sla.value) {
        (State::Bound, Some(kept)) => number::count(kept),
        _ => estimate::at(results.confidence).bare(&row.months_within_sla),
    };
    format!("{} of {}", kept, number::whole(row.customers))
}

/// Returns what the same fault would use if it did not start on the minute.
///
/// A fault of length l that fails everything makes a minute bad when it covers a share h of it; with its start uniform
/// over the minute it makes bad (l + 1 min - 2 h min) / 1 min of them on average, if every minute has many requests.
/// Said only where the run shows that very case: whole minutes, all of them bad and none besides, everybody harmed was down.
fn phase(results: &Outcome, requests: &Requests) -> Option<String> {
    const MINUTE: f64 = 60.0;
    let on_the_minute = |seconds: f64| (seconds / MINUTE - (seconds / MINUTE).round()).abs() < 1e-9;
    results.facts.tiers.iter().find_map(|tier| {
        let row = culprit(requests, &tier.name).filter(|row| row.measure == "bad-minutes")?;
        let fault = requests.fault(row.fault.as_deref()?)?;
        let (start, end) = fault.span_seconds?;
        let minutes = (end - start) / MINUTE;
        let used = row.used_worst.value?;
        if minutes < 1.0 || !on_the_minute(start) || !on_the_minute(end) || used != minutes {
            return None;
        }
        let alike = requests.incidents.iter().filter(|one| one.fault == fault.name);
        let fixed = alike.clone().count() > 0 && alike.clone().all(|one| one.onset_seconds == start);
        let total = alike.clone().all(|one| one.down == one.harmed);
        if !total || !fixed {
            return None;
        }
        let anywhere = minutes + 1.0 - 2.0 * tier.bad_from;
        let share = number::percent(anywhere / tier.allowed_minutes);
        let text = format!(
            "Faults start on the minute here: at a random second the same {} uses {} minutes ({share}) of {}'s {}.",
            fault.name,
            number::count(anywhere),
            tier.name,
            period::of_tier(results, &tier.name)
        );
        Some(text)
    })
}

fn decided_by_one(requests: &Requests) -> Option<String> {
    let of_run = requests.budgets.iter().filter(|row| row.workflow.is_none() && row.fault.is_none());
    let minutes: f64 = of_run.filter_map(|row| row.good_with_one_failure_fewer).sum();
    (minutes > 0.0).then(|| {
        let minutes = number::count(minutes);
        format!("Of all customers' bad minutes, {minutes} per replication would have been good with one failed request fewer.")
    })
}

/// Returns why a tier has no number; one reason is enough.
fn missing(results: &Outcome, requests: &Requests) -> Option<String> {
    results.facts.tiers.iter().find_map(|tier| {
        let row = budget(requests, &tier.name, None)?;
        let null = [&row.share_worst, &row.months_within_sla].into_iter().find(|one| estimate::is_missing(one))?;
        Some(format!("{}: {}", tier.name, estimate::reason(null)))
    })
}
