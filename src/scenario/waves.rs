//! Waves: a bad release reaches cells step by step until somebody notices.

use crate::engine::law::Law;
use crate::units::Nanos;

/// How a fault spreads over the cells that it strikes.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Waves {
    /// Cells reached by the end of each wave, increasing; the last wave reaches all.
    pub sizes: Vec<WaveSize>,
    /// From the beginning of one wave to that of the next.
    pub bake: Nanos,
    /// Probability that a wave is noticed; the last one always is.
    pub caught: f64,
    /// How long after its wave began it is noticed.
    pub after: Law,
    /// Tiers whose cells come first (indices), in this order; the others follow. Within a tier the order is drawn.
    pub first: Vec<usize>,
}

/// How many cells have been reached by the end of a wave.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum WaveSize {
    /// So many.
    Cells(u32),
    /// This share, rounded up.
    Share(f64),
}

impl WaveSize {
    /// Returns the number of cells out of `all`: at least 1.
    pub fn of(self, all: usize) -> usize {
        match self {
            WaveSize::Cells(cells) => (cells as usize).clamp(1, all),
            WaveSize::Share(share) => ((share * all as f64 - 1e-9).ceil() as usize).clamp(1, all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(WaveSize::Share(0.1).of(59), 6);
        assert_eq!(WaveSize::Share(0.1).of(60), 6);
        assert_eq!((WaveSize::Cells(100).of(59), WaveSize::Share(0.001).of(59)), (59, 1));
    }
}
