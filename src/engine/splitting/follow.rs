//! Follows one history, in copies where it comes near to what is asked for.

use super::history::{Ahead, Fate, History};
use super::system::System;
use crate::engine::rng::{Key, Slot};
use crate::stop;

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
