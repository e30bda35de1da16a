//! How it ends: the last minute of the horizon.
//!
//! Means over the horizon mix what a fault does with what is left of it long after. Whether a platform came back is told by its
//! last minute.

use super::table::{About, Rows, has_faults};
use crate::catalogue::{Condition, Metric, Statistic, Unit};
use crate::engine::stats;
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::{Collected, Run, WorldCount, longest_deadline, most_attempts};
use crate::scenario::fault::Effect;
use crate::units::seconds;

/// Length of the end, in seconds.
const END: f64 = 60.0;

/// What one world did in its last minute.
#[derive(Debug, Clone, Copy)]
struct End {
    seconds: f64,
    requests: f64,
    ok: f64,
    retries: f64,
    store: f64,
}

/// Sums up the last bins of a time line, which begin at least a minute before the horizon (or with it).
fn end(world: &WorldCount, bin_seconds: f64, horizon: f64) -> End {
    let bins = &world.timeline;
    let first = bins.len().saturating_sub((END / bin_seconds).ceil() as usize);
    let seconds = horizon - (first as f64) * bin_seconds;
    let mut end = End { seconds, requests: 0.0, ok: 0.0, retries: 0.0, store: 0.0 };
    for bin in &bins[first..] {
        end.requests += f64::from(bin.requests);
        end.ok += f64::from(bin.requests - bin.failed);
        end.retries += f64::from(bin.retries);
        end.store += f64::from(bin.store);
    }
    end
}

/// Adds the rows of the last minute, with and without faults.
pub(crate) fn add(rows: &mut Rows<'_>, collected: &Collected, unseen: &Unseen<'_>) {
    let faulted = has_faults(rows.scenario);
    let horizon = seconds(rows.scenario.run.horizon);
    let confidence = rows.confidence;
    for condition in [Condition::WithFaults, Condition::NoFault] {
        if condition == Condition::WithFaults && !faulted {
            continue;
        }
        let about = About { condition, ..About::default() };
        let world =
            |run| -> &WorldCount { if condition == Condition::NoFault { Run::calm(run) } else { &run.with_faults } };
        let ends: Vec<End> = collected.runs.iter().map(|run| end(world(run), collected.bin_seconds, horizon)).collect();
        // What is left of a strike after so long may be anywhere.
        let guard = unseen.guard_at_end(condition);
        let values = |of: fn(&End) -> f64| -> Vec<f64> { ends.iter().map(|end| of(end) / end.seconds).collect() };
        let rate = |values: &[f64], most: f64| {
            guard.mean(values, (0.0, most), confidence, |values| stats::mean(values, confidence).not_negative())
        };
        let last = (Unit::PerSecond, "last minute");
        let asked = values(|end| end.requests);
        let brings = guard.brings / ends.first().map_or(END, |end| end.seconds);
        let mean = asked.iter().sum::<f64>() / asked.len().max(1) as f64 + brings;
        // Attempts may be of requests that came before: for as long as they had time.
        let early = seconds(longest_deadline(rows.scenario, None, None)) / ends.first().map_or(END, |end| end.seconds);
        let times = most_attempts(rows.scenario, None, None) * (1.0 + early);
        rows.add(
            (Metric::AttemptRate, Statistic::End),
            last,
            about,
            rate(&values(|end| end.requests + end.retries), times * mean),
        );
        let asked = asked.into_iter().fold(0.0, f64::max);
        let ok = guard.mean(&values(|end| end.ok), (0.0, mean), confidence, |values| {
            stats::mean_within(values, (0.0, asked), confidence)
        });
        rows.add((Metric::Goodput, Statistic::End), last, about, ok);
        if rows.scenario.router.is_some() {
            let adds = |effect: &Effect| matches!(effect, Effect::Demand { .. });
            let adds = rows.scenario.faults.iter().any(|fault| fault.effects.iter().any(adds));
            let most = if adds { f64::INFINITY } else { times * mean };
            rows.add((Metric::StoreLoad, Statistic::End), last, about, rate(&values(|end| end.store), most));
        }
        let pairs: Vec<(f64, f64)> = ends.iter().map(|end| (end.requests + end.retries, end.requests)).collect();
        let amplification =
            guard.ratio(&pairs, (0.0, times), confidence, |pairs| stats::ratio(pairs, confidence).not_negative());
        rows.add(
            (Metric::RetryAmplification, Statistic::End),
            (Unit::Plain, "requests of the last minute"),
            about,
            amplification,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::collected::RouterCount;
    use crate::measure::timeline::Bin;

    #[test]
    fn the_last_minute_in_bins_of_any_width() {
        let bin = |requests| {
            let mut bin = Bin::default();
            (bin.requests, bin.failed, bin.retries) = (requests, 1, 2);
            bin
        };
        let world = |timeline| WorldCount {
            slices: Vec::new(),
            router: RouterCount::default(),
            look_ups: Default::default(),
            timeline,
            busiest_store: 0,
            busy: Vec::new(),
            waiting: Vec::new(),
            waits: Vec::new(),
            while_faults: Vec::new(),
        };
        // 100 s in seconds; 100 s in bins of 40 s, the last one cut short; less than a minute.
        let one = end(&world(vec![bin(5); 100]), 1.0, 100.0);
        assert_eq!((one.seconds, one.requests, one.ok, one.retries), (60.0, 300.0, 240.0, 120.0));
        let wide = end(&world(vec![bin(9), bin(5), bin(5)]), 40.0, 100.0);
        assert_eq!((wide.seconds, wide.requests), (60.0, 10.0));
        let short = end(&world(vec![bin(5); 20]), 1.0, 19.5);
        assert_eq!((short.seconds, short.requests), (19.5, 100.0));
    }
}
