//! How busy stations are: over the horizon, and while a fault lasts.

use crate::measure::spells::Spells;
use crate::units::{Nanos, seconds};
use crate::world::platform::Platform;
use crate::world::station::StationState;
use crate::world::{run::World, setting::Setting};

/// Busy time and waits of every station at the two ends of the horizon.
#[derive(Debug, Clone, Default)]
pub(super) struct BusyTime {
    start: Option<Reading>,
    end: Option<Reading>,
}

/// What the stations of a world have done so far.
#[derive(Debug, Clone)]
struct Reading {
    busy: Vec<u64>,
    /// Nanoseconds waited, and attempts that came.
    waits: Vec<(u64, u64)>,
}

impl Reading {
    fn of(world: &World) -> Reading {
        let waits = |station: &StationState| (station.time_waited(world.now), station.came);
        Reading { busy: busy_times(world), waits: world.stations.iter().map(waits).collect() }
    }
}

fn busy_times(world: &World) -> Vec<u64> {
    world.stations.iter().map(|station| station.busy_time(world.now)).collect()
}

impl BusyTime {
    /// Returns whether the horizon has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.start.is_some()
    }

    /// Reads it, if the world is at an end of the horizon.
    pub(super) fn read(&mut self, world: &World, warmup: Nanos, end: Nanos) {
        if world.now == warmup && self.start.is_none() {
            self.start = Some(Reading::of(world));
        }
        if world.now == end && self.end.is_none() {
            self.end = Some(Reading::of(world));
        }
    }

    /// Returns the mean busy slots of each station over the horizon.
    pub(super) fn mean(&self, horizon: Nanos) -> Vec<f64> {
        let Some((start, end)) = self.start.as_ref().zip(self.end.as_ref()) else { return Vec::new() };
        let pairs = end.busy.iter().zip(&start.busy);
        pairs.map(|(end, start)| end.wrapping_sub(*start) as f64 / horizon as f64).collect()
    }

    /// Returns the seconds that attempts waited in each station within the horizon, and how many came to it.
    pub(super) fn waits(&self) -> Vec<(f64, u64)> {
        let Some((start, end)) = self.start.as_ref().zip(self.end.as_ref()) else { return Vec::new() };
        let pairs = end.waits.iter().zip(&start.waits);
        pairs.map(|(end, start)| (seconds(end.0.wrapping_sub(start.0)), end.1 - start.1)).collect()
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
pub(super) struct BusyWhile {
    spells: Spells,
    end: Nanos,
    /// When an edge was met last, and busy times then.
    last: (Nanos, Vec<u64>),
    /// By fault: how long it has lasted, and busy times meanwhile.
    faults: Vec<(Nanos, Vec<u64>)>,
}

impl BusyWhile {
    /// Begins at the start of a replication.
    pub(super) fn new(setting: &Setting, faults: usize) -> BusyWhile {
        let end = setting.platform.warmup + setting.platform.horizon;
        let idle = vec![0; setting.platform.stations.len()];
        BusyWhile { spells: Spells::new(setting), end, last: (0, idle), faults: vec![(0, Vec::new()); faults] }
    }

    /// Returns the next instant at which the world must be looked at.
    pub(super) fn next_edge(&self, now: Nanos) -> Option<Nanos> {
        self.spells.next_edge(now).filter(|&edge| edge <= self.end)
    }

    /// The world has come to an instant: an onset, an end, or one in between.
    pub(super) fn reached(&mut self, world: &World) {
        if self.spells.is_empty() || world.now > self.end {
            return;
        }
        let is_edge = self.spells.next_edge(world.now.saturating_sub(1)) == Some(world.now);
        if !is_edge && world.now != self.end || world.now == self.last.0 {
            return;
        }
        let now = busy_times(world);
        let (since, before) = std::mem::replace(&mut self.last, (world.now, now));
        for &fault in self.spells.at(since) {
            let (lasted, busy) = &mut self.faults[usize::from(fault)];
            *lasted += world.now - since;
            busy.resize(self.last.1.len(), 0);
            for ((busy, now), before) in busy.iter_mut().zip(&self.last.1).zip(&before) {
                *busy += now.wrapping_sub(*before);
            }
        }
    }

    /// Returns how busy the stations were, by fault.
    pub(super) fn means(&self, platform: &Platform) -> Vec<Option<WhileFault>> {
        let slots: Vec<f64> = platform.stations.iter().map(|station| f64::from(station.size.slots)).collect();
        let of_fault = |(lasted, busy): &(Nanos, Vec<u64>)| {
            (*lasted > 0 && !slots.is_empty()).then(|| {
                let share = |busy: f64, slots: f64| busy / (slots * *lasted as f64);
                let all = busy.iter().map(|&busy| busy as f64).sum();
                let each = busy.iter().zip(&slots).map(|(&busy, &slots)| share(busy as f64, slots));
                WhileFault {
                    seconds: seconds(*lasted),
                    mean: share(all, slots.iter().sum()),
                    busiest: each.fold(0.0, f64::max),
                }
            })
        };
        self.faults.iter().map(of_fault).collect()
    }
}
