//! Keys of `[router]`.

use cellsim::catalogue::Metric;
use cellsim::experiment::outcome::Outcome;

use crate::Moves::{Down, Up};
use crate::support::{Of, run_with, value_of};
use crate::{compare, figure, moves};

/// 200 customers, 200 requests per second, a router, one millisecond of work.
const ROUTER: &str = r#"
[tier.t]
customers = 200
cells = 4
sla = "99%"
[workflow.w]
demand = "1/s"
client = { deadline = "5s" }
stage.s = { kind = "delay", service_time = "1ms" }
[router]
[run]
warmup = "20s"
horizon = "60s"
replications = 3
"#;

const FLUSH: &str = "fault.f={strikes={router=\"cache\"}, effect=\"flush\", at=\"10s\"}";

fn path(results: &Outcome, path: &str, statistic: &str) -> f64 {
    let found = results.rows.iter().find(|row| {
        let subject = &row.subject;
        subject.metric == Metric::RouterLatency
            && subject.statistic.to_string() == statistic
            && subject.field("path") == path
    });
    found.and_then(|row| row.estimate.value).unwrap_or_else(|| panic!("no latency of {path}"))
}

fn near(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 0.02, "{found} instead of {expected}");
}

#[test]
fn latencies_add_up_or_are_totals() {
    let newcomers = "tier.t.new_customers=1000/min";
    let steps = run_with(ROUTER, &[newcomers]);
    near(path(&steps, "hit", "p50"), 0.005);
    near(path(&steps, "miss", "p50"), 0.020);
    near(path(&steps, "new", "p50"), 0.040);
    let total = run_with(ROUTER, &[newcomers, "router.latencies=total"]);
    near(path(&total, "hit", "p50"), 0.005);
    near(path(&total, "miss", "p50"), 0.015);
    near(path(&total, "new", "p50"), 0.020);
}

#[test]
fn cache() {
    moves(ROUTER, &["router.cache.hit_ratio=50%"], "hit ratio", &figure("hit_ratio", "mean"), Down);
    moves(ROUTER, &["router.cache.hit_ratio=50%"], "store load", &figure("store_load", "mean"), Up);
    moves(ROUTER, &["router.cache.latency=10ms"], "p50", &figure("latency", "p50"), Up);
    compare(ROUTER, &["router.cache.ttl=1s"], &["router.cache.ttl=4s"], "hits", &figure("hit_ratio", "mean"), Up);
    compare(
        ROUTER,
        &["router.cache.entries=50"],
        &["router.cache.entries=100"],
        "hits",
        &figure("hit_ratio", "mean"),
        Up,
    );
}

#[test]
fn coalesced_misses_ask_once() {
    let slow = ["router.store.latency=2s", "router.cache.hit_ratio=100%", FLUSH];
    let (many, one) =
        compare(ROUTER, &slow, &["router.cache.coalesce=true"], "store load", &figure("store_load", "mean"), Down);
    // Each of 200 customers sends 2 more within the 2 s: 3 look-ups, or 1.
    near(many * 60.0 / 200.0, 3.0);
    near(one * 60.0 / 200.0, 1.0);
}

#[test]
fn late_answers_fill_the_cache_or_not() {
    let late = ["router.store.latency=1500ms", "workflow.w.client.timeout=1s", "router.cache.hit_ratio=100%", FLUSH];
    let refuse = ["router.cache.fill_after_timeout=false"];
    let (_, never) = compare(ROUTER, &late, &refuse, "errors", &figure("error_share", "mean"), Up);
    near(never, 50.0 / 60.0);
}

#[test]
fn store() {
    moves(ROUTER, &["router.store.latency=50ms"], "p99", &figure("latency", "p99"), Up);
    let cold = ["router.cache.hit_ratio=0%"];
    compare(ROUTER, &cold, &["router.store.capacity=210/s"], "p50", &figure("latency", "p50"), Up);
    // Entries that hardly live: as cold, but nobody can tell beforehand how much is asked of the store.
    let small = ["router.cache.ttl=1us", "router.store.capacity=150/s"];
    // Whoever waits behind everybody waits too long; behind five, a quarter is refused and the others are served.
    let (_, refused) =
        compare(ROUTER, &small, &["router.store.queue=5"], "errors", &figure("error_share", "mean"), Down);
    // M/D/1/6: 0.2576; with a place more 0.2541.
    assert!((refused - 0.2576).abs() < 0.002, "{refused}");
}

/// Look-ups that wait when the store's capacity changes are served at the new pace: they neither fail nor are they forgotten.
#[test]
fn a_store_catches_up_at_the_pace_it_has() {
    let patient = ["workflow.w.client.deadline=50s", "router.cache.hit_ratio=0%", "router.store.capacity=250/s"];
    let slow = |share: &str, length: u32| {
        format!(
            "fault.f={{strikes={{router=\"store\"}}, effect={{capacity=\"{share}\"}}, at=\"5s\", for=\"{length}s\"}}"
        )
    };
    let fault = slow("20%", 10);
    let sets = [&patient[..], &[fault.as_str()]].concat();
    let results = run_with(ROUTER, &sets);
    // 200/s meet 50/s for 10 s, then 250/s. Who comes 2.5 s after the onset waits longest: for 7.5 s, until the fault ends. Who
    // comes at its end finds 1,500 waiting: 6 s (30 s if they were still served at the slow pace).
    let with_faults = Of { condition: Some("with faults"), ..Of::default() };
    let longest = value_of(&results, "latency", "p99", with_faults);
    assert!((7.1..7.6).contains(&longest), "{longest} instead of 7.4");
    let errors = figure("error_share", "mean");
    assert_eq!(errors(&results), 0.0);
    let coalescing = run_with(ROUTER, &[&sets[..], &["router.cache.coalesce=true"]].concat());
    assert!(errors(&coalescing) == 0.0 && value_of(&coalescing, "latency", "p99", with_faults) < longest);
    // While it stands still newcomers get the last known mapping, and who waits goes on waiting.
    let still = slow("0%", 4).replace("fault.f", "fault.g").replace("\"5s\"", "\"9s\"");
    let known =
        ["router.when_down.store=last-known", "router.when_down.local_copy={covers=\"100%\", refresh=\"1min\"}"];
    let stopped = run_with(ROUTER, &[&sets[..], &[still.as_str()], &known].concat());
    let waited = value_of(&stopped, "latency", "p99", with_faults);
    assert!(errors(&stopped) == 0.0 && (8.0..11.6).contains(&waited), "{waited}");
}

#[test]
fn a_lagging_replica_does_not_know_new_customers() {
    let newcomers = ["tier.t.new_customers=600/min"];
    let lag = ["router.store.replication_lag=20s"];
    compare(ROUTER, &newcomers, &lag, "hits", &figure("hit_ratio", "mean"), Down);
    compare(ROUTER, &newcomers, &lag, "p90", &figure("latency", "p90"), Up);
}

#[test]
fn placement() {
    let spread = |results: &Outcome| (results.facts.groups[0].largest - results.facts.groups[0].smallest) as f64;
    let busiest = |results: &Outcome| results.facts.groups[0].busiest_requests_per_second;
    for policy in ["random", "consistent-hash", "two-choices"] {
        let policy = format!("router.placement.policy={policy}");
        let (even, uneven) = moves(ROUTER, &[&policy], "customers of a cell", &spread, Up);
        assert!(even == 0.0 && uneven >= 2.0, "{policy}");
    }
    let skewed = ["workflow.w.skew={zipf=1.0}"];
    compare(ROUTER, &skewed, &["router.placement.by=load"], "busiest cell", &busiest, Down);
    compare(ROUTER, &skewed, &["router.placement.by=load"], "spread", &spread, Up);
    let newcomers = ["tier.t.new_customers=1000/min"];
    let slow = ["router.placement.latency=90ms"];
    compare(ROUTER, &newcomers, &slow, "new", &|results| path(results, "new", "p50"), Up);
}

#[test]
fn network() {
    let (before, after) = moves(ROUTER, &["router.network.latency=10ms"], "p50", &figure("latency", "p50"), Up);
    near(after - before, 0.010);
}

#[test]
fn what_happens_when_a_step_is_down() {
    let errors = figure("error_share", "mean");
    let down =
        |step: &str| format!("fault.f={{strikes={{router=\"{step}\"}}, effect=\"crash\", at=\"5s\", for=\"50s\"}}");
    let cache = down("cache");
    let (_, failed) = compare(ROUTER, &[&cache], &["router.when_down.cache=fail"], "errors", &errors, Up);
    near(failed, 50.0 / 60.0);
    let store = down("store");
    let cold = [
        store.as_str(),
        "router.cache.hit_ratio=0%",
        "router.when_down.local_copy={covers=\"100%\", refresh=\"1min\"}",
    ];
    let (failed, saved) = compare(ROUTER, &cold, &["router.when_down.store=last-known"], "errors", &errors, Down);
    near(failed, 50.0 / 60.0);
    assert!(saved < 1e-3, "a copy that covers all saves all, from the first second on: {saved}");
    let known = [&cold[..], &["router.when_down.store=last-known"]].concat();
    let (_, half) = compare(ROUTER, &known, &["router.when_down.local_copy.covers=50%"], "errors", &errors, Up);
    assert!((0.3..0.55).contains(&half), "{half}");
    let joining = [&known[..], &["tier.t.new_customers=600/min"]].concat();
    compare(ROUTER, &joining, &["router.when_down.local_copy.refresh=1s"], "errors", &errors, Down);
    // So does a store that has no room, or no capacity left.
    let small = ["router.cache.hit_ratio=0%", "router.store={capacity=\"250/s\", queue=3}", cold[2]];
    let lost = "fault.f={strikes={router=\"store\"}, effect={capacity=\"0%\"}, at=\"5s\", for=\"50s\"}";
    let half = "fault.f={strikes={router=\"store\"}, effect={capacity=\"50%\"}, at=\"5s\", for=\"50s\"}";
    for fault in [lost, half] {
        let full = [&small[..], &[fault]].concat();
        let (failed, saved) = compare(ROUTER, &full, &["router.when_down.store=last-known"], "errors", &errors, Down);
        assert!(failed > 0.3 && saved < 1e-3, "{fault}: {failed} {saved}");
    }
    let placement = down("placement");
    let joining = ["tier.t.new_customers=600/min"];
    compare(ROUTER, &joining, &[&placement], "errors", &errors, Up);
    let network = down("network");
    let (_, failed) = moves(ROUTER, &[&network], "errors", &errors, Up);
    near(failed, 50.0 / 60.0);
}
