//! The setting of a replication: what does not change while it runs, shared by a world and its twins.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::rng::Key;
use crate::scenario::Scenario;
use crate::scenario::fault::Effect;
use crate::scenario::stage::Discipline;
use crate::units::Nanos;
use crate::world::operations::faults::{self, Activation};
use crate::world::operations::timetable;
use crate::world::platform::Platform;
use crate::world::platform::newcomers::{self, Newcomers};
use crate::world::platform::population::{NONE, SubId};
use crate::world::platform::scope::Target;

/// Slots up to which a sorted list of their instants is cheaper than events.
pub const MOST_SLOTS: u32 = 64;

/// What does not change during a replication, shared by a world and its twins.
#[derive(Debug)]
pub struct Setting {
    /// The platform.
    pub platform: Arc<Platform>,
    /// Everything that goes wrong.
    pub activations: Vec<Activation>,
    /// Who joins.
    pub newcomers: Newcomers,
    /// The replication's key.
    pub key: Key,
    /// Effects of each fault.
    pub(super) effects: Vec<Vec<Effect>>,
    /// What happens to activations, in order: see [`timetable`].
    pub(super) operations: Vec<(Nanos, u32)>,
    /// By activation: the first one from it on that strikes cells; `NONE` if none does.
    pub(super) next_on_cells: Vec<u32>,
    /// Stations that may be arrival-driven.
    pub(super) may_be_direct: Vec<bool>,
}

impl Setting {
    /// Prepares a replication.
    pub fn new(scenario: &Scenario, platform: &Arc<Platform>, index: u32) -> Setting {
        let key = scenario.run.history(index);
        let activations = faults::schedule(scenario, platform, key);
        Setting {
            next_on_cells: next_on_cells(&activations),
            operations: timetable::events(&activations),
            activations,
            may_be_direct: may_be_direct(platform),
            newcomers: newcomers::draw(scenario, platform, key),
            effects: scenario.faults.iter().map(|fault| fault.effects.clone()).collect(),
            platform: Arc::clone(platform),
            key,
        }
    }

    /// Returns the number of subscriptions, newcomers included.
    pub fn subscriptions(&self) -> usize {
        self.platform.home.len() + self.newcomers.subs.len()
    }

    /// Returns the number of customers, newcomers included.
    pub fn customers(&self) -> u32 {
        self.platform.population.customers() + self.newcomers.customers
    }

    /// Returns the class of a subscription.
    pub fn class_of(&self, sub: SubId) -> u16 {
        match (sub as usize).checked_sub(self.platform.home.len()) {
            None => self.platform.class_of(sub),
            Some(newcomer) => self.newcomers.subs[newcomer].class,
        }
    }

    /// Returns what draws a newcomer's own luck; `None` for who was there from the start.
    pub fn newcomer_key(&self, sub: SubId) -> Option<Key> {
        let newcomer = (sub as usize).checked_sub(self.platform.home.len())?;
        self.newcomers.subs.get(newcomer).map(|newcomer| newcomer.key)
    }

    /// Returns the tier of a customer.
    pub fn tier_of(&self, customer: u32) -> usize {
        if customer < self.platform.population.customers() {
            return self.platform.population.tier_of(customer);
        }
        let joined = self.newcomers.subs.iter().find(|newcomer| newcomer.customer == customer);
        joined.map_or(0, |newcomer| self.platform.classes[newcomer.class as usize].tier)
    }

    /// Returns the effects of an activation: its fault's, scaled by the recorded share where a trace gives one.
    pub fn effects(&self, activation: &Activation) -> Vec<Effect> {
        faults::scaled(&self.effects[activation.fault], activation.share)
    }

    /// Returns the customer of a subscription.
    pub fn customer(&self, sub: SubId) -> u32 {
        match self.platform.population.customer.get(sub as usize) {
            Some(&customer) => customer,
            None => self.newcomers.subs[sub as usize - self.platform.home.len()].customer,
        }
    }
}

/// Returns for each activation the first one from it on that strikes cells.
fn next_on_cells(activations: &[Activation]) -> Vec<u32> {
    let mut next = NONE;
    let mut found: Vec<u32> = (0..activations.len() as u32)
        .rev()
        .map(|index| {
            if matches!(activations[index as usize].target, Target::Cells { .. }) {
                next = index;
            }
            next
        })
        .collect();
    found.reverse();
    found
}

/// Returns the stations that may be arrival-driven: first in, first out, at the end of every path that leads to them, with no
/// second copy of an attempt that could get ahead of it.
fn may_be_direct(platform: &Platform) -> Vec<bool> {
    let mut may: Vec<bool> = platform
        .stations
        .iter()
        .map(|station| {
            let pool = &station.pool;
            let by_load = pool.workers.is_some_and(|workers| workers.pick.is_some());
            let is_plain = pool.discipline == Discipline::Fifo && pool.slows_by == 0.0 && !by_load;
            is_plain && station.size.slots <= MOST_SLOTS
        })
        .collect();
    // First stations of cells, by workflow and tier (`None`: all).
    let mut firsts: BTreeMap<(usize, Option<usize>), Vec<u32>> = BTreeMap::new();
    for cell in &platform.cells {
        firsts.entry((cell.workflow, cell.tier)).or_default().push(cell.first_station);
    }
    for class in &platform.classes {
        let steps = &platform.steps[class.first_step as usize..][..class.step_count as usize];
        let stations = |step: &crate::world::platform::class::Step| {
            let count = step.workers.as_ref().map_or(1, |shards| shards.workers());
            step.station.map(|first| first..first + count)
        };
        let waits = |step: &&crate::world::platform::class::Step| !step.is_last || class.client.hedge.is_some();
        for offset in steps.iter().filter(waits).filter_map(stations).flatten() {
            for tier in [Some(class.tier), None] {
                for first in firsts.get(&(class.workflow, tier)).into_iter().flatten() {
                    may[(first + offset) as usize] = false;
                }
            }
        }
    }
    may
}
