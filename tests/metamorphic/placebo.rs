//! A fault that does nothing harms exactly nobody, and not one request notices.

use crate::support::{incident, logged, read, replicate, run_text};

/// Two tiers, two workflows, a router, retries, new customers.
const PLATFORM: &str = r#"
[tier.big]
customers = 20
cells = 3
sla = "99.9%"
[tier.small]
customers = 200
cells = 2
sla = "99%"
new_customers = "20/min"
[client]
deadline = "2s"
timeout = "50ms"
attempts = 3
retry_budget = "20%"
[workflow.a]
demand = { big = "4/s", small = "0.4/s" }
path = ["front", "wait", "back"]
stage.front = { service_time = { exponential = "20ms" }, size = { concurrency = 3 }, queue = 10 }
stage.wait = { kind = "delay", service_time = { exponential = "5ms" } }
stage.back = { service_time = { p50 = "8ms", p99 = "40ms" }, size = { utilization = "60%" } }
[workflow.b]
demand = "0.5/s"
stage.only = { service_time = { exponential = "30ms" }, size = { concurrency = 12 }, discipline = "lifo", expired = "drop" }
[router]
store.capacity = "100/s"
cache.hit_ratio = "80%"
[run]
warmup = "10s"
horizon = "100s"
replications = 1
"#;

fn with_fault(strikes: &str, effect: &str) -> String {
    format!("{PLATFORM}\n[fault.f]\nstrikes = {strikes}\neffect = {effect}\nat = \"20s\"\nfor = \"40s\"\n")
}

const NOTHING: [&str; 6] = [
    "{ slow = 1 }",
    "{ slow = 1, slow_by = \"0ms\" }",
    "{ errors = \"0%\" }",
    "{ errors = \"0%\", per = \"request\" }",
    "{ errors = \"0%\", per = \"slot\" }",
    "{ capacity = \"100%\" }",
];

fn placebos() -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::new();
    for strikes in [
        "{ platform = true }",
        "{ workflow = \"a\", tier = \"big\", cell = 2 }",
        "{ workflow = \"a\", stage = \"wait\" }",
        "{ workflow = \"a\", stage = \"front\" }",
        "{ zone = \"b\" }",
        "{ workflow = \"b\", tier = \"small\", cell_of = \"busiest\" }",
    ] {
        // A delay has no slots.
        let fits =
            |effect: &&str| !strikes.contains("wait") || !effect.contains("slot") && !effect.contains("capacity");
        all.extend(NOTHING.iter().copied().filter(fits).map(|effect| (strikes, effect)));
    }
    for step in
        ["{ router = \"cache\" }", "{ router = \"store\" }", "{ router = \"placement\" }", "{ router = \"network\" }"]
    {
        all.extend([
            (step, "{ slow = 1 }"),
            (step, "{ errors = \"0%\" }"),
            (step, "{ errors = \"0%\", per = \"customer\" }"),
        ]);
    }
    all.push(("{ router = \"store\" }", "{ capacity = \"100%\" }"));
    for whom in ["{ platform = true }", "{ tier = \"small\" }", "{ customer = \"big/7\" }", "{ workflow = \"b\" }"] {
        all.extend([(whom, "{ demand = 1 }"), (whom, "{ errors = \"0%\", per = \"customer\" }")]);
    }
    all
}

#[test]
fn a_placebo_harms_exactly_nobody() {
    let (_, calm) = logged(&read(PLATFORM), 0);
    assert!(calm.resolved.iter().any(|end| end.4.is_some()), "some requests fail all the same");
    for (strikes, effect) in placebos() {
        let scenario = read(&with_fault(strikes, effect));
        let (_, log) = logged(&scenario, 0);
        assert!(log.resolved == calm.resolved, "{effect} on {strikes} changed an outcome");
        assert!(log.attempts == calm.attempts, "{effect} on {strikes} changed an attempt");
        assert_eq!((log.lookups, log.hits), (calm.lookups, calm.hits), "{effect} on {strikes}");
    }
}

#[test]
fn a_placebo_harms_nobody_with_copies_of_everything() {
    let text = PLATFORM
        .replace("timeout = \"50ms\"", "timeout = \"50ms\"\nhedge = \"20ms\"")
        .replace("kind = \"delay\"", "kind = \"fan-out\", to = 3, needs = 2, hedge = \"6ms\"")
        .replace("size = { concurrency = 3 }", "size = { concurrency = 2 }, workers = { count = 4, shard = 2 }")
        .replace("discipline = \"lifo\", expired = \"drop\"", "discipline = \"processor-sharing\"");
    assert!(["hedge = \"20ms\"", "fan-out", "workers", "sharing"].iter().all(|part| text.contains(part)), "{text}");
    let (_, calm) = logged(&read(&text), 0);
    for strikes in [
        "{ platform = true }",
        "{ workflow = \"b\", stage = \"only\" }",
        "{ workflow = \"a\", stage = \"wait\" }",
        "{ workflow = \"a\", stage = \"wait\", destination = 2 }",
        "{ workflow = \"a\", stage = \"front\", worker = 3 }",
        "{ workflow = \"a\", stage = \"front\", workers_of = \"big/3\" }",
    ] {
        for effect in ["{ slow = 1 }", "{ errors = \"0%\" }"] {
            let fault = format!("[fault.f]\nstrikes = {strikes}\neffect = {effect}\nat = \"20s\"\nfor = \"40s\"\n");
            let (_, log) = logged(&read(&format!("{text}{fault}")), 0);
            assert!(log.resolved == calm.resolved, "{effect} on {strikes} changed an outcome");
            assert!(log.attempts == calm.attempts, "{effect} on {strikes} changed an attempt");
        }
    }
}

#[test]
fn a_placebo_is_reported_as_one() {
    for (strikes, effect) in [
        ("{ platform = true }", "{ slow = 1 }"),
        ("{ zone = \"b\" }", "{ capacity = \"100%\" }"),
        ("{ router = \"store\" }", "{ errors = \"0%\" }"),
        ("{ tier = \"small\" }", "{ demand = 1 }"),
    ] {
        let results = run_text(&with_fault(strikes, effect));
        let incident = incident(&results);
        assert!(incident.exposed > 0);
        assert_eq!((incident.harmed, incident.down, incident.spillover, incident.customer_minutes), (0, 0, 0, 0));
        assert_eq!(incident.recovery, "recovered");
        assert_eq!(incident.recovery_from_onset_seconds, Some(0.0));
        let replication = replicate(&read(&with_fault(strikes, effect)), 0);
        let without = replication.without.expect("a fault struck");
        for (with, without) in replication.with_faults.tallies.iter().zip(&without.tallies) {
            assert_eq!((with.requests, with.ok(), with.failed), (without.requests, without.ok(), without.failed));
            assert_eq!(with.latency.exceedances(), without.latency.exceedances());
        }
        assert_eq!(replication.with_faults.busy, without.busy);
        assert_eq!(replication.with_faults.timeline.bins, without.timeline.bins);
    }
}

#[test]
fn a_fault_in_one_cell_is_not_felt_in_another() {
    let text = with_fault("{ workflow = \"a\", tier = \"big\", cell = 2 }", "\"crash\"")
        .replace("store.capacity = \"100/s\"", "");
    let scenario = read(&text);
    let (world, log) = logged(&scenario, 0);
    let (_, calm) = logged(&read(&PLATFORM.replace("store.capacity = \"100/s\"", "")), 0);
    let cell =
        world.setting().platform.cells.iter().position(|cell| cell.name == "a/big/2").expect("there is one") as u32;
    let elsewhere = |log: &crate::support::Log| {
        let mut ends: Vec<_> = log.resolved.iter().copied().filter(|end| world.home_of(end.0) != cell).collect();
        ends.sort_unstable_by_key(|end| (end.0, end.2, end.3));
        ends
    };
    assert!(log.resolved != calm.resolved);
    assert!(elsewhere(&log) == elsewhere(&calm));
}

#[test]
fn without_retries_amplification_is_exactly_one() {
    let text = with_fault("{ zone = \"b\" }", "\"crash\"").replace("attempts = 3", "attempts = 1");
    let results = run_text(&text);
    let rows = results.rows.iter().filter(|row| row.subject.metric.name() == "retry_amplification");
    let values: Vec<_> = rows.map(|row| row.estimate.value).collect();
    assert!(values.len() > 6 && values.iter().all(|value| *value == Some(1.0)), "{values:?}");
    assert!(crate::support::value(&results, "error_share", "mean") > 0.05);
}

/// A platform whose misses come too late, or whose stations are shared; nothing happens to it.
fn struck_by_nothing(cache: &str, stage: &str, deadline: &str) -> Option<u64> {
    let text = format!(
        "[tier.t]\ncustomers = 400\ncells = 2\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"0.2/s\"\nskew = {{ zipf = 0.8 }}\nclient.deadline = \"{deadline}\"\nstage.s = {{ {stage} }}\n\
         [router]\ncache = {{ {cache}, latency = \"1ms\" }}\nstore.latency = \"300ms\"\n\
         [fault.f]\nstrikes = {{ platform = true }}\neffect = {{ slow = 1 }}\nat = \"20s\"\nfor = \"40s\"\n\
         [run]\nwarmup = \"30s\"\nhorizon = \"100s\"\nreplications = 1\n"
    );
    let run = replicate(&read(&text), 0);
    assert_eq!(run.incidents.len(), 1);
    let incident = &run.incidents[0];
    let harmed: u64 = incident.by_tier.iter().map(|tier| tier.harmed).sum();
    assert_eq!((harmed, incident.customer_minutes), (0, 0), "a placebo harms nobody, whatever carries luck");
    incident.false_harmed
}

#[test]
fn luck_that_requests_do_not_carry_is_counted_beside_harm() {
    let (quick, shared) = (
        "kind = \"delay\", service_time = \"1ms\"",
        "service_time = { exponential = \"20ms\" }, size = { concurrency = 1 }, discipline = \"processor-sharing\"",
    );
    // Where hits have a probability of their own, each request has its own luck.
    assert_eq!(struck_by_nothing("hit_ratio = \"80%\"", quick, "200ms"), None);
    // Others miss when the cache happens to hold others; some of 400 customers then fail who would not have.
    for emergent in ["ttl = \"10s\"", "entries = 150"] {
        let counted = struck_by_nothing(emergent, quick, "200ms").expect("no request carries this luck");
        assert!((20..380).contains(&counted), "{emergent}: {counted}");
        // Nobody is late, whatever the luck.
        assert_eq!(struck_by_nothing(emergent, quick, "2s"), Some(0), "{emergent}");
    }
    // One request more in a station that all share: a few others are a little later than they would have been.
    let counted = struck_by_nothing("hit_ratio = \"100%\"", shared, "100ms").expect("shared");
    assert!(counted < 50, "{counted}");
}
