//! The world: one replication at an instant, a value that can be cloned and continued.
//!
//! # What is conserved
//! Every request that arrives ends exactly once, ok or failed with a cause. A slot works on one attempt at a time. An attempt is
//! in one place: router, queue, service, delay, pause, or lost.
//!
//! # Ties
//! Of events at one instant, faults come first (they are scheduled before the world starts), then in the order in which they
//! were scheduled; all of them before an arrival at that instant.

use std::sync::Arc;

use super::arrivals::{Arrival, Arrivals, NEVER};
use super::effects::{self, Admission, Strike};
use super::event::{Event, Rid};
use super::faults::Activation;
use super::newcomers::Newcomers;
use super::observer::{Cause, Observer, Resolved};
use super::placement::Placer;
use super::platform::Platform;
use super::population::{NONE, SubId};
use super::request::{Place, Record, Records};
use super::router::Router;
use super::station::StationState;
use super::strikes::Target;
use super::{clients, newcomers};
use crate::engine::alias::Alias;
use crate::engine::event_list::{EventList, LaneId};
use crate::engine::rng::{Key, Slot};
use crate::scenario::Scenario;
use crate::scenario::fault::Effect;
use crate::scenario::stage::{Discipline, Expired};
use crate::units::Nanos;

const PAUSE: Slot = Slot::named("client/pause");
const WHOSE_LUCK: Slot = Slot::named("service/whose luck");
/// A client that waits for nothing in flight: its next event is a retry.
const PAUSING: Nanos = 0;

/// What does not change during a replication, shared by a world and its twins.
#[derive(Debug)]
pub struct Setting {
    /// The platform.
    pub platform: Arc<Platform>,
    /// Everything that goes wrong.
    pub activations: Vec<Activation>,
    /// Who joins.
    pub newcomers: Newcomers,
    /// The replication's key.
    pub key: Key,
    /// Effects of each fault.
    pub(super) effects: Vec<Vec<Effect>>,
    pub(super) aliases: Vec<Arc<Alias>>,
    /// Stations that may be arrival-driven.
    may_be_direct: Vec<bool>,
}

impl Setting {
    /// Prepares a replication.
    pub fn new(scenario: &Scenario, platform: &Arc<Platform>, index: u32) -> Setting {
        let key = Key::replication(scenario.run.seed, index);
        Setting {
            activations: super::faults::schedule(scenario, platform, key),
            may_be_direct: may_be_direct(platform),
            newcomers: newcomers::draw(scenario, platform, key),
            aliases: platform.population.processes.iter().map(|process| Arc::new(process.alias.clone())).collect(),
            effects: scenario.faults.iter().map(|fault| fault.effects.clone()).collect(),
            platform: Arc::clone(platform),
            key,
        }
    }

    /// Returns the number of subscriptions, newcomers included.
    pub fn subscriptions(&self) -> usize {
        self.platform.home.len() + self.newcomers.subs.len()
    }

    /// Returns the number of customers, newcomers included.
    pub fn customers(&self) -> u32 {
        self.platform.population.customers() + self.newcomers.customers
    }

    /// Returns the class of a subscription.
    pub fn class_of(&self, sub: SubId) -> u16 {
        match (sub as usize).checked_sub(self.platform.home.len()) {
            None => self.platform.class_of(sub),
            Some(newcomer) => self.newcomers.subs[newcomer].class,
        }
    }

    /// Returns the tier of a customer.
    pub fn tier_of(&self, customer: u32) -> usize {
        if customer < self.platform.population.customers() {
            return self.platform.population.tier_of(customer);
        }
        let joined = self.newcomers.subs.iter().find(|newcomer| newcomer.customer == customer);
        joined.map_or(0, |newcomer| self.platform.classes[newcomer.class as usize].tier)
    }

    /// Returns the effects of an activation: its fault's, scaled by the recorded share where a trace gives one.
    pub fn effects(&self, activation: &Activation) -> Vec<Effect> {
        super::operations::effects_of(self, activation)
    }

    /// Returns the customer of a subscription.
    pub fn customer(&self, sub: SubId) -> u32 {
        match self.platform.population.customer.get(sub as usize) {
            Some(&customer) => customer,
            None => self.newcomers.subs[sub as usize - self.platform.home.len()].customer,
        }
    }
}

/// Returns the stations that may be arrival-driven: first in, first out, at the end of every path that leads to them.
fn may_be_direct(platform: &Platform) -> Vec<bool> {
    let mut may: Vec<bool> = platform
        .stations
        .iter()
        .map(|station| station.pool.discipline == Discipline::Fifo && station.size.slots <= super::direct::MOST_SLOTS)
        .collect();
    for class in &platform.classes {
        let steps = &platform.steps[class.first_step as usize..][..class.step_count as usize];
        for offset in steps.iter().filter(|step| !step.is_last).filter_map(|step| step.station) {
            let in_class = |cell: &&super::cells::Cell| {
                cell.workflow == class.workflow && cell.tier.is_none_or(|tier| tier == class.tier)
            };
            for cell in platform.cells.iter().filter(in_class) {
                may[(cell.first_station + offset) as usize] = false;
            }
        }
    }
    may
}

/// The state of one cell.
#[derive(Debug, Clone, Default)]
pub struct CellState {
    /// Faults that bear on it.
    pub strikes: Vec<Strike>,
    /// Attempts in it.
    pub inside: u32,
    ends_minus_starts: u64,
}

impl CellState {
    /// Returns the time integral of the number of attempts inside since the beginning.
    pub fn occupancy(&self, now: Nanos) -> u64 {
        self.ends_minus_starts.wrapping_add(u64::from(self.inside).wrapping_mul(now))
    }
}

/// One replication at an instant.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) setting: Arc<Setting>,
    /// The setting's platform, one pointer nearer.
    pub(super) platform: Arc<Platform>,
    /// Now.
    pub now: Nanos,
    pub(super) events: EventList,
    pub(super) arrivals: Arrivals,
    pub(super) records: Records,
    /// Stations, as in the platform.
    pub stations: Vec<StationState>,
    /// Cells, as in the platform.
    pub cells: Vec<CellState>,
    /// The router.
    pub router: Option<Router>,
    /// Where the current run ends.
    end: Nanos,
    /// Up to here attempts may be settled ahead: see [`super::direct`].
    pub(super) limit: Nanos,
    /// Stations with attempts that cross the limit.
    pub(super) crossed: Vec<u32>,
    /// Whether stations may be arrival-driven at all.
    pub(super) settles_ahead: bool,
    /// Time-out lanes of each class: from the start of an attempt, and from its arrival in the cell after a hit.
    timeouts: Vec<LaneId>,
    timeouts_after_hit: Vec<Option<LaneId>>,
    /// Retry tokens of each subscription; empty if no client has a budget.
    tokens: Vec<f32>,
    /// Home of each newcomer's subscription, `NONE` before its placement, and when it was placed.
    pub(super) newcomer_homes: Vec<(u32, Nanos)>,
    pub(super) placers: Vec<Placer>,
    /// Activations that are active.
    pub(super) active: Vec<u32>,
    /// Activations whose onset is past: they are in order of onset.
    pub(super) onsets_past: u32,
    /// Activations that this world does not suffer.
    pub(super) ignored: Vec<u32>,
    /// Faults that bear on customers.
    pub(super) customer_strikes: Vec<u32>,
}

impl World {
    /// Starts a replication's world at the beginning of the warm-up.
    pub fn new(setting: Arc<Setting>, trace: &Arc<Vec<Arrival>>) -> World {
        let platform = &setting.platform;
        let mut events = EventList::new();
        for (index, activation) in setting.activations.iter().enumerate() {
            super::operations::schedule(&mut events, index as u32, activation);
        }
        let mut arrivals = super::arrivals::base(platform, &setting.aliases, setting.key);
        if !trace.is_empty() {
            arrivals.add_trace(Arc::clone(trace));
        }
        for &(class, first, count) in &setting.newcomers.groups {
            let spec = &platform.classes[class as usize];
            arrivals.add_process(
                setting.key.named("newcomers").named(&spec.name),
                class,
                &spec.profile,
                platform.warmup,
                Arc::new(Alias::Equal(count)),
                first,
                spec.mean_rate * f64::from(count),
                (0, NEVER),
                false,
            );
        }
        let stations = platform
            .stations
            .iter()
            .map(|station| {
                let pool = &station.pool;
                StationState::new(station.size.slots, pool.queue, pool.discipline, pool.expired)
            })
            .collect();
        let timeouts = platform.classes.iter().map(|class| events.lane(class.client.timeout)).collect();
        let budget = platform.classes.iter().filter_map(|class| class.client.retry_budget).map(|budget| budget.burst);
        let tokens = budget.reduce(f64::max).map_or(Vec::new(), |burst| vec![burst as f32; setting.subscriptions()]);
        let router = platform.router.as_ref().map(|spec| Router::new(spec, setting.subscriptions(), &mut events));
        let after_hit = router.as_ref().and_then(Router::hit_latency);
        let timeouts_after_hit = platform
            .classes
            .iter()
            .map(|class| after_hit.and_then(|hit| class.client.timeout.checked_sub(hit)).map(|rest| events.lane(rest)))
            .collect();
        let mut world = World {
            now: 0,
            events,
            arrivals,
            records: Records::default(),
            stations,
            cells: vec![CellState::default(); platform.cells.len()],
            router,
            end: 0,
            limit: 0,
            crossed: Vec::new(),
            settles_ahead: true,
            timeouts,
            timeouts_after_hit,
            tokens,
            newcomer_homes: vec![(NONE, NEVER); setting.newcomers.subs.len()],
            placers: if setting.newcomers.subs.is_empty() { Vec::new() } else { platform.placers.clone() },
            active: Vec::new(),
            onsets_past: 0,
            ignored: Vec::new(),
            customer_strikes: Vec::new(),
            platform: Arc::clone(platform),
            setting: Arc::clone(&setting),
        };
        for newcomer in 0..setting.newcomers.subs.len() {
            if let Some(router) = &mut world.router {
                router.content.forget((platform.home.len() + newcomer) as SubId);
            }
        }
        world
    }

    /// Makes this world a twin: from now on it does not suffer this activation.
    pub fn ignore(&mut self, activation: u32) {
        self.ignored.push(activation);
    }

    /// Makes this world the twin of these activations alone: it suffers all others that are still to come.
    pub fn ignore_only(&mut self, activations: &[u32]) {
        self.ignored = activations.to_vec();
    }

    /// Returns the home of a subscription; `NONE` for a newcomer that has not been placed.
    pub fn home_of(&self, sub: SubId) -> u32 {
        self.home(sub)
    }

    /// Returns what does not change during the replication.
    pub fn setting(&self) -> &Arc<Setting> {
        &self.setting
    }

    /// Returns the requests under way that are somebody's demand: (subscription, arrival).
    pub fn under_way(&self) -> impl Iterator<Item = (SubId, Nanos)> + '_ {
        let alive = |rid: &Rid| self.records[*rid].has_client() && !self.records[*rid].is_surge();
        self.records.in_use().filter(alive).map(|rid| (self.records[rid].sub, self.records[rid].arrival))
    }

    /// Makes all stations work by events: slower, with the same results.
    pub fn work_by_events_only(&mut self) {
        self.settles_ahead = false;
    }

    /// Returns when a fault strikes cells of this world next. What is active already does not count: struck stations work by events.
    pub(super) fn next_onset(&self) -> Nanos {
        let to_come = self.onsets_past..self.setting.activations.len() as u32;
        let strikes_cells = |index: &u32| {
            matches!(self.setting.activations[*index as usize].target, Target::Cells { .. })
                && !self.ignored.contains(index)
        };
        to_come.into_iter().find(strikes_cells).map_or(NEVER, |index| self.setting.activations[index as usize].onset)
    }

    /// Lets everything happen that happens before `end`.
    pub fn run_until<O: Observer>(&mut self, end: Nanos, observer: &mut O) {
        self.move_limit(end, observer);
        self.end = end;
        loop {
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

    #[inline]
    fn handle<O: Observer>(&mut self, event: Event, observer: &mut O) {
        match event {
            Event::Expire(rid) => {
                if self.records[rid].expires == self.now {
                    self.expire(rid, observer);
                }
                self.drop_void_timeouts();
            }
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
            Event::Fault(index) => {
                self.fault_event(index, observer);
                self.move_limit(self.end, observer);
            }
        }
    }

    /// Most time-outs are void when their time comes: their attempts are long over. Drops those at the front of their lane.
    #[inline]
    fn drop_void_timeouts(&mut self) {
        let records = &self.records;
        self.events.drop_void(|at, payload| match Event::unpack(payload) {
            Event::Expire(rid) => records[rid].expires != at,
            _ => false,
        });
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
            observer.arrived(sub, arrival.class, arrival.at);
        }
        if !self.tokens.is_empty()
            && let Some(budget) = &self.platform.classes[arrival.class as usize].client.retry_budget
        {
            clients::earn(&mut self.tokens[sub as usize], budget);
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
        if !record.is_surge() {
            observer.attempt(record.sub, record.class, record.attempt, record.arrival, now);
        }
        if !self.customer_strikes.is_empty() && self.has_customer_error(rid) {
            self.fail(rid, Cause::Error, observer);
            return;
        }
        self.route(rid, observer);
    }

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

    /// Returns the home of a subscription; `NONE` for a newcomer that has not been placed.
    #[inline]
    pub(super) fn home(&self, sub: SubId) -> u32 {
        match self.platform.home.get(sub as usize) {
            Some(&home) => home,
            None => self.newcomer_homes[sub as usize - self.platform.home.len()].0,
        }
    }

    /// The attempt reaches its cell.
    #[inline]
    pub(super) fn enter_cell<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &mut self.records[rid];
        let (sub, cell) = (record.sub, record.cell);
        if !self.cells[cell as usize].strikes.is_empty() {
            self.ensure_timer(rid);
            let record = &self.records[rid];
            let customer = self.setting.customer(sub);
            let strikes = &self.cells[cell as usize].strikes;
            match effects::admit(strikes, &self.platform, None, record, customer) {
                Admission::Pass => {}
                Admission::Refuse => return self.fail(rid, Cause::Refused, observer),
                Admission::Error => return self.fail(rid, Cause::Error, observer),
                Admission::Swallow => return self.swallow(rid),
            }
        }
        self.records[rid].set_in_cell(true);
        let state = &mut self.cells[cell as usize];
        state.inside += 1;
        state.ends_minus_starts = state.ends_minus_starts.wrapping_sub(self.now);
        self.advance(rid, observer);
    }

    #[inline]
    fn leave_cell(&mut self, rid: Rid) {
        self.leave_cell_at(rid, self.now);
    }

    /// The attempt leaves its cell, at an instant that may lie ahead.
    #[inline]
    pub(super) fn leave_cell_at(&mut self, rid: Rid, at: Nanos) {
        let record = &mut self.records[rid];
        if record.is_in_cell() {
            record.set_in_cell(false);
            let state = &mut self.cells[record.cell as usize];
            state.inside -= 1;
            state.ends_minus_starts = state.ends_minus_starts.wrapping_add(at);
        }
    }

    /// The attempt vanishes: only its time-out will tell.
    pub(super) fn swallow(&mut self, rid: Rid) {
        self.leave_cell(rid);
        if self.records[rid].has_client() {
            self.records[rid].place = Place::Lost;
        } else {
            self.records.free(rid);
        }
    }

    /// The attempt has done a step: it goes to the next, or is answered.
    #[inline]
    fn go_on<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &mut self.records[rid];
        if self.platform.steps[record.step as usize].is_last {
            self.answer(rid, observer);
        } else {
            record.step += 1;
            self.advance(rid, observer);
        }
    }

    /// The attempt comes to the step at which it stands.
    #[inline]
    fn advance<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &self.records[rid];
        let Some(offset) = self.platform.steps[record.step as usize].station else {
            self.ensure_timer(rid);
            let delay = self.service_time(rid);
            self.records[rid].place = Place::Delay;
            self.events.schedule(self.now + delay, Event::Delayed(rid).pack());
            return;
        };
        let cell = record.cell as usize;
        if !self.cells[cell].strikes.is_empty() {
            let customer = self.setting.customer(record.sub);
            match effects::admit(&self.cells[cell].strikes, &self.platform, Some(offset), record, customer) {
                Admission::Pass => {}
                Admission::Refuse => return self.fail(rid, Cause::Refused, observer),
                Admission::Error => return self.fail(rid, Cause::Error, observer),
                Admission::Swallow => return self.swallow(rid),
            }
        }
        let index = (self.platform.cells[cell].first_station + offset) as usize;
        let station = &mut self.stations[index];
        if station.is_direct {
            return self.serve_directly(rid, index, observer);
        }
        if self.setting.may_be_direct[index]
            && self.settles_ahead
            && station.is_idle()
            && self.cells[cell].strikes.is_empty()
        {
            station.is_direct = true;
            return self.serve_directly(rid, index, observer);
        }
        self.ensure_timer(rid);
        let station = &mut self.stations[index];
        if station.busy < station.slots {
            self.serve(rid, index);
        } else if station.waiting < station.queue {
            self.records[rid].place = Place::Queue;
            station.push(&mut self.records, rid);
        } else {
            self.fail(rid, Cause::Full, observer);
        }
    }

    /// A slot begins to work on the attempt.
    #[inline]
    fn serve(&mut self, rid: Rid, station: usize) {
        let service = self.service_time(rid);
        self.stations[station].start(self.now);
        let record = &mut self.records[rid];
        record.place = Place::Service;
        record.link = station as u32;
        self.events.schedule_ahead(self.now + service, Event::Served(rid).pack());
    }

    /// Draws the time that the current step takes.
    #[inline]
    pub(super) fn service_time(&self, rid: Rid) -> Nanos {
        let record = &self.records[rid];
        let step = &self.platform.steps[record.step as usize];
        let service = match step.constant {
            Some(constant) => constant,
            None => {
                let own = step.luck_of_request > 0.0
                    && record.attempt_key.happens(Slot(WHOSE_LUCK.0 ^ step.slot.0), step.luck_of_request);
                let key = if own { record.request } else { record.attempt_key };
                step.sampler.sample(key.draw(step.slot))
            }
        };
        let strikes = &self.cells[record.cell as usize].strikes;
        if strikes.is_empty() {
            return service;
        }
        effects::slowed(strikes, &self.platform, step.station, record, service)
    }

    #[inline]
    fn served<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        if self.is_over(rid) {
            return;
        }
        let station = self.records[rid].link as usize;
        self.stations[station].finish(self.now);
        self.serve_waiting(station);
        let drop = self.stations[station].expired == Expired::Drop && !self.records[rid].has_client();
        if drop {
            self.leave_cell(rid);
            self.records.free(rid);
            return;
        }
        self.go_on(rid, observer);
    }

    /// Gives free slots to those who wait.
    #[inline]
    pub(super) fn serve_waiting(&mut self, index: usize) {
        loop {
            let station = &mut self.stations[index];
            if station.waiting == 0 || station.busy >= station.slots {
                break;
            }
            let Some(next) = station.pop(&self.records) else { break };
            if station.expired == Expired::Drop && !self.records[next].has_client() {
                self.leave_cell(next);
                self.records.free(next);
            } else {
                self.serve(next, index);
            }
        }
    }

    /// A good answer leaves the cell.
    #[inline]
    fn answer<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        self.leave_cell(rid);
        let record = &self.records[rid];
        if record.has_client() && !record.is_surge() {
            let Record { sub, class, arrival, .. } = *record;
            observer.resolved(&Resolved { sub, class, arrival, at: self.now, failed: None });
        }
        self.records.free(rid);
    }

    /// The attempt fails, and nothing works on it any more.
    pub(super) fn fail<O: Observer>(&mut self, rid: Rid, cause: Cause, observer: &mut O) {
        self.leave_cell(rid);
        if self.records[rid].has_client() {
            self.client_learns(rid, cause, observer);
        } else {
            self.records.free(rid);
        }
    }

    /// The client gives the attempt up; a slot may go on with it.
    fn expire<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        if self.records[rid].place == Place::Lost {
            return self.client_learns(rid, Cause::TimedOut, observer);
        }
        let mut client = self.records[rid].clone();
        client.set_in_cell(false);
        self.records[rid].expires = NEVER;
        let rid = self.records.add(client);
        self.client_learns(rid, Cause::TimedOut, observer);
    }

    /// The client learns that its attempt failed: it tries again, or the request is over. Nothing else uses the record.
    pub(super) fn client_learns<O: Observer>(&mut self, rid: Rid, cause: Cause, observer: &mut O) {
        let record = &self.records[rid];
        let client = &self.platform.classes[record.class as usize].client;
        if !record.is_surge() {
            observer.attempt_failed(record.sub, record.class, record.started);
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
            observer.resolved(&Resolved { sub, class, arrival, at: self.now, failed: Some(cause) });
        }
        self.records.free(rid);
    }

    /// Drops an attempt that is in a cell, at a crash. `station` is where it is served, if it is.
    pub(super) fn drop_inside<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let place = self.records[rid].place;
        self.leave_cell(rid);
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
