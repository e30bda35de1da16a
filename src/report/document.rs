//! An outcome as it is written: one document of one form for both levels; tables of the other level are empty.

use serde::Serialize;

use super::warnings;
use crate::experiment::outcome::curves::{CellLoad, LatencyCurve, TimelineRow};
use crate::experiment::outcome::stopping::Stopping;
use crate::experiment::outcome::{BudgetRow, Facts, FaultSummary, IncidentRow, Outcome, Row, Verdict, Years};

/// Returns an outcome as it is written.
pub(super) fn of(results: &Outcome) -> impl Serialize {
    let requests = results.requests();
    Document {
        name: &results.name,
        title: &results.title,
        scenario_file: &results.scenario_file,
        facts: &results.facts,
        seed: results.seed,
        horizon_seconds: results.horizon_seconds,
        warmup_seconds: requests.map_or(0.0, |requests| requests.warmup_seconds),
        warmup_found: requests.is_some_and(|requests| requests.warmup_found),
        confidence: results.confidence,
        replications_asked: results.replications_asked,
        replications_done: results.replications_done,
        rows: &results.rows,
        faults: requests.map_or(&[], |requests| &requests.faults),
        incidents: requests.map_or(&[], |requests| &requests.incidents),
        budgets: requests.map_or(&[], |requests| &requests.budgets),
        timeline: requests.map_or(&[], |requests| &requests.timeline),
        store_capacity: requests.and_then(|requests| requests.store_capacity),
        latencies: requests.map_or(&[], |requests| &requests.latencies),
        cells: requests.map_or(&[], |requests| &requests.cells),
        verdicts: &results.verdicts,
        warnings: results.warnings.iter().map(warnings::text).collect(),
        years: results.years(),
        stopping: results.stopping.as_ref(),
    }
}

/// All fields, in the order in which they are written.
#[derive(Serialize)]
struct Document<'a> {
    name: &'a str,
    title: &'a str,
    scenario_file: &'a str,
    facts: &'a Facts,
    seed: u64,
    horizon_seconds: f64,
    warmup_seconds: f64,
    warmup_found: bool,
    confidence: f64,
    replications_asked: u32,
    replications_done: u32,
    rows: &'a [Row],
    faults: &'a [FaultSummary],
    incidents: &'a [IncidentRow],
    budgets: &'a [BudgetRow],
    timeline: &'a [TimelineRow],
    store_capacity: Option<f64>,
    latencies: &'a [LatencyCurve],
    cells: &'a [CellLoad],
    verdicts: &'a [Verdict],
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    years: Option<&'a Years>,
    stopping: Option<&'a Stopping>,
}
