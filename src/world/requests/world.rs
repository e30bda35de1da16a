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

use super::attempt::{Attempt, AttemptId, Attempts};
use super::call::join::Joins;
use super::cell_state::CellState;
use super::client::budget::Budgets;
use super::client::patience::Timeouts;
use super::demand::arrivals::{Arrival, Arrivals};
use super::demand::customer_strikes::CustomerStrikes;
use super::demand::processes;
use super::event::Event;
use super::ignored::Ignored;
use super::router::homes::Homes;
use super::router::travellers::Travellers;
use super::router::way::Seeker;
use super::router::{Router, long_run};
use super::setting::Setting;
use super::station::Station;
use super::station::workers::Boards;
use crate::engine::event_list::EventList;
use crate::units::{NEVER, Nanos};
use crate::world::platform::Platform;
use crate::world::platform::population::{NONE, SubId};

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
    pub(super) attempts: Attempts,
    pub(super) travellers: Travellers,
    /// Attempts that are waited for together.
    pub(super) joins: Joins,
    /// What is known of the loads of workers.
    pub(super) boards: Boards,
    /// Stations, as in the platform.
    pub stations: Vec<Station>,
    /// Cells, as in the platform.
    pub cells: Vec<CellState>,
    /// The router.
    pub router: Option<Router>,
    pub(super) homes: Homes,
    /// Where the current run ends.
    pub(super) end: Nanos,
    /// Up to here attempts may be settled ahead: see [`super::station::ahead`].
    pub(super) limit: Nanos,
    /// Stations with attempts that cross the limit.
    pub(super) crossed: Vec<u32>,
    pub(super) timeouts: Timeouts,
    pub(super) budgets: Budgets,
    /// Activations that are active.
    pub(super) active: Vec<u32>,
    /// Activations whose onset is past: they are in order of onset.
    pub(super) onsets_past: u32,
    /// Events of activations that have been scheduled.
    pub(super) operations_past: u32,
    /// Activations that this world does not suffer.
    pub(super) ignored: Ignored,
    /// Faults that bear on customers.
    pub(super) customers: CustomerStrikes,
}

impl World {
    /// Starts a replication's world at the beginning of the warm-up: with everything that is scheduled beforehand.
    pub fn new(setting: Arc<Setting>, trace: &Arc<Vec<Arrival>>) -> World {
        let platform = &setting.platform;
        let mut events = EventList::new();
        let station = |(spec, &may_settle): (&crate::world::platform::stations::Station, &bool)| {
            Station::new(spec.size.slots, &spec.pool, may_settle)
        };
        let stations = platform.stations.iter().zip(&setting.may_settle).map(station).collect();
        let mut timeouts = Timeouts::new(platform, &mut events);
        let router = platform.router.as_ref().map(|spec| {
            let mut router = Router::new(spec, setting.subscriptions(), &mut events);
            router.keep_pace(&setting.activations, &setting.effects);
            (platform.home.len()..setting.subscriptions()).for_each(|sub| router.content.forget(sub as SubId));
            long_run::start(&mut router, platform, setting.key);
            router
        });
        let hit = router.as_ref().and_then(Router::hit_latency);
        timeouts.after_hits(platform, hit, &mut events);
        let mut world = World {
            now: 0,
            events,
            arrivals: processes::all(&setting, trace),
            attempts: Attempts::default(),
            travellers: Travellers::new(platform, hit),
            joins: Joins::default(),
            boards: Boards::default(),
            stations,
            cells: vec![CellState::default(); platform.cells.len()],
            router,
            homes: Homes::new(&setting),
            end: 0,
            limit: 0,
            crossed: Vec::new(),
            timeouts,
            budgets: Budgets::full(&setting),
            active: Vec::new(),
            onsets_past: 0,
            operations_past: 0,
            ignored: Ignored::default(),
            customers: CustomerStrikes::default(),
            platform: Arc::clone(platform),
            setting: Arc::clone(&setting),
        };
        world.schedule_operation();
        world
    }

    /// Schedules the next event of an activation. Only one is in the event list at a time: a world is cloned at every incident, and
    /// must not carry all that is still to come.
    pub(super) fn schedule_operation(&mut self) {
        if let Some(&(at, payload)) = self.setting.operations.get(self.operations_past as usize) {
            self.operations_past += 1;
            self.events.schedule_first(at, Event::Fault(payload).pack());
        }
    }

    /// Schedules when the first of those in step at a station are done, if that is news.
    pub(super) fn step_on(&mut self, index: usize, next: Option<Nanos>) {
        if let Some(at) = next {
            self.events.schedule_ahead(at, Event::InStep(index as u32).pack());
        }
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

    /// Makes all stations work by events: slower, with the same results.
    pub fn work_by_events_only(&mut self) {
        self.stations.iter_mut().for_each(Station::never_settle);
    }

    /// Returns the home of a subscription; `NONE` for a newcomer that has not been placed.
    pub fn home_of(&self, sub: SubId) -> u32 {
        self.homes.of(&self.platform, sub)
    }

    /// Returns what does not change during the replication.
    pub fn setting(&self) -> &Arc<Setting> {
        &self.setting
    }

    /// Returns the requests under way that are somebody's demand: (subscription, arrival).
    pub fn under_way(&self) -> impl Iterator<Item = (SubId, Nanos)> + '_ {
        // Of joined attempts the first one stands for all.
        let is_first = |id: AttemptId, attempt: &Attempt| {
            !attempt.is_joined() || self.joins.of(id).first().is_none_or(|&first| first == id)
        };
        let kept = self.attempts.in_use().filter_map(move |id| {
            let attempt = &self.attempts[id];
            let is_demand = attempt.has_client() && !attempt.request.is_surge && is_first(id, attempt);
            is_demand.then_some((attempt.request.sub, attempt.request.arrival))
        });
        kept.chain(self.travellers.iter().filter(|arrival| !arrival.surge).map(|arrival| (arrival.sub, arrival.at)))
    }

    /// Asks the router, which there is, about an attempt.
    #[inline]
    pub(super) fn seek<T>(&mut self, id: AttemptId, ask: impl FnOnce(&mut Router, &Seeker<'_>) -> T) -> T {
        let (attempt, setting, homes) = (&self.attempts[id], &*self.setting, &self.homes);
        let router = self.router.as_mut().expect("only a router is asked");
        ask(router, &Seeker { id, attempt, setting, homes, now: self.now })
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
}
