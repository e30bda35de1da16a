//! Look-ups: the cell router at work.
//!
//! A hit costs one event (cache and network latency together); a miss asks the store after the cache's latency; a customer that
//! is nowhere is placed. A look-up whose client has given up is dropped before it reaches a cell.

use super::arrivals::NEVER;
use super::event::{Event, Rid};
use super::happening::{Happening, Observer};
use super::request::{Path, Place, Record};
use super::store::Asked;
use super::world::World;
use crate::catalogue::Cause;
use crate::scenario::router::Latencies;
use crate::units::Nanos;
use crate::world::operations::effects::{self, Admission};
use crate::world::platform::population::NONE;

use super::router::{CACHE, COVERED, NETWORK, PLACEMENT, Router, STORE};

impl World {
    #[inline]
    fn router_mut(&mut self) -> &mut Router {
        self.router.as_mut().expect("only a router schedules lookups")
    }

    /// What the faults on a router step do to an attempt.
    #[inline]
    fn router_admits(&self, step: usize, rid: Rid) -> Admission {
        let Some(router) = self.router.as_ref().filter(|router| router.struck && !router.strikes[step].is_empty())
        else {
            return Admission::Pass;
        };
        let record = &self.records[rid];
        effects::admit(&router.strikes[step], None, &record.facts(&self.platform), self.setting.customer(record.sub))
    }

    /// A step's latency for an attempt, slowed by the faults that bear on the step.
    #[inline]
    fn router_latency(&self, step: usize, rid: Rid) -> Nanos {
        let router = self.router.as_ref().expect("only a router has latencies");
        let source = match step {
            CACHE => &router.cache,
            STORE => &router.store,
            PLACEMENT => &router.placement,
            _ => &router.network,
        };
        let record = &self.records[rid];
        let latency = source.draw(record.attempt_key);
        if !router.struck || router.strikes[step].is_empty() {
            return latency;
        }
        effects::slowed(&router.strikes[step], None, &record.facts(&self.platform), latency)
    }

    /// The attempt asks for its cell.
    #[inline]
    pub(super) fn route<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let Some(router) = &mut self.router else {
            return self.enter_without_router(rid, observer);
        };
        let now = self.now;
        let record = &mut self.records[rid];
        if record.attempt > 1
            && self.platform.classes[record.class as usize].client.remembers_cell
            && record.cell != NONE
        {
            record.path = Path::Direct;
            self.ensure_timer(rid);
            return self.send(rid, 0, observer);
        }
        record.set_looking_up(true);
        if router.struck && !router.strikes[CACHE].is_empty() {
            self.ensure_timer(rid);
            match self.router_admits(CACHE, rid) {
                Admission::Pass => {}
                Admission::Refuse | Admission::Error if self.router.as_ref().is_some_and(|r| r.cache_asks_store) => {
                    return self.store_asked(rid, observer);
                }
                Admission::Refuse | Admission::Error => return self.fail(rid, Cause::Unrouted, observer),
                Admission::Swallow => return self.swallow(rid),
            }
        }
        let record = &self.records[rid];
        let (sub, key) = (record.sub, record.attempt_key);
        let router = self.router.as_mut().expect("checked above");
        let hit = router.content.look_up(sub, key, now);
        let undisturbed = !router.struck;
        let lane = router.hit_lane;
        observer.happened(Happening::LookedUp { at: now, hit });
        if hit {
            self.records[rid].path = Path::Hit;
            self.records[rid].cell = self.home(sub);
            // The timer of an undisturbed hit can wait until it is in its cell, and there it may not be needed.
            let arrives_in_time = |latency: Nanos| now.saturating_add(latency) < self.records[rid].expires;
            if let Some(lane) = lane.filter(|&lane| undisturbed && arrives_in_time(self.events.delay(lane))) {
                self.events.schedule_in_lane(lane, now, Event::Routed(rid).pack());
            } else {
                self.ensure_timer(rid);
                let latency = self.router_latency(CACHE, rid);
                self.send(rid, latency, observer);
            }
            return;
        }
        self.missed(rid);
    }

    /// The cache does not know the cell: the store is asked.
    #[inline]
    pub(super) fn missed(&mut self, rid: Rid) {
        self.ensure_timer(rid);
        match self.router.as_ref().and_then(|router| router.miss_lane.filter(|_| !router.struck)) {
            Some(lane) => self.events.schedule_in_lane(lane, self.now, Event::StoreAsked(rid).pack()),
            None => {
                let latency = self.router_latency(CACHE, rid);
                self.events.schedule(self.now.saturating_add(latency), Event::StoreAsked(rid).pack());
            }
        }
    }

    /// Without a router the attempt is in its cell at once; a newcomer is placed in no time.
    fn enter_without_router<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let sub = self.records[rid].sub;
        if self.home(sub) == NONE && !self.place_newcomer(rid) {
            return self.fail(rid, Cause::Unrouted, observer);
        }
        self.records[rid].cell = self.home(sub);
        self.enter_cell(rid, observer);
    }

    /// The mapping is known: over the network to the cell, after `wait`.
    fn send<O: Observer>(&mut self, rid: Rid, wait: Nanos, observer: &mut O) {
        match self.router_admits(NETWORK, rid) {
            Admission::Pass => {
                let latency = self.router_latency(NETWORK, rid);
                self.events.schedule(self.now.saturating_add(wait).saturating_add(latency), Event::Routed(rid).pack());
            }
            Admission::Refuse | Admission::Error => self.fail(rid, Cause::Unrouted, observer),
            Admission::Swallow => self.swallow(rid),
        }
    }

    /// The attempt reaches its cell, if its client still waits.
    #[inline]
    pub(super) fn routed<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        if self.is_over(rid) {
            return;
        }
        let record = &self.records[rid];
        if !record.has_client() {
            self.records.free(rid);
            return;
        }
        observer.happened(Happening::Routed {
            path: record.path,
            started: record.started,
            took: self.now - record.started,
        });
        self.records[rid].set_looking_up(false);
        self.enter_cell(rid, observer);
    }

    /// The look-up reaches the store.
    pub(super) fn store_asked<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        if self.is_over(rid) {
            return;
        }
        let now = self.now;
        match self.router_admits(STORE, rid) {
            Admission::Pass => {}
            Admission::Refuse | Admission::Error => return self.without_store(rid, observer),
            Admission::Swallow => return self.swallow(rid),
        }
        let (sub, key) = (self.records[rid].sub, self.records[rid].attempt_key);
        let mut latency = self.router_latency(STORE, rid);
        let router = self.router_mut();
        if router.latencies == Latencies::Total {
            latency = latency.saturating_sub(router.cache.draw(key));
        }
        let shared = if router.coalesce { router.shared.get(&sub).copied() } else { None };
        let asked = if let Some(asked) = shared.filter(|asked| asked.ready >= now) {
            asked
        } else {
            let capacity = router.store_capacity();
            observer.happened(Happening::StoreAsked { at: now });
            let Some(wait) = router.mapping.accept(now, capacity, router.queue) else {
                return self.without_store(rid, observer);
            };
            let asked = Asked { start: now + wait, latency, ready: (now + wait).saturating_add(latency) };
            if router.coalesce {
                router.shared.insert(sub, asked);
            }
            asked
        };
        if let Some(pace) = &mut router.pace {
            pace.note(rid, asked);
        }
        router.mapping.enter(now);
        self.records[rid].path = Path::Miss;
        self.records[rid].place = Place::Store;
        if asked.ready != NEVER {
            self.events.schedule(asked.ready, Event::StoreAnswered(rid).pack());
        }
    }

    /// The store cannot answer: serve the last known mapping, or fail.
    fn without_store<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let router = self.router.as_ref().expect("only a router has a store");
        let sub = self.records[rid].sub;
        let customer = self.setting.customer(sub);
        let known = router.local_copy.filter(|_| router.store_last_known).is_some_and(|copy| {
            self.platform.population.key.nth(u64::from(customer)).happens(COVERED, copy.covers)
                && self.was_placed_before(sub, copy.refresh)
        });
        if !known || self.home(sub) == NONE {
            return self.fail(rid, Cause::Unrouted, observer);
        }
        self.records[rid].path = Path::LocalCopy;
        self.records[rid].cell = self.home(sub);
        self.send(rid, 0, observer);
    }

    /// Returns whether a subscription was placed so long ago: always for the initial population, never for who has no cell yet.
    fn was_placed_before(&self, sub: u32, ago: Nanos) -> bool {
        match (sub as usize).checked_sub(self.platform.home.len()) {
            None => true,
            Some(newcomer) => self.newcomer_homes[newcomer].1.saturating_add(ago) <= self.now,
        }
    }

    /// The store answers.
    pub(super) fn store_answered<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let now = self.now;
        if self.is_put_off(rid) || self.is_over(rid) {
            return;
        }
        self.router_mut().mapping.leave(now);
        let Record { sub, attempt_key, .. } = self.records[rid];
        let waits = self.records[rid].has_client();
        let lag = self.router_mut().replication_lag;
        let found = self.was_placed_before(sub, lag);
        let router = self.router_mut();
        if router.coalesce && router.shared.get(&sub).is_some_and(|asked| asked.ready <= now) {
            router.shared.remove(&sub);
        }
        if found && (waits || router.fill_after_timeout) {
            router.content.fill(sub, now);
        }
        if !waits {
            self.records.free(rid);
            return;
        }
        self.records[rid].place = Place::Router;
        if found {
            self.records[rid].cell = self.home(sub);
            return self.send(rid, 0, observer);
        }
        match self.router_admits(PLACEMENT, rid) {
            Admission::Pass => {
                let mut latency = self.router_latency(PLACEMENT, rid);
                let router = self.router_mut();
                if router.latencies == Latencies::Total {
                    let before = router.cache.draw(attempt_key).max(router.store.draw(attempt_key));
                    latency = latency.saturating_sub(before);
                }
                self.events.schedule(now.saturating_add(latency), Event::Placed(rid).pack());
            }
            Admission::Refuse | Admission::Error => self.fail(rid, Cause::Unrouted, observer),
            Admission::Swallow => self.swallow(rid),
        }
    }

    /// A new customer has been given a cell (or already had one, when the store's replica lagged).
    pub(super) fn placed<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        if self.is_over(rid) {
            return;
        }
        let sub = self.records[rid].sub;
        if self.home(sub) == NONE && !self.place_newcomer(rid) {
            return self.fail(rid, Cause::Unrouted, observer);
        }
        if !self.records[rid].has_client() {
            self.records.free(rid);
            return;
        }
        self.records[rid].path = Path::New;
        self.records[rid].cell = self.home(sub);
        self.send(rid, 0, observer);
    }

    /// Places the newcomer that a record is about; its own load is unknown, so it counts as a mean customer from then on.
    fn place_newcomer(&mut self, rid: Rid) -> bool {
        let Record { sub, class, .. } = self.records[rid];
        let index = sub as usize - self.platform.home.len();
        let spec = &self.platform.classes[class as usize];
        let key = self.setting.newcomers.subs[index].key;
        let Some(cell) = self.placers[spec.group].place(|| key, spec.mean_rate) else { return false };
        self.newcomer_homes[index] = (cell, self.now);
        true
    }

    /// The store crashes: look-ups under way are lost.
    pub(super) fn store_crashes<O: Observer>(&mut self, observer: &mut O) {
        let now = self.now;
        let lost = self.records.in_order_of_arrival(|rid| self.records[rid].place == Place::Store);
        if let Some(router) = &mut self.router {
            router.mapping.clear(now);
            router.shared.clear();
        }
        for rid in lost {
            self.router_mut().mapping.leave(now);
            self.release_still(rid);
            self.drop_inside(rid, observer);
        }
    }
}
