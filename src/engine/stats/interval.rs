//! Means and ratios over replications, with Student's t.
//!
//! # Model
//! Mean: m ± t s / √n. Ratio of sums R = ΣY / ΣX: the residuals Y - R X stand for Y (linearization), so that
//! v(R) = n / (n - 1) Σ (Y - R X)^2 / (ΣX)^2. A mean of ratios would weigh a quiet replication like a busy one.
//!
//! # References
//! Law (2015), Simulation Modeling and Analysis, 5th edition, 4.5 and 9.4. Cochran (1977), Sampling Techniques, 3rd
//! edition, 6.3.

use super::estimate::Estimate;
use super::sum::sum;
use crate::engine::special::beta::student;

pub(super) const ALONE: &str = "one replication has no interval: run at least two";
pub(super) const LONELY: &str = "it happened in one replication only, which has no interval: run more";
pub(super) const NOTHING: &str = "no replication measured it";

/// Mean over replications, at `confidence` (0.95).
///
/// One value has no interval; equal values have an interval of width 0.
///
/// # Example
/// ```
/// use cellsim::engine::stats::mean;
/// let estimate = mean(&[1.0, 2.0, 3.0], 0.95);
/// // t of 2 degrees 4.3027, s = 1, n = 3
/// assert!((estimate.half_width().unwrap() - 2.4841377).abs() < 1e-6);
/// ```
pub fn mean(values: &[f64], confidence: f64) -> Estimate {
    let n = values.len() as u64;
    let Some(first) = values.first() else { return Estimate::null(NOTHING) };
    if n == 1 {
        return Estimate::without_interval(*first, 1, ALONE);
    }
    if values.iter().all(|v| v == first) {
        return Estimate::symmetric(*first, 0.0, n);
    }
    let (centre, deviation) = centre_and_deviation(values);
    Estimate::symmetric(centre, student((n - 1) as f64, confidence) * deviation / (n as f64).sqrt(), n)
}

/// Mean and standard deviation (n - 1) of at least two values.
pub(super) fn centre_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let centre = sum(values.iter().copied()) / n;
    let squares = sum(values.iter().map(|v| (v - centre) * (v - centre)));
    (centre, (squares / (n - 1.0)).sqrt())
}

/// Ratio of sums over replications: `pairs` are (numerator, denominator) of each.
///
/// # Example
/// ```
/// use cellsim::engine::stats::ratio;
/// // Twice the requests, twice the failures: no doubt about the share, however unequal the replications.
/// let share = ratio(&[(1.0, 10.0), (2.0, 20.0), (5.0, 50.0)], 0.95);
/// assert_eq!(share.value, Some(0.1));
/// assert!(share.half_width().unwrap() < 1e-15);
/// ```
pub fn ratio(pairs: &[(f64, f64)], confidence: f64) -> Estimate {
    if pairs.is_empty() {
        return Estimate::null(NOTHING);
    }
    let Some((value, variance)) = ratio_and_variance(pairs) else {
        return Estimate::null("there was nothing to relate it to: the denominator is 0 in every replication");
    };
    if pairs.len() == 1 {
        return Estimate::without_interval(value, 1, ALONE);
    }
    // A single replication equals its own ratio: the residuals are 0, and say nothing.
    let n = pairs.iter().filter(|pair| pair.1 != 0.0).count() as u64;
    if n == 1 {
        return Estimate::without_interval(value, 1, LONELY);
    }
    Estimate::symmetric(value, student((n - 1) as f64, confidence) * variance.sqrt(), n)
}

/// ΣY / ΣX and its linearized variance (0 for a single pair); `None` if ΣX is 0. Pairs without a denominator tell nothing of it: they
/// are no observations.
pub(super) fn ratio_and_variance(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = pairs.iter().filter(|pair| pair.1 != 0.0).count() as f64;
    let below = sum(pairs.iter().map(|p| p.1));
    if below == 0.0 {
        return None;
    }
    let value = sum(pairs.iter().map(|p| p.0)) / below;
    let residual = |p: &(f64, f64)| p.0 - value * p.1;
    let squares = sum(pairs.iter().map(|p| residual(p) * residual(p)));
    let variance = if n > 1.0 { n / (n - 1.0) * squares / (below * below) } else { 0.0 };
    Some((value, variance))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::State;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edges_of_the_mean() {
        assert_eq!(mean(&[], 0.95).state, State::Null);
        let alone = mean(&[4.0], 0.95);
        assert_eq!((alone.value, alone.low, alone.state), (Some(4.0), None, State::Estimate));
        assert!(alone.reason.unwrap().starts_with("one replication has no interval"));
        let same = mean(&[0.1; 7], 0.95);
        assert_eq!((same.low, same.value, same.high), (Some(0.1), Some(0.1), Some(0.1)));
    }

    #[test]
    fn a_textbook_mean() {
        // Law (2015), example 4.26: ten values, mean 1.34, variance 0.17, 90 % interval 1.34 +- 0.24.
        let values = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
        let estimate = mean(&values, 0.90);
        assert!((estimate.value.unwrap() - 1.343).abs() < 1e-12);
        assert!((estimate.half_width().unwrap() - 0.24).abs() < 0.005);
    }

    #[test]
    fn a_ratio_by_hand() {
        // R = 6 / 4 = 1.5; residuals -0.5, 0.5, 0.. : (1,1) -0.5, (2,1) 0.5, (3,2) 0; squares 0.5;
        // variance 3/2 x 0.5 / 16 = 0.046875; t of 2 degrees 4.30265.
        let estimate = ratio(&[(1.0, 1.0), (2.0, 1.0), (3.0, 2.0)], 0.95);
        assert_eq!(estimate.value, Some(1.5));
        assert!((estimate.half_width().unwrap() - 4.302652729749464 * 0.046875_f64.sqrt()).abs() < 1e-12);
        assert_eq!(ratio(&[(0.0, 0.0), (0.0, 0.0)], 0.95).state, State::Null);
        assert_eq!(ratio(&[(1.0, 4.0)], 0.95).low, None);
        // A replication without demand tells nothing of the ratio, and lends no degree of freedom.
        let two = ratio(&[(1.0, 2.0), (1.0, 3.0)], 0.95);
        assert_eq!((two.n, ratio(&[(1.0, 2.0), (0.0, 0.0), (1.0, 3.0)], 0.95)), (2, two));
        // One that is alone with its demand is no sample: its residual is 0 by construction.
        let lonely = ratio(&[(5.0, 2.0), (0.0, 0.0), (0.0, 0.0)], 0.95);
        assert_eq!((lonely.value, lonely.low, lonely.n), (Some(2.5), None, 1));
    }

    proptest! {
        #[test]
        fn a_ratio_to_one_is_the_mean(values in prop::collection::vec(-1e3..1e3_f64, 2..40)) {
            let pairs: Vec<_> = values.iter().map(|v| (*v, 1.0)).collect();
            let (a, b) = (mean(&values, 0.95), ratio(&pairs, 0.95));
            prop_assert!((a.value.unwrap() - b.value.unwrap()).abs() < 1e-9);
            prop_assert!((a.half_width().unwrap() - b.half_width().unwrap()).abs() < 1e-8);
        }

        #[test]
        fn units_and_order_do_not_matter(values in prop::collection::vec(0.0..1e3_f64, 2..40), factor in 0.01..100.0_f64) {
            let estimate = mean(&values, 0.95);
            let scaled: Vec<_> = values.iter().rev().map(|v| v * factor).collect();
            let other = mean(&scaled, 0.95);
            prop_assert!((estimate.value.unwrap() * factor - other.value.unwrap()).abs() < 1e-9 * factor * 1e3);
            let widths = (estimate.half_width().unwrap() * factor, other.half_width().unwrap());
            prop_assert!((widths.0 - widths.1).abs() < 1e-7 * factor * 1e3);
        }

        #[test]
        fn more_confidence_is_wider(values in prop::collection::vec(0.0..1e3_f64, 3..20)) {
            prop_assert!(mean(&values, 0.99).half_width() >= mean(&values, 0.9).half_width());
        }
    }
}
