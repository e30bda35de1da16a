//! Rows of requests: outcomes, attempts, latency.

use std::collections::BTreeSet;

use super::latency::{self, Requests};
use super::table::{About, Rows, has_faults};
use crate::catalogue::{Cause, Condition, Metric, Statistic, Unit};
use crate::engine::stats::{self, Estimate};
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::{Collected, Run, Slice, SliceCount, WorldCount, most_attempts};
use crate::units::seconds;

/// Requests: outcomes, attempts, latency, by workflow and tier, with and without faults.
pub(crate) fn add(rows: &mut Rows<'_>, collected: &Collected, slices: &[Slice], unseen: &Unseen<'_>) {
    let faulted = has_faults(rows.scenario);
    let horizon = seconds(rows.scenario.run.horizon);
    let limits = rows.scenario.latency_limits();
    let asked: BTreeSet<Cause> = rows.scenario.expectations.iter().filter_map(|one| one.cause).collect();
    for (index, slice) in slices.iter().enumerate() {
        for condition in [Condition::WithFaults, Condition::NoFault] {
            if condition == Condition::WithFaults && !faulted {
                continue;
            }
            let about = About { workflow: slice.workflow, tier: slice.tier, condition, ..About::default() };
            let of = |run: &'_ Run| -> SliceCount {
                let world: &WorldCount = if condition == Condition::NoFault { run.calm() } else { &run.with_faults };
                world.slices[index].clone()
            };
            let counts: Vec<_> = collected.runs.iter().map(of).collect();
            let confidence = rows.confidence;
            let guard = unseen.guard(condition, Some(&slice.classes));
            let share = |pairs: &[(f64, f64)]| {
                guard.ratio(pairs, (0.0, 1.0), confidence, |pairs| stats::proportion(pairs, confidence))
            };
            let times = most_attempts(rows.scenario, slice.workflow, slice.tier);
            let pairs = |y: fn(&SliceCount) -> f64| -> Vec<(f64, f64)> {
                counts.iter().map(|count| (y(count), count.requests as f64)).collect()
            };
            let per_second = |y: fn(&SliceCount) -> u64| -> Vec<f64> {
                counts.iter().map(|count| y(count) as f64 / horizon).collect()
            };
            let requests = per_second(|count| count.requests);
            let most = requests.iter().copied().fold(0.0, f64::max);
            // No fault changes what is asked for; seldom demand adds to it.
            let least = requests.iter().copied().fold(most, f64::min);
            let rate = stats::mean(&requests, confidence).value.unwrap_or(most);
            let seldom = unseen.seldom(condition, &slice.classes);
            let requests = seldom.mean(&requests, (least, rate + seldom.brings / horizon), confidence, |values| {
                stats::mean(values, confidence).not_negative()
            });
            let brings = guard.brings / horizon;
            let ok = guard.mean(&per_second(|count| count.ok), (0.0, rate + brings), confidence, |values| {
                stats::mean_within(values, (0.0, most), confidence)
            });
            let attempts = per_second(|count| count.attempts);
            let attempts = guard.mean(&attempts, (rate, times * (rate + brings)), confidence, |values| {
                stats::mean(values, confidence).not_negative()
            });
            rows.add((Metric::RequestRate, Statistic::Mean), (Unit::PerSecond, ""), about, requests);
            rows.add((Metric::Goodput, Statistic::Mean), (Unit::PerSecond, ""), about, ok);
            rows.add((Metric::AttemptRate, Statistic::Mean), (Unit::PerSecond, ""), about, attempts);
            let failed = match counts.iter().any(|count| count.requests > 0) {
                true => share(&pairs(|count| count.all_failed() as f64)),
                false => Estimate::null("there are no requests"),
            };
            rows.add((Metric::ErrorShare, Statistic::Mean), (Unit::Share, "requests"), about, failed);
            for (at, cause) in Cause::ALL.into_iter().enumerate() {
                let pairs: Vec<(f64, f64)> =
                    counts.iter().map(|count| (count.failed[at] as f64, count.requests as f64)).collect();
                if asked.contains(&cause) || pairs.iter().any(|pair| pair.0 > 0.0) {
                    let about = About { cause: Some(cause), ..about };
                    rows.add((Metric::ErrorShare, Statistic::Mean), (Unit::Share, "requests"), about, share(&pairs));
                }
            }
            // Every request has its first attempt, and every call is made once.
            let at_least_one = |pairs: &[(f64, f64)]| {
                let found = stats::ratio(pairs, confidence);
                Estimate { low: found.low.map(|low| low.max(1.0)), ..found }
            };
            let attempts = pairs(|count| count.attempts as f64);
            let attempts = guard.ratio(&attempts, (1.0, times), confidence, at_least_one);
            rows.add((Metric::RetryAmplification, Statistic::Mean), (Unit::Plain, "requests"), about, attempts);
            if counts.iter().any(|count| count.calls > 0) {
                let calls: Vec<(f64, f64)> = counts
                    .iter()
                    .map(|count| ((count.calls + count.second_calls) as f64, count.calls as f64))
                    .collect();
                let calls = guard.ratio(&calls, (1.0, 2.0), confidence, at_least_one);
                rows.add(
                    (Metric::CallAmplification, Statistic::Mean),
                    (Unit::Plain, "calls without hedges"),
                    about,
                    calls,
                );
            }
            let merged = if condition == Condition::NoFault { &collected.calm } else { &collected.with_faults };
            let requests = Requests {
                counts: collected.runs.iter().map(|run| run.index).zip(&counts).collect(),
                tally: merged.slice(slice),
                sections: (&merged.sections, merged.histograms_of(slice, None)),
                deadline: slice.deadline(rows.scenario),
                limits: &limits,
                guard,
            };
            latency::add(rows, about, &requests);
        }
    }
}
