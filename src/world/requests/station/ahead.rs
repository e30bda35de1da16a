//! Settle-ahead: where nothing can disturb work in service, its end is known when it arrives.
//!
//! A first-in-first-out station at the end of a path needs neither a queue nor an event: it keeps the instants at which its
//! slots become free, and an attempt's start and end follow on arrival (Kiefer, Wolfowitz 1955). The answer is then reported
//! before it happens, which nobody can tell: outcomes are counted by arrival.
//!
//! What could tell is a fault, or a look at the world's state. So an attempt is settled ahead only if it ends before the next
//! fault event and before the instant up to which the world has been asked to run. All others *cross* that limit: they are kept
//! with the start and end they have as yet, and settled when the limit moves on, or turned into ordinary attempts of a pool when a
//! fault strikes their cell. A station that has been struck works by events until it is idle. Both ways give the same numbers, and
//! a test says so.

use std::collections::VecDeque;

use super::meter::Meter;
use super::pool::Pool;
use crate::scenario::stage::Discipline;
use crate::units::Nanos;
use crate::world::requests::attempt::AttemptId;

/// What becomes of an attempt, as far as is known when it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    /// When it came.
    pub from: Nanos,
    /// When a slot takes it.
    pub start: Nanos,
    /// When it leaves the station.
    pub end: Nanos,
    /// Whether a slot works on it, or drops it because its client has given up.
    pub is_served: bool,
}

/// An attempt that ends at or after the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    /// The attempt.
    pub id: AttemptId,
    /// What is to become of it.
    pub booking: Booking,
}

/// A station that settles ahead.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// Slots there are.
    pub slots: u32,
    /// Waiting places.
    pub places: u32,
    /// Whether work whose client has given up is dropped when its turn comes.
    drops_expired: bool,
    /// When its slots become free, in order: slots that are free may be missing, past instants may linger.
    free_at: Vec<Nanos>,
    /// When those that wait are served, in order, if the queue is bounded; past instants may linger.
    starts: VecDeque<Nanos>,
    /// Attempts whose end is not settled yet.
    crossing: Vec<Crossing>,
    /// What it has done.
    pub meter: Meter,
}

impl Ahead {
    /// Returns an idle pool's station.
    pub fn of(pool: &Pool, drops_expired: bool) -> Ahead {
        debug_assert!(pool.is_idle());
        Ahead {
            slots: pool.slots,
            places: pool.places,
            drops_expired,
            free_at: Vec::new(),
            starts: VecDeque::new(),
            crossing: Vec::new(),
            meter: pool.meter,
        }
    }

    /// Takes an attempt whose client waits until `expires`; `None` if the queue is full.
    #[inline]
    pub fn book(&mut self, now: Nanos, service: Nanos, expires: Nanos) -> Option<Booking> {
        if self.free_at.len() == self.slots as usize {
            let past = self.free_at.iter().take_while(|&&end| end <= now).count();
            self.free_at.drain(..past);
        }
        let waits = self.free_at.len() == self.slots as usize;
        let start = if waits { self.free_at[0] } else { now };
        if waits && self.places != u32::MAX {
            while let Some(&start) = self.starts.front()
                && start <= now
            {
                self.starts.pop_front();
            }
            if self.starts.len() >= self.places as usize {
                return None;
            }
            self.starts.push_back(start);
        }
        self.meter.came += 1;
        if self.drops_expired && expires < start {
            return Some(Booking { from: now, start, end: start, is_served: false });
        }
        let end = start.saturating_add(service);
        let ends = &mut self.free_at;
        if waits {
            // The first slot to be free takes it: those behind move up to the place of the new end.
            let mut at = 1;
            while at < ends.len() && ends[at] < end {
                ends[at - 1] = ends[at];
                at += 1;
            }
            ends[at - 1] = end;
        } else {
            // Ends are nearly in order: the place is found from the back.
            ends.push(end);
            let mut at = ends.len() - 1;
            while at > 0 && ends[at - 1] > end {
                ends[at] = ends[at - 1];
                at -= 1;
            }
            ends[at] = end;
        }
        Some(Booking { from: now, start, end, is_served: true })
    }

    /// Keeps an attempt that may still be disturbed until the limit has moved on; returns whether it is the only one.
    pub fn cross(&mut self, id: AttemptId, booking: Booking) -> bool {
        self.crossing.push(Crossing { id, booking });
        self.crossing.len() == 1
    }

    /// Takes those out that end before the limit: nothing can disturb them any more.
    pub fn take_before(&mut self, limit: Nanos) -> Vec<Crossing> {
        self.crossing.extract_if(.., |one| one.booking.end < limit).collect()
    }

    /// Returns whether somebody crosses the limit.
    pub fn is_crossed(&self) -> bool {
        !self.crossing.is_empty()
    }

    /// Counts what is certain.
    #[inline]
    pub fn count(&mut self, &Booking { from, start, end, is_served }: &Booking) {
        if start > from {
            self.meter.waited(from, start);
        }
        if is_served {
            self.meter.worked(start, end);
        }
    }

    /// Returns the pool that it is at this instant, and everybody in it: who has begun before is in service, all others wait.
    pub fn by_events(&mut self, now: Nanos) -> (Pool, Vec<Crossing>) {
        let mut pool = Pool::new(self.slots, self.places, Discipline::Fifo);
        pool.meter = self.meter;
        for Crossing { id, booking: Booking { from, start, .. } } in &self.crossing {
            if *start < now {
                if start > from {
                    pool.meter.waited(*from, *start);
                }
                pool.begin(*start);
            } else {
                pool.join(*id, *from);
            }
        }
        (pool, std::mem::take(&mut self.crossing))
    }

    /// Returns the slot-nanoseconds of work until now.
    pub fn busy_time(&self, now: Nanos) -> u64 {
        let crossing = self.crossing.iter().map(|one| one.booking).filter(|one| one.is_served);
        self.meter.busy_time(0, now).wrapping_add(crossing.map(|one| now.saturating_sub(one.start)).sum())
    }

    /// Returns the nanoseconds that attempts have waited until now.
    pub fn time_waited(&self, now: Nanos) -> u64 {
        let crossing = self.crossing.iter().map(|one| one.booking);
        let waited = crossing.map(|one| now.min(one.start).saturating_sub(one.from)).sum();
        self.meter.time_waited(0, now).wrapping_add(waited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::NEVER;

    fn ahead(slots: u32, places: u32, drops_expired: bool) -> Ahead {
        Ahead::of(&Pool::new(slots, places, Discipline::Fifo), drops_expired)
    }

    fn served(from: Nanos, start: Nanos, end: Nanos) -> Booking {
        Booking { from, start, end, is_served: true }
    }

    #[test]
    fn the_first_slot_to_be_free_takes_who_waits() {
        let mut station = ahead(2, u32::MAX, false);
        assert_eq!(station.book(0, 10, NEVER), Some(served(0, 0, 10)));
        assert_eq!(station.book(1, 3, NEVER), Some(served(1, 1, 4)));
        assert_eq!(station.book(2, 10, NEVER), Some(served(2, 4, 14)));
        assert_eq!(station.book(3, 1, NEVER), Some(served(3, 10, 11)));
        assert_eq!(station.book(12, 1, NEVER), Some(served(12, 12, 13)), "one has been free since 11");
        assert_eq!(station.meter.came, 5);
    }

    #[test]
    fn a_full_queue_takes_nobody_until_one_is_served() {
        let mut station = ahead(1, 1, false);
        assert_eq!(station.book(0, 10, NEVER), Some(served(0, 0, 10)));
        assert_eq!(station.book(1, 10, NEVER), Some(served(1, 10, 20)));
        assert_eq!((station.book(9, 10, NEVER), station.meter.came), (None, 2));
        assert_eq!(station.book(10, 10, NEVER), Some(served(10, 20, 30)));
    }

    #[test]
    fn who_has_given_up_takes_no_slot() {
        let mut station = ahead(1, 9, true);
        station.book(0, 10, NEVER);
        assert_eq!(station.book(1, 5, 9), Some(Booking { from: 1, start: 10, end: 10, is_served: false }));
        assert_eq!(station.book(2, 5, 10), Some(served(2, 10, 15)));
    }

    #[test]
    fn as_a_pool_it_is_where_it_was() {
        let mut station = ahead(1, 9, false);
        for (id, at) in [(1, 0), (2, 1), (3, 2)] {
            let booking = station.book(at, 10, NEVER).expect("there is room");
            assert_eq!(station.cross(AttemptId(id), booking), id == 1);
        }
        assert!(station.is_crossed());
        assert_eq!((station.busy_time(9), station.time_waited(9)), (9, 8 + 7));
        let before = station.take_before(11);
        assert_eq!(before.iter().map(|one| one.id).collect::<Vec<_>>(), [AttemptId(1)]);
        station.count(&before[0].booking);
        let (pool, inside) = station.by_events(12);
        assert_eq!((pool.busy, pool.waiting(), inside.len()), (1, 1, 2));
        assert_eq!(pool.meter.busy_time(pool.busy, 15), 15);
        assert_eq!(pool.meter.time_waited(pool.waiting(), 15), 9 + 13);
    }
}
