//! The two levels are equivalent where both apply: the 90 % interval of their difference lies inside the margin, for customers
//! with a hundred, one and a hundredth of a request a minute.
//!
//! Under one scripted fault flows leave nothing to chance: their numbers are exact, and the interval is that of the requests.

use crate::support::{Of, row, run_with, value_of};
use crate::{cause, years};
use cellsim::engine::stats::{Estimate, mean};

/// Customers, and how long everything takes that serves them.
struct Customers {
    demand: &'static str,
    number: u32,
    /// Service takes 20 ms times this; so do time-outs and pauses.
    slow: u32,
    replications: &'static str,
}

/// The same work for every cell, in busy, usual and quiet customers.
const ALL: [Customers; 3] = [
    Customers { demand: "100/min", number: 400, slow: 1, replications: "run.replications=48" },
    Customers { demand: "1/min", number: 4_000, slow: 10, replications: "run.replications=48" },
    Customers { demand: "0.01/min", number: 400_000, slow: 10, replications: "run.replications=48" },
];

/// Four cells, one of which (or all) a fault strikes over four minutes, in the middle of a minute and not.
fn text(customers: &Customers, attempts: u32, queue: u32, fault: &str) -> String {
    let Customers { demand, number, slow, .. } = customers;
    format!(
        "zones = 3\n[tier.t]\ncustomers = {number}\ncells = 4\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"{demand}\"\n\
         client = {{ timeout = \"{}ms\", deadline = \"{}s\", attempts = {attempts}, backoff = \"{}ms\" }}\n\
         path = [\"identity\", \"s\"]\nstage.identity = {{ kind = \"delay\", service_time = \"5ms\" }}\n\
         stage.s = {{ service_time = {{ exponential = \"{}ms\" }}, queue = {queue}, size = {{ utilization = \"60%\" }}, instance = {{ concurrency = 2 }} }}\n\
         [fault.f]\n{fault}\nat = \"100s\"\nfor = \"4min\"\n\
         [run]\nfaults = \"scripted\"\nconfidence = \"90%\"\nhorizon = \"12min\"\n",
        500 * slow,
        2 * slow,
        20 * slow,
        20 * slow,
    )
}

/// The interval of the difference to an exact number lies within a margin.
#[track_caller]
fn equivalent(what: &str, requests: &Estimate, flow: f64, margin: f64) {
    let (low, high) = requests.low.zip(requests.high).unwrap_or_else(|| panic!("{what}: {requests:?}"));
    assert!(
        low - flow >= -margin && high - flow <= margin,
        "{what}: {requests:?} and {flow} differ by more than {margin}"
    );
}

#[track_caller]
fn agree(attempts: u32, queue: u32, fault: &str) {
    for customers in &ALL {
        let text = text(customers, attempts, queue, fault);
        let requests = run_with(&text, &["run.warmup=40s", customers.replications, BY_REQUESTS]);
        let flows = ["run.level=incident", "run.horizon=30d", "run.replications=2"];
        let run_flows = |more: &[&str]| run_with(&text, &[&flows[..], &[BY_REQUESTS], more].concat());
        let (flows, calm) = (run_flows(&[]), run_flows(&["fault.f=false"]));
        let what = |measure: &str| format!("{measure}, {} and {fault}", customers.demand);
        let of = Of { fault: "f", ..Of::default() };
        let minutes: Vec<f64> = requests
            .requests()
            .expect("requests were run")
            .incidents
            .iter()
            .map(|incident| incident.customer_minutes as f64)
            .collect();
        let flow = cause(&flows, "f").minutes.value.expect("measured") * years(&flows).years / 2.0;
        equivalent(&what("customer-minutes"), &mean(&minutes, 0.90), flow, (0.05 * flow).max(1.0));
        let flow = value_of(&flows, "blast_radius", "mean", of);
        let harmed: Vec<f64> = requests
            .requests()
            .expect("requests were run")
            .incidents
            .iter()
            .map(|incident| incident.harmed as f64)
            .collect();
        equivalent(&what("customers harmed"), &mean(&harmed, 0.90), flow, (0.05 * flow).max(1.0));
        // Failed requests, in minutes of all demand, beyond what a month loses in health.
        let of = Of { tier: "t", ..Of::default() };
        let failed = row(&requests, "error_share", "mean", of).scaled(12.0);
        let flow = value_of(&flows, "bad_minutes", "mean", of) - value_of(&calm, "bad_minutes", "mean", of);
        equivalent(&what("failed requests"), &failed, flow, 0.1 * flow);
    }
}

const BY_REQUESTS: &str = "contract.measure=requests";
const CELL: &str = "strikes = { workflow = \"w\", tier = \"t\", cell = 2 }";

#[test]
fn on_a_crash() {
    agree(3, 50, &format!("{CELL}\neffect = \"crash\""));
}

#[test]
fn on_errors_per_attempt() {
    agree(3, 50, "strikes = { platform = true }\neffect = { errors = \"50%\" }");
}

#[test]
fn on_errors_per_customer() {
    agree(3, 50, "strikes = { platform = true }\neffect = { errors = \"60%\", per = \"customer\" }");
}

#[test]
fn on_errors_per_request() {
    agree(3, 50, &format!("{CELL}\neffect = {{ errors = \"60%\", per = \"request\" }}"));
}

#[test]
fn on_the_loss_of_a_zone() {
    agree(1, 50, "strikes = { zone = \"b\" }\neffect = \"crash\"\ndetected_after = \"2min\"");
}

#[test]
fn on_a_service_that_all_cells_share() {
    agree(2, 50, "strikes = { stage = \"identity\" }\neffect = { errors = \"70%\", slow_by = \"100ms\" }");
    agree(1, 50, "strikes = { stage = \"identity\" }\neffect = \"blackhole\"");
}

#[test]
fn on_lost_capacity_where_too_much_is_refused() {
    agree(1, 20, &format!("{CELL}\neffect = {{ capacity = \"34%\" }}"));
}

#[test]
fn on_lost_capacity_where_all_wait_too_long() {
    agree(1, 200, &format!("{CELL}\neffect = {{ capacity = \"34%\" }}"));
}

#[test]
fn on_overload_with_retries() {
    agree(3, 20, &format!("{CELL}\neffect = {{ capacity = \"34%\" }}"));
}
