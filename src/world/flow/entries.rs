//! Entries of the router's cache while nothing fills it: who has one, and for how long.
//!
//! # Model
//! Where entries are customers' own (by life time, by recent use), a miss stays a miss until the mapping store answers. A store that
//! is lost answers nobody: those without an entry are not served at all, and the others are as long as theirs stays. By life time T
//! each entry has what is left of its life, even in (0, T): of those that are there, t / T are gone after t. Of the most recently
//! used none gives way, since none is filled. Once the store is back, who has lost an entry has one again from the next request on; a
//! loss that comes sooner finds so many without.
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
    pub fn unfilled(self, since: Nanos, filled: Filled) -> Option<Unfilled> {
        match self {
            Entries::ByChance => None,
            Entries::Live(lasts) => Some(Unfilled { since, lasts: Some(nanos(lasts)), filled }),
            Entries::Stay(_) => Some(Unfilled { since, lasts: None, filled }),
        }
    }
}

/// How full a cache is, compared with health.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Filled {
    /// Share of the entries that is missing.
    pub missing: f64,
    /// Of those that are there, the share that was filled since an earlier loss, at even times in so long.
    pub young: (f64, Nanos),
}

/// A cache that nothing fills.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unfilled {
    since: Nanos,
    /// Until all entries are gone; `None`: they stay.
    lasts: Option<Nanos>,
    filled: Filled,
}

impl Unfilled {
    /// Returns the share of the entries that are gone at an instant, of those that there are in health.
    pub fn gone(self, at: Nanos) -> f64 {
        let Filled { missing, young: (young, span) } = self.filled;
        let time = at.saturating_sub(self.since);
        let over = match self.lasts {
            Some(lasts) => {
                let part = |time: Nanos, of: Nanos| if of > 0 { (seconds(time) / seconds(of)).min(1.0) } else { 1.0 };
                let first = lasts.saturating_sub(span);
                let young_over = if time > first { part(time - first, lasts - first) } else { 0.0 };
                (1.0 - young) * part(time, lasts) + young * young_over
            }
            None => 0.0,
        };
        missing + (1.0 - missing) * over
    }

    /// Returns when the share of entries that are gone begins to grow otherwise, or stops growing, after an instant.
    pub fn next(self, at: Nanos) -> Nanos {
        let end = self.lasts.map_or(self.since, |lasts| self.since.saturating_add(lasts));
        let young = end.saturating_sub(self.filled.young.1).max(self.since);
        let is_young = self.filled.young.0 > 0.0;
        [young, end].into_iter().find(|&next| next > at && (next == end || is_young)).unwrap_or(Nanos::MAX)
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
        let unfilled = five.unfilled(100 * SECOND, Filled::default()).expect("entries are customers' own");
        let gone = [100, 175, 400, 1000].map(|at| unfilled.gone(at * SECOND));
        assert_eq!(gone, [0.0, 0.25, 1.0, 1.0]);
        assert_eq!((unfilled.next(100 * SECOND), unfilled.next(400 * SECOND)), (400 * SECOND, Nanos::MAX));
        // A fifth is missing, half of the others were filled in the last minute.
        let again =
            five.unfilled(0, Filled { missing: 0.2, young: (0.5, 60 * SECOND) }).expect("entries are customers' own");
        assert_eq!([0, 150, 270, 300].map(|at| again.gone(at * SECOND)), [0.2, 0.4, 0.2 + 0.8 * 0.7, 1.0]);
        assert_eq!([0, 240, 300].map(|at| again.next(at * SECOND)), [240 * SECOND, 300 * SECOND, Nanos::MAX]);
        let stay = Entries::Stay(f64::INFINITY);
        assert_eq!(stay.held(1e-9), 1.0);
        let unfilled = stay.unfilled(0, Filled::default()).expect("entries are customers' own");
        assert_eq!((unfilled.gone(Nanos::MAX), unfilled.next(5)), (0.0, Nanos::MAX));
        assert_eq!(Entries::ByChance.unfilled(0, Filled::default()), None);
    }
}
