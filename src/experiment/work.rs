//! How much work a run is, before it starts: requests or incidents, time, memory; and what is beyond reason.
//!
//! # Model
//! Estimates from the scenario alone, made before anything is built: a run that does not fit into the machine must not begin. They
//! count what the scenario says (customers, demand, faults) and weigh it with costs that were measured (see README), good to a
//! factor of two or three.

use serde::Serialize;

use crate::diagnostic::Diagnostics;
use crate::scenario::Scenario;
use crate::scenario::cells::{CellRule, Layout};
use crate::scenario::demand::Demand;
use crate::scenario::fault::{Clock, Effect, Fault, Schedule, ScopeKind, Strikes};
use crate::scenario::run::Level;
use crate::units::{DAY, Nanos, seconds};
use crate::world::faults::is_awake;

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
/// Bytes of each cell and stage, and of each request under way.
const BYTES_CELL: f64 = 700.0;
const BYTES_REQUEST: f64 = 150.0;
/// Worlds of a replication in which something strikes: with its faults, without, and a twin for part of the time.
const WORLDS: f64 = 2.5;
/// Bytes of an activation in a replication.
const BYTES_ACTIVATION: f64 = 250.0;

/// Requests, or incidents, of all replications beyond which nobody waits for a run.
const MOST_REQUESTS: f64 = 1e12;
const MOST_INCIDENTS: f64 = 1e11;

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

fn gigabytes(bytes: f64) -> String {
    rough_to(bytes / 1e9, 2)
}

/// Writes a number so that it is read at a glance: "16 billion".
pub fn rough(number: f64) -> String {
    let names = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")];
    match names.into_iter().find(|(unit, _)| number >= 0.9995 * unit) {
        Some((unit, _)) if number >= 1e15 => format!("{} trillion", rough_to(number / unit, 1)),
        Some((unit, name)) => format!("{} {name}", rough_to(number / unit, 2)),
        None => rough_to(number, 2),
    }
}

/// Rounds to so many digits, without an exponent below a million.
fn rough_to(number: f64, digits: i32) -> String {
    if number == 0.0 || !number.is_finite() {
        return "0".to_owned();
    }
    if number >= 1e6 {
        return format!("{number:.0e}");
    }
    let decimals = (digits - 1 - libm::log10(number).floor() as i32).clamp(0, 6);
    let scale = libm::exp10(f64::from(digits - 1) - libm::log10(number).floor());
    format!("{:.*}", decimals as usize, (number * scale).round() / scale)
}

/// What makes the work, with the key that says so.
struct Parts {
    /// Of each (workflow, tier) with demand: its key, its tier's, subscriptions, requests a second, seconds in a cell.
    classes: Vec<ClassPart>,
    /// Cells and stages in them, by the key that says how many.
    cells: Vec<(String, f64, f64)>,
    /// Faults: key, onsets of a replication, cells struck each time, extra requests of a replication, of them under way.
    faults: Vec<FaultPart>,
    recorded: f64,
}

struct ClassPart {
    workflow: String,
    tier: String,
    subscriptions: f64,
    rate: f64,
    under_way: f64,
}

impl ClassPart {
    fn causes(&self) -> [Cause; 2] {
        let each = self.rate / self.subscriptions.max(1.0);
        [
            (format!("workflow.{}.demand", self.workflow), each / 10.0),
            (format!("tier.{}.customers", self.tier), self.subscriptions / 1e6),
        ]
    }
}

struct FaultPart {
    name: String,
    /// The key that says how often.
    when: &'static str,
    onsets: f64,
    cells: f64,
    extra: f64,
    under_way: f64,
}

impl Parts {
    fn of(scenario: &Scenario) -> Parts {
        let mut classes = Vec::new();
        let mut cells = Vec::new();
        let strikes = scenario.faults.iter().any(|fault| is_awake(fault, scenario.run.faults));
        for (index, workflow) in scenario.workflows.iter().enumerate() {
            for (tier, spec) in scenario.tiers.iter().enumerate() {
                let Some(class) = &workflow.classes[tier] else { continue };
                let subscriptions = f64::from(spec.customers) * class.adoption;
                let each = if let Demand::Rate(rate) = class.demand { rate } else { 0.0 };
                let (rate, stages) = (subscriptions * each, class.path.len() as f64);
                let service: f64 = class.path.iter().map(|stage| stage.service_time.mean()).sum();
                // What a fault holds up waits for its deadline.
                let deadline = class.client.deadline.min(scenario.run.horizon) as f64;
                // Nobody is under way for longer than the run lasts, whatever the law of a service says.
                let run = scenario.run.warmup.saturating_add(scenario.run.horizon) as f64 + deadline;
                let longest = if strikes { service.max(deadline).min(run) } else { service.min(deadline) };
                classes.push(ClassPart {
                    workflow: workflow.name.clone(),
                    tier: spec.name.clone(),
                    subscriptions,
                    rate,
                    under_way: rate * seconds(longest as Nanos),
                });
                let (key, count) = match (&scenario.layout, &spec.cells[index]) {
                    (Layout::Shared { .. }, _) => continue,
                    (Layout::PerTier, CellRule::Count(count)) => ("cells", f64::from(*count)),
                    (Layout::PerTier, CellRule::Target { target, .. }) => {
                        ("customers_per_cell", (subscriptions / f64::from(*target)).ceil())
                    }
                };
                cells.push((format!("tier.{}.{key}", spec.name), count, stages));
            }
            if let Layout::Shared { count } = scenario.layout {
                let stages = workflow.classes.iter().flatten().map(|class| class.path.len()).max().unwrap_or(1);
                cells.push(("cells.count".to_owned(), f64::from(count), stages as f64));
            }
        }
        let mut parts = Parts { classes, cells, faults: Vec::new(), recorded: scenario.trace.len() as f64 };
        let awake = scenario.faults.iter().filter(|fault| is_awake(fault, scenario.run.faults));
        parts.faults = awake.map(|fault| parts.fault(scenario, fault)).collect();
        parts
    }

    fn fault(&self, scenario: &Scenario, fault: &Fault) -> FaultPart {
        let horizon = scenario.run.horizon as f64;
        let all_cells: f64 = self.cells.iter().map(|(_, count, _)| count).sum();
        let (onsets, lasts, cells) = match &fault.schedule {
            Schedule::Random { up, down, clock } => {
                let (Clock::Each(scope) | Clock::OneOf(scope)) = clock;
                let instances = match (clock, scope) {
                    (Clock::OneOf(_), _) | (_, ScopeKind::Platform) => 1.0,
                    (_, ScopeKind::Cell) => all_cells,
                    (_, ScopeKind::Zone) => scenario.zones.len() as f64,
                    (_, ScopeKind::Tier) => scenario.tiers.len() as f64,
                    (_, ScopeKind::Workflow) => scenario.workflows.len() as f64,
                };
                let struck = if *scope == ScopeKind::Cell { 1.0 } else { all_cells };
                (instances * horizon / (up.mean() + down.mean()).max(1.0), down.mean(), struck)
            }
            Schedule::Trace(recorded) => {
                let (rows, count) = (&recorded.incidents, recorded.incidents.len() as f64);
                let lasts: f64 = rows.iter().map(|row| (row.end - row.start) as f64).sum();
                (count, lasts / count.max(1.0), all_cells)
            }
            Schedule::Scripted { at, lasts, every, .. } => {
                let again = every.map_or(0.0, |every| ((horizon - *at as f64).max(0.0) / every as f64).floor());
                (1.0 + again, *lasts as f64, all_cells)
            }
        };
        let factor = |effect: &Effect| if let Effect::Demand { factor } = effect { factor - 1.0 } else { 0.0 };
        let more = fault.effects.iter().map(factor).fold(0.0, f64::max);
        let extra_rate = more * self.struck_rate(scenario, &fault.strikes);
        let lasts = seconds(lasts.min(horizon) as Nanos);
        let waits = self.classes.iter().map(|class| class.under_way / class.rate.max(1e-9)).fold(0.0, f64::max);
        let when = match &fault.schedule {
            Schedule::Random { .. } => "mtbf",
            Schedule::Trace(_) => "csv",
            Schedule::Scripted { .. } => "every",
        };
        FaultPart {
            name: fault.name.clone(),
            when,
            onsets,
            cells,
            extra: extra_rate * lasts * onsets,
            under_way: extra_rate * waits.min(lasts),
        }
    }

    /// Requests a second of the customers that a demand fault strikes; of one customer, the mean.
    fn struck_rate(&self, scenario: &Scenario, strikes: &Strikes) -> f64 {
        let Strikes::Customers { workflow, tier, customer } = strikes else { return 0.0 };
        let is_struck = |class: &&ClassPart| {
            workflow.is_none_or(|index| scenario.workflows[index].name == class.workflow)
                && tier.is_none_or(|index| scenario.tiers[index].name == class.tier)
        };
        let struck = self.classes.iter().filter(is_struck);
        match customer {
            None => struck.map(|class| class.rate).sum(),
            Some(_) => struck.map(|class| class.rate / class.subscriptions.max(1.0)).fold(0.0, f64::max),
        }
    }

    fn requests(&self, scenario: &Scenario) -> f64 {
        let length = seconds(scenario.run.warmup) + seconds(scenario.run.horizon);
        let usual: f64 = self.classes.iter().map(|class| class.rate).sum::<f64>() * length;
        usual + self.recorded + self.faults.iter().map(|fault| fault.extra).sum::<f64>()
    }

    fn work(&self, scenario: &Scenario) -> Work {
        let run = &scenario.run;
        let onsets: f64 = self.faults.iter().map(|fault| fault.onsets).sum();
        let subscriptions: f64 = self.classes.iter().map(|class| class.subscriptions).sum();
        let cells: f64 = self.cells.iter().map(|(_, count, _)| count).sum();
        let set_up = subscriptions * CUSTOMER + cells * CELL;
        let stations: f64 = self.cells.iter().map(|(_, count, stages)| count * stages.max(1.0)).sum();
        let bytes_shared = subscriptions * BYTES_SHARED + stations * BYTES_CELL;
        let worlds = if self.faults.is_empty() { 1.0 } else { WORLDS };
        let (requests, each, bytes_running) = match run.level {
            Level::Request => {
                let requests = self.requests(scenario);
                let calm: f64 = self.classes.iter().map(|class| class.under_way).sum();
                let waiting: f64 = self.faults.iter().map(|fault| fault.under_way).sum();
                let bytes = subscriptions * BYTES_RUNNING
                    + worlds * (calm + waiting) * BYTES_REQUEST
                    + onsets * BYTES_ACTIVATION
                    + stations * BYTES_CELL;
                (requests, worlds * requests * REQUEST, bytes)
            }
            Level::Incident => {
                let struck: f64 = self.faults.iter().map(|fault| fault.onsets * fault.cells).sum();
                let months = run.horizon as f64 / (30 * DAY) as f64;
                let each = onsets * INCIDENT + struck * STRUCK + months * cells * MONTH_OF_CELL;
                (0.0, each, stations * BYTES_CELL)
            }
        };
        let cpu_seconds = set_up + f64::from(run.replications) * each;
        let replications = run.replications;
        Work { requests, incidents: onsets, replications, cpu_seconds, bytes_shared, bytes_running }
    }

    /// Returns a refusal at the key that is furthest from what is usual.
    fn refusal(&self, scenario: &Scenario, message: &str, causes: fn(&Parts, &Scenario) -> Vec<Cause>) -> Diagnostics {
        let help = "make it smaller; years are run with level = \"incident\"";
        Diagnostics(vec![scenario.error_at(&worst(causes(self, scenario)), message, CAUSE, Some(help))])
    }

    fn by_requests(&self, scenario: &Scenario) -> Vec<Cause> {
        let run = &scenario.run;
        let mut causes = by_length(scenario, DAY as f64);
        for class in &self.classes {
            causes.extend(class.causes());
        }
        let usual = run.horizon as f64 / 1e9 * 1e5;
        causes.extend(self.faults.iter().map(|fault| (format!("fault.{}.effect", fault.name), fault.extra / usual)));
        causes
    }

    fn by_incidents(&self, scenario: &Scenario) -> Vec<Cause> {
        let mut causes = by_length(scenario, 3_650_000.0 * DAY as f64);
        causes.extend(
            self.faults.iter().map(|fault| (format!("fault.{}.{}", fault.name, fault.when), fault.onsets / 1e6)),
        );
        causes
    }

    fn by_bytes(&self, _: &Scenario) -> Vec<Cause> {
        let mut causes = Vec::new();
        for class in &self.classes {
            causes.extend(class.causes());
        }
        causes.extend(self.cells.iter().map(|(key, count, stages)| (key.clone(), count * stages / 1e5)));
        for fault in &self.faults {
            causes.push((format!("fault.{}.effect", fault.name), fault.under_way / 1e6));
            causes.push((format!("fault.{}.{}", fault.name, fault.when), fault.onsets / 1e6));
        }
        causes
    }
}

fn by_length(scenario: &Scenario, usual: f64) -> Vec<Cause> {
    let run = &scenario.run;
    vec![
        ("run.horizon".to_owned(), run.horizon as f64 / usual),
        ("run.replications".to_owned(), f64::from(run.replications) / 1e3),
    ]
}

/// A key, and how far it is from what is usual.
type Cause = (String, f64);

/// What stands beside the key.
const CAUSE: &str = "the greatest part of it";

/// Returns the key that is furthest from what is usual.
fn worst(causes: Vec<Cause>) -> String {
    let worst = causes.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
    worst.map_or_else(|| "run".to_owned(), |cause| cause.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        let cases = [(0.0, "0"), (7.0, "7.0"), (12_345.0, "12 thousand"), (9_552_000.0, "9.6 million")];
        for (number, text) in cases {
            assert_eq!(rough(number), text);
        }
        assert_eq!(
            (rough(1.6e10), rough(2e12), rough(4e16)),
            ("16 billion".into(), "2.0 trillion".into(), "40000 trillion".into())
        );
    }
}
