//! Batches that come in few runs: verdicts about health are false no more often than they say.

use cellsim::experiment::outcome::Judgement;

use crate::support::{read_with, run};

/// Batches of 200 come 0.12 times a run: 55 % of five runs are all without. A batch takes five seconds to serve; nothing ever fails.
const TEXT: &str = r#"
[tier.a]
customers = 10
sla = "99.9%"
[tier.b]
customers = 2
sla = "99.9%"
[cells]
shared_by = "tiers"
count = 1
[workflow.w]
demand = { a = "0.2/s", b = "0.02/s" }
client = { deadline = "10s" }
stage.s = { service_time = "100ms", size = { concurrency = 4 } }
tier.b.arrivals = { batch = 200 }
[run]
horizon = "10min"
warmup = "10s"
replications = 5
"#;

/// Limits that the truth breaks by far, in the mean over runs: a batch's requests wait 2.4 s and are 2 % of all.
const BROKEN: [(&str, &str, &str); 9] = [
    ("wait", "stage = \"s\"\nworkflow = \"w\"", "mean = { at_most = \"20ms\" }"),
    ("queue_length", "stage = \"s\"\nworkflow = \"w\"", "mean = { at_most = 0.04 }"),
    ("latency", "workflow = \"w\"", "p99 = { at_most = \"500ms\" }"),
    ("latency", "workflow = \"w\"\nunder = \"1s\"", "share = { at_least = \"99%\" }"),
    ("latency", "", "mean = { at_most = \"120ms\" }"),
    ("ok_latency", "tier = \"b\"", "p50 = { at_most = \"1s\" }"),
    ("request_rate", "tier = \"b\"", "mean = { at_most = \"0.01/s\" }"),
    ("goodput", "tier = \"b\"", "mean = { at_most = \"0.01/s\" }"),
    ("attempt_rate", "tier = \"b\"", "mean = { at_most = \"0.01/s\" }"),
];

/// Limits that it keeps by far.
const KEPT: [(&str, &str, &str); 4] = [
    ("goodput", "tier = \"b\"", "mean = { at_least = \"0.02/s\" }"),
    ("request_rate", "tier = \"b\"", "mean = { at_least = \"0.02/s\" }"),
    ("wait", "stage = \"s\"\nworkflow = \"w\"", "mean = { at_least = \"10ms\" }"),
    ("utilization", "", "mean = { at_least = \"5%\" }"),
];

#[test]
fn batches_that_did_not_come_are_not_excluded() {
    let mut text = TEXT.to_owned();
    for (metric, of, limit) in BROKEN.iter().chain(&KEPT) {
        text += &format!("[[expect]]\nmetric = \"{metric}\"\n{of}\n{limit}\n");
    }
    let experiments = 400;
    let mut wrong = [0_u32; BROKEN.len() + KEPT.len()];
    for seed in 1..=experiments {
        let results = run(&read_with(&text, &[&format!("run.seed={seed}")]));
        for ((at, verdict), wrong) in results.verdicts.iter().enumerate().zip(&mut wrong) {
            let lie = if at < BROKEN.len() { Judgement::Kept } else { Judgement::Breached };
            *wrong += u32::from(verdict.outcome == lie);
        }
    }
    for ((metric, of, limit), wrong) in BROKEN.iter().chain(&KEPT).zip(wrong) {
        println!("{metric} {of} {limit}: {wrong} of {experiments}");
        // Nominal 2.5 %: 10; with a probability of 99.9 % at most 21.
        assert!(wrong <= 21, "{metric} {of} {limit}: {wrong} of {experiments}");
    }
}
