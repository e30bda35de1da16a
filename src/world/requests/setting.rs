//! The setting of a replication: what does not change while it runs, shared by a world and its twins.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::rng::Key;
use crate::scenario::Scenario;
use crate::scenario::fault::Effect;
use crate::scenario::stage::Discipline;
use crate::units::Nanos;
use crate::world::operations::effects::Strike;
use crate::world::operations::faults::{self, Activation};
use crate::world::operations::timetable;
use crate::world::platform::Platform;
use crate::world::platform::class::Step;
use crate::world::platform::newcomers::{self, Newcomers};
use crate::world::platform::population::{NONE, SubId};
use crate::world::platform::scope::Target;
use crate::world::platform::shards::Shards;

/// Slots up to which a sorted list of their instants is cheaper than events.
const MOST_SLOTS: u32 = 64;

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
    /// Stations that may settle ahead.
    pub(super) may_settle: Vec<bool>,
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
            may_settle: may_settle(platform),
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

    /// Returns whether a subscription is that of a newcomer who joins after an instant.
    #[inline]
    pub fn joins_later(&self, sub: SubId, at: Nanos) -> bool {
        let newcomer = (sub as usize).checked_sub(self.platform.home.len());
        newcomer.is_some_and(|newcomer| self.newcomers.subs[newcomer].joins > at)
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

    /// Returns what an activation does to whatever it strikes, as it is now.
    pub fn strike(&self, index: u32, now: Nanos) -> Strike {
        let activation = &self.activations[index as usize];
        Strike {
            activation: index,
            key: activation.key,
            place: None,
            destination: None,
            zone: None,
            tier: None,
            detected: activation.detected.is_some_and(|at| at <= now),
            effects: self.effects(activation),
        }
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

/// Returns the stations that may settle ahead: first in, first out, at the end of every path that leads to them, with no
/// second copy of an attempt that could get ahead of it.
fn may_settle(platform: &Platform) -> Vec<bool> {
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
        let stations = |step: &Step| {
            let count = step.at.shards().map_or(1, Shards::workers);
            step.station().map(|first| first..first + count)
        };
        let waits = |step: &&Step| step.next.is_some() || class.client.hedge.is_some();
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Two tiers, a router, two stages; what a test adds to it.
    pub(in crate::world::requests) fn setting(more: &str) -> Setting {
        let text = format!(
            "[tier.big]\ncustomers = 4\ncells = 2\nsla = \"99%\"\n[tier.small]\ncustomers = 6\ncells = 1\nsla = \"99%\"\n\
             [router]\ncache = {{ hit_ratio = \"100%\", latency = \"2ms\" }}\nstore = {{ latency = \"10ms\" }}\n\
             [workflow.w]\ndemand = \"10/s\"\npath = [\"first\", \"last\"]\nclient.deadline = \"1s\"\n\
             stage.first = {{ service_time = \"1ms\", size = {{ concurrency = 2 }} }}\n\
             stage.last = {{ service_time = \"1ms\", size = {{ concurrency = 3 }} }}\n\
             [run]\nwarmup = \"0s\"\nhorizon = \"60s\"\n{more}"
        );
        let scenario = Scenario::from_text("test", &text).expect("the text is a scenario");
        let platform = Arc::new(Platform::new(&scenario).expect("it can be built"));
        Setting::new(&scenario, &platform, 0)
    }

    #[test]
    fn only_the_last_stage_of_a_path_settles_ahead() {
        let plain = setting("");
        let of = |setting: &Setting, stage: &str| -> Vec<bool> {
            let stations = setting.platform.stations.iter().zip(&setting.may_settle);
            stations.filter(|(station, _)| station.stage == stage).map(|(_, &may)| may).collect()
        };
        assert_eq!((of(&plain, "first"), of(&plain, "last")), (vec![false; 3], vec![true; 3]));
        let hedged = setting("[client]\nhedge = { after = \"5ms\" }\n");
        assert!(!hedged.may_settle.contains(&true), "a second copy could get ahead");
    }

    #[test]
    fn the_next_fault_on_cells_is_known() {
        let faults = "[fault.a]\nstrikes = { router = \"cache\" }\neffect = \"crash\"\nat = \"1s\"\nfor = \"1s\"\n\
                      [fault.b]\nstrikes = { workflow = \"w\" }\neffect = \"crash\"\nat = \"2s\"\nfor = \"1s\"\n";
        let setting = setting(faults);
        assert_eq!(setting.next_on_cells, [1, 1]);
        let strike = setting.strike(1, 0);
        assert_eq!((strike.activation, strike.zone, strike.detected), (1, None, false));
    }
}
