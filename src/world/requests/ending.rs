//! How an attempt ends, answered or not, and what its client does then: it gives up, tries again, or waits for further copies.

use super::attempt::{AttemptId, Phase, Request};
use super::client::retry::Decision;
use super::client::{hedge, retry};
use super::event::Event;
use super::happening::{Happening, Observer, Resolved};
use super::world::World;
use crate::catalogue::Cause;
use crate::units::{NEVER, Nanos};
use crate::world::operations::effects::Admission;

/// A client that waits for nothing in flight: its next event is a retry.
const PAUSING: Nanos = 0;

impl World {
    /// A good answer, if its client still waits.
    #[inline]
    pub(super) fn answered<O: Observer>(&mut self, id: AttemptId, at: Nanos, observer: &mut O) {
        let attempt = &self.attempts[id];
        let Request { sub, class, arrival, is_surge, .. } = attempt.request;
        if attempt.has_client() && !is_surge {
            observer.happened(Happening::Resolved(Resolved { sub, class, arrival, at, failed: None }));
        }
        self.attempts.free(id);
    }

    /// Returns whether an attempt goes on that has met this in its cell; if not, it has ended there.
    pub(super) fn passes<O: Observer>(&mut self, id: AttemptId, admission: Admission, observer: &mut O) -> bool {
        match admission {
            Admission::Pass => return true,
            Admission::Refuse => self.fail(id, Cause::Refused, observer),
            Admission::Error => self.fail(id, Cause::Error, observer),
            Admission::Swallow => self.swallow(id),
        }
        false
    }

    /// It fails, and nothing works on it any more.
    pub(super) fn fail<O: Observer>(&mut self, id: AttemptId, cause: Cause, observer: &mut O) {
        self.lose_look_up(id, observer);
        self.leave_cell(id, self.now);
        self.leave_joined(id);
        if self.attempts[id].has_client() {
            self.learn(id, cause, observer);
        } else {
            self.attempts.free(id);
        }
    }

    /// It vanishes: only its time-out will tell.
    pub(super) fn swallow(&mut self, id: AttemptId) {
        self.ensure_timer(id);
        self.leave_cell(id, self.now);
        if self.attempts[id].has_client() {
            self.attempts[id].phase = Phase::Lost;
        } else {
            self.attempts.free(id);
        }
    }

    /// A station drops it: nobody waits for it any more.
    #[inline]
    pub(super) fn drop_expired(&mut self, id: AttemptId) {
        self.leave_cell(id, self.now);
        self.attempts.free(id);
    }

    /// A crash drops it, wherever it is; what worked on it has let it go.
    pub(super) fn drop_inside<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        self.leave_cell(id, self.now);
        self.leave_joined(id);
        let attempt = &mut self.attempts[id];
        let has_client = attempt.has_client();
        if attempt.phase.is_pending() {
            let client = attempt.orphan();
            attempt.phase = Phase::Dead;
            if has_client {
                let id = self.attempts.add(client);
                self.learn(id, Cause::Dropped, observer);
            }
        } else if has_client {
            self.learn(id, Cause::Dropped, observer);
        } else {
            self.attempts.free(id);
        }
    }

    /// The end of a client's patience, if that is still meant: most time-outs are void when their time comes, as their attempts are
    /// long over. Those at the front of their lane are dropped with it.
    #[inline]
    pub(super) fn patience_ends<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        if self.attempts[id].expires == self.now {
            self.give_up(id, observer);
        }
        let attempts = &self.attempts;
        self.events.drop_void(|at, payload| match Event::unpack(payload) {
            Event::Expire(id) => attempts[id].expires != at,
            _ => false,
        });
    }

    /// The client gives the attempt up; a slot may go on with it.
    fn give_up<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        self.release_joined(id);
        let attempt = &mut self.attempts[id];
        if attempt.phase == Phase::Lost {
            return self.learn(id, Cause::TimedOut, observer);
        }
        let client = attempt.orphan();
        let id = self.attempts.add(client);
        self.learn(id, Cause::TimedOut, observer);
    }

    /// The client learns that its attempt failed: it tries again, or the request is over. Nothing else uses the record.
    fn learn<O: Observer>(&mut self, id: AttemptId, cause: Cause, observer: &mut O) {
        self.lose_look_up(id, observer);
        let attempt = &mut self.attempts[id];
        let Request { sub, class, arrival, is_surge, .. } = attempt.request;
        let client = &self.platform.classes[class as usize].client;
        if !is_surge {
            let started = hedge::first_began(client, attempt);
            observer.happened(Happening::AttemptFailed { sub, class, started });
        }
        match retry::decide(client, &attempt.request, self.now, &mut self.budgets) {
            Decision::TriesAgain(at) => {
                attempt.request.tries += 1;
                (attempt.phase, attempt.expires) = (Phase::Pause, PAUSING);
                self.events.schedule(at, Event::Retry(id).pack());
            }
            Decision::GivesUp => {
                if !is_surge {
                    let failed = Some(cause);
                    observer.happened(Happening::Resolved(Resolved { sub, class, arrival, at: self.now, failed }));
                }
                self.attempts.free(id);
            }
        }
    }

    /// It is over: if it was still asking for its cell, the lookup is lost.
    fn lose_look_up<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let attempt = &mut self.attempts[id];
        if attempt.is_looking_up() {
            attempt.set_looking_up(false);
            observer.happened(Happening::LookUpLost { started: attempt.started });
        }
    }

    /// Returns whether it was dropped while its event was pending.
    #[inline]
    pub(super) fn is_over(&self, id: AttemptId) -> bool {
        self.attempts[id].phase == Phase::Dead
    }

    /// It leaves its cell, at an instant that may lie ahead.
    #[inline]
    pub(super) fn leave_cell(&mut self, id: AttemptId, at: Nanos) {
        let attempt = &mut self.attempts[id];
        if attempt.is_in_cell() {
            attempt.set_in_cell(false);
            self.cells[attempt.cell as usize].left(at);
        }
    }

    /// Schedules the end of the client's patience, if that has not been done: an attempt that is settled ahead needs none.
    #[inline]
    pub(super) fn ensure_timer(&mut self, id: AttemptId) {
        let attempt = &mut self.attempts[id];
        if !attempt.is_timed() && attempt.has_client() {
            attempt.set_timed();
            let (class, expires) = (attempt.request.class, attempt.expires);
            self.timeouts.schedule(class, self.now, expires, Event::Expire(id).pack(), &mut self.events);
        }
    }

    /// An attempt of a client that hedges, or a copy of one, has begun; it may be over already.
    pub(super) fn schedule_hedge(&mut self, id: AttemptId, after: Nanos) {
        if hedge::is_under_way(&self.attempts[id]) {
            self.events.schedule(self.now.saturating_add(after), Event::Hedge(id).pack());
        }
    }

    /// The client has waited long enough: it sends another copy, if the last one is still under way.
    pub(super) fn hedge<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let attempt = &mut self.attempts[id];
        let class = &self.platform.classes[attempt.request.class as usize];
        let Some(hedge) = class.client.hedge else { return };
        if !hedge::is_due(&class.client, id, attempt, self.joins.of(id), self.now) {
            return;
        }
        let copy = attempt.copied(self.now, class.first_step, class.client.remembers_cell);
        attempt.set_joined(true);
        let (request, number) = (copy.request, copy.copy);
        if !request.is_surge {
            let (class, arrival) = (request.class, request.arrival);
            observer.happened(Happening::Hedged { class, arrival, started: self.now });
        }
        let second = self.attempts.add(copy);
        self.joins.add(id, second);
        self.set_out(second, observer);
        if number < hedge.copies {
            self.schedule_hedge(second, hedge.after);
        }
    }

    /// It fails while others are under way that its client waits for too: it waits for these alone.
    #[inline]
    fn leave_joined(&mut self, id: AttemptId) {
        if self.attempts[id].is_joined() {
            self.attempts[id].set_joined(false);
            self.attempts[id].expires = NEVER;
            if let Some(alone) = self.joins.leave(id) {
                self.attempts[alone].set_joined(false);
            }
        }
    }

    /// It is answered, or given up: nobody waits any more for the others that were waited for with it.
    #[inline]
    pub(super) fn release_joined(&mut self, id: AttemptId) {
        if self.attempts[id].is_joined() {
            self.attempts[id].set_joined(false);
            for other in self.joins.dissolve(id) {
                let attempt = &mut self.attempts[other];
                attempt.set_joined(false);
                attempt.expires = NEVER;
                if attempt.phase == Phase::Lost {
                    self.attempts.free(other);
                }
            }
        }
    }
}
