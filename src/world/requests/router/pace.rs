//! The mapping store's pace: what a fault that takes capacity does to lookups that wait already.
//!
//! A lookup's answer is scheduled when it is asked, at the pace of that instant. When the pace changes, those whose turn has not
//! come are scheduled anew: their waiting stretches or shrinks by the ratio of the paces. At no pace at all they wait until
//! there is one again. Only worlds with such a fault keep a list of who waits.

use std::collections::BTreeMap;

use super::store::Asked;
use crate::scenario::fault::{Effect, RouterStep};
use crate::units::{NEVER, Nanos};
use crate::world::operations::faults::Activation;
use crate::world::platform::scope::Target;
use crate::world::requests::attempt::AttemptId;

/// How the pace of the store changes.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// From here on it has not been what it was.
    pub since: Nanos,
    /// Now.
    pub now: Nanos,
    /// Time that a lookup takes from now on over what it took before; infinite: the store stands still.
    pub stretch: f64,
}

impl Change {
    /// Applies it to a lookup.
    pub fn apply(self, asked: Asked) -> Asked {
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
pub struct Pace {
    /// Lookups per second.
    pub capacity: f64,
    /// Since when the store stands still, and what its capacity was until then.
    pub still: Option<(Nanos, f64)>,
    /// The lookups that wait.
    pub asked: BTreeMap<AttemptId, Asked>,
}

impl Pace {
    /// Returns a list if any of these activations changes the pace of a store of finite capacity.
    pub fn new(capacity: Option<f64>, activations: &[Activation], effects: &[Vec<Effect>]) -> Option<Pace> {
        let changes = |activation: &Activation| {
            matches!(activation.target, Target::Router(RouterStep::Store))
                && effects[activation.fault].iter().any(|effect| matches!(effect, Effect::Capacity { .. }))
        };
        let capacity = capacity.filter(|_| activations.iter().any(changes))?;
        Some(Pace { capacity, still: None, asked: BTreeMap::new() })
    }

    /// Takes note of a lookup.
    pub fn note(&mut self, id: AttemptId, asked: Asked) {
        self.asked.insert(id, asked);
    }

    /// Returns whether an answer is the one that was scheduled last, and forgets it then.
    pub fn takes(&mut self, id: AttemptId, now: Nanos) -> bool {
        let is_due = self.asked.get(&id).is_some_and(|asked| asked.ready == now);
        if is_due {
            self.asked.remove(&id);
        }
        is_due
    }

    /// Takes note of a new capacity; `None` if it is the old one.
    pub fn change(&mut self, capacity: f64, now: Nanos) -> Option<Change> {
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
