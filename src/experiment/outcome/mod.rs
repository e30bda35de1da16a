//! Everything a study found out, ready to be shown: the boundary between `experiment` and `report`.

mod budget;
pub mod curves;
mod facts;
mod fault;
pub mod lookup;
mod row;
pub mod stopping;
mod verdict;
pub mod years;

pub use crate::engine::stats::Judgement;
pub use budget::BudgetRow;
pub use facts::{CostSplit, Facts, GroupFacts, StationFacts, TierFacts, UndividedFacts};
pub use fault::{FaultSummary, IncidentRow};
pub use row::Row;
pub use verdict::Verdict;

use curves::{CellLoad, LatencyCurve, TimelineRow};
use lookup::{Lookup, Places};
use serde::Serialize;
use stopping::Stopping;
use years::Years;

use crate::catalogue::Metric;

/// All that a study of one scenario found.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Scenario name (file stem) and results folder.
    pub name: String,
    /// Title from the file.
    pub title: String,
    /// The scenario file, as given on the command line.
    pub scenario_file: String,
    /// What follows from the file without running it.
    pub facts: Facts,
    /// Master seed.
    pub seed: u64,
    /// Measured time of each replication, in seconds.
    pub horizon_seconds: f64,
    /// Warm-up, in seconds.
    pub warmup_seconds: f64,
    /// Whether the program found it (`warmup = "auto"`); otherwise the scenario gives it.
    pub warmup_found: bool,
    /// Level of confidence of all intervals (0.95).
    pub confidence: f64,
    /// Replications asked for: by the scenario, or by the rule of stopping so far.
    pub replications_asked: u32,
    /// Replications finished (fewer when interrupted); the results rest on these.
    pub replications_done: u32,
    /// Tidy table of every measure: summary.csv.
    pub rows: Vec<Row>,
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
    /// One per expectation, in the order of the file.
    pub verdicts: Vec<Verdict>,
    /// What a reader must know.
    pub warnings: Vec<String>,
    /// What only a run at the incident level has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<Years>,
    /// How the number of replications came about, if a rule decided it.
    pub stopping: Option<Stopping>,
    /// Where things are in these tables.
    #[serde(skip)]
    pub lookup: Lookup,
}

impl Outcome {
    /// Returns whether the run was stopped before all replications asked for were done.
    pub fn interrupted(&self) -> bool {
        self.replications_done < self.replications_asked
    }

    fn places(&self) -> &Places {
        self.lookup.get(&self.rows, &self.budgets, &self.faults)
    }

    /// Returns the rows of a metric about a tier and a workflow (empty: all) that are not about one fault, in their order.
    pub fn rows_about(&self, metric: Metric, tier: &str, workflow: &str) -> impl Iterator<Item = &Row> {
        self.places().rows_about(metric, tier, workflow).iter().map(|&at| &self.rows[at])
    }

    /// Returns the budgets of a tier, in their order.
    pub fn budgets_of(&self, tier: &str) -> impl DoubleEndedIterator<Item = &BudgetRow> {
        self.places().budgets_of(tier).iter().map(|&at| &self.budgets[at])
    }

    /// Returns what a fault did.
    pub fn fault(&self, name: &str) -> Option<&FaultSummary> {
        self.places().fault(name).map(|at| &self.faults[at])
    }
}
