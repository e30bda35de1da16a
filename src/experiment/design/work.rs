//! How much work a run is, before it starts: requests or incidents, time, memory; and what is beyond reason.
//!
//! # Model
//! Estimates from the scenario alone, made before anything is built: a run that does not fit into the machine must not begin. They
//! count what the scenario says (customers, demand, faults) and weigh it with costs that were measured (see README), good to a
//! factor of two or three.

use serde::Serialize;

use super::causes::{CAUSE, ClassPart, Parts, worst};
use crate::catalogue::Level;
use crate::diagnostic::Diagnostics;
use crate::number::{gigabytes, rough};
use crate::scenario::Scenario;
use crate::units::{DAY, MINUTE, seconds};

/// Seconds of one core for a request in one world.
const REQUEST: f64 = 250e-9;
/// Seconds for an incident, and for each cell that it strikes.
const INCIDENT: f64 = 15e-6;
const STRUCK: f64 = 3e-6;
/// Seconds for each cell and month.
const MONTH_OF_CELL: f64 = 0.3e-6;
/// Seconds for each customer and workflow, and for each cell, before anything runs.
const CUSTOMER: f64 = 1e-6;
const CELL: f64 = 5e-6;
/// Bytes of each (customer, workflow): once, and in each running replication.
const BYTES_SHARED: f64 = 60.0;
const BYTES_RUNNING: f64 = 60.0;
/// Bytes of each (customer, workflow) in a world of its own.
const BYTES_TWIN: f64 = 20.0;
/// Bytes of each cell and stage, and of each request under way.
const BYTES_CELL: f64 = 700.0;
const BYTES_REQUEST: f64 = 150.0;
/// Worlds of a replication in which something strikes: with its faults, without, and a twin for part of the time.
const WORLDS: f64 = 2.5;
/// Bytes of an activation in a replication.
const BYTES_ACTIVATION: f64 = 250.0;
/// Seconds of one core for each cell whenever an open incident is looked at, which is every second and whenever a fault begins or ends.
const LOOK: f64 = 8e-9;
/// Requests, or incidents, of all replications beyond which nobody waits for a run.
const MOST_REQUESTS: f64 = 1e12;
const MOST_INCIDENTS: f64 = 1e11;
/// Workflows of tiers: their numbers have 16 bits in every request.
const MOST_CLASSES: usize = 65_535;

/// How much work a run is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Work {
    /// Requests of one world of a replication; 0 at the incident level.
    pub requests: f64,
    /// Incidents of a replication: onsets of faults.
    pub incidents: f64,
    /// Replications.
    pub replications: u32,
    /// Seconds of one core, all in all.
    pub cpu_seconds: f64,
    /// Bytes for what all replications share.
    pub bytes_shared: f64,
    /// Bytes for each replication that runs.
    pub bytes_running: f64,
}

impl Work {
    /// Estimates the work of a scenario.
    pub fn of(scenario: &Scenario) -> Work {
        Parts::of(scenario).work(scenario)
    }

    /// Returns the bytes needed on so many threads.
    pub fn bytes(&self, threads: usize) -> f64 {
        self.bytes_shared + self.bytes_running * threads.min(self.replications as usize) as f64
    }

    /// Returns the seconds that a run takes on so many threads.
    pub fn seconds(&self, threads: usize) -> f64 {
        self.cpu_seconds / threads.min(self.replications as usize).max(1) as f64
    }
}

/// Refuses what is beyond reason, at the line that causes it.
///
/// # Errors
/// If so many requests or incidents, or so much memory, are asked for; `memory` is what the machine has for it.
pub fn check(scenario: &Scenario, threads: usize, memory: Option<u64>) -> Result<(), Diagnostics> {
    let parts = Parts::of(scenario);
    let work = parts.work(scenario);
    let runs = f64::from(work.replications);
    if parts.classes.len() > MOST_CLASSES {
        let message = format!("{} workflows of tiers, and there may be {MOST_CLASSES}", parts.classes.len());
        let last = parts.classes.last().map_or_else(String::new, |class| format!("workflow.{}", class.workflow));
        let help = "make it fewer: tiers with the same contract and demand can be one";
        return Err(Diagnostics(vec![scenario.error_at(&last, &message, "one more of them", Some(help))]));
    }
    if parts.calibration(scenario).0 > MOST_REQUESTS {
        let all = rough(parts.calibration(scenario).0);
        let help = "a calibration of a few minutes and a few replications tells as much as a long one";
        let message = format!("calibrating with {all} requests is beyond reason");
        return Err(Diagnostics(vec![scenario.error_at("run.calibration", &message, CAUSE, Some(help))]));
    }
    if work.requests * runs > MOST_REQUESTS {
        let all = rough(work.requests * runs);
        return Err(parts.refusal(scenario, &format!("a run of {all} requests is beyond reason"), Parts::by_requests));
    }
    if scenario.run.level == Level::Incident && work.incidents * runs > MOST_INCIDENTS {
        let all = rough(work.incidents * runs);
        return Err(parts.refusal(
            scenario,
            &format!("a run of {all} incidents is beyond reason"),
            Parts::by_incidents,
        ));
    }
    let Some(memory) = memory else { return Ok(()) };
    let bytes = work.bytes(threads);
    if bytes > memory as f64 {
        let (needed, there) = (gigabytes(bytes), gigabytes(memory as f64));
        let message = format!("about {needed} GB of memory needed, and this machine has {there} GB for it");
        return Err(parts.refusal(scenario, &message, Parts::by_bytes));
    }
    Ok(())
}

/// Says something about the work of a run, at the line that causes most of it.
pub fn blamed(scenario: &Scenario, message: &str, help: &str) -> Diagnostics {
    let parts = Parts::of(scenario);
    let causes = match scenario.run.level {
        Level::Request => parts.by_requests(scenario),
        Level::Incident => parts.by_incidents(scenario),
    };
    Diagnostics(vec![scenario.error_at(&worst(causes), message, CAUSE, Some(help))])
}

impl Parts {
    fn requests(&self, scenario: &Scenario) -> f64 {
        let length = seconds(scenario.run.warmup) + seconds(scenario.run.horizon);
        let usual: f64 = self.classes.iter().map(|class| class.rate).sum::<f64>() * length;
        usual + self.recorded + self.faults.iter().map(|fault| fault.extra).sum::<f64>()
    }

    /// Requests of all runs that calibrate flows, at three loads of about twice the usual one in the mean, and bytes of one of them.
    fn calibration(&self, scenario: &Scenario) -> (f64, f64) {
        let Some(spec) = scenario.run.calibration else { return (0.0, 0.0) };
        let sum = |of: fn(&ClassPart) -> f64| self.classes.iter().map(of).sum::<f64>();
        let length = seconds(MINUTE.saturating_add(spec.horizon));
        let requests = 3.0 * 2.0 * sum(|class| class.rate) * length * f64::from(spec.replications);
        (requests, sum(|class| class.subscriptions * BYTES_RUNNING + 2.0 * class.under_way * BYTES_REQUEST))
    }

    fn work(&self, scenario: &Scenario) -> Work {
        let run = &scenario.run;
        let onsets: f64 = self.faults.iter().map(|fault| fault.onsets).sum();
        let subscriptions: f64 = self.classes.iter().map(|class| class.subscriptions).sum();
        let cells: f64 = self.cells.iter().map(|(_, count, _)| count).sum();
        let (calibrating, bytes_calibrating) = self.calibration(scenario);
        let set_up = subscriptions * CUSTOMER + cells * CELL + calibrating * REQUEST;
        let stations: f64 = self.cells.iter().map(|(_, count, stages)| count * stages.max(1.0)).sum();
        let bytes_shared = subscriptions * BYTES_SHARED + stations * BYTES_CELL;
        let worlds = if self.faults.is_empty() { 1.0 } else { WORLDS };
        let (requests, each, bytes_running) = match run.level {
            Level::Request => {
                let requests = self.requests(scenario);
                // Each open incident has a world of its own, its twin; that of the first is the fault-free one.
                let (open, most) = self.open(cells);
                let looks = seconds(run.horizon) + 2.0 * onsets;
                let worlds = if self.faults.is_empty() { 1.0 } else { worlds.max(2.0 + 0.5 * open) };
                let twins = (most - 1.0).max(0.0) * (subscriptions * BYTES_TWIN + stations * BYTES_CELL);
                let calm: f64 = self.classes.iter().map(|class| class.under_way).sum();
                let waiting: f64 = self.faults.iter().map(|fault| fault.under_way).sum();
                let bytes = subscriptions * BYTES_RUNNING
                    + worlds * (calm + waiting) * BYTES_REQUEST
                    + onsets * BYTES_ACTIVATION
                    + stations * BYTES_CELL
                    + twins;
                (requests, worlds * requests * REQUEST + looks * open * cells * LOOK, bytes)
            }
            Level::Incident => {
                let struck: f64 = self.faults.iter().map(|fault| fault.onsets * fault.cells).sum();
                let months = run.horizon as f64 / (30 * DAY) as f64;
                let each = onsets * INCIDENT + struck * STRUCK + months * cells * MONTH_OF_CELL;
                (0.0, each, (stations * BYTES_CELL).max(bytes_calibrating))
            }
        };
        let cpu_seconds = set_up + f64::from(run.replications) * each;
        let replications = run.replications;
        Work { requests, incidents: onsets, replications, cpu_seconds, bytes_shared, bytes_running }
    }
}
