//! What faults did: each over all replications, and every incident.

use serde::Serialize;

use crate::engine::stats::Estimate;

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
    pub idle: Estimate,
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
    /// Customers the same fault would expose on the single-cell baseline (by construction).
    pub single_cell_exposed: Option<u64>,
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
    pub idle: u64,
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
