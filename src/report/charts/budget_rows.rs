//! Which budget rows the month-budget chart shows: per tier the faults worth a bar, in the order of the file.

use std::collections::BTreeMap;

use super::axis::defined;
use crate::engine::stats::Estimate;
use crate::experiment::outcome::{BudgetRow, Outcome, TierFacts};
use crate::number;
use crate::report::period;

/// The measure that counts whole minutes.
pub(super) const BAD_MINUTES: &str = "bad-minutes";

/// One tier.
pub(super) struct Group<'a> {
    /// Name.
    pub(super) tier: String,
    /// What was sold.
    sla: f64,
    /// Customers.
    customers: u64,
    /// What its contract counts: bad-minutes, requests, mean-error-share.
    pub(super) measure: &'a str,
    /// Minutes of a month that the promise allows to be bad; for other measures the share of a month that may fail, times its
    /// minutes.
    pub(super) allowed: f64,
    /// What is judged as one, and its minutes.
    pub(super) window: &'a str,
    pub(super) window_minutes: f64,
    /// Its faults.
    pub(super) lines: Vec<Line<'a>>,
    /// The whole run.
    pub(super) run: Option<&'a BudgetRow>,
}

/// The usual window: a month.
pub(super) const MONTH: &str = "30 days";

/// One row of a tier.
pub(super) enum Line<'a> {
    /// A fault.
    Fault(&'a BudgetRow),
    /// What is said of all others.
    Rest(String),
}

impl Line<'_> {
    /// The worst customer's share of the month.
    pub(super) fn share(&self) -> &Estimate {
        const NONE: &Estimate = &Estimate {
            value: None,
            low: None,
            high: None,
            n: 0,
            state: crate::engine::stats::State::Null,
            reason: None,
        };
        match self {
            Line::Fault(row) => &row.share_worst,
            Line::Rest(_) => NONE,
        }
    }

    /// The fault's name.
    pub(super) fn fault(&self) -> &str {
        match self {
            Line::Fault(row) => row.fault.as_deref().unwrap_or_default(),
            Line::Rest(_) => "",
        }
    }

    /// Whether it stands for several faults.
    pub(super) fn is_rest(&self) -> bool {
        matches!(self, Line::Rest(_))
    }
}

impl Group<'_> {
    /// The tier with what it was sold.
    pub(super) fn title(&self) -> String {
        let sold = number::sold(self.sla);
        let customers = number::of(self.customers as f64, "customer");
        let share = number::percent(self.allowed_share());
        let allowed = match self.measure {
            BAD_MINUTES => format!("{} bad min {}", number::minutes(self.allowed), self.each()),
            "requests" if self.window == MONTH => format!("{share} of a month’s requests"),
            "requests" => format!("{share} of the requests of {}", self.window),
            _ => format!("{share} mean error share"),
        };
        format!("{} · SLA {sold}: {allowed} · {customers}", self.tier)
    }

    /// "month" or "window".
    pub(super) fn period(&self) -> &'static str {
        period::named([self.window].into_iter())
    }

    /// "a month", or "in 7 days".
    fn each(&self) -> String {
        if self.window == MONTH { "a month".to_owned() } else { format!("in {}", self.window) }
    }

    /// The allowance as a share of its window.
    pub(super) fn allowed_share(&self) -> f64 {
        self.allowed / self.window_minutes
    }

    /// What the worst customer used over the whole run, as a share of what is allowed.
    pub(super) fn used(&self) -> Option<f64> {
        self.run.and_then(|row| defined(row.share_worst.value))
    }
}

/// Tiers with budgets, each with at most `most` lines.
pub(super) fn groups(results: &Outcome, most: usize) -> Vec<Group<'_>> {
    results.facts.tiers.iter().filter_map(|tier| group(results, tier, most)).collect()
}

fn group<'a>(results: &'a Outcome, tier: &'a TierFacts, most: usize) -> Option<Group<'a>> {
    let requests = results.requests()?;
    let of_tier: Vec<&BudgetRow> = requests.budgets_of(&tier.name).collect();
    if of_tier.is_empty() {
        return None;
    }
    let mut by_fault: BTreeMap<Option<&str>, Vec<&BudgetRow>> = BTreeMap::new();
    for row in of_tier {
        by_fault.entry(row.fault.as_deref()).or_default().push(row);
    }
    let worst_of = |fault: Option<&str>| by_fault.get(&fault).and_then(|rows| worst(rows));
    let run = worst_of(None);
    let measure = run.map_or(BAD_MINUTES, |row| row.measure.as_str());
    let faults = requests.faults.iter();
    let mut lines: Vec<&BudgetRow> = faults.filter_map(|fault| worst_of(Some(&fault.name))).collect();
    let rest = (lines.len() > most).then(|| drop_least(&mut lines, most - 1));
    Some(Group {
        tier: tier.name.clone(),
        sla: tier.sla,
        customers: tier.customers,
        measure,
        allowed: tier.allowed_minutes,
        window: &tier.window,
        window_minutes: tier.window_minutes.0 as f64,
        lines: lines.into_iter().map(Line::Fault).chain(rest.map(Line::Rest)).collect(),
        run,
    })
}

/// The row over all workflows, or else of the worst one.
fn worst<'a>(rows: &[&'a BudgetRow]) -> Option<&'a BudgetRow> {
    let all = rows.iter().find(|row| row.workflow.is_none());
    all.or_else(|| rows.iter().reduce(|a, b| if used(b) > used(a) { b } else { a })).copied()
}

fn used(row: &BudgetRow) -> f64 {
    defined(row.share_worst.value).unwrap_or(-1.0)
}

/// Keeps the `kept` rows that use most, in their order, and says what the others have in common.
fn drop_least(lines: &mut Vec<&BudgetRow>, kept: usize) -> String {
    let mut ranked: Vec<f64> = lines.iter().map(|row| used(row)).collect();
    ranked.sort_by(|a, b| b.total_cmp(a));
    let least = ranked[kept.saturating_sub(1)];
    let mut equal = kept - ranked.iter().filter(|share| **share > least).count().min(kept);
    let all = lines.len();
    lines.retain(|row| {
        let share = used(row);
        if share == least && equal > 0 {
            equal -= 1;
            return true;
        }
        share > least
    });
    let dropped = number::of((all - lines.len()) as f64, "other fault");
    let greatest = ranked.get(kept).copied().unwrap_or(-1.0);
    if greatest > 0.0 {
        format!("{dropped}, {} at most", number::percent(greatest))
    } else {
        format!("{dropped}: none")
    }
}
