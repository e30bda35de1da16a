//! The cell router: how a request finds its cell.

use super::grammar::words::words;
use crate::engine::law::Law;
use crate::units::Nanos;

/// The lookup path.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Router {
    /// How the steps' latencies are to be read.
    pub latencies: Latencies,
    /// First step.
    pub cache: Cache,
    /// On a miss.
    pub store: Store,
    /// For a customer that is not in the store yet.
    pub placement: Placement,
    /// Latency to the cell, in nanoseconds, on every attempt.
    pub network: Law,
    /// What a request does when a step cannot answer.
    pub when_down: WhenDown,
    /// A copy of the mapping, for `store = "last-known"`.
    pub local_copy: Option<LocalCopy>,
}

words! {
    /// How the steps' latencies are to be read.
    pub enum Latencies {
        /// They add up: hit 5, miss 5 + 15, new 5 + 15 + 20 ms.
        PerStep = "per-step",
        /// Each is the whole lookup's: hit 5, miss 15, new 20 ms.
        Total = "total",
    }
}

/// The mapping cache.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Cache {
    /// When a lookup hits.
    pub hits: Hits,
    /// Latency.
    pub latency: Law,
    /// Concurrent misses of one (customer, workflow) share one store lookup.
    pub coalesce: bool,
    /// Whether the answer to a lookup whose client has given up still fills the cache.
    pub fill_after_timeout: bool,
    /// What it holds when the warm-up begins.
    pub starts: Starts,
}

words! {
    /// What a cache holds at first.
    pub enum Starts {
        /// What it holds in the long run.
        Warm = "warm",
        /// Nothing.
        Cold = "cold",
    }
}

/// When a lookup hits.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Hits {
    /// With this probability, once the (customer, workflow) has been looked up since the last flush.
    Ratio(f64),
    /// Until this long after it was filled.
    Ttl(Nanos),
    /// While among the most recently used of so many entries.
    Lru(u32),
}

/// The mapping store.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Store {
    /// Latency without waiting.
    pub latency: Law,
    /// Lookups per second at most: a queue served at this pace. `None`: no limit.
    pub capacity: Option<f64>,
    /// Lookups that may wait; beyond them: rejected. `None`: no limit.
    pub queue: Option<u32>,
    /// How long after placement a customer's mapping is not found yet.
    pub replication_lag: Nanos,
}

/// How new customers, and the initial population, find a cell.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Placement {
    /// Rule.
    pub policy: PlacementPolicy,
    /// What "least" counts.
    pub by: PlacementBy,
    /// Latency.
    pub latency: Law,
}

words! {
    /// The rule of placement.
    pub enum PlacementPolicy {
        /// The cell with least.
        LeastLoaded = "least-loaded",
        /// Any cell with room, by a draw of the customer's.
        Random = "random",
        /// The lesser of two drawn cells.
        TwoChoices = "two-choices",
        /// By the customer's place on a ring of cells.
        ConsistentHash = "consistent-hash",
    }
}

words! {
    /// What "least" counts.
    pub enum PlacementBy {
        /// Customers.
        Customers = "customers",
        /// Demand of those already placed.
        Load = "load",
    }
}

/// What a request does when a step cannot answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct WhenDown {
    /// Cache: ask the store (`true`) or fail.
    pub cache_asks_store: bool,
    /// Store: answer from the local copy (`true`) or fail.
    pub store_last_known: bool,
}

/// A copy of the mapping on each router node.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct LocalCopy {
    /// Share of customers in it.
    pub covers: f64,
    /// Its age at most: a customer placed more recently is not in it.
    pub refresh: Nanos,
}
