//! Hit ratios of caches, when each key is asked for by its own Poisson process.
//!
//! # References
//! Jung, Berger and Balakrishnan (2003), Modeling TTL-based Internet Caches. Che, Tung and Wang (2002), Hierarchical Web Caching
//! Systems (the characteristic time of LRU). Fricker, Robert and Roberts (2012), A Versatile and Accurate Approximation for
//! LRU Cache Performance.

use crate::engine::special::solve::root;

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
    Keys::each(rates).ttl_hit_ratio(time_to_live, expiry)
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
    Keys::each(rates).lru_hit_ratio(capacity)
}

/// Keys of a cache: how often each is asked for, and how many are asked for so often.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keys(Vec<(f64, f64)>);

/// Bits of a rate that keys which stand together have in common: sign, exponent, and a sixty-fourth of a doubling.
const COMMON_BITS: u32 = 18;

/// Keys whose rates are nearly alike.
#[derive(Debug, Clone, Copy, Default)]
struct Alike {
    count: f64,
    first: f64,
    /// Sums of differences from the first one, and of their squares.
    sum: f64,
    squares: f64,
}

impl Keys {
    /// Each key for itself.
    pub fn each(rates: &[f64]) -> Keys {
        Keys(rates.iter().filter(|rate| **rate > 0.0).map(|&rate| (rate, 1.0)).collect())
    }

    /// Millions of keys as some hundreds of groups: rates within a sixty-fourth of a doubling stand together, as two values of the
    /// same mean and variance. What hits is then off by less than 1e-9; keys that are all alike are exact.
    pub fn grouped(rates: impl Iterator<Item = f64>) -> Keys {
        let mut groups = vec![Alike::default(); 1 << (COMMON_BITS - 1)];
        for rate in rates.filter(|&rate| rate > 0.0) {
            let group = &mut groups[(rate.to_bits() >> (64 - COMMON_BITS)) as usize];
            if group.count == 0.0 {
                group.first = rate;
            }
            let more = rate - group.first;
            (group.count, group.sum, group.squares) =
                (group.count + 1.0, group.sum + more, group.squares + more * more);
        }
        let mut keys = Vec::new();
        for Alike { count, first, sum, squares } in groups.into_iter().filter(|group| group.count > 0.0) {
            let (mean, spread) = (sum / count, (squares / count - (sum / count) * (sum / count)).max(0.0).sqrt());
            match squares > 0.0 {
                true => keys.extend([-spread, spread].map(|away| (first + mean + away, count / 2.0))),
                false => keys.push((first, count)),
            }
        }
        Keys(keys)
    }

    /// Adds keys that are asked for `factor` times as often as these.
    pub fn extend(&mut self, others: &Keys, factor: f64) {
        self.0.extend(others.0.iter().filter(|_| factor > 0.0).map(|&(rate, count)| (rate * factor, count)));
    }

    /// Share of look-ups that hit where entries live for a time.
    pub fn ttl_hit_ratio(&self, time_to_live: f64, expiry: Expiry) -> f64 {
        self.weighted(|rate| ttl_hit_ratio(rate, time_to_live, expiry))
    }

    /// Share of look-ups that hit where so many entries fit, by Che's approximation.
    pub fn lru_hit_ratio(&self, capacity: f64) -> f64 {
        let time = self.characteristic_time(capacity);
        self.weighted(|rate| if time == f64::INFINITY { 1.0 } else { -libm::expm1(-rate * time) })
    }

    /// Che's characteristic time of a least-recently-used cache: how long an entry stays that is not asked for again.
    ///
    /// Solves Σ (1 - e^(-lambda_i t)) = capacity. Infinite if all keys fit.
    pub fn characteristic_time(&self, capacity: f64) -> f64 {
        if capacity >= self.0.iter().map(|key| key.1).sum::<f64>() {
            return f64::INFINITY;
        }
        if capacity <= 0.0 {
            return 0.0;
        }
        let held = |time: f64| {
            self.0.iter().fold((-capacity, 0.0), |(held, slope), &(rate, count)| {
                let missing = libm::expm1(-rate * time);
                (held - count * missing, slope + count * rate * (1.0 + missing))
            })
        };
        // At least as long as if every look-up were of another key.
        let least = capacity / self.0.iter().map(|(rate, count)| rate * count).sum::<f64>();
        let mut most = 2.0 * least;
        while held(most).0 < 0.0 && most < 1e300 {
            most *= 2.0;
        }
        root(0.5 * least, most, least, held)
    }

    /// Share of look-ups that hit, where they do with this probability of a key's rate.
    pub fn weighted(&self, hit: impl Fn(f64) -> f64) -> f64 {
        let total: f64 = self.0.iter().map(|(rate, count)| rate * count).sum();
        let hits: f64 = self.0.iter().map(|&(rate, count)| rate * count * hit(rate)).sum();
        if total <= 0.0 { 0.0 } else { hits / total }
    }
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
        let time = Keys::each(&zipf).characteristic_time(100.0);
        let inside: f64 = zipf.iter().map(|r| 1.0 - libm::exp(-r * time)).sum();
        assert!((inside - 100.0).abs() < 1e-9);
    }

    #[test]
    fn groups_of_keys_are_as_good_as_each_for_itself() {
        let zipf: Vec<f64> = (1..=200_000).map(|i| 3.0 / f64::from(i)).chain([0.25; 1000]).collect();
        let (each, grouped) = (Keys::each(&zipf), Keys::grouped(zipf.iter().copied()));
        assert!(grouped.0.len() < 3000, "{}", grouped.0.len());
        for capacity in [10.0, 3000.0, 150_000.0] {
            let (one, other) = (each.lru_hit_ratio(capacity), grouped.lru_hit_ratio(capacity));
            assert!((one - other).abs() < 1e-9, "{capacity}: {one} {other}");
        }
        for life in [0.1, 10.0, 1e4] {
            let (one, other) = [&each, &grouped].map(|keys| keys.ttl_hit_ratio(life, Expiry::AfterFill)).into();
            assert!((one - other).abs() < 1e-9, "{life}: {one} {other}");
        }
        let mut faster = Keys::default();
        faster.extend(&Keys::grouped([2.0; 100].into_iter()), 1.5);
        assert_eq!(faster, Keys(vec![(3.0, 100.0)]));
    }
}
