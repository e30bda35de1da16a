//! Differences between two designs that met the same chance, and many of them at once.
//!
//! # References
//! Law (2015), Simulation Modeling and Analysis, 5th edition, 10.2 (paired t). Holm (1979), A Simple Sequentially
//! Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6.

use super::estimate::Estimate;
use super::interval::{centre_and_deviation, mean};
use super::sum::sum;
use crate::engine::special::beta::student_two_sided;

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    debug_assert_eq!(a.len(), b.len(), "replication i of one is compared with replication i of the other");
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Mean of a - b over replications that shared their random numbers, pair by pair.
///
/// # Example
/// ```
/// use cellsim::engine::stats::paired_difference;
/// // Replications differ by hundreds, designs by 1: pairs show it.
/// let gain = paired_difference(&[101.0, 205.0, 311.0], &[100.0, 204.0, 310.0], 0.95);
/// assert_eq!((gain.low, gain.high), (Some(1.0), Some(1.0)));
/// ```
pub fn paired_difference(a: &[f64], b: &[f64], confidence: f64) -> Estimate {
    mean(&differences(a, b), confidence)
}

/// Values, one per replication, whose mean is the ratio of sums of `pairs` and whose spread is that of the ratio; `None` where
/// there is nothing to relate to.
///
/// With R the ratio and x the mean denominator, R + (Y - R X) / x: so that two ratios can be compared pair by pair.
///
/// # Example
/// ```
/// use cellsim::engine::stats::linearized;
/// // 3 of 6: R = 0.5, x = 3; (1 - 0.5 x 2) / 3 = 0 and (2 - 0.5 x 4) / 3 = 0.
/// assert_eq!(linearized(&[(1.0, 2.0), (2.0, 4.0)]), Some(vec![0.5, 0.5]));
/// ```
pub fn linearized(pairs: &[(f64, f64)]) -> Option<Vec<f64>> {
    let below = sum(pairs.iter().map(|pair| pair.1));
    if below == 0.0 {
        return None;
    }
    let ratio = sum(pairs.iter().map(|pair| pair.0)) / below;
    let mean = below / pairs.len() as f64;
    Some(pairs.iter().map(|(y, x)| ratio + (y - ratio * x) / mean).collect())
}

/// Probability of a difference at least so far from 0 if there is none (two-sided paired t); 1 below two pairs.
///
/// Differences that are all the same have no spread to go by: there it is the sign test's, 2^(1 - n).
pub fn paired_p_value(a: &[f64], b: &[f64]) -> f64 {
    let differences = differences(a, b);
    let n = differences.len() as f64;
    if n < 2.0 {
        return 1.0;
    }
    let (centre, deviation) = centre_and_deviation(&differences);
    if deviation == 0.0 {
        return if centre == 0.0 { 1.0 } else { libm::exp2(1.0 - n) };
    }
    student_two_sided(n - 1.0, centre.abs() * n.sqrt() / deviation)
}

/// Adjusts p-values for being many: those at most alpha hold together with an error of at most alpha.
///
/// The order of the result is that of the input.
///
/// # Example
/// ```
/// use cellsim::engine::stats::holm;
/// assert_eq!(holm(&[0.04, 0.01, 0.03]), [0.06, 0.03, 0.06]); // 3 x 0.01, 2 x 0.03, then never less
/// ```
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|i, j| p_values[*i].total_cmp(&p_values[*j]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (rank, i) in order.into_iter().enumerate() {
        least = least.max((p_values.len() - rank) as f64 * p_values[i]).min(1.0);
        adjusted[i] = least;
    }
    adjusted
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Student's own data (1908): hours of sleep gained under two drugs, ten patients.
    const FIRST: [f64; 10] = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const SECOND: [f64; 10] = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

    #[test]
    fn students_sleep() {
        // Published: mean 1.58, interval 0.7001 to 2.4599, p = 0.002833.
        let gain = paired_difference(&SECOND, &FIRST, 0.95);
        assert!((gain.value.unwrap() - 1.58).abs() < 1e-12);
        assert!((gain.low.unwrap() - 0.7001142).abs() < 1e-6 && (gain.high.unwrap() - 2.4598858).abs() < 1e-6);
        assert!((paired_p_value(&FIRST, &SECOND) - 0.00283289).abs() < 1e-8);
    }

    #[test]
    fn edges() {
        assert_eq!(paired_p_value(&[1.0], &[2.0]), 1.0);
        assert_eq!(paired_p_value(&[1.0, 2.0], &[1.0, 2.0]), 1.0);
        assert_eq!(paired_p_value(&[1.0, 2.0], &[0.0, 1.0]), 0.5, "two coins that fall alike");
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
