//! The state of one cell.

use crate::units::Nanos;
use crate::world::operations::gate::Gate;

/// The state of one cell.
#[derive(Debug, Clone, Default)]
pub struct CellState {
    /// Faults that bear on it.
    pub gate: Gate,
    /// Attempts in it that have not been settled ahead.
    pub inside: u32,
    ends_minus_starts: u64,
}

impl CellState {
    /// An attempt enters.
    #[inline]
    pub fn entered(&mut self, now: Nanos) {
        self.inside += 1;
        self.ends_minus_starts = self.ends_minus_starts.wrapping_sub(now);
    }

    /// An attempt leaves, now or at an instant that is known already.
    #[inline]
    pub fn left(&mut self, at: Nanos) {
        self.inside -= 1;
        self.ends_minus_starts = self.ends_minus_starts.wrapping_add(at);
    }

    /// An attempt enters now and leaves at an instant that is known already.
    #[inline]
    pub fn passed(&mut self, now: Nanos, end: Nanos) {
        self.ends_minus_starts = self.ends_minus_starts.wrapping_add(end - now);
    }

    /// Returns the time integral of the number of attempts inside since the beginning.
    pub fn occupancy(&self, now: Nanos) -> u64 {
        self.ends_minus_starts.wrapping_add(u64::from(self.inside).wrapping_mul(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passed_counts_as_what_came_and_went() {
        let (mut passed, mut seen) = (CellState::default(), CellState::default());
        passed.passed(5, 12);
        seen.entered(5);
        assert_eq!((seen.inside, seen.occupancy(9)), (1, 4));
        seen.left(12);
        assert_eq!((seen.inside, seen.occupancy(99), passed.occupancy(99)), (0, 7, 7));
    }
}
