//! What a scenario says about calibrating flows by request-level runs.

use super::keys::Keys;
use super::values;
use crate::units::{MINUTE, Nanos};

/// Request-level runs without faults that tell flows how many attempts fail in health.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Calibration {
    /// Measured time of each run.
    pub horizon: Nanos,
    /// Runs at each load.
    pub replications: u32,
}

/// Reads `[run.calibration]`.
pub(super) fn calibration(keys: &Keys<'_>) -> Calibration {
    Calibration {
        horizon: keys.or("horizon", 10 * MINUTE, values::positive_duration),
        replications: keys.or("replications", 10, |node| values::count(node, "replications", 2, 10_000)),
    }
}
