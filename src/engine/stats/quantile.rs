//! Quantiles of a merged histogram, their spread from the replications it was merged from.
//!
//! # Model
//! The value is the merged histogram's. Its half-width is Student's t times the standard error of the replications'
//! own quantiles (sectioning), or of batches of replications where these are short, plus half a bucket, by which any value read
//! from a histogram may be off.
//!
//! # References
//! Asmussen and Glynn (2007), Stochastic Simulation, III.5 (sectioning).

use std::ops::Range;

use super::estimate::{Estimate, State};
use super::interval::{ALONE, NOTHING, centre_and_deviation};
use crate::engine::special::beta::student;

/// A quantile: of all replications merged, with those of each and half the width of its bucket.
///
/// # Example
/// ```
/// use cellsim::engine::stats::sectioned;
/// let p99 = sectioned(20.0, &[19.0, 20.0, 21.0], 0.5, 0.95);
/// assert!((p99.half_width().unwrap() - 2.9841377).abs() < 1e-6); // 4.3027 x 1 / sqrt 3 + 0.5
/// ```
pub fn sectioned(value: f64, per_replication: &[f64], half_bucket: f64, confidence: f64) -> Estimate {
    let n = per_replication.len();
    if n == 0 {
        return Estimate::null(NOTHING);
    }
    if n == 1 {
        return Estimate::without_interval(value, 1, ALONE);
    }
    let (_, deviation) = centre_and_deviation(per_replication);
    let half_width = student((n - 1) as f64, confidence) * deviation / (n as f64).sqrt() + half_bucket;
    // Nothing measured here is negative, whatever the spread.
    Estimate::between(value, (value - half_width).max(value.min(0.0)), value + half_width, n as u64)
}

/// A quantile that may lie among values that are beyond every number (infinite): its interval has no upper end. Those that
/// have a number are at most `most`, which stands for the others in the lower end.
///
/// # Example
/// ```
/// use cellsim::engine::stats::sectioned_open;
/// let p99 = sectioned_open(5.0, &[4.0, f64::INFINITY, 6.0], 0.0, 0.95, (9.0, "some fail".to_owned()));
/// assert_eq!((p99.value, p99.high), (Some(5.0), None));
/// let p99 = sectioned_open(f64::INFINITY, &[8.0, f64::INFINITY], 0.0, 0.95, (9.0, "some fail".to_owned()));
/// assert!(p99.value.is_none() && (p99.low.unwrap() - 2.6469).abs() < 1e-4); // 9 - 12.706 x 0.7071 / sqrt 2
/// ```
pub fn sectioned_open(
    value: f64,
    per_replication: &[f64],
    half_bucket: f64,
    confidence: f64,
    (most, why): (f64, String),
) -> Estimate {
    let capped: Vec<f64> = per_replication.iter().map(|value| value.min(most)).collect();
    let low = sectioned(value.min(most), &capped, half_bucket, confidence).low;
    Estimate {
        value: Some(value).filter(|value| value.is_finite()),
        low: Some(low.unwrap_or(0.0)),
        high: None,
        n: per_replication.len() as u64,
        state: State::Bound,
        reason: Some(why),
    }
}

/// Batches at least, and at most: more would only make each of them smaller.
const BATCHES: (usize, usize) = (10, 30);

/// Cuts neighbouring sections, of which each has so many values, into batches with at least 10 values expected beyond the quantile at
/// `p` in each; `None` if that makes fewer than 10 batches.
///
/// # Example
/// ```
/// use cellsim::engine::stats::batches;
/// assert_eq!(batches(0.9, &[45; 400]).map(|batches| batches.len()), Some(30));
/// assert_eq!(batches(0.9, &[45; 30]).map(|batches| batches.len()), Some(10)); // 13.5 in each
/// assert_eq!(batches(0.9, &[45; 20]), None); // 90 in all
/// ```
pub fn batches(p: f64, values: &[u64]) -> Option<Vec<Range<usize>>> {
    let expected = |values: &[u64]| (1.0 - p) * values.iter().sum::<u64>() as f64 * (1.0 + 1e-9);
    let most = BATCHES.1.min(values.len()).min((expected(values) / 10.0) as usize);
    (BATCHES.0..=most).rev().find_map(|count| {
        let edge = |at: usize| at * values.len() / count;
        let batches: Vec<Range<usize>> = (0..count).map(|at| edge(at)..edge(at + 1)).collect();
        batches.iter().all(|batch| expected(&values[batch.clone()]) >= 10.0).then_some(batches)
    })
}

/// Tells why the quantile at `p` has no interval from the replications' own: fewer than 10 values expected beyond it in each.
///
/// # Example
/// ```
/// use cellsim::engine::stats::too_few_beyond;
/// assert!(too_few_beyond(0.99, 20_000, 20).is_none()); // 10 in each
/// assert!(too_few_beyond(0.999, 20_000, 20).is_some()); // 1 in each
/// ```
pub fn too_few_beyond(p: f64, values: u64, replications: u64) -> Option<String> {
    let expected = (1.0 - p) * values as f64 / replications.max(1) as f64;
    // A rounding error of 1 - p must not turn exactly 10 into too few.
    if expected >= 10.0 * (1.0 - 1e-9) {
        return None;
    }
    Some(format!(
        "only {expected:.1} values are expected beyond it per replication: it takes 10, or 100 in all, so run longer or more"
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn edges() {
        assert_eq!(sectioned(1.0, &[], 0.1, 0.95).state, State::Null);
        assert_eq!(sectioned(1.0, &[1.0], 0.1, 0.95).low, None);
        assert_eq!(sectioned(1.0, &[0.0, 100.0], 0.1, 0.95).low, Some(0.0));
    }

    #[test]
    fn equal_sections_leave_half_a_bucket() {
        let estimate = sectioned(3.0, &[3.0; 5], 0.25, 0.95);
        assert_eq!((estimate.low, estimate.high), (Some(2.75), Some(3.25)));
    }
}
