//! Entries of the router's cache while nothing fills it: who has one, and for how long.
//!
//! # Model
//! Where entries are customers' own (by life time, by recent use), a miss stays a miss until the mapping store answers. A store that
//! is lost answers nobody: those without an entry are not served at all, and the others are as long as theirs stays. By life time T
//! each entry has what is left of its life, even in (0, T): of those that are there, t / T are gone after t. Of the most recently
//! used none gives way, since none is filled. Each loss of the store finds the cache as it is in health.
//!
//! With a given hit ratio each look-up has luck of its own: nothing is remembered.

use crate::engine::theory::cache::{Expiry, ttl_hit_ratio};
use crate::units::{Nanos, nanos, seconds};

/// What entries there are in health.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Entries {
    /// Nobody's: each look-up has luck of its own.
    #[default]
    ByChance,
    /// They live for so many seconds after they were filled.
    Live(f64),
    /// They stay for so many seconds after they were last used.
    Stay(f64),
}

impl Entries {
    /// Returns the probability that a customer with so many requests a second has one.
    pub fn held(self, rate: f64) -> f64 {
        match self {
            Entries::ByChance => 1.0,
            Entries::Live(seconds) => ttl_hit_ratio(rate, seconds, Expiry::AfterFill),
            Entries::Stay(seconds) => ttl_hit_ratio(rate, seconds, Expiry::AfterUse),
        }
    }

    /// Returns what happens to them from now on if nothing fills the cache; `None` if they are nobody's.
    pub fn unfilled(self, since: Nanos) -> Option<Unfilled> {
        match self {
            Entries::ByChance => None,
            Entries::Live(lasts) => Some(Unfilled { since, lasts: Some(nanos(lasts)) }),
            Entries::Stay(_) => Some(Unfilled { since, lasts: None }),
        }
    }
}

/// A cache that nothing fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfilled {
    since: Nanos,
    /// Until all entries are gone; `None`: they stay.
    lasts: Option<Nanos>,
}

impl Unfilled {
    /// Returns the share of the entries that are gone at an instant, of those that there were at first.
    pub fn gone(self, at: Nanos) -> f64 {
        match self.lasts {
            Some(lasts) => (seconds(at.saturating_sub(self.since)) / seconds(lasts)).min(1.0),
            None => 0.0,
        }
    }

    /// Returns when the share of entries that are gone stops growing, after an instant.
    pub fn next(self, at: Nanos) -> Nanos {
        let end = self.lasts.map_or(self.since, |lasts| self.since.saturating_add(lasts));
        if end > at { end } else { Nanos::MAX }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    #[test]
    fn entries_go_one_by_one_or_stay() {
        let five = Entries::Live(300.0);
        assert!((five.held(1.0 / 60.0) - 5.0 / 6.0).abs() < 1e-12);
        let unfilled = five.unfilled(100 * SECOND).expect("entries are customers' own");
        let gone = [100, 175, 400, 1000].map(|at| unfilled.gone(at * SECOND));
        assert_eq!(gone, [0.0, 0.25, 1.0, 1.0]);
        assert_eq!((unfilled.next(100 * SECOND), unfilled.next(400 * SECOND)), (400 * SECOND, Nanos::MAX));
        let stay = Entries::Stay(f64::INFINITY);
        assert_eq!(stay.held(1e-9), 1.0);
        let unfilled = stay.unfilled(0).expect("entries are customers' own");
        assert_eq!((unfilled.gone(Nanos::MAX), unfilled.next(5)), (0.0, Nanos::MAX));
        assert_eq!(Entries::ByChance.unfilled(0), None);
    }
}
