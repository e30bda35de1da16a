//! Processor sharing: everybody is served at once, each at an equal part of the slots, but never more than one.
//!
//! Of n attempts at c slots each progresses at the rate min(1, c / n): see [`super::pace`]. Waiting places are those beyond the
//! slots: c + queue attempts at most.

use super::meter::Meter;
use super::pace::Pace;
use crate::units::Nanos;
use crate::world::requests::attempt::AttemptId;

/// Slots that everybody shares.
#[derive(Debug, Clone)]
pub struct Sharing {
    /// Slots at work.
    pub busy: u32,
    /// Slots there are now.
    pub slots: u32,
    /// Attempts beyond the slots at most.
    pub places: u32,
    pace: Pace,
    /// What it has done: nobody waits.
    pub meter: Meter,
}

impl Sharing {
    /// Returns an idle station.
    pub fn new(slots: u32, places: u32, slows_by: f64) -> Sharing {
        Sharing { busy: 0, slots, places, pace: Pace::new(slows_by), meter: Meter::default() }
    }

    /// An attempt comes; returns whether there is room, then [`begin`](Sharing::begin) lets it in.
    pub fn has_room(&self) -> bool {
        u64::from(self.pace.count()) < u64::from(self.slots) + u64::from(self.places)
    }

    /// Begins to serve an attempt that needs so much; returns when the first one is done, if that is news.
    pub fn begin(&mut self, id: AttemptId, service: Nanos, now: Nanos) -> Option<Nanos> {
        self.pace.progress(now);
        self.pace.enter(id, service);
        self.repace(now)
    }

    /// Takes those that are done, and when the next one is; `None` if the pace has changed since this was foreseen.
    pub fn take_done(&mut self, now: Nanos) -> Option<(Vec<AttemptId>, Option<Nanos>)> {
        let done = self.pace.take_done(now)?;
        Some((done, self.repace(now)))
    }

    /// Takes those out for whom `stays` does not hold; returns when the first one is done, if that is news.
    pub fn drop_where(&mut self, now: Nanos, stays: impl Fn(AttemptId) -> bool) -> Option<Nanos> {
        self.pace.drop_where(now, stays);
        self.repace(now)
    }

    /// Attempts or slots have come or gone: all go on at a new pace.
    pub fn repace(&mut self, now: Nanos) -> Option<Nanos> {
        self.pace.progress(now);
        let busy = self.pace.count().min(self.slots);
        for _ in self.busy..busy {
            self.meter.began(now);
        }
        for _ in busy..self.busy {
            self.meter.ended(now);
        }
        self.busy = busy;
        self.pace.set(self.slots)
    }

    /// Returns how many are beyond the slots.
    pub fn waiting(&self) -> u32 {
        self.pace.count() - self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_served_up_to_the_last_place() {
        let mut sharing = Sharing::new(1, 1, 0.0);
        assert!(sharing.has_room());
        assert_eq!(sharing.begin(AttemptId(1), 10, 0), Some(10));
        assert_eq!(sharing.begin(AttemptId(2), 10, 4), Some(16));
        assert!(!sharing.has_room());
        assert_eq!((sharing.busy, sharing.waiting()), (1, 1));
        assert_eq!(sharing.take_done(10), None, "foreseen before the second one came");
        assert_eq!(sharing.take_done(16), Some((vec![AttemptId(1)], Some(20))));
        assert_eq!(sharing.take_done(20), Some((vec![AttemptId(2)], None)));
        assert_eq!(sharing.meter.busy_time(sharing.busy, 50), 20);
    }

    #[test]
    fn slots_that_a_fault_takes_leave_everybody_slower() {
        let mut sharing = Sharing::new(2, 9, 0.0);
        sharing.begin(AttemptId(1), 10, 0);
        sharing.begin(AttemptId(2), 10, 0);
        sharing.slots = 1;
        assert_eq!(sharing.repace(5), Some(15));
        assert_eq!((sharing.busy, sharing.waiting()), (1, 1));
        sharing.slots = 0;
        assert_eq!(sharing.repace(7), None, "nothing is ever done");
        sharing.slots = 2;
        assert_eq!(sharing.repace(100), Some(104));
        assert_eq!(sharing.drop_where(100, |id| id == AttemptId(2)), None, "the other one is done no sooner");
        assert_eq!(sharing.take_done(104), Some((vec![AttemptId(2)], None)));
    }
}
