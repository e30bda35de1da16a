//! An outcome as it is written: one document of one form for both levels; tables of the other level are empty.

use serde::Serialize;

use super::budget::BudgetRow;
use super::curves::{CellLoad, LatencyCurve, TimelineRow};
use super::facts::Facts;
use super::fault::{FaultSummary, IncidentRow};
use super::row::Row;
use super::stopping::Stopping;
use super::verdict::Verdict;
use super::years::Years;

/// All fields, in the order in which they are written.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    pub(super) scenario_file: &'a str,
    pub(super) facts: &'a Facts,
    pub(super) seed: u64,
    pub(super) horizon_seconds: f64,
    pub(super) warmup_seconds: f64,
    pub(super) warmup_found: bool,
    pub(super) confidence: f64,
    pub(super) replications_asked: u32,
    pub(super) replications_done: u32,
    pub(super) rows: &'a [Row],
    pub(super) faults: &'a [FaultSummary],
    pub(super) incidents: &'a [IncidentRow],
    pub(super) budgets: &'a [BudgetRow],
    pub(super) timeline: &'a [TimelineRow],
    pub(super) store_capacity: Option<f64>,
    pub(super) latencies: &'a [LatencyCurve],
    pub(super) cells: &'a [CellLoad],
    pub(super) verdicts: &'a [Verdict],
    pub(super) warnings: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) years: Option<&'a Years>,
    pub(super) stopping: Option<&'a Stopping>,
}
