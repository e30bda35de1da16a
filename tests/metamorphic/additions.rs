//! Adding a surge, a cohort, a stage, a retry, a router, a tier shifts no other request's arrival, customer or luck.

use crate::support::{Life, Log, logged, read_with};
use cellsim::world::requests::world::World;

/// Delays only: a request's end then shows its own draws and nothing else.
const BASE: &str = r#"
[tier.big]
customers = 20
cells = 3
sla = "99.9%"
[tier.small]
customers = 200
cells = 2
sla = "99%"
[client]
deadline = "5s"
[workflow.a]
demand = { big = "4/s", small = "0.4/s" }
skew = { zipf = 1.0 }
path = ["one", "two"]
stage.one = { kind = "delay", service_time = { exponential = "20ms" } }
stage.two = { kind = "delay", service_time = { p50 = "8ms", p99 = "40ms" } }
[workflow.b]
demand = "0.5/s"
adoption = "80%"
stage.only = { kind = "delay", service_time = { exponential = "30ms" } }
[run]
warmup = "10s"
horizon = "60s"
replications = 1
"#;

const CLASSES: [&str; 4] = ["a/big", "a/small", "b/big", "b/small"];

fn grown(sets: &[&str]) -> (World, Log) {
    logged(&read_with(BASE, sets), 0)
}

/// All four classes, with what is drawn for each request.
#[track_caller]
fn same(what: &str, (old_world, old): &(World, Log), (new_world, new): &(World, Log), classes: &[&str]) {
    for class in classes {
        assert!(!old.lives(old_world, class, true).is_empty());
        assert!(
            old.lives(old_world, class, true) == new.lives(new_world, class, true),
            "{what} changed the luck of {class}"
        );
    }
}

#[test]
fn additions_leave_everything_else_alone() {
    let base = grown(&[]);
    let additions: [(&str, &[&str]); 9] = [
        ("a tier", &["tier.aaa={customers=7, cells=1, sla=\"99%\"}", "workflow.a.demand.aaa=3/s"]),
        ("a workflow", &["workflow.aa={demand=\"1/s\", stage.x={service_time=\"1ms\", size.concurrency=64}}"]),
        ("more cells", &["tier.big.cells=7", "tier.small.cells=5"]),
        ("shared cells", &["cells.shared_by=tiers"]),
        ("new customers", &["tier.small.new_customers=60/min"]),
        ("more attempts", &["client.attempts=4", "client.backoff=10ms", "client.retry_budget=10%"]),
        ("an instance size", &["stage.size.concurrency=9"]),
        ("a surge", &["fault.s={strikes={workflow=\"a\"}, effect={demand=5}, at=\"10s\", for=\"20s\"}"]),
        (
            "zones and a fault elsewhere",
            &[
                "zones=5",
                "fault.f={strikes={workflow=\"b\", tier=\"small\", zone=\"c\"}, effect={slow=1}, at=\"10s\", for=\"20s\"}",
            ],
        ),
    ];
    for (what, sets) in additions {
        let new = grown(sets);
        let classes: &[&str] = if what == "shared cells" { &[] } else { &CLASSES };
        same(what, &base, &new, classes);
        for class in CLASSES {
            assert!(
                base.1.lives(&base.0, class, false) == new.1.lives(&new.0, class, false),
                "{what} changed the arrivals of {class}"
            );
        }
    }
}

#[test]
fn a_cohort_comes_on_top() {
    let base = grown(&[]);
    let new =
        grown(&["tier.big.customers=22", "customer.whale={count=2, tier=\"big\", demand=\"30/s\", workflows=[\"a\"]}"]);
    same("a cohort", &base, &new, &["a/small", "b/small"]);
    let old_ones = |(world, log): &(World, Log)| -> Vec<Life> {
        log.lives(world, "a/big", true).into_iter().filter(|life| life.customer < 20).collect()
    };
    assert!(old_ones(&base) == old_ones(&new), "a cohort changed the luck of its tier");
    assert!(new.1.lives(&new.0, "a/big", true).iter().filter(|life| life.customer >= 20).count() > 3000);
}

#[test]
fn a_stage_takes_its_own_time_and_changes_no_other_draw() {
    let base = grown(&[]);
    let new = grown(&[
        "workflow.a.path=[\"one\", \"three\", \"two\"]",
        "workflow.a.stage.three={kind=\"delay\", service_time=\"7ms\"}",
    ]);
    same("a stage", &base, &new, &["b/big", "b/small"]);
    for class in ["a/big", "a/small"] {
        let later: Vec<Life> = base
            .1
            .lives(&base.0, class, true)
            .into_iter()
            .map(|life| Life { end: life.end + 7_000_000, ..life })
            .collect();
        let mut later = later;
        later.sort_unstable();
        assert!(later == new.1.lives(&new.0, class, true), "a stage changed the luck of {class}");
    }
    let turned = grown(&["workflow.a.path=[\"two\", \"one\"]"]);
    same("another order of stages", &base, &turned, &CLASSES);
}

#[test]
fn a_router_takes_its_own_time_and_changes_no_other_draw() {
    let base = grown(&[]);
    let router = "router={cache={hit_ratio=1.0, latency=\"3ms\"}, network.latency=\"2ms\"}";
    let new = grown(&[router]);
    for class in CLASSES {
        let later = base.1.lives(&base.0, class, true);
        let later: Vec<Life> = later.into_iter().map(|life| Life { end: life.end + 5_000_000, ..life }).collect();
        assert!(later == new.1.lives(&new.0, class, true), "a router changed the luck of {class}");
    }
}

#[test]
fn a_retry_changes_no_first_attempt() {
    let fault = "fault.f={strikes={workflow=\"a\"}, effect={errors=\"30%\"}, at=\"5s\", for=\"50s\"}";
    let once = grown(&[fault]);
    let thrice = grown(&[fault, "client.attempts=3", "client.backoff={first=\"50ms\", jitter=\"full\"}"]);
    same("a retry", &once, &thrice, &["b/big", "b/small"]);
    for class in ["a/big", "a/small"] {
        let (old, new) = (once.1.lives(&once.0, class, true), thrice.1.lives(&thrice.0, class, true));
        assert_eq!(old.len(), new.len());
        let (mut failed, mut saved) = (0, 0);
        for (old, new) in old.iter().zip(&new) {
            assert_eq!((old.arrival, old.customer), (new.arrival, new.customer));
            if old.failed.is_none() {
                assert_eq!(old, new, "what went well at once goes on to");
            } else {
                failed += 1;
                saved += u32::from(new.failed.is_none());
            }
        }
        // 91 % of them, 30 % twice failing.
        assert!(failed > 500 && f64::from(saved) > 0.85 * f64::from(failed), "{saved} of {failed}");
    }
}

#[test]
fn batches_are_the_luck_of_their_own_class() {
    let base = grown(&[]);
    let new = grown(&["workflow.a.arrivals={batch=3}"]);
    same("batches", &base, &new, &["b/big", "b/small"]);
    let surge = "fault.f={strikes={workflow=\"a\"}, effect={demand=2}, at=\"5s\", for=\"50s\"}";
    let both = grown(&["workflow.a.arrivals={batch=3}", surge]);
    same("a surge", &new, &both, &CLASSES);
}

#[test]
fn a_hedge_changes_no_first_copy() {
    let base = grown(&[]);
    let new = grown(&["workflow.a.client.hedge=30ms"]);
    same("a hedge", &base, &new, &["b/big", "b/small"]);
    let mut earlier = 0;
    for class in ["a/big", "a/small"] {
        let (old, new) = (base.1.lives(&base.0, class, true), new.1.lives(&new.0, class, true));
        assert_eq!(old.len(), new.len());
        for (old, new) in old.iter().zip(&new) {
            assert_eq!((old.arrival, old.customer, old.failed), (new.arrival, new.customer, new.failed));
            assert!(new.end <= old.end, "nobody contends: a second copy cannot make it later");
            if old.end - old.arrival <= 30_000_000 {
                assert_eq!(old.end, new.end, "answered before the hedge");
            }
            earlier += u32::from(new.end < old.end);
        }
    }
    assert!(earlier > 500, "{earlier}");
}

#[test]
fn a_leaf_changes_no_other_leaf() {
    let stage = |to: u32| format!("workflow.b.stage.only={{kind=\"fan-out\", to={to}}}");
    let three = grown(&[&stage(3)]);
    let four = grown(&[&stage(4)]);
    same("a leaf", &three, &four, &["a/big", "a/small"]);
    let (old, new) = (three.1.lives(&three.0, "b/small", true), four.1.lives(&four.0, "b/small", true));
    let same = old.iter().zip(&new).filter(|(old, new)| old.end == new.end).count() as f64;
    assert!(old.iter().zip(&new).all(|(old, new)| old.arrival == new.arrival && old.end <= new.end));
    // The fourth is the slowest of four in a quarter of all cases.
    let n = old.len() as f64;
    assert!((same / n - 0.75).abs() < 4.5 * (0.1875 / n).sqrt(), "{same} of {n}");
}

#[test]
fn demand_below_one_takes_requests_away_and_adds_none() {
    let base = grown(&[]);
    let fewer = grown(&["fault.f={strikes={workflow=\"a\"}, effect={demand=0.4}, at=\"0s\", for=\"60s\"}"]);
    same("thinning", &base, &fewer, &["b/big", "b/small"]);
    let all = base.1.lives(&base.0, "a/big", true);
    let left = fewer.1.lives(&fewer.0, "a/big", true);
    assert!(left.iter().all(|life| all.binary_search(life).is_ok()), "a request appeared");
    let counted =
        |lives: &[Life]| lives.iter().filter(|life| (10e9..70e9).contains(&(life.arrival as f64))).count() as f64;
    let (share, n) = (counted(&left) / counted(&all), counted(&all));
    assert!((share - 0.4).abs() < 4.5 * (0.24 / n).sqrt(), "{share} of {n}");
}
