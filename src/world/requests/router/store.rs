//! The router's mapping store: finite capacity, first come first served.
//!
//! # Model
//! One server: each lookup takes 1/capacity, waits for those before it, then adds its latency. Since nothing overtakes, the
//! answer's instant is known when the lookup is asked, for as long as the pace does not change (see [`super::pace`]).

use crate::units::Nanos;

/// A lookup that the store has accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// When its turn comes.
    pub start: Nanos,
    /// What is added to that.
    pub latency: Nanos,
    /// When the answer comes; `NEVER` while the store stands still.
    pub ready: Nanos,
}

/// The state of the store.
#[derive(Debug, Clone, Default)]
pub struct Store {
    /// When the lookups accepted so far are worked off, in nanoseconds.
    free_at: f64,
    /// Lookups without an answer yet.
    pub in_flight: u32,
    ends_minus_starts: u64,
}

impl Store {
    /// Accepts a lookup: returns how long it waits for those before it, or `None` if the queue is full.
    pub fn accept(&mut self, now: Nanos, capacity: Option<f64>, queue: Option<u32>) -> Option<Nanos> {
        let Some(capacity) = capacity else { return Some(0) };
        let wait = (self.free_at - now as f64).max(0.0);
        // In lookups, the one being worked on in part: whatever is beyond the last whole one waits. Rounding makes no queue full.
        let ahead = wait * capacity / 1e9 - 1e-6;
        if queue.is_some_and(|queue| ahead > f64::from(queue)) || capacity <= 0.0 {
            return None;
        }
        self.free_at = now as f64 + wait + 1e9 / capacity;
        Some(wait.round() as Nanos)
    }

    /// The pace changes: the work that was left at `since` takes so many times as long from now on.
    pub fn stretch(&mut self, since: Nanos, now: Nanos, times: f64) {
        let left = self.free_at - since as f64;
        if left > 0.0 && times.is_finite() {
            self.free_at = now as f64 + left * times;
        }
    }

    /// Forgets the lookups that wait.
    pub fn clear(&mut self, now: Nanos) {
        self.free_at = now as f64;
    }

    /// A lookup is on its way.
    pub fn enter(&mut self, now: Nanos) {
        self.in_flight += 1;
        self.ends_minus_starts = self.ends_minus_starts.wrapping_sub(now);
    }

    /// A lookup is over.
    pub fn leave(&mut self, now: Nanos) {
        self.in_flight -= 1;
        self.ends_minus_starts = self.ends_minus_starts.wrapping_add(now);
    }

    /// Returns the time integral of the number in flight since the beginning.
    pub fn occupancy(&self, now: Nanos) -> u64 {
        self.ends_minus_starts.wrapping_add(u64::from(self.in_flight).wrapping_mul(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::MILLISECOND;

    #[test]
    fn what_is_left_stretches() {
        let mut store = Store::default();
        (0..4).for_each(|_| assert!(store.accept(0, Some(1000.0), None).is_some()));
        // 3 ms of work are left at 1 ms: 6 ms at half the pace.
        store.stretch(MILLISECOND, MILLISECOND, 2.0);
        assert_eq!(store.accept(MILLISECOND, Some(500.0), None), Some(6 * MILLISECOND));
    }

    #[test]
    fn waits_for_those_before_and_rejects_beyond_the_queue() {
        let mut store = Store::default();
        let waits: Vec<Option<Nanos>> = (0..5).map(|_| store.accept(0, Some(1000.0), Some(2))).collect();
        assert_eq!(waits, [Some(0), Some(MILLISECOND), Some(2 * MILLISECOND), None, None]);
        assert_eq!(store.accept(3 * MILLISECOND, Some(1000.0), Some(2)), Some(0));
    }

    #[test]
    fn the_one_being_worked_on_does_not_wait() {
        let mut store = Store::default();
        let half = MILLISECOND / 2;
        assert_eq!(store.accept(0, Some(1000.0), Some(0)), Some(0));
        assert_eq!(store.accept(half, Some(1000.0), Some(0)), None, "one would wait");
        assert_eq!(store.accept(half, Some(1000.0), Some(1)), Some(half));
        assert_eq!(store.accept(half, Some(1000.0), Some(1)), None, "two would wait");
    }
}
