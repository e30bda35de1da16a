//! Overload that a queue's limit holds: places, or the patience of clients whose expired work is dropped.

use crate::support::{Of, row, run_with, value_of};
use cellsim::engine::stats::Estimate;

/// A cell that loses half of its eight slots for twenty minutes, while 100 requests a second ask for four slots at 125 %.
fn text(stage: &str, client: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\ncontract.measure = \"requests\"\n\
         [workflow.w]\ndemand = \"10/s\"\nclient = {{ {client} }}\nstage.s = {{ size = {{ concurrency = 8 }}, {stage} }}\n\
         [fault.m]\nat = \"5min\"\nfor = \"20min\"\nstrikes = {{ tier = \"t\" }}\neffect = {{ capacity = \"50%\" }}\n\
         [run]\nfaults = \"scripted\"\nhorizon = \"30min\"\nreplications = 10\n"
    )
}

/// Minutes of all requests that fail by the fault, by requests.
fn by_requests(text: &str) -> Estimate {
    row(&run_with(text, &[]), "error_share", "mean", Of { tier: "t", ..Of::default() }).scaled(30.0)
}

/// The same over years.
fn by_flows(text: &str) -> f64 {
    let minutes = |more: &[&str]| {
        let years = ["run.level=incident", "run.horizon=30d", "run.replications=2"];
        let results = run_with(text, &[&years[..], more].concat());
        value_of(&results, "bad_minutes", "mean", Of { tier: "t", ..Of::default() })
    };
    minutes(&[]) - minutes(&["fault.m=false"])
}

/// Whether flows lie in the interval of the requests, give or take a part of the value.
fn agrees(requests: &Estimate, flows: f64, part: f64) -> bool {
    let (low, high) = (requests.low.expect("an interval"), requests.high.expect("an interval"));
    low - part * flows <= flows && flows <= high + part * flows
}

#[track_caller]
fn agree(stage: &str, client: &str, part: f64) {
    let text = text(stage, client);
    let (requests, flows) = (by_requests(&text), by_flows(&text));
    assert!(agrees(&requests, flows, part), "{stage}, {client}: {flows} over years, {requests:?}");
}

const SERVICE: &str = "service_time = { exponential = \"50ms\" }";
const HALF_A_SECOND: &str = "deadline = \"500ms\"";

#[test]
fn dropped_work_takes_no_time_from_others() {
    let drop = format!("{SERVICE}, expired = \"drop\"");
    for client in [HALF_A_SECOND, "deadline = \"2s\"", "deadline = \"3s\", timeout = \"500ms\", attempts = 2"] {
        agree(&drop, client, 0.01);
    }
    // A queue of 44 is longer than half a second of services, one of 30 shorter.
    for queue in [30, 44] {
        agree(&format!("{drop}, queue = {queue}"), HALF_A_SECOND, 0.01);
    }
    for (service, part) in
        [("\"50ms\"", 0.05), ("{ mean = \"50ms\", cv = 0.5 }", 0.04), ("{ mean = \"50ms\", cv = 2 }", 0.18)]
    {
        agree(&format!("service_time = {service}, expired = \"drop\""), HALF_A_SECOND, part);
    }
    // A wrong neighbour: work that is served in vain.
    let (right, wrong) = (text(&drop, HALF_A_SECOND), text(SERVICE, HALF_A_SECOND));
    assert!(!agrees(&by_requests(&right), by_flows(&wrong), 0.06));
}

#[test]
fn the_wait_in_a_full_queue_varies() {
    // 20, 36 and 44 places at 80 services a second: a quarter, 0.45 and 0.55 s, of a time-out of half a second.
    for queue in [20, 36, 44] {
        agree(&format!("{SERVICE}, queue = {queue}"), HALF_A_SECOND, 0.01);
    }
    for service in ["service_time = \"50ms\"", "service_time = { mean = \"50ms\", cv = 2 }"] {
        agree(&format!("{service}, queue = 30"), HALF_A_SECOND, 0.06);
    }
    agree(&format!("{SERVICE}, queue = 40"), "deadline = \"2s\", timeout = \"600ms\", attempts = 3", 0.04);
    // Wrong neighbours: a tenth more places, or fewer.
    let requests = by_requests(&text(&format!("{SERVICE}, queue = 36"), HALF_A_SECOND));
    for queue in [33, 39] {
        assert!(!agrees(&requests, by_flows(&text(&format!("{SERVICE}, queue = {queue}"), HALF_A_SECOND)), 0.02));
    }
}

#[test]
fn stations_behind_one_that_drops_get_what_it_serves_in_time() {
    let two = "path = [\"s\", \"behind\"]\nstage.behind = { service_time = { exponential = \"20ms\" }, size = { concurrency = 4 }, queue = 5 }\nstage.s";
    let text = text(&format!("{SERVICE}, expired = \"drop\""), "deadline = \"800ms\"").replacen("stage.s", two, 1);
    let (requests, flows) = (by_requests(&text), by_flows(&text));
    assert!(agrees(&requests, flows, 0.05), "{flows} over years, {requests:?}");
}

#[test]
fn who_was_refused_is_refused_again_more_often_than_by_chance() {
    // Three slots, five places, 67 % busy: a queue that is full stays so for a while, and with whom it refused come others.
    let text = |client: &str| {
        format!(
            "[tier.t]\ncustomers = 1\ncells = 1\nsla = \"90%\"\ncontract.measure = \"requests\"\n\
             [workflow.w]\ndemand = \"100/s\"\nclient = {{ deadline = \"5s\", {client} }}\n\
             stage.s = {{ {}, size = {{ concurrency = 3 }}, queue = 5 }}\n\
             [fault.f]\nmtbf = \"100years\"\nmttr = \"1min\"\neffect = \"crash\"\n\
             [run]\nhorizon = \"30min\"\nreplications = 10\n",
            "service_time = { exponential = \"20ms\" }"
        )
    };
    for (client, part) in [
        ("attempts = 2, backoff = \"200ms\"", 0.25),
        ("attempts = 2, backoff = { first = \"200ms\", growth = \"constant\" }", 0.25),
        ("attempts = 2, backoff = { first = \"2s\", jitter = \"full\" }", 0.25),
        // Who was refused twice was so in worse company than this knows.
        ("attempts = 3, backoff = { first = \"100ms\", jitter = \"full\" }", 1.0),
    ] {
        let text = text(client);
        let requests = run_with(&text, &[]);
        let requests = row(&requests, "error_share", "mean", Of { tier: "t", ..Of::default() });
        let years = run_with(&text, &["run.level=incident", "run.horizon=60d", "run.replications=2"]);
        let flows = value_of(&years, "bad_minutes", "mean", Of { tier: "t", ..Of::default() }) / 43_200.0;
        assert!(agrees(requests, flows, part), "{client}: {flows} over years, {requests:?}");
    }
}
