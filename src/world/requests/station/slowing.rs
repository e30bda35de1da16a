//! A pool whose services slow each other: those in service progress at one pace, others wait their turn.

use super::pace::Pace;
use super::pool::Pool;
use crate::units::Nanos;
use crate::world::requests::attempt::AttemptId;

/// A pool and the pace of those in service.
#[derive(Debug, Clone)]
pub struct Slowing {
    /// Slots and those who wait for them.
    pub pool: Pool,
    pace: Pace,
}

impl Slowing {
    /// Returns an idle station.
    pub fn new(pool: Pool, slows_by: f64) -> Slowing {
        Slowing { pool, pace: Pace::new(slows_by) }
    }

    /// A slot begins to serve an attempt that needs so much; returns when the first one is done, if that is news.
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

    /// Takes those out for whom `stays` does not hold; returns how many waited, and when the first one is done, if that is news.
    pub fn drop_where(&mut self, now: Nanos, stays: impl Fn(AttemptId) -> bool) -> (u32, Option<Nanos>) {
        self.pace.drop_where(now, &stays);
        let next = self.repace(now);
        (self.pool.drop_where(now, stays), next)
    }

    /// Attempts have come or gone: all others in service go on at a new pace. All of them are served, though slots be lost meanwhile.
    pub fn repace(&mut self, now: Nanos) -> Option<Nanos> {
        self.pace.progress(now);
        let count = self.pace.count();
        while self.pool.busy < count {
            self.pool.begin(now);
        }
        while self.pool.busy > count {
            self.pool.done(now);
        }
        self.pace.set(count.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::pool::Room;
    use super::*;
    use crate::scenario::stage::Discipline;

    #[test]
    fn two_in_service_are_slower_and_the_third_waits() {
        let mut station = Slowing::new(Pool::new(2, 9, Discipline::Fifo), 1.0);
        for (id, next) in [(1, Some(10)), (2, Some(20))] {
            assert_eq!(station.pool.offer(AttemptId(id), 0), Room::Slot);
            assert_eq!(station.begin(AttemptId(id), 10, 0), next);
        }
        assert_eq!(station.pool.offer(AttemptId(3), 0), Room::Waits);
        // Both at half their pace: done at 20, together.
        assert_eq!(station.take_done(20), Some((vec![AttemptId(1), AttemptId(2)], None)));
        assert_eq!(station.pool.next(20), Some(AttemptId(3)));
        assert_eq!(station.begin(AttemptId(3), 10, 20), Some(30));
        assert_eq!((station.pool.busy, station.pool.meter.busy_time(1, 30)), (1, 50));
    }

    #[test]
    fn who_is_in_service_is_served_though_slots_be_lost() {
        let mut station = Slowing::new(Pool::new(2, 9, Discipline::Fifo), 1.0);
        station.begin(AttemptId(1), 10, 0);
        station.begin(AttemptId(2), 10, 0);
        station.pool.join(AttemptId(3), 0);
        station.pool.slots = 0;
        assert_eq!(station.repace(4), None, "as fast as before");
        assert_eq!(station.drop_where(4, |id| id == AttemptId(1)), (1, Some(12)), "8 left, alone");
    }
}
