//! Everything a study found out, ready to be shown: the boundary between `experiment` and `report`.

mod budget;
pub mod curves;
mod facts;
mod fault;
pub mod lookup;
mod maybe;
pub mod requests;
mod row;
pub mod stopping;
mod verdict;
mod warning;
pub mod years;

pub use crate::engine::stats::Judgement;
pub use crate::world::flow::doubt::Doubt;
pub use budget::BudgetRow;
pub use facts::{CostSplit, Facts, GroupFacts, SingleCellFacts, StationFacts, TierFacts};
pub use fault::{FaultSummary, IncidentRow};
pub use requests::Requests;
pub use row::Row;
pub use verdict::Verdict;
pub use warning::Warning;
pub use years::Years;

use lookup::{Lookup, RowIndex};
use stopping::Stopping;

use crate::catalogue::Metric;

/// All that a study of one scenario found.
#[derive(Debug, Clone)]
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
    /// Level of confidence of all intervals (0.95).
    pub confidence: f64,
    /// Replications asked for: by the scenario, or by the rule of stopping so far.
    pub replications_asked: u32,
    /// Replications finished (fewer when interrupted); the results rest on these.
    pub replications_done: u32,
    /// Tidy table of every measure: summary.csv.
    pub rows: Vec<Row>,
    /// One per expectation, in the order of the file.
    pub verdicts: Vec<Verdict>,
    /// What a reader must know.
    pub warnings: Vec<Warning>,
    /// How the number of replications came about, if a rule decided it.
    pub stopping: Option<Stopping>,
    /// What only this level has.
    pub found: Found,
    /// Where things are in the tidy table.
    pub lookup: Lookup<RowIndex>,
}

/// What only one level of a study has.
#[derive(Debug, Clone)]
pub enum Found {
    /// Minutes of requests.
    Requests(Box<Requests>),
    /// Years of incidents.
    Years(Box<Years>),
}

impl Outcome {
    /// Returns whether the study was stopped before all replications asked for were done.
    pub fn interrupted(&self) -> bool {
        self.replications_done < self.replications_asked
    }

    /// Returns what only a study of requests has.
    pub fn requests(&self) -> Option<&Requests> {
        match &self.found {
            Found::Requests(requests) => Some(requests),
            Found::Years(_) => None,
        }
    }

    /// Returns what only a study of years has.
    pub fn years(&self) -> Option<&Years> {
        match &self.found {
            Found::Requests(_) => None,
            Found::Years(years) => Some(years),
        }
    }

    /// Returns the rows of a metric about a tier and a workflow (empty: all) that are not about one fault, in their order.
    pub fn rows_about(&self, metric: Metric, tier: &str, workflow: &str) -> impl Iterator<Item = &Row> {
        let index = self.lookup.get(|| RowIndex::of(&self.rows));
        index.about(metric, tier, workflow).iter().map(|&at| &self.rows[at])
    }
}
