//! What the router decides, without an engine.

use super::*;
use crate::engine::law::Law;
use crate::scenario::router::{Cache, Hits, Placement, PlacementBy, PlacementPolicy, Starts, Store, WhenDown};
use crate::units::MILLISECOND;

fn spec(capacity: Option<f64>, coalesce: bool, latencies: Latencies) -> spec::Router {
    let constant = |ms: u64| Law::Constant((ms * MILLISECOND) as f64);
    spec::Router {
        latencies,
        cache: Cache {
            hits: Hits::Ratio(1.0),
            latency: constant(2),
            coalesce,
            fill_after_timeout: false,
            starts: Starts::Warm,
        },
        store: Store { latency: constant(10), capacity, queue: Some(1), replication_lag: 7 },
        placement: Placement {
            policy: PlacementPolicy::LeastLoaded,
            by: PlacementBy::Customers,
            latency: constant(30),
        },
        network: constant(1),
        when_down: WhenDown { cache_asks_store: true, store_last_known: true },
        local_copy: Some(LocalCopy { covers: 1.0, refresh: 60 }),
    }
}

fn router(capacity: Option<f64>, coalesce: bool, latencies: Latencies) -> Router {
    Router::new(&spec(capacity, coalesce, latencies), 4, &mut EventList::new())
}

const KEY: Key = Key(5);
const LATENCY: Nanos = 10 * MILLISECOND;

fn strike(effect: Effect) -> Strike {
    let (key, place, destination, zone, tier) = (Key(1), None, None, None, None);
    Strike { activation: 0, key, place, destination, zone, tier, detected: false, effects: vec![effect] }
}

fn who() -> Facts {
    Facts { request: KEY, attempt: KEY, tier: 0, zones: 1, customer: 0 }
}

#[test]
fn a_store_answers_in_turn_and_refuses_beyond_its_queue() {
    let mut router = router(Some(1000.0), false, Latencies::PerStep);
    let mut ask = |id| router.ask(AttemptId(id), id, KEY, LATENCY, 0);
    let at = |ready| Answer::At { ready, is_shared: false };
    assert_eq!([ask(0), ask(1), ask(2)], [at(LATENCY), at(LATENCY + MILLISECOND), Answer::Full]);
    assert_eq!(router.mapping.in_flight, 2);
}

#[test]
fn one_answer_serves_all_who_ask_meanwhile() {
    let mut router = router(None, true, Latencies::PerStep);
    assert_eq!(router.ask(AttemptId(0), 3, KEY, LATENCY, 0), Answer::At { ready: LATENCY, is_shared: false });
    assert_eq!(router.ask(AttemptId(1), 3, KEY, LATENCY, 5), Answer::At { ready: LATENCY, is_shared: true });
    router.answered(3, true, true, LATENCY);
    let later = Answer::At { ready: 2 * LATENCY, is_shared: false };
    assert_eq!(router.ask(AttemptId(2), 3, KEY, LATENCY, LATENCY), later);
}

#[test]
fn total_latencies_hold_what_was_spent_before() {
    let mut total = router(None, false, Latencies::Total);
    assert_eq!(total.ask(AttemptId(0), 0, KEY, LATENCY, 0), Answer::At { ready: 8 * MILLISECOND, is_shared: false });
    assert_eq!(total.placing(30 * MILLISECOND, KEY), 20 * MILLISECOND);
    assert_eq!(router(None, false, Latencies::PerStep).placing(30 * MILLISECOND, KEY), 30 * MILLISECOND);
}

#[test]
fn what_is_found_is_known_from_then_on_unless_its_client_has_left() {
    let mut router = router(None, false, Latencies::PerStep);
    router.content.flush();
    for (waits, known) in [(false, false), (true, true)] {
        router.ask(AttemptId(0), 0, KEY, LATENCY, 0);
        router.answered(0, true, waits, LATENCY);
        assert_eq!(router.content.look_up(0, KEY, LATENCY), known);
    }
}

#[test]
fn a_fault_on_a_step_bears_on_that_step_alone() {
    let mut router = router(None, false, Latencies::PerStep);
    assert!(router.is_quiet() && router.hit_lane().is_some());
    router.struck(RouterStep::Network, vec![strike(Effect::Crash), strike(Effect::Slow { factor: 3.0, shift: 0 })]);
    assert!(!router.is_quiet() && router.hit_lane().is_none() && router.miss_lane().is_none());
    assert!(router.cache_is_quiet());
    assert_eq!(router.admit(RouterStep::Network, who), Admission::Refuse);
    assert_eq!(router.admit(RouterStep::Store, who), Admission::Pass);
    assert_eq!(router.latency(RouterStep::Network, KEY, who), 3 * MILLISECOND);
    assert_eq!(router.latency(RouterStep::Cache, KEY, who), 2 * MILLISECOND);
    router.struck(RouterStep::Network, Vec::new());
    assert!(router.is_quiet());
    assert_eq!(router.hit_latency(), Some(3 * MILLISECOND));
}

#[test]
fn a_store_that_stands_still_answers_when_it_goes_on() {
    let mut router = router(Some(1000.0), false, Latencies::PerStep);
    router.pace = Some(Pace { capacity: 1000.0, still: None, asked: std::collections::BTreeMap::new() });
    router.ask(AttemptId(0), 0, KEY, LATENCY, 0);
    router.ask(AttemptId(1), 1, KEY, LATENCY, 0);
    router.struck(RouterStep::Store, vec![strike(Effect::Capacity { factor: 0.0 })]);
    // The first one's turn has come; the second one waits for ever, and needs no event.
    let moved = router.change_pace(0, |_| false);
    assert_eq!(moved.iter().map(|(asked, id)| (asked.ready, id.0)).collect::<Vec<_>>(), [(NEVER, 1)]);
    assert!(
        router
            .pace
            .as_mut()
            .is_some_and(|pace| pace.takes(AttemptId(0), LATENCY) && !pace.takes(AttemptId(1), LATENCY))
    );
    router.store_crashes(LATENCY);
    assert!(router.lose(AttemptId(1), LATENCY) && !router.lose(AttemptId(0), LATENCY));
}

#[test]
fn the_local_copy_knows_whom_it_covers() {
    let router = router(None, false, Latencies::PerStep);
    assert!(router.remembers(KEY, |refresh| refresh == 60) && !router.remembers(KEY, |_| false));
}
