//! The time line: what happened in each second (or longer bin, so that a long horizon does not cost memory).

use crate::units::{Nanos, SECOND};

/// Bins at most.
const BINS: u64 = 3600;

/// Counts of one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bin {
    /// ok requests, by arrival.
    pub ok: u32,
    /// Failed requests, by arrival.
    pub failed: u32,
    /// Retries that started.
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
    warmup: Nanos,
    /// Bins, from the end of the warm-up.
    pub bins: Vec<Bin>,
}

impl Timeline {
    /// Returns an empty time line.
    pub fn new(warmup: Nanos, horizon: Nanos) -> Timeline {
        let width = horizon.div_ceil(SECOND).div_ceil(BINS).max(1) * SECOND;
        Timeline { width, warmup, bins: vec![Bin::default(); horizon.div_ceil(width) as usize] }
    }

    /// Returns the bin of an instant, if it is within the horizon.
    #[inline]
    pub fn at(&mut self, at: Nanos) -> Option<&mut Bin> {
        let index = at.checked_sub(self.warmup)? / self.width;
        self.bins.get_mut(index as usize)
    }
}
