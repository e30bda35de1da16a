//! Estimates and their intervals. The independent unit is the replication.

/// How much a number is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Follows from the scenario without chance.
    Exact,
    /// Estimated, with an interval.
    Estimate,
    /// Only a one-sided bound is known (all replications 0, or all 1).
    Bound,
    /// Not measured; the reason says why.
    Null,
}

/// A number with its interval.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The number; `None` if not measured.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Independent units it rests on.
    pub n: u64,
    /// What it is worth.
    pub state: State,
    /// Why there is no number, or no two-sided interval.
    pub reason: Option<String>,
}
