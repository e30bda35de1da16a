//! Reading `[router]`.

use super::document::{Node, Read};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Switch, Text};
use super::grammar::shape::{About, Kind, REQUEST_LEVEL, Refusal, Shape};
use super::grammar::words::words;
use super::keys::Keys;
use super::law;
use super::router::{
    Cache, Hits, Latencies, LocalCopy, Placement, PlacementBy, PlacementPolicy, Router, Starts, Store, WhenDown,
};
use super::values::{self, MOST};
use crate::catalogue::Level;
use crate::engine::law::Law;
use crate::units::Nanos;

words! {
    /// What a request does when the cache cannot answer.
    enum CacheDown {
        /// It asks the store.
        AskStore = "ask-store",
        /// It fails.
        Fail = "fail",
    }
}

words! {
    /// What a request does when the store cannot answer.
    enum StoreDown {
        /// It goes where the local copy says.
        LastKnown = "last-known",
        /// It fails.
        Fail = "fail",
    }
}

words! {
    /// What a new customer does when placement cannot answer.
    enum PlacementDown {
        /// It is turned away.
        Reject = "reject",
    }
}

/// Shape of `[router]`.
pub(super) const ROUTER: Shape = Shape::new(
    "router",
    "`router`",
    &[LATENCIES.about(), &CACHE, &STORE, &PLACEMENT, &NETWORK, &WHEN_DOWN, &LOCAL_COPY],
);

const LATENCIES: Defaulted<Latencies> =
    key::word("latencies", "latencies of the steps add up, or `\"total\"`: each is the whole lookup's")
        .or(Text("per-step"));
const CACHE: About = About::new("cache", Kind::Table(&CACHES), "");
const STORE: About = About::new("store", Kind::Table(&STORES), "");
const PLACEMENT: About = About::new("placement", Kind::Table(&PLACEMENTS), "");
const NETWORK: About = About::new("network", Kind::Table(&NETWORKS), "");
const WHEN_DOWN: About = About::new("when_down", Kind::Table(&WHEN_DOWNS), "");
const LOCAL_COPY: About = About::new(
    "local_copy",
    Kind::Table(&COPIES),
    "a copy of the mapping on each router node; stands in `[router]` or in `when_down`",
)
.without("none");

const CACHES: Shape = Shape::new(
    "cache",
    "the router's `cache`",
    &[
        HIT_RATIO.about(),
        TTL.about(),
        ENTRIES.about(),
        STARTS.about(),
        CACHE_LATENCY.about(),
        COALESCE.about(),
        FILL_AFTER_TIMEOUT.about(),
    ],
);
const HIT_RATIO: Defaulted<f64> = key::share(
    "hit_ratio",
    "probability of a hit once the customer was looked up since the last flush; with `ttl` or `entries` in its place hits \
     follow from the requests",
)
.or(Text("95%"));
const TTL: Key<Nanos> = key::positive_duration("ttl", "`\"45s\"`: an entry is there for so long after it was filled")
    .without("`hit_ratio`");
const ENTRIES: Key<u32> =
    key::count("entries", ("entries", 1, MOST), "`50_000`: so many entries, the most recently used")
        .without("`hit_ratio`");
/// What the cache holds at first.
pub(super) const STARTS: Defaulted<Starts> = key::word(
    "starts",
    "when the warm-up begins, the cache holds what it holds in the long run, entries not in step: with life times each \
     customer's entry is there with probability r T / (1 + r T), the rest of its life uniform; of the most recently used, \
     those who asked last; with a given ratio everybody. `\"cold\"`: nothing (request level)",
)
.not_all(Refusal {
    message: "how a cache fills is a matter of single requests",
    label: "begins empty",
    help: REQUEST_LEVEL,
})
.or(Text("warm"));
const CACHE_LATENCY: Defaulted<Law> = key::shared("latency", law::LAW, law::law, "distribution").or(Text("5ms"));
/// Whether concurrent misses share a lookup.
pub(super) const COALESCE: Defaulted<bool> =
    key::switch("coalesce", "concurrent misses of one customer share one lookup")
        .only(Level::Request, Refusal { message: KNOWS_HOW_MANY, label: "some are shared", help: REQUEST_LEVEL })
        .or(Switch(false));
/// Whether late answers fill the cache.
pub(super) const FILL_AFTER_TIMEOUT: Defaulted<bool> =
    key::switch("fill_after_timeout", "an answer whose client has given up still fills the cache")
        .not_all(Refusal { message: KNOWS_HOW_MANY, label: "some answers are lost", help: REQUEST_LEVEL })
        .or(Switch(true));
const KNOWS_HOW_MANY: &str = "the incident level knows how many lookups hit, not which";

const STORES: Shape = Shape::new(
    "store",
    "the router's `store`",
    &[STORE_LATENCY.about(), CAPACITY.about(), QUEUE.about(), REPLICATION_LAG.about()],
);
const STORE_LATENCY: Defaulted<Law> =
    key::shared("latency", law::LAW, law::law, "distribution, without waiting").or(Text("15ms"));
const CAPACITY: Defaulted<Option<f64>> =
    key::by("capacity", Kind::Any(&[Kind::Rate, Kind::Fixed("unlimited")]), capacity, "lookups per second")
        .or(Text("unlimited"));
const QUEUE: Defaulted<Option<u32>> = key::by(
    "queue",
    Kind::Any(&[Kind::Count("places", 0, MOST), Kind::Fixed("unlimited")]),
    values::places,
    "lookups that may wait, beside the one being worked on; beyond them: rejected",
)
.or(Text("unlimited"));
const REPLICATION_LAG: Defaulted<Nanos> =
    key::duration("replication_lag", "how long a new customer's mapping is not found").or(Text("0s"));

const PLACEMENTS: Shape =
    Shape::new("placement", "the router's `placement`", &[POLICY.about(), BY.about(), PLACEMENT_LATENCY.about()]);
const POLICY: Defaulted<PlacementPolicy> =
    key::word("policy", "`\"random\"`, `\"two-choices\"`, `\"consistent-hash\"`").or(Text("least-loaded"));
const BY: Defaulted<PlacementBy> =
    key::word("by", "what \"least\" counts: customers, or the `\"load\"` of those placed").or(Text("customers"));
const PLACEMENT_LATENCY: Defaulted<Law> = key::shared("latency", law::LAW, law::law, "distribution").or(Text("20ms"));

const NETWORKS: Shape = Shape::new("network", "the router's `network`", &[NETWORK_LATENCY.about()]);
const NETWORK_LATENCY: Defaulted<Law> =
    key::shared("latency", law::LAW, law::law, "distribution, on every attempt").or(Text("0s"));

const WHEN_DOWNS: Shape = Shape::new(
    "when_down",
    "the router's `when_down`",
    &[CACHE_DOWN.about(), STORE_DOWN.about(), PLACEMENT_DOWN.about(), &LOCAL_COPY],
);
const CACHE_DOWN: Defaulted<CacheDown> = key::word("cache", "or `\"fail\"`").or(Text("ask-store"));
const STORE_DOWN: Defaulted<StoreDown> =
    key::word("store", "or `\"last-known\"`: answered from the local copy, also where the store's queue is full")
        .or(Text("fail"));
const PLACEMENT_DOWN: Defaulted<PlacementDown> = key::word("placement", "there is no other").or(Text("reject"));

const COPIES: Shape = Shape::new("local_copy", "`local_copy`", &[COVERS.about(), REFRESH.about()]);
const COVERS: Defaulted<f64> = key::share("covers", "share of customers in it").or(Text("100%"));
const REFRESH: Defaulted<Nanos> =
    key::duration("refresh", "its age at most: a customer placed more recently is not in it").or(Text("1min"));

/// Reads `[router]`.
pub(super) fn router(keys: &Keys<'_>) -> Option<Router> {
    let latencies = keys.read(&LATENCIES);
    let cache = keys.table_or_nothing(&CACHE, cache).flatten();
    let store = keys.table_or_nothing(&STORE, store);
    let placement = keys.table_or_nothing(&PLACEMENT, |keys| Placement {
        policy: keys.read(&POLICY),
        by: keys.read(&BY),
        latency: keys.read(&PLACEMENT_LATENCY),
    });
    let network = keys.table_or_nothing(&NETWORK, |keys| keys.read(&NETWORK_LATENCY));
    let (when_down, inner_copy) = keys.table_or_nothing(&WHEN_DOWN, when_down)?;
    let local_copy = keys.table(&LOCAL_COPY, local_copy);
    if let (Some(entry), Some(_)) = (keys.entry(&LOCAL_COPY), inner_copy) {
        let error = entry.key_place.error("`local_copy` is given twice", "and in `when_down`");
        keys.context.problem(error.help("keep one of them"));
    }
    let local_copy = inner_copy.or(local_copy);
    if when_down.store_last_known && local_copy.is_none() {
        let place = keys.get(&WHEN_DOWN).and_then(|node| node.child(STORE_DOWN.name));
        let place = place.map_or(keys.place, |node| &node.place);
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

fn cache(keys: &Keys<'_>) -> Option<Cache> {
    let hits = match keys.alternative(&[HIT_RATIO.about(), TTL.about(), ENTRIES.about()]) {
        Some((key, _)) if key.is(&TTL) => keys.read(&TTL).map(Hits::Ttl),
        Some((key, _)) if key.is(&ENTRIES) => keys.read(&ENTRIES).map(Hits::Lru),
        _ => Some(Hits::Ratio(keys.read(&HIT_RATIO))),
    };
    Some(Cache {
        hits: hits?,
        latency: keys.read(&CACHE_LATENCY),
        coalesce: keys.read(&COALESCE),
        fill_after_timeout: keys.read(&FILL_AFTER_TIMEOUT),
        starts: keys.read(&STARTS),
    })
}

fn capacity(node: &Node) -> Read<Option<f64>> {
    match values::rate(node) {
        _ if node.text() == Some("unlimited") => Ok(None),
        Ok(0.0) => Err(Box::new(node.error("a store without any capacity", "is 0"))),
        Ok(capacity) => Ok(Some(capacity)),
        Err(error) => Err(error),
    }
}

fn store(keys: &Keys<'_>) -> Store {
    let (capacity, queue) = (keys.read(&CAPACITY), keys.read(&QUEUE));
    if let Some(entry) = keys.entry(&QUEUE).filter(|_| capacity.is_none() && queue.is_some()) {
        let error = entry.key_place.error("`queue` has no effect here", "without a capacity nothing waits");
        keys.context.problem(error.help("add `capacity = \"4000/s\"`"));
    }
    Store { latency: keys.read(&STORE_LATENCY), capacity, queue, replication_lag: keys.read(&REPLICATION_LAG) }
}

fn when_down(keys: &Keys<'_>) -> (WhenDown, Option<LocalCopy>) {
    let cache_asks_store = keys.read(&CACHE_DOWN) == CacheDown::AskStore;
    let store_last_known = keys.read(&STORE_DOWN) == StoreDown::LastKnown;
    let PlacementDown::Reject = keys.read(&PLACEMENT_DOWN);
    (WhenDown { cache_asks_store, store_last_known }, keys.table(&LOCAL_COPY, local_copy))
}

fn local_copy(keys: &Keys<'_>) -> LocalCopy {
    LocalCopy { covers: keys.read(&COVERS), refresh: keys.read(&REFRESH) }
}
