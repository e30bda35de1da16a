//! The journey of a request: the one place where events are told apart.

use super::arrivals::Arrival;
use super::clients;
use super::event::{Event, Rid};
use super::happening::{Happening, Observer};
use super::request::{Place, Record};
use super::world::World;
use crate::catalogue::Cause;
use crate::stop;
use crate::units::{Nanos, SECOND};

impl World {
    /// Lets everything happen that happens before `end`.
    pub fn run_until<O: Observer>(&mut self, end: Nanos, observer: &mut O) {
        self.move_limit(end, observer);
        self.end = end;
        loop {
            stop::point();
            let next = self.arrivals.next_instant();
            if let Some((at, payload)) = self.events.pop_before(end.min(next.saturating_add(1))) {
                debug_assert!(at >= self.now);
                self.now = at;
                self.handle(Event::unpack(payload), observer);
            } else if next < end {
                self.now = next;
                let arrival = self.arrivals.take();
                self.arrive(arrival, observer);
            } else {
                break;
            }
        }
        self.now = end;
    }

    /// As [`World::run_until`], but beyond the horizon only for as long as something is left of requests that arrived before it. From
    /// then on nothing that counts can happen: the clock jumps to `end`, and the world cannot be continued.
    pub fn run_while_it_counts<O: Observer>(&mut self, end: Nanos, observer: &mut O) {
        let horizon = self.platform.warmup + self.platform.horizon;
        if self.now < horizon {
            self.run_until(end.min(horizon), observer);
        }
        while self.now < end {
            if self.is_done_with(horizon) {
                self.now = end;
            } else {
                self.run_until(end.min(self.now + SECOND), observer);
            }
        }
    }

    /// Returns whether nothing is left of what arrived before an instant, whosever it was: no client waits, no slot goes on with it.
    fn is_done_with(&self, before: Nanos) -> bool {
        self.in_transit.front().is_none_or(|arrival| arrival.at >= before)
            && self.records.in_use().all(|rid| self.records[rid].arrival >= before)
    }

    #[inline]
    fn handle<O: Observer>(&mut self, event: Event, observer: &mut O) {
        match event {
            Event::Expire(rid) => {
                if self.records[rid].expires == self.now {
                    self.expire(rid, observer);
                }
                self.drop_void_timeouts();
            }
            Event::Reached => self.reached(observer),
            Event::Routed(rid) => self.routed(rid, observer),
            Event::Served(rid) => self.served(rid, observer),
            Event::StoreAsked(rid) => self.store_asked(rid, observer),
            Event::StoreAnswered(rid) => self.store_answered(rid, observer),
            Event::Placed(rid) => self.placed(rid, observer),
            Event::Delayed(rid) => {
                if self.is_over(rid) {
                    return;
                }
                self.go_on(rid, observer);
            }
            Event::Retry(rid) => self.begin_attempt(rid, observer),
            Event::Hedge(rid) => self.hedge(rid, observer),
            Event::Shared(station) => self.shared(station, observer),
            Event::Fault(index) => {
                self.fault_event(index, observer);
                self.move_limit(self.end, observer);
            }
        }
    }

    /// Frees a record that was dropped while its event was pending; returns whether it was.
    #[inline]
    pub(super) fn is_over(&mut self, rid: Rid) -> bool {
        let dead = self.records[rid].place == Place::Dead;
        if dead {
            self.records.free(rid);
        }
        dead
    }

    #[inline]
    fn arrive<O: Observer>(&mut self, arrival: Arrival, observer: &mut O) {
        let sub = arrival.sub;
        if sub as usize >= self.platform.home.len() {
            let newcomer = &self.setting.newcomers.subs[sub as usize - self.platform.home.len()];
            if newcomer.joins > arrival.at {
                return;
            }
        }
        if !self.customer_strikes.is_empty() && !arrival.surge && self.is_thinned(&arrival) {
            return;
        }
        if !arrival.surge {
            observer.happened(Happening::Arrived { sub, class: arrival.class, at: arrival.at });
        }
        if !self.tokens.is_empty()
            && let Some(budget) = &self.platform.classes[arrival.class as usize].client.retry_budget
        {
            clients::earn(&mut self.tokens[sub as usize], budget);
        }
        if self.may_travel[arrival.class as usize] && self.is_undisturbed() {
            return self.depart(arrival, observer);
        }
        let rid = self.records.add(Record::new(&arrival));
        self.begin_attempt(rid, observer);
    }

    #[inline]
    fn begin_attempt<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let now = self.now;
        let record = &mut self.records[rid];
        let class = &self.platform.classes[record.class as usize];
        let client = &class.client;
        record.attempt_key = Record::key_of_attempt(record.request, record.attempt);
        record.started = now;
        record.step = class.first_step;
        record.place = Place::Router;
        let deadline = record.arrival + client.deadline;
        record.expires = deadline.min(now + client.timeout);
        record.set_timed(false);
        record.copy = 0;
        if !record.is_surge() {
            observer.happened(Happening::Attempt {
                sub: record.sub,
                class: record.class,
                number: record.attempt,
                arrival: record.arrival,
                started: now,
            });
        }
        if !self.customer_strikes.is_empty() && self.has_customer_error(rid) {
            self.fail(rid, Cause::Error, observer);
            return;
        }
        let hedge = client.hedge;
        self.route(rid, observer);
        if let Some(hedge) = hedge {
            self.schedule_hedge(rid, hedge.after);
        }
    }
}
