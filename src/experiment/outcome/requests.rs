//! What minutes of requests tell, ready to be shown.

use super::budget::BudgetRow;
use super::curves::{CellLoad, LatencyCurve, TimelineRow};
use super::fault::{FaultSummary, IncidentRow};
use super::lookup::{Lookup, RequestIndex};

/// Everything that only a study at the request level has.
#[derive(Debug, Clone)]
pub struct Requests {
    /// Warm-up, in seconds.
    pub warmup_seconds: f64,
    /// Whether the program found it (`warmup = "auto"`); otherwise the scenario gives it.
    pub warmup_found: bool,
    /// One per fault that was awake, in the order of the file: the first table of the terminal summary.
    pub faults: Vec<FaultSummary>,
    /// One per incident and replication: incidents.csv.
    pub incidents: Vec<IncidentRow>,
    /// One per tier and workflow (pooled contract: workflow "all") and fault ("all": the whole run): windows.csv, second table.
    pub budgets: Vec<BudgetRow>,
    /// One per second of the horizon: timeline.csv.
    pub timeline: Vec<TimelineRow>,
    /// Capacity of the mapping store, look-ups per second; `None` if unbounded or without a store.
    pub store_capacity: Option<f64>,
    /// Latency distributions: latency.csv.
    pub latencies: Vec<LatencyCurve>,
    /// One per cell: load chart.
    pub cells: Vec<CellLoad>,
    /// Where things are in these tables.
    pub lookup: Lookup<RequestIndex>,
}

impl Requests {
    fn index(&self) -> &RequestIndex {
        self.lookup.get(|| RequestIndex::of(&self.budgets, &self.faults))
    }

    /// Returns the budgets of a tier, in their order.
    pub fn budgets_of(&self, tier: &str) -> impl DoubleEndedIterator<Item = &BudgetRow> {
        self.index().budgets_of(tier).iter().map(|&at| &self.budgets[at])
    }

    /// Returns what a fault did.
    pub fn fault(&self, name: &str) -> Option<&FaultSummary> {
        self.index().fault(name).map(|at| &self.faults[at])
    }
}
