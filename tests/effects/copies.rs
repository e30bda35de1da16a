//! Keys of fan-outs, hedges and workers.

use cellsim::experiment::outcome::Outcome;

use crate::Moves::{Down, Up};
use crate::support::{Of, incident, run_with, value_of};
use crate::{compare, figure, moves};

/// Three answers needed of three.
const FAN_OUT: &str = r#"
[tier.t]
customers = 50
cells = 2
sla = "99%"
[client]
deadline = "2s"
[workflow.w]
demand = "2/s"
stage.ask = { kind = "fan-out", to = 3, service_time = { exponential = "50ms" } }
[run]
warmup = "5s"
horizon = "60s"
replications = 3
"#;

fn struck(strikes: &str, effect: &str) -> String {
    format!("fault.f={{strikes={{workflow=\"w\", stage=\"ask\"{strikes}}}, effect={effect}, at=\"10s\", for=\"40s\"}}")
}

#[test]
fn destinations_and_answers() {
    let p90 = figure("latency", "p90");
    moves(FAN_OUT, &["workflow.w.stage.ask.to=9"], "p90", &p90, Up);
    moves(FAN_OUT, &["workflow.w.stage.ask.needs=2"], "p90", &p90, Down);
    let none = run_with(FAN_OUT, &["workflow.w.stage.ask.needs=none"]);
    assert!(p90(&none) < 1e-3, "goes on at once: {}", p90(&none));
    moves(FAN_OUT, &["workflow.w.stage.ask.hedge=60ms"], "p90", &p90, Down);
    let calls = figure("call_amplification", "mean");
    moves(FAN_OUT, &["workflow.w.stage.ask.hedge=60ms"], "calls", &calls, Up);
    moves(FAN_OUT, &["workflow.w.stage.ask.service_time={exponential=\"80ms\"}"], "p90", &p90, Up);
}

#[test]
fn luck_of_calls() {
    let slow = ["client={timeout=\"150ms\", attempts=3, backoff=\"1ms\"}"];
    let errors = figure("error_share", "mean");
    compare(FAN_OUT, &slow, &["workflow.w.stage.ask.luck=request"], "errors", &errors, Up);
}

#[test]
fn faults_of_destinations() {
    let errors = figure("error_share", "mean");
    let one = struck(", destination=2", "\"crash\"");
    let (_, all) = moves(FAN_OUT, &[&one], "errors", &errors, Up);
    assert!((all - 40.0 / 60.0).abs() < 0.03, "{all}: every request needs it");
    compare(FAN_OUT, &[&one], &["workflow.w.stage.ask.needs=2"], "errors", &errors, Down);
    let silent = struck(", destination=2", "\"blackhole\"");
    let timed_out = |results: &Outcome| value_of(results, "error_share/timed-out", "mean", Of::default());
    assert!((timed_out(&run_with(FAN_OUT, &[&silent])) - 40.0 / 60.0).abs() < 0.03);
    // Each call has its own luck: 1 - 0.9^3 of the requests.
    let (_, some) = moves(FAN_OUT, &[&struck("", "{errors=\"10%\"}")], "errors", &errors, Up);
    assert!((some - 0.271 * 40.0 / 60.0).abs() < 0.02, "{some}");
    let (_, fewer) = moves(FAN_OUT, &[&struck(", destination=1", "{errors=\"10%\"}")], "errors", &errors, Up);
    assert!((fewer - 0.1 * 40.0 / 60.0).abs() < 0.015, "{fewer}");
    let slow = struck(", destination=1", "{slow=5}");
    moves(FAN_OUT, &[&slow], "slowed", &figure("ok_latency", "p50"), Up);
    compare(FAN_OUT, &[&slow], &["workflow.w.stage.ask.needs=2"], "waited for", &figure("ok_latency", "p50"), Down);
}

#[test]
fn faults_of_delays() {
    let delay = ["workflow.w.stage.ask={kind=\"delay\", to=false}"];
    let errors = figure("error_share", "mean");
    for (effect, share) in [("\"crash\"", 1.0), ("\"blackhole\"", 1.0), ("{errors=\"30%\"}", 0.3)] {
        let (_, failed) = compare(FAN_OUT, &delay, &[&struck("", effect)], "errors", &errors, Up);
        assert!((failed - share * 40.0 / 60.0).abs() < 0.03, "{effect}: {failed}");
    }
    compare(FAN_OUT, &delay, &[&struck("", "{slow_by=\"100ms\"}")], "p50", &figure("ok_latency", "p50"), Up);
}

/// Busy slots, now and then a slow one.
const HEDGE: &str = r#"
[tier.t]
customers = 50
cells = 2
sla = "99%"
[client]
deadline = "3s"
[workflow.w]
demand = "2/s"
stage.s = { service_time = { hyperexponential = [{ share = "95%", mean = "10ms" }, { share = "5%", mean = "400ms" }] }, size = { concurrency = 8 } }
[run]
warmup = "5s"
horizon = "60s"
replications = 3
"#;

#[test]
fn hedges() {
    let (_, trimmed) = moves(HEDGE, &["client.hedge=60ms"], "p99", &figure("latency", "p99"), Down);
    assert!(trimmed < 0.5, "{trimmed}");
    let attempts = figure("retry_amplification", "mean");
    let (_, few) = moves(HEDGE, &["client.hedge=60ms"], "attempts", &attempts, Up);
    let (_, many) = compare(HEDGE, &["client.hedge=60ms"], &["client.hedge=5ms"], "attempts", &attempts, Up);
    assert!(few < 1.1 && many > 1.4, "{few} {many}");
    let warnings = |results: &Outcome| results.warnings.len() as f64;
    let busy = ["workflow.w.stage.s.size.concurrency=2", "client.deadline=30s"];
    compare(HEDGE, &busy, &["client.hedge=1s"], "warnings of storms", &warnings, Up);
    // Both copies load the stations.
    moves(HEDGE, &["client.hedge=60ms"], "utilization", &figure("utilization", "mean"), Up);
    // Luck that stays with the request makes a second copy useless.
    compare(HEDGE, &["client.hedge=60ms"], &["stage.luck=request"], "p99", &figure("latency", "p99"), Up);
    // A copy in another zone, or with other luck, saves the attempt.
    let lost = "fault.f={strikes={workflow=\"w\"}, effect={errors=\"50%\"}, at=\"10s\", for=\"40s\"}";
    let fast = ["client.deadline=200ms", "workflow.w.stage.s.service_time=80ms", lost];
    let errors = figure("error_share", "mean");
    let (one, _) = compare(HEDGE, &fast, &["client.attempts=2"], "errors", &errors, Down);
    assert!((one - 0.5 * 40.0 / 60.0).abs() < 0.02, "an error ends the attempt before a hedge is sent: {one}");
    let swallowed = lost.replace("{errors=\"50%\"}", "\"blackhole\"").replace("w\"}", "w\", zone=\"a\"}");
    let room = "workflow.w.stage.s.size.concurrency=40";
    let fast = ["client.deadline=200ms", "workflow.w.stage.s.service_time=80ms", room, swallowed.as_str()];
    let (one, both) = compare(HEDGE, &fast, &["client.hedge=90ms"], "errors", &errors, Down);
    assert!((both - one / 3.0).abs() < 0.03, "lost only if both copies go to the dead zone: {one} {both}");
}

/// Eight workers.
const WORKERS: &str = r#"
[tier.t]
customers = 40
cells = 1
sla = "99%"
[client]
deadline = "1s"
[workflow.w]
demand = "2/s"
stage.s = { service_time = { exponential = "10ms" }, size = { concurrency = 2 }, workers = 8 }
[fault.f]
strikes = { workflow = "w", stage = "s", worker = 3 }
effect = "crash"
at = "10s"
for = "40s"
[run]
warmup = "5s"
horizon = "3min"
replications = 1
"#;

#[test]
fn workers() {
    let instances = |results: &Outcome| results.facts.instances as f64;
    moves(WORKERS, &["workflow.w.stage.s.workers=9"], "instances", &instances, Up);
    let sharded = "workflow.w.stage.s.workers={count=8, shard=2, assign=\"fixed\"}";
    let exposed = |results: &Outcome| incident(results).exposed as f64;
    let (all, ten) = moves(WORKERS, &[sharded], "exposed", &exposed, Down);
    assert_eq!((all, ten), (40.0, 10.0));
    moves(WORKERS, &["workflow.w.stage.s.workers={count=8, shard=4, assign=\"fixed\"}"], "exposed", &exposed, Down);
    let errors = figure("error_share", "mean");
    let (eighth, _) = moves(WORKERS, &["client.attempts=2", "client.backoff=1ms"], "errors", &errors, Down);
    assert!((eighth - 40.0 / 180.0 / 8.0).abs() < 0.005, "{eighth}");
    // Shards overlap if they are shuffled: a customer's workers are also some of others'.
    let of_one = "fault.f.strikes={worker=false, workers_of=\"t/1\"}";
    let shuffled = "workflow.w.stage.s.workers.assign=shuffle";
    let (fixed, overlapping) = compare(WORKERS, &[sharded, of_one], &[shuffled], "exposed", &exposed, Up);
    assert!(fixed == 10.0 && (12.0..32.0).contains(&overlapping), "{fixed} {overlapping}");
    // A retry goes to the other worker of the shard: only who shares both is down.
    let retry = [sharded, of_one, shuffled, "client.attempts=2", "client.backoff=1ms"];
    let harmed = |results: &Outcome| incident(results).harmed as f64;
    let (few, many) = compare(WORKERS, &retry, &["client.attempts=1"], "harmed", &harmed, Up);
    assert!(few <= 3.0 && many == overlapping, "{few} {many}");
    // So does a hedge.
    let hedge = [sharded, of_one, shuffled, "fault.f.effect=blackhole"];
    compare(WORKERS, &hedge, &["client.hedge=200ms"], "harmed", &harmed, Down);
}
