//! The cell router: how a request finds its cell.

use super::document::{Node, Table, Value};
use super::keys::Keys;
use super::law::law;
use super::values::{self, MOST};
use crate::engine::law::Law;
use crate::units::{MILLISECOND, MINUTE, Nanos};

/// The look-up path.
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

/// How the steps' latencies are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Latencies {
    /// They add up: hit 5, miss 5 + 15, new 5 + 15 + 20 ms.
    PerStep,
    /// Each is the whole look-up's: hit 5, miss 15, new 20 ms.
    Total,
}

/// The mapping cache.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Cache {
    /// When a look-up hits.
    pub hits: Hits,
    /// Latency.
    pub latency: Law,
    /// Concurrent misses of one (customer, workflow) share one store look-up.
    pub coalesce: bool,
    /// Whether the answer to a look-up whose client has given up still fills the cache.
    pub fill_after_timeout: bool,
    /// What it holds when the warm-up begins.
    pub starts: Starts,
}

/// What a cache holds at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Starts {
    /// What it holds in the long run.
    Warm,
    /// Nothing.
    Cold,
}

/// When a look-up hits.
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
    /// Look-ups per second at most: a queue served at this pace. `None`: no limit.
    pub capacity: Option<f64>,
    /// Look-ups that may wait; beyond them: rejected. `None`: no limit.
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

/// The rule of placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlacementPolicy {
    /// The cell with least.
    LeastLoaded,
    /// Any cell with room, by a draw of the customer's.
    Random,
    /// The lesser of two drawn cells.
    TwoChoices,
    /// By the customer's place on a ring of cells.
    ConsistentHash,
}

/// What "least" counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlacementBy {
    /// Customers.
    Customers,
    /// Demand of those already placed.
    Load,
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

/// Reads `[router]`.
pub(super) fn router(keys: &Keys<'_>) -> Option<Router> {
    let readings = [("per-step", Latencies::PerStep), ("total", Latencies::Total)];
    let latencies = keys.or("latencies", Latencies::PerStep, |node| values::choice(node, &readings));
    let cache = section(keys, "cache", cache);
    let store = section(keys, "store", store);
    let placement = section(keys, "placement", placement);
    let network = section(keys, "network", |keys| latency(keys, 0));
    let (when_down, inner_copy) = section(keys, "when_down", |keys| Some(when_down(keys)))?;
    let local_copy = keys.get("local_copy").and_then(|node| keys.context.table(node, "`local_copy`", local_copy));
    if let (Some(entry), Some(_)) = (keys.entry("local_copy"), inner_copy) {
        let error = entry.key_place.error("`local_copy` is given twice", "and in `when_down`");
        keys.context.problem(error.help("keep one of them"));
    }
    let local_copy = inner_copy.or(local_copy);
    if when_down.store_last_known && local_copy.is_none() {
        let place = keys.get("when_down").and_then(|node| node.child("store")).map_or(keys.place, |node| &node.place);
        let error = place.error("the last known mapping needs a local copy", "from where?");
        keys.context
            .problem(error.help("add `local_copy = { covers = \"100%\", refresh = \"1min\" }` to [router.when_down]"));
    }
    Some(Router {
        latencies,
        cache: cache?,
        store: store?,
        placement: placement?,
        network: network?,
        when_down,
        local_copy,
    })
}

/// Reads a table of the router's; a missing one is read as an empty one, for its defaults.
fn section<T>(keys: &Keys<'_>, key: &'static str, read: impl FnOnce(&Keys<'_>) -> Option<T>) -> Option<T> {
    let what = format!("the router's `{key}`");
    if let Some(node) = keys.get(key) {
        return keys.context.table(node, &what, read).flatten();
    }
    let node = Node { value: Value::Table(Table::default()), place: keys.place.clone(), rank: 0 };
    keys.context.table(&node, &what, read).flatten()
}

fn latency(keys: &Keys<'_>, default: Nanos) -> Option<Law> {
    keys.get("latency").map_or(Some(Law::Constant(default as f64)), |node| law(keys.context, node))
}

fn cache(keys: &Keys<'_>) -> Option<Cache> {
    let hits = match keys.alternative(&["hit_ratio", "ttl", "entries"]) {
        None => Some(Hits::Ratio(0.95)),
        Some(("hit_ratio", node)) => keys.context.keep(values::share(node)).map(Hits::Ratio),
        Some(("ttl", node)) => keys.context.keep(values::positive_duration(node)).map(Hits::Ttl),
        Some((_, node)) => keys.context.keep(values::count(node, "entries", 1, MOST)).map(Hits::Lru),
    };
    let latency = latency(keys, 5 * MILLISECOND);
    let coalesce = keys.or("coalesce", false, values::boolean);
    let fill_after_timeout = keys.or("fill_after_timeout", true, values::boolean);
    let starts =
        keys.or("starts", Starts::Warm, |node| values::choice(node, &[("warm", Starts::Warm), ("cold", Starts::Cold)]));
    Some(Cache { hits: hits?, latency: latency?, coalesce, fill_after_timeout, starts })
}

fn store(keys: &Keys<'_>) -> Option<Store> {
    let unlimited = |node: &Node| node.text() == Some("unlimited");
    let capacity = keys.optional("capacity", |node| match values::rate(node) {
        _ if unlimited(node) => Ok(None),
        Ok(0.0) => Err(Box::new(node.error("a store without any capacity", "is 0"))),
        Ok(capacity) => Ok(Some(capacity)),
        Err(error) => Err(error),
    });
    let queue = keys.optional("queue", |node| match node {
        node if unlimited(node) => Ok(None),
        node => values::count(node, "places", 0, MOST).map(Some),
    });
    let replication_lag = keys.or("replication_lag", 0, values::duration);
    let latency = latency(keys, 15 * MILLISECOND);
    if let Some(entry) = keys.entry("queue").filter(|_| capacity.flatten().is_none() && queue.flatten().is_some()) {
        let error = entry.key_place.error("`queue` has no effect here", "without a capacity nothing waits");
        keys.context.problem(error.help("add `capacity = \"4000/s\"`"));
    }
    Some(Store { latency: latency?, capacity: capacity.flatten(), queue: queue.flatten(), replication_lag })
}

fn placement(keys: &Keys<'_>) -> Option<Placement> {
    let policies = [
        ("least-loaded", PlacementPolicy::LeastLoaded),
        ("random", PlacementPolicy::Random),
        ("two-choices", PlacementPolicy::TwoChoices),
        ("consistent-hash", PlacementPolicy::ConsistentHash),
    ];
    let measures = [("customers", PlacementBy::Customers), ("load", PlacementBy::Load)];
    let policy = keys.or("policy", PlacementPolicy::LeastLoaded, |node| values::choice(node, &policies));
    let by = keys.or("by", PlacementBy::Customers, |node| values::choice(node, &measures));
    let latency = latency(keys, 20 * MILLISECOND);
    Some(Placement { policy, by, latency: latency? })
}

fn when_down(keys: &Keys<'_>) -> (WhenDown, Option<LocalCopy>) {
    let cache = [("ask-store", true), ("fail", false)];
    let store = [("last-known", true), ("fail", false)];
    let cache_asks_store = keys.or("cache", true, |node| values::choice(node, &cache));
    let store_last_known = keys.or("store", false, |node| values::choice(node, &store));
    keys.or("placement", (), |node| values::choice(node, &[("reject", ())]));
    let copy = keys.get("local_copy").and_then(|node| keys.context.table(node, "`local_copy`", local_copy));
    (WhenDown { cache_asks_store, store_last_known }, copy)
}

fn local_copy(keys: &Keys<'_>) -> LocalCopy {
    let covers = keys.or("covers", 1.0, values::share);
    let refresh = keys.or("refresh", MINUTE, values::duration);
    LocalCopy { covers, refresh }
}
