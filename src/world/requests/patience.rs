//! Patience: how an attempt ends without an answer, what its client learns of it, and whether it tries again.

use super::arrivals::NEVER;
use super::clients;
use super::event::{Event, Rid};
use super::happening::{Happening, Observer, Resolved};
use super::request::{Place, Record};
use super::world::World;
use crate::catalogue::Cause;
use crate::engine::rng::Slot;
use crate::units::Nanos;

const PAUSE: Slot = Slot::named("client/pause");

/// A client that waits for nothing in flight: its next event is a retry.
const PAUSING: Nanos = 0;

impl World {
    /// Schedules the end of the client's patience, if that has not been done: an attempt that is settled ahead needs none.
    #[inline]
    pub(super) fn ensure_timer(&mut self, rid: Rid) {
        let record = &mut self.records[rid];
        if record.is_timed() || !record.has_client() {
            return;
        }
        record.set_timed(true);
        let class = record.class as usize;
        let event = Event::Expire(rid).pack();
        let lanes = [Some(self.timeouts[class]), self.timeouts_after_hit[class]];
        match lanes.into_iter().flatten().find(|&lane| self.events.delay(lane) == record.expires - self.now) {
            Some(lane) => self.events.schedule_in_lane(lane, self.now, event),
            None => self.events.schedule(record.expires, event),
        }
    }

    /// Most time-outs are void when their time comes: their attempts are long over. Drops those at the front of their lane.
    #[inline]
    pub(super) fn drop_void_timeouts(&mut self) {
        let records = &self.records;
        self.events.drop_void(|at, payload| match Event::unpack(payload) {
            Event::Expire(rid) => records[rid].expires != at,
            _ => false,
        });
    }

    /// The attempt vanishes: only its time-out will tell.
    pub(super) fn swallow(&mut self, rid: Rid) {
        self.ensure_timer(rid);
        self.leave_cell(rid);
        if self.records[rid].has_client() {
            self.records[rid].place = Place::Lost;
        } else {
            self.records.free(rid);
        }
    }

    /// The attempt fails, and nothing works on it any more.
    pub(super) fn fail<O: Observer>(&mut self, rid: Rid, cause: Cause, observer: &mut O) {
        self.lose_look_up(rid, observer);
        self.leave_cell(rid);
        self.leave_to_partner(rid);
        if self.records[rid].has_client() {
            self.client_learns(rid, cause, observer);
        } else {
            self.records.free(rid);
        }
    }

    /// The client gives the attempt up; a slot may go on with it.
    pub(super) fn expire<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        self.release_partner(rid);
        if self.records[rid].place == Place::Lost {
            return self.client_learns(rid, Cause::TimedOut, observer);
        }
        let mut client = self.records[rid].clone();
        client.set_in_cell(false);
        self.records[rid].expires = NEVER;
        self.records[rid].set_looking_up(false);
        let rid = self.records.add(client);
        self.client_learns(rid, Cause::TimedOut, observer);
    }

    /// An attempt is over: if it was still asking for its cell, the look-up is lost.
    fn lose_look_up<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &mut self.records[rid];
        if record.is_looking_up() {
            record.set_looking_up(false);
            observer.happened(Happening::LookUpLost { started: record.started });
        }
    }

    /// The client learns that its attempt failed: it tries again, or the request is over. Nothing else uses the record.
    pub(super) fn client_learns<O: Observer>(&mut self, rid: Rid, cause: Cause, observer: &mut O) {
        self.lose_look_up(rid, observer);
        let record = &self.records[rid];
        let client = &self.platform.classes[record.class as usize].client;
        if !record.is_surge() {
            observer.happened(Happening::AttemptFailed {
                sub: record.sub,
                class: record.class,
                started: self.attempt_began(record),
            });
        }
        let next = record.attempt.saturating_add(1);
        if next <= client.attempts {
            let bits = |attempt| Record::key_of_attempt(record.request, attempt).draw(PAUSE);
            let at = self.now + clients::pause(&client.backoff, next, bits);
            if at < record.arrival + client.deadline {
                let granted = client.retry_budget.is_none() || clients::spend(&mut self.tokens[record.sub as usize]);
                if granted {
                    let record = &mut self.records[rid];
                    record.attempt = next;
                    record.place = Place::Pause;
                    record.expires = PAUSING;
                    self.events.schedule(at, Event::Retry(rid).pack());
                    return;
                }
            }
        }
        if !record.is_surge() {
            let Record { sub, class, arrival, .. } = *record;
            observer.happened(Happening::Resolved(Resolved { sub, class, arrival, at: self.now, failed: Some(cause) }));
        }
        self.records.free(rid);
    }

    /// Drops an attempt that is in a cell, at a crash. `station` is where it is served, if it is.
    pub(super) fn drop_inside<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let place = self.records[rid].place;
        self.leave_cell(rid);
        self.leave_to_partner(rid);
        let pending = matches!(place, Place::Service | Place::Delay | Place::Router | Place::Store);
        if !pending {
            if self.records[rid].has_client() {
                self.client_learns(rid, Cause::Dropped, observer);
            } else {
                self.records.free(rid);
            }
            return;
        }
        let client = self.records[rid].clone();
        self.records[rid].place = Place::Dead;
        self.records[rid].expires = NEVER;
        if client.has_client() {
            let rid = self.records.add(client);
            self.client_learns(rid, Cause::Dropped, observer);
        }
    }
}
