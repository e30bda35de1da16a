//! How many copies: about as many histories come to each number of units down.
//!
//! The numbers follow from the laws alone, so that they are the same for all histories. They are rough where clocks take down
//! the same units; this costs variance or work, never truth.

use super::clock::Clock;

/// No history goes on in more copies at once.
const COPIES: f64 = 10_000.0;

/// Copies that one history makes in all: some seconds.
const WORK: f64 = 1e6;

/// Returns the number of copies at each number of units down, up to `down`, if one history and its copies are to come to each
/// of them `wanted` times, or as often as to one unit down; less often where that would take more than [`WORK`].
pub(super) fn copies(clocks: &[Clock], down: usize, horizon: f64, wanted: f64) -> Vec<u32> {
    let together = at_least(clocks, down);
    let cycle = |clock: &Clock| clock.up.mean() + clock.down.mean();
    let failures: f64 = clocks.iter().map(|clock| 1.0 / cycle(clock)).sum();
    let repair: f64 = clocks.iter().map(|clock| clock.down.mean() / cycle(clock)).sum::<f64>() / failures;
    // With k units under repair the first is back after about a k-th of a repair.
    let entries: Vec<f64> = (0..=down).map(|k| horizon * together[k] * k as f64 / repair).collect();
    let mut wanted = wanted.min(entries[1]);
    loop {
        let (copies, work) = planned(&entries, wanted);
        // Rounded to one copy, work no longer falls.
        if work <= WORK || copies.iter().all(|&copies| copies == 1) {
            return copies;
        }
        wanted *= 0.8 * WORK / work;
    }
}

/// Copies that come `wanted` times to each number of units, given how often a plain history does, and how many they are in all.
fn planned(entries: &[f64], wanted: f64) -> (Vec<u32>, f64) {
    let (mut made, mut work) = (1.0, 0.0);
    let mut copies = vec![1; entries.len()];
    for k in 1..entries.len() - 1 {
        let missing = if entries[k + 1] > 0.0 { wanted / entries[k + 1] / made } else { 1.0 };
        let here = missing.clamp(1.0, COPIES).round();
        made *= here;
        if here > 1.0 {
            work += entries[k] * made;
        }
        copies[k] = here as u32;
    }
    (copies, work)
}

/// The probability that at least so many units are down, as if no two clocks took down the same unit.
fn at_least(clocks: &[Clock], most: usize) -> Vec<f64> {
    let mut exactly = vec![0.0; most + 1];
    exactly[0] = 1.0;
    for clock in clocks {
        let share = clock.down.mean() / (clock.up.mean() + clock.down.mean()) / clock.takes.len() as f64;
        let mut next: Vec<f64> = exactly.iter().map(|&p| p * (1.0 - share * clock.takes.len() as f64)).collect();
        for set in &clock.takes {
            for (k, &p) in exactly.iter().enumerate() {
                next[(k + set.len()).min(most)] += share * p;
            }
        }
        exactly = next;
    }
    let mut sum = 0.0;
    let mut together: Vec<f64> = exactly
        .iter()
        .rev()
        .map(|p| {
            sum += p;
            sum
        })
        .collect();
    together.reverse();
    together
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::law::Law;

    fn units(number: u32, up: f64, down: f64) -> Vec<Clock> {
        let law = |mean| Law::Exponential { mean };
        (0..number).map(|unit| Clock { up: law(up), down: law(down), takes: vec![vec![unit]] }).collect()
    }

    #[test]
    fn together_as_the_binomial_says() {
        // Three units, each down for a quarter of the time: 1, 37/64, 10/64 and 1/64.
        let found = at_least(&units(3, 3.0, 1.0), 3);
        for (found, expected) in found.iter().zip([1.0, 37.0 / 64.0, 10.0 / 64.0, 1.0 / 64.0]) {
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
        // A clock that takes both of two units, half the time.
        let both = Clock { takes: vec![vec![0, 1]], ..units(1, 1.0, 1.0).remove(0) };
        assert_eq!(at_least(&[both], 2), [1.0, 0.5, 0.5]);
    }

    #[test]
    fn copies_only_where_it_is_rare() {
        assert_eq!(copies(&units(10, 1.0, 1.0), 3, 1e4, 20.0), [1, 1, 1, 1]);
        let rare = copies(&units(60, 43_200.0, 8.0), 4, 525_600.0, 20.0);
        assert_eq!((rare[0], rare[4]), (1, 1));
        assert!(rare[1] > 1 && rare[2] > 50 && rare[3] > 50, "{rare:?}");
        // Fifty at once would take more copies than anybody waits for.
        let (many, entries) = (copies(&units(60, 43_200.0, 8.0), 50, 525_600.0, 20.0), 730.0);
        assert!(entries * f64::from(many[1]) < WORK && many[1] >= 1, "{many:?}");
        // What cannot happen asks for no copies.
        assert_eq!(copies(&units(2, 100.0, 1.0), 3, 1e6, 20.0)[2..], [1, 1]);
    }
}
