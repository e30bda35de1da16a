//! Replications that all came out alike: how far the truth may be from what all of them showed.
//!
//! # Model
//! If a share q of replications differed, R of them would all be alike with probability (1 - q)^R. At confidence 1 - alpha, q is at
//! most 1 - alpha^(1/R), and those that differ may lie anywhere within what is possible: the mean lies between v - q (v - least) and
//! v + q (most - v). Student's t would give no width at all: equal numbers are not certain ones.
//!
//! # References
//! Clopper and Pearson (1934), Biometrika 26, for none of n; the mean of what is bounded follows.

use super::estimate::Estimate;
use super::interval::{ALONE, LONELY, NOTHING, mean, ratio};

/// Mean over replications of what lies within `(least, most)`; `most` may be infinite.
///
/// # Example
/// ```
/// use cellsim::engine::stats::mean_within;
/// // Nobody of 100 was harmed in 20 runs: up to 14 % of runs may harm up to all of them.
/// let harmed = mean_within(&[0.0; 20], (0.0, 100.0), 0.95);
/// assert!((harmed.high.unwrap() - 13.91).abs() < 0.01);
/// // All of 23 in all runs: no more are there.
/// assert_eq!(mean_within(&[23.0; 20], (0.0, 23.0), 0.95).high, Some(23.0));
/// ```
pub fn mean_within(values: &[f64], range: (f64, f64), confidence: f64) -> Estimate {
    match values {
        [] => Estimate::null(NOTHING),
        [first, ..] if values.iter().all(|value| same(*value, *first)) => {
            alike(*first, range, values.len() as u64, ALONE, confidence)
        }
        _ => within(mean(values, confidence), range),
    }
}

/// Ratio of sums over replications, of what lies within `(least, most)` in each of them: `pairs` are (numerator, denominator).
///
/// # Example
/// ```
/// use cellsim::engine::stats::ratio_within;
/// // No incident of 40, two in each of 20 runs, harmed anybody of 100.
/// let harmed = ratio_within(&[(0.0, 2.0); 20], (0.0, 100.0), 0.95);
/// assert!((harmed.high.unwrap() - 13.91).abs() < 0.01);
/// ```
pub fn ratio_within(pairs: &[(f64, f64)], range: (f64, f64), confidence: f64) -> Estimate {
    let mut some = pairs.iter().filter(|pair| pair.1 != 0.0);
    match some.next() {
        Some(first) if some.clone().all(|pair| same(pair.0 * first.1, first.0 * pair.1)) => {
            let alone = if pairs.len() == 1 { ALONE } else { LONELY };
            alike(first.0 / first.1, range, 1 + some.count() as u64, alone, confidence)
        }
        _ => within(ratio(pairs, confidence), range),
    }
}

/// Sums of parts differ by rounding where what they add up to does not.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12 * one.abs()
}

/// `alone` is the reason why a single one has no interval.
fn alike(value: f64, (least, most): (f64, f64), n: u64, alone: &str, confidence: f64) -> Estimate {
    if n == 1 {
        return Estimate::without_interval(value, 1, alone);
    }
    let differ = 1.0 - libm::pow(1.0 - confidence, 1.0 / n as f64);
    let low = value - differ * (value - least).max(0.0);
    let high = value + differ * (most - value).max(0.0);
    let percent = 100.0 * differ;
    let decimals = usize::from(percent < 10.0);
    let reason = format!(
        "alike in all {n} replications: at {} % confidence up to {percent:.decimals$} % of them differ, as far as they can",
        100.0 * confidence
    );
    Estimate { high: Some(high).filter(|high| high.is_finite()), ..Estimate::bound(value, low, high, n, reason) }
}

/// The interval ends where what is possible does.
fn within(estimate: Estimate, (least, most): (f64, f64)) -> Estimate {
    // Never past the number itself, which rounding may put a hair beyond.
    let value = estimate.value.unwrap_or(f64::NAN);
    let low = estimate.low.map(|low| low.max(least).min(value));
    let high = estimate.high.map(|high| high.min(most).max(value));
    Estimate { low, high, ..estimate }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn equal_numbers_are_not_certain_ones() {
        let one = mean_within(&[1.0; 20], (0.0, 15.0), 0.95);
        let differ = 1.0 - 0.05_f64.powf(0.05);
        assert_eq!(one.state, State::Bound);
        assert!((one.low.unwrap() - (1.0 - differ)).abs() < 1e-12);
        assert!((one.high.unwrap() - (1.0 + 14.0 * differ)).abs() < 1e-12);
        assert!(one.reason.unwrap().starts_with("alike in all 20 replications: at 95 % confidence up to 14 % of them"));
        let open = mean_within(&[1.0; 20], (0.0, f64::INFINITY), 0.95);
        assert_eq!((open.value, open.high), (Some(1.0), None));
    }

    #[test]
    fn numbers_that_differ_have_student_s_interval_within_what_is_possible() {
        let values = [0.0, 0.0, 0.0, 1.0];
        let (inside, plain) = (mean_within(&values, (0.0, 0.5), 0.95), mean(&values, 0.95));
        assert_eq!((inside.low, inside.high, inside.state), (Some(0.0), Some(0.5), State::Estimate));
        assert_eq!(inside.value, plain.value);
        let pairs = [(1.0, 2.0), (2.0, 4.0), (0.0, 0.0)];
        let ratio = ratio_within(&pairs, (0.0, 1.0), 0.95);
        assert_eq!((ratio.value, ratio.n, ratio.state), (Some(0.5), 2, State::Bound));
        // Rounding does not tell replications apart.
        assert_eq!(mean_within(&[0.3, 0.1 + 0.2], (0.0, 1.0), 0.95).state, State::Bound);
        let lonely = ratio_within(&[(1.0, 2.0), (0.0, 0.0)], (0.0, 1.0), 0.95);
        assert_eq!((lonely.low, lonely.reason.as_deref()), (None, Some(LONELY)));
        assert_eq!(ratio_within(&[(0.0, 0.0)], (0.0, 1.0), 0.95).state, State::Null);
    }
}
