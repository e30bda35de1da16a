//! Rows: every measure of the tidy table, each with its interval.

use std::collections::BTreeSet;

use super::budget_rows::has_faults;
use super::collect::{Collected, LookUps, Run, Slice, WorldCount, longest_deadline, most_attempts};
use super::latency_rows::{self, Requests};
use super::results::{Facts, Row};
use super::sections::{Own, Sample};
use super::unseen::Unseen;
use crate::catalogue::{Cause, Condition, LookupPath, Metric, QUANTILES, Statistic, Subject, Unit};
use crate::engine::stats::{self, Estimate, Guard};
use crate::scenario::Scenario;
use crate::scenario::fault::Effect;
use crate::units::seconds;

/// The tidy table in the making.
pub struct Rows<'a> {
    /// The scenario, for its names.
    pub scenario: &'a Scenario,
    /// Level of confidence.
    pub confidence: f64,
    /// The rows so far.
    pub rows: Vec<Row>,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// Workflow index.
    pub workflow: Option<usize>,
    /// Tier index.
    pub tier: Option<usize>,
    /// Fault name.
    pub fault: &'a str,
    /// Stage name.
    pub stage: &'a str,
    /// Alert's name.
    pub alert: &'a str,
    /// Path of look-ups through the router.
    pub path: Option<LookupPath>,
    /// In which world.
    pub condition: Condition,
}

impl Rows<'_> {
    /// Adds a row; `denominator` says what a share is of, or per what a number is.
    pub fn add(
        &mut self,
        (metric, statistic): (Metric, Statistic),
        (unit, denominator): (Unit, &str),
        about: About<'_>,
        estimate: Estimate,
    ) {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        let subject = Subject {
            metric,
            statistic,
            unit,
            condition: about.condition,
            tier: about.tier.map(|tier| self.scenario.tiers[tier].name.clone()),
            workflow: about.workflow.map(|workflow| self.scenario.workflows[workflow].name.clone()),
            fault: named(about.fault),
            stage: named(about.stage),
            path: about.path,
            alert: named(about.alert),
        };
        self.rows.push(Row { subject, denominator: denominator.to_owned(), estimate });
    }
}

/// Requests: outcomes, attempts, latency, by workflow and tier, with and without faults.
pub(super) fn requests(rows: &mut Rows<'_>, collected: &Collected, slices: &[Slice], unseen: &Unseen<'_>) {
    let faulted = has_faults(rows.scenario);
    let horizon = seconds(rows.scenario.run.horizon);
    let limits = rows.scenario.latency_limits();
    let asked: BTreeSet<Metric> = rows.scenario.expectations.iter().map(|one| one.metric).collect();
    for (index, slice) in slices.iter().enumerate() {
        for condition in [Condition::WithFaults, Condition::NoFault] {
            if condition == Condition::WithFaults && !faulted {
                continue;
            }
            let about = About { workflow: slice.workflow, tier: slice.tier, condition, ..About::default() };
            let of = |run: &'_ super::collect::Run| -> super::collect::SliceCount {
                let world: &WorldCount = if condition == Condition::NoFault { run.calm() } else { &run.with_faults };
                world.slices[index].clone()
            };
            let counts: Vec<_> = collected.runs.iter().map(of).collect();
            let confidence = rows.confidence;
            let guard =
                if condition == Condition::WithFaults { unseen.guard(Some(&slice.classes)) } else { Guard::default() };
            let share = |pairs: &[(f64, f64)]| {
                guard.ratio(pairs, (0.0, 1.0), confidence, |pairs| stats::proportion(pairs, confidence))
            };
            let times = most_attempts(rows.scenario, slice.workflow, slice.tier);
            let pairs = |y: fn(&super::collect::SliceCount) -> f64| -> Vec<(f64, f64)> {
                counts.iter().map(|count| (y(count), count.requests as f64)).collect()
            };
            let per_second = |y: fn(&super::collect::SliceCount) -> u64| -> Vec<f64> {
                counts.iter().map(|count| y(count) as f64 / horizon).collect()
            };
            let requests = per_second(|count| count.requests);
            let most = requests.iter().copied().fold(0.0, f64::max);
            let requests = stats::mean(&requests, confidence).not_negative();
            let rate = requests.value.unwrap_or(most);
            let ok = guard.mean(&per_second(|count| count.ok), (0.0, rate), confidence, |values| {
                stats::mean_within(values, (0.0, most), confidence)
            });
            let attempts = per_second(|count| count.attempts);
            let attempts = guard.mean(&attempts, (rate, times * rate), confidence, |values| {
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
                let metric = Metric::ErrorShareBy(cause);
                let asked = asked.contains(&metric);
                if asked || pairs.iter().any(|pair| pair.0 > 0.0) {
                    rows.add((metric, Statistic::Mean), (Unit::Share, "requests"), about, share(&pairs));
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
            if counts.iter().any(|count| count.calls[0] > 0) {
                let calls: Vec<(f64, f64)> = counts
                    .iter()
                    .map(|count| ((count.calls[0] + count.calls[1]) as f64, count.calls[0] as f64))
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
                sections: (&merged.sections, merged.places(slice, None)),
                deadline: slice.deadline(rows.scenario),
                limits: &limits,
                guard,
            };
            latency_rows::add(rows, about, &requests);
        }
    }
}

/// The router: hits, store load, latency by path.
pub(super) fn router(rows: &mut Rows<'_>, collected: &Collected, unseen: &Unseen<'_>) {
    if rows.scenario.router.is_none() {
        return;
    }
    let faulted = has_faults(rows.scenario);
    let confidence = rows.confidence;
    for condition in [Condition::WithFaults, Condition::NoFault] {
        if condition == Condition::WithFaults && !faulted {
            continue;
        }
        let about = About { condition, ..About::default() };
        let worlds: Vec<&WorldCount> = collected
            .runs
            .iter()
            .map(|run| if condition == Condition::NoFault { run.calm() } else { &run.with_faults })
            .collect();
        let horizon = seconds(rows.scenario.run.horizon);
        // All share the router: any strike may reach any look-up.
        let guard = if condition == Condition::WithFaults { unseen.guard(None) } else { Guard::default() };
        let hits: Vec<(f64, f64)> = worlds.iter().map(|w| (w.router[1] as f64, w.router[0] as f64)).collect();
        let hits = guard.ratio(&hits, (0.0, 1.0), confidence, |hits| stats::proportion(hits, confidence));
        rows.add((Metric::HitRatio, Statistic::Mean), (Unit::Share, "look-ups"), about, hits);
        let most = most_look_ups(rows.scenario, &worlds);
        let load = |values: &[f64], most: f64| {
            guard.mean(values, (0.0, most), confidence, |values| stats::mean(values, confidence).not_negative())
        };
        let store: Vec<f64> = worlds.iter().map(|w| w.router[2] as f64 / horizon).collect();
        let store = load(&store, most / horizon);
        let peaks: Vec<f64> = worlds.iter().map(|w| f64::from(w.busiest_store)).collect();
        let peaks = load(&peaks, most).no_less_than(&store);
        rows.add((Metric::StoreLoad, Statistic::Mean), (Unit::PerSecond, ""), about, store);
        rows.add((Metric::StoreLoad, Statistic::Worst), (Unit::PerSecond, "busiest second"), about, peaks);
        let merged = if condition == Condition::NoFault { &collected.calm } else { &collected.with_faults };
        let deadline = longest_deadline(rows.scenario, None, None);
        let paths = LookupPath::ALL.into_iter().map(Some).enumerate();
        for (path, named) in std::iter::once((LookupPath::ALL.len(), None)).chain(paths) {
            let own = |(run, world): (&Run, &&WorldCount)| {
                let LookUps { all, lost, quantiles } = world.look_ups[path];
                Own { replication: run.index, values: all, failed: lost, quantiles }
            };
            let each: Vec<Own> = collected.runs.iter().zip(&worlds).map(own).collect();
            let (histogram, _) = merged.router.path(path);
            let sections = (&merged.sections, merged.places_of_path(path));
            let sample =
                Sample { histogram: &histogram, each, sections, deadline, guard: guard.clone(), may_fail: true };
            let of = named.map_or("look-ups".to_owned(), |path| format!("look-ups by path: {path}"));
            let about = About { path: named, ..about };
            for (at, (statistic, _)) in QUANTILES.into_iter().enumerate() {
                let estimate = sample.quantile(at, confidence);
                rows.add((Metric::RouterLatency, statistic), (Unit::Seconds, &of), about, estimate);
            }
        }
    }
}

/// Look-ups of a replication at most, in the mean: one for each attempt of all requests whose attempts may fall into the horizon;
/// infinite where a fault adds requests.
pub(super) fn most_look_ups(scenario: &Scenario, worlds: &[&WorldCount]) -> f64 {
    let adds = |effect: &Effect| matches!(effect, Effect::Demand { .. });
    if scenario.faults.iter().any(|fault| fault.effects.iter().any(adds)) {
        return f64::INFINITY;
    }
    let requests: u64 = worlds.iter().flat_map(|world| &world.timeline).map(|bin| u64::from(bin.requests)).sum();
    let early = seconds(longest_deadline(scenario, None, None)) / seconds(scenario.run.horizon);
    let requests = requests as f64 / worlds.len().max(1) as f64 * (1.0 + early);
    requests * most_attempts(scenario, None, None)
}

/// What the scenario alone tells: cells, instances, cost.
pub fn cost(rows: &mut Rows<'_>, facts: &Facts) {
    rows.add(
        (Metric::Cells, Statistic::Mean),
        (Unit::Plain, ""),
        About::default(),
        Estimate::exact(facts.cells as f64),
    );
    rows.add(
        (Metric::Instances, Statistic::Mean),
        (Unit::Plain, ""),
        About::default(),
        Estimate::exact(facts.instances as f64),
    );
    if let Some(cost) = &facts.cost {
        let parts = [
            (Metric::Cost, cost.total),
            (Metric::CostCells, cost.cells),
            (Metric::CostPeople, cost.people),
            (Metric::CostInstances, cost.instances),
            (Metric::CostData, cost.data),
            (Metric::CostOther, cost.other),
        ];
        for (metric, dollars) in parts {
            rows.add((metric, Statistic::Mean), (Unit::Dollars, "month"), About::default(), Estimate::exact(dollars));
        }
        if let Some(undivided) = facts.undivided.as_ref().and_then(|undivided| undivided.cost) {
            rows.add(
                (Metric::CostUndivided, Statistic::Mean),
                (Unit::Dollars, "month"),
                About::default(),
                Estimate::exact(undivided.total),
            );
        }
    }
}

/// What the scenario alone tells, and how busy its stations were.
pub(super) fn platform(
    rows: &mut Rows<'_>,
    collected: &Collected,
    facts: &Facts,
    (slots, unseen): (&[u32], &Unseen<'_>),
) {
    cost(rows, facts);
    let all: f64 = slots.iter().map(|&slots| f64::from(slots)).sum();
    let faulted = has_faults(rows.scenario);
    for condition in [Condition::WithFaults, Condition::NoFault] {
        if condition == Condition::WithFaults && !faulted || all == 0.0 {
            continue;
        }
        let about = About { condition, ..About::default() };
        let worlds = || {
            collected.runs.iter().map(|run| if condition == Condition::NoFault { run.calm() } else { &run.with_faults })
        };
        let confidence = rows.confidence;
        let means: Vec<f64> = worlds().map(|world| world.busy.iter().sum::<f64>() / all).collect();
        let share = |(busy, &slots): (&f64, &u32)| busy / f64::from(slots);
        let busiest: Vec<f64> =
            worlds().map(|world| world.busy.iter().zip(slots).map(share).fold(0.0, f64::max)).collect();
        let guard = if condition == Condition::WithFaults { unseen.guard(None) } else { Guard::default() };
        let [mean, busiest] = [means, busiest].map(|values| {
            let most = values.iter().copied().fold(1.0, f64::max);
            guard.mean(&values, (0.0, most), confidence, |values| stats::mean(values, confidence).not_negative())
        });
        let busiest = busiest.no_less_than(&mean);
        rows.add((Metric::Utilization, Statistic::Mean), (Unit::Share, "slots"), about, mean);
        rows.add((Metric::Utilization, Statistic::Busiest), (Unit::Share, "slots"), about, busiest);
    }
}
