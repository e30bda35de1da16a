//! Shuffle sharding: each customer on its own random hand of k out of n workers.
//!
//! # References
//! MacCarthaigh (2019), Workload Isolation Using Shuffle-Sharding, Amazon Builders' Library. Johnson, Kotz and Kemp (1992),
//! Univariate Discrete Distributions, 6 (hypergeometric).

use super::structure::choose;

/// Number of different hands: C(n, k).
///
/// # Example
/// ```
/// use cellsim::engine::theory::shuffle_shard::hands;
/// assert_eq!(hands(8, 2), 28.0); // where eight workers in pairs would make four shards
/// ```
pub fn hands(workers: u32, hand: u32) -> f64 {
    choose(f64::from(workers), f64::from(hand))
}

/// Probability that another customer's hand shares exactly `shared` workers with a given one.
pub fn overlap(workers: u32, hand: u32, shared: u32) -> f64 {
    if shared > hand || hand > workers || hand - shared > workers - hand {
        return 0.0;
    }
    let (n, k, j) = (f64::from(workers), f64::from(hand), f64::from(shared));
    choose(k, j) * choose(n - k, k - j) / choose(n, k)
}

/// Mean number of workers two hands share: k^2 / n.
pub fn mean_overlap(workers: u32, hand: u32) -> f64 {
    f64::from(hand) * f64::from(hand) / f64::from(workers)
}

/// Expected number of other customers that lose at least `lost` of their workers when one customer takes its whole hand down.
pub fn expected_struck(customers: u32, workers: u32, hand: u32, lost: u32) -> f64 {
    let share: f64 = (lost..=hand).map(|j| overlap(workers, hand, j)).sum();
    f64::from(customers.saturating_sub(1)) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_workers_in_hands_of_two() {
        // 1 of 28 the same hand, 12 of 28 one in common, 15 of 28 none.
        for (shared, ways) in [(2, 1.0), (1, 12.0), (0, 15.0)] {
            assert!((overlap(8, 2, shared) - ways / 28.0).abs() < 1e-15);
        }
        assert_eq!(mean_overlap(8, 2), 0.5);
        assert!((expected_struck(29, 8, 2, 2) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_hundred_workers_in_hands_of_five() {
        // As published: 75 million hands, 77 % share none.
        assert_eq!(hands(100, 5), 75_287_520.0);
        assert!((overlap(100, 5, 0) - 0.7696).abs() < 1e-4);
        let mean: f64 = (0..=5).map(|j| f64::from(j) * overlap(100, 5, j)).sum();
        assert!((mean - mean_overlap(100, 5)).abs() < 1e-12);
    }

    #[test]
    fn impossible_hands() {
        assert_eq!(overlap(3, 2, 0), 0.0, "two of three and two of three always meet");
        assert_eq!(overlap(3, 4, 0), 0.0);
        assert_eq!(overlap(3, 3, 3), 1.0);
    }
}
