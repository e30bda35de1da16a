//! The same version, scenario and seed give the same bytes: on any number of threads, and however many replications follow.

#[path = "../support/mod.rs"]
mod support;

use support::{read, read_with, run, run_on};

const EVERYTHING: &str = r#"
[tier.big]
customers = 12
cells = 3
sla = "99.9%"
[tier.small]
customers = 120
customers_per_cell = { target = 50 }
sla = "99%"
new_customers = "20/min"
[client]
deadline = "2s"
timeout = "150ms"
attempts = 3
retry_budget = "20%"
[customer.whale]
tier = "big"
demand = "20/s"
cell = "dedicated"
[workflow.a]
demand = { big = "4/s", small = "0.4/s" }
skew = { zipf = 1.0 }
path = ["front", "back"]
stage.front = { service_time = { exponential = "20ms" }, size = { utilization = "60%" }, queue = 10 }
stage.back = { service_time = { p50 = "8ms", p99 = "40ms" }, size = { utilization = "60%" } }
[workflow.b]
demand = "0.5/s"
adoption = "60%"
stage.only = { service_time = { exponential = "30ms" }, size = { utilization = "50%" } }
[workflow.c]
demand = "0.3/s"
arrivals = { batch = 4 }
client.hedge = "60ms"
path = ["ask", "share"]
stage.ask = { kind = "fan-out", to = 5, needs = 4, hedge = "25ms", service_time = { exponential = "20ms" } }
stage.share = { service_time = { exponential = "20ms" }, size = { concurrency = 4 }, discipline = "processor-sharing", workers = { count = 4, shard = 2 } }
[router]
cache.entries = 60
store.capacity = "80/s"
placement.policy = "two-choices"
[fault.crash]
strikes = { workflow = "a", tier = "small", cell = 1 }
effect = "crash"
at = "20s ± 10s"
for = "20s"
[fault.flush]
strikes = { router = "cache" }
effect = "flush"
at = "70s"
[fault.outage]
each = "cell"
effect = { errors = "50%" }
mtbf = "3min"
mttr = "10s"
[fault.surge]
strikes = { customer = "whale" }
effect = { demand = 4 }
at = "40s"
for = "20s"
[run]
faults = "all"
warmup = "10s"
horizon = "100s"
replications = 6
[[expect]]
metric = "error_share"
mean = { at_most = "1%" }
"#;

fn bytes(results: &cellsim::experiment::outcome::Outcome) -> String {
    let mut results = results.clone();
    results.scenario_file.clear();
    for verdict in &mut results.verdicts {
        verdict.place.clear();
    }
    cellsim::report::json::run(&results, "", "", &[])
}

#[test]
fn one_thread_is_many() {
    let scenario = read(EVERYTHING);
    let one = bytes(&run_on(&scenario, 1));
    assert!(one.len() > 10_000 && one.contains("\"incidents\": [\n"));
    for threads in [2, 4] {
        assert!(one == bytes(&run_on(&scenario, threads)), "{threads} threads gave other results");
    }
}

#[test]
fn the_same_seed_twice_and_another() {
    let again = || bytes(&run(&read_with(EVERYTHING, &["run.replications=2"])));
    let first = again();
    assert!(first == again(), "the same scenario, other results");
    let other = bytes(&run(&read_with(EVERYTHING, &["run.replications=2", "run.seed=2"])));
    assert_ne!(first, other);
}

#[test]
fn further_replications_leave_the_first_ones_alone() {
    let all = run(&read(EVERYTHING));
    let few = run(&read_with(EVERYTHING, &["run.replications=3"]));
    let prefix: Vec<_> = all
        .requests()
        .expect("requests were run")
        .incidents
        .iter()
        .filter(|incident| incident.replication <= 3)
        .collect();
    assert!(!few.requests().expect("requests were run").incidents.is_empty());
    assert_eq!(
        serde_json::to_string(&few.requests().expect("requests were run").incidents).expect("plain data"),
        serde_json::to_string(&prefix).expect("plain data")
    );
}
