//! How to run a scenario.
use crate::units::Nanos;

/// How to run it.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Run {
    /// Which faults are awake.
    pub faults: FaultChoice,
    /// Not measured; comes before time 0.
    pub warmup: Nanos,
    /// Measured time.
    pub horizon: Nanos,
    /// Random histories.
    pub replications: u32,
    /// Master seed.
    pub seed: u64,
    /// Level of confidence of the intervals.
    pub confidence: f64,
    /// Failed share of a (customer, workflow) minute from which it counts as harmed.
    pub harm_share: f64,
}

/// Which faults are awake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultChoice {
    /// Drills.
    Scripted,
    /// Hazards.
    Random,
    /// Both.
    All,
}
