//! What a station has done, and how long it was waited for: sums that cost nothing to keep.

use crate::units::Nanos;

/// The sums of one station.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meter {
    /// Ends minus starts of services, modulo 2^64: with the busy slots it gives the busy time.
    work: u64,
    /// Ends minus starts of waits, modulo 2^64: with those that wait it gives the time waited.
    waits: u64,
    /// Attempts that got a slot or a waiting place so far.
    pub came: u64,
}

impl Meter {
    /// A slot begins work.
    #[inline]
    pub fn began(&mut self, at: Nanos) {
        self.work = self.work.wrapping_sub(at);
    }

    /// A slot ends work.
    #[inline]
    pub fn ended(&mut self, at: Nanos) {
        self.work = self.work.wrapping_add(at);
    }

    /// A slot works from one instant to another, known beforehand.
    #[inline]
    pub fn worked(&mut self, start: Nanos, end: Nanos) {
        self.work = self.work.wrapping_add(end - start);
    }

    /// An attempt begins to wait.
    #[inline]
    pub fn joined(&mut self, at: Nanos) {
        self.waits = self.waits.wrapping_sub(at);
    }

    /// So many attempts wait no longer.
    #[inline]
    pub fn left(&mut self, count: u64, at: Nanos) {
        self.waits = self.waits.wrapping_add(at.wrapping_mul(count));
    }

    /// An attempt waits from one instant to another, known beforehand.
    #[inline]
    pub fn waited(&mut self, from: Nanos, until: Nanos) {
        self.waits = self.waits.wrapping_add(until - from);
    }

    /// Returns the slot-nanoseconds of work until now, of which so many go on.
    pub fn busy_time(&self, busy: u32, now: Nanos) -> u64 {
        self.work.wrapping_add(u64::from(busy).wrapping_mul(now))
    }

    /// Returns the time integral of the number of those that wait until now, of whom there are so many.
    pub fn time_waited(&self, waiting: u32, now: Nanos) -> u64 {
        self.waits.wrapping_add(u64::from(waiting).wrapping_mul(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_counts_until_now() {
        let mut meter = Meter::default();
        meter.began(10);
        meter.began(20);
        assert_eq!(meter.busy_time(2, 25), 15 + 5);
        meter.ended(30);
        assert_eq!(meter.busy_time(1, 40), 20 + 20);
        meter.joined(5);
        meter.joined(7);
        assert_eq!(meter.time_waited(2, 10), 5 + 3);
        meter.left(2, 10);
        assert_eq!(meter.time_waited(0, 99), 8);
    }

    #[test]
    fn what_is_known_beforehand_counts_alike() {
        let (mut known, mut seen) = (Meter::default(), Meter::default());
        known.waited(3, 8);
        known.worked(8, 20);
        seen.joined(3);
        seen.left(1, 8);
        seen.began(8);
        seen.ended(20);
        assert_eq!((known.busy_time(0, 50), known.time_waited(0, 50)), (12, 5));
        assert_eq!((seen.busy_time(0, 50), seen.time_waited(0, 50)), (12, 5));
    }
}
