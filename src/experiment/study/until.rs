//! When a run stops: after a given number of replications, at a precision, or when all is decided.

use crate::engine::stats;

/// When a run stops.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Until {
    /// After the number of replications that the scenario gives.
    #[default]
    Done,
    /// When every number that is held to it is as precise as this share of it (0.02).
    Precise {
        /// Half-width over value, at most.
        share: f64,
        /// Replications after which it gives up.
        at_most: u32,
    },
    /// When every expectation is kept or breached.
    Decided {
        /// Replications after which it gives up.
        at_most: u32,
    },
}

impl Until {
    /// Returns the numbers of replications after which the rule is looked at, in order; never empty.
    pub fn checkpoints(self, replications: u32) -> Vec<u32> {
        let at_most = match self {
            Until::Done => return vec![replications],
            Until::Precise { at_most, .. } | Until::Decided { at_most } => at_most,
        };
        stats::checkpoints().take_while(|&n| n < at_most).chain([at_most]).collect()
    }

    /// Returns the share of the error that each look has.
    pub fn share_of_error(self) -> f64 {
        match self {
            Until::Decided { .. } => 1.0 / self.checkpoints(0).len() as f64,
            Until::Done | Until::Precise { .. } => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_looked_at_seldom_and_last_at_the_greatest_number() {
        assert_eq!(Until::Done.checkpoints(7), [7]);
        assert_eq!(Until::Decided { at_most: 100 }.checkpoints(7), [30, 45, 68, 100]);
        assert_eq!(Until::Precise { share: 0.02, at_most: 45 }.checkpoints(7), [30, 45]);
        assert_eq!(Until::Precise { share: 0.02, at_most: 5 }.checkpoints(7), [5]);
    }
}
