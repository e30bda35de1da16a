//! Clocks, and in how many copies their histories go on.

use super::clock::Clock;
use super::levels;

/// Clocks, and how their histories are split.
#[derive(Debug, Clone)]
pub struct System {
    pub(super) clocks: Vec<Clock>,
    pub(super) units: usize,
    /// By number of units down: copies of a history that comes to it. The last is the one that is asked for.
    pub(super) copies: Vec<u32>,
    /// By number of units down: weight of a history that is there.
    pub(super) weights: Vec<f64>,
    pub(super) horizon: f64,
    /// How far to look ahead, at least: a few failures.
    pub(super) calm: f64,
}

impl System {
    /// Returns clocks over units `0..units`, to be followed for `horizon` until `down` units (at least 1) are down at once,
    /// with as many copies as make one history come about `entries` times to each number of units down (or as often as to
    /// one).
    pub fn new(clocks: Vec<Clock>, units: usize, down: usize, horizon: f64, entries: f64) -> System {
        let copies = levels::copies(&clocks, down, horizon, entries);
        System::with_copies(clocks, units, copies, horizon)
    }

    /// Returns clocks whose histories go on in `copies[k]` copies when they come to `k` units down; `copies[0]` is 1, and the
    /// last number of units is the one that is asked for.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::{law::Law, rng::Key, splitting::{Clock, System}};
    /// // Ten units, each down for an hour every hundred: two at once for C(10,2) / 101^2 (100/101)^8 = 0.41 % of the time.
    /// let law = |mean| Law::Exponential { mean };
    /// let clocks = (0..10).map(|unit| Clock { up: law(100.0), down: law(1.0), takes: vec![vec![unit]] }).collect();
    /// let tally = System::with_copies(clocks, 10, vec![1, 8, 1], 10_000.0).follow(Key(1));
    /// assert!((tally.time[2] / 10_000.0 / 0.00407 - 1.0).abs() < 0.25);
    /// ```
    pub fn with_copies(clocks: Vec<Clock>, units: usize, copies: Vec<u32>, horizon: f64) -> System {
        debug_assert!(copies.len() >= 2 && copies[0] == 1 && copies.iter().all(|&copies| copies > 0));
        let weight = |product: &mut f64, &copies: &u32| {
            *product /= f64::from(copies);
            Some(*product)
        };
        let weights = copies.iter().scan(1.0, weight).collect();
        let failures: f64 = clocks.iter().map(|clock| 1.0 / (clock.up.mean() + clock.down.mean())).sum();
        System { clocks, units, copies, weights, horizon, calm: 4.0 / failures }
    }

    /// Returns the number of copies made at each number of units down.
    pub fn copies(&self) -> &[u32] {
        &self.copies
    }

    /// The greatest number of units at which histories are split that `down` units reach.
    pub(super) fn level(&self, down: usize) -> usize {
        down.min(self.copies.len() - 1)
    }
}
