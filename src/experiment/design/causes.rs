//! What makes the work of a run: classes, cells and faults, and the keys that say so.

use crate::diagnostic::Diagnostics;
use crate::measure::recovery::HOLD_SECONDS;
use crate::scenario::Scenario;
use crate::scenario::cells::{CellRule, Layout};
use crate::scenario::demand::Demand;
use crate::scenario::fault::{Clock, Effect, Fault, Schedule, ScopeKind, Strikes};
use crate::units::{DAY, Nanos, seconds};
use crate::world::operations::faults::is_awake;

/// Incidents that strike more than one cell at a time share some, and are one.
const MERGED: f64 = 3.0;

/// What makes the work, with the key that says so.
pub(crate) struct Parts {
    /// Of each (workflow, tier) with demand: its key, its tier's, subscriptions, requests a second, seconds in a cell.
    pub(crate) classes: Vec<ClassPart>,
    /// Cells and stages in them, by the key that says how many.
    pub(crate) cells: Vec<(String, f64, f64)>,
    /// Faults: key, onsets of a replication, cells struck each time, extra requests of a replication, of them under way.
    pub(crate) faults: Vec<FaultPart>,
    pub(crate) recorded: f64,
}

pub(crate) struct ClassPart {
    pub(crate) workflow: String,
    tier: String,
    pub(crate) subscriptions: f64,
    pub(crate) rate: f64,
    pub(crate) under_way: f64,
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

pub(crate) struct FaultPart {
    name: String,
    /// The key that says how often.
    when: &'static str,
    pub(crate) onsets: f64,
    pub(crate) cells: f64,
    pub(crate) extra: f64,
    pub(crate) under_way: f64,
    /// Incidents that are open at once in the mean, if none of them met another one.
    open: f64,
    /// When the incident of one strike is open, if that is known, in seconds.
    span: Option<(f64, f64)>,
    /// Whether each strikes one cell.
    is_on_one: bool,
}

impl Parts {
    /// Finds them.
    pub(crate) fn of(scenario: &Scenario) -> Parts {
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
    pub(crate) fn open(&self, cells: f64) -> (f64, f64) {
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

    /// Returns a refusal at the key that is furthest from what is usual.
    pub(crate) fn refusal(
        &self,
        scenario: &Scenario,
        message: &str,
        causes: fn(&Parts, &Scenario) -> Vec<Cause>,
    ) -> Diagnostics {
        let help = "make it smaller; years are run with level = \"incident\"";
        Diagnostics(vec![scenario.error_at(&worst(causes(self, scenario)), message, CAUSE, Some(help))])
    }

    /// What makes many requests.
    pub(crate) fn by_requests(&self, scenario: &Scenario) -> Vec<Cause> {
        let run = &scenario.run;
        let mut causes = by_length(scenario, DAY as f64);
        for class in &self.classes {
            causes.extend(class.causes());
        }
        let usual = run.horizon as f64 / 1e9 * 1e5;
        causes.extend(self.faults.iter().map(|fault| (format!("fault.{}.effect", fault.name), fault.extra / usual)));
        causes
    }

    /// What makes many incidents.
    pub(crate) fn by_incidents(&self, scenario: &Scenario) -> Vec<Cause> {
        let mut causes = by_length(scenario, 3_650_000.0 * DAY as f64);
        causes.extend(
            self.faults.iter().map(|fault| (format!("fault.{}.{}", fault.name, fault.when), fault.onsets / 1e6)),
        );
        causes
    }

    /// What takes much memory.
    pub(crate) fn by_bytes(&self, _: &Scenario) -> Vec<Cause> {
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
pub(crate) type Cause = (String, f64);

/// What stands beside the key.
pub(crate) const CAUSE: &str = "the greatest part of it";

/// Returns the key that is furthest from what is usual.
pub(crate) fn worst(causes: Vec<Cause>) -> String {
    let worst = causes.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
    worst.map_or_else(|| "run".to_owned(), |cause| cause.0)
}
