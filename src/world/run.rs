//! The world: one replication at an instant, a value that can be cloned and continued.
//!
//! # What is conserved
//! Every request that arrives ends exactly once, ok or failed with a cause. A slot works on one attempt at a time. An attempt is
//! in one place: router, queue, service, delay, pause, or lost.
//!
//! # Ties
//! Of events at one instant, faults come first (they are scheduled before the world starts), then in the order in which they
//! were scheduled; all of them before an arrival at that instant.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::arrivals::{Arrival, Arrivals, NEVER};
use super::clients;
use super::effects::Strike;
use super::event::{Event, Rid};
use super::hedges::Partners;
use super::ignored::Ignored;
use super::observer::{Cause, Observer};
use super::placement::Placer;
use super::platform::Platform;
use super::population::{NONE, SubId};
use super::request::{Place, Record, Records};
use super::router::Router;
use super::setting::Setting;
use super::sharing::Sharing;
use super::station::StationState;
use super::worker_choice::Board;
use crate::engine::alias::Alias;
use crate::engine::event_list::{EventList, LaneId};
use crate::stop;
use crate::units::{Nanos, SECOND};

/// A client that waits for nothing in flight: its next event is a retry.
pub(super) const PAUSING: Nanos = 0;

/// The state of one cell.
#[derive(Debug, Clone, Default)]
pub struct CellState {
    /// Faults that bear on it.
    pub strikes: Vec<Strike>,
    /// Attempts in it that have not been settled ahead.
    pub inside: u32,
    ends_minus_starts: u64,
}

impl CellState {
    /// An attempt enters.
    #[inline]
    pub(super) fn entered(&mut self, now: Nanos) {
        self.inside += 1;
        self.ends_minus_starts = self.ends_minus_starts.wrapping_sub(now);
    }

    /// An attempt leaves, now or at an instant that is known already.
    #[inline]
    pub(super) fn left(&mut self, at: Nanos) {
        self.inside -= 1;
        self.ends_minus_starts = self.ends_minus_starts.wrapping_add(at);
    }

    /// An attempt enters now and leaves at an instant that is known already.
    #[inline]
    pub(super) fn passed(&mut self, now: Nanos, end: Nanos) {
        self.ends_minus_starts = self.ends_minus_starts.wrapping_add(end - now);
    }

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
    /// First attempts on their way to their cells: see [`super::transit`].
    pub(super) in_transit: VecDeque<Arrival>,
    /// Whether a first attempt of each class may travel like that.
    pub(super) may_travel: Vec<bool>,
    /// Further copies of attempts.
    pub(super) partners: Partners,
    /// What was last read of the loads of workers, by the first of their stations.
    pub(super) boards: BTreeMap<u32, Board>,
    /// Stations whose attempts all progress at one pace.
    pub(super) sharing: BTreeMap<u32, Sharing>,
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
    pub(super) timeouts: Vec<LaneId>,
    pub(super) timeouts_after_hit: Vec<Option<LaneId>>,
    /// Retry tokens of each subscription; empty if no client has a budget.
    pub(super) tokens: Vec<f64>,
    /// Home of each newcomer's subscription, `NONE` before its placement, and when it was placed.
    pub(super) newcomer_homes: Vec<(u32, Nanos)>,
    pub(super) placers: Vec<Placer>,
    /// Activations that are active.
    pub(super) active: Vec<u32>,
    /// Activations whose onset is past: they are in order of onset.
    pub(super) onsets_past: u32,
    /// Events of activations that have been scheduled.
    pub(super) operations_past: u32,
    /// Activations that this world does not suffer.
    pub(super) ignored: Ignored,
    /// Faults that bear on customers.
    pub(super) customer_strikes: Vec<u32>,
}

impl World {
    /// Starts a replication's world at the beginning of the warm-up.
    pub fn new(setting: Arc<Setting>, trace: &Arc<Vec<Arrival>>) -> World {
        let platform = &setting.platform;
        let mut events = EventList::new();
        let mut arrivals = super::arrivals::base(platform, setting.key);
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
                (spec.mean_rate * f64::from(count), spec.batch),
                (0, NEVER),
                false,
            );
        }
        let stations =
            platform.stations.iter().map(|station| StationState::new(station.size.slots, &station.pool)).collect();
        let timeouts = platform.classes.iter().map(|class| events.lane(class.client.timeout)).collect();
        let tokens = clients::first_tokens(&setting);
        let router = platform.router.as_ref().map(|spec| {
            let mut router = Router::new(spec, setting.subscriptions(), &mut events);
            router.keep_pace(&setting.activations, &setting.effects);
            router
        });
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
            in_transit: VecDeque::new(),
            partners: Partners::default(),
            boards: BTreeMap::new(),
            sharing: BTreeMap::new(),
            may_travel: super::transit::may_travel(platform, router.as_ref()),
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
            operations_past: 0,
            ignored: Ignored::default(),
            customer_strikes: Vec::new(),
            platform: Arc::clone(platform),
            setting: Arc::clone(&setting),
        };
        for newcomer in 0..setting.newcomers.subs.len() {
            if let Some(router) = &mut world.router {
                router.content.forget((platform.home.len() + newcomer) as SubId);
            }
        }
        world.schedule_operation();
        world.start_cache();
        world
    }

    /// Makes this world a twin: from now on it does not suffer this activation.
    pub fn ignore(&mut self, activation: u32) {
        self.ignored.add(activation);
    }

    /// Makes this world the twin of these activations alone: it suffers all others that are still to come.
    pub fn ignore_only(&mut self, activations: &[u32]) {
        self.ignored = Ignored::only(activations);
    }

    /// Makes this world the one without any fault.
    pub fn ignore_all(&mut self) {
        self.ignored = Ignored::all();
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
        let alive = |rid: &Rid| {
            let record = &self.records[*rid];
            record.has_client() && !record.is_surge() && !self.is_second(*rid)
        };
        let travelling = self.in_transit.iter().filter(|arrival| !arrival.surge);
        let kept = self.records.in_use().filter(alive).map(|rid| (self.records[rid].sub, self.records[rid].arrival));
        kept.chain(travelling.map(|arrival| (arrival.sub, arrival.at)))
    }

    /// Makes all stations work by events: slower, with the same results.
    pub fn work_by_events_only(&mut self) {
        self.settles_ahead = false;
    }

    /// Returns when a fault strikes cells of this world next. What is active already does not count: struck stations work by events.
    pub(super) fn next_onset(&self) -> Nanos {
        let mut index = self.onsets_past;
        if self.ignored.is_all() {
            return NEVER;
        }
        loop {
            match self.setting.next_on_cells.get(index as usize) {
                None | Some(&NONE) => return NEVER,
                Some(&next) if self.ignored.contains(next) => index = next + 1,
                Some(&next) => return self.setting.activations[next as usize].onset,
            }
        }
    }

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
            observer.arrived(sub, arrival.class, arrival.at);
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
            observer.attempt(record.sub, record.class, record.attempt, record.arrival, now);
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

    /// Returns the home of a subscription; `NONE` for a newcomer that has not been placed.
    #[inline]
    pub(super) fn home(&self, sub: SubId) -> u32 {
        match self.platform.home.get(sub as usize) {
            Some(&home) => home,
            None => self.newcomer_homes[sub as usize - self.platform.home.len()].0,
        }
    }
}
