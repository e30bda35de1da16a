//! The mapping store's pace: what a fault that takes capacity does to look-ups that wait already.
//!
//! A look-up's answer is scheduled when it is asked, at the pace of that instant. When the pace changes, those whose turn has not
//! come are scheduled anew: their waiting stretches or shrinks by the ratio of the paces. At no pace at all they wait until
//! there is one again. Only worlds with such a fault keep a list of who waits.

use std::collections::BTreeMap;

use super::arrivals::NEVER;
use super::event::Rid;
use super::store::Asked;
use crate::scenario::fault::{Effect, RouterStep};
use crate::units::Nanos;
use crate::world::operations::faults::Activation;
use crate::world::platform::scope::Target;

/// How the pace of the store changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    /// From here on it has not been what it was.
    pub(super) since: Nanos,
    pub(super) now: Nanos,
    /// Time that a look-up takes from now on over what it took before; infinite: the store stands still.
    pub(super) stretch: f64,
}

impl Change {
    /// Applies it to a look-up.
    pub(super) fn apply(self, asked: Asked) -> Asked {
        if asked.start <= self.since {
            return asked;
        }
        if self.stretch.is_infinite() {
            return Asked { ready: NEVER, ..asked };
        }
        let start = self.now + ((asked.start - self.since) as f64 * self.stretch).round() as Nanos;
        Asked { start, ready: start.saturating_add(asked.latency), ..asked }
    }
}

/// Who waits for the store, and at what pace it works.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// Look-ups per second.
    pub(super) capacity: f64,
    /// Since when the store stands still, and what its capacity was until then.
    pub(super) still: Option<(Nanos, f64)>,
    pub(super) asked: BTreeMap<Rid, Asked>,
}

impl Pace {
    /// Returns a list if any of these activations changes the pace of a store of finite capacity.
    pub(super) fn new(capacity: Option<f64>, activations: &[Activation], effects: &[Vec<Effect>]) -> Option<Pace> {
        let changes = |activation: &Activation| {
            matches!(activation.target, Target::Router(RouterStep::Store))
                && effects[activation.fault].iter().any(|effect| matches!(effect, Effect::Capacity { .. }))
        };
        let capacity = capacity.filter(|_| activations.iter().any(changes))?;
        Some(Pace { capacity, still: None, asked: BTreeMap::new() })
    }

    /// Takes note of a look-up.
    pub(super) fn note(&mut self, rid: Rid, asked: Asked) {
        self.asked.insert(rid, asked);
    }

    /// Returns whether an answer is the one that was scheduled last, and forgets it then.
    pub(super) fn takes(&mut self, rid: Rid, now: Nanos) -> bool {
        let is_due = self.asked.get(&rid).is_some_and(|asked| asked.ready == now);
        if is_due {
            self.asked.remove(&rid);
        }
        is_due
    }

    /// Takes note of a new capacity; `None` if it is the old one.
    pub(super) fn change(&mut self, capacity: f64, now: Nanos) -> Option<Change> {
        if capacity == self.capacity {
            return None;
        }
        let (since, before) = self.still.take().unwrap_or((now, self.capacity));
        self.capacity = capacity;
        if capacity <= 0.0 {
            self.still = Some((since, before));
            return Some(Change { since, now, stretch: f64::INFINITY });
        }
        Some(Change { since, now, stretch: before / capacity })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_pace_is_twice_the_wait_and_none_is_none() {
        let mut pace = Pace { capacity: 100.0, still: None, asked: BTreeMap::new() };
        let asked = Asked { start: 50, latency: 7, ready: 57 };
        assert!(pace.change(100.0, 10).is_none());
        let half = pace.change(50.0, 10).expect("another pace");
        assert_eq!(half.apply(asked), Asked { start: 90, latency: 7, ready: 97 });
        assert_eq!(half.apply(Asked { start: 10, ..asked }), Asked { start: 10, ..asked }, "its turn has come");
        // Still from 30 to 1,000: what was 60 away at half the pace is 30 away at the full one.
        let still = pace.change(0.0, 30).expect("another pace").apply(half.apply(asked));
        assert_eq!(still.ready, NEVER);
        let again = pace.change(100.0, 1000).expect("another pace").apply(still);
        assert_eq!(again, Asked { start: 1030, latency: 7, ready: 1037 });
    }
}
