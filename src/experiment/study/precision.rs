//! What is held to a rule of stopping, and whether it is precise enough.

use crate::catalogue::{Condition, Metric, Statistic, Subject, Unit};
use crate::engine::stats::{self, Estimate, Judgement, Precision, State};
use crate::experiment::outcome::stopping::Held;
use crate::experiment::outcome::{Outcome, Row, Verdict};

pub(super) fn decided(results: &Outcome) -> Vec<Held> {
    let held = |verdict: &Verdict| Held {
        what: verdict.subject.label(),
        estimate: verdict.estimate.clone(),
        unit: verdict.subject.unit,
        reached: matches!(verdict.outcome, Judgement::Kept | Judgement::Breached),
    };
    results.verdicts.iter().map(held).collect()
}

pub(super) fn precise(results: &Outcome, share: f64) -> (Vec<Held>, Vec<String>) {
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
    use Metric::{BlastRadius, CustomerMinutes, Down, Exposed, Idle, Recovery, Spillover};
    let is_count =
        matches!(subject.metric, BlastRadius | Exposed | Idle | Down | Spillover | CustomerMinutes | Recovery);
    subject.statistic == Statistic::Worst && is_count
}

/// Where nothing was seen, no share of it can be asked for: what there could be must then be as small as this share of all.
fn is_precise(estimate: &Estimate, subject: &Subject, share: f64, results: &Outcome) -> bool {
    use Metric::{Availability, ErrorShare, HitRatio, Latency, MonthsWithinSla, OkLatency, Recovery, SlaAttainment};
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
        Availability | Latency | OkLatency | ErrorShare | HitRatio | MonthsWithinSla | SlaAttainment | Recovery
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
    fn a_largest_value_is_not_held_to_a_precision() {
        let worst = |metric| is_largest(&Subject::new(metric, Statistic::Worst, Unit::Plain));
        assert!(worst(Metric::BlastRadius) && worst(Metric::Recovery));
        assert!(!worst(Metric::MonthBudgetUsed), "a mean over replications of each one's worst customer");
    }
}
