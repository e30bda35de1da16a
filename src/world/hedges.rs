//! Hedges: a second copy of an attempt, sent because the first one takes long; the first answer counts.
//!
//! Both copies are records of their own with the same patience. They are *partners* while both are under way. A copy that fails
//! leaves the attempt to its partner; an answer, or the end of the client's patience, makes the other one an orphan: wasted work.
//!
//! # References
//! Dean, Barroso 2013: *The tail at scale*.

use std::collections::BTreeMap;

use super::arrivals::NEVER;
use super::event::{Event, Rid};
use super::observer::{Cause, Observer};
use super::population::NONE;
use super::request::{Place, Record};
use super::run::World;
use crate::engine::rng::Slot;
use crate::units::Nanos;

const HEDGE: Slot = Slot::named("attempt/hedge");

/// Who is whose partner.
#[derive(Debug, Clone, Default)]
pub(super) struct Partners(BTreeMap<Rid, Rid>);

impl World {
    /// An attempt of a client that hedges has begun.
    pub(super) fn schedule_hedge(&mut self, rid: Rid, after: Nanos) {
        let record = &self.records[rid];
        // It may be over already.
        if record.has_client() && !matches!(record.place, Place::Free | Place::Pause) {
            self.events.schedule(self.now + after, Event::Hedge(rid).pack());
        }
    }

    /// The client has waited long enough: it sends a second copy, if the attempt is still under way.
    pub(super) fn hedge<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &self.records[rid];
        // Records are used again: the event is meant for an attempt that began this long ago.
        let is_under_way = !matches!(record.place, Place::Free | Place::Pause | Place::Dead) && record.has_client();
        let class = &self.platform.classes[record.class as usize];
        let is_due = class.client.hedge.is_some_and(|after| record.started + after == self.now);
        if !is_under_way || !is_due || record.is_hedged() || record.is_copy() {
            return;
        }
        let mut copy = record.clone();
        copy.attempt_key = record.attempt_key.part(HEDGE);
        copy.started = self.now;
        copy.step = class.first_step;
        copy.place = Place::Router;
        copy.cell = if class.client.remembers_cell { record.cell } else { NONE };
        copy.link = NONE;
        copy.set_timed(false);
        copy.set_in_cell(false);
        copy.set_copy(true);
        copy.set_hedged(true);
        if !copy.is_surge() {
            observer.hedged(copy.class, copy.arrival, self.now);
        }
        self.records[rid].set_hedged(true);
        let second = self.records.add(copy);
        self.partners.0.insert(rid, second);
        self.partners.0.insert(second, rid);
        if !self.customer_strikes.is_empty() && self.has_customer_error(second) {
            return self.fail(second, Cause::Error, observer);
        }
        self.route(second, observer);
    }

    /// Ends the partnership of a record; returns the other one.
    fn part(&mut self, rid: Rid) -> Rid {
        let other = self.partners.0.remove(&rid).expect("a hedged record has a partner");
        self.partners.0.remove(&other);
        self.records[rid].set_hedged(false);
        self.records[other].set_hedged(false);
        other
    }

    /// A copy fails while its partner is under way: the client waits for the partner alone.
    #[inline]
    pub(super) fn leave_to_partner(&mut self, rid: Rid) {
        if self.records[rid].is_hedged() {
            self.part(rid);
            self.records[rid].expires = NEVER;
        }
    }

    /// The attempt is over: nobody waits for the partner any more.
    #[inline]
    pub(super) fn release_partner(&mut self, rid: Rid) {
        if self.records[rid].is_hedged() {
            let other = self.part(rid);
            self.records[other].expires = NEVER;
            if self.records[other].place == Place::Lost {
                self.records.free(other);
            }
        }
    }

    /// Returns when the attempt began, of which this record is perhaps the second copy.
    pub(super) fn attempt_began(&self, record: &Record) -> Nanos {
        let hedge = self.platform.classes[record.class as usize].client.hedge;
        hedge.filter(|_| record.is_copy()).map_or(record.started, |after| record.started - after)
    }
}
