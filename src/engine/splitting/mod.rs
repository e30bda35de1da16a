//! Rare events by splitting in hazard time: how often many units are down at once.
//!
//! Units fail and are repaired on clocks that do not know of each other; a clock may take several units down at once. What is
//! asked is how long, and how often, at least so many units are down together. Plain histories never show it.
//!
//! # Model
//! The more units are down, the nearer is the event (the importance). A history that comes to `k` units down goes on in
//! `R_k` copies, each with `1 / R_k` of its weight. What has not happened yet is drawn anew for each copy: a clock of age `a`
//! fires at `T` with `S(T) = S(a) V`, `V` uniform, because the hazard that is left to it, `H(T) - H(a)`, is exponential
//! whatever came before. Copies end when fewer than `k` units are down; the history itself goes on with its former weight. Any
//! sum over time keeps its expectation, however many copies there are: they only change its variance, and the work.
//!
//! # References
//! Villén-Altamirano, M. and J. (1991), RESTART: a method for accelerating rare event simulations. Garvels (2000), The
//! splitting method in rare event simulation, thesis, Twente.

mod history;
mod levels;

use history::{Ahead, Fate, History};

use super::law::Law;
use super::rng::{Key, Slot};
use crate::stop;

/// Up, down for repair, up again: an alternating renewal process in equilibrium.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Time from repair to failure.
    pub up: Law,
    /// Time from failure to repair.
    pub down: Law,
    /// Sets of units; each failure takes down one of them, all equally likely.
    pub takes: Vec<Vec<u32>>,
}

/// Clocks, and how their histories are split.
#[derive(Debug, Clone)]
pub struct System {
    clocks: Vec<Clock>,
    units: usize,
    /// By number of units down: copies of a history that comes to it. The last is the one that is asked for.
    copies: Vec<u32>,
    /// By number of units down: weight of a history that is there.
    weights: Vec<f64>,
    horizon: f64,
    /// How far to look ahead, at least: a few failures.
    calm: f64,
}

/// What one history and its copies add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// By number of units down, the last one "or more": weighted time.
    pub time: Vec<f64>,
    /// By number of units down: weighted times that it came to at least so many.
    pub entries: Vec<f64>,
    /// Failures and repairs, in all copies: the work.
    pub events: u64,
}

const COPY: Slot = Slot::named("splitting/copy");

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

    /// Follows one history from equilibrium to the horizon, in copies where it comes near.
    ///
    /// # Determinism
    /// Each copy draws from a key of its own, which follows from `key` and from whose copy it is.
    pub fn follow(&self, key: Key) -> Tally {
        let size = self.copies.len() + 1;
        let mut tally = Tally { time: vec![0.0; size], entries: vec![0.0; size], events: 0 };
        let mut root = History::in_equilibrium(self, key);
        self.split(&mut root, 1, &mut tally);
        self.go_on(root, 0, &mut tally);
        tally
    }

    /// The greatest number of units at which histories are split that `down` units reach.
    fn level(&self, down: usize) -> usize {
        down.min(self.copies.len() - 1)
    }

    /// Follows a history until fewer than `floor` units are down, or to the horizon.
    fn go_on(&self, mut history: History, floor: usize, tally: &mut Tally) {
        let most = tally.time.len() - 1;
        loop {
            stop::point();
            let before = history.down;
            let weight = self.weights[self.level(before)];
            let next = history.next(self);
            let until = next.map_or(self.horizon, |(at, _)| at);
            tally.time[before.min(most)] += weight * (until - history.now);
            let Some((at, clock)) = next else { return };
            history.fire(self, at, clock);
            tally.events += 1;
            if history.down > before {
                for entries in &mut tally.entries[(before + 1).min(most + 1)..=history.down.min(most)] {
                    *entries += weight;
                }
                self.split(&mut history, self.level(before) + 1, tally);
            } else if history.down < floor {
                return;
            }
        }
    }

    /// Makes copies of a history that has just come to its number of units down, `from` or more, and follows them.
    fn split(&self, history: &mut History, from: usize, tally: &mut Tally) {
        let reached = self.level(history.down);
        let most = tally.time.len() - 1;
        let mut ahead = None;
        let mut pending = Vec::new();
        for level in from..=reached {
            for _ in 1..self.copies[level] {
                // What lies ahead is the same for all copies, only their luck is not.
                let ahead = ahead.get_or_insert_with(|| Ahead::of_copies(self, history));
                let key = history.next_key(COPY);
                // A copy that is split further has copies to make before anything happens.
                let floor = if level == reached { level } else { 0 };
                match history.copy(self, key, ahead, floor, &mut pending) {
                    Fate::Ends(at) => {
                        tally.time[history.down.min(most)] += self.weights[reached] * (at - history.now);
                        tally.events += 1;
                    }
                    Fate::GoesOn(mut copy) => {
                        self.split(&mut copy, level + 1, tally);
                        self.go_on(copy, level, tally);
                    }
                }
            }
        }
    }
}
