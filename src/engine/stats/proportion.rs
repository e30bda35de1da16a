//! Shares near 0 or 1, whose interval must stay between 0 and 1.
//!
//! # Model
//! The spread between replications says how many independent trials the share is worth: n* = p (1 - p) / v, with v the
//! linearized variance of the ratio. Student's t over R replications against t over all trials corrects for v being
//! estimated itself; n* never exceeds the trials there were. Then Clopper and Pearson's interval on (n* p, n*).
//! If every replication is all 0 (or all 1), there is no v, and only a one-sided bound: with R replications,
//! 1 - alpha^(1/R).
//!
//! # References
//! Korn and Graubard (1998), Confidence Intervals for Proportions with Small Expected Number of Positive Counts
//! Estimated from Survey Data, Survey Methodology 24. Clopper and Pearson (1934), Biometrika 26.

use super::estimate::Estimate;
use super::interval::{ALONE, LONELY, NOTHING, ratio_and_variance};
use super::sum::sum;
use crate::engine::special::{beta, normal};

/// Share of successes over replications: `pairs` are (successes, trials) of each, 0 <= successes <= trials.
///
/// # Example
/// ```
/// use cellsim::engine::stats::{State, proportion};
/// let never = proportion(&[(0.0, 1000.0); 20], 0.95);
/// assert_eq!((never.value, never.state), (Some(0.0), State::Bound));
/// assert!((never.high.unwrap() - 0.1391).abs() < 1e-4); // 1 - 0.05^(1/20), not 3 in 20,000
/// ```
pub fn proportion(pairs: &[(f64, f64)], confidence: f64) -> Estimate {
    debug_assert!(pairs.iter().all(|p| p.0 >= 0.0 && p.0 <= p.1), "successes are among the trials");
    if pairs.is_empty() {
        return Estimate::null(NOTHING);
    }
    let Some((p, variance)) = ratio_and_variance(pairs) else {
        return Estimate::null("there was nothing to count: no trial in any replication");
    };
    let used = pairs.iter().filter(|p| p.1 > 0.0).count() as u64;
    let alpha = 1.0 - confidence;
    let all = pairs.iter().all(|p| p.0 == p.1);
    let none = pairs.iter().all(|p| p.0 == 0.0);
    if none || all {
        // How far from certain a replication may be and still come out like this R times with probability alpha.
        let least = libm::pow(alpha, 1.0 / used as f64);
        let percent = 100.0 * confidence;
        return if none {
            let why = format!("0 in {}: a one-sided bound at {percent} % confidence", replications(used));
            Estimate::bound(0.0, 0.0, 1.0 - least, used, why)
        } else {
            let why = format!("all in {}: a one-sided bound at {percent} % confidence", replications(used));
            Estimate::bound(1.0, least, 1.0, used, why)
        };
    }
    if pairs.len() == 1 {
        return Estimate::without_interval(p, 1, ALONE);
    }
    if used == 1 {
        return Estimate::without_interval(p, 1, LONELY);
    }
    let trials = sum(pairs.iter().map(|p| p.1));
    let units = used as f64;
    let correction = beta::student((trials - 1.0).max(1.0), confidence) / beta::student(units - 1.0, confidence);
    let spread = variance.max(f64::MIN_POSITIVE);
    let effective = (p * (1.0 - p) / spread * correction * correction).min(trials);
    let (low, high) = clopper_pearson(p, effective, alpha);
    Estimate::between(p, low.min(p), high.max(p), used)
}

fn replications(used: u64) -> String {
    if used == 1 { "the only replication".to_owned() } else { format!("all {used} replications") }
}

/// So many of the rarer outcome make the score interval as good as the exact one: they differ by one of so many.
const MANY: f64 = 10_000.0;

/// Returns the limits of a share of independent trials, of which a share `p` succeeded.
pub fn binomial(p: f64, trials: f64, confidence: f64) -> (f64, f64) {
    // The exact one takes as many steps as the square root of the trials.
    if trials * p.min(1.0 - p) >= MANY {
        score(p, trials, confidence)
    } else {
        clopper_pearson(p, trials, 1.0 - confidence)
    }
}

/// The score interval (Wilson 1927, Journal of the American Statistical Association 22).
fn score(p: f64, n: f64, confidence: f64) -> (f64, f64) {
    let z = normal::quantile(0.5 + 0.5 * confidence);
    let (shrink, centre) = (1.0 / (1.0 + z * z / n), p + 0.5 * z * z / n);
    let half = z * (p * (1.0 - p) / n + 0.25 * z * z / (n * n)).sqrt();
    (shrink * (centre - half), shrink * (centre + half))
}

/// The interval on `n` trials with share `p`, whole or not.
fn clopper_pearson(p: f64, n: f64, alpha: f64) -> (f64, f64) {
    // The rarer of the two outcomes is computed: a share near 1 has its digits in its complement.
    if p > 0.5 {
        let (low, high) = clopper_pearson(1.0 - p, n, alpha);
        return (1.0 - high, 1.0 - low);
    }
    let (hits, misses) = (n * p, n * (1.0 - p));
    (
        beta::quantile(hits, misses + 1.0, 0.5 * alpha),
        // From above, as the complement of a lower end: 1 - alpha/2 is far from 1, nothing is lost.
        beta::quantile(hits + 1.0, misses, 1.0 - 0.5 * alpha),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::State;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn clopper_pearson_as_published() {
        // 10 of 100: 4.90 % to 17.62 %; 1 of 20: 0.13 % to 24.87 %.
        let (low, high) = clopper_pearson(0.10, 100.0, 0.05);
        assert!((low - 0.04900469).abs() < 1e-8 && (high - 0.17622260).abs() < 1e-8, "{low} {high}");
        let (low, high) = clopper_pearson(0.05, 20.0, 0.05);
        assert!((low - 0.001265089).abs() < 1e-9 && (high - 0.2487328).abs() < 1e-7, "{low} {high}");
        let (low, high) = clopper_pearson(0.9, 100.0, 0.05);
        assert!((low - 0.82377740).abs() < 1e-8 && (high - 0.95099531).abs() < 1e-8);
    }

    #[test]
    fn many_trials_have_the_score_interval() {
        for (p, n) in [(0.01, 1.0e6), (0.5, 2.0e4), (0.999, 1.0e7)] {
            let ((low, high), (exact_low, exact_high)) = (score(p, n, 0.95), clopper_pearson(p, n, 0.05));
            let width = exact_high - exact_low;
            assert!((low - exact_low).abs() < 0.02 * width && (high - exact_high).abs() < 0.02 * width, "{p} of {n}");
        }
    }

    #[test]
    fn customers_that_fail_together_are_few_trials() {
        // In one replication of twenty all 100 customers fail: worth about 20 trials, not 2,000.
        let mut pairs = vec![(0.0, 100.0); 19];
        pairs.push((100.0, 100.0));
        let together = proportion(&pairs, 0.95);
        assert_eq!(together.value, Some(0.05));
        let alone: Vec<_> = pairs.iter().map(|p| (p.0 / 100.0, 1.0)).collect();
        let alone = proportion(&alone, 0.95);
        // n* = p (1 - p) / v = 20 x 19 / 20 = 19, times (t of 1,999 over t of 19) squared = 0.878: 16.7.
        let (low, high) = clopper_pearson(0.05, 19.0 * (1.961152_f64 / 2.093024).powi(2), 0.05);
        assert!((together.low.unwrap() - low).abs() < 1e-5 && (together.high.unwrap() - high).abs() < 1e-5);
        assert!(together.high.unwrap() > 0.24, "at least as wide as one of twenty");
        assert!((alone.value.unwrap() - 0.05).abs() < 1e-15);
    }

    #[test]
    fn edges() {
        assert_eq!(proportion(&[], 0.95).state, State::Null);
        assert_eq!(proportion(&[(0.0, 0.0)], 0.95).state, State::Null);
        assert_eq!(proportion(&[(1.0, 4.0)], 0.95).high, None);
        let always = proportion(&[(5.0, 5.0), (0.0, 0.0), (7.0, 7.0)], 0.95);
        assert_eq!((always.state, always.n), (State::Bound, 2));
        assert!((always.low.unwrap() - 0.05_f64.sqrt()).abs() < 1e-12);
        // Equal shares everywhere: no more than all trials can be claimed.
        let even = proportion(&[(5.0, 50.0); 2], 0.95);
        let (low, _) = clopper_pearson(0.1, 100.0, 0.05);
        assert!((even.low.unwrap() - low).abs() < 1e-12);
        // Very rare among very many.
        let rare = proportion(&[(3.0, 1e8), (5.0, 1e8), (1.0, 1e8)], 0.95);
        assert!(rare.low.unwrap() > 0.0 && rare.low < rare.value && rare.value < rare.high);
        assert!(rare.high.unwrap() < 1e-6);
    }

    proptest! {
        #[test]
        fn stays_between_0_and_1(pairs in prop::collection::vec((0_u32..50, 0_u32..1000), 1..30)) {
            let pairs: Vec<_> = pairs.iter().map(|p| (f64::from(p.0), f64::from(p.0 + p.1))).collect();
            let estimate = proportion(&pairs, 0.95);
            if let (Some(low), Some(value), Some(high)) = (estimate.low, estimate.value, estimate.high) {
                prop_assert!(0.0 <= low && low <= value && value <= high && high <= 1.0);
            }
        }

        #[test]
        fn failures_mirror_successes(pairs in prop::collection::vec((0_u32..50, 0_u32..50), 2..30)) {
            let good: Vec<_> = pairs.iter().map(|p| (f64::from(p.0), f64::from(p.0 + p.1))).collect();
            let bad: Vec<_> = pairs.iter().map(|p| (f64::from(p.1), f64::from(p.0 + p.1))).collect();
            let (good, bad) = (proportion(&good, 0.95), proportion(&bad, 0.95).complement());
            if let (Some(a), Some(b)) = (good.low, bad.low) {
                prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b);
            }
        }
    }
}
