//! Fan-out: a request asks k independent leaves and needs all of them, or some.
//!
//! # References
//! Dean and Barroso (2013), The Tail at Scale, Communications of the ACM 56. David and Nagaraja (2003), Order Statistics.

use super::structure::binomial;

/// Share of requests that meet at least one slow leaf, when a share `slow` of leaf calls is.
///
/// # Example
/// ```
/// use cellsim::engine::theory::fan_out::any_slow;
/// assert!((any_slow(0.01, 100) - 0.634).abs() < 1e-3); // one call in a hundred, a hundred calls
/// ```
pub fn any_slow(slow: f64, leaves: u32) -> f64 {
    if slow >= 1.0 {
        return f64::from(u8::from(leaves > 0));
    }
    -libm::expm1(f64::from(leaves) * libm::log1p(-slow))
}

/// The leaf quantile that decides the request's quantile at `p`, when all leaves must answer: p^(1/k).
pub fn leaf_quantile_needed(p: f64, leaves: u32) -> f64 {
    libm::pow(p, 1.0 / f64::from(leaves))
}

/// Probability that at least `needed` of `leaves` answer in time, each with probability `p`.
pub fn quorum(needed: u32, leaves: u32, p: f64) -> f64 {
    (needed..=leaves).map(|k| binomial(leaves, k, p)).sum::<f64>().min(1.0)
}

/// Mean time until `needed` of `leaves` have answered, each after an exponential time of mean `mean`.
///
/// mean (1/n + 1/(n - 1) + ... + 1/(n - m + 1)): the first answer comes n times as fast as one leaf's, and so on.
pub fn mean_exponential(needed: u32, leaves: u32, mean: f64) -> f64 {
    if needed > leaves {
        return f64::INFINITY;
    }
    mean * (0..needed).map(|i| 1.0 / f64::from(leaves - i)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert!((any_slow(0.5, 2) - 0.75).abs() < 1e-15);
        assert_eq!((any_slow(1.0, 1), any_slow(1.0, 0), any_slow(0.1, 0)), (1.0, 0.0, 0.0));
        // The median of 100 leaves together is one leaf's 99.3 %.
        assert!((leaf_quantile_needed(0.5, 100) - 0.993092).abs() < 1e-6);
        assert!((quorum(2, 3, 0.9) - 0.972).abs() < 1e-14);
        // All of three: 1/3 + 1/2 + 1; the first of three: 1/3.
        assert!((mean_exponential(3, 3, 6.0) - 11.0).abs() < 1e-12);
        assert!((mean_exponential(1, 3, 6.0) - 2.0).abs() < 1e-12);
        assert_eq!(mean_exponential(4, 3, 1.0), f64::INFINITY);
    }
}
