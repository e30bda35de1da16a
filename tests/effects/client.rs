//! Keys of `[client]`.

use crate::Moves::{Down, Up};
use crate::{compare, figure};

/// Half of the attempts fail for the whole horizon.
const CLIENT: &str = r#"
[tier.t]
customers = 20
cells = 2
sla = "99%"
[client]
deadline = "10s"
attempts = 3
[workflow.w]
demand = "5/s"
stage.s = { kind = "delay", service_time = { exponential = "100ms" } }
[router]
cache.hit_ratio = "0%"
[fault.f]
strikes = { workflow = "w" }
effect = { errors = "50%" }
at = "0s"
for = "10min"
[run]
warmup = "5s"
horizon = "60s"
replications = 3
"#;

#[test]
fn patience() {
    let errors = figure("error_share", "mean");
    compare(CLIENT, &[], &["client.deadline=300ms"], "errors", &errors, Up);
    compare(CLIENT, &["client.attempts=1"], &["client.timeout=150ms"], "errors", &errors, Up);
    compare(CLIENT, &[], &["client.attempts=5"], "errors", &errors, Down);
    compare(CLIENT, &[], &["client.attempts=5"], "amplification", &figure("retry_amplification", "mean"), Up);
}

#[test]
fn pauses() {
    let p99 = figure("ok_latency", "p99");
    let plain = ["client.backoff={first=\"500ms\", jitter=\"none\"}"];
    let change = |key: &str| format!("client.backoff.{key}");
    compare(CLIENT, &plain, &[&change("first=1s")], "p99", &p99, Up);
    compare(CLIENT, &plain, &[&change("factor=4")], "p99", &p99, Up);
    compare(CLIENT, &plain, &[&change("max=600ms")], "p99", &p99, Down);
    let constant = "client.backoff={first=\"500ms\", growth=\"constant\", jitter=\"none\"}";
    compare(CLIENT, &plain, &[constant], "p99", &p99, Down);
    compare(
        CLIENT,
        &[constant],
        &["client.backoff=false", "client.backoff={first=\"500ms\", growth=\"decorrelated\"}"],
        "p99",
        &p99,
        Up,
    );
    let p90 = figure("ok_latency", "p90");
    compare(CLIENT, &plain, &[&change("jitter=equal")], "p90", &p90, Down);
    compare(CLIENT, &[plain[0], "client.backoff.jitter=equal"], &[&change("jitter=full")], "p90", &p90, Down);
}

#[test]
fn budgets() {
    let attempts = figure("retry_amplification", "mean");
    compare(CLIENT, &[], &["client.retry_budget=10%"], "amplification", &attempts, Down);
    compare(CLIENT, &["client.retry_budget=10%"], &["client.retry_budget=30%"], "amplification", &attempts, Up);
    let small = "client.retry_budget={ratio=\"10%\", burst=1}";
    compare(CLIENT, &[small], &["client.retry_budget.burst=100"], "amplification", &attempts, Up);
}

#[test]
fn memory() {
    compare(CLIENT, &[], &["client.remembers_cell=true"], "store load", &figure("store_load", "mean"), Down);
}

#[test]
fn luck_that_stays_with_the_request_makes_retries_useless() {
    let impatient = ["fault.f=false", "client.timeout=150ms", "client.backoff=10ms"];
    let errors = figure("error_share", "mean");
    let (fresh, own) = compare(CLIENT, &impatient, &["stage.luck=request"], "errors", &errors, Up);
    // 130 ms are left for an exponential of 100 ms: e^-1.3, three times over or once and for all.
    let slow: f64 = (-1.3_f64).exp();
    assert!((fresh / slow.powi(3) - 1.0).abs() < 0.15 && (own / slow - 1.0).abs() < 0.05, "{fresh} {own} {slow}");
    let (_, mixed) = compare(CLIENT, &impatient, &["stage.luck=50%"], "errors", &errors, Up);
    assert!(fresh < mixed && mixed < own);
}
