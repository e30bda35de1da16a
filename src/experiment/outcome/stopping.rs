//! How the number of replications came about.

use serde::Serialize;

use crate::catalogue::Unit;
use crate::engine::stats::Estimate;

/// How a rule came out.
#[derive(Debug, Clone, Serialize)]
pub struct Stopping {
    /// The rule: "precision" or "decide".
    pub rule: &'static str,
    /// Half-width over value, at most; `None` for "decide".
    pub precision: Option<f64>,
    /// Whether it is fulfilled.
    pub reached: bool,
    /// Replications after which it gives up.
    pub at_most: u32,
    /// Confidence at which each look judges, for "decide".
    pub judged_at: Option<f64>,
    /// What is held to it.
    pub held: Vec<Held>,
    /// What is not, and cannot be: largest values.
    pub left_out: Vec<String>,
}

/// A number that is held to a rule.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// "blast_radius, noisy-customer, smb, mean".
    pub what: String,
    /// What was found.
    pub estimate: Estimate,
    /// Its unit.
    pub unit: Unit,
    /// Whether it is precise enough, or decided.
    pub reached: bool,
}
