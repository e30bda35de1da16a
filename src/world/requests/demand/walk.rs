//! The clock of a process: a profile of demand as a walk through its segments.

use std::sync::Arc;

use crate::scenario::demand::Profile;
use crate::units::Nanos;

/// The profile of demand as a walk through its segments.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    profile: Arc<Profile>,
    warmup: f64,
    /// Multiplier until `end`, in nanoseconds of simulation.
    pub(super) multiplier: f64,
    pub(super) end: f64,
}

impl Walk {
    /// Returns a walk that is at an instant of the simulation.
    pub(super) fn new(profile: Arc<Profile>, warmup: Nanos, from: f64) -> Walk {
        let mut walk = Walk { profile, warmup: warmup as f64, multiplier: 0.0, end: 0.0 };
        walk.enter(from);
        walk
    }

    /// Enters the segment that holds an instant.
    fn enter(&mut self, at: f64) {
        let steps = &self.profile.steps;
        if steps.len() == 1 {
            (self.multiplier, self.end) = (steps[0].1, f64::INFINITY);
            return;
        }
        let since = at - self.warmup;
        let (base, offset) = match self.profile.period {
            Some(period) => {
                let cycle = (since / period as f64).floor();
                (self.warmup + cycle * period as f64, since - cycle * period as f64)
            }
            None => (self.warmup, since.max(0.0)),
        };
        let index = steps.partition_point(|step| step.0 as f64 <= offset).max(1) - 1;
        self.multiplier = steps[index].1;
        self.end = match (steps.get(index + 1), self.profile.period) {
            (Some(next), _) => base + next.0 as f64,
            (None, Some(period)) => base + period as f64,
            (None, None) => f64::INFINITY,
        };
        if self.end <= at {
            // Rounding left the instant on the segment's edge.
            self.enter(at + 1.0);
        }
    }

    /// Returns the instant at which `work` (in nanoseconds at multiplier 1) is used up, counted from `at`.
    pub(super) fn advance(&mut self, mut at: f64, mut work: f64) -> f64 {
        loop {
            let there = (self.end - at) * self.multiplier;
            if work <= there || (self.end.is_infinite() && self.multiplier > 0.0) {
                return at + work / self.multiplier;
            }
            if self.end.is_infinite() {
                return f64::INFINITY;
            }
            work -= there;
            at = self.end;
            self.enter(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    #[test]
    fn work_is_used_up_faster_where_there_is_more_demand() {
        let steps = vec![(0, 1.0), (SECOND, 2.0)];
        let profile = Arc::new(Profile { steps, period: Some(2 * SECOND) });
        let mut walk = Walk::new(profile, 0, 0.0);
        assert_eq!(walk.advance(0.0, 0.5e9), 0.5e9);
        assert_eq!(walk.advance(0.5e9, 1.5e9), 1.5e9, "half a second at 1, half a second at 2");
        assert_eq!(walk.advance(1.5e9, 2.0e9), 3.0e9, "and round again");
    }
}
