//! What a scenario says about calibrating flows by request-level runs.

use super::grammar::key::{self, Defaulted};
use super::grammar::shape::Plain::{Text, Whole};
use super::grammar::shape::Shape;
use super::keys::Keys;
use crate::units::Nanos;

/// Request-level runs without faults that tell flows how many attempts fail in health.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Calibration {
    /// Measured time of each run.
    pub horizon: Nanos,
    /// Runs at each load.
    pub replications: u32,
}

/// Shape of `[run.calibration]`.
pub(super) const CALIBRATION: Shape =
    Shape::new("calibration", "`run.calibration`", &[HORIZON.about(), REPLICATIONS.about()]);

const HORIZON: Defaulted<Nanos> = key::positive_duration("horizon", "measured time of each run").or(Text("10min"));
const REPLICATIONS: Defaulted<u32> = key::count(
    "replications",
    ("replications", 2, 10_000),
    "runs at each load: the usual one, up to where the busiest station is busy for 95 %, at most ten times the usual one",
)
.or(Whole(10));

/// Reads `[run.calibration]`.
pub(super) fn calibration(keys: &Keys<'_>) -> Calibration {
    Calibration { horizon: keys.read(&HORIZON), replications: keys.read(&REPLICATIONS) }
}
