//! What a run takes from a contract.

use serde::Serialize;

use crate::engine::stats::Estimate;

/// What the run takes from one tier's contract month.
#[derive(Debug, Clone, Serialize)]
pub struct BudgetRow {
    /// Tier.
    pub tier: String,
    /// Workflow; `None`: the worst over workflows.
    #[serde(serialize_with = "super::maybe::text")]
    pub workflow: Option<String>,
    /// Fault; `None`: the whole run.
    #[serde(serialize_with = "super::maybe::text")]
    pub fault: Option<String>,
    /// bad-minutes, requests, mean-error-share.
    pub measure: String,
    /// What a contract month allows: minutes, or the share of requests.
    pub allowed: f64,
    /// Most bad minutes of a customer (mean over replications of the worst customer); for other measures the failed share x month.
    pub used_worst: Estimate,
    /// The same as a share of what is allowed: month_budget_used.
    pub share_worst: Estimate,
    /// The mean customer's.
    pub share_mean: Estimate,
    /// The fault that took most from that customer, by name: only of the whole run, and where a fault took anything.
    pub mostly_by: Option<String>,
    /// Customers whose month would still be kept, mean over replications.
    pub months_within_sla: Estimate,
    /// Out of so many.
    pub customers: u64,
    /// Bad minutes that were decided by a single request, mean over replications.
    pub good_with_one_failure_fewer: Option<f64>,
}
