//! Scenarios of one history: what is exact in them, and what is not.

use crate::engine::stats::{Estimate, State};
use crate::scenario::Scenario;
use crate::scenario::fault::Schedule;
use crate::world::operations::faults::is_awake;

/// Why a number of one history is not exact.
const ROUGH: &str = "one replication, of which this number is known within so much: customers have randomness of their own, or sizes were taken together";

/// Whether all histories are one: nothing is drawn but by random clocks and by phases of scripted faults; flows are means.
pub(super) fn is_certain(scenario: &Scenario) -> bool {
    let awake = scenario.faults.iter().filter(|fault| is_awake(fault, scenario.run.faults));
    let is_fixed = awake.into_iter().all(|fault| match fault.schedule {
        Schedule::Scripted { spread, .. } => spread == 0,
        Schedule::Trace(_) => true,
        Schedule::Random { .. } => false,
    });
    is_fixed && scenario.run.calibration.is_none()
}

/// What one history shows all do, but for what is known roughly.
pub(super) fn make_exact(estimate: &mut Estimate) {
    let is_rough = estimate.reason.as_deref() == Some(ROUGH);
    if let Some(value) = estimate.value.filter(|_| estimate.state != State::Null && !is_rough) {
        *estimate = Estimate::exact(value);
    }
}

/// A number of one history that is known within some limits.
pub(super) fn roughly(estimate: Estimate, (low, high): (f64, f64)) -> Estimate {
    match estimate.value {
        Some(value) if low < high => {
            Estimate::bound(value, low.min(value).max(0.0), high.max(value), estimate.n, ROUGH)
        }
        _ => estimate,
    }
}
