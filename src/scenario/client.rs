//! The caller's side.
use crate::units::Nanos;

/// How a client behaves.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Client {
    /// Time-out of one attempt.
    pub timeout: Nanos,
    /// Deadline of the request, over all attempts; always finite.
    pub deadline: Nanos,
    /// Attempts at most, the first included.
    pub attempts: u8,
    /// Pause before a retry.
    pub backoff: Backoff,
    /// Tokens for retries, per (customer, workflow).
    pub retry_budget: Option<RetryBudget>,
    /// Whether the client remembers its cell instead of asking the router again on a retry.
    pub remembers_cell: bool,
}

/// Pause before a retry.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Backoff {
    /// How the pause grows.
    pub growth: Growth,
    /// First pause.
    pub first: Nanos,
    /// Longest pause.
    pub max: Nanos,
    /// How chance spreads it.
    pub jitter: Jitter,
}

/// How the pause grows.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Growth {
    /// Always the first pause.
    Constant,
    /// Times `factor` each time.
    Exponential {
        /// Factor from one pause to the next.
        factor: f64,
    },
    /// Uniform between the first pause and three times the last one (Brooker 2015).
    Decorrelated,
}

/// How chance spreads a pause b.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// b.
    None,
    /// b/2 to b.
    Equal,
    /// 0 to b.
    Full,
}

/// A token bucket: every request adds `ratio`, every retry takes 1.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct RetryBudget {
    /// Retries allowed per request.
    pub ratio: f64,
    /// Tokens at most, and at the start.
    pub burst: f64,
}
