//! What the faults did to a whole run, all incidents together: the honest figures to compare designs by.
//!
//! A mean per incident falls when one long incident becomes many short ones, however much more harm they do in all.

use super::by_fault::ByFault;
use super::collect::Collected;
use super::incident::Incident;
use super::rows::{About, CONDITIONAL, Rows};
use crate::engine::stats::{self, Estimate};
use crate::scenario::Scenario;
use crate::units::seconds;
use crate::world::operations::faults::is_awake;

/// Adds the rows of each awake fault, and of all together.
pub(super) fn add(rows: &mut Rows<'_>, collected: &Collected, by_fault: &ByFault<'_>) {
    let scenario: &Scenario = rows.scenario;
    let awake = |fault: &usize| is_awake(&scenario.faults[*fault], scenario.run.faults);
    let customers: u64 = scenario.tiers.iter().map(|tier| u64::from(tier.customers)).sum();
    let seen = collected.runs.iter().flat_map(|run| &run.incidents).map(|one| one.customers.iter().sum());
    let customers = seen.fold(customers, u64::max) as f64;
    let most = customers * scenario.workflows.len() as f64 * (seconds(scenario.run.horizon) / 60.0).ceil();
    let faults = (0..scenario.faults.len()).filter(awake).map(Some);
    for fault in std::iter::once(None).chain(faults) {
        let name = fault.map_or("", |fault| scenario.faults[fault].name.as_str());
        let about = About { fault: name, condition: CONDITIONAL, ..About::default() };
        let counted_with = fault.and_then(|fault| by_fault.counted_with(scenario, fault));
        let add = |rows: &mut Rows<'_>, metric: &str, unit: &str, of: fn(&Incident) -> u64, most: f64| {
            let estimate = match &counted_with {
                Some(why) => Estimate::null(why.clone()),
                None => mean(&by_fault.sums(fault, of), most, rows.confidence),
            };
            rows.add((metric, "mean"), (unit, "per run"), about, estimate);
        };
        add(rows, "run_minutes", "min", |incident| incident.customer_minutes, most);
        add(rows, "run_incidents", "", |_| 1, f64::INFINITY);
    }
}

/// Mean over runs of what is at most `most`. Where nothing happened in any of them, something happens at most so often that it
/// would not be missed by chance.
fn mean(values: &[f64], most: f64, confidence: f64) -> Estimate {
    if most.is_finite() {
        return stats::anchored::within(values, most, confidence);
    }
    let estimate = stats::mean_within(values, (0.0, most), confidence);
    if estimate.high.is_none() && estimate.value == Some(0.0) && values.len() > 1 {
        let often = -libm::log(1.0 - confidence) / values.len() as f64;
        return Estimate { high: Some(often), ..estimate };
    }
    estimate
}
