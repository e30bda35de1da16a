//! Harm: whom an incident makes fail that its twin serves.
//!
//! # Model
//! A (customer, workflow) minute is harmed when, of its n requests that arrive in the band (or are alive at onset), u fail here
//! but not in the twin, v the reverse, and u - v >= max(1, harm_share n). Both worlds serve the same requests, so u - v is the
//! difference of two counts of failures and no request needs to be remembered. An answer that is too late for the contract
//! (`good_under`) is a failure.
//!
//! The band runs from onset to recovery, or to the fault's end if that is later. Recovery is known only after its hold, so what
//! happens meanwhile is kept by second of arrival and folded into minutes once the second is known to lie in the band.
//!
//! What the incident takes from contracts follows from the same minutes: u - v of the requests, and for contracts that count
//! attempts the same of those, by the second in which they began.

use std::collections::VecDeque;
use std::sync::Arc;

use super::limits::Limits;
use super::recovery::{Recovery, UnitSecond, Units};
use crate::catalogue::Cause;
use crate::units::{Nanos, SECOND};
use crate::world::platform::population::SubId;
use crate::world::requests::happening::Resolved;
use crate::world::requests::world::World;

/// This world, or the twin.
pub const HERE: usize = 0;
/// See [`HERE`].
pub const TWIN: usize = 1;

const ARRIVED: u32 = 0;
const FAILED_HERE: u32 = 1;
const FAILED_TWIN: u32 = 2;

const BEGAN: u32 = 0;
const FAILED: u32 = 2;

/// A subscription was struck.
pub const EXPOSED: u8 = 1;
/// It sent something in the band.
pub const SENT: u8 = 2;
/// It was harmed in some minute.
pub const HARMED: u8 = 4;
/// At least 95 % of its requests of some minute failed.
pub const DOWN: u8 = 8;

/// What arrived in one second.
#[derive(Debug, Clone, Default)]
struct Second {
    /// Subscription and kind, packed.
    journal: Vec<u32>,
    /// The same of attempts that a contract counts, by when they began.
    attempts: Vec<u32>,
    units: Vec<UnitSecond>,
}

impl Second {
    fn new(units: usize) -> Second {
        Second { units: vec![UnitSecond::default(); units], ..Second::default() }
    }
}

/// What an incident did to one subscription's minute: so many failed that its twin serves.
#[derive(Debug, Clone, Copy)]
pub struct Caused {
    /// Minute, from the end of the warm-up.
    pub minute: i64,
    /// Whose.
    pub sub: SubId,
    /// Attempts, or requests.
    pub of_attempts: bool,
    /// Attempts here less those in the twin; requests are the same.
    pub all: i64,
    /// Failures here less those in the twin.
    pub failed: i64,
}

/// Follows one incident.
#[derive(Debug)]
pub struct Harm {
    warmup: Nanos,
    horizon: Nanos,
    lag: Nanos,
    harm_share: f64,
    limits: Arc<Limits>,
    onset: Nanos,
    /// First second whose arrivals are kept; earlier ones cannot be alive at onset.
    first: i64,
    /// Seconds from `first` on that are not folded yet; units are kept until judged.
    seconds: VecDeque<Second>,
    unit_count: usize,
    /// Occupancy of each unit at the last edge, here and in the twin.
    edges: [Vec<u64>; 2],
    edge_at: Nanos,
    /// Recovery of the units.
    pub units: Units,
    /// The minute that is being folded, and its journal.
    minute: i64,
    journal: Vec<u32>,
    attempts: Vec<u32>,
    /// What the incident did, minute by minute, for whoever takes it from here; `None` where nobody does.
    pub caused: Option<Vec<Caused>>,
    /// Flags of each subscription.
    pub flags: Vec<u8>,
    /// Harmed minutes of each subscription.
    pub harmed_minutes: Vec<u16>,
}

impl Harm {
    /// Opens the books at the onset, from the world as it is just before.
    pub fn new(world: &World, flags: Vec<u8>, harm_share: f64, limits: Arc<Limits>) -> Harm {
        let setting = world.setting();
        let platform = &setting.platform;
        let lag = platform.longest_deadline;
        let onset = world.now;
        let onset_second = (onset - platform.warmup) as i64 / SECOND as i64;
        // Nothing arrives before the warm-up, however long the deadline.
        let oldest = -(platform.warmup.div_ceil(SECOND) as i64);
        let first = (onset_second - (lag.div_ceil(SECOND) as i64)).max(oldest) - 1;
        let unit_count = platform.cells.len() + 1;
        let mut harm = Harm {
            warmup: platform.warmup,
            horizon: platform.horizon,
            lag,
            harm_share,
            limits,
            onset,
            first,
            seconds: VecDeque::new(),
            unit_count,
            edges: [occupancies(world), occupancies(world)],
            edge_at: onset,
            units: Units::new(unit_count, onset_second),
            minute: i64::MIN,
            journal: Vec::new(),
            attempts: Vec::new(),
            caused: None,
            harmed_minutes: vec![0; flags.len()],
            flags,
        };
        for (sub, arrival) in world.under_way() {
            harm.note(sub, arrival, ARRIVED);
        }
        harm
    }

    /// Returns the second of an instant, from the end of the warm-up.
    pub fn second_of(&self, at: Nanos) -> i64 {
        (at as i64 - self.warmup as i64).div_euclid(SECOND as i64)
    }

    /// Returns the books of an instant's second; none are kept beyond the horizon.
    fn second(&mut self, at: Nanos) -> Option<&mut Second> {
        if at >= self.warmup + self.horizon {
            return None;
        }
        let index = usize::try_from(self.second_of(at) - self.first).ok()?;
        while self.seconds.len() <= index {
            self.seconds.push_back(Second::new(self.unit_count));
        }
        Some(&mut self.seconds[index])
    }

    fn note(&mut self, sub: SubId, arrival: Nanos, kind: u32) {
        if let Some(second) = self.second(arrival) {
            second.journal.push(sub << 2 | kind);
        }
    }

    /// An attempt that a contract counts begins in one of the worlds.
    pub fn attempted(&mut self, which: usize, sub: SubId, started: Nanos) {
        self.note_attempt(sub, started, BEGAN + which as u32);
    }

    /// An attempt that a contract counts has failed in one of the worlds.
    pub fn attempt_failed(&mut self, which: usize, sub: SubId, started: Nanos) {
        self.note_attempt(sub, started, FAILED + which as u32);
    }

    fn note_attempt(&mut self, sub: SubId, started: Nanos, kind: u32) {
        if let Some(second) = self.second(started) {
            second.attempts.push(sub << 2 | kind);
        }
    }

    /// A request arrives in one of the worlds.
    pub fn arrived(&mut self, which: usize, sub: SubId, home: u32, at: Nanos) {
        let router = self.unit_count - 1;
        if let Some(second) = self.second(at) {
            second.units[(home as usize).min(router)].all[which] += 1;
            second.units[router].all[which] += 1;
        }
        if which == HERE {
            self.note(sub, at, ARRIVED);
        }
    }

    /// Returns whether a request is bad, by failure or by an answer that is too late for its contract.
    #[inline]
    pub fn is_bad(&self, request: &Resolved) -> bool {
        self.limits.why_bad(request).is_some()
    }

    /// A request is over in one of the worlds.
    pub fn resolved(&mut self, which: usize, home: u32, request: &Resolved) {
        let Some(cause) = self.limits.why_bad(request) else { return };
        self.note(request.sub, request.arrival, if which == HERE { FAILED_HERE } else { FAILED_TWIN });
        if request.arrival < self.onset {
            return;
        }
        let router = self.unit_count - 1;
        if let Some(second) = self.second(request.arrival) {
            if cause == Cause::Unrouted {
                second.units[router].failed[which] += 1;
            } else {
                second.units[(home as usize).min(router)].failed[which] += 1;
            }
        }
    }

    /// Both worlds have reached `now`, the edge of a second (or an instant within one).
    pub fn reached(&mut self, here: &World, twin: &World, end: Nanos) {
        let now = here.now;
        if now > self.edge_at && self.edge_at < self.warmup + self.horizon {
            let edge_at = self.edge_at;
            for (which, world) in [here, twin].into_iter().enumerate() {
                let edges = occupancies(world);
                let before = std::mem::replace(&mut self.edges[which], edges.clone());
                if let Some(second) = self.second(edge_at) {
                    for ((unit, after), before) in second.units.iter_mut().zip(&edges).zip(&before) {
                        unit.occupancy[which] += after.wrapping_sub(*before);
                    }
                }
            }
            self.edge_at = now;
        }
        let last = self.complete_until(now);
        while self.units.judged < last {
            let second = self.units.judged;
            let index = (second - self.first) as usize;
            while self.seconds.len() <= index {
                self.seconds.push_back(Second::new(self.unit_count));
            }
            let start = (self.warmup as i64 + second * SECOND as i64) as Nanos;
            let length = start + SECOND - start.max(self.onset);
            let units = std::mem::take(&mut self.seconds[index].units);
            self.units.judge(&units, length);
            self.fold(self.units.normal_since().max(self.second_after(end)).min(self.units.judged));
        }
    }

    /// As [`Harm::reached`], of books beside those of an incident: when it has recovered is for the incident to say.
    pub fn reached_beside(&mut self, now: Nanos, end: Nanos) {
        self.fold(self.second_after(end).min(self.complete_until(now)));
    }

    /// Returns the first second that is not complete: one is when every request that arrived in it is over, and it lies within the
    /// horizon.
    fn complete_until(&self, now: Nanos) -> i64 {
        (now.min(self.warmup + self.horizon + self.lag) as i64 - self.lag as i64 - self.warmup as i64)
            .div_euclid(SECOND as i64)
    }

    /// Returns the first second that begins at or after an instant.
    pub fn second_after(&self, at: Nanos) -> i64 {
        -((self.warmup as i64 - at as i64).div_euclid(SECOND as i64))
    }

    /// Folds all seconds before `until` into their minutes.
    fn fold(&mut self, until: i64) {
        while self.first < until {
            let Some(second) = self.seconds.pop_front() else { break };
            let minute = self.first.div_euclid(60);
            self.first += 1;
            if minute != self.minute {
                self.judge_minute();
                self.minute = minute;
            }
            self.journal.extend(second.journal);
            self.attempts.extend(second.attempts);
        }
    }

    /// Judges the minute's subscriptions: sorting brings together what belongs to each.
    fn judge_minute(&mut self) {
        self.journal.sort_unstable();
        for entries in self.journal.chunk_by(|a, b| a >> 2 == b >> 2) {
            let sub = (entries[0] >> 2) as usize;
            let of_kind = |kind: u32| entries.iter().filter(|&entry| entry & 3 == kind).count() as f64;
            let (all, failed_here, failed_twin) = (of_kind(ARRIVED), of_kind(FAILED_HERE), of_kind(FAILED_TWIN));
            if let Some(caused) = self.caused.as_mut().filter(|_| failed_here != failed_twin) {
                let failed = (failed_here - failed_twin) as i64;
                caused.push(Caused { minute: self.minute, sub: sub as SubId, of_attempts: false, all: 0, failed });
            }
            let flags = &mut self.flags[sub];
            *flags |= SENT;
            if failed_here - failed_twin >= (self.harm_share * all).max(1.0) {
                *flags |= HARMED;
                self.harmed_minutes[sub] = self.harmed_minutes[sub].saturating_add(1);
                if failed_here >= 0.95 * all {
                    *flags |= DOWN;
                }
            }
        }
        self.journal.clear();
        self.attempts.sort_unstable();
        for entries in self.attempts.chunk_by(|a, b| a >> 2 == b >> 2) {
            let of_kind = |kind: u32| entries.iter().filter(|&entry| entry & 3 == kind).count() as i64;
            let more = |kind: u32| of_kind(kind + HERE as u32) - of_kind(kind + TWIN as u32);
            let (sub, all, failed) = (entries[0] >> 2, more(BEGAN), more(FAILED));
            if let Some(caused) = self.caused.as_mut().filter(|_| (all, failed) != (0, 0)) {
                caused.push(Caused { minute: self.minute, sub, of_attempts: true, all, failed });
            }
        }
        self.attempts.clear();
    }

    /// Closes the books: everything in the band is folded, the rest forgotten. Returns how the incident recovered.
    pub fn close(&mut self, end: Nanos, hold: u64) -> Recovery {
        let end_second = self.second_after(end);
        let onset_second = self.second_of(self.onset);
        let recovery = if self.units.has_held(end_second, hold) {
            Recovery::Recovered(self.units.normal_since())
        } else {
            self.units.at_horizon(onset_second, end_second)
        };
        self.close_beside(self.band_end(recovery, end));
        recovery
    }

    /// Returns the second at which the band ends.
    pub fn band_end(&self, recovery: Recovery, end: Nanos) -> i64 {
        recovery.as_twin().map_or(i64::MAX, |second| second.max(self.second_after(end)))
    }

    /// Closes books beside those of an incident, whose band ends at this second.
    pub fn close_beside(&mut self, band_end: i64) {
        self.fold(band_end.min(self.first + self.seconds.len() as i64));
        self.judge_minute();
    }
}

/// Time integrals of the number in system: of each cell, then of the router's store.
fn occupancies(world: &World) -> Vec<u64> {
    let now = world.now;
    let router = world.router.as_ref().map_or(0, |router| router.mapping.occupancy(now));
    world.cells.iter().map(|cell| cell.occupancy(now)).chain([router]).collect()
}
