//! The time line: what happened in each second (or other bin, as asked, or so that a long horizon does not cost memory).

use crate::units::{Nanos, SECOND};

/// Bins at most, if none are asked for.
const BINS: u64 = 3600;

/// Counts of one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bin {
    /// Requests that arrived.
    pub requests: u32,
    /// Those of them that failed in the end.
    pub failed: u32,
    /// Retries and hedges that started.
    pub retries: u32,
    /// Look-ups in the cache.
    pub lookups: u32,
    /// Hits.
    pub hits: u32,
    /// Look-ups that reached the store.
    pub store: u32,
    /// Attempts that joined queues, minus those that left them.
    joined: i32,
    /// Nanoseconds that they were in them within this bin.
    waited: i64,
}

/// All bins of a horizon.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// Length of a bin.
    pub width: Nanos,
    /// Bins, from the end of the warm-up.
    pub bins: Vec<Bin>,
    /// The bin found last, and its start: the next instant is in it or near it.
    last: usize,
    start: Nanos,
    warmup: Nanos,
    /// Look-ups at the store in the busiest second, whatever the width of a bin.
    pub busiest_store: u32,
    /// The second in which the store was asked last, and how often so far.
    store_second: (u64, u32),
}

impl Timeline {
    /// Returns an empty time line with bins of the width that is asked for, else of whole seconds.
    pub fn new(warmup: Nanos, horizon: Nanos, asked: Option<Nanos>) -> Timeline {
        let width = asked.unwrap_or_else(|| horizon.div_ceil(SECOND).div_ceil(BINS).max(1) * SECOND);
        Timeline {
            width,
            bins: vec![Bin::default(); horizon.div_ceil(width) as usize],
            last: 0,
            start: warmup,
            warmup,
            busiest_store: 0,
            store_second: (0, 0),
        }
    }

    /// The store is asked now.
    pub fn store_asked(&mut self, now: Nanos) {
        let Some(bin) = self.at(now) else { return };
        bin.store += 1;
        let second = (now - self.warmup) / SECOND;
        if self.store_second.0 != second {
            self.store_second = (second, 0);
        }
        self.store_second.1 += 1;
        self.busiest_store = self.busiest_store.max(self.store_second.1);
    }

    /// Returns the bin of an instant, if it is within the horizon.
    #[inline]
    pub fn at(&mut self, at: Nanos) -> Option<&mut Bin> {
        // Walking to a neighbour is cheaper than dividing.
        while at >= self.start + self.width {
            self.start += self.width;
            self.last += 1;
        }
        while at < self.start {
            if self.start == self.warmup {
                return None;
            }
            self.start -= self.width;
            self.last -= 1;
        }
        self.bins.get_mut(self.last)
    }

    /// Attempts join queues or leave them; what happens before time 0 has happened by then.
    pub fn change_queues(&mut self, at: Nanos, by: i32) {
        let at = at.max(self.warmup);
        if let Some(bin) = self.at(at) {
            bin.joined += by;
        }
        let left = (self.start + self.width - at) as i64;
        if let Some(bin) = self.bins.get_mut(self.last) {
            bin.waited += i64::from(by) * left;
        }
    }

    /// An attempt waits in a queue from one instant until another: most waits end in the bin in which they begin.
    #[inline]
    pub fn add_wait(&mut self, from: Nanos, until: Nanos) {
        if from >= self.start
            && until <= self.start + self.width
            && let Some(bin) = self.bins.get_mut(self.last)
        {
            bin.waited += (until - from) as i64;
        } else {
            self.add_long_wait(from, until);
        }
    }

    /// An attempt waits, maybe into another bin.
    #[cold]
    fn add_long_wait(&mut self, from: Nanos, until: Nanos) {
        self.change_queues(from, 1);
        self.change_queues(until, -1);
    }

    /// Returns the mean number of attempts in queues, by bin.
    pub fn waiting(&self) -> Vec<f64> {
        let mut inside = 0_i64;
        let mean = |bin: &Bin| {
            let waited = inside * self.width as i64 + bin.waited;
            inside += i64::from(bin.joined);
            waited as f64 / self.width as f64
        };
        self.bins.iter().map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_over_time() {
        let mut line = Timeline::new(10 * SECOND, 4 * SECOND, None);
        // One waits from before time 0 until 1.5 s, one from 0.5 s until 3.25 s, one has come and gone before.
        for (at, by) in [(2, 1), (3, 1), (4, -1)] {
            line.change_queues(at * SECOND, by);
        }
        line.change_queues(10 * SECOND + SECOND / 2, 1);
        line.change_queues(13 * SECOND + SECOND / 4, -1);
        line.change_queues(11 * SECOND + SECOND / 2, -1);
        assert_eq!(line.waiting(), [1.5, 1.5, 1.0, 0.25]);
        // Within a bin, over an edge, before time 0 and beyond the horizon.
        line.add_wait(12 * SECOND, 12 * SECOND + SECOND / 4);
        line.add_wait(10 * SECOND + SECOND / 2, 11 * SECOND + SECOND / 2);
        line.add_wait(2 * SECOND, 10 * SECOND + SECOND / 2);
        line.add_wait(13 * SECOND + SECOND / 2, 20 * SECOND);
        line.add_wait(20 * SECOND, 21 * SECOND);
        assert_eq!(line.waiting(), [2.5, 2.0, 1.25, 0.75]);
    }
}
