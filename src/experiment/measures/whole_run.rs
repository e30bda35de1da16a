//! What the faults did to a whole run, all incidents together: the honest figures to compare designs by.
//!
//! A mean per incident falls when one long incident becomes many short ones, however much more harm they do in all.

use super::table::{About, Rows};
use crate::catalogue::{Condition, Metric, Statistic, Unit};
use crate::engine::stats::{self, Estimate, Guard};
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::Collected;
use crate::experiment::collected::by_fault::ByFault;
use crate::experiment::exposure::scripted::Scripted;
use crate::scenario::Scenario;
use crate::units::seconds;
use crate::world::operations::faults::is_awake;

/// Adds the rows of each awake fault, and of all together.
pub(crate) fn add(
    rows: &mut Rows<'_>,
    collected: &Collected,
    by_fault: &ByFault<'_>,
    (scripted, unseen): (&Scripted, &Unseen<'_>),
) {
    let scenario: &Scenario = rows.scenario;
    let confidence = rows.confidence;
    let awake = |fault: &usize| is_awake(&scenario.faults[*fault], scenario.run.faults);
    let customers: u64 = scenario.tiers.iter().map(|tier| u64::from(tier.customers)).sum();
    let seen = collected.runs.iter().flat_map(|run| &run.incidents).map(|one| one.customers.iter().sum());
    let customers = seen.fold(customers, u64::max) as f64;
    let most = customers * scenario.workflows.len() as f64 * (seconds(scenario.run.horizon) / 60.0).ceil();
    let faults = (0..scenario.faults.len()).filter(awake).map(Some);
    for fault in std::iter::once(None).chain(faults) {
        let name = fault.map_or("", |fault| scenario.faults[fault].name.as_str());
        let about = About { fault: name, condition: Condition::IfTheseHappen, ..About::default() };
        let counted_with = fault.and_then(|fault| by_fault.counted_with(scenario, fault));
        let mut add = |metric: Metric, unit: Unit, found: &dyn Fn() -> Estimate| {
            let estimate = counted_with.as_ref().map_or_else(found, |why| Estimate::null(why.clone()));
            rows.add((metric, Statistic::Mean), (unit, "per replication"), about, estimate);
        };
        let minutes = by_fault.sums(fault, |incident| incident.customer_minutes);
        add(Metric::ReplicationMinutes, Unit::Minutes, &|| stats::anchored::within(&minutes, most, confidence));
        let incidents = by_fault.sums(fault, |_| 1);
        let expected = scripted.most(fault) as f64 + unseen.expected(fault);
        add(Metric::ReplicationIncidents, Unit::Plain, &|| match scripted.incidents(fault) {
            // What was counted must agree: it is the simulation that knows.
            Some(exactly) if incidents.iter().all(|&one| one == exactly as f64) => Estimate::exact(exactly as f64),
            _ if scripted.is_random(fault) => number(&incidents, expected, unseen.strikes(fault), confidence),
            _ => stats::mean_within(&incidents, (0.0, expected), confidence),
        });
    }
}

/// Mean number of incidents of a run, where chance strikes: no more than the strikes that are expected by the clocks, and none without
/// a strike.
fn number(incidents: &[f64], expected: f64, (guard, strikes): (Guard, f64), confidence: f64) -> Estimate {
    guard.mean(incidents, (0.0, strikes.max(expected)), confidence, |values| {
        if values.iter().all(|&value| value == 0.0) {
            return stats::mean(values, confidence);
        }
        let found = stats::mean_within(values, (0.0, f64::INFINITY), confidence);
        let open = found.low.is_some() && found.high.is_none();
        Estimate { high: if open { found.value.map(|value| value.max(expected)) } else { found.high }, ..found }
    })
}
