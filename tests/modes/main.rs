//! Stations settle work ahead where nothing can disturb it. Here: whether they do or not, the results are the same to the last bit.

use std::path::Path;
use std::sync::Arc;

use cellsim::experiment::replication::{self, Replication};
use cellsim::scenario::Scenario;
use cellsim::world::platform::Platform;

fn scenario(file: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    Scenario::read(&path, &sets).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)))
}

fn same(file: &str, sets: &[&str]) -> Replication {
    let scenario = scenario(file, sets);
    let platform = Arc::new(Platform::new(&scenario).expect("feasible"));
    let ahead = replication::run(&scenario, &platform, 0);
    let by_events = replication::run_by_events_only(&scenario, &platform, 0);
    // Everything that is counted, to the last bit: histograms, time lines, busy time, incidents, budgets.
    assert_eq!(format!("{ahead:?}"), format!("{by_events:?}"), "{file} {sets:?}");
    ahead
}

/// A small world with all kinds of faults: two stages, one of them the last.
const FILE: &str = "tests/modes/faults.toml";

#[test]
fn under_every_kind_of_fault() {
    let run = same(FILE, &[]);
    assert!(run.incidents.len() >= 5, "{} incidents", run.incidents.len());
    let failed: u64 = run.with_faults.tallies.iter().map(cellsim::measure::tally::Tally::all_failed).sum();
    assert!(failed > 100, "{failed} failed");
}

#[test]
fn with_bounded_queues_and_work_dropped_when_it_expires() {
    for sets in [
        &["stage.queue=3"][..],
        &["stage.queue=0"],
        &["stage.expired=drop", "client.timeout=60ms"],
        &["stage.expired=serve", "client.timeout=60ms"],
        &["client.timeout=25ms", "client.attempts=4", "client.retry_budget=50%"],
        &["workflow.one.client.hedge=60ms"],
        &["workflow.one.stage.work.workers={count=4, shard=2}", "client.attempts=2"],
        &["router.cache.latency={ uniform = { from = \"1ms\", to = \"9ms\" } }"],
        &["workflow.one.stage.work.service_time=20ms", "router.network.latency=0ms"],
    ] {
        same(FILE, sets);
    }
}

#[test]
fn in_a_busy_station() {
    let run = same("benches/models/cell-model.toml", &["run.horizon=20s", "run.warmup=2s"]);
    assert!(run.with_faults.tallies[0].requests > 100_000);
}
