//! When to stop: enough replications for the precision asked for.
//!
//! # Model
//! Precision is tested at 30, 45, 68, ... replications only: testing after each one would stop at a lucky moment, and the
//! interval would cover less than it says.
//!
//! # References
//! Law (2015), Simulation Modeling and Analysis, 5th edition, 9.4.1 (relative error delta / (1 + delta)).

use super::estimate::{Estimate, State};

/// How narrow an interval must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Precision {
    /// Within this share of the true value: half-width against delta / (1 + delta) of the estimate.
    Relative(f64),
    /// The same against the rarer of a share and its complement.
    RelativeShare(f64),
    /// Half-width at most this, in the unit of the number.
    Absolute(f64),
}

/// Tells whether the interval is as narrow as asked. Exact numbers are; what is not measured never is.
///
/// # Example
/// ```
/// use cellsim::engine::stats::{Estimate, Precision, precise_enough};
/// assert!(precise_enough(&Estimate::symmetric(100.0, 1.9, 30), Precision::Relative(0.02)));
/// assert!(!precise_enough(&Estimate::symmetric(100.0, 2.0, 30), Precision::Relative(0.02)));
/// ```
pub fn precise_enough(estimate: &Estimate, precision: Precision) -> bool {
    let (Some(value), Some(half_width)) = (estimate.value, estimate.half_width()) else { return false };
    if estimate.state == State::Exact {
        return true;
    }
    match precision {
        Precision::Relative(delta) => half_width <= delta / (1.0 + delta) * value.abs(),
        Precision::RelativeShare(delta) => half_width <= delta / (1.0 + delta) * value.min(1.0 - value),
        Precision::Absolute(most) => half_width <= most,
    }
}

/// The numbers of replications at which precision is tested: 30, then half as many again, rounded up.
///
/// # Example
/// ```
/// use cellsim::engine::stats::checkpoints;
/// assert_eq!(checkpoints().take(5).collect::<Vec<_>>(), [30, 45, 68, 102, 153]);
/// ```
pub fn checkpoints() -> impl Iterator<Item = u32> {
    std::iter::successors(Some(30_u32), |n| n.checked_add(n.div_ceil(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_precision() {
        let share = Estimate::symmetric(0.99, 0.001, 30);
        assert!(precise_enough(&share, Precision::Relative(0.02)));
        assert!(!precise_enough(&share, Precision::RelativeShare(0.02)), "0.001 is a tenth of 0.01");
        assert!(precise_enough(&share, Precision::RelativeShare(0.12)));
        assert!(precise_enough(&share, Precision::Absolute(0.0011)));
        assert!(!precise_enough(&Estimate::null("why"), Precision::Absolute(1.0)));
        assert!(precise_enough(&Estimate::exact(0.0), Precision::Relative(0.01)));
    }

    #[test]
    fn checkpoints_end_before_they_overflow() {
        let all: Vec<u32> = checkpoints().collect();
        assert!(all.len() < 60);
        assert!(all.windows(2).all(|w| w[0] < w[1]));
    }
}
