//! The cell router at work: cache, store, placement, network.
//!
//! A hit costs one event (cache and network latency together); a miss asks the store after the cache's latency; a customer that
//! is nowhere is placed. A look-up whose client has given up is dropped before it reaches a cell.

use super::cache::{Content, Shared};
use super::store::Store;
use super::store_pace::Pace;
use crate::engine::event_list::{EventList, LaneId};
use crate::engine::law::{Law, Sampler};
use crate::engine::rng::{Key, Slot};
use crate::scenario::fault::Effect;
use crate::scenario::router::{self as spec, Latencies, LocalCopy};
use crate::units::{Nanos, SECOND};
use crate::world::operations::effects::{self, Strike};
use crate::world::operations::faults::Activation;

/// One source of latency.
#[derive(Debug, Clone)]
pub(super) struct Latency {
    slot: Slot,
    pub(super) sampler: Sampler,
    pub(super) constant: Option<Nanos>,
}

impl Latency {
    pub(super) fn new(name: &str, law: &Law) -> Latency {
        let constant = law.constant().map(|value| value.round() as Nanos);
        Latency { slot: Slot::named(name), sampler: Sampler::new(law), constant }
    }

    #[inline]
    pub(super) fn draw(&self, attempt: Key) -> Nanos {
        self.constant.unwrap_or_else(|| self.sampler.sample(attempt.draw(self.slot)))
    }
}

/// The state of the router.
#[derive(Debug, Clone)]
pub struct Router {
    pub(super) latencies: Latencies,
    pub(super) cache: Latency,
    pub(super) store: Latency,
    pub(super) placement: Latency,
    pub(super) network: Latency,
    pub(super) coalesce: bool,
    pub(super) fill_after_timeout: bool,
    pub(super) capacity: Option<f64>,
    pub(super) queue: Option<u32>,
    pub(super) replication_lag: Nanos,
    pub(super) cache_asks_store: bool,
    pub(super) store_last_known: bool,
    pub(super) local_copy: Option<LocalCopy>,
    /// Lane of a hit, and of a cache miss, where their latencies are constant.
    pub(super) hit_lane: Option<LaneId>,
    pub(super) miss_lane: Option<LaneId>,
    /// What the cache holds.
    pub content: Content,
    /// The store.
    pub mapping: Store,
    pub(super) shared: Shared,
    /// Who waits for the store, if its pace may change.
    pub(super) pace: Option<Pace>,
    /// Faults that bear on each step: cache, store, placement, network.
    pub strikes: [Vec<Strike>; 4],
    pub(super) struck: bool,
}

/// Index of a step in [`Router::strikes`].
pub fn step_index(step: crate::scenario::fault::RouterStep) -> usize {
    match step {
        crate::scenario::fault::RouterStep::Cache => CACHE,
        crate::scenario::fault::RouterStep::Store => STORE,
        crate::scenario::fault::RouterStep::Placement => PLACEMENT,
        crate::scenario::fault::RouterStep::Network => NETWORK,
    }
}

pub(super) const CACHE: usize = 0;
pub(super) const STORE: usize = 1;
pub(super) const PLACEMENT: usize = 2;
pub(super) const NETWORK: usize = 3;
pub(super) const COVERED: Slot = Slot::named("router/local copy");

impl Router {
    /// Prepares a router for so many subscriptions.
    pub fn new(spec: &spec::Router, subscriptions: usize, events: &mut EventList) -> Router {
        let cache = Latency::new("router/cache", &spec.cache.latency);
        let network = Latency::new("router/network", &spec.network);
        let hit_lane = cache.constant.zip(network.constant).map(|(a, b)| events.lane(a.saturating_add(b)));
        let miss_lane = cache.constant.map(|latency| events.lane(latency));
        Router {
            latencies: spec.latencies,
            store: Latency::new("router/store", &spec.store.latency),
            placement: Latency::new("router/placement", &spec.placement.latency),
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
            strikes: [const { Vec::new() }; 4],
            struck: false,
            cache,
            network,
        }
    }

    /// Returns how long a hit takes to reach its cell, if that is constant.
    pub fn hit_latency(&self) -> Option<Nanos> {
        self.cache.constant.zip(self.network.constant).map(|(cache, network)| cache.saturating_add(network))
    }

    /// Returns how long after a look-up that misses its entry is filled, in the mean and without waiting, in seconds.
    pub(super) fn fill_latency(&self) -> f64 {
        let (cache, store) = (self.cache.sampler.mean(), self.store.sampler.mean());
        let mean = if self.latencies == Latencies::Total { store } else { cache + store };
        mean / SECOND as f64
    }

    /// Returns the look-ups per second that the store does now, if that is finite.
    pub(super) fn store_capacity(&self) -> Option<f64> {
        self.capacity.map(|capacity| capacity * effects::capacity_factor(&self.strikes[STORE]))
    }

    /// Prepares for faults that change the pace of the store.
    pub(super) fn keep_pace(&mut self, activations: &[Activation], effects: &[Vec<Effect>]) {
        self.pace = Pace::new(self.capacity, activations, effects);
    }

    /// Takes note of changed strikes.
    pub fn struck_anew(&mut self) {
        self.struck = self.strikes.iter().any(|strikes| !strikes.is_empty());
    }
}
