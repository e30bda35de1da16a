//! How much work a run is, before it starts: requests or incidents, time, memory; and what is beyond reason.
//!
//! # Model
//! Estimates from the scenario alone, made before anything is built: a run that does not fit into the machine must not begin. They
//! count what the scenario says (customers, demand, faults) and weigh it with costs that were measured (see README), good to a
//! factor of two or three.

use serde::Serialize;

use super::rough::{gigabytes, rough};
use crate::catalogue::Level;
use crate::diagnostic::Diagnostics;
use crate::measure::recovery::HOLD_SECONDS;
use crate::scenario::Scenario;
use crate::scenario::cells::{CellRule, Layout};
use crate::scenario::demand::Demand;
use crate::scenario::fault::{Clock, Effect, Fault, Schedule, ScopeKind, Strikes};
use crate::units::{DAY, MINUTE, Nanos, seconds};
use crate::world::operations::faults::is_awake;

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
/// Incidents that strike more than one cell at a time share some, and are one.
const MERGED: f64 = 3.0;

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
        let help = "a calibration of some minutes and some runs tells as much as a long one";
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
    /// Incidents that are open at once in the mean, if none of them met another one.
    open: f64,
    /// When the incident of one strike is open, if that is known, in seconds.
    span: Option<(f64, f64)>,
    /// Whether each strikes one cell.
    is_on_one: bool,
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
        let takes = lasts + HOLD_SECONDS as f64 + waits;
        let span = match &fault.schedule {
            Schedule::Scripted { at, every: None, .. } => Some((seconds(*at), seconds(*at) + takes)),
            Schedule::Scripted { .. } | Schedule::Trace(_) | Schedule::Random { .. } => None,
        };
        let is_on_one = cells == 1.0 || strikes_one_cell(&fault.strikes);
        let when = match &fault.schedule {
            Schedule::Random { .. } => "mtbf",
            Schedule::Trace(_) => "csv",
            Schedule::Scripted { every: Some(_), .. } => "every",
            Schedule::Scripted { every: None, .. } => "at",
        };
        FaultPart {
            name: fault.name.clone(),
            when,
            onsets,
            cells,
            extra: extra_rate * lasts * onsets,
            under_way: extra_rate * waits.min(lasts),
            open: onsets * (takes / seconds(scenario.run.horizon)).min(1.0),
            span,
            is_on_one,
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

    /// Incidents that are open at once: in the mean, and about at most. Those on one cell are one incident, as are those on several.
    fn open(&self, cells: f64) -> (f64, f64) {
        let (on_one, on_several): (Vec<_>, Vec<_>) = self.faults.iter().partition(|fault| fault.is_on_one);
        let mean = |faults: &[&FaultPart]| faults.iter().map(|fault| fault.open).sum::<f64>();
        let unknown: f64 = on_one.iter().filter(|fault| fault.span.is_none()).map(|fault| fault.open).sum();
        let mut turns: Vec<(f64, f64)> =
            on_one.iter().filter_map(|fault| fault.span).flat_map(|(begin, end)| [(begin, 1.0), (end, -1.0)]).collect();
        turns.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut now = 0.0;
        let known = turns.iter().fold(0.0, |most: f64, turn| {
            now += turn.1;
            most.max(now)
        });
        let several = mean(&on_several).min(MERGED);
        let most = known + unknown + 3.0 * unknown.sqrt();
        (mean(&on_one).min(cells) + several, most.min(cells) + several.ceil())
    }

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
        let (_, all_open) = self.open(self.cells.iter().map(|(_, count, _)| count).sum());
        for class in &self.classes {
            causes.extend(class.causes());
        }
        causes.extend(self.cells.iter().map(|(key, count, stages)| (key.clone(), count * stages / 1e5)));
        for fault in &self.faults {
            causes.push((format!("fault.{}.effect", fault.name), fault.under_way / 1e6));
            let open = if fault.is_on_one { all_open / 1e3 * fault.open.min(1.0) } else { 0.0 };
            causes.push((format!("fault.{}.{}", fault.name, fault.when), fault.onsets / 1e6 + open));
        }
        causes
    }
}

/// Whether a strike is on one cell only, by the words of the scenario.
fn strikes_one_cell(strikes: &Strikes) -> bool {
    match strikes {
        Strikes::Cells(filter) => filter.cell.is_some(),
        Strikes::Customers { customer, .. } => customer.is_some(),
        Strikes::Router(_) => false,
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
