//! The cell router: which cell an attempt goes to, and how long it takes to find out.
//!
//! A hit costs one event (cache and network latency together); a miss asks the store after the cache's latency; a customer that
//! is nowhere is placed. A lookup whose client has given up is dropped before it reaches a cell.
//!
//! The router decides; the [journey](super::journey) moves the attempt.

pub mod cache;
pub mod homes;
pub mod latency;
pub mod long_run;
pub mod pace;
pub mod store;
pub mod travellers;
pub mod way;

use crate::engine::event_list::{EventList, LaneId};
use crate::engine::rng::{Key, Slot};
use crate::scenario::fault::{Effect, RouterStep};
use crate::scenario::router::{self as spec, Latencies, LocalCopy};
use crate::units::{NEVER, Nanos, SECOND};
use crate::world::operations::effects::{self, Admission, Facts, Strike};
use crate::world::operations::faults::Activation;
use crate::world::operations::gate::Gate;
use crate::world::platform::population::SubId;
use crate::world::requests::attempt::AttemptId;
use cache::{Content, Shared};
use latency::Latency;
use pace::Pace;
use store::{Asked, Store};

/// The state of the router.
#[derive(Debug, Clone)]
pub struct Router {
    latencies: Latencies,
    /// Latency of each step, as in [`step_index`].
    steps: [Latency; 4],
    /// Faults that bear on each step, as in [`step_index`].
    gates: [Gate; 4],
    /// Whether no fault bears on any step.
    is_quiet: bool,
    coalesce: bool,
    fill_after_timeout: bool,
    capacity: Option<f64>,
    queue: Option<u32>,
    replication_lag: Nanos,
    /// Whether the store is asked while the cache is down.
    cache_asks_store: bool,
    store_last_known: bool,
    local_copy: Option<LocalCopy>,
    /// Lane of a hit, and of a cache miss, where their latencies are constant.
    hit_lane: Option<LaneId>,
    miss_lane: Option<LaneId>,
    /// What the cache holds.
    pub content: Content,
    /// The store.
    pub mapping: Store,
    shared: Shared,
    /// Who waits for the store, if its pace may change.
    pace: Option<Pace>,
}

/// What the store says to a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// It answers then, `NEVER` while it stands still; perhaps with an answer that it owes another lookup anyway.
    At { ready: Nanos, is_shared: bool },
    /// Its queue is full.
    Full,
}

/// Returns the index of a step.
fn step_index(step: RouterStep) -> usize {
    match step {
        RouterStep::Cache => 0,
        RouterStep::Store => 1,
        RouterStep::Placement => 2,
        RouterStep::Network => 3,
    }
}

const COVERED: Slot = Slot::named("router/local copy");

impl Router {
    /// Prepares a router for so many subscriptions.
    pub fn new(spec: &spec::Router, subscriptions: usize, events: &mut EventList) -> Router {
        let cache = Latency::new("router/cache", &spec.cache.latency);
        let network = Latency::new("router/network", &spec.network);
        let hit_lane = cache.constant.zip(network.constant).map(|(a, b)| events.lane(a.saturating_add(b)));
        let miss_lane = cache.constant.map(|latency| events.lane(latency));
        let store = Latency::new("router/store", &spec.store.latency);
        let placement = Latency::new("router/placement", &spec.placement.latency);
        Router {
            latencies: spec.latencies,
            steps: [cache, store, placement, network],
            gates: std::array::from_fn(|_| Gate::default()),
            is_quiet: true,
            coalesce: spec.cache.coalesce,
            fill_after_timeout: spec.cache.fill_after_timeout,
            capacity: spec.store.capacity,
            queue: spec.store.queue,
            replication_lag: spec.store.replication_lag,
            cache_asks_store: spec.when_down.cache_asks_store,
            store_last_known: spec.when_down.store_last_known,
            local_copy: spec.local_copy,
            hit_lane,
            miss_lane,
            content: Content::new(spec.cache.hits, subscriptions),
            mapping: Store::default(),
            shared: Shared::default(),
            pace: None,
        }
    }

    /// Returns whether no fault bears on any step.
    #[inline]
    pub fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Decides what happens to an attempt that comes to a step.
    #[inline]
    pub fn admit(&self, step: RouterStep, who: impl FnOnce() -> Facts) -> Admission {
        if self.is_quiet { Admission::Pass } else { self.gates[step_index(step)].admit(None, who) }
    }

    /// Returns how long a step takes for an attempt, slowed by the faults that bear on the step.
    #[inline]
    pub fn latency(&self, step: RouterStep, attempt: Key, who: impl FnOnce() -> Facts) -> Nanos {
        let latency = self.steps[step_index(step)].draw(attempt);
        if self.is_quiet { latency } else { self.gates[step_index(step)].slowed(|| None, latency, who) }
    }

    /// Returns whether nothing bears on the cache's step.
    #[inline]
    pub fn cache_is_quiet(&self) -> bool {
        self.is_quiet || self.gates[step_index(RouterStep::Cache)].is_quiet()
    }

    /// Returns the lane of a hit, if its latency is constant and nothing disturbs it.
    #[inline]
    pub fn hit_lane(&self) -> Option<LaneId> {
        self.hit_lane.filter(|_| self.is_quiet)
    }

    /// Returns the lane of a miss, if its latency is constant and nothing disturbs it.
    #[inline]
    pub fn miss_lane(&self) -> Option<LaneId> {
        self.miss_lane.filter(|_| self.is_quiet)
    }

    /// Returns how long a hit takes to reach its cell, if that is constant.
    pub fn hit_latency(&self) -> Option<Nanos> {
        let [cache, _, _, network] = &self.steps;
        cache.constant.zip(network.constant).map(|(cache, network)| cache.saturating_add(network))
    }

    /// Returns how long after a lookup that misses its entry is filled, in the mean and without waiting, in seconds.
    pub fn fill_latency(&self) -> f64 {
        let [cache, store] = [RouterStep::Cache, RouterStep::Store].map(|step| self.steps[step_index(step)].mean());
        let mean = if self.latencies == Latencies::Total { store } else { cache + store };
        mean / SECOND as f64
    }

    /// A lookup reaches the store, which takes so long for it beside the waiting.
    fn ask(&mut self, id: AttemptId, sub: SubId, attempt: Key, mut latency: Nanos, now: Nanos) -> Answer {
        if self.latencies == Latencies::Total {
            latency = latency.saturating_sub(self.steps[step_index(RouterStep::Cache)].draw(attempt));
        }
        let shared = if self.coalesce { self.shared.get(&sub).copied() } else { None };
        let shared = shared.filter(|asked| asked.ready >= now);
        let asked = match shared {
            Some(asked) => asked,
            None => {
                let Some(wait) = self.mapping.accept(now, self.store_capacity(), self.queue) else {
                    return Answer::Full;
                };
                let asked = Asked { start: now + wait, latency, ready: (now + wait).saturating_add(latency) };
                if self.coalesce {
                    self.shared.insert(sub, asked);
                }
                asked
            }
        };
        if let Some(pace) = &mut self.pace {
            pace.note(id, asked);
        }
        self.mapping.enter(now);
        Answer::At { ready: asked.ready, is_shared: shared.is_some() }
    }

    /// The store has answered: whether it `found` a cell, and whether the client still `waits`.
    fn answered(&mut self, sub: SubId, found: bool, waits: bool, now: Nanos) {
        self.mapping.leave(now);
        if self.coalesce && self.shared.get(&sub).is_some_and(|asked| asked.ready <= now) {
            self.shared.remove(&sub);
        }
        if found && (waits || self.fill_after_timeout) {
            self.content.fill(sub, now);
        }
    }

    /// Returns how long a placement takes that would take `latency`, beside what the lookup took before.
    fn placing(&self, latency: Nanos, attempt: Key) -> Nanos {
        if self.latencies != Latencies::Total {
            return latency;
        }
        let [cache, store, ..] = &self.steps;
        latency.saturating_sub(cache.draw(attempt).max(store.draw(attempt)))
    }

    /// Returns whether the local copy, which serves while the store cannot, knows a customer; `is_older` tells whether its mapping is
    /// older than that.
    fn remembers(&self, customer: Key, is_older: impl FnOnce(Nanos) -> bool) -> bool {
        let copy = self.local_copy.filter(|_| self.store_last_known);
        copy.is_some_and(|copy| customer.happens(COVERED, copy.covers) && is_older(copy.refresh))
    }

    /// Faults on its steps have begun or ended: these bear on each from now on.
    pub fn struck(&mut self, step: RouterStep, strikes: Vec<Strike>) {
        self.gates[step_index(step)].strikes = strikes;
        self.is_quiet = self.gates.iter().all(Gate::is_quiet);
    }

    /// Prepares for faults that change the pace of the store.
    pub fn keep_pace(&mut self, activations: &[Activation], effects: &[Vec<Effect>]) {
        self.pace = Pace::new(self.capacity, activations, effects);
    }

    /// Returns the lookups per second that the store does now, if that is finite.
    fn store_capacity(&self) -> Option<f64> {
        let strikes = &self.gates[step_index(RouterStep::Store)].strikes;
        self.capacity.map(|capacity| capacity * effects::capacity_factor(strikes))
    }

    /// Faults on the store have begun or ended: returns the lookups whose answers come at another instant, and what is asked of them;
    /// `is_dead` tells which are over (what a crash of the store has taken waits for its event alone).
    pub fn change_pace(&mut self, now: Nanos, is_dead: impl Fn(AttemptId) -> bool) -> Vec<(Asked, AttemptId)> {
        let mut moved = Vec::new();
        let Some((capacity, pace)) = self.store_capacity().zip(self.pace.as_mut()) else { return moved };
        let Some(change) = pace.change(capacity, now) else { return moved };
        for (&id, asked) in &mut pace.asked {
            let later = change.apply(*asked);
            if later != *asked && !is_dead(id) {
                *asked = later;
                moved.push((later, id));
            }
        }
        self.shared.values_mut().for_each(|asked| *asked = change.apply(*asked));
        self.mapping.stretch(change.since, now, change.stretch);
        moved
    }

    /// The store crashes: it forgets what it was asked.
    pub fn store_crashes(&mut self, now: Nanos) {
        self.mapping.clear(now);
        self.shared.clear();
    }

    /// A lookup is lost in a crash of the store; returns whether it stood still: then no event is pending for it.
    pub fn lose(&mut self, id: AttemptId, now: Nanos) -> bool {
        self.mapping.leave(now);
        let Some(pace) = &mut self.pace else { return false };
        let stands_still = pace.asked.get(&id).is_some_and(|asked| asked.ready == NEVER);
        if stands_still {
            pace.asked.remove(&id);
        }
        stands_still
    }
}

#[cfg(test)]
mod tests;
