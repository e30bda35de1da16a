//! The verdict: the first line of everything that is shown.

use std::cmp::Ordering;

use super::estimate;
use super::exit_code::ExitCode;
use super::rows::{self, Query};
use super::style::Style;
use crate::catalogue::{Condition, Metric, Statistic, Unit};
use crate::experiment::compare::Change;
use crate::experiment::outcome::years::Years;
use crate::experiment::outcome::{Found, Judgement, Outcome, Verdict};
use crate::number;
use crate::report::period;
use crate::scenario::expectation::Limit;

/// Outcomes in the order in which they are counted.
pub const OUTCOMES: [Judgement; 4] =
    [Judgement::Kept, Judgement::Breached, Judgement::Undecided, Judgement::NotMeasured];

/// The first line, in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// "BREACHED 1 of 4".
    pub word: String,
    /// What the word means.
    pub style: Style,
    /// The number and its limit.
    pub text: String,
    /// File and line; may be empty.
    pub place: String,
    /// Exit code.
    pub exit_code: u8,
}

impl Headline {
    /// Returns the line without colour.
    pub fn plain(&self) -> String {
        let mut line = format!("{}: {}", self.word, self.text);
        if !self.place.is_empty() {
            line += "  ";
            line += &self.place;
        }
        format!("{line}  exit {}", self.exit_code)
    }
}

/// Returns how an outcome is called, and what it means.
pub fn word(outcome: Judgement) -> (&'static str, Style) {
    match outcome {
        Judgement::Kept => ("kept", Style::Good),
        Judgement::Breached => ("BREACHED", Style::Bad),
        Judgement::Undecided => ("UNDECIDED", Style::Doubt),
        Judgement::NotMeasured => ("NOT MEASURED", Style::Doubt),
    }
}

/// Returns how a change is called, and what it means.
pub fn change(change: Change) -> (&'static str, Style) {
    match change {
        Change::Better => ("better", Style::Good),
        Change::Worse => ("WORSE", Style::Bad),
        Change::Different => ("different", Style::Plain),
        Change::Same => ("the same", Style::Faint),
        Change::NotSeen => ("not significant", Style::Faint),
        Change::NotMeasured => ("NOT COMPARED", Style::Doubt),
    }
}

/// Returns how many expectations came out this way.
pub fn tally(results: &Outcome, outcome: Judgement) -> usize {
    results.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count()
}

/// Returns "12 of 20 replications" for an interrupted run.
pub fn interruption(results: &Outcome) -> Option<String> {
    let (done, asked) = (results.replications_done, results.replications_asked);
    results.interrupted().then(|| format!("{done} of {asked} replications"))
}

/// Returns the first line: the worst outcome with its number, limit and line; without expectations the worst fact.
pub fn headline(results: &Outcome) -> Headline {
    let exit_code = ExitCode::of(results).number();
    let total = results.verdicts.len();
    let worst = [Judgement::Breached, Judgement::Undecided, Judgement::NotMeasured]
        .into_iter()
        .find_map(|outcome| results.verdicts.iter().find(|verdict| verdict.outcome == outcome));
    let mut line = match worst.or_else(|| closest(results)) {
        Some(verdict) => {
            let (called, style) = word(verdict.outcome);
            let count = tally(results, verdict.outcome);
            let nearest = verdict.outcome == Judgement::Kept && count > 1;
            Headline {
                word: format!("{} {count} of {total}", called.to_uppercase()),
                style,
                text: format!("{}{}", if nearest { "closest to its limit: " } else { "" }, sentence(results, verdict)),
                place: place(verdict).to_owned(),
                exit_code,
            }
        }
        None => Headline {
            word: "NO EXPECTATIONS".to_owned(),
            style: Style::Strong,
            text: worst_fact(results),
            place: String::new(),
            exit_code,
        },
    };
    let unfinished = match (interruption(results), &results.stopping) {
        (Some(runs), _) => Some(format!("INTERRUPTED after {runs}")),
        (None, Some(stopping)) if !stopping.reached && stopping.precision.is_some() => {
            Some(format!("PRECISION NOT REACHED after {} replications", results.replications_done))
        }
        _ => None,
    };
    if let Some(unfinished) = unfinished {
        line.word = format!("{unfinished}, {}", line.word);
        if line.style == Style::Good {
            line.style = Style::Doubt;
        }
    }
    line
}

/// Returns the kept expectation that uses most of its limit.
fn closest(results: &Outcome) -> Option<&Verdict> {
    let used = |verdict: &Verdict| match (verdict.estimate.value, at_least(verdict)) {
        (Some(value), true) if value != 0.0 => verdict.limit.value() / value,
        (Some(value), false) if verdict.limit.value() != 0.0 => value / verdict.limit.value(),
        _ => 0.0,
    };
    let by_use = |a: &&Verdict, b: &&Verdict| used(a).total_cmp(&used(b));
    // The last of equals would win: reversed, the first does.
    results.verdicts.iter().rev().max_by(by_use)
}

fn at_least(verdict: &Verdict) -> bool {
    matches!(verdict.limit, Limit::AtLeast(_))
}

/// Returns the file name and line of an expectation, without folders.
pub fn place(verdict: &Verdict) -> &str {
    verdict.place.rsplit(['/', '\\']).next().unwrap_or(&verdict.place)
}

/// Returns the unit of its number.
fn unit(verdict: &Verdict) -> Unit {
    verdict.subject.unit
}

/// Returns the limit for a reader, in the style of the values: "limit 2 %", "at least 99 %".
pub fn limit(verdict: &Verdict) -> String {
    let word = if at_least(verdict) { "at least" } else { "limit" };
    format!("{word} {}", estimate::exactly(verdict.limit.value(), unit(verdict)))
}

/// Returns an expectation's number in a sentence: "noisy-customer harms 2.2 % of smb customers (limit 2 %)".
pub fn sentence(results: &Outcome, verdict: &Verdict) -> String {
    let limit = limit(verdict);
    if verdict.outcome == Judgement::NotMeasured {
        let why = if verdict.note.is_empty() { estimate::reason(&verdict.estimate) } else { &verdict.note };
        return format!("{}: {why} ({limit})", label(verdict));
    }
    let Some(value) = verdict.estimate.value else {
        let bound = estimate::at(results.confidence).with_unit(&verdict.estimate, unit(verdict));
        return format!("{} is {bound} ({limit})", label(verdict));
    };
    let number = estimate::quantity(value, unit(verdict));
    let subject = &verdict.subject;
    let (tier, fault, of_all) = (subject.tier(), subject.fault(), subject.workflow.is_none());
    let text = match subject.metric {
        Metric::BlastRadius if !fault.is_empty() && of_all => {
            let whom = match (subject.unit, tier) {
                (Unit::Share, "") => " of all customers".to_owned(),
                (Unit::Share, tier) => format!(" of {tier} customers"),
                (_, "") => String::new(),
                (_, tier) => format!(" of {tier}"),
            };
            let worst = if subject.statistic == Statistic::Worst { " at worst" } else { "" };
            format!("{fault} harms {number}{whom}{worst}")
        }
        Metric::MonthBudgetUsed if !tier.is_empty() && fault.is_empty() && of_all => {
            let who = if subject.statistic == Statistic::Worst { "worst customer" } else { "mean customer" };
            format!("{tier}'s {who} uses {number} of the bad minutes its {} allows", period::of_tier(results, tier))
        }
        Metric::SlaAttainment if !tier.is_empty() && of_all => {
            let sold = results.facts.tiers.iter().find(|facts| facts.name == tier);
            let sla = sold.map_or_else(String::new, |facts| format!(" {}", number::sold(facts.sla)));
            format!("{tier} meets its{sla} SLA in {number} of contract {}s", period::of_tier(results, tier))
        }
        _ => format!("{} is {number}", label(verdict)),
    };
    match (verdict.outcome, verdict.note.as_str()) {
        (Judgement::Undecided, "") => {
            format!(
                "{text}: {} ({limit})",
                estimate::at(results.confidence).with_unit(&verdict.estimate, unit(verdict))
            )
        }
        (Judgement::Undecided, note) => format!("{text} ({limit}); {note}"),
        _ => format!("{text} ({limit})"),
    }
}

/// Returns what an expectation is about: metric, filters, statistic.
pub fn label(verdict: &Verdict) -> String {
    verdict.subject.label()
}

/// Returns the worst that years found: the tier that meets its SLA least, else who was harmed most.
fn worst_of_years(years: &Years) -> String {
    let measured = years.tiers.iter().filter(|tier| tier.workflow.is_none() && tier.meets_sla.value.is_some());
    if let Some(tier) =
        measured.min_by(|a, b| a.meets_sla.value.partial_cmp(&b.meets_sla.value).unwrap_or(Ordering::Equal))
    {
        let kept = estimate::quantity(tier.meets_sla.value.unwrap_or(0.0), Unit::Share);
        let period = period::named([tier.window.as_str()].into_iter());
        return format!("{} meets its {} SLA in {kept} of contract {period}s", tier.tier, number::sold(tier.sla));
    }
    let worst = years.worst_incidents.iter().max_by(|a, b| a.harmed.total_cmp(&b.harmed));
    match worst.filter(|worst| worst.harmed > 0.0) {
        Some(worst) => format!("{} harms {} at worst", worst.fault, number::of(worst.harmed, "customer")),
        None if years.incidents > 0 => "no incident harms anybody".to_owned(),
        None => format!("no incident in {} years", number::significant(years.years, 3)),
    }
}

/// Returns the worst that the run found, where nothing was expected.
fn worst_fact(results: &Outcome) -> String {
    let requests = match &results.found {
        Found::Years(years) => return worst_of_years(years),
        Found::Requests(requests) => requests,
    };
    let harmed = |fault: &&crate::experiment::outcome::FaultSummary| fault.harmed.value.unwrap_or(0.0);
    let worst = requests.faults.iter().rev().max_by(|a, b| harmed(a).total_cmp(&harmed(b)));
    if let Some(fault) = worst.filter(|fault| harmed(fault) > 0.0) {
        let share = fault.share_of_customers.value.map(|share| format!(" ({})", number::percent(share)));
        let customers = number::of(harmed(&fault), "customer");
        return format!("{} harms {customers}{}", fault.name, share.unwrap_or_default());
    }
    let failed = Query { condition: Some(Condition::NoFault), ..Query::of(Metric::ErrorShare, Statistic::Mean) };
    let lost = rows::value(results, &failed).unwrap_or(0.0);
    let strictest = results.facts.tiers.iter().map(|tier| 1.0 - tier.sla).fold(1.0, f64::min);
    if lost > strictest {
        return format!("without any fault {} of requests fail", number::percent(lost));
    }
    let slowest = rows::workflows(results)
        .into_iter()
        .filter_map(|workflow| {
            let query = Query { workflow, ..Query::of(Metric::Latency, Statistic::P99) };
            Some((workflow, rows::value(results, &query)?))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let harmless = if requests.faults.is_empty() { "no fault in this run" } else { "no fault harms anybody" };
    match slowest {
        Some((workflow, p99)) => format!("{harmless}; slowest p99 is {}, {workflow}", number::latency(p99)),
        None => harmless.to_owned(),
    }
}
