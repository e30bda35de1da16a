//! Everything a run found out, ready to be shown: the boundary between `experiment` and `report`.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::curves::{CellLoad, LatencyCurve, TimelineRow};
use super::lookup::Lookup;
use super::stopping::Stopping;
use super::years::results::Years;
use crate::catalogue::Subject;
use crate::engine::stats::Estimate;
use crate::scenario::expectation::Limit;

/// All results of one scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Results {
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

impl Results {
    /// Returns whether the run was stopped before all replications asked for were done.
    pub fn interrupted(&self) -> bool {
        self.replications_done < self.replications_asked
    }
}

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
    pub asleep: Vec<String>,
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
    /// The undivided platform (one cell per workflow, all tiers together); `None` where it cannot be built, for instance where
    /// a station of a fixed concurrency could not carry all customers.
    pub undivided: Option<UndividedFacts>,
    /// Why it cannot be built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_no_undivided: Option<String>,
    /// Utilization reached by the mean cell, weighted by slots (0..1); `None` without pools.
    pub utilization_mean: Option<f64>,
    /// Utilization asked for, if one value is asked for everywhere.
    pub utilization_asked: Option<f64>,
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
    /// Tier name, "all" for shared cells.
    pub tier: String,
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

/// The undivided platform, derived from the same file.
#[derive(Debug, Clone, Serialize)]
pub struct UndividedFacts {
    /// Cost per month.
    pub cost: Option<CostSplit>,
    /// Instances.
    pub instances: u64,
    /// Cells (one per workflow).
    pub cells: u64,
}

/// One line of the tidy table. Empty filters mean "all".
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is of.
    pub subject: Subject,
    /// What a share is a share of ("all customers", "customers of smb", "requests", ...), or "": for readers.
    pub denominator: String,
    /// The number.
    pub estimate: Estimate,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let subject = &self.subject;
        let stage = subject.stage();
        let mut fields = serializer.serialize_struct("Row", if stage.is_empty() { 10 } else { 11 })?;
        fields.serialize_field("metric", &subject.metric)?;
        fields.serialize_field("statistic", &subject.statistic)?;
        fields.serialize_field("tier", subject.tier())?;
        fields.serialize_field("workflow", subject.workflow())?;
        fields.serialize_field("fault", subject.fault())?;
        if !stage.is_empty() {
            fields.serialize_field("stage", stage)?;
        }
        fields.serialize_field("path", subject.path())?;
        fields.serialize_field("unit", &subject.unit)?;
        fields.serialize_field("denominator", &self.denominator)?;
        fields.serialize_field("condition", &subject.condition)?;
        fields.serialize_field("estimate", &self.estimate)?;
        fields.end()
    }
}

/// One fault over all replications.
#[derive(Debug, Clone, Serialize)]
pub struct FaultSummary {
    /// Name.
    pub name: String,
    /// What it strikes, in words ("messaging/enterprise/1", "zone b: all 59 cells", "router cache").
    pub strikes: String,
    /// Scripted start and end, in seconds from the end of the warm-up (median over replications); `None` for random faults.
    pub span_seconds: Option<(f64, f64)>,
    /// Incidents over all replications.
    pub incidents: u64,
    /// Customers exposed, mean per incident.
    pub exposed: Estimate,
    /// Exposed customers that sent nothing meanwhile.
    pub quiet: Estimate,
    /// Customers harmed (the blast radius), mean per incident; the state says whether it is a bound.
    pub harmed: Estimate,
    /// Customers down (at least 95 % of a minute's requests failed).
    pub down: Estimate,
    /// Harmed but not exposed.
    pub spillover: Estimate,
    /// Customers that would count as harmed by other luck alone; null where requests carry all luck.
    pub false_harmed: Estimate,
    /// Harmed customer-minutes, mean per incident.
    pub customer_minutes: Estimate,
    /// Most customers harmed by one incident.
    pub harmed_worst: Option<u64>,
    /// Harmed customers as a share of all customers.
    pub share_of_customers: Estimate,
    /// Share of the platform's requests that belongs to the exposed customers' struck workflows.
    pub share_of_traffic: Option<f64>,
    /// Customers the same fault would expose on the undivided platform (by construction).
    pub undivided_exposed: Option<u64>,
    /// Recovery times from onset in seconds of the incidents that recovered, sorted.
    pub recovery_seconds: Vec<f64>,
    /// Incidents that ended as their twins, which were down themselves.
    pub twin_down: u64,
    /// Incidents during which nobody asked for anything where they struck: they show no recovery.
    pub no_requests: u64,
    /// Incidents still faulted when the horizon came.
    pub still_faulted: u64,
    /// Incidents censored: the horizon came before the hold was over.
    pub censored: u64,
    /// Incidents not recovered long after the fault's end (metastable).
    pub not_recovered: u64,
    /// Kaplan-Meier median of recovery from onset, in seconds; `None` if not reached.
    pub recovery_median: Option<f64>,
    /// Greatest store load in a second during the incidents, look-ups per second, mean over incidents (router faults only).
    pub store_load_peak: Option<f64>,
}

/// One incident of one replication.
#[derive(Debug, Clone, Serialize)]
pub struct IncidentRow {
    /// Replication, from 1.
    pub replication: u32,
    /// Names of the faults that make it up, each once, joined by "+".
    pub fault: String,
    /// How often faults struck: more than once makes it compound.
    pub activations: u32,
    /// What was struck.
    pub strikes: String,
    /// Onset, seconds from the end of the warm-up.
    pub onset_seconds: f64,
    /// End of the (last) fault.
    pub end_seconds: f64,
    /// Customers exposed.
    pub exposed: u64,
    /// Exposed that sent nothing.
    pub quiet: u64,
    /// Customers harmed.
    pub harmed: u64,
    /// Customers down.
    pub down: u64,
    /// Harmed, not exposed.
    pub spillover: u64,
    /// Harmed customer-minutes.
    pub customer_minutes: u64,
    /// recovered; as its twin that is down; still faulted; censored; not recovered.
    pub recovery: String,
    /// From onset, if recovered.
    pub recovery_from_onset_seconds: Option<f64>,
    /// From the fault's end, if recovered (negative if before).
    pub recovery_from_end_seconds: Option<f64>,
}

/// What the run takes from one tier's contract month.
#[derive(Debug, Clone, Serialize)]
pub struct BudgetRow {
    /// Tier.
    pub tier: String,
    /// Workflow, "all" for the worst over workflows.
    pub workflow: String,
    /// Fault, "all" for the whole run.
    pub fault: String,
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
    pub months_still_kept: Estimate,
    /// Out of so many.
    pub customers: u64,
    /// Bad minutes that were decided by a single request, mean over replications.
    pub decided_by_one_request: Option<f64>,
}

/// How an expectation came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The whole interval satisfies the limit.
    Kept,
    /// None of it does.
    Breached,
    /// The interval straddles the limit.
    Undecided,
    /// There is no such number.
    NotMeasured,
}

/// One expectation, judged.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// How it came out.
    pub outcome: Outcome,
    /// "noisy-customer, smb, mean".
    pub what: String,
    /// What it is judged on.
    pub subject: Subject,
    /// The number it was judged on.
    pub estimate: Estimate,
    /// The limit, in the number's unit.
    pub limit: Limit,
    /// The same as written: "50 customers".
    pub limit_text: String,
    /// File and line, "twilio.toml:159".
    pub place: String,
    /// For undecided: about how many more replications would decide; for not measured: why.
    pub note: String,
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let subject = &self.subject;
        let mut fields = serializer.serialize_struct("Verdict", 13)?;
        fields.serialize_field("outcome", &self.outcome)?;
        fields.serialize_field("what", &self.what)?;
        fields.serialize_field("metric", &subject.metric)?;
        fields.serialize_field("statistic", &subject.statistic)?;
        fields.serialize_field("tier", subject.tier())?;
        fields.serialize_field("workflow", subject.workflow())?;
        fields.serialize_field("fault", subject.fault())?;
        fields.serialize_field("estimate", &self.estimate)?;
        fields.serialize_field("unit", &subject.unit)?;
        fields.serialize_field("limit", &self.written())?;
        fields.serialize_field("limit_value", &self.limit.value())?;
        fields.serialize_field("place", &self.place)?;
        fields.serialize_field("note", &self.note)?;
        fields.end()
    }
}

impl Verdict {
    /// Returns the limit as written: "50 customers", "at least 99%".
    pub fn written(&self) -> String {
        match self.limit {
            Limit::AtMost(_) => self.limit_text.clone(),
            Limit::AtLeast(_) => format!("at least {}", self.limit_text),
        }
    }
}
