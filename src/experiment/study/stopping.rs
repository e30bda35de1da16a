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

use super::precision::{decided, precise};
use super::until::Until;
use super::watch::{RunError, Watcher};
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::stopping::Stopping;
use crate::scenario::Scenario;

/// Runs up to one checkpoint after the other, until the rule is fulfilled, nothing is left, or the watcher stops it.
///
/// `run` gives the results of all replications done when asked for so many, with intervals that have this share of the
/// scenario's error; `None` if there are none. `length`: simulated seconds
/// of each.
///
/// # Errors
/// If it was interrupted before anything was done.
pub(crate) fn run_until(
    until: Until,
    (replications, length): (u32, f64),
    watcher: &dyn Watcher,
    mut run: impl FnMut(u32, f64) -> Option<Outcome>,
) -> Result<Outcome, RunError> {
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
pub(crate) fn judging(scenario: &Scenario, share: f64) -> Scenario {
    let mut scenario = scenario.clone();
    if share < 1.0 {
        scenario.run.confidence = 1.0 - share * (1.0 - scenario.run.confidence);
    }
    scenario
}

/// The results with the scenario's intervals and the outcomes of what was judged.
fn printed(judged: Outcome, plain: Option<Outcome>) -> Outcome {
    let Some(mut plain) = plain else { return judged };
    for (verdict, judged) in plain.verdicts.iter_mut().zip(judged.verdicts) {
        (verdict.outcome, verdict.note) = (judged.outcome, judged.note);
    }
    plain
}

/// Looks whether the results fulfil the rule; `None` if there is none.
fn judge(until: Until, checkpoints: &[u32], results: &Outcome) -> Option<Stopping> {
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
