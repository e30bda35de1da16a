//! Rows: every measure of the tidy table, each with its interval.

use std::collections::BTreeSet;

use super::budget_rows::has_faults;
use super::collect::{Collected, LookUps, QUANTILES, Run, Slice, WorldCount, longest_deadline, most_attempts};
use super::latency_rows::{self, Requests};
use super::results::{Facts, Row};
use super::sections::{Own, Sample};
use super::unseen::Unseen;
use crate::engine::stats::{self, Estimate, Guard};
use crate::measure::tally::RouterTally;
use crate::scenario::Scenario;
use crate::scenario::fault::Effect;
use crate::units::seconds;
use crate::world::requests::observer::Cause;

/// Figures that hold if the faults of the scenario happen.
pub const CONDITIONAL: &str = "if these happen";
/// Figures of the world with its faults.
pub const WITH_FAULTS: &str = "with faults";
/// Figures of what arrives while a fault lasts, in the world with its faults.
pub const WHILE: &str = "while it lasts";
/// Figures of the fault-free world.
pub const NO_FAULT: &str = "no fault";

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
    /// Condition.
    pub condition: &'a str,
}

impl Rows<'_> {
    /// Adds a row.
    pub fn add(
        &mut self,
        (metric, statistic): (&str, &str),
        (unit, denominator): (&str, &str),
        about: About<'_>,
        estimate: Estimate,
    ) {
        self.rows.push(Row {
            metric: metric.to_owned(),
            statistic: statistic.to_owned(),
            tier: about.tier.map_or(String::new(), |tier| self.scenario.tiers[tier].name.clone()),
            workflow: about.workflow.map_or(String::new(), |workflow| self.scenario.workflows[workflow].name.clone()),
            fault: about.fault.to_owned(),
            stage: about.stage.to_owned(),
            path: String::new(),
            unit: unit.to_owned(),
            denominator: denominator.to_owned(),
            condition: about.condition.to_owned(),
            estimate,
        });
    }
}

impl Rows<'_> {
    /// The last row is of look-ups on this path of the router.
    fn of_path(&mut self, path: &str) {
        if let Some(row) = self.rows.last_mut() {
            path.clone_into(&mut row.path);
        }
    }
}

/// Requests: outcomes, attempts, latency, by workflow and tier, with and without faults.
pub(super) fn requests(rows: &mut Rows<'_>, collected: &Collected, slices: &[Slice], unseen: &Unseen<'_>) {
    let faulted = has_faults(rows.scenario);
    let horizon = seconds(rows.scenario.run.horizon);
    let limits = rows.scenario.latency_limits();
    let asked: BTreeSet<&str> = rows.scenario.expectations.iter().map(|one| one.metric.as_str()).collect();
    for (index, slice) in slices.iter().enumerate() {
        for condition in [WITH_FAULTS, NO_FAULT] {
            if condition == WITH_FAULTS && !faulted {
                continue;
            }
            let about = About { workflow: slice.workflow, tier: slice.tier, condition, ..About::default() };
            let of = |run: &'_ super::collect::Run| -> super::collect::SliceCount {
                let world: &WorldCount = if condition == NO_FAULT { run.calm() } else { &run.with_faults };
                world.slices[index].clone()
            };
            let counts: Vec<_> = collected.runs.iter().map(of).collect();
            let confidence = rows.confidence;
            let guard = if condition == WITH_FAULTS { unseen.guard(Some(&slice.classes)) } else { Guard::default() };
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
            rows.add(("request_rate", "mean"), ("/s", ""), about, requests);
            rows.add(("goodput", "mean"), ("/s", ""), about, ok);
            rows.add(("attempt_rate", "mean"), ("/s", ""), about, attempts);
            let failed = match counts.iter().any(|count| count.requests > 0) {
                true => share(&pairs(|count| count.all_failed() as f64)),
                false => Estimate::null("there are no requests"),
            };
            rows.add(("error_share", "mean"), ("share", "requests"), about, failed);
            for (at, cause) in Cause::ALL.into_iter().enumerate() {
                let pairs: Vec<(f64, f64)> =
                    counts.iter().map(|count| (count.failed[at] as f64, count.requests as f64)).collect();
                let metric = format!("error_share_{}", cause.name());
                let asked = asked.contains(metric.as_str());
                if asked || pairs.iter().any(|pair| pair.0 > 0.0) {
                    rows.add((&metric, "mean"), ("share", "requests"), about, share(&pairs));
                }
            }
            // Every request has its first attempt, and every call is made once.
            let at_least_one = |pairs: &[(f64, f64)]| {
                let found = stats::ratio(pairs, confidence);
                Estimate { low: found.low.map(|low| low.max(1.0)), ..found }
            };
            let attempts = pairs(|count| count.attempts as f64);
            let attempts = guard.ratio(&attempts, (1.0, times), confidence, at_least_one);
            rows.add(("retry_amplification", "mean"), ("", "requests"), about, attempts);
            if counts.iter().any(|count| count.calls[0] > 0) {
                let calls: Vec<(f64, f64)> = counts
                    .iter()
                    .map(|count| ((count.calls[0] + count.calls[1]) as f64, count.calls[0] as f64))
                    .collect();
                let calls = guard.ratio(&calls, (1.0, 2.0), confidence, at_least_one);
                rows.add(("call_amplification", "mean"), ("", "calls without hedges"), about, calls);
            }
            let merged = if condition == NO_FAULT { &collected.calm } else { &collected.with_faults };
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
    for condition in [WITH_FAULTS, NO_FAULT] {
        if condition == WITH_FAULTS && !faulted {
            continue;
        }
        let about = About { condition, ..About::default() };
        let worlds: Vec<&WorldCount> = collected
            .runs
            .iter()
            .map(|run| if condition == NO_FAULT { run.calm() } else { &run.with_faults })
            .collect();
        let horizon = seconds(rows.scenario.run.horizon);
        // All share the router: any strike may reach any look-up.
        let guard = if condition == WITH_FAULTS { unseen.guard(None) } else { Guard::default() };
        let hits: Vec<(f64, f64)> = worlds.iter().map(|w| (w.router[1] as f64, w.router[0] as f64)).collect();
        let hits = guard.ratio(&hits, (0.0, 1.0), confidence, |hits| stats::proportion(hits, confidence));
        rows.add(("hit_ratio", "mean"), ("share", "look-ups"), about, hits);
        let most = most_look_ups(rows.scenario, &worlds);
        let load = |values: &[f64], most: f64| {
            guard.mean(values, (0.0, most), confidence, |values| stats::mean(values, confidence).not_negative())
        };
        let store: Vec<f64> = worlds.iter().map(|w| w.router[2] as f64 / horizon).collect();
        let store = load(&store, most / horizon);
        let peaks: Vec<f64> = worlds.iter().map(|w| f64::from(w.busiest_store)).collect();
        let peaks = load(&peaks, most).no_less_than(&store);
        rows.add(("store_load", "mean"), ("/s", ""), about, store);
        rows.add(("store_load", "worst"), ("/s", "busiest second"), about, peaks);
        let merged = if condition == NO_FAULT { &collected.calm } else { &collected.with_faults };
        let deadline = longest_deadline(rows.scenario, None, None);
        let paths = RouterTally::PATHS.into_iter().enumerate();
        for (path, name) in std::iter::once((RouterTally::PATHS.len(), "")).chain(paths) {
            let own = |(run, world): (&Run, &&WorldCount)| {
                let LookUps { all, lost, quantiles } = world.look_ups[path];
                Own { replication: run.index, values: all, failed: lost, quantiles }
            };
            let each: Vec<Own> = collected.runs.iter().zip(&worlds).map(own).collect();
            let (histogram, _) = merged.router.path(path);
            let sections = (&merged.sections, merged.places_of_path(path));
            let sample =
                Sample { histogram: &histogram, each, sections, deadline, guard: guard.clone(), may_fail: true };
            let of = if name.is_empty() { "look-ups".to_owned() } else { format!("look-ups by path: {name}") };
            for (at, (statistic, _)) in QUANTILES.into_iter().enumerate() {
                let estimate = sample.quantile(at, confidence);
                rows.add(("router_latency", statistic), ("s", &of), about, estimate);
                rows.of_path(name);
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
    rows.add(("cells", "mean"), ("", ""), About::default(), Estimate::exact(facts.cells as f64));
    rows.add(("instances", "mean"), ("", ""), About::default(), Estimate::exact(facts.instances as f64));
    if let Some(cost) = &facts.cost {
        let parts = [
            ("cost", cost.total),
            ("cost_cells", cost.cells),
            ("cost_people", cost.people),
            ("cost_instances", cost.instances),
            ("cost_data", cost.data),
            ("cost_other", cost.other),
        ];
        for (metric, dollars) in parts {
            rows.add((metric, "mean"), ("$", "month"), About::default(), Estimate::exact(dollars));
        }
        if let Some(undivided) = facts.undivided.as_ref().and_then(|undivided| undivided.cost) {
            rows.add(("cost_undivided", "mean"), ("$", "month"), About::default(), Estimate::exact(undivided.total));
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
    for condition in [WITH_FAULTS, NO_FAULT] {
        if condition == WITH_FAULTS && !faulted || all == 0.0 {
            continue;
        }
        let about = About { condition, ..About::default() };
        let worlds =
            || collected.runs.iter().map(|run| if condition == NO_FAULT { run.calm() } else { &run.with_faults });
        let confidence = rows.confidence;
        let means: Vec<f64> = worlds().map(|world| world.busy.iter().sum::<f64>() / all).collect();
        let share = |(busy, &slots): (&f64, &u32)| busy / f64::from(slots);
        let busiest: Vec<f64> =
            worlds().map(|world| world.busy.iter().zip(slots).map(share).fold(0.0, f64::max)).collect();
        let guard = if condition == WITH_FAULTS { unseen.guard(None) } else { Guard::default() };
        let [mean, busiest] = [means, busiest].map(|values| {
            let most = values.iter().copied().fold(1.0, f64::max);
            guard.mean(&values, (0.0, most), confidence, |values| stats::mean(values, confidence).not_negative())
        });
        let busiest = busiest.no_less_than(&mean);
        rows.add(("utilization", "mean"), ("share", "slots"), about, mean);
        rows.add(("utilization", "busiest"), ("share", "slots"), about, busiest);
    }
}
