//! The journey of a request, from top to bottom: it arrives, an attempt begins, the router finds its cell, it goes from step to step,
//! it is answered or fails, and its client tries again or gives up.
//!
//! Components decide; here an attempt is moved, and events are told apart. What nothing can disturb takes the
//! [express](super::express), the same way without a record; how an attempt ends is in [`ending`](super::ending).

use super::apply;
use super::attempt::{Attempt, AttemptId, Path, Phase, Request};
use super::call::fan_out::{self, Asker, Outcome};
use super::client::patience;
use super::demand::arrivals::Arrival;
use super::event::Event;
use super::happening::{Happening, Observer};
use super::router::Router;
use super::router::way::{Next, Sent};
use super::station::{Begun, Offer};
use super::world::World;
use crate::catalogue::Cause;
use crate::units::{NEVER, Nanos};
use crate::world::operations::effects::Admission;
use crate::world::platform::class::StepKind;
use crate::world::platform::population::NONE;

impl World {
    /// Something happens.
    #[inline]
    pub(super) fn happen<O: Observer>(&mut self, event: Event, observer: &mut O) {
        match event {
            Event::Fault(payload) => apply::happens(self, payload, observer),
            Event::Expire(id) => self.patience_ends(id, observer),
            Event::Reached => self.reached(observer),
            Event::Retry(id) => self.begin(id, observer),
            Event::Hedge(id) => self.hedge(id, observer),
            Event::StoreAnswered(id) => self.store_answered(id, observer),
            Event::InStep(station) => self.served_in_step(station as usize, observer),
            Event::StoreAsked(id) if !self.is_over(id) => self.ask_store(id, observer),
            Event::Placed(id) if !self.is_over(id) => self.placed(id, observer),
            Event::Routed(id) if !self.is_over(id) => self.routed(id, observer),
            Event::Served(id) if !self.is_over(id) => self.served(id, observer),
            Event::Delayed(id) if !self.is_over(id) => self.go_on(id, observer),
            // Dropped while its event was pending.
            Event::StoreAsked(id) | Event::Placed(id) | Event::Routed(id) | Event::Served(id) | Event::Delayed(id) => {
                self.attempts.free(id);
            }
        }
    }

    /// A request arrives.
    #[inline]
    pub(super) fn arrive<O: Observer>(&mut self, arrival: Arrival, observer: &mut O) {
        let Arrival { at, sub, class, surge, .. } = arrival;
        if self.setting.joins_later(sub, at)
            || !self.customers.are_quiet() && !surge && self.customers.take_away(&self.setting, &arrival)
        {
            return;
        }
        if !surge {
            observer.happened(Happening::Arrived { sub, class, at });
        }
        if !self.budgets.are_none() {
            self.budgets.earn(sub, &self.platform.classes[class as usize].client);
        }
        if self.travels(class) {
            return self.depart(arrival, observer);
        }
        let id = self.attempts.add(Attempt::new(&arrival));
        self.begin(id, observer);
    }

    /// An attempt begins.
    #[inline]
    fn begin<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let now = self.now;
        let attempt = &mut self.attempts[id];
        let class = &self.platform.classes[attempt.request.class as usize];
        let hedge = class.client.hedge;
        attempt.begin(now, class.first_step, patience::expires(&class.client, attempt.request.arrival, now));
        let request = attempt.request;
        if !request.is_surge {
            let (sub, class, number, arrival) = (request.sub, request.class, request.tries, request.arrival);
            observer.happened(Happening::Attempt { sub, class, number, arrival, started: now });
        }
        self.set_out(id, observer);
        if let Some(hedge) = hedge {
            self.schedule_hedge(id, hedge.after);
        }
    }

    /// It is sent, unless a fault on its customer spoils it.
    #[inline]
    pub(super) fn set_out<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        if !self.customers.are_quiet() && self.customers.spoil(&self.setting, &self.attempts[id]) {
            return self.fail(id, Cause::Error, observer);
        }
        self.route(id, observer);
    }

    /// It asks the router for its cell; without a router it is there at once.
    #[inline]
    fn route<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let now = self.now;
        let Some(router) = &mut self.router else { return self.placed(id, observer) };
        let attempt = &mut self.attempts[id];
        let request = attempt.request;
        let client = &self.platform.classes[request.class as usize].client;
        if request.tries > 1 && client.remembers_cell && attempt.cell != NONE {
            self.ensure_timer(id);
            let next = self.seek(id, |router, seeker| router.send(seeker, Path::Direct, 0));
            return self.follow(id, next, observer);
        }
        attempt.set_looking_up(true);
        if !router.cache_is_quiet() {
            self.ensure_timer(id);
            if let Some(next) = self.seek(id, |router, seeker| router.without_cache(seeker)) {
                return self.follow(id, next, observer);
            }
        }
        let attempt = &mut self.attempts[id];
        let router = self.router.as_mut().expect("there is one");
        let hit = router.content.look_up(request.sub, attempt.key, now);
        observer.happened(Happening::LookedUp { at: now, hit });
        if !hit {
            return self.missed(id);
        }
        attempt.path = Path::Hit;
        attempt.cell = self.homes.of(&self.platform, request.sub);
        // The timer of an undisturbed hit can wait until it is in its cell, and there it may not be needed.
        let in_time = |latency: Nanos| now.saturating_add(latency) < attempt.expires;
        if let Some(lane) = router.hit_lane().filter(|&lane| in_time(self.events.delay(lane))) {
            self.events.schedule_in_lane(lane, now, Event::Routed(id).pack());
        } else {
            self.ensure_timer(id);
            let next = self.seek(id, |router, seeker| router.after_hit(seeker));
            self.follow(id, next, observer);
        }
    }

    /// The cache does not know the cell: the store is asked.
    #[inline]
    pub(super) fn missed(&mut self, id: AttemptId) {
        self.ensure_timer(id);
        let event = Event::StoreAsked(id).pack();
        match self.router.as_ref().and_then(Router::miss_lane) {
            Some(lane) => self.events.schedule_in_lane(lane, self.now, event),
            None => {
                let at = self.seek(id, |router, seeker| router.after_miss(seeker));
                self.events.schedule(at, event);
            }
        }
    }

    /// The lookup reaches the store.
    fn ask_store<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let (next, is_asked) = self.seek(id, Router::at_store);
        if is_asked {
            observer.happened(Happening::StoreAsked { at: self.now });
        }
        self.follow(id, next, observer);
    }

    /// The store answers, unless that was put off.
    fn store_answered<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        if self.seek(id, Router::is_put_off) {
            return;
        }
        if self.is_over(id) {
            return self.attempts.free(id);
        }
        let next = self.seek(id, Router::after_store);
        self.follow(id, next, observer);
    }

    /// A new customer is given a cell; without a router that takes no time, and the attempt is there at once.
    fn placed<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let request = self.attempts[id].request;
        if !self.homes.place(&self.setting, request.sub, request.class, self.now) {
            return self.fail(id, Cause::Unrouted, observer);
        }
        if self.router.is_none() {
            self.attempts[id].cell = self.homes.of(&self.platform, request.sub);
            return self.enter_cell(id, observer);
        }
        let next = self.seek(id, |router, seeker| router.after_placement(seeker));
        self.follow(id, next, observer);
    }

    /// It goes on through the router.
    fn follow<O: Observer>(&mut self, id: AttemptId, next: Next, observer: &mut O) {
        let attempt = &mut self.attempts[id];
        match next {
            Next::Store => self.ask_store(id, observer),
            Next::Answer(at) => {
                (attempt.path, attempt.phase) = (Path::Miss, Phase::Store);
                if at != NEVER {
                    self.events.schedule(at, Event::StoreAnswered(id).pack());
                }
            }
            Next::Placement(at) => {
                attempt.phase = Phase::Router;
                self.events.schedule(at, Event::Placed(id).pack());
            }
            Next::Found(path, sent) => {
                (attempt.path, attempt.phase) = (path, Phase::Router);
                attempt.cell = self.homes.of(&self.platform, attempt.request.sub);
                match sent {
                    Sent::Arrives(at) => self.events.schedule(at, Event::Routed(id).pack()),
                    Sent::Refused => self.fail(id, Cause::Unrouted, observer),
                    Sent::Lost => self.swallow(id),
                }
            }
            Next::Nowhere => self.fail(id, Cause::Unrouted, observer),
            Next::Lost => self.swallow(id),
            Next::Unneeded => self.attempts.free(id),
        }
    }

    /// The attempt reaches its cell, if its client still waits.
    #[inline]
    fn routed<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let attempt = &mut self.attempts[id];
        if !attempt.has_client() {
            return self.attempts.free(id);
        }
        let Attempt { path, started, .. } = *attempt;
        observer.happened(Happening::Routed { path, started, took: self.now - started });
        attempt.set_looking_up(false);
        self.enter_cell(id, observer);
    }

    /// It enters its cell.
    #[inline]
    pub(super) fn enter_cell<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let cell = self.attempts[id].cell as usize;
        if !self.cells[cell].gate.is_quiet() {
            self.ensure_timer(id);
            let admission = self.cells[cell].gate.admit(None, || self.attempts[id].facts(&self.setting));
            if !self.passes(id, admission, observer) {
                return;
            }
        }
        self.attempts[id].set_in_cell(true);
        self.cells[cell].entered(self.now);
        self.come(id, observer);
    }

    /// It comes to the step at which it stands: here kinds of stages are told apart.
    #[inline]
    fn come<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let attempt = &self.attempts[id];
        let step = &self.platform.steps[attempt.step as usize];
        let gate = &self.cells[attempt.cell as usize].gate;
        let first = self.platform.cells[attempt.cell as usize].first_station;
        let load = |index: u32| self.stations[index as usize].load();
        let place = self.boards.place(step, attempt, &self.setting, first, self.now, load);
        let who = || attempt.facts(&self.setting);
        let time = || gate.slowed(|| Some(place), step.time.draw(attempt.request.key, attempt.key), who);
        match step.kind {
            StepKind::Station => {
                let admission = gate.admit(Some(place), who);
                if admission != Admission::Pass {
                    self.passes(id, admission, observer);
                    return;
                }
                let index = (first + place) as usize;
                let station = &mut self.stations[index];
                if let Some(ahead) = station.ahead(|| gate.is_quiet()) {
                    return match ahead.book(self.now, time(), attempt.expires) {
                        Some(booking) => self.booked(id, index, booking, observer),
                        None => self.fail(id, Cause::Full, observer),
                    };
                }
                let offer = station.offer(id, self.now, time);
                self.attempts[id].station = index as u32;
                match offer {
                    Offer::Begun(begun) => self.begun(id, index, begun),
                    Offer::Waits => {
                        self.ensure_timer(id);
                        self.attempts[id].phase = Phase::Queue;
                        observer.happened(Happening::JoinedQueue { at: self.now });
                    }
                    Offer::Full => self.fail(id, Cause::Full, observer),
                }
            }
            StepKind::Delay => {
                let (admission, delay) = (gate.admit(Some(place), who), time());
                if self.passes(id, admission, observer) {
                    self.wait(id, delay);
                }
            }
            StepKind::FanOut(fan_out) => {
                let (calls, asker) = (fan_out.destinations, Asker::new(attempt, place, &step.time, gate));
                let (outcome, hedges) = fan_out::ask(fan_out, &asker, who);
                let Request { class, arrival, is_surge, .. } = attempt.request;
                if attempt.has_client() && !is_surge {
                    observer.happened(Happening::Called { class, arrival, calls, hedges });
                }
                self.ensure_timer(id);
                match outcome {
                    Outcome::Done(after) => self.wait(id, after),
                    Outcome::Failed(cause) => self.fail(id, cause, observer),
                    Outcome::Lost => self.swallow(id),
                }
            }
        }
    }

    /// It spends some time where nobody contends.
    fn wait(&mut self, id: AttemptId, time: Nanos) {
        self.ensure_timer(id);
        self.attempts[id].phase = Phase::Delay;
        self.events.schedule(self.now.saturating_add(time), Event::Delayed(id).pack());
    }

    /// A slot works on it.
    #[inline]
    fn begun(&mut self, id: AttemptId, index: usize, begun: Begun) {
        match begun {
            Begun::Until(end) => {
                self.attempts[id].phase = Phase::Service;
                // Served in time, it may never need a timer.
                if end > self.attempts[id].expires {
                    self.ensure_timer(id);
                }
                self.events.schedule_ahead(end, Event::Served(id).pack());
            }
            Begun::InStep(next) => {
                self.ensure_timer(id);
                self.attempts[id].phase = Phase::InStep;
                self.step_on(index, next);
            }
        }
    }

    /// A slot has finished its work on it.
    #[inline]
    fn served<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let index = self.attempts[id].station as usize;
        self.stations[index].done(self.now);
        self.serve_waiting(index, observer);
        self.leave_station(id, index, observer);
    }

    /// The first of those in step at a station are done, unless their pace has changed since this was foreseen.
    fn served_in_step<O: Observer>(&mut self, index: usize, observer: &mut O) {
        let Some((done, next)) = self.stations[index].take_done(self.now) else { return };
        self.step_on(index, next);
        self.serve_waiting(index, observer);
        for id in done {
            self.leave_station(id, index, observer);
        }
    }

    /// Gives free slots to those who wait.
    #[inline]
    pub(super) fn serve_waiting<O: Observer>(&mut self, index: usize, observer: &mut O) {
        while let Some(id) = self.stations[index].next(self.now) {
            observer.happened(Happening::LeftQueue { at: self.now });
            let attempt = &self.attempts[id];
            if self.stations[index].drops_expired && !attempt.has_client() {
                self.drop_expired(id);
                continue;
            }
            let step = &self.platform.steps[attempt.step as usize];
            let gate = &self.cells[attempt.cell as usize].gate;
            let place = || Some(index as u32 - self.platform.cells[attempt.cell as usize].first_station);
            let time = step.time.draw(attempt.request.key, attempt.key);
            let time = gate.slowed(place, time, || attempt.facts(&self.setting));
            let begun = self.stations[index].begin(id, self.now, time);
            self.begun(id, index, begun);
        }
    }

    /// It has been served: it goes on, unless nobody waits for it and the station drops such work.
    #[inline]
    fn leave_station<O: Observer>(&mut self, id: AttemptId, index: usize, observer: &mut O) {
        if self.stations[index].drops_expired && !self.attempts[id].has_client() {
            return self.drop_expired(id);
        }
        self.go_on(id, observer);
    }

    /// It has done a step: it goes to the next, or is answered.
    #[inline]
    fn go_on<O: Observer>(&mut self, id: AttemptId, observer: &mut O) {
        let attempt = &mut self.attempts[id];
        if let Some(next) = self.platform.steps[attempt.step as usize].next {
            attempt.step = next;
            return self.come(id, observer);
        }
        self.leave_cell(id, self.now);
        self.release_joined(id);
        self.answered(id, self.now, observer);
    }
}
