//! Rows of the router: hits, load of the mapping store, latency by path.

use super::table::{About, Rows, has_faults};
use crate::catalogue::{Condition, LookupPath, Metric, QUANTILES, Statistic, Unit};
use crate::engine::stats;
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::sections::{Own, Sample};
use crate::experiment::collected::{Collected, LookUps, Run, WorldCount, longest_deadline, most_attempts};
use crate::scenario::Scenario;
use crate::scenario::fault::Effect;
use crate::units::seconds;

/// The router: hits, store load, latency by path.
pub(crate) fn add(rows: &mut Rows<'_>, collected: &Collected, unseen: &Unseen<'_>) {
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
        let guard = unseen.guard(condition, None);
        let hits: Vec<(f64, f64)> = worlds.iter().map(|w| (w.router.hits as f64, w.router.look_ups as f64)).collect();
        let hits = guard.ratio(&hits, (0.0, 1.0), confidence, |hits| stats::proportion(hits, confidence));
        rows.add((Metric::HitRatio, Statistic::Mean), (Unit::Share, "lookups"), about, hits);
        let brings = guard.brings * most_attempts(rows.scenario, None, None);
        let most = most_look_ups(rows.scenario, &worlds) + brings;
        let load = |values: &[f64], most: f64| {
            guard.mean(values, (0.0, most), confidence, |values| stats::mean(values, confidence).not_negative())
        };
        let store: Vec<f64> = worlds.iter().map(|w| w.router.at_store as f64 / horizon).collect();
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
            let sections = (&merged.sections, merged.histograms_of_path(path));
            let sample =
                Sample { histogram: &histogram, each, sections, deadline, guard: guard.clone(), may_fail: true };
            let of = named.map_or("lookups".to_owned(), |path| format!("lookups by path: {path}"));
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
pub(crate) fn most_look_ups(scenario: &Scenario, worlds: &[&WorldCount]) -> f64 {
    let adds = |effect: &Effect| matches!(effect, Effect::Demand { .. });
    if scenario.faults.iter().any(|fault| fault.effects.iter().any(adds)) {
        return f64::INFINITY;
    }
    let requests: u64 = worlds.iter().flat_map(|world| &world.timeline).map(|bin| u64::from(bin.requests)).sum();
    let early = seconds(longest_deadline(scenario, None, None)) / seconds(scenario.run.horizon);
    let requests = requests as f64 / worlds.len().max(1) as f64 * (1.0 + early);
    requests * most_attempts(scenario, None, None)
}
