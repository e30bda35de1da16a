//! A pace: all attempts in service progress alike, at a rate that depends on how many there are.
//!
//! # Model
//! All attempts progress alike, so it suffices to add up what each has been given since the station was last empty: an attempt is
//! done when that has grown by its service time. Of n attempts at c slots each progresses at the rate min(1, c / n).
//!
//! Where services slow each other (`slows_by` = a), each of n attempts in service progresses at 1 / (1 + a (n - 1)) of its pace: with
//! exponential services a birth-death process.
//!
//! # References
//! Kleinrock 1976: *Queueing Systems*, volume 2, 4.4.

use std::collections::BTreeSet;

use crate::units::{NEVER, Nanos};
use crate::world::requests::attempt::AttemptId;

/// Attempts are done when less than this is missing, in nanoseconds: instants are whole.
const HAIR: f64 = 0.5;

/// What attempts in service have been given.
#[derive(Debug, Clone)]
pub struct Pace {
    /// What each attempt has been given since the station was last empty, in nanoseconds, at `at`.
    given: f64,
    at: Nanos,
    /// Progress of each attempt per unit of time.
    rate: f64,
    /// How much longer a service takes for each further attempt in service.
    slows_by: f64,
    /// (what must have been given, order of arrival, attempt), earliest end first; the first as bits, which are in order.
    attempts: BTreeSet<(u64, u64, AttemptId)>,
    arrived: u64,
    /// When the first of them is done.
    next: Nanos,
}

impl Pace {
    /// Returns the pace of nobody yet.
    pub fn new(slows_by: f64) -> Pace {
        Pace { given: 0.0, at: 0, rate: 1.0, slows_by, attempts: BTreeSet::new(), arrived: 0, next: NEVER }
    }

    /// Returns how many are in service.
    pub fn count(&self) -> u32 {
        self.attempts.len() as u32
    }

    /// Gives everybody what is due until now.
    pub fn progress(&mut self, now: Nanos) {
        self.given += (now - self.at) as f64 * self.rate;
        self.at = now;
        if self.attempts.is_empty() {
            self.given = 0.0;
        }
    }

    /// Lets an attempt in that needs so much, after [`progress`](Pace::progress).
    pub fn enter(&mut self, id: AttemptId, service: Nanos) {
        let done_at = self.given + service as f64;
        self.attempts.insert((done_at.to_bits(), self.arrived, id));
        self.arrived += 1;
    }

    /// Takes those that are done now; `None` if the pace has changed since this instant was foreseen.
    pub fn take_done(&mut self, now: Nanos) -> Option<Vec<AttemptId>> {
        if self.next != now {
            return None;
        }
        let mut done = Vec::new();
        self.progress(now);
        self.next = NEVER;
        while let Some(&first) = self.attempts.first()
            && f64::from_bits(first.0) <= self.given + HAIR
        {
            self.attempts.remove(&first);
            done.push(first.2);
        }
        Some(done)
    }

    /// Takes those out for whom `stays` does not hold.
    pub fn drop_where(&mut self, now: Nanos, stays: impl Fn(AttemptId) -> bool) {
        self.progress(now);
        self.attempts.retain(|attempt| stays(attempt.2));
    }

    /// Sets the rate for so many slots, after [`progress`](Pace::progress); returns when the first attempt is done, if that is news.
    pub fn set(&mut self, slots: u32) -> Option<Nanos> {
        let count = self.attempts.len();
        self.rate = if count == 0 { 1.0 } else { (f64::from(slots) / count as f64).min(1.0) };
        if self.slows_by > 0.0 && count > 0 {
            self.rate /= 1.0 + self.slows_by * (count - 1) as f64;
        }
        let before = self.next;
        self.next = match self.attempts.first() {
            Some(first) if self.rate > 0.0 => {
                let missing = (f64::from_bits(first.0) - self.given).max(0.0);
                self.at.saturating_add((missing / self.rate).ceil() as Nanos)
            }
            _ => NEVER,
        };
        (self.next != before && self.next != NEVER).then_some(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: AttemptId = AttemptId(7);
    const OTHER: AttemptId = AttemptId(8);

    #[test]
    fn two_share_one_slot() {
        // 10 ns from 0, 10 ns from 4: from then on half as fast each. The first has 6 left: done at 16; the second at 20.
        let mut pace = Pace::new(0.0);
        pace.enter(ONE, 10);
        assert_eq!(pace.set(1), Some(10));
        pace.progress(4);
        pace.enter(OTHER, 10);
        assert_eq!(pace.set(1), Some(16));
        assert_eq!(pace.take_done(10), None, "foreseen before the other one came");
        assert_eq!(pace.take_done(16), Some(vec![ONE]));
        assert_eq!(pace.set(1), Some(20));
        assert_eq!(pace.take_done(20), Some(vec![OTHER]));
        assert_eq!((pace.set(1), pace.count()), (None, 0));
    }

    #[test]
    fn nobody_gets_more_than_one_slot_and_none_gets_nothing() {
        let mut pace = Pace::new(0.0);
        pace.enter(ONE, 10);
        pace.enter(OTHER, 30);
        assert_eq!((pace.set(4), pace.rate), (Some(10), 1.0));
        assert_eq!(pace.set(4), None, "no news");
        assert_eq!((pace.set(0), pace.rate, pace.next), (None, 0.0, NEVER));
        pace.progress(100);
        assert_eq!(pace.set(2), Some(110));
    }

    #[test]
    fn who_is_left_goes_on_faster() {
        let mut pace = Pace::new(0.0);
        pace.enter(ONE, 10);
        pace.enter(OTHER, 30);
        pace.set(1);
        // Each has had 5 of its own at 10.
        pace.drop_where(10, |id| id == OTHER);
        assert_eq!(pace.set(1), Some(35));
    }

    #[test]
    fn services_slow_each_other() {
        // 10 ns alone until 4, then at two thirds beside another one: done at 13.
        let mut pace = Pace::new(0.5);
        pace.enter(ONE, 10);
        pace.set(9);
        pace.progress(4);
        pace.enter(OTHER, 10);
        assert_eq!(pace.set(9), Some(13));
    }
}
