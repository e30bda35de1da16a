//! Incidents: which faults make one up, whom it exposes, whom it harmed in the end.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::luck::Luck;
use crate::experiment::exposure::touched;
use crate::measure::harm::{DOWN, EXPOSED, HARMED, Harm, SENT};
use crate::measure::limits::Limits;
use crate::measure::meter::Meters;
use crate::measure::recovery::{HOLD_SECONDS, Recovery};
use crate::scenario::Scenario;
use crate::scenario::fault::{Effect, RouterStep};
use crate::units::{Nanos, SECOND};
use crate::world::operations::faults::Activation;
use crate::world::platform::population::{NONE, SubId};
use crate::world::platform::scope::{self, Target};
use crate::world::requests::{setting::Setting, world::World};

/// An incident that has not recovered yet.
#[derive(Debug)]
pub struct OpenIncident {
    /// Activations that make it up, in order of onset.
    pub activations: Vec<u32>,
    /// First onset.
    pub onset: Nanos,
    /// Last end.
    pub end: Nanos,
    /// Its books.
    pub harm: Harm,
    /// What luck alone would do, where requests do not carry it.
    pub luck: Option<Luck>,
    /// Cells it strikes; `None`: everything.
    cells: Option<BTreeSet<u32>>,
    /// Customers that cause it by their own demand.
    causes: BTreeSet<u32>,
    /// Keys of its activations: the waves of one release have the same.
    keys: BTreeSet<u64>,
}

/// What an onset is about to strike: its key and cells; `None`: everything.
#[derive(Debug)]
pub struct Onset {
    key: u64,
    cells: Option<BTreeSet<u32>>,
}

impl Onset {
    /// Looks at an activation.
    pub fn of(world: &World, index: u32) -> Onset {
        let activation = &world.setting().activations[index as usize];
        Onset { key: activation.key.0, cells: struck_cells(world, &activation.target) }
    }
}

/// An incident that is over, or was open when the horizon came.
#[derive(Debug, Clone)]
pub struct Incident {
    /// Fault indices, in order of onset, each once.
    pub faults: Vec<usize>,
    /// How often faults struck: more than once makes it compound. The waves of one release are one.
    pub activations: u32,
    /// What was struck, in words.
    pub strikes: String,
    /// What the first strike was on.
    pub target: Target,
    /// Onset, seconds from the end of the warm-up.
    pub onset: f64,
    /// End of the last fault.
    pub end: f64,
    /// By tier, customers: exposed, quiet, harmed, down, spillover.
    pub by_tier: Vec<Harmed>,
    /// By tier, customers there are by the time it is over, new ones included: what shares are shares of.
    pub customers: Vec<u64>,
    /// Customers that would count as harmed if nothing had happened but other luck; `None` where requests carry all luck.
    pub false_harmed: Option<u64>,
    /// Harmed (customer, workflow) minutes.
    pub customer_minutes: u64,
    /// Those of them that are minutes of exposed subscriptions, no more of each than the strike touches.
    pub minutes_within: u64,
    /// Subscriptions that were exposed, causes left out.
    pub exposed_subscriptions: u64,
    /// Minutes that the strike touches within the horizon.
    pub minutes_touched: u64,
    /// Requests per second of the exposed subscriptions.
    pub exposed_rate: f64,
    /// Customers that would be exposed if each workflow had a single cell.
    pub single_cell_exposed: u64,
    /// How it recovered; seconds from the end of the warm-up.
    pub recovery: Recovery,
}

/// Customers of one tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Harmed {
    /// Homed where the fault strikes.
    pub exposed: u64,
    /// Exposed, sent nothing meanwhile.
    pub quiet: u64,
    /// Harmed in some minute.
    pub harmed: u64,
    /// Down in some minute.
    pub down: u64,
    /// Harmed, not exposed.
    pub spillover: u64,
}

impl std::ops::Add for Harmed {
    type Output = Harmed;
    fn add(self, other: Harmed) -> Harmed {
        Harmed {
            exposed: self.exposed + other.exposed,
            quiet: self.quiet + other.quiet,
            harmed: self.harmed + other.harmed,
            down: self.down + other.down,
            spillover: self.spillover + other.spillover,
        }
    }
}

impl OpenIncident {
    /// Opens an incident just before its onset.
    pub fn new(world: &World, index: u32, harm_share: f64, limits: &Arc<Limits>) -> OpenIncident {
        let setting = world.setting();
        let activation = &setting.activations[index as usize];
        let flags = vec![0; setting.subscriptions()];
        let mut incident = OpenIncident {
            activations: Vec::new(),
            onset: activation.onset,
            end: activation.end,
            harm: Harm::new(world, flags, harm_share, Arc::clone(limits)),
            luck: None,
            cells: Some(BTreeSet::new()),
            causes: BTreeSet::new(),
            keys: BTreeSet::new(),
        };
        incident.harm.caused = Some(Vec::new());
        incident.join(world, index);
        incident
    }

    /// Hands over to the meters what it did so far. A compound incident is counted for the fault that came first; whoever causes
    /// an incident is no victim of it.
    pub fn hand_over(&mut self, setting: &Setting, meters: &mut Meters) {
        let fault = setting.activations[self.activations[0] as usize].fault;
        for caused in self.harm.caused.iter_mut().flat_map(std::mem::take) {
            let counts_attempts = meters.plan.counts_attempts[setting.class_of(caused.sub) as usize];
            let Ok(minute) = u64::try_from(caused.minute) else { continue };
            if caused.of_attempts == counts_attempts && !self.causes.contains(&setting.customer(caused.sub)) {
                let meter = meters.plan.meter(caused.sub);
                meters.taken.note(minute, meter, fault, (caused.all, caused.failed));
            }
        }
    }

    /// Returns whether an activation strikes units of this incident.
    pub fn shares_units(&self, onset: &Onset) -> bool {
        // The waves of one release.
        if self.keys.contains(&onset.key) {
            return true;
        }
        match (&self.cells, &onset.cells) {
            (Some(mine), Some(theirs)) if theirs.len() < mine.len() => theirs.iter().any(|cell| mine.contains(cell)),
            (Some(mine), Some(theirs)) => mine.iter().any(|cell| theirs.contains(cell)),
            _ => true,
        }
    }

    /// Another fault joins before this incident has recovered: a compound incident.
    pub fn join(&mut self, world: &World, index: u32) {
        let setting = world.setting();
        let activation = &setting.activations[index as usize];
        self.activations.push(index);
        self.keys.insert(activation.key.0);
        self.end = self.end.max(activation.end);
        let causing = setting.effects(activation).iter().any(|effect| matches!(effect, Effect::Demand { .. }));
        if let (true, Target::Customers { customer: Some(customer), .. }) = (causing, &activation.target) {
            self.causes.insert(*customer);
        }
        let cells = struck_cells(world, &activation.target);
        let by_tier = match &activation.target {
            Target::Cells { tier, .. } => *tier,
            Target::Router(_) | Target::Customers { .. } => None,
        };
        let customers_only = match &activation.target {
            Target::Customers { customer, .. } if !causing => Some(*customer),
            _ => None,
        };
        let by_stage = match &activation.target {
            Target::Cells { stage, .. } => stage.clone().filter(|stage| stage.is_part),
            Target::Router(_) | Target::Customers { .. } => None,
        };
        for sub in 0..setting.subscriptions() as SubId {
            let home = world.home_of(sub);
            let class = setting.class_of(sub);
            let struck = match customers_only {
                // Who has no cell yet has not come yet.
                Some(_) => {
                    home != NONE && activation.target.is_struck(&setting.platform, class, || setting.customer(sub))
                }
                None if matches!(activation.target, Target::Router(_)) => reaches(setting, activation, sub, home),
                None => {
                    home != NONE
                        && cells.as_ref().is_none_or(|cells| cells.contains(&home))
                        && by_tier.is_none_or(|tier| setting.platform.classes[class as usize].tier == tier)
                        && by_stage.as_ref().is_none_or(|stage| {
                            stage.serves(&setting.platform, class, (sub, setting.newcomer_key(sub)), home)
                        })
                }
            };
            if struck {
                self.harm.flags[sub as usize] |= EXPOSED;
            }
        }
        self.cells = match (self.cells.take(), cells) {
            (Some(mut mine), Some(theirs)) => {
                mine.extend(theirs);
                Some(mine)
            }
            _ => None,
        };
    }

    /// Closes the incident: by default after a full hold, or with a shorter one if the next fault is at the door.
    pub fn close(mut self, scenario: &Scenario, setting: &Setting, hold: u64, meters: &mut Meters) -> Incident {
        let recovery = self.harm.close(self.end, hold);
        let struck = |unit: usize| self.cells.as_ref().is_none_or(|cells| cells.contains(&(unit as u32)));
        let recovery = match recovery {
            Recovery::Recovered(second) if self.harm.units.twin_is_down(struck) => Recovery::TwinDown(second),
            Recovery::Recovered(second) if !self.shows_anything(second, struck) => Recovery::NoRequests(second),
            other => other,
        };
        self.hand_over(setting, meters);
        let band_end = self.harm.band_end(recovery, self.end);
        let by_luck = self.luck.take().map(|luck| {
            let customers = luck.close(band_end).into_iter().map(|sub| setting.customer(sub));
            customers.filter(|customer| !self.causes.contains(customer)).collect::<BTreeSet<u32>>()
        });
        let platform = &setting.platform;
        let population = &platform.population;
        let mut by_customer = vec![0_u8; setting.customers() as usize];
        let mut exposed_rate = 0.0;
        let (mut customer_minutes, mut minutes_within, mut exposed_subscriptions) = (0, 0, 0);
        let seconds = |at: Nanos| (at as f64 - platform.warmup as f64) / SECOND as f64;
        let from_start = |at: Nanos| at as f64 - platform.warmup as f64;
        let (onset, end) = (from_start(self.onset), from_start(self.end));
        let touched = touched::minutes(onset, end, platform.longest_deadline, platform.horizon) as u64;
        for sub in 0..setting.subscriptions() as SubId {
            let customer = setting.customer(sub);
            if self.causes.contains(&customer) {
                continue;
            }
            let flags = self.harm.flags[sub as usize];
            let minutes = u64::from(self.harm.harmed_minutes[sub as usize]);
            customer_minutes += minutes;
            if flags & EXPOSED != 0 {
                exposed_subscriptions += 1;
                minutes_within += minutes.min(touched);
                exposed_rate += population.demand(sub);
                // Only what an exposed subscription sent makes its customer other than quiet.
                by_customer[customer as usize] |= flags;
            } else {
                by_customer[customer as usize] |= flags & (HARMED | DOWN);
            }
        }
        let mut by_tier = vec![Harmed::default(); platform.tiers];
        for (customer, &flags) in by_customer.iter().enumerate() {
            let tier = setting.tier_of(customer as u32);
            let count = &mut by_tier[tier];
            let has = |flag: u8| u64::from(flags & flag != 0);
            count.exposed += has(EXPOSED);
            count.quiet += u64::from(flags & EXPOSED != 0 && flags & SENT == 0);
            count.harmed += has(HARMED);
            count.down += has(DOWN);
            count.spillover += u64::from(flags & HARMED != 0 && flags & EXPOSED == 0);
        }
        let mut faults: Vec<usize> = Vec::new();
        let mut strikes: Vec<String> = Vec::new();
        let (mut seen_faults, mut seen_strikes) = (BTreeSet::new(), BTreeSet::new());
        for &index in &self.activations {
            let activation = &setting.activations[index as usize];
            if seen_faults.insert(activation.fault) {
                faults.push(activation.fault);
            }
            let text = scope::describe(scenario, platform, &activation.target);
            if seen_strikes.insert(text.clone()) {
                strikes.push(text);
            }
        }
        let since = |second: i64| platform.warmup + second.max(0) as Nanos * SECOND;
        let over = recovery.as_twin().map_or(Nanos::MAX, since);
        Incident {
            faults,
            activations: self.keys.len() as u32,
            strikes: strikes.join(" + "),
            target: setting.activations[self.activations[0] as usize].target.clone(),
            onset: seconds(self.onset),
            end: seconds(self.end),
            by_tier,
            customers: customers_until(setting, over.max(self.end)),
            false_harmed: by_luck.map(|customers| customers.len() as u64),
            customer_minutes,
            minutes_within,
            exposed_subscriptions,
            minutes_touched: touched,
            exposed_rate,
            single_cell_exposed: single_cell(setting, &self.harm.flags),
            recovery,
        }
    }

    /// Returns whether requests could show what an incident did that was over at a second: something was not as in the twin, or some
    /// came while the fault lasted (after it, if it is an instant).
    fn shows_anything(&self, over: i64, struck: impl Fn(usize) -> bool) -> bool {
        let onset = self.harm.second_of(self.onset);
        let until = if self.end > self.onset { self.harm.second_after(self.end) } else { i64::MAX };
        over > onset || self.harm.units.was_asked(until, struck)
    }

    /// Returns whether the incident has recovered for good.
    pub fn has_recovered(&self) -> bool {
        self.harm.units.has_held(self.harm.second_after(self.end), HOLD_SECONDS)
    }
}

/// Returns whether requests of a subscription can reach a struck step of the router: new customers that join before the fault
/// ends do, and only those that have no home yet ever reach placement.
fn reaches(setting: &Setting, activation: &Activation, sub: SubId, home: u32) -> bool {
    let known = setting.platform.subscriptions();
    let newcomer = sub.checked_sub(known).and_then(|at| setting.newcomers.subs.get(at as usize));
    let joins = newcomer.is_some_and(|newcomer| newcomer.joins < activation.end);
    match activation.target {
        Target::Router(RouterStep::Placement) => home == NONE && joins,
        Target::Router(_) | Target::Cells { .. } | Target::Customers { .. } => home != NONE || joins,
    }
}

/// Customers of each tier that have joined before an instant.
fn customers_until(setting: &Setting, instant: Nanos) -> Vec<u64> {
    let platform = &setting.platform;
    let starts = &platform.population.tier_start;
    let mut customers: Vec<u64> = starts.windows(2).map(|pair| u64::from(pair[1] - pair[0])).collect();
    let mut joined = BTreeSet::new();
    for newcomer in setting.newcomers.subs.iter().filter(|newcomer| newcomer.joins < instant) {
        if joined.insert(newcomer.customer) {
            customers[platform.classes[newcomer.class as usize].tier] += 1;
        }
    }
    customers
}

/// Customers of every workflow of which some subscription is exposed.
fn single_cell(setting: &Setting, flags: &[u8]) -> u64 {
    let platform = &setting.platform;
    let mut workflows = BTreeSet::new();
    for (sub, _) in flags.iter().enumerate().filter(|(_, flags)| **flags & EXPOSED != 0) {
        workflows.insert(platform.classes[setting.class_of(sub as SubId) as usize].workflow);
    }
    let mut customers = vec![false; platform.population.customers() as usize];
    for class in platform.classes.iter().filter(|class| workflows.contains(&class.workflow)) {
        for sub in class.first..class.first + class.count {
            customers[platform.population.customer[sub as usize] as usize] = true;
        }
    }
    customers.iter().filter(|&&exposed| exposed).count() as u64
}

/// The cells whose customers a target exposes; `None`: all cells.
fn struck_cells(world: &World, target: &Target) -> Option<BTreeSet<u32>> {
    let setting = world.setting();
    match target {
        Target::Cells { cells, .. } => Some(cells.iter().copied().collect()),
        Target::Router(_) => None,
        Target::Customers { .. } => Some(
            (0..setting.subscriptions() as SubId)
                .filter(|&sub| target.is_struck(&setting.platform, setting.class_of(sub), || setting.customer(sub)))
                .map(|sub| world.home_of(sub))
                .filter(|&home| home != NONE)
                .collect(),
        ),
    }
}
