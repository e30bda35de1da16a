//! Stations whose attempts all progress at one pace: see [`super::sharing`].

use super::arrivals::NEVER;
use super::event::{Event, Rid};
use super::happening::Observer;
use super::request::Place;
use super::world::World;
use crate::catalogue::Cause;
use crate::scenario::stage::Expired;

impl World {
    /// An attempt comes to a shared station.
    pub(super) fn share<O: Observer>(&mut self, rid: Rid, index: usize, observer: &mut O) {
        let station = &self.stations[index];
        let room = u64::from(station.slots) + u64::from(station.queue);
        if u64::from(station.busy + station.waiting) >= room {
            return self.fail(rid, Cause::Full, observer);
        }
        self.progress_together(rid, index);
    }

    /// A station of one pace begins to work on an attempt.
    pub(super) fn progress_together(&mut self, rid: Rid, index: usize) {
        self.ensure_timer(rid);
        let service = self.service_time(rid);
        let record = &mut self.records[rid];
        record.place = Place::Shared;
        record.link = index as u32;
        let now = self.now;
        let sharing = self.sharing.entry(index as u32).or_default();
        sharing.progress(now);
        sharing.enter(rid, service);
        self.reshare(index);
    }

    /// Attempts or slots have come or gone: all others go on at a new pace.
    pub(super) fn reshare(&mut self, index: usize) {
        let Some(sharing) = self.sharing.get_mut(&(index as u32)) else { return };
        sharing.progress(self.now);
        let station = &mut self.stations[index];
        let count = sharing.attempts.len() as u32;
        // Where others wait, those in service are all served, though slots be lost meanwhile.
        let slots = if station.is_shared() { station.slots } else { count.max(1) };
        let busy = count.min(slots);
        while station.busy < busy {
            station.start(self.now);
        }
        while station.busy > busy {
            station.finish(self.now);
        }
        if station.is_shared() {
            station.waiting = count - busy;
        }
        let before = sharing.next;
        sharing.set_pace(slots, station.slows_by);
        if sharing.next != before && sharing.next != NEVER {
            self.events.schedule_ahead(sharing.next, Event::Shared(index as u32).pack());
        }
    }

    /// The first attempts of a shared station are done, unless its pace has changed since this was foreseen.
    pub(super) fn shared<O: Observer>(&mut self, index: u32, observer: &mut O) {
        let now = self.now;
        let Some(sharing) = self.sharing.get_mut(&index).filter(|sharing| sharing.next == now) else { return };
        sharing.progress(now);
        let done = sharing.take_done();
        sharing.next = NEVER;
        let index = index as usize;
        self.reshare(index);
        let station = &self.stations[index];
        let drops = !station.is_shared() && station.expired == Expired::Drop;
        if !station.is_shared() {
            self.serve_waiting(index, observer);
        }
        for rid in done {
            if drops && !self.records[rid].has_client() {
                self.leave_cell(rid);
                self.records.free(rid);
            } else {
                self.go_on(rid, observer);
            }
        }
    }

    /// Takes the attempts out of a shared station for which `stays` does not hold.
    pub(super) fn empty_shared(&mut self, index: usize, stays: impl Fn(Rid) -> bool) {
        let now = self.now;
        let Some(sharing) = self.sharing.get_mut(&(index as u32)) else { return };
        sharing.progress(now);
        sharing.attempts.retain(|attempt| stays(attempt.2));
        self.reshare(index);
    }
}
