//! What the user wrote, turned into what can be run.
//!
//! Each noun has one file: the resolved type, valid by construction, beside the reader that makes it from the file.

pub mod calendar;
pub mod calibration;
pub mod cells;
pub mod client;
pub mod contract;
pub mod cost;
pub mod date;
pub mod demand;

pub mod expectation;
pub mod fan_out;
pub mod fault;
pub mod grammar;
pub mod level;
pub mod levels;
pub mod origin;
pub mod priors;
pub mod rare;
pub mod recorded;
pub mod router;
pub mod run;
pub mod space;
pub mod stage;
pub mod tier;
pub mod waves;
pub mod workers;
pub mod workflow;

mod context;
mod csv_file;
mod day_order;
mod document;
mod empirical;
mod expect_keys;
mod incident_level;
mod incident_lookups;
mod keys;
mod law;
mod law_forms;
pub mod limit;
mod load;
mod merge;
mod met;
mod misfits;
mod platform;
mod profile;
mod read;
mod read_effect;
mod read_fault;
mod read_part;
mod read_prior;
mod read_recorded;
mod read_router;
mod read_schedule;
mod read_stage;
mod read_strikes;
mod read_trace;
mod read_waves;
mod read_workflow;
mod root;
mod text;
mod times;
mod unknown;
mod unused;
mod values;

use std::path::PathBuf;
use std::sync::Arc;

use crate::units::Nanos;

/// One design, ready to run: every reference resolved to an index, every value checked.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// File stem: the name of the results folder.
    pub name: String,
    /// What the file says it is.
    pub title: String,
    /// The file itself, as it may be shown.
    pub path: PathBuf,
    /// Names of the zones: "a", "b", ...
    pub zones: Vec<String>,
    /// Service classes, in the order of the file.
    pub tiers: Vec<tier::Tier>,
    /// Named customers: the exceptions.
    pub cohorts: Vec<tier::Cohort>,
    /// Product families, in the order of the file.
    pub workflows: Vec<workflow::Workflow>,
    /// Which walls there are.
    pub layout: cells::Layout,
    /// The cell router; without one, requests reach their cell at once.
    pub router: Option<router::Router>,
    /// Prices.
    pub cost: Option<cost::Cost>,
    /// What goes wrong.
    pub faults: Vec<fault::Fault>,
    /// Requests recorded elsewhere, played back beside the drawn demand.
    pub trace: Vec<demand::TraceRow>,
    /// How to run it.
    pub run: run::Run,
    /// What must hold.
    pub expectations: Vec<expectation::Expectation>,
    /// Digest (hexadecimal) of the resolved scenario and of each input file: (path as written, digest).
    pub digests: Vec<(String, String)>,
    /// Published numbers that stand in for one's own.
    pub priors: Vec<&'static priors::Prior>,
    /// What it says in vain.
    pub remarks: Vec<String>,
    /// Where its keys were written.
    pub origin: Arc<origin::Origin>,
}

/// Reads a duration as a scenario writes it: "250ms", "1h 30min".
///
/// # Errors
/// What is wrong with it.
pub fn duration(text: &str) -> Result<crate::units::Nanos, String> {
    text::duration(text)
}

/// Returns the JSON schema (draft 7) of scenario files.
pub fn schema() -> serde_json::Value {
    grammar::schema::of(&root::SCENARIO, "Scenario of cellsim")
}

/// Returns the JSON schema (draft 7) of study files.
pub fn study_schema() -> serde_json::Value {
    grammar::schema::of(&space::STUDY, "Study of cellsim")
}

/// Explains a key, or a table, by its path ("run.horizon"); without one, lists what may stand at the top level.
///
/// # Errors
/// There is no such key: what is near.
///
/// # Example
/// ```
/// let horizon = cellsim::scenario::explain("run.horizon").unwrap();
/// assert!(horizon.contains("default  \"15min\""), "{horizon}");
/// assert!(cellsim::scenario::explain("run.horizn").unwrap_err().contains("run.horizon"));
/// ```
pub fn explain(path: &str) -> Result<String, String> {
    let found = grammar::explain::explain(&root::SCENARIO, path);
    // Study files have keys of their own.
    found.or_else(|unknown| grammar::explain::explain(&space::STUDY, path).map_err(|_| unknown))
}

/// Returns the table of the keys of some shapes ("run", or "class, workflow") as it stands in docs/scenario.md; `None` if there is no
/// such shape.
pub fn reference(names: &str) -> Option<String> {
    grammar::reference::table(&root::SCENARIO, names).or_else(|| grammar::reference::table(&space::STUDY, names))
}

impl Scenario {
    /// Returns where the contract windows of each tier begin and end.
    pub fn calendars(&self) -> calendar::Calendars {
        let starts_on = self.run.starts_on;
        let windows = self.tiers.iter().map(|tier| tier.contract.window(starts_on));
        calendar::Calendars::new(windows, starts_on)
    }

    /// Returns the class (workflow in a tier), if the tier's customers use the workflow at all.
    pub fn class(&self, workflow: usize, tier: usize) -> Option<&workflow::Class> {
        self.workflows[workflow].classes[tier].as_ref()
    }

    /// Returns whether any stage has slots.
    pub fn has_pools(&self) -> bool {
        let mut stages = self.workflows.iter().flat_map(|one| &one.classes).flatten().flat_map(|class| &class.path);
        stages.any(|stage| matches!(stage.kind, stage::StageKind::Pool(_)))
    }

    /// Returns the latencies under which the share of requests is asked for: by an expectation, or by a contract. Ascending.
    pub fn latency_limits(&self) -> Vec<Nanos> {
        let asked = self.expectations.iter().filter_map(|expectation| expectation.under);
        let mut limits: Vec<Nanos> =
            asked.chain(self.tiers.iter().filter_map(|tier| tier.contract.good_under)).collect();
        limits.sort_unstable();
        limits.dedup();
        limits
    }
}
