//! Hit ratios of caches, when each key is asked for by its own Poisson process.
//!
//! # References
//! Jung, Berger and Balakrishnan (2003), Modeling TTL-based Internet Caches. Che, Tung and Wang (2002), Hierarchical Web Caching
//! Systems (the characteristic time of LRU). Fricker, Robert and Roberts (2012), A Versatile and Accurate Approximation for
//! LRU Cache Performance.

use crate::engine::special::solve::invert_increasing;

/// When an entry of a cache with a time to live expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// A fixed time after it was filled, hits or not.
    AfterFill,
    /// A fixed time after it was last asked for.
    AfterUse,
}

/// Share of look-ups of one key that hit.
///
/// After fill: lambda T hits follow each miss, hence lambda T / (1 + lambda T). After use: the next look-up comes within T.
///
/// # Example
/// ```
/// use cellsim::engine::theory::cache::{Expiry, ttl_hit_ratio};
/// // Once a minute with 19 minutes to live: 19 hits for each miss.
/// assert!((ttl_hit_ratio(1.0, 19.0, Expiry::AfterFill) - 0.95).abs() < 1e-15);
/// ```
pub fn ttl_hit_ratio(rate: f64, time_to_live: f64, expiry: Expiry) -> f64 {
    let expected = rate * time_to_live;
    match expiry {
        Expiry::AfterFill if expected.is_infinite() => 1.0,
        Expiry::AfterFill => expected / (1.0 + expected),
        Expiry::AfterUse => -libm::expm1(-expected),
    }
}

/// Share of all look-ups that hit: keys weighted by their rates; 0 without look-ups.
pub fn ttl_hit_ratio_of_all(rates: &[f64], time_to_live: f64, expiry: Expiry) -> f64 {
    weighted(rates, |rate| ttl_hit_ratio(rate, time_to_live, expiry))
}

fn weighted(rates: &[f64], hit: impl Fn(f64) -> f64) -> f64 {
    let total: f64 = rates.iter().sum();
    if total <= 0.0 { 0.0 } else { rates.iter().map(|rate| rate * hit(*rate)).sum::<f64>() / total }
}

/// Che's characteristic time of a least-recently-used cache: how long an entry stays that is not asked for again.
///
/// Solves Σ (1 - e^(-lambda_i t)) = capacity. Infinite if all keys fit.
pub fn characteristic_time(rates: &[f64], capacity: f64) -> f64 {
    let asked_for = rates.iter().filter(|r| **r > 0.0).count();
    if capacity >= asked_for as f64 {
        return f64::INFINITY;
    }
    invert_increasing(capacity, |t| rates.iter().map(|rate| -libm::expm1(-rate * t)).sum())
}

/// Share of all look-ups that hit in a least-recently-used cache of `capacity` entries, by Che's approximation.
///
/// # Example
/// ```
/// use cellsim::engine::theory::cache::lru_hit_ratio;
/// // Alike keys: what fits, hits.
/// assert!((lru_hit_ratio(&[3.0; 100], 25.0) - 0.25).abs() < 1e-12);
/// ```
pub fn lru_hit_ratio(rates: &[f64], capacity: f64) -> f64 {
    let time = characteristic_time(rates, capacity);
    weighted(rates, |rate| if time == f64::INFINITY { 1.0 } else { -libm::expm1(-rate * time) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_to_live() {
        assert!((ttl_hit_ratio(1.0, 1.0, Expiry::AfterUse) - 0.6321205588285577).abs() < 1e-15);
        // A key asked for 9 times as often makes 90 % of the look-ups: 0.9 x 0.9 + 0.1 x 0.5.
        assert!((ttl_hit_ratio_of_all(&[9.0, 1.0], 1.0, Expiry::AfterFill) - 0.86).abs() < 1e-15);
        assert_eq!(ttl_hit_ratio_of_all(&[], 1.0, Expiry::AfterFill), 0.0);
        assert_eq!(ttl_hit_ratio(0.0, 5.0, Expiry::AfterFill), 0.0);
        assert_eq!(ttl_hit_ratio(2.0, f64::INFINITY, Expiry::AfterFill), 1.0);
    }

    #[test]
    fn least_recently_used() {
        // One entry for keys of rates 2 and 1: with x = e^-t, x^2 + x = 1, the golden ratio; hits (1 + x) / 3.
        // (Exact is the sum of squared shares, 5/9 = 0.556: one entry is where the approximation is at its worst.)
        let che = lru_hit_ratio(&[2.0, 1.0], 1.0);
        assert!((che - 1.618033988749895 / 3.0).abs() < 1e-12, "{che}");
        assert_eq!(lru_hit_ratio(&[1.0, 2.0, 0.0], 2.0), 1.0);
        assert_eq!(lru_hit_ratio(&[1.0, 2.0], 0.0), 0.0);
        // Skewed demand: far more hits than 10 % of the keys, fewer than if the best 100 were pinned (5.187 / 7.485).
        let zipf: Vec<f64> = (1..=1000).map(|i| 1.0 / f64::from(i)).collect();
        let hit = lru_hit_ratio(&zipf, 100.0);
        assert!(hit > 0.5 && hit < 0.693, "{hit}");
        let time = characteristic_time(&zipf, 100.0);
        let inside: f64 = zipf.iter().map(|r| 1.0 - libm::exp(-r * time)).sum();
        assert!((inside - 100.0).abs() < 1e-9);
    }
}
