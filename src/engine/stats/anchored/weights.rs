//! Draws of the random weights of several strata at once, for the quantile of their sum.
//!
//! Each stratum's draws are the middles of equal shares of its law, in an order of its own: as even as a Latin hypercube
//! (McKay, Beckman and Conover 1979, Technometrics 21), keyed by the stratum's place, the same for every row of a run.

use std::sync::OnceLock;

use super::law::Law;
use crate::engine::rng::mix;
use crate::engine::special::normal;

/// Least and most draws, as powers of two.
const POWERS: (u32, u32) = (12, 16);

/// Draws beyond the quantile that it should at least rest on.
const BEYOND: f64 = 100.0;

/// The quantile at `level` of the sum of `weight` times each law; `None` if it would take too many draws.
pub(super) fn low_of_sum(parts: &[(f64, Law)], level: f64) -> Option<f64> {
    let parts: Vec<&(f64, Law)> = parts.iter().filter(|(weight, law)| *weight > 0.0 && !law.is_zero()).collect();
    match parts[..] {
        [] => return Some(0.0),
        [(weight, law)] => return Some(weight * law.low(level)),
        _ => {}
    }
    let power = (POWERS.0..=POWERS.1).find(|power| level * f64::from(1_u32 << power) >= BEYOND)?;
    let deviates = deviates(power);
    let mut sums = vec![0.0; deviates.len()];
    for (place, (weight, law)) in parts.into_iter().enumerate() {
        let values = law.quantiles(deviates);
        let order = Order::new(place as u64, power);
        sums.iter_mut().zip(0..).for_each(|(sum, n)| *sum += weight * values[order.of(n)]);
    }
    let rank = (level * sums.len() as f64 - 0.5).max(0.0) as usize;
    Some(*sums.select_nth_unstable_by(rank, f64::total_cmp).1)
}

/// Normal deviates of the middles of 2^power equal shares.
fn deviates(power: u32) -> &'static [f64] {
    static KNOWN: [OnceLock<Vec<f64>>; 5] = [const { OnceLock::new() }; 5];
    KNOWN[(power - POWERS.0) as usize].get_or_init(|| {
        let n = 1_u32 << power;
        let half: Vec<f64> = (0..n / 2).map(|i| normal::quantile((f64::from(i) + 0.5) / f64::from(n))).collect();
        half.iter().copied().chain(half.iter().rev().map(|z| -z)).collect()
    })
}

/// An order of the numbers below 2^power that looks random.
struct Order {
    keys: [u32; 4],
    power: u32,
}

impl Order {
    fn new(place: u64, power: u32) -> Order {
        let keys = [0, 1, 2, 3].map(|round| mix(mix(place.wrapping_add(1)).wrapping_add(round)) as u32);
        Order { keys, power }
    }

    /// Where the n-th goes: rounds of steps each of which can be undone, so that no two go to one place.
    fn of(&self, n: u32) -> usize {
        let mask = (1_u32 << self.power) - 1;
        let mut x = n;
        for key in self.keys {
            x = (x ^ key) & mask;
            x = x.wrapping_mul(0x9e37_79b1) & mask;
            x ^= x >> (self.power / 2);
            x = x.wrapping_mul(key | 1) & mask;
            x ^= x >> (self.power / 2 - 1);
        }
        x as usize
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn each_order_holds_every_number_once_and_looks_like_no_other() {
        let n = 4096;
        let orders: Vec<Vec<usize>> =
            (0..6).map(|place| (0..n).map(|i| Order::new(place, 12).of(i)).collect()).collect();
        for (place, order) in orders.iter().enumerate() {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert!(sorted.iter().enumerate().all(|(i, x)| i == *x));
            for other in &orders[..place] {
                let middle = f64::from(n - 1) / 2.0;
                let both: f64 = order.iter().zip(other).map(|(a, b)| (*a as f64 - middle) * (*b as f64 - middle)).sum();
                let correlation = both / f64::from(n) / (middle * middle / 3.0);
                assert!(correlation.abs() < 4.0 / 64.0, "{place}: {correlation}");
            }
        }
    }

    #[test]
    fn a_sum_of_like_parts_is_their_convolution() {
        // Two uniform variables: their sum lies below x with probability x^2 / 2; so many draws know 2.5 % to a tenth of it.
        let part = || (1.0, Law::new(&[(1.0, 1.0)]));
        let found = low_of_sum(&[part(), part()], 0.025).unwrap();
        assert!((0.5 * found * found / 0.025 - 1.0).abs() < 0.15, "{found}");
        // Far out there are too few draws.
        assert_eq!(low_of_sum(&[part(), part()], 1e-5), None);
        assert!(low_of_sum(&[part(), (0.0, Law::new(&[(1.0, 1.0)]))], 1e-5).is_some());
    }
}
