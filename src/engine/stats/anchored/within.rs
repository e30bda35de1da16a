//! Means over replications of what lies between 0 and a known end.

use super::law::{Law, low};
use super::mean::{Stratum, mean};
use super::sample::Sample;
use crate::engine::stats::estimate::Estimate;
use crate::engine::stats::sum::sum;

/// Mean over replications of what lies in `0..=most` in each of them.
///
/// # Example
/// ```
/// use cellsim::engine::stats::anchored::within;
/// // Nobody of 100 was harmed in 20 runs: up to 14 % of runs may harm up to all of them.
/// assert!((within(&[0.0; 20], 100.0, 0.95).high.unwrap() - 13.91).abs() < 0.01);
/// // Nearly alike is as good as alike.
/// let nearly: Vec<f64> = (0..20).map(|i| 5.0 + 1e-4 * f64::from(i)).collect();
/// assert!(within(&nearly, 100.0, 0.95).high.unwrap() > 20.0);
/// ```
pub fn within(values: &[f64], most: f64, confidence: f64) -> Estimate {
    let pairs: Vec<(f64, f64)> = values.iter().map(|&value| (value, most.max(value))).collect();
    over(&pairs, most, confidence)
}

/// Share over replications: `pairs` are (successes, trials) of each, whose successes and trials go together as they will.
///
/// # Example
/// ```
/// use cellsim::engine::stats::anchored::share;
/// let kept = share(&[(480.0, 480.0); 20], 0.95);
/// assert!((kept.low.unwrap() - 0.861).abs() < 0.001);
/// ```
pub fn share(pairs: &[(f64, f64)], confidence: f64) -> Estimate {
    let trials = sum(pairs.iter().map(|pair| pair.1)) / (pairs.len() as f64).max(1.0);
    if trials == 0.0 {
        return Estimate::null("there was nothing to count: no trial in any replication");
    }
    let shares: Vec<(f64, f64)> = pairs.iter().map(|pair| (pair.0 / trials, pair.1 / trials)).collect();
    over(&shares, 1.0, confidence)
}

fn over(pairs: &[(f64, f64)], most: f64, confidence: f64) -> Estimate {
    if pairs.is_empty() {
        return Estimate::null("no replication measured it");
    }
    let mut sample = Sample::default();
    for &(value, end) in pairs {
        sample.add(value, end);
    }
    mean(&[Stratum { label: "replications".to_owned(), weight: 1.0, mean_exposure: most, sample }], confidence)
}

/// Mean of a - b, pair by pair, with a in `0..=most.0` and b in `0..=most.1`, and the probability that chance alone moves it so far
/// from 0: one more pair at either end of the range is among them.
///
/// # Example
/// ```
/// use cellsim::engine::stats::anchored::paired;
/// // Ten histories that never struck the large cell: 5 customers fewer, of 400 each.
/// let (difference, p) = paired(&[5.0; 10], &[10.0; 10], (400.0, 400.0), 0.95);
/// assert_eq!(difference.value, Some(-5.0));
/// assert!(difference.high.unwrap() > 0.0 && p > 0.05);
/// ```
pub fn paired(a: &[f64], b: &[f64], most: (f64, f64), confidence: f64) -> (Estimate, f64) {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    if differences.is_empty() {
        return (Estimate::null("no replication measured it"), 1.0);
    }
    // Ratios that are taken apart by replication may lie a little beyond what is possible of a mean.
    let top = differences.iter().copied().fold(most.0, f64::max);
    let bottom = differences.iter().map(|z| -z).fold(most.1, f64::max);
    let from_bottom: Vec<f64> = differences.iter().map(|z| z + bottom).collect();
    let from_top: Vec<f64> = differences.iter().map(|z| top - z).collect();
    let level = 0.5 * (1.0 - confidence);
    let value = sum(differences.iter().copied()) / differences.len() as f64;
    let (least, greatest) = (low(&from_bottom, level) - bottom, top - low(&from_top, level));
    let p = 2.0 * level_at(&from_bottom, bottom).min(level_at(&from_top, top));
    (Estimate::between(value, least.min(value), greatest.max(value), differences.len() as u64), p.min(1.0))
}

/// The level at which the lower bound of some values reaches `bound`.
fn level_at(values: &[f64], bound: f64) -> f64 {
    let atoms: Vec<(f64, f64)> = values.iter().map(|&value| (value, 1.0)).collect();
    let law = Law::new(&atoms);
    let (mut below, mut above) = (-30.0, 0.0);
    if law.low(1.0 - 1e-9) <= bound {
        return 1.0;
    }
    for _ in 0..50 {
        let middle: f64 = 0.5 * (below + above);
        if law.low(libm::exp(middle).min(1.0 - 1e-9)) <= bound {
            below = middle;
        } else {
            above = middle;
        }
    }
    libm::exp(above)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_difference_needs_as_many_pairs_as_its_range_is_wide() {
        let worse = |n: usize| {
            let base: Vec<f64> = (0..n).map(|i| 10.0 + (i % 3) as f64).collect();
            let other: Vec<f64> = base.iter().map(|b| b + 8.0).collect();
            paired(&other, &base, (40.0, 40.0), 0.95)
        };
        let (few, p_few) = worse(10);
        let (many, p_many) = worse(200);
        assert!(few.low.unwrap() < 0.0 && p_few > 0.05, "{few:?} {p_few}");
        assert!(many.low.unwrap() > 0.0 && p_many < 1e-6, "{many:?} {p_many}");
        // The p-value and the interval say the same.
        for n in 5..60 {
            let (found, p) = worse(n);
            assert_eq!(found.low.unwrap() > 0.0, p < 0.05, "{n}: {found:?} {p}");
        }
        let (same, p) = paired(&[3.0; 9], &[3.0; 9], (40.0, 40.0), 0.95);
        assert_eq!((same.value, p), (Some(0.0), 1.0));
    }

    #[test]
    fn shares_of_unequal_trials_are_ratios_of_sums() {
        let found = share(&[(5.0, 10.0), (30.0, 40.0), (0.0, 0.0)], 0.95);
        assert!((found.value.unwrap() - 0.7).abs() < 1e-12);
        assert!(found.high.unwrap() <= 1.0);
        assert_eq!(within(&[], 1.0, 0.95).value, None);
    }
}
