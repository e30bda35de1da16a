//! The mapping store slows, or stands still: look-ups that wait are put off.

use super::arrivals::NEVER;
use super::event::{Event, Rid};
use super::request::Place;
use super::store::Asked;
use super::world::World;
use crate::engine::event_list::EventList;

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
