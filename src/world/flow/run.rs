//! The world of flows: operations events in order of time, and what each changes.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use super::doubt::{Doubt, NO_STATION};
use super::entries::{Entries, Filled, Unfilled};
use super::health::Health;
use super::incidents::Incidents;
use super::lookup::Lookup;
use super::model::Model;
use super::observer::{FlowObserver, Onset};
use super::solve::Flow;
use super::state::CellState;
use super::storm::Aftermath;
use super::windows::Windows;
use crate::engine::law::sum::Sum;
use crate::engine::rng::Key;
use crate::progress;
use crate::scenario::Scenario;
use crate::scenario::fault::{Effect, RouterStep};
use crate::stop;
use crate::units::{Nanos, seconds};
use crate::world::operations::faults::{self, Activation, RandomClock};
use crate::world::platform::scope::Target;

/// A fault that is active.
#[derive(Debug, Clone)]
pub(super) struct Active {
    pub(super) activation: Activation,
    pub(super) detected: bool,
    /// Cells whose flow it changes.
    pub(super) cells: Arc<Vec<u32>>,
}

/// One fault alone in a cell: level of demand, fault, its zone and tier, whether it is detected.
pub(super) type Signature = (usize, usize, Option<usize>, Option<usize>, bool);

/// A flow that has been found before: under which fault alone, and whether that takes the whole cell down.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) under: Signature,
    pub(super) flow: Arc<Flow>,
    pub(super) is_down: bool,
}

/// A class whose attempts are slowed: the look-up that it meets, the class, and by station the bits of factor and seconds.
pub(super) type Slowed = (usize, usize, Vec<(u64, u64)>);

/// Kinds of events, in the upper bits of their payload.
pub(super) const STEP: u32 = 0;
const CLOCK: u32 = 1;
const FIXED: u32 = 2;
const DETECTION: u32 = 3;
const END: u32 = 4;
pub(super) const CROSSING: u32 = 5;
const KIND_SHIFT: u32 = 29;

/// The world of flows of one replication.
#[derive(Debug)]
pub struct FlowWorld<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) model: &'a Model,
    pub(super) health: &'a Health,
    pub(super) events: BinaryHeap<Reverse<(Nanos, u32, u32)>>,
    pub(super) sequence: u32,
    pub(super) clocks: Vec<(RandomClock, Activation)>,
    pub(super) fixed: Vec<Activation>,
    pub(super) active: Vec<Option<Active>>,
    pub(super) free: Vec<u32>,
    pub(super) cells: Vec<CellState>,
    /// Whether the contract of a tenancy does not count what happens now.
    pub(super) excluded: Vec<bool>,
    /// By tier and fault: the tier's contract does not count it.
    pub(super) excludes: Vec<Vec<bool>>,
    /// When the last incident of each cell began there.
    pub(super) opened: Vec<Nanos>,
    /// Since when each tenancy's failed share is what its cell's flow says.
    pub(super) since: Vec<Nanos>,
    pub(super) incidents: Incidents,
    /// Level of demand; of no interest while no incident is open.
    pub(super) level: usize,
    /// Whether its next step is among the events.
    pub(super) is_stepping: bool,
    pub(super) lookup: Arc<Lookup>,
    /// The cache that nothing fills, and by class the reach of those who have no entry in it.
    pub(super) unfilled: Option<Unfilled>,
    pub(super) reach_unfilled: Vec<f64>,
    /// When something filled the cache again, and the share of its entries that was gone then.
    refilled_since: Option<(Nanos, f64)>,
    /// Look-ups met so far, by level of demand and what strikes the router.
    pub(super) lookups: HashMap<(usize, String), Arc<Lookup>>,
    /// Laws of attempts' times met so far, where stations are slowed.
    pub(super) slowed: HashMap<Slowed, Arc<Sum>>,
    /// Faults on the router and on customers, among the active ones.
    pub(super) router_faults: Vec<u32>,
    pub(super) demand_faults: Vec<u32>,
    /// By cell: flows under one fault alone that leave nothing waiting. So few that a look at each is faster than a hash.
    pub(super) known: Vec<Vec<Known>>,
    /// What becomes of cells in which all is as in health again: by cell, level, and flow before that.
    pub(super) aftermaths: HashMap<(u32, usize, usize), (Arc<Flow>, Aftermath)>,
    /// Stations of which something was known roughly only.
    pub(super) doubts: BTreeSet<(u32, Doubt)>,
    /// Flows found that stand between two states.
    pub(super) unsettled: u64,
    /// Operations events so far.
    pub(super) events_done: u64,
}

impl<'a> FlowWorld<'a> {
    /// Returns the world of a replication at time 0, its random clocks in equilibrium.
    pub fn new(scenario: &'a Scenario, model: &'a Model, health: &'a Health, replication: Key) -> FlowWorld<'a> {
        let platform = &model.platform;
        let level = model.levels.at(0);
        let states = model.cells.iter().enumerate();
        let cells =
            states.map(|(index, cell)| CellState::new(cell, level, health.flow(model, level, index as u32))).collect();
        let mut world = FlowWorld {
            scenario,
            model,
            health,
            events: BinaryHeap::new(),
            sequence: 0,
            clocks: Vec::new(),
            fixed: faults::fixed(scenario, platform, replication),
            active: Vec::new(),
            free: Vec::new(),
            cells,
            excluded: vec![false; model.tenancies.len()],
            excludes: scenario
                .tiers
                .iter()
                .map(|tier| scenario.faults.iter().map(|fault| tier.contract.excludes.contains(&fault.name)).collect())
                .collect(),
            opened: vec![0; model.cells.len()],
            since: vec![0; model.tenancies.len()],
            incidents: Incidents::new(model.cells.len()),
            level,
            is_stepping: false,
            lookup: Arc::clone(&health.lookups[level]),
            unfilled: None,
            reach_unfilled: Vec::new(),
            refilled_since: None,
            lookups: HashMap::new(),
            slowed: HashMap::new(),
            router_faults: Vec::new(),
            demand_faults: Vec::new(),
            known: vec![Vec::new(); model.cells.len()],
            aftermaths: HashMap::new(),
            doubts: BTreeSet::new(),
            unsettled: 0,
            events_done: 0,
        };
        for (index, mut clock) in faults::clocks(scenario, platform, replication).into_iter().enumerate() {
            clock.start_in_equilibrium(scenario);
            let next = clock.next(scenario);
            world.schedule(next.onset, CLOCK, index as u32);
            world.clocks.push((clock, next));
        }
        for index in 0..world.fixed.len() {
            world.schedule(world.fixed[index].onset, FIXED, index as u32);
        }
        world
    }

    /// Returns how many operations events there have been.
    pub fn events_done(&self) -> u64 {
        self.events_done
    }

    /// Returns how many flows were found that stand between two states.
    pub fn unsettled(&self) -> u64 {
        self.unsettled
    }

    /// Returns the stations of which something was known roughly only.
    pub fn doubts(&self) -> &BTreeSet<(u32, Doubt)> {
        &self.doubts
    }

    pub(super) fn schedule(&mut self, at: Nanos, kind: u32, index: u32) {
        self.sequence = self.sequence.wrapping_add(1);
        self.events.push(Reverse((at, kind << KIND_SHIFT | index, self.sequence)));
    }

    /// Runs to the horizon.
    pub fn run<O: FlowObserver>(&mut self, observer: &mut O) {
        let horizon = self.model.platform.horizon;
        let mut windows = Windows::new(self.scenario.calendars());
        let mut passed = 0;
        while let Some(&Reverse((at, payload, _))) = self.events.peek() {
            let at = at.min(horizon);
            while let Some((calendar, from, to)) = windows.next_until(at) {
                // Windows of several tiers, and rolling ones, overlap.
                progress::passed(to.saturating_sub(passed));
                passed = passed.max(to);
                self.end_window(calendar, (from, to), observer);
            }
            if at >= horizon {
                break;
            }
            stop::point();
            self.events.pop();
            self.events_done += 1;
            self.event(at, payload >> KIND_SHIFT, payload & ((1 << KIND_SHIFT) - 1), observer);
        }
        while let Some((calendar, from, to)) = windows.next_until(horizon) {
            self.end_window(calendar, (from, to), observer);
        }
        self.report_all(horizon, observer);
        self.incidents.close_all(horizon, observer);
    }

    fn event<O: FlowObserver>(&mut self, at: Nanos, kind: u32, index: u32, observer: &mut O) {
        match kind {
            STEP => self.step(at, observer),
            CLOCK => {
                let (clock, pending) = &mut self.clocks[index as usize];
                // The next onset is known now; it lies beyond this repair.
                let next = clock.next(self.scenario);
                let onset = next.onset;
                let activation = std::mem::replace(pending, next);
                self.schedule(onset, CLOCK, index);
                self.onset(activation, at, at > 0, observer);
            }
            FIXED => {
                let activation = self.fixed[index as usize].clone();
                let counted = !activation.was_under_way;
                self.onset(activation, at, counted, observer);
            }
            DETECTION => {
                if let Some(active) = &mut self.active[index as usize] {
                    active.detected = true;
                    self.refresh(index, at, observer);
                }
            }
            END => self.end(index, at, observer),
            _ => {
                if self.cells[index as usize].crossing == at {
                    self.change(index, at, false, observer);
                }
            }
        }
    }

    fn onset<O: FlowObserver>(&mut self, activation: Activation, at: Nanos, counted: bool, observer: &mut O) {
        if activation.end <= at {
            return;
        }
        let cells = match &activation.target {
            Target::Cells { cells, .. } => Arc::clone(cells),
            other => Arc::new(self.model.struck_cells(other)),
        };
        if cells.is_empty() {
            return;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.active.push(None);
            self.active.len() as u32 - 1
        });
        if let Some(detected) = activation.detected {
            self.schedule(detected, DETECTION, slot);
        }
        self.schedule(activation.end, END, slot);
        match activation.target {
            Target::Router(_) => self.router_faults.push(slot),
            Target::Customers { .. } => self.demand_faults.push(slot),
            Target::Cells { .. } => {}
        }
        self.follow_levels(at);
        for &cell in cells.iter() {
            if !self.incidents.is_open(cell) {
                self.opened[cell as usize] = at;
                self.be_at_level(cell, at);
            }
        }
        let (fault, key, until) = (activation.fault, activation.key.0, activation.end);
        self.incidents.strike(Onset { fault, key, at, until, cells: &cells, counted }, observer);
        for &cell in cells.iter() {
            self.cells[cell as usize].active.push(slot);
        }
        self.active[slot as usize] = Some(Active { activation, detected: false, cells });
        self.refresh(slot, at, observer);
    }

    fn end<O: FlowObserver>(&mut self, slot: u32, at: Nanos, observer: &mut O) {
        let Some(active) = self.active[slot as usize].take() else { return };
        self.free.push(slot);
        self.router_faults.retain(|&other| other != slot);
        self.demand_faults.retain(|&other| other != slot);
        self.incidents.fault_over(active.cells[0]);
        for &cell in active.cells.iter() {
            self.cells[cell as usize].active.retain(|&other| other != slot);
        }
        if matches!(active.activation.target, Target::Router(_)) {
            self.look_up_anew(at);
        }
        for &cell in active.cells.iter() {
            self.change(cell, at, true, observer);
        }
    }

    /// The state of an active fault has changed: so have its cells.
    fn refresh<O: FlowObserver>(&mut self, slot: u32, at: Nanos, observer: &mut O) {
        let Some(active) = &self.active[slot as usize] else { return };
        let cells = Arc::clone(&active.cells);
        if matches!(active.activation.target, Target::Router(_)) {
            self.look_up_anew(at);
        }
        for &cell in cells.iter() {
            self.change(cell, at, true, observer);
        }
    }

    pub(super) fn look_up_anew(&mut self, at: Nanos) {
        let strikes: Vec<(RouterStep, Vec<Effect>)> = self
            .router_faults
            .iter()
            .filter_map(|&slot| self.active[slot as usize].as_ref())
            .filter_map(|active| match active.activation.target {
                Target::Router(step) => Some((step, self.effects(&active.activation))),
                Target::Cells { .. } | Target::Customers { .. } => None,
            })
            .collect();
        self.lookup = match strikes.is_empty() {
            true => Arc::clone(&self.health.lookups[self.level]),
            false => {
                let (model, level, health) = (self.model, self.level, &self.health.lookups[self.level]);
                let under = |router| Arc::new(health.under(model, router, level, &strikes));
                let new = || self.scenario.router.as_ref().map_or_else(|| Arc::clone(health), under);
                Arc::clone(self.lookups.entry((level, format!("{strikes:?}"))).or_insert_with(new))
            }
        };
        let before = self.unfilled;
        self.unfilled = match &self.lookup.unfilled {
            None => None,
            Some(reach) => {
                self.reach_unfilled.clone_from(reach);
                let filled = if before.is_none() { self.filled(at) } else { Filled::default() };
                before.or_else(|| self.lookup.entries.unfilled(at, filled))
            }
        };
        if let (Some(before), None) = (before, self.unfilled) {
            self.refilled_since = Some((at, before.gone(at)));
        }
    }

    /// What an earlier loss of the store has left of the cache, and what has filled it since.
    fn filled(&mut self, at: Nanos) -> Filled {
        /// What nobody feels.
        const NOTHING: f64 = 1e-3;
        let entries = self.health.lookups[self.level].entries;
        let (Some((since, gone)), Entries::Live(lasts)) = (self.refilled_since, entries) else {
            return Filled::default();
        };
        let time = at - since;
        let again = gone * self.health.keys.refilled(self.model, self.level, entries, seconds(time));
        let there = again + 1.0 - gone;
        if 1.0 - there <= NOTHING && seconds(time) >= lasts {
            return Filled::default();
        }
        self.doubts.insert((NO_STATION, Doubt::Cache));
        let young = if seconds(time) < lasts && there > 0.0 { again / there } else { 0.0 };
        Filled { missing: 1.0 - there, young: (young, time) }
    }

    pub(super) fn effects(&self, activation: &Activation) -> Vec<Effect> {
        faults::scaled(&self.scenario.faults[activation.fault].effects, activation.share)
    }

    /// The share of a tenancy's demand that belongs to the struck customers.
    pub(super) fn share_of_demand(&self, activation: &Activation, tenancy: usize) -> f64 {
        self.model.share_of_demand(&activation.target, tenancy)
    }

    pub(super) fn demand(&self, cell: u32) -> Vec<f64> {
        let tenancies = self.model.cells[cell as usize].tenancies.clone();
        let factor = |tenancy: usize| {
            let mut factor = self.model.factor(tenancy, self.level);
            for active in self.demand_faults.iter().filter_map(|&slot| self.active[slot as usize].as_ref()) {
                let share = self.share_of_demand(&active.activation, tenancy);
                for effect in self.effects(&active.activation) {
                    if let Effect::Demand { factor: by } = effect {
                        factor *= 1.0 + share * (by - 1.0);
                    }
                }
            }
            factor
        };
        tenancies.map(factor).collect()
    }

    fn end_window<O: FlowObserver>(&mut self, calendar: usize, (from, to): (Nanos, Nanos), observer: &mut O) {
        self.report_all(to, observer);
        observer.window_ended(calendar, from, to);
    }
}
