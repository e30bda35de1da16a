//! What the run without faults looks like, and what a reader must know about it.

use crate::catalogue::{Condition, LookupPath, Metric, Statistic, Unit};
use crate::engine::stats::{Estimate, State};
use crate::experiment::outcome::Outcome;
use crate::number;
use crate::report::rows::{self, Query};
use crate::report::section::Section;
use crate::report::{estimate, warnings};

/// Returns the section; it has no title.
pub fn section(results: &Outcome) -> Section {
    let mut section = Section::new("", "");
    let latencies = latencies(results);
    if !latencies.is_empty() {
        section.note("no fault", format!("p50/p99 {}", latencies.join(" · ")));
    }
    let router = router(results);
    if !router.is_empty() {
        section.note("router", router.join(" · "));
    }
    for line in &results.facts.recorded {
        section.note("recorded", line.as_str());
    }
    for warning in &results.warnings {
        section.note("warning", warnings::text(warning));
    }
    section
}

/// Quantiles that are told.
const TOLD: [Statistic; 2] = [Statistic::P50, Statistic::P99];

fn healthy(results: &Outcome, metric: Metric, statistic: Statistic, workflow: &str) -> Option<f64> {
    rows::value(results, &Query { workflow, condition: Some(Condition::NoFault), ..Query::of(metric, statistic) })
}

/// Returns "messaging 33/108 ms" for each workflow.
fn latencies(results: &Outcome) -> Vec<String> {
    let text = |workflow: &str| {
        let [p50, p99] = TOLD.map(|statistic| healthy(results, Metric::Latency, statistic, workflow));
        // Beyond the deadline, or only known from one side: what is known of it.
        let beyond = TOLD.map(|statistic| {
            let condition = Some(Condition::NoFault);
            let query = Query { workflow, condition, ..Query::of(Metric::Latency, statistic) };
            let found = rows::find(results, &query);
            let one_sided = |found: &Estimate| found.value.is_none() && (found.low.is_some() || found.high.is_some());
            let found = found.filter(|found| found.state == State::Beyond || one_sided(found));
            found.map(|found| estimate::at(results.confidence).with_unit(found, Unit::Seconds))
        });
        if beyond.iter().any(Option::is_some) {
            let mut shown = [p50, p99].into_iter().zip(beyond);
            let mut next = || {
                let (value, beyond) = shown.next().unwrap_or_default();
                beyond.or_else(|| value.map(number::latency)).unwrap_or_else(|| "not measured".to_owned())
            };
            return Some(format!("{workflow} {}/{}", next(), next()));
        }
        match (p50, p99) {
            (None, None) => None,
            (Some(low), Some(high)) if low < 1.0 && high < 1.0 => {
                let (low, high) = (number::latency(low), number::latency(high));
                Some(format!("{workflow} {}/{high}", low.trim_end_matches(" ms")))
            }
            (low, high) => {
                let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number::latency);
                Some(format!("{workflow} {}/{}", shown(low), shown(high)))
            }
        }
    };
    rows::workflows(results).into_iter().filter_map(text).collect()
}

/// Returns what is known of the router: hits, misses, load of the store.
fn router(results: &Outcome) -> Vec<String> {
    let mut parts = Vec::new();
    let path = |path: LookupPath| {
        let condition = Some(Condition::NoFault);
        let query = Query { path: Some(path), condition, ..Query::of(Metric::RouterLatency, Statistic::P50) };
        rows::value(results, &query).map(number::latency)
    };
    if let Some(ratio) = healthy(results, Metric::HitRatio, Statistic::Mean, "") {
        let after = path(LookupPath::Hit).map_or_else(String::new, |latency| format!(" {latency}"));
        parts.push(format!("{} hits{after}", number::percent(ratio)));
    }
    parts.extend(path(LookupPath::Miss).map(|latency| format!("misses {latency}")));
    parts.extend(path(LookupPath::New).map(|latency| format!("new customers {latency}")));
    let Some(load) = healthy(results, Metric::StoreLoad, Statistic::Mean, "") else { return parts };
    let shown = if load < 10.0 { number::significant(load, 2) } else { number::count(load.round()) };
    let mut text = format!("store {shown}/s");
    let Some(requests) = results.requests() else { return parts };
    let peak = requests.faults.iter().filter_map(|fault| Some((fault.store_load_peak?, fault.name.as_str())));
    if let Some((peak, fault)) = peak.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|&(peak, _)| peak > load) {
        text += &format!(", after {fault} up to {}/s", number::count(peak.round()));
    }
    if let Some(capacity) = requests.store_capacity {
        text += &format!(" of {}/s", number::count(capacity.round()));
    }
    parts.push(text);
    parts
}
