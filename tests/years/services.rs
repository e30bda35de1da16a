//! Laws of service other than the exponential one, in health: bounded queues and deadlines, against exact values and the request level.

use crate::support::{Of, row, run_with, value_of};

/// A cell of one class that asks for so many requests a second.
fn text(stage: &str, client: &str, demand: f64) -> String {
    format!(
        "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\ncontract.measure = \"requests\"\n\
         [workflow.w]\ndemand = \"{}/s\"\nclient = {{ {client} }}\nstage.s = {{ {stage} }}\n\
         [run]\nhorizon = \"30d\"\nlevel = \"incident\"\nreplications = 1\n",
        demand / 10.0
    )
}

/// The share of requests that fails over years.
fn by_flows(text: &str) -> f64 {
    value_of(&run_with(text, &[]), "bad_minutes", "mean", Of { tier: "t", ..Of::default() }) / 43_200.0
}

/// Flows lie in the interval of requests, give or take a part of the value.
#[track_caller]
fn agree(stage: &str, client: &str, demand: f64, part: f64) {
    let text = text(stage, client, demand);
    let horizon = format!("run.horizon={}s", (150_000.0 / demand).ceil() + 20.0);
    let sets = ["run.level=request", &horizon, "run.warmup=20s", "run.replications=12"];
    let by_requests = run_with(&text, &sets);
    let requests = row(&by_requests, "error_share", "mean", Of { tier: "t", ..Of::default() });
    let (low, high) = (requests.low.expect("an interval"), requests.high.expect("an interval"));
    let flows = by_flows(&text);
    let is_right = low - part * flows <= flows && flows <= high + part * flows;
    assert!(is_right, "{stage}, {client}, {demand}: {flows} over years, {requests:?}");
}

const BRANCHES: &str = "service_time = { hyperexponential = [{ share = \"95%\", mean = \"50ms\" }, { share = \"5%\", mean = \"1050ms\" }] }, \
                        size = { concurrency = 2 }";

#[test]
fn two_branches_are_exact() {
    // 60 % busy. The stationary states of all that can be, by least squares, apart from this program: M/H2/2/K; and M/H2/2 with the
    // law of the wait, over three seconds.
    for (queue, client, exact) in [
        (", queue = 5", "deadline = \"60s\"", 0.075_101_04),
        (", queue = 2", "deadline = \"60s\"", 0.118_036_5),
        ("", "deadline = \"3s\"", 0.016_869_9),
    ] {
        let found = by_flows(&text(&format!("{BRANCHES}{queue}"), client, 12.0));
        assert!((found / exact - 1.0).abs() < 2e-3, "{queue} {client}: {found} for {exact}");
    }
}

#[test]
fn exponential_services_of_two_tiers_are_two_branches() {
    let text = "[tier.quick]\ncustomers = 19\nsla = \"99%\"\ncontract.measure = \"requests\"\n\
                [tier.slow]\ncustomers = 1\nsla = \"99%\"\ncontract.measure = \"requests\"\n[cells]\nshared_by = \"tiers\"\ncount = 1\n\
                [workflow.w]\ndemand = \"0.6/s\"\nclient.deadline = \"60s\"\n\
                stage.s = { size = { concurrency = 2 }, queue = 5, service_time = { exponential = \"50ms\" } }\n\
                [workflow.w.tier.slow]\nstage.s.service_time = { exponential = \"1050ms\" }\n\
                [run]\nhorizon = \"30d\"\nlevel = \"incident\"\nreplications = 1\n";
    let results = run_with(text, &[]);
    for tier in ["quick", "slow"] {
        let found = value_of(&results, "bad_minutes", "mean", Of { tier, ..Of::default() }) / 43_200.0;
        assert!((found / 0.075_101_04 - 1.0).abs() < 5e-3, "{tier}: {found}");
    }
}

#[test]
fn a_constant_service_behind_one_place_is_exact() {
    // M/D/1/2 at 60 %: of those who come in one service nobody does with e^-0.6, and 1 - 1 / (e^-0.6 + 0.6) find no room.
    let found =
        by_flows(&text("service_time = \"100ms\", size = { concurrency = 1 }, queue = 1", "deadline = \"60s\"", 6.0));
    let exact = 1.0 - 1.0 / ((-0.6_f64).exp() + 0.6);
    assert!((found / exact - 1.0).abs() < 5e-3, "{found} for {exact}");
}

#[test]
fn bounded_queues_lose_as_requests_do() {
    for (cv, slots, queue, load, part) in [
        (3.0, 2, 5, 0.6, 0.08),
        (2.0, 2, 5, 0.6, 0.04),
        (2.0, 10, 20, 0.95, 0.04),
        (0.3, 2, 5, 0.6, 0.04),
        (0.3, 10, 5, 0.8, 0.02),
        (0.5, 30, 10, 0.9, 0.02),
    ] {
        let stage = format!(
            "service_time = {{ mean = \"50ms\", cv = {cv} }}, size = {{ concurrency = {slots} }}, queue = {queue}"
        );
        agree(&stage, "deadline = \"60s\"", load * f64::from(slots) / 0.05, part);
    }
}

#[test]
fn deadlines_are_missed_as_by_requests() {
    for (cv, slots, load, deadline, part) in
        [(2.0, 2, 0.6, 2000, 0.15), (2.0, 10, 0.95, 1000, 0.03), (0.3, 2, 0.8, 600, 0.1), (0.5, 10, 0.95, 500, 0.05)]
    {
        let stage = format!("service_time = {{ mean = \"100ms\", cv = {cv} }}, size = {{ concurrency = {slots} }}");
        agree(&stage, &format!("deadline = \"{deadline}ms\""), load * f64::from(slots) / 0.1, part);
    }
    // A bounded queue of exponential services, whose wait is no exponential time.
    let stage = "service_time = { exponential = \"100ms\" }, size = { concurrency = 2 }, queue = 8";
    agree(stage, "deadline = \"700ms\"", 18.0, 0.02);
}

#[test]
fn pools_of_many_slots_follow_the_formulas() {
    // Beyond 40 slots: what the formulas say of services that vary much.
    for (cv, part) in [(2.0, 0.05), (3.0, 0.1), (0.3, 0.06)] {
        let stage =
            format!("service_time = {{ mean = \"50ms\", cv = {cv} }}, size = {{ concurrency = 60 }}, queue = 15");
        agree(&stage, "deadline = \"60s\"", 0.95 * 60.0 / 0.05, part);
    }
}
