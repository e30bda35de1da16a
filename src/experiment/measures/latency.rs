//! Rows of latency: quantiles, means, shares under a limit; of whole worlds, and while a fault lasts.

use std::collections::BTreeSet;

use super::table::{About, NEVER_STRUCK, Rows};
use crate::catalogue::{Condition, Metric, QUANTILES, Statistic, Unit};
use crate::engine::stats::{self, Estimate, Guard};
use crate::experiment::bounds::never_struck::NeverStruck;
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::sections::{Own, Sample, Sections};
use crate::experiment::collected::{Collected, Run, Slice, SliceCount};
use crate::experiment::replication::busy::WhileFault;
use crate::measure::tally::Tally;
use crate::number;
use crate::scenario::fault::Effect;
use crate::units::{self, Nanos};

/// The requests of a slice: those of each replication, and all together.
pub(crate) struct Requests<'a> {
    /// (replication, its count).
    pub(crate) counts: Vec<(u32, &'a SliceCount)>,
    /// All together.
    pub(crate) tally: Tally,
    /// Batches of them, and where they hold these.
    pub(crate) sections: (&'a Sections, Vec<usize>),
    /// The longest of their deadlines.
    pub(crate) deadline: Nanos,
    /// Latencies under which shares are asked for.
    pub(crate) limits: &'a [Nanos],
    /// What strikes of random faults may add that was not seen.
    pub(crate) guard: Guard,
}

/// Adds all rows of latency of a slice.
pub(crate) fn add(rows: &mut Rows<'_>, about: About<'_>, requests: &Requests<'_>) {
    let confidence = rows.confidence;
    let Requests { counts, tally, sections, deadline, limits, guard } = requests;
    // Of those that succeed, the ones that a strike reaches may be a larger part.
    let succeeded = tally.ok() as f64 / (tally.requests as f64).max(1.0);
    let of_ok = guard.of_share(succeeded);
    let sample = |of: fn(&SliceCount) -> u64, own: fn((f64, f64)) -> f64, may_fail: bool| Sample {
        histogram: &tally.latency,
        each: counts
            .iter()
            .map(|&(replication, count)| Own {
                replication,
                values: of(count),
                failed: of(count) - count.ok,
                quantiles: count.latency.map(|found| found.map(own)),
            })
            .collect(),
        sections: (sections.0, sections.1.clone()),
        deadline: *deadline,
        guard: if may_fail { guard.clone() } else { of_ok.clone() },
        may_fail,
    };
    let all = sample(|count| count.requests, |(all, _)| all, true);
    let ok = sample(|count| count.ok, |(_, ok)| ok, false);
    for (at, (quantile, _)) in QUANTILES.into_iter().enumerate() {
        rows.add((Metric::Latency, quantile), (Unit::Seconds, ""), about, all.quantile(at, confidence));
        rows.add((Metric::OkLatency, quantile), (Unit::Seconds, ""), about, ok.quantile(at, confidence));
    }
    let sums: Vec<(f64, f64)> = counts.iter().map(|(_, count)| (count.latency_sum / 1e9, count.ok as f64)).collect();
    let mean = match tally.ok() {
        0 => Estimate::null("no request succeeded"),
        _ => of_ok.ratio(&sums, (0.0, units::seconds(*deadline)), confidence, |sums| {
            stats::ratio(sums, confidence).not_negative()
        }),
    };
    let of_all = match tally.all_failed() {
        0 => mean.clone(),
        failed => Estimate::null(format!(
            "{} of {} requests failed: beyond every latency, they leave no mean; ok_latency has one",
            number::whole(failed),
            number::whole(tally.requests)
        )),
    };
    rows.add((Metric::Latency, Statistic::Mean), (Unit::Seconds, ""), about, of_all);
    rows.add((Metric::OkLatency, Statistic::Mean), (Unit::Seconds, ""), about, mean);
    for (at, &limit) in limits.iter().enumerate() {
        let share = |of: fn(&SliceCount) -> u64, guard: &Guard| {
            let under = |count: &SliceCount| count.under.get(at).copied().unwrap_or(0) as f64;
            let pairs: Vec<_> = counts.iter().map(|(_, count)| (under(count), of(count) as f64)).collect();
            guard.ratio(&pairs, (0.0, 1.0), confidence, |pairs| stats::proportion(pairs, confidence))
        };
        let (of_all, of_ok) = (share(|count| count.requests, guard), share(|count| count.ok, &of_ok));
        rows.add((Metric::Latency, Statistic::Under(limit)), (Unit::Share, "requests"), about, of_all);
        rows.add((Metric::OkLatency, Statistic::Under(limit)), (Unit::Share, "requests that succeeded"), about, of_ok);
    }
}

/// Adds the rows of requests that arrived while each of some faults lasted, and how busy stations were meanwhile.
pub(crate) fn add_while(
    rows: &mut Rows<'_>,
    (collected, unseen): (&Collected, &Unseen<'_>),
    slices: &[Slice],
    faults: &[usize],
) {
    let scenario = rows.scenario;
    let both = scenario.expectations.iter().filter(|one| one.tier.is_some() && one.workflow.is_some());
    let asked: BTreeSet<&str> = both.filter_map(|one| one.fault.as_deref()).collect();
    let limits = scenario.latency_limits();
    let never: Vec<NeverStruck> = slices.iter().map(|slice| unseen.never_struck(Some(&slice.classes))).collect();
    let never = Never { by_slice: &never, anywhere: &unseen.never_struck(None) };
    for &fault in faults {
        let asked = asked.contains(scenario.faults[fault].name.as_str());
        add_while_one(rows, (collected, &never), (slices, &limits), (fault, asked));
    }
}

/// What no replication had: that can reach the requests of each slice, and at all.
struct Never<'a> {
    by_slice: &'a [NeverStruck],
    anywhere: &'a NeverStruck,
}

fn add_while_one(
    rows: &mut Rows<'_>,
    (collected, never): (&Collected, &Never<'_>),
    (slices, limits): (&[Slice], &[Nanos]),
    (fault, asked): (usize, bool),
) {
    let name = rows.scenario.faults[fault].name.clone();
    let confidence = rows.confidence;
    let before = rows.rows.len();
    let none = SliceCount::default();
    for (index, slice) in slices.iter().enumerate() {
        // By tier and workflow at once only if somebody asks: there are many.
        if slice.tier.is_some() && slice.workflow.is_some() && !asked {
            continue;
        }
        let about = About {
            workflow: slice.workflow,
            tier: slice.tier,
            fault: &name,
            condition: Condition::While,
            ..About::default()
        };
        let of = |run: &'_ Run| run.with_faults.while_faults.get(fault).map(|own| own[index].clone());
        let own: Vec<(u32, SliceCount)> =
            collected.runs.iter().map(|run| (run.index, of(run).unwrap_or_else(|| none.clone()))).collect();
        let failed: Vec<_> = own.iter().map(|(_, one)| (one.all_failed() as f64, one.requests as f64)).collect();
        let guard = never.by_slice[index].guard_while(fault);
        let failed = guard.ratio(&failed, (0.0, 1.0), confidence, |failed| stats::proportion(failed, confidence));
        rows.add((Metric::ErrorShare, Statistic::Mean), (Unit::Share, "requests"), about, failed);
        let requests = Requests {
            counts: own.iter().map(|(replication, count)| (*replication, count)).collect(),
            tally: collected.with_faults.slice_while(fault, slice),
            sections: (&collected.with_faults.sections, collected.with_faults.histograms_of(slice, Some(fault))),
            deadline: slice.deadline(rows.scenario),
            limits,
            guard,
        };
        add(rows, about, &requests);
    }
    let busy = |of: fn(&WhileFault) -> f64| {
        let own = collected.runs.iter().map(|run| run.busy_while[fault]);
        let pairs: Vec<_> =
            own.map(|one| one.map_or((0.0, 0.0), |one| (of(&one) * one.seconds, one.seconds))).collect();
        let most = pairs.iter().map(|pair| pair.0 / pair.1).fold(1.0, f64::max);
        let ratio = |pairs: &[(f64, f64)]| stats::ratio(pairs, confidence).not_negative();
        never.anywhere.guard_while(fault).ratio(&pairs, (0.0, most), confidence, ratio)
    };
    if rows.scenario.has_pools() {
        let about = About { fault: &name, condition: Condition::While, ..About::default() };
        let mean = busy(|one| one.mean);
        let busiest = busy(|one| one.busiest).no_less_than(&mean);
        rows.add((Metric::Utilization, Statistic::Mean), (Unit::Share, "slots"), about, mean);
        rows.add((Metric::Utilization, Statistic::Busiest), (Unit::Share, "slots"), about, busiest);
    }
    let struck = |run: &Run| run.with_faults.while_faults.get(fault).is_some_and(|own| own[0].requests > 0);
    if !collected.runs.iter().any(struck) {
        let is_instant = rows.scenario.faults[fault].effects.contains(&Effect::Flush);
        let reason = if is_instant { "an instant: nothing arrives while it lasts" } else { NEVER_STRUCK };
        rows.rows[before..].iter_mut().for_each(|row| row.estimate = Estimate::null(reason));
    }
}
