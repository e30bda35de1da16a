//! How busy stations are: over the horizon, and while a fault lasts.

use std::collections::BTreeSet;

use crate::measure::spells::Spells;
use crate::units::{Nanos, seconds};
use crate::world::requests::station::Station;
use crate::world::requests::{setting::Setting, world::World};

/// Waits in one station within the horizon.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Waits {
    /// Seconds that attempts waited, in all.
    pub seconds: f64,
    /// Attempts that came.
    pub attempts: u64,
}

/// Busy time and waits of every station at the two ends of the horizon.
#[derive(Debug, Clone, Default)]
pub(crate) struct BusyTime {
    start: Option<Reading>,
    end: Option<Reading>,
}

/// What the stations of a world have done so far.
#[derive(Debug, Clone)]
struct Reading {
    busy: Vec<u64>,
    /// By station: nanoseconds that attempts waited in it.
    waited: Vec<u64>,
    /// By station: attempts that came.
    came: Vec<u64>,
}

impl Reading {
    fn of(world: &World) -> Reading {
        let each = |of: &dyn Fn(&Station) -> u64| world.stations.iter().map(of).collect();
        Reading {
            busy: busy_times(world),
            waited: each(&|station| station.time_waited(world.now)),
            came: each(&|station| station.came()),
        }
    }
}

fn busy_times(world: &World) -> Vec<u64> {
    world.stations.iter().map(|station| station.busy_time(world.now)).collect()
}

impl BusyTime {
    /// Returns whether the horizon has begun.
    pub(crate) fn has_begun(&self) -> bool {
        self.start.is_some()
    }

    /// Reads it, if the world is at an end of the horizon.
    pub(crate) fn read(&mut self, world: &World, warmup: Nanos, end: Nanos) {
        if world.now == warmup && self.start.is_none() {
            self.start = Some(Reading::of(world));
        }
        if world.now == end && self.end.is_none() {
            self.end = Some(Reading::of(world));
        }
    }

    /// Returns the mean busy slots of each station over the horizon.
    pub(crate) fn mean(&self, horizon: Nanos) -> Vec<f64> {
        let Some((start, end)) = self.start.as_ref().zip(self.end.as_ref()) else { return Vec::new() };
        let pairs = end.busy.iter().zip(&start.busy);
        pairs.map(|(end, start)| end.wrapping_sub(*start) as f64 / horizon as f64).collect()
    }

    /// Returns how long attempts waited in each station within the horizon, and how many came to it.
    pub(crate) fn waits(&self) -> Vec<Waits> {
        let Some((start, end)) = self.start.as_ref().zip(self.end.as_ref()) else { return Vec::new() };
        let waits = |at: usize| Waits {
            seconds: seconds(end.waited[at].wrapping_sub(start.waited[at])),
            attempts: end.came[at] - start.came[at],
        };
        (0..end.came.len()).map(waits).collect()
    }
}

/// How busy the stations were while a fault lasted, in one replication.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WhileFault {
    /// So long within the horizon.
    pub seconds: f64,
    /// Busy slots over the slots that there are in health, of all stations.
    pub mean: f64,
    /// Of the busiest station.
    pub busiest: f64,
}

/// Busy time of every station while each fault lasts.
#[derive(Debug)]
pub(crate) struct BusyWhile {
    spells: Spells,
    end: Nanos,
    /// When an edge was met last, and the faults that last since.
    last: Nanos,
    lasting: BTreeSet<u32>,
    /// By fault: how busy the stations were while it lasted.
    faults: Vec<OfFault>,
    slots: Vec<f64>,
}

/// Busy times while one fault lasts: those at its ends less those at its onsets, so that what lies between costs nothing.
#[derive(Debug, Clone, Default)]
struct OfFault {
    lasted: Nanos,
    /// Spells that are still to begin.
    to_come: u32,
    /// By station; empty before its first spell and after its last.
    busy: Vec<u64>,
    found: Option<WhileFault>,
}

impl BusyWhile {
    /// Begins at the start of a replication.
    pub(crate) fn new(setting: &Setting, spells: &Spells, faults: usize) -> BusyWhile {
        let end = setting.platform.warmup + setting.platform.horizon;
        let slots = setting.platform.stations.iter().map(|station| f64::from(station.size.slots)).collect();
        let mut faults = vec![OfFault::default(); faults];
        for fault in spells.beginning() {
            faults[fault as usize].to_come += 1;
        }
        BusyWhile { spells: spells.clone(), end, last: 0, lasting: BTreeSet::new(), faults, slots }
    }

    /// Returns the next instant at which the world must be looked at.
    pub(crate) fn next_edge(&self, now: Nanos) -> Option<Nanos> {
        self.spells.next_edge(now).filter(|&edge| edge <= self.end)
    }

    /// The world has come to an instant: an onset, an end, or one in between.
    pub(crate) fn reached(&mut self, world: &World) {
        let now = world.now;
        if self.spells.is_empty() || now > self.end || now == self.last {
            return;
        }
        let is_end = now == self.end;
        if !is_end && self.spells.next_edge(now - 1) != Some(now) {
            return;
        }
        let lasting: BTreeSet<u32> =
            if is_end { BTreeSet::new() } else { self.spells.at(now).iter().copied().collect() };
        let busy = busy_times(world);
        for &fault in lasting.difference(&self.lasting) {
            self.faults[fault as usize].begins(now, &busy);
        }
        for &fault in self.lasting.difference(&lasting) {
            self.faults[fault as usize].ends(now, &busy, &self.slots, is_end);
        }
        (self.last, self.lasting) = (now, lasting);
    }

    /// Returns how busy the stations were, by fault.
    pub(crate) fn means(&self) -> Vec<Option<WhileFault>> {
        self.faults.iter().map(|one| one.found).collect()
    }
}

impl OfFault {
    fn begins(&mut self, now: Nanos, busy: &[u64]) {
        self.to_come -= 1;
        self.lasted = self.lasted.wrapping_sub(now);
        self.busy.resize(busy.len(), 0);
        self.busy.iter_mut().zip(busy).for_each(|(mine, now)| *mine = mine.wrapping_sub(*now));
    }

    fn ends(&mut self, now: Nanos, busy: &[u64], slots: &[f64], is_over: bool) {
        self.lasted = self.lasted.wrapping_add(now);
        self.busy.iter_mut().zip(busy).for_each(|(mine, now)| *mine = mine.wrapping_add(*now));
        if self.to_come == 0 || is_over {
            self.found = self.mean(slots);
            self.busy = Vec::new();
        }
    }

    fn mean(&self, slots: &[f64]) -> Option<WhileFault> {
        (self.lasted > 0 && !slots.is_empty()).then(|| {
            let share = |busy: f64, slots: f64| busy / (slots * self.lasted as f64);
            let all = self.busy.iter().map(|&busy| busy as f64).sum();
            let each = self.busy.iter().zip(slots).map(|(&busy, &slots)| share(busy as f64, slots));
            WhileFault {
                seconds: seconds(self.lasted),
                mean: share(all, slots.iter().sum()),
                busiest: each.fold(0.0, f64::max),
            }
        })
    }
}
