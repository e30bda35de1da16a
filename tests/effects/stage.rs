//! Keys of `[stage]`.

use cellsim::experiment::outcome::Outcome;

use crate::Moves::{Down, Up};
use crate::{compare, figure, moves};

/// 10 slots at 80 %; half of them are lost for 20 s.
const STAGE: &str = r#"
[tier.t]
customers = 100
cells = 1
sla = "99%"
[client]
deadline = "20s"
timeout = "1s"
[workflow.w]
demand = "1/s"
stage.s = { service_time = { exponential = "80ms" }, size = { concurrency = 10 } }
[run]
warmup = "10s"
horizon = "60s"
replications = 4
"#;

const OVERLOAD: &str = "fault.f={strikes={workflow=\"w\"}, effect={capacity=\"50%\"}, at=\"10s\", for=\"20s\"}";

#[test]
fn times_and_kinds() {
    let p99 = figure("latency", "p99");
    moves(STAGE, &["workflow.w.stage.s.service_time={exponential=\"90ms\"}"], "p99", &p99, Up);
    moves(STAGE, &["stage.kind=delay"], "p99", &p99, Down);
    moves(STAGE, &["workflow.w.stage.s.size.concurrency=12"], "p99", &p99, Down);
}

#[test]
fn queues() {
    moves(STAGE, &["stage.queue=0"], "errors", &figure("error_share", "mean"), Up);
    moves(STAGE, &["stage.queue=0"], "p99 of ok", &figure("ok_latency", "p99"), Down);
    let busy = "workflow.w.stage.s.service_time={exponential=\"95ms\"}";
    let patient = [busy, "client.timeout=20s"];
    compare(STAGE, &patient, &["stage.discipline=lifo"], "p50", &figure("latency", "p50"), Down);
    compare(STAGE, &patient, &["stage.discipline=lifo"], "p99", &figure("latency", "p99"), Up);
}

#[test]
fn sharing() {
    // Short work overtakes long work; long work waits for everybody.
    let uneven = "workflow.w.stage.s.service_time={hyperexponential=[{share=\"90%\", mean=\"30ms\"}, {share=\"10%\", mean=\"600ms\"}]}";
    let patient = [uneven, "client.timeout=20s"];
    let shared = ["stage.discipline=processor-sharing"];
    compare(STAGE, &patient, &shared, "p50", &figure("latency", "p50"), Down);
    compare(
        STAGE,
        &patient,
        &["stage.discipline=processor-sharing", "stage.queue=0"],
        "errors",
        &figure("error_share", "mean"),
        Up,
    );
    // Fewer slots: everybody is slower, nobody is lost.
    let half = [uneven, "client.timeout=20s", "stage.discipline=processor-sharing"];
    compare(STAGE, &half, &[OVERLOAD], "p90", &figure("latency", "p90"), Up);
    let crash = OVERLOAD.replace("{capacity=\"50%\"}", "\"crash\"");
    let (_, lost) = compare(STAGE, &half, &[&crash], "errors", &figure("error_share", "mean"), Up);
    assert!((lost - 1.0 / 3.0).abs() < 0.03, "{lost}");
}

#[test]
fn expired_work_is_served_or_dropped() {
    let goodput = figure("goodput", "mean");
    compare(STAGE, &[OVERLOAD], &["stage.expired=drop"], "goodput", &goodput, Up);
    compare(STAGE, &[OVERLOAD], &["stage.discipline=lifo"], "goodput", &goodput, Up);
}

#[test]
fn sizes() {
    let instances = |results: &Outcome| results.facts.instances as f64;
    let slots = |results: &Outcome| results.facts.groups[0].stations[0].slots as f64;
    let sized = ["workflow.w.stage.s.size.utilization=60%"];
    compare(STAGE, &sized, &["workflow.w.stage.s.size.utilization=40%"], "slots", &slots, Up);
    compare(STAGE, &sized, &["stage.instance.concurrency=4"], "instances", &instances, Down);
    compare(STAGE, &sized, &["stage.instance={concurrency=4, min_per_zone=3}"], "instances", &instances, Down);
    compare(STAGE, &sized, &["stage.instance.min_per_zone=9"], "instances", &instances, Up);
    let skewed = ["workflow.w.stage.s.size.utilization=60%", "workflow.w.skew={zipf=1.0}", "tier.t.cells=6"];
    compare(STAGE, &skewed, &["workflow.w.stage.s.size.cells=own"], "instances", &instances, Down);
}

#[test]
fn zones_spread_what_can_be_lost() {
    let fault = "fault.f={strikes={zone=\"a\"}, effect=\"crash\", at=\"10s\", for=\"20s\"}";
    compare(STAGE, &[fault], &["zones=5"], "errors", &figure("error_share", "mean"), Down);
    let lost = |results: &Outcome| results.facts.groups[0].stations[0].utilization_zone_lost;
    moves(STAGE, &["zones=5"], "utilization without a zone", &lost, Down);
}
