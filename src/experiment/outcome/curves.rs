//! What charts draw point by point: seconds of the time line, latencies, loads of cells.

use serde::Serialize;

use crate::catalogue::Condition;
use crate::engine::stats::Estimate;

/// One second, over replications.
#[derive(Debug, Clone, Serialize)]
pub struct TimelineRow {
    /// Where it begins, in seconds from the end of the warm-up.
    pub second: f64,
    /// ok requests per second: (lower band 10 %, median, upper band 90 %) over replications.
    pub ok: [f64; 3],
    /// Failed requests per second (by arrival).
    pub failed: [f64; 3],
    /// Retries per second.
    pub retries: [f64; 3],
    /// Cells struck by a fault.
    pub faulted_cells: [f64; 3],
    /// Store look-ups per second.
    pub store_load: [f64; 3],
    /// Attempts in the queues of stations, mean over this second.
    pub waiting: [f64; 3],
    /// Cache hit share of look-ups in this second (NaN-free: 1 where there were no look-ups is not written, then it is `None`).
    pub hit_ratio: Option<f64>,
}

/// A complementary distribution of request latency.
#[derive(Debug, Clone, Serialize)]
pub struct LatencyCurve {
    /// Workflow.
    pub workflow: String,
    /// Tier; `None`: all of the workflow's.
    #[serde(serialize_with = "super::maybe::text")]
    pub tier: Option<String>,
    /// In which world.
    pub condition: Condition,
    /// Requests, failed ones included (they are beyond every latency).
    pub requests: u64,
    /// (latency in seconds, requests that took longer), increasing, only where at least 10 remain.
    pub points: Vec<(f64, u64)>,
}

/// The load of one cell in the fault-free run.
#[derive(Debug, Clone, Serialize)]
pub struct CellLoad {
    /// "messaging/enterprise/1".
    pub cell: String,
    /// Workflow.
    pub workflow: String,
    /// Tier; `None`: all of them.
    #[serde(serialize_with = "super::maybe::text")]
    pub tier: Option<String>,
    /// Customers homed there.
    pub customers: u64,
    /// Requests per second by the scenario.
    pub requests_per_second: f64,
    /// Utilization of its busiest station: measured, in the hours that were run.
    pub utilization: Estimate,
    /// Requests per second at the profile's peak over those of the hours that were run: 1 without a profile, `None` where nothing
    /// was asked for in these hours.
    pub peak_over_run: Option<f64>,
    /// The same station's by the scenario, at the profile's peak, after the loss of one zone; no number without a station.
    pub utilization_zone_lost: f64,
    /// Utilization asked of that station, if sized so.
    pub target: Option<f64>,
}
