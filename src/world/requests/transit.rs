//! Transit: a first attempt on its way to its cell, when nothing disturbs the way.
//!
//! Nearly every attempt is a request's first one, hits the cache, and takes the same constant time to its cell. On that way
//! nothing can happen to it, so it needs no record: the requests in transit wait in a line, first in, first out, and one event
//! each, in the lane of that delay, says that the first of them has arrived. In its cell it is given a record if something can
//! still happen to it there (see [`super::direct`]). Whatever else an attempt may meet, it gets a record at once; both ways give
//! the same numbers.

use super::arrivals::Arrival;
use super::event::Event;
use super::happening::{Happening, Observer};
use super::request::{Path, Place, Record};
use super::router::Router;
use super::world::World;
use crate::world::platform::Platform;
use crate::world::platform::class::Class;

/// Returns, by class, whether a first attempt that hits the cache is certain to reach its cell before its client gives up.
pub(super) fn may_travel(platform: &Platform, router: Option<&Router>) -> Vec<bool> {
    let hit = router.and_then(Router::hit_latency);
    let may = |class: &Class| {
        let patience = class.client.timeout.min(class.client.deadline);
        // A hedge needs a record to go with it, and with workers the way is not known yet.
        let plain = class.client.hedge.is_none() && platform.steps[class.first_step as usize].workers.is_none();
        plain && hit.is_some_and(|hit| hit < patience)
    };
    platform.classes.iter().map(may).collect()
}

impl World {
    /// Returns whether no fault bears on the router or on customers.
    #[inline]
    pub(super) fn is_undisturbed(&self) -> bool {
        self.customer_strikes.is_empty() && self.router.as_ref().is_some_and(|router| !router.struck)
    }

    /// A request's first attempt sets out for its cell; what it does not find in the cache takes the longer way.
    #[inline]
    pub(super) fn depart<O: Observer>(&mut self, arrival: Arrival, observer: &mut O) {
        let now = self.now;
        if !arrival.surge {
            observer.happened(Happening::Attempt {
                sub: arrival.sub,
                class: arrival.class,
                number: 1,
                arrival: now,
                started: now,
            });
        }
        let router = self.router.as_mut().expect("travels only through a router");
        let hit = router.content.look_up(arrival.sub, arrival.key, now);
        observer.happened(Happening::LookedUp { at: now, hit });
        if let Some(lane) = router.hit_lane.filter(|_| hit) {
            self.in_transit.push_back(arrival);
            self.events.schedule_in_lane(lane, now, Event::Reached.pack());
        } else {
            let record = self.first_attempt(&arrival, Path::Direct);
            let rid = self.records.add(record);
            self.missed(rid);
        }
    }

    /// The first of the attempts in transit reaches its cell.
    #[inline]
    pub(super) fn reached<O: Observer>(&mut self, observer: &mut O) {
        let arrival = self.in_transit.pop_front().expect("every attempt in transit has its event");
        observer.happened(Happening::Routed { path: Path::Hit, started: arrival.at, took: self.now - arrival.at });
        let mut record = self.first_attempt(&arrival, Path::Hit);
        record.cell = self.home(arrival.sub);
        let cell = record.cell as usize;
        if let Some(offset) = self.platform.steps[record.step as usize].station {
            let index = (self.platform.cells[cell].first_station + offset) as usize;
            if self.is_direct(index, cell) {
                return self.serve_at_once(record, index, observer);
            }
        }
        let rid = self.records.add(record);
        self.enter_cell(rid, observer);
    }

    /// Returns the record of a request's first attempt, which began when it arrived.
    #[inline]
    fn first_attempt(&self, arrival: &Arrival, path: Path) -> Record {
        let class = &self.platform.classes[arrival.class as usize];
        let patience = class.client.timeout.min(class.client.deadline);
        let mut record = Record::new(arrival);
        record.expires = arrival.at + patience;
        record.step = class.first_step;
        record.place = Place::Router;
        record.path = path;
        record.set_looking_up(path == Path::Direct);
        record
    }
}
