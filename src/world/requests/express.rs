//! Express: the journey of what nothing can disturb, without a record, or without an event.
//!
//! Nearly every attempt is a request's first one, hits the cache, and takes the same constant time to its cell. On that way
//! nothing can happen to it, so it needs no record: the requests on their way wait in a line, first in, first out, and one event
//! each, in the lane of that delay, says that the first of them has arrived. In its cell it is given a record if something can
//! still happen to it there. Where a station [settles ahead](super::station::ahead), it does not even need an event: what becomes of
//! it is told at once, unless it crosses the limit up to which that is certain. Whatever else an attempt may meet, it gets a record
//! and events; both ways give the same numbers.

use super::attempt::{Attempt, AttemptId, Path, Phase};
use super::client::patience;
use super::demand::arrivals::Arrival;
use super::event::Event;
use super::happening::{Happening, Observer, Resolved};
use super::router::Router;
use super::station::ahead::{Booking, Crossing};
use super::world::World;
use crate::catalogue::Cause;

impl World {
    /// Returns whether a first attempt of a class travels now: no fault bears on customers or on the router.
    #[inline]
    pub(super) fn travels(&self, class: u16) -> bool {
        let is_quiet = self.customers.are_quiet() && self.router.as_ref().is_some_and(Router::is_quiet);
        is_quiet && self.travellers.may_be(class)
    }

    /// A request's first attempt sets out for its cell; what it does not find in the cache takes the longer way.
    #[inline]
    pub(super) fn depart<O: Observer>(&mut self, arrival: Arrival, observer: &mut O) {
        let Arrival { key, sub, class, surge, .. } = arrival;
        let now = self.now;
        if !surge {
            observer.happened(Happening::Attempt { sub, class, number: 1, arrival: now, started: now });
        }
        let router = self.router.as_mut().expect("travels only through a router");
        let hit = router.content.look_up(sub, key, now);
        observer.happened(Happening::LookedUp { at: now, hit });
        if let Some(lane) = router.hit_lane().filter(|_| hit) {
            self.travellers.join(arrival);
            self.events.schedule_in_lane(lane, now, Event::Reached.pack());
        } else {
            let mut attempt = self.first_attempt(&arrival);
            attempt.set_looking_up(true);
            let id = self.attempts.add(attempt);
            self.missed(id);
        }
    }

    /// Returns the record of a request's first attempt, which began when it arrived.
    #[inline]
    fn first_attempt(&self, arrival: &Arrival) -> Attempt {
        let class = &self.platform.classes[arrival.class as usize];
        let mut attempt = Attempt::new(arrival);
        attempt.begin(arrival.at, class.first_step, patience::expires(&class.client, arrival.at, arrival.at));
        attempt
    }

    /// The first of the attempts on their way reaches its cell.
    #[inline]
    pub(super) fn reached<O: Observer>(&mut self, observer: &mut O) {
        let now = self.now;
        let Arrival { at, key, sub, class, surge } = self.travellers.arrive();
        observer.happened(Happening::Routed { path: Path::Hit, started: at, took: now - at });
        let spec = &self.platform.classes[class as usize];
        let step = &self.platform.steps[spec.first_step as usize];
        let cell = self.homes.of(&self.platform, sub);
        let index = (self.platform.cells[cell as usize].first_station + step.at.base) as usize;
        let is_quiet = || self.cells[cell as usize].gate.is_quiet();
        let Some(ahead) = step.station().and_then(|_| self.stations[index].ahead(is_quiet)) else {
            let id = self.record(Arrival { at, key, sub, class, surge }, cell);
            return self.enter_cell(id, observer);
        };
        let expires = patience::expires(&spec.client, at, at);
        let booking = ahead.book(now, step.time.draw(key, key), expires);
        if let Some(booking) = booking.filter(|one| one.is_served && one.end < self.limit && one.end <= expires) {
            // All that can happen to it is known: it needs no record.
            let Booking { start, end, .. } = booking;
            ahead.count(&booking);
            if start > now {
                observer.happened(Happening::Waited { from: now, until: start });
            }
            self.cells[cell as usize].passed(now, end);
            if !surge {
                observer.happened(Happening::Resolved(Resolved { sub, class, arrival: at, at: end, failed: None }));
            }
            return;
        }
        let id = self.record(Arrival { at, key, sub, class, surge }, cell);
        self.attempts[id].set_in_cell(true);
        self.cells[cell as usize].entered(now);
        match booking {
            None => self.fail(id, Cause::Full, observer),
            Some(booking) => self.booked(id, index, booking, observer),
        }
    }

    /// Something can still happen to an attempt that has reached its cell: it is given a record.
    #[inline]
    fn record(&mut self, arrival: Arrival, cell: u32) -> AttemptId {
        let mut attempt = self.first_attempt(&arrival);
        (attempt.path, attempt.cell) = (Path::Hit, cell);
        self.attempts.add(attempt)
    }

    /// What becomes of the attempt at its last station is known, for as long as nothing disturbs it.
    #[inline]
    pub(super) fn booked<O: Observer>(&mut self, id: AttemptId, index: usize, booking: Booking, observer: &mut O) {
        let Booking { from, start, end, .. } = booking;
        if end < self.limit {
            if start > from {
                observer.happened(Happening::Waited { from, until: start });
            }
            return self.settle(id, index, booking, observer);
        }
        // It may still be disturbed: that is kept until the limit has moved on.
        if start > from {
            observer.happened(Happening::JoinedQueue { at: from });
        }
        self.ensure_timer(id);
        self.attempts[id].phase = Phase::Service;
        if self.stations[index].settled().is_some_and(|ahead| ahead.cross(id, booking)) {
            self.crossed.push(index as u32);
        }
    }

    /// Nothing can happen to the attempt any more: it leaves the station, and its cell, at its end.
    #[inline]
    fn settle<O: Observer>(&mut self, id: AttemptId, index: usize, booking: Booking, observer: &mut O) {
        let Booking { end, is_served, .. } = booking;
        if let Some(ahead) = self.stations[index].settled() {
            ahead.count(&booking);
        }
        self.leave_cell(id, end);
        let attempt = &self.attempts[id];
        if !attempt.has_client() {
            self.attempts.free(id);
        } else if is_served && end <= attempt.expires {
            self.answered(id, end, observer);
        } else {
            self.ensure_timer(id);
            self.attempts[id].phase = Phase::Lost;
        }
    }

    /// Moves the limit up to which nothing can disturb what is in service, and settles what no longer crosses it.
    pub(super) fn move_limit<O: Observer>(&mut self, observer: &mut O) {
        self.limit = self.end.min(self.next_onset());
        let mut crossed = std::mem::take(&mut self.crossed);
        crossed.retain(|&index| {
            let index = index as usize;
            let certain = self.stations[index].settled().map(|ahead| ahead.take_before(self.limit));
            for Crossing { id, booking } in certain.unwrap_or_default() {
                if booking.start > booking.from {
                    observer.happened(Happening::LeftQueue { at: booking.start });
                }
                self.settle(id, index, booking, observer);
            }
            self.stations[index].settled().is_some_and(|ahead| ahead.is_crossed())
        });
        crossed.append(&mut self.crossed);
        self.crossed = crossed;
    }

    /// A fault is about to strike the cell: its stations work by events from now on, until they are idle.
    pub(super) fn work_by_events<O: Observer>(&mut self, cell: u32, observer: &mut O) {
        let cell = &self.platform.cells[cell as usize];
        for index in cell.first_station..cell.first_station + cell.stations {
            for Crossing { id, booking } in self.stations[index as usize].work_by_events(self.now) {
                let Booking { from, start, end, .. } = booking;
                let attempt = &mut self.attempts[id];
                attempt.station = index;
                if start < self.now {
                    if start > from {
                        observer.happened(Happening::LeftQueue { at: start });
                    }
                    attempt.phase = Phase::Service;
                    self.events.schedule_ahead(end, Event::Served(id).pack());
                } else {
                    attempt.phase = Phase::Queue;
                    if start == from {
                        observer.happened(Happening::JoinedQueue { at: from });
                    }
                }
            }
            self.crossed.retain(|&other| other != index);
        }
    }
}
