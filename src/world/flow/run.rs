//! The world of flows: operations events in order of time, and what each changes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::condition::Condition;
use super::incidents::Incidents;
use super::lookup::Lookup;
use super::model::Model;
use super::observer::{FlowObserver, Stretch};
use super::solve::{Flow, State, solve};
use super::state::{CellState, NEVER, Surroundings};
use crate::engine::rng::Key;
use crate::scenario::Scenario;
use crate::scenario::calendar::Calendar;
use crate::scenario::fault::{Effect, RouterStep};
use crate::units::{Nanos, nanos};
use crate::world::effects::Strike;
use crate::world::faults::{self, Activation, RandomClock};
use crate::world::strikes::Target;

/// The platform in health: shared by all replications.
#[derive(Debug, Clone)]
pub struct Health {
    /// What look-ups meet.
    pub lookup: Lookup,
    /// What strikes no cell does to it.
    conditions: Vec<Condition>,
    /// Flow of each cell.
    pub flows: Vec<Arc<Flow>>,
}

impl Health {
    /// Finds the flows of a platform without faults.
    pub fn new(scenario: &Scenario, model: &Model) -> Health {
        let lookup = Lookup::new(model, scenario.router.as_ref(), &[]);
        let conditions: Vec<Condition> = model.cells.iter().map(|cell| Condition::new(model, cell, &[])).collect();
        let flows = model.cells.iter().zip(&conditions).map(|(cell, condition)| {
            let (tenancies, stations) = (cell.tenancies.len(), cell.stations.len());
            let (demand, backlog, late) = (vec![1.0; tenancies], vec![0.0; stations], vec![false; tenancies]);
            let state =
                State { model, cell, condition, lookup: &lookup, demand: &demand, backlog: &backlog, late: &late };
            Arc::new(solve(&state))
        });
        Health { flows: flows.collect(), lookup, conditions }
    }
}

/// A fault that is active.
#[derive(Debug, Clone)]
struct Active {
    activation: Activation,
    detected: bool,
    /// Cells whose flow it changes.
    cells: Arc<Vec<u32>>,
}

/// One fault alone: cell, fault, its zone and tier, whether it is detected.
type Signature = (u32, usize, Option<usize>, Option<usize>, bool);

/// Kinds of events, in the upper bits of their payload.
const CLOCK: u32 = 0;
const FIXED: u32 = 1;
const DETECTION: u32 = 2;
const END: u32 = 3;
const CROSSING: u32 = 4;
const KIND_SHIFT: u32 = 29;

/// The world of flows of one replication.
#[derive(Debug)]
pub struct FlowWorld<'a> {
    scenario: &'a Scenario,
    model: &'a Model,
    health: &'a Health,
    events: BinaryHeap<Reverse<(Nanos, u32, u32)>>,
    sequence: u32,
    clocks: Vec<(RandomClock, Activation)>,
    fixed: Vec<Activation>,
    active: Vec<Option<Active>>,
    free: Vec<u32>,
    cells: Vec<CellState>,
    /// Since when each tenancy's failed share is what its cell's flow says.
    since: Vec<Nanos>,
    incidents: Incidents,
    lookup: Lookup,
    /// Faults on the router and on demand, among the active ones.
    router_faults: Vec<u32>,
    demand_faults: Vec<u32>,
    /// Flows under one fault alone that leave nothing waiting.
    known: HashMap<Signature, Arc<Flow>>,
    /// Operations events so far.
    events_done: u64,
}

impl<'a> FlowWorld<'a> {
    /// Returns the world of a replication at time 0, its random clocks in equilibrium.
    pub fn new(scenario: &'a Scenario, model: &'a Model, health: &'a Health, replication: Key) -> FlowWorld<'a> {
        let platform = &model.platform;
        let cells = model.cells.iter().zip(&health.flows).map(|(cell, flow)| CellState::new(cell, flow)).collect();
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
            since: vec![0; model.tenancies.len()],
            incidents: Incidents::new(model.cells.len()),
            lookup: health.lookup,
            router_faults: Vec::new(),
            demand_faults: Vec::new(),
            known: HashMap::new(),
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

    fn schedule(&mut self, at: Nanos, kind: u32, index: u32) {
        self.sequence = self.sequence.wrapping_add(1);
        self.events.push(Reverse((at, kind << KIND_SHIFT | index, self.sequence)));
    }

    /// Runs to the horizon.
    pub fn run<O: FlowObserver>(&mut self, observer: &mut O) {
        let horizon = self.model.platform.horizon;
        let calendar = Calendar::new(self.scenario.run.starts_on);
        let mut window = 0;
        let (mut from, mut to) = (calendar.start(0), calendar.start(1));
        while let Some(&Reverse((at, payload, _))) = self.events.peek() {
            let at = at.min(horizon);
            while to <= at {
                self.end_window(from, to, observer);
                window += 1;
                (from, to) = (calendar.start(window), calendar.start(window + 1));
            }
            if at >= horizon {
                break;
            }
            self.events.pop();
            self.events_done += 1;
            self.event(at, payload >> KIND_SHIFT, payload & ((1 << KIND_SHIFT) - 1), observer);
        }
        while to <= horizon {
            self.end_window(from, to, observer);
            window += 1;
            (from, to) = (calendar.start(window), calendar.start(window + 1));
        }
        self.report_all(horizon, observer);
        self.incidents.close_all(horizon, observer);
    }

    fn event<O: FlowObserver>(&mut self, at: Nanos, kind: u32, index: u32, observer: &mut O) {
        match kind {
            CLOCK => {
                let (clock, pending) = &mut self.clocks[index as usize];
                let activation = pending.clone();
                // The next onset is known now; it lies beyond this repair.
                let next = clock.next(self.scenario);
                let onset = next.onset;
                *pending = next;
                self.schedule(onset, CLOCK, index);
                self.onset(activation, at, at > 0, observer);
            }
            FIXED => {
                let activation = self.fixed[index as usize].clone();
                self.onset(activation, at, true, observer);
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
            Target::Router(_) => Arc::new((0..self.model.cells.len() as u32).collect()),
            Target::Customers { .. } => Arc::new(self.cells_of(&activation)),
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
        self.incidents.strike(activation.fault, at, &cells, counted, observer);
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
            self.look_up_anew();
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
            self.look_up_anew();
        }
        for &cell in cells.iter() {
            self.change(cell, at, true, observer);
        }
    }

    fn look_up_anew(&mut self) {
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
            true => self.health.lookup,
            false => Lookup::new(self.model, self.scenario.router.as_ref(), &strikes),
        };
    }

    fn effects(&self, activation: &Activation) -> Vec<Effect> {
        faults::scaled(&self.scenario.faults[activation.fault].effects, activation.share)
    }

    /// The cells in which a demand fault changes demand.
    fn cells_of(&self, activation: &Activation) -> Vec<u32> {
        let struck = |cell: &u32| {
            let tenancies = self.model.cells[*cell as usize].tenancies.clone();
            tenancies.into_iter().any(|tenancy| self.share_of_demand(activation, tenancy) > 0.0)
        };
        (0..self.model.cells.len() as u32).filter(struck).collect()
    }

    /// The share of a tenancy's demand that belongs to the struck customers.
    fn share_of_demand(&self, activation: &Activation, tenancy: usize) -> f64 {
        let Target::Customers { workflow, tier, customer } = &activation.target else { return 0.0 };
        let platform = &self.model.platform;
        let tenancy = &self.model.tenancies[tenancy];
        let class = &platform.classes[tenancy.class as usize];
        if workflow.is_some_and(|only| only != class.workflow) || tier.is_some_and(|only| only != class.tier) {
            return 0.0;
        }
        let Some(customer) = customer else { return 1.0 };
        match platform.population.subscription(class.workflow, *customer) {
            Some(sub) if platform.home[sub as usize] == tenancy.cell && platform.class_of(sub) == tenancy.class => {
                f64::from(platform.population.rate[sub as usize]) / tenancy.rate
            }
            _ => 0.0,
        }
    }

    fn demand(&self, cell: u32) -> Vec<f64> {
        let tenancies = self.model.cells[cell as usize].tenancies.clone();
        let factor = |tenancy: usize| {
            let mut factor = 1.0;
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

    /// Something about a cell changes: reports what was, finds what is.
    fn change<O: FlowObserver>(&mut self, cell: u32, at: Nanos, anew: bool, observer: &mut O) {
        let before = Arc::clone(&self.cells[cell as usize].flow);
        self.cells[cell as usize].advance(at);
        let is_down = self.flow_anew(cell, at, anew);
        self.report(cell, at, &before, is_down, observer);
        let state = &self.cells[cell as usize];
        if state.crossing != NEVER {
            let crossing = state.crossing;
            self.schedule(crossing, CROSSING, cell);
        } else if state.active.is_empty() && state.is_settled() {
            self.incidents.release(cell, at, observer);
        }
    }

    /// Finds the flow of a cell; returns whether all that was in it is lost.
    fn flow_anew(&mut self, cell: u32, _at: Nanos, anew: bool) -> bool {
        let state = &self.cells[cell as usize];
        let in_health = state.backlog.iter().all(|&backlog| backlog == 0.0);
        let undisturbed = self.router_faults.is_empty() && self.demand_faults.is_empty() && in_health;
        if undisturbed && state.active.is_empty() {
            let state = &mut self.cells[cell as usize];
            state.late.fill(false);
            state.flow = Arc::clone(&self.health.flows[cell as usize]);
            state.crossing = NEVER;
            return false;
        }
        let alone = match state.active.as_slice() {
            &[one] => self.active[one as usize].as_ref().filter(|active| active.activation.share.is_none()),
            _ => None,
        };
        let signature = alone.and_then(|active| match &active.activation.target {
            Target::Cells { zone, tier, .. } => Some((cell, active.activation.fault, *zone, *tier, active.detected)),
            Target::Router(_) | Target::Customers { .. } => None,
        });
        if undisturbed
            && anew
            && let Some(flow) = signature.and_then(|signature| self.known.get(&signature))
        {
            let is_down = flow.failing.iter().all(|failing| failing.fast >= 1.0);
            let state = &mut self.cells[cell as usize];
            state.late.fill(false);
            state.flow = Arc::clone(flow);
            state.crossing = NEVER;
            return is_down;
        }
        let condition = match state.active.is_empty() {
            true => self.health.conditions[cell as usize].clone(),
            false => Condition::new(self.model, &self.model.cells[cell as usize], &self.strikes(cell)),
        };
        let demand = self.demand(cell);
        let around = Surroundings {
            model: self.model,
            cell: &self.model.cells[cell as usize],
            condition: &condition,
            lookup: &self.lookup,
            demand: &demand,
        };
        let state = &mut self.cells[cell as usize];
        if condition.is_down {
            state.empty();
        }
        state.resolve(&around, anew);
        if undisturbed
            && anew
            && state.is_settled()
            && let Some(signature) = signature
        {
            self.known.insert(signature, Arc::clone(&state.flow));
        }
        condition.is_down
    }

    fn strikes(&self, cell: u32) -> Vec<Strike> {
        let mut strikes = Vec::new();
        for &slot in &self.cells[cell as usize].active {
            let Some(active) = &self.active[slot as usize] else { continue };
            let Target::Cells { stage, zone, tier, .. } = &active.activation.target else { continue };
            let first = self.model.platform.cells[cell as usize].first_station;
            let station = match stage {
                None => None,
                Some(stage) => {
                    let stations = 0..self.model.cells[cell as usize].stations.len() as u32;
                    let found = stations
                        .into_iter()
                        .find(|at| self.model.platform.stations[(first + at) as usize].stage == *stage);
                    if found.is_none() {
                        continue;
                    }
                    found
                }
            };
            strikes.push(Strike {
                activation: slot,
                key: active.activation.key,
                station,
                zone: *zone,
                tier: *tier,
                detected: active.detected,
                effects: self.effects(&active.activation),
            });
        }
        strikes
    }

    /// Reports the stretches that end now, where the failed share changes.
    ///
    /// Where it falls, requests that arrived within the reach of their last attempt are saved; where a cell goes down, those that
    /// were in it are lost.
    fn report<O: FlowObserver>(&mut self, cell: u32, at: Nanos, before: &Flow, is_down: bool, observer: &mut O) {
        let now = Arc::clone(&self.cells[cell as usize].flow);
        for (index, tenancy) in self.model.cells[cell as usize].tenancies.clone().enumerate() {
            let (old, new) = (before.failed[index], now.failed[index]);
            if old == new {
                continue;
            }
            let caller = &self.model.callers[self.model.tenancies[tenancy].class as usize];
            let shift = match new < old {
                true => caller.reach(before.failing[index]),
                false if is_down => before.time[index],
                false => 0.0,
            };
            let border = at.saturating_sub(nanos(shift)).max(self.since[tenancy]);
            self.report_one(cell, index, tenancy, border, old, observer);
        }
    }

    fn report_one<O: FlowObserver>(
        &mut self,
        cell: u32,
        index: usize,
        tenancy: usize,
        to: Nanos,
        failed: f64,
        observer: &mut O,
    ) {
        let from = self.since[tenancy];
        if to > from && failed != self.health.flows[cell as usize].failed[index] {
            observer.failed(Stretch { tenancy: tenancy as u32, from, to, failed, excluded: false });
        }
        self.since[tenancy] = to;
    }

    fn report_all<O: FlowObserver>(&mut self, at: Nanos, observer: &mut O) {
        // Cells without an incident are in health, of which nothing is reported.
        for cell in (0..self.cells.len() as u32).filter(|&cell| self.incidents.is_open(cell)).collect::<Vec<_>>() {
            let flow = Arc::clone(&self.cells[cell as usize].flow);
            for (index, tenancy) in self.model.cells[cell as usize].tenancies.clone().enumerate() {
                self.report_one(cell, index, tenancy, at, flow.failed[index], observer);
            }
        }
    }

    fn end_window<O: FlowObserver>(&mut self, from: Nanos, to: Nanos, observer: &mut O) {
        self.report_all(to, observer);
        observer.window_ended(from, to);
    }
}
