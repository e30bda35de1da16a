//! Demand: how much, by whom, when.
use crate::units::Nanos;

/// Where a class's requests come from.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Demand {
    /// Mean requests per second of an adopting customer; Poisson arrivals.
    Rate(f64),
    /// Only those of the recorded trace.
    Trace,
}

/// How demand differs between the adopting customers; weights are scaled to the given mean.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Skew {
    /// All alike.
    Equal,
    /// The customer of rank k has weight k^-s.
    Zipf(f64),
    /// Weights at the quantiles (k - 1/2)/n of a Pareto law with this tail index.
    Pareto(f64),
    /// Shares by rank; the last one holds for all further ranks.
    List(Vec<f64>),
}

/// How demand changes over time: a multiplier that is constant between steps.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Profile {
    /// (start in nanoseconds from the end of the warm-up, multiplier), increasing from 0; before 0 (the warm-up) a repeating profile
    /// runs backwards in time as it repeats, any other has its first multiplier.
    pub steps: Vec<(Nanos, f64)>,
    /// Repeats after this long; without it the last multiplier stays.
    pub period: Option<Nanos>,
}

impl Profile {
    /// The profile of constant demand.
    pub fn constant() -> Profile {
        Profile { steps: vec![(0, 1.0)], period: None }
    }

    /// Returns the greatest multiplier.
    pub fn peak(&self) -> f64 {
        self.steps.iter().map(|step| step.1).fold(0.0, f64::max)
    }
}

/// One recorded request.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct TraceRow {
    /// When, from the end of the warm-up.
    pub at: Nanos,
    /// Workflow index.
    pub workflow: usize,
    /// Tier index.
    pub tier: usize,
    /// Customer number within the tier, from 0; `None`: drawn by the class's skew.
    pub customer: Option<u32>,
}
