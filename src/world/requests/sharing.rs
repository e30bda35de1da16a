//! Sharing: all attempts that a station works on progress at one pace, which depends on how many there are.
//!
//! # Model
//! Of n attempts at a station of c slots each progresses at the rate min(1, c / n). All progress alike, so it suffices to add up
//! what each has been given since the station was last empty: an attempt is done when that has grown by its service time.
//! Waiting places are those beyond the slots: c + queue attempts at most.
//!
//! Where services slow each other (`slows_by` = a), each of n attempts in service progresses at 1 / (1 + a (n - 1)) of its pace: with
//! exponential services a birth-death process. With processor sharing n is all of them, else at most c, and the others wait.
//!
//! # References
//! Kleinrock 1976: *Queueing Systems*, volume 2, 4.4.

use std::collections::BTreeSet;

use super::arrivals::NEVER;
use super::event::Rid;
use crate::units::Nanos;

/// Attempts are done when less than this is missing, in nanoseconds: instants are whole.
const HAIR: f64 = 0.5;

/// What a shared station has given its attempts.
#[derive(Debug, Clone)]
pub(super) struct Sharing {
    /// What each attempt has been given since the station was last empty, in nanoseconds, at `at`.
    pub(super) given: f64,
    pub(super) at: Nanos,
    /// Progress of each attempt per unit of time.
    pub(super) rate: f64,
    /// (what must have been given, order of arrival, record), earliest end first; the first as bits, which are in order.
    pub(super) attempts: BTreeSet<(u64, u64, Rid)>,
    pub(super) arrived: u64,
    /// When the first of them is done.
    pub(super) next: Nanos,
}

impl Default for Sharing {
    fn default() -> Sharing {
        Sharing { given: 0.0, at: 0, rate: 1.0, attempts: BTreeSet::new(), arrived: 0, next: NEVER }
    }
}

impl Sharing {
    /// Gives everybody what is due until now.
    pub(super) fn progress(&mut self, now: Nanos) {
        self.given += (now - self.at) as f64 * self.rate;
        self.at = now;
        if self.attempts.is_empty() {
            self.given = 0.0;
        }
    }

    /// Lets an attempt in.
    pub(super) fn enter(&mut self, rid: Rid, service: Nanos) {
        let done_at = self.given + service as f64;
        self.attempts.insert((done_at.to_bits(), self.arrived, rid));
        self.arrived += 1;
    }

    /// Takes those that are done.
    pub(super) fn take_done(&mut self) -> Vec<Rid> {
        let mut done = Vec::new();
        while let Some(&first) = self.attempts.first()
            && f64::from_bits(first.0) <= self.given + HAIR
        {
            self.attempts.remove(&first);
            done.push(first.2);
        }
        done
    }

    /// Sets the pace for so many slots, and when the first attempt is done.
    pub(super) fn set_pace(&mut self, slots: u32, slows_by: f64) {
        let count = self.attempts.len();
        self.rate = if count == 0 { 1.0 } else { (f64::from(slots) / count as f64).min(1.0) };
        if slows_by > 0.0 && count > 0 {
            self.rate /= 1.0 + slows_by * (count - 1) as f64;
        }
        self.next = match self.attempts.first() {
            Some(first) if self.rate > 0.0 => {
                let missing = (f64::from_bits(first.0) - self.given).max(0.0);
                self.at.saturating_add((missing / self.rate).ceil() as Nanos)
            }
            _ => NEVER,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_share_one_slot() {
        // 10 ns from 0, 10 ns from 4: from then on half as fast each. The first has 6 left: done at 16; the second at 20.
        let mut sharing = Sharing::default();
        sharing.enter(7, 10);
        sharing.set_pace(1, 0.0);
        assert_eq!(sharing.next, 10);
        sharing.progress(4);
        sharing.enter(8, 10);
        sharing.set_pace(1, 0.0);
        assert_eq!(sharing.next, 16);
        sharing.progress(16);
        assert_eq!(sharing.take_done(), [7]);
        sharing.set_pace(1, 0.0);
        assert_eq!(sharing.next, 20);
        sharing.progress(20);
        assert_eq!(sharing.take_done(), [8]);
        sharing.set_pace(1, 0.0);
        assert_eq!(sharing.next, NEVER);
    }

    #[test]
    fn nobody_gets_more_than_one_slot_and_none_gets_nothing() {
        let mut sharing = Sharing::default();
        sharing.enter(1, 10);
        sharing.enter(2, 30);
        sharing.set_pace(4, 0.0);
        assert_eq!((sharing.rate, sharing.next), (1.0, 10));
        sharing.set_pace(0, 0.0);
        assert_eq!((sharing.rate, sharing.next), (0.0, NEVER));
        sharing.progress(100);
        sharing.set_pace(2, 0.0);
        assert_eq!(sharing.next, 110);
    }

    #[test]
    fn services_slow_each_other() {
        // 10 ns alone until 4, then at two thirds beside another one: done at 13.
        let mut sharing = Sharing::default();
        sharing.enter(1, 10);
        sharing.set_pace(9, 0.5);
        sharing.progress(4);
        sharing.enter(2, 10);
        sharing.set_pace(9, 0.5);
        assert_eq!(sharing.next, 13);
    }
}
