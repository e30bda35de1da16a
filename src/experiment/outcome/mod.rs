//! Everything a study found out, ready to be shown: the boundary between `experiment` and `report`.

mod budget;
pub mod curves;
mod document;
mod facts;
mod fault;
pub mod lookup;
pub mod requests;
mod row;
pub mod stopping;
mod verdict;
pub mod years;

pub use crate::engine::stats::Judgement;
pub use budget::BudgetRow;
pub use facts::{CostSplit, Facts, GroupFacts, StationFacts, TierFacts, UndividedFacts};
pub use fault::{FaultSummary, IncidentRow};
pub use requests::Requests;
pub use row::Row;
pub use verdict::Verdict;
pub use years::Years;

use document::Document;
use lookup::{Lookup, RowPlaces};
use serde::ser::{Serialize, Serializer};
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
    pub warnings: Vec<String>,
    /// How the number of replications came about, if a rule decided it.
    pub stopping: Option<Stopping>,
    /// What only this level has.
    pub found: Found,
    /// Where things are in the tidy table.
    pub lookup: Lookup<RowPlaces>,
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
        let places = self.lookup.get(|| RowPlaces::of(&self.rows));
        places.about(metric, tier, workflow).iter().map(|&at| &self.rows[at])
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let requests = self.requests();
        Document {
            name: &self.name,
            title: &self.title,
            scenario_file: &self.scenario_file,
            facts: &self.facts,
            seed: self.seed,
            horizon_seconds: self.horizon_seconds,
            warmup_seconds: requests.map_or(0.0, |requests| requests.warmup_seconds),
            warmup_found: requests.is_some_and(|requests| requests.warmup_found),
            confidence: self.confidence,
            replications_asked: self.replications_asked,
            replications_done: self.replications_done,
            rows: &self.rows,
            faults: requests.map_or(&[], |requests| &requests.faults),
            incidents: requests.map_or(&[], |requests| &requests.incidents),
            budgets: requests.map_or(&[], |requests| &requests.budgets),
            timeline: requests.map_or(&[], |requests| &requests.timeline),
            store_capacity: requests.and_then(|requests| requests.store_capacity),
            latencies: requests.map_or(&[], |requests| &requests.latencies),
            cells: requests.map_or(&[], |requests| &requests.cells),
            verdicts: &self.verdicts,
            warnings: &self.warnings,
            years: self.years(),
            stopping: self.stopping.as_ref(),
        }
        .serialize(serializer)
    }
}
