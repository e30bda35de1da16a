//! What follows from a scenario without running it.

use serde::Serialize;

/// What follows from the scenario without running it.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// Customers in all.
    pub customers: u64,
    /// Cells in all.
    pub cells: u64,
    /// Mean requests per second, named customers included.
    pub requests_per_second: f64,
    /// Faults that are not awake in this kind of run.
    pub inactive: Vec<String>,
    /// What became of the rows of recorded faults and requests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recorded: Vec<String>,
    /// Instances in all.
    pub instances: u64,
    /// Zones.
    pub zones: Vec<String>,
    /// Per tier: (name, customers, sla).
    pub tiers: Vec<TierFacts>,
    /// Per workflow and tier (tier "all" when cells are shared).
    pub groups: Vec<GroupFacts>,
    /// Cost per month; `None` without `[cost]`.
    pub cost: Option<CostSplit>,
    /// The single-cell baseline (one cell per workflow, all tiers together); `None` where it cannot be built, for instance where
    /// a station of a fixed concurrency could not carry all customers.
    pub single_cell: Option<SingleCellFacts>,
    /// Why it cannot be built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_no_single_cell: Option<String>,
    /// Utilization reached by the mean cell, weighted by slots (0..1); `None` without pools.
    pub utilization_mean: Option<f64>,
    /// Utilization asked for, if one value is asked for everywhere.
    pub utilization_target: Option<f64>,
    /// Whether the least number of instances decides the size of most stations.
    pub floor_decides: bool,
}

impl Facts {
    /// Returns whether some workflow has more than one cell.
    pub fn has_walls(&self) -> bool {
        let mut workflows: Vec<&str> = self.groups.iter().map(|group| group.workflow.as_str()).collect();
        workflows.sort_unstable();
        workflows.dedup();
        self.cells > workflows.len() as u64
    }
}

/// A tier.
#[derive(Debug, Clone, Serialize)]
pub struct TierFacts {
    /// Name.
    pub name: String,
    /// Customers.
    pub customers: u64,
    /// Availability sold (0.9999).
    pub sla: f64,
    /// What is judged as one: "30 days".
    pub window: String,
    /// Minutes of its shortest window and of its longest.
    pub window_minutes: (u64, u64),
    /// Bad minutes (or failed share, for request-based contracts) a contract window allows: (1 - sla) x 43,200 of 30 days.
    pub allowed_minutes: f64,
    /// Failed share from which one of its minutes is bad (0.05).
    pub bad_from: f64,
}

/// The cells of one workflow and tier.
#[derive(Debug, Clone, Serialize)]
pub struct GroupFacts {
    /// Workflow name.
    pub workflow: String,
    /// Tier; `None`: cells are shared by all.
    #[serde(serialize_with = "super::maybe::text")]
    pub tier: Option<String>,
    /// Cells, dedicated ones included.
    pub cells: u64,
    /// Customers placed.
    pub customers: u64,
    /// Least number of customers in a (not dedicated) cell.
    pub smallest: u64,
    /// Greatest number.
    pub largest: u64,
    /// Mean requests per second of all its cells together.
    pub requests_per_second: f64,
    /// Of the busiest cell.
    pub busiest_requests_per_second: f64,
    /// Stations: (stage, slots of the busiest cell, instances in all, utilization mean, busiest, busiest after the loss of one zone).
    pub stations: Vec<StationFacts>,
}

/// The stations of one stage in a group of cells.
#[derive(Debug, Clone, Serialize)]
pub struct StationFacts {
    /// Stage name.
    pub stage: String,
    /// Slots of the busiest cell's station.
    pub slots: u64,
    /// Instances over all cells.
    pub instances: u64,
    /// Utilization at the profile's peak: mean over cells.
    pub utilization_mean: f64,
    /// Of the busiest cell.
    pub utilization_busiest: f64,
    /// Of the busiest cell with one zone lost; may exceed 1.
    pub utilization_zone_lost: f64,
}

/// Dollars per month.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CostSplit {
    /// All of it.
    pub total: f64,
    /// Fixed cost of cells.
    pub cells: f64,
    /// People.
    pub people: f64,
    /// Instances.
    pub instances: f64,
    /// Data tier that grows with load.
    pub data: f64,
    /// Requests and router.
    pub other: f64,
}

/// The single-cell baseline, derived from the same file.
#[derive(Debug, Clone, Serialize)]
pub struct SingleCellFacts {
    /// Cost per month.
    pub cost: Option<CostSplit>,
    /// Instances.
    pub instances: u64,
    /// Cells (one per workflow).
    pub cells: u64,
}
