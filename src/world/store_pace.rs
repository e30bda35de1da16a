//! The mapping store's pace: what a fault that takes capacity does to look-ups that wait already.
//!
//! A look-up's answer is scheduled when it is asked, at the pace of that instant. When the pace changes, those whose turn has not
//! come are scheduled anew: their waiting stretches or shrinks by the ratio of the paces. At no pace at all they wait until
//! there is one again. Only worlds with such a fault keep a list of who waits.

use std::collections::BTreeMap;

use super::arrivals::NEVER;
use super::event::{Event, Rid};
use super::faults::Activation;
use super::request::Place;
use super::run::World;
use super::store::Asked;
use super::strikes::Target;
use crate::engine::event_list::EventList;
use crate::scenario::fault::{Effect, RouterStep};
use crate::units::Nanos;

/// How the pace of the store changes.
#[derive(Debug, Clone, Copy)]
struct Change {
    /// From here on it has not been what it was.
    since: Nanos,
    now: Nanos,
    /// Time that a look-up takes from now on over what it took before; infinite: the store stands still.
    stretch: f64,
}

impl Change {
    /// Applies it to a look-up.
    fn apply(self, asked: Asked) -> Asked {
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
    capacity: f64,
    /// Since when the store stands still, and what its capacity was until then.
    still: Option<(Nanos, f64)>,
    asked: BTreeMap<Rid, Asked>,
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
    fn takes(&mut self, rid: Rid, now: Nanos) -> bool {
        let is_due = self.asked.get(&rid).is_some_and(|asked| asked.ready == now);
        if is_due {
            self.asked.remove(&rid);
        }
        is_due
    }

    /// Takes note of a new capacity; `None` if it is the old one.
    fn change(&mut self, capacity: f64, now: Nanos) -> Option<Change> {
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

impl World {
    /// Returns whether an answer of the store was put off, or has been given already.
    #[inline]
    pub(super) fn is_put_off(&mut self, rid: Rid) -> bool {
        let now = self.now;
        let pace = self.router.as_mut().and_then(|router| router.pace.as_mut());
        pace.is_some_and(|pace| !pace.takes(rid, now))
    }

    /// Faults on the store have begun or ended.
    pub(super) fn change_store_pace(&mut self) {
        let now = self.now;
        let Some(router) = &mut self.router else { return };
        let Some(capacity) = router.store_capacity() else { return };
        let Some(pace) = &mut router.pace else { return };
        let Some(change) = pace.change(capacity, now) else { return };
        let mut moved: Vec<(Asked, Rid)> = Vec::new();
        for (&rid, asked) in &mut pace.asked {
            let later = change.apply(*asked);
            // What a crash of the store has taken waits for its event alone.
            if later != *asked && self.records[rid].place != Place::Dead {
                *asked = later;
                moved.push((later, rid));
            }
        }
        router.shared.values_mut().for_each(|asked| *asked = change.apply(*asked));
        router.mapping.stretch(change.since, now, change.stretch);
        moved.sort_by_key(|(asked, rid)| (asked.start, self.records[*rid].arrival, self.records[*rid].request.0));
        schedule(&mut self.events, &moved);
    }

    /// Look-ups that stand still have no event to wait for: a crash of the store ends them at once.
    pub(super) fn release_still(&mut self, rid: Rid) {
        let Some(pace) = self.router.as_mut().and_then(|router| router.pace.as_mut()) else { return };
        if pace.asked.get(&rid).is_some_and(|asked| asked.ready == NEVER) {
            pace.asked.remove(&rid);
            self.records[rid].place = Place::Queue;
        }
    }
}

fn schedule(events: &mut EventList, moved: &[(Asked, Rid)]) {
    for (asked, rid) in moved.iter().filter(|(asked, _)| asked.ready != NEVER) {
        events.schedule(asked.ready, Event::StoreAnswered(*rid).pack());
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
