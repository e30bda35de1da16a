//! What years of incidents tell, ready to be shown.

use serde::Serialize;

use crate::catalogue::Alert;
use crate::engine::stats::Estimate;

/// Everything that only a run at the incident level has.
#[derive(Debug, Clone, Serialize)]
pub struct Years {
    /// Years in all, over replications.
    pub years: f64,
    /// Incidents in all.
    pub incidents: u64,
    /// Operations events in all.
    pub events: u64,
    /// Contract windows in all.
    pub windows: u64,
    /// "30 days", "calendar month", ...; "as each tier's contract says" if they differ.
    pub window: String,
    /// One per tier: does it keep its SLA?
    pub tiers: Vec<TierYears>,
    /// One per cause that was awake: how far does it spread?
    pub causes: Vec<CauseYears>,
    /// Customers harmed by one incident of any cause: half of incidents, 95 % of them, the largest.
    pub harmed: [Option<f64>; 3],
    /// Harmed customer-minutes a year, of all causes.
    pub minutes: Estimate,
    /// Dollars of credits a year.
    pub credits: Option<Estimate>,
    /// How often incidents harm so many customers, by cause.
    pub exceedance: Vec<Exceedance>,
    /// The same at every number of customers that was met, for the chart: by cause, customers and incidents a year with at least so
    /// many.
    #[serde(skip)]
    pub exceedance_steps: Vec<Steps>,
    /// How often alerts would have fired, by workflow and tier.
    pub alerts: Vec<AlertYears>,
    /// The incidents that cost most customer-minutes, the worst first.
    pub worst_incidents: Vec<WorstIncident>,
    /// Published numbers that the scenario uses: what, from where, when.
    pub priors: Vec<String>,
    /// What request-level runs have found of the loss in health, by class and load; empty: theory was used.
    pub calibration: Vec<String>,
    /// Share of contract months lost, by tier and window of the first replication.
    pub strip: Vec<Vec<f64>>,
    /// How many cells are down at once, if it is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_once: Option<AtOnce>,
}

impl Years {
    /// Returns all estimates of the tables that flows have a part in, and whether each is a share.
    pub fn estimates(&mut self) -> Vec<(&mut Estimate, bool)> {
        let mut all: Vec<(&mut Estimate, bool)> = vec![(&mut self.minutes, false)];
        all.extend(self.credits.as_mut().map(|credits| (credits, false)));
        for tier in &mut self.tiers {
            all.extend([(&mut tier.meets_sla, true), (&mut tier.no_sla_miss, true)]);
            all.extend([(&mut tier.bad_minutes, false), (&mut tier.bad_minutes_p95, false)]);
            all.extend(tier.credits.as_mut().map(|credits| (credits, false)));
        }
        for cause in &mut self.causes {
            all.extend([(&mut cause.a_year, false), (&mut cause.harmed_mean, false), (&mut cause.minutes, false)]);
        }
        all.extend(self.exceedance.iter_mut().map(|row| (&mut row.a_year, false)));
        all.extend(self.alerts.iter_mut().map(|row| (&mut row.a_year, false)));
        all
    }
}

/// How many cells are down at once.
#[derive(Debug, Clone, Serialize)]
pub struct AtOnce {
    /// One for each number of cells, from 1.
    pub cells_down: Vec<CellsDown>,
    /// Relative standard error that was aimed at for the last of them.
    pub asked_error: f64,
    /// Years that one history lasts.
    pub trial_years: f64,
    /// Faults that take cells down.
    pub counted: Vec<String>,
    /// Faults that are awake and left out, with the reason.
    pub left_out: Vec<String>,
    /// Failures and repairs in all copies of all histories.
    pub events: u64,
}

/// So many cells down at once.
#[derive(Debug, Clone, Serialize)]
pub struct CellsDown {
    /// Cells.
    pub cells: u32,
    /// Share of time with exactly so many down.
    pub exactly: Estimate,
    /// Share of time with at least so many down.
    pub share: Estimate,
    /// Times a year that it comes to at least so many.
    pub a_year: Estimate,
    /// Standard error of `share`, over its value.
    pub relative_error: Option<f64>,
    /// Independent histories.
    pub trials: u64,
    /// Those of them that came to so many.
    pub contributed: u64,
    /// Copies in which a history goes on that comes to so many.
    pub copies: u32,
}

impl CellsDown {
    /// Returns for how many minutes they are down at once, on average.
    pub fn minutes(&self) -> Option<f64> {
        let entries = self.a_year.value.filter(|&entries| entries > 0.0)?;
        Some(self.share.value? / entries * 365.0 * 1440.0)
    }
}

/// A tier's contract months.
#[derive(Debug, Clone, Serialize)]
pub struct TierYears {
    /// Name.
    pub tier: String,
    /// Workflow; `None`: all of the tier's.
    #[serde(serialize_with = "super::maybe::text")]
    pub workflow: Option<String>,
    /// Availability sold.
    pub sla: f64,
    /// Share of (customer, workflow, window) that keep it.
    pub meets_sla: Estimate,
    /// Share of windows in which every customer does.
    pub no_sla_miss: Estimate,
    /// Bad minutes of a customer's window, mean.
    pub bad_minutes: Estimate,
    /// What 95 % of them do not exceed.
    pub bad_minutes_p95: Estimate,
    /// "30 days", "calendar month", ...
    pub window: String,
    /// Days from one window to the next.
    pub days_apart: f64,
    /// Bad minutes that the shortest of its windows allows, and the longest.
    pub allowed: Option<[f64; 2]>,
    /// Share of what is allowed that was used: mean, by 95 % of windows at most, by the worst.
    pub used: [f64; 3],
    /// Dollars a year.
    pub credits: Option<Estimate>,
    /// Most bad minutes of a customer in one window, and when that window ended, in years.
    pub worst: (f64, f64),
}

/// What a cause did.
#[derive(Debug, Clone, Serialize)]
pub struct CauseYears {
    /// Fault name.
    pub fault: String,
    /// Incidents over all replications.
    pub incidents: u64,
    /// Incidents a year.
    pub a_year: Estimate,
    /// Customers harmed by one incident: half of incidents, 95 % of them, the largest.
    pub harmed: [Option<f64>; 3],
    /// Mean customers harmed by one incident.
    pub harmed_mean: Estimate,
    /// Harmed customer-minutes a year.
    pub minutes: Estimate,
    /// Share of all customer-minutes.
    pub share: f64,
    /// What more cells would do about it.
    pub with_more_cells: Cells,
    /// Incidents that never recovered.
    pub stuck: u64,
}

/// What more cells do about a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cells {
    /// It strikes one cell at a time: each incident harms fewer customers, their sum stays.
    FewerPerIncident,
    /// It reaches every cell whatever their number.
    Nothing,
    /// It strikes named cells or customers: the harm depends on who lives there.
    FewerNeighbours,
}

/// A fault, or none for all, and its steps: customers, incidents a year that harm at least so many.
pub type Steps = (Option<String>, Vec<(f64, f64)>);

/// How often incidents harm at least so many customers.
#[derive(Debug, Clone, Serialize)]
pub struct Exceedance {
    /// Fault; `None`: all.
    #[serde(serialize_with = "super::maybe::text")]
    pub fault: Option<String>,
    /// Customers.
    pub customers: f64,
    /// Incidents a year that harm at least so many.
    pub a_year: Estimate,
}

/// How often a burn-rate alert would have fired.
#[derive(Debug, Clone, Serialize)]
pub struct AlertYears {
    /// Tier.
    pub tier: String,
    /// Workflow.
    pub workflow: String,
    /// Which.
    pub alert: Alert,
    /// Times a year.
    pub a_year: Estimate,
}

/// One of the worst incidents.
#[derive(Debug, Clone, Serialize)]
pub struct WorstIncident {
    /// Replication, from 1.
    pub replication: u32,
    /// Fault that strikes most of it.
    pub fault: String,
    /// Onset, seconds from time 0.
    pub onset_seconds: f64,
    /// When all was as in health again.
    pub end_seconds: f64,
    /// Customers who live where it strikes.
    pub exposed: f64,
    /// Customers harmed: expected number, given what happened.
    pub harmed: f64,
    /// Harmed customer-minutes.
    pub customer_minutes: f64,
    /// recovered, still faulted, not recovered.
    pub recovery: String,
}
