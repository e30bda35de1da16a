//! Attempts and the deadline: the last attempt has only what is left, and what fails at once leaves more than what times out.

use crate::support::{Of, row, run_with, value_of};

/// Customers of one stage without a queue; faults last as long as the run does.
fn text(service: &str, client: &str, faults: &[&str]) -> String {
    let fault = |(number, effect): (usize, &&str)| {
        format!("[fault.f{number}]\nstrikes = {{ stage = \"s\" }}\neffect = {effect}\nat = \"0s\"\nfor = \"HORIZON\"\n")
    };
    let faults: String = faults.iter().enumerate().map(fault).collect();
    format!(
        "zones = 1\n[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\ncontract.measure = \"requests\"\n\
         [workflow.w]\ndemand = \"10/s\"\nclient = {{ {client} }}\n\
         stage.s = {{ kind = \"delay\", service_time = {service} }}\n{faults}[run]\nfaults = \"all\"\n"
    )
}

/// Failed share of requests, by flows.
fn by_flows(text: &str) -> f64 {
    let sets = ["run.level=incident", "run.horizon=30d", "run.replications=2"];
    let of = Of { tier: "t", ..Of::default() };
    1.0 - value_of(&run_with(&text.replace("HORIZON", "30d"), &sets), "availability", "mean", of)
}

#[track_caller]
fn close(found: f64, exact: f64) {
    assert!((found / exact - 1.0).abs() < 2e-3, "{found} {exact}");
}

/// What is above so many seconds: exponential services of 150 ms.
fn above(time: f64) -> f64 {
    (-time.max(0.0) / 0.15).exp()
}

const EXPONENTIAL: &str = "{ exponential = \"150ms\" }";

#[test]
fn the_last_attempt_has_what_is_left() {
    let client = "timeout = \"400ms\", deadline = \"1s\", attempts = 3, backoff = \"0s\"";
    let failed = by_flows(&text(EXPONENTIAL, client, &[]));
    let p = above(0.4);
    close(failed, p * p * above(0.2));
    // Its whole time-out would be another number by far, and so would no third attempt.
    assert!(failed > 3.0 * p * p * p && failed < 0.3 * p * p, "{failed}");
    // With a time-out as long as the deadline there is one attempt, however many there may be.
    close(by_flows(&text(EXPONENTIAL, "timeout = \"400ms\", deadline = \"400ms\", attempts = 5", &[])), p);
    // Where three of them fit, each has its whole time-out.
    let long = client.replace("\"1s\"", "\"1200ms\"");
    close(by_flows(&text(EXPONENTIAL, &long, &[])), p * p * p);
}

#[test]
fn pauses_take_their_part_of_it() {
    // Even up to 100 and up to 200 ms: whose pauses take 200 ms has no third attempt, the others have 200 ms less their pauses.
    let failed = by_flows(&text(EXPONENTIAL, "timeout = \"400ms\", deadline = \"1s\", attempts = 3", &[]));
    let middle = |step: usize| (step as f64 + 0.5) / 1000.0;
    let pairs = (0..1000).flat_map(|first| (0..1000).map(move |second| 0.1 * middle(first) + 0.2 * middle(second)));
    let last = pairs.map(|pauses| above(0.2 - pauses)).sum::<f64>() / 1e6;
    close(failed, above(0.4) * above(0.4) * last);
    assert!((failed - 0.0035).abs() < 5e-5, "{failed}");
}

#[test]
fn what_fails_at_once_leaves_time_for_more() {
    // 300 ms each, 40 % are refused: attempts begin 150 ms apart, and that which begins at 450 ms is too late for 700 ms.
    let client = "timeout = \"400ms\", deadline = \"700ms\", attempts = 9, backoff = { first = \"150ms\", growth = \"constant\", jitter = \"none\" }";
    close(by_flows(&text("\"300ms\"", client, &["{ errors = \"40%\" }"])), 0.4_f64.powi(3));
    // Both kinds: of exponential services after a refusal 550 ms are left, after a time-out 150 ms.
    let two = client.replace("attempts = 9", "attempts = 2");
    let (errors, late) = (0.2, 0.8 * above(0.4));
    let second = |left: f64| errors + 0.8 * above(left);
    close(by_flows(&text(EXPONENTIAL, &two, &["{ errors = \"20%\" }"])), errors * second(0.4) + late * second(0.15));
}

#[test]
fn both_levels_agree() {
    let cases: [(&str, &str, &[&str]); 4] = [
        (
            EXPONENTIAL,
            "timeout = \"300ms\", deadline = \"700ms\", attempts = 5, backoff = { first = \"80ms\", growth = \"constant\", jitter = \"equal\" }",
            &[],
        ),
        (
            "{ p50 = \"100ms\", p99 = \"900ms\" }",
            "timeout = \"500ms\", deadline = \"1200ms\", attempts = 4, backoff = { first = \"50ms\", growth = \"decorrelated\", max = \"400ms\" }",
            &[],
        ),
        (EXPONENTIAL, "timeout = \"400ms\", deadline = \"900ms\", attempts = 4", &["{ errors = \"30%\" }"]),
        (
            "{ exponential = \"100ms\" }",
            "timeout = \"400ms\", deadline = \"1s\", attempts = 5, backoff = \"60ms\"",
            &["{ errors = \"20%\" }", "{ slow = 3 }"],
        ),
    ];
    for (service, client, faults) in cases {
        let text = text(service, client, faults);
        let sets = ["run.horizon=1min", "run.warmup=2s", "run.replications=20", "run.confidence=99.9%"];
        let condition = Some(if faults.is_empty() { "no fault" } else { "with faults" });
        let of = Of { tier: "t", condition, ..Of::default() };
        let requests = row(&run_with(&text.replace("HORIZON", "1min"), &sets), "error_share", "mean", of).clone();
        let flows = by_flows(&text);
        let (low, high) = requests.low.zip(requests.high).expect("an interval");
        assert!(low < flows * 1.005 && flows * 0.995 < high, "{service} {client} {faults:?}: {flows} {requests:?}");
    }
}
