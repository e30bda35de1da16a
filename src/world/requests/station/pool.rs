//! A pool: parallel slots and a queue, first or last come first served.
//!
//! Knows attempts by their numbers alone, and no clock but the instants that it is told.

use std::collections::VecDeque;

use super::meter::Meter;
use crate::scenario::stage::Discipline;
use crate::units::Nanos;
use crate::world::requests::attempt::AttemptId;

/// What a pool says to an attempt that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// A slot is free.
    Slot,
    /// It waits.
    Waits,
    /// There is no waiting place left.
    Full,
}

/// Slots and those who wait for them.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Slots at work.
    pub busy: u32,
    /// Slots there are now.
    pub slots: u32,
    /// Waiting places.
    pub places: u32,
    /// Who is served next.
    discipline: Discipline,
    /// Who waits, in the order in which they came.
    queue: VecDeque<AttemptId>,
    /// What it has done.
    pub meter: Meter,
}

impl Pool {
    /// Returns an idle pool.
    pub fn new(slots: u32, places: u32, discipline: Discipline) -> Pool {
        Pool { busy: 0, slots, places, discipline, queue: VecDeque::new(), meter: Meter::default() }
    }

    /// An attempt comes: it is given a slot, which [`begin`](Pool::begin) takes, or a waiting place.
    #[inline]
    pub fn offer(&mut self, id: AttemptId, now: Nanos) -> Room {
        if self.busy < self.slots {
            self.meter.came += 1;
            Room::Slot
        } else if self.waiting() < self.places {
            self.meter.came += 1;
            self.join(id, now);
            Room::Waits
        } else {
            Room::Full
        }
    }

    /// An attempt takes a waiting place that is its own already, since some instant.
    #[inline]
    pub fn join(&mut self, id: AttemptId, since: Nanos) {
        self.queue.push_back(id);
        self.meter.joined(since);
    }

    /// A slot begins to work.
    #[inline]
    pub fn begin(&mut self, at: Nanos) {
        self.busy += 1;
        self.meter.began(at);
    }

    /// A slot ends its work.
    #[inline]
    pub fn done(&mut self, now: Nanos) {
        self.busy -= 1;
        self.meter.ended(now);
    }

    /// Takes the attempt whose turn it is, if a slot is free for it.
    #[inline]
    pub fn next(&mut self, now: Nanos) -> Option<AttemptId> {
        if self.busy >= self.slots {
            return None;
        }
        let next = if self.discipline == Discipline::Fifo { self.queue.pop_front() } else { self.queue.pop_back() };
        if next.is_some() {
            self.meter.left(1, now);
        }
        next
    }

    /// Takes those out of the queue for whom `stays` does not hold; returns how many.
    pub fn drop_where(&mut self, now: Nanos, stays: impl Fn(AttemptId) -> bool) -> u32 {
        let before = self.waiting();
        self.queue.retain(|&id| stays(id));
        let gone = before - self.waiting();
        self.meter.left(u64::from(gone), now);
        gone
    }

    /// Returns how many wait.
    #[inline]
    pub fn waiting(&self) -> u32 {
        self.queue.len() as u32
    }

    /// Returns whether nobody is in it.
    #[inline]
    pub fn is_idle(&self) -> bool {
        self.busy == 0 && self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One slot at work, three waiting since 1, 2 and 3, a waiting place left.
    fn pool(discipline: Discipline) -> Pool {
        let mut pool = Pool::new(1, 4, discipline);
        assert_eq!(pool.offer(AttemptId(0), 0), Room::Slot);
        pool.begin(0);
        for at in 1..4 {
            assert_eq!(pool.offer(AttemptId(at), Nanos::from(at)), Room::Waits);
        }
        pool
    }

    fn served(mut pool: Pool) -> Vec<u32> {
        pool.slots = 9;
        std::iter::from_fn(|| pool.next(10)).map(|id| id.0).collect()
    }

    #[test]
    fn in_order_or_the_last_one_first() {
        assert_eq!(served(pool(Discipline::Fifo)), [1, 2, 3]);
        assert_eq!(served(pool(Discipline::Lifo)), [3, 2, 1]);
    }

    #[test]
    fn nobody_is_served_without_a_slot_or_waits_without_a_place() {
        let mut pool = pool(Discipline::Fifo);
        assert_eq!(pool.next(4), None, "the slot is at work");
        assert_eq!(pool.offer(AttemptId(4), 4), Room::Waits);
        assert_eq!((pool.offer(AttemptId(5), 5), pool.meter.came), (Room::Full, 5));
        pool.done(6);
        assert_eq!((pool.next(6), pool.waiting()), (Some(AttemptId(1)), 3));
        // Slots that a fault has taken finish what they do, and take nobody else.
        pool.begin(6);
        pool.slots = 0;
        pool.done(8);
        assert_eq!(pool.next(8), None);
        assert_eq!((pool.meter.busy_time(0, 9), pool.meter.time_waited(3, 9)), (8, 5 + 7 + 6 + 5));
    }

    #[test]
    fn who_is_dropped_waits_no_longer() {
        let mut pool = pool(Discipline::Lifo);
        assert_eq!(pool.drop_where(5, |id| id != AttemptId(2)), 1);
        assert_eq!(pool.meter.time_waited(pool.waiting(), 6), 5 + 3 + 3);
        assert!(!pool.is_idle());
        assert_eq!(served(pool), [3, 1]);
    }
}
