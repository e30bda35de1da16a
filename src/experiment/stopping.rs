//! When a run has enough replications: a given number, a precision, or a decision on every expectation.
//!
//! # Model
//! Rules are looked at after 30, 45, 68, ... replications only, on the replications so far in their order. Looking after each
//! one would stop at a lucky moment, and intervals would hold the truth less often than they say.
//!
//! What is held to a precision: the numbers that the scenario's expectations are about; without any such, the blast radius of
//! each fault and the fault-free p99 latency of each workflow. A largest value has no precision and is left out.
//!
//! Who looks K times and stops when all is decided errs up to K times as often as who looks once. So each look that is planned has
//! an equal share of the error: with 95 % and ten looks each judges at 99.5 % (Bonferroni), whatever the numbers and however their
//! intervals come about. Equal shares cost least where most experiments need many replications: with shares that fall as 1/k^2
//! the tenth of ten looks would judge at 99.97 %.

use serde::Serialize;

use super::results::{Results, Row, Verdict};
use super::run::{RunError, Watcher};
use crate::catalogue::{Condition, Metric, Statistic, Subject, Unit};
use crate::engine::stats::{self, Estimate, Precision, State};
use crate::experiment::results::Outcome;
use crate::scenario::Scenario;

/// When a run stops.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Until {
    /// After the number of replications that the scenario gives.
    #[default]
    Done,
    /// When every number that is held to it is as precise as this share of it (0.02).
    Precise {
        /// Half-width over value, at most.
        share: f64,
        /// Replications after which it gives up.
        at_most: u32,
    },
    /// When every expectation is kept or breached.
    Decided {
        /// Replications after which it gives up.
        at_most: u32,
    },
}

impl Until {
    /// Returns the numbers of replications after which the rule is looked at, in order; never empty.
    pub fn checkpoints(self, replications: u32) -> Vec<u32> {
        let at_most = match self {
            Until::Done => return vec![replications],
            Until::Precise { at_most, .. } | Until::Decided { at_most } => at_most,
        };
        stats::checkpoints().take_while(|&n| n < at_most).chain([at_most]).collect()
    }
}

impl Until {
    /// Returns the share of the error that each look has.
    pub fn share_of_error(self) -> f64 {
        match self {
            Until::Decided { .. } => 1.0 / self.checkpoints(0).len() as f64,
            Until::Done | Until::Precise { .. } => 1.0,
        }
    }
}

/// How a rule came out.
#[derive(Debug, Clone, Serialize)]
pub struct Stopping {
    /// The rule: "precision" or "decide".
    pub rule: &'static str,
    /// Half-width over value, at most; `None` for "decide".
    pub precision: Option<f64>,
    /// Whether it is fulfilled.
    pub reached: bool,
    /// Replications after which it gives up.
    pub at_most: u32,
    /// Confidence at which each look judges, for "decide".
    pub judged_at: Option<f64>,
    /// What is held to it.
    pub held: Vec<Held>,
    /// What is not, and cannot be: largest values.
    pub left_out: Vec<String>,
}

/// A number that is held to a rule.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// "blast_radius, noisy-customer, smb, mean".
    pub what: String,
    /// What was found.
    pub estimate: Estimate,
    /// Its unit.
    pub unit: Unit,
    /// Whether it is precise enough, or decided.
    pub reached: bool,
}

/// Runs up to one checkpoint after the other, until the rule is fulfilled, nothing is left, or the watcher stops it.
///
/// `run` gives the results of all replications done when asked for so many, with intervals that have this share of the
/// scenario's error; `None` if there are none. `length`: simulated seconds
/// of each.
///
/// # Errors
/// If it was interrupted before anything was done.
pub fn run_until(
    until: Until,
    (replications, length): (u32, f64),
    watcher: &dyn Watcher,
    mut run: impl FnMut(u32, f64) -> Option<Results>,
) -> Result<Results, RunError> {
    let checkpoints = until.checkpoints(replications);
    watcher.started(checkpoints.last().copied().unwrap_or(0), length);
    let share = until.share_of_error();
    let mut last = None;
    for (at, &asked) in checkpoints.iter().enumerate() {
        let judged = run(asked, share).ok_or(RunError::Interrupted)?;
        let stopping = judge(until, &checkpoints, &judged);
        let reached = stopping.as_ref().is_none_or(|stopping| stopping.reached);
        let stopped = watcher.stopped();
        if !(reached || stopped || at + 1 == checkpoints.len()) {
            continue;
        }
        let mut results = if share < 1.0 { printed(judged, run(asked, 1.0)) } else { judged };
        results.stopping = stopping;
        if stopped && !reached {
            // Between two looks at the rule: it was on its way to the next one.
            results.replications_asked = checkpoints.get(at + 1).copied().unwrap_or(asked);
        }
        last = Some(results);
        break;
    }
    last.ok_or(RunError::Interrupted)
}

/// The scenario, if intervals have this share of its error.
pub(super) fn judging(scenario: &Scenario, share: f64) -> Scenario {
    let mut scenario = scenario.clone();
    if share < 1.0 {
        scenario.run.confidence = 1.0 - share * (1.0 - scenario.run.confidence);
    }
    scenario
}

/// The results with the scenario's intervals and the outcomes of what was judged.
fn printed(judged: Results, plain: Option<Results>) -> Results {
    let Some(mut plain) = plain else { return judged };
    for (verdict, judged) in plain.verdicts.iter_mut().zip(judged.verdicts) {
        (verdict.outcome, verdict.note) = (judged.outcome, judged.note);
    }
    plain
}

/// Looks whether the results fulfil the rule; `None` if there is none.
fn judge(until: Until, checkpoints: &[u32], results: &Results) -> Option<Stopping> {
    let at_most = checkpoints.last().copied().unwrap_or(0);
    let (rule, precision, held, left_out) = match until {
        Until::Done => return None,
        Until::Decided { .. } => ("decide", None, decided(results), Vec::new()),
        Until::Precise { share, .. } => {
            let (held, left_out) = precise(results, share);
            ("precision", Some(share), held, left_out)
        }
    };
    // Interrupted between two checkpoints, nothing was looked at where it may be.
    let reached = !results.interrupted() && held.iter().all(|one| one.reached);
    let judged_at = matches!(until, Until::Decided { .. }).then_some(results.confidence);
    Some(Stopping { rule, precision, reached, at_most, judged_at, held, left_out })
}

fn decided(results: &Results) -> Vec<Held> {
    let held = |verdict: &Verdict| Held {
        what: verdict.subject.label(),
        estimate: verdict.estimate.clone(),
        unit: verdict.subject.unit,
        reached: matches!(verdict.outcome, Outcome::Kept | Outcome::Breached),
    };
    results.verdicts.iter().map(held).collect()
}

fn precise(results: &Results, share: f64) -> (Vec<Held>, Vec<String>) {
    let (mut held, mut left_out) = (Vec::new(), Vec::new());
    for verdict in &results.verdicts {
        let what = verdict.subject.label();
        if is_largest(&verdict.subject) {
            left_out.push(what);
            continue;
        }
        let (estimate, unit) = (verdict.estimate.clone(), verdict.subject.unit);
        let reached = is_precise(&estimate, &verdict.subject, share, results);
        held.push(Held { what, estimate, unit, reached });
    }
    if held.is_empty() {
        for row in results.rows.iter().filter(|row| is_held_by_default(row)) {
            held.push(Held {
                what: row.subject.label(),
                estimate: row.estimate.clone(),
                unit: row.subject.unit,
                reached: is_precise(&row.estimate, &row.subject, share, results),
            });
        }
    }
    (held, left_out)
}

fn is_held_by_default(row: &Row) -> bool {
    let Subject { metric, statistic, unit, condition, tier, workflow, .. } = &row.subject;
    let spread = (*metric, *statistic, *unit) == (Metric::BlastRadius, Statistic::Mean, Unit::Customers);
    let latency = (*metric, *statistic, *condition) == (Metric::Latency, Statistic::P99, Condition::NoFault);
    tier.is_none() && (spread || latency && workflow.is_some())
}

/// The largest of what was seen only grows; nothing says how far it is from the largest there is.
fn is_largest(subject: &Subject) -> bool {
    use Metric::{BlastRadius, CustomerMinutes, Down, Exposed, Quiet, Recovery, Spillover};
    let is_count =
        matches!(subject.metric, BlastRadius | Exposed | Quiet | Down | Spillover | CustomerMinutes | Recovery);
    subject.statistic == Statistic::Worst && is_count
}

/// Where nothing was seen, no share of it can be asked for: what there could be must then be as small as this share of all.
fn is_precise(estimate: &Estimate, subject: &Subject, share: f64, results: &Results) -> bool {
    use Metric::{Availability, ErrorShare, HitRatio, Latency, MonthsStillKept, OkLatency, Recovery, SlaAttainment};
    // What lies among failed requests is known as well as it can be.
    if estimate.state == State::Beyond {
        return true;
    }
    if estimate.state == State::Bound {
        let all = match subject.unit {
            Unit::Share => 1.0,
            Unit::Customers => results.facts.customers as f64,
            Unit::Minutes => results.facts.customers as f64 * results.horizon_seconds / 60.0,
            _ => return false,
        };
        return stats::precise_enough(
            &Estimate { state: State::Estimate, ..estimate.clone() },
            Precision::Absolute(0.5 * share * all),
        );
    }
    let near_one = matches!(
        subject.metric,
        Availability | Latency | OkLatency | ErrorShare | HitRatio | MonthsStillKept | SlaAttainment | Recovery
    );
    let precision = if subject.unit == Unit::Share && near_one {
        Precision::RelativeShare(share)
    } else {
        Precision::Relative(share)
    };
    stats::precise_enough(estimate, precision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_looked_at_seldom_and_last_at_the_greatest_number() {
        assert_eq!(Until::Done.checkpoints(7), [7]);
        assert_eq!(Until::Decided { at_most: 100 }.checkpoints(7), [30, 45, 68, 100]);
        assert_eq!(Until::Precise { share: 0.02, at_most: 45 }.checkpoints(7), [30, 45]);
        assert_eq!(Until::Precise { share: 0.02, at_most: 5 }.checkpoints(7), [5]);
    }

    #[test]
    fn a_largest_value_is_not_held_to_a_precision() {
        let worst = |metric| is_largest(&Subject::new(metric, Statistic::Worst, Unit::Plain));
        assert!(worst(Metric::BlastRadius) && worst(Metric::Recovery));
        assert!(!worst(Metric::MonthBudgetUsed), "a mean over replications of each one's worst customer");
    }
}
