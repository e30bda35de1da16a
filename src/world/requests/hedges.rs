//! Hedges: further copies of an attempt, sent because the ones before take long; the first answer counts.
//!
//! All copies are records of their own with the same patience. They are *partners* while at least two are under way. A copy that
//! fails leaves the attempt to its partners; an answer, or the end of the client's patience, makes the others orphans: wasted
//! work. The clock for the next copy runs from when the last one was sent, and stops if that one fails.
//!
//! # References
//! Dean, Barroso 2013: *The tail at scale*.

use super::arrivals::NEVER;
use super::event::{Event, Rid};
use super::happening::{Happening, Observer};
use super::request::{Place, Record};
use super::world::World;
use crate::catalogue::Cause;
use crate::engine::rng::Slot;
use crate::units::Nanos;
use crate::world::platform::population::NONE;

const HEDGE: Slot = Slot::named("attempt/hedge");

impl World {
    /// An attempt of a client that hedges, or a copy of one, has begun.
    pub(super) fn schedule_hedge(&mut self, rid: Rid, after: Nanos) {
        let record = &self.records[rid];
        // It may be over already.
        if record.has_client() && !matches!(record.place, Place::Free | Place::Pause) {
            self.events.schedule(self.now.saturating_add(after), Event::Hedge(rid).pack());
        }
    }

    /// The client has waited long enough: it sends another copy, if the last one is still under way.
    pub(super) fn hedge<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &self.records[rid];
        // Records are used again: the event is meant for a copy that began this long ago.
        let is_under_way = !matches!(record.place, Place::Free | Place::Pause | Place::Dead) && record.has_client();
        let class = &self.platform.classes[record.class as usize];
        let hedge =
            class.client.hedge.filter(|hedge| record.started + hedge.after == self.now && record.copy < hedge.copies);
        let is_last = self.partners.of(rid).last().is_none_or(|&last| last == rid);
        let Some(hedge) = hedge.filter(|_| is_under_way && is_last) else { return };
        let mut copy = record.clone();
        copy.attempt_key = record.attempt_key.part(HEDGE);
        copy.started = self.now;
        copy.step = class.first_step;
        copy.place = Place::Router;
        copy.cell = if class.client.remembers_cell { record.cell } else { NONE };
        copy.link = NONE;
        copy.set_timed(false);
        copy.set_in_cell(false);
        copy.set_looking_up(false);
        copy.copy += 1;
        copy.set_hedged(true);
        if !copy.is_surge() {
            observer.happened(Happening::Hedged { class: copy.class, arrival: copy.arrival, started: self.now });
        }
        self.records[rid].set_hedged(true);
        let number = copy.copy;
        let second = self.records.add(copy);
        self.partners.join(rid, second);
        if !self.customer_strikes.is_empty() && self.has_customer_error(second) {
            return self.fail(second, Cause::Error, observer);
        }
        self.route(second, observer);
        if number < hedge.copies {
            self.schedule_hedge(second, hedge.after);
        }
    }

    /// Returns whether a record is a copy of an attempt of which an earlier one is under way.
    pub(super) fn is_second(&self, rid: Rid) -> bool {
        self.records[rid].is_hedged() && self.partners.of(rid).first() != Some(&rid)
    }

    /// A copy fails while partners are under way: the client waits for these alone.
    #[inline]
    pub(super) fn leave_to_partner(&mut self, rid: Rid) {
        if self.records[rid].is_hedged() {
            self.records[rid].set_hedged(false);
            self.records[rid].expires = NEVER;
            if let Some(alone) = self.partners.leave(rid) {
                self.records[alone].set_hedged(false);
            }
        }
    }

    /// The attempt is over: nobody waits for the partners any more.
    #[inline]
    pub(super) fn release_partner(&mut self, rid: Rid) {
        if self.records[rid].is_hedged() {
            self.records[rid].set_hedged(false);
            for other in self.partners.dissolve(rid) {
                self.records[other].set_hedged(false);
                self.records[other].expires = NEVER;
                if self.records[other].place == Place::Lost {
                    self.records.free(other);
                }
            }
        }
    }

    /// Returns when the attempt began, of which this record is perhaps a later copy.
    pub(super) fn attempt_began(&self, record: &Record) -> Nanos {
        let hedge = self.platform.classes[record.class as usize].client.hedge;
        hedge.map_or(record.started, |hedge| record.started - hedge.after * Nanos::from(record.copy))
    }
}
