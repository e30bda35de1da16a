//! The time line: what happened in each second (or longer bin, so that a long horizon does not cost memory).

use crate::units::{Nanos, SECOND};

/// Bins at most.
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
}

/// All bins of a horizon.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// Length of a bin: a whole number of seconds.
    pub width: Nanos,
    /// Bins, from the end of the warm-up.
    pub bins: Vec<Bin>,
    /// The bin found last, and its start: the next instant is in it or near it.
    last: usize,
    start: Nanos,
    warmup: Nanos,
}

impl Timeline {
    /// Returns an empty time line.
    pub fn new(warmup: Nanos, horizon: Nanos) -> Timeline {
        let width = horizon.div_ceil(SECOND).div_ceil(BINS).max(1) * SECOND;
        Timeline { width, bins: vec![Bin::default(); horizon.div_ceil(width) as usize], last: 0, start: warmup, warmup }
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
}
