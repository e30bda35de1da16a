//! Retries that hold a cell down after the fault is over: both fixed points, and chance between them.

use crate::support::{Of, row, run_with};
use crate::years;
use cellsim::engine::stats::State;
use cellsim::experiment::outcome::Warning;
use cellsim::world::flow::doubt::Doubt;

/// Ten slots of 100 ms that a black hole swallows for two minutes.
fn text(customers: u32, client: &str) -> String {
    format!(
        "[tier.t]\ncustomers = {customers}\ncells = 1\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"1/s\"\nclient = {{ deadline = \"2s\", timeout = \"600ms\", {client} }}\n\
         stage.s = {{ service_time = {{ exponential = \"100ms\" }}, size = {{ concurrency = 10 }} }}\n\
         [fault.f]\nstrikes = {{ workflow = \"w\" }}\neffect = \"blackhole\"\nat = \"1min\"\nfor = \"2min\"\n\
         [run]\nfaults = \"scripted\"\nhorizon = \"6min\"\nreplications = 8\n"
    )
}

/// Of eight runs by requests, those in which customers are harmed until the end.
fn held_by_requests(text: &str) -> usize {
    let results = run_with(text, &[]);
    // Two minutes are the fault, three what comes after it.
    let incidents = &results.requests().expect("requests were run").incidents;
    incidents.iter().filter(|incident| incident.customer_minutes > 4 * incident.harmed).count()
}

/// Whether years never leave it, whether they say that chance decides, and whether their bad minutes are exact.
fn by_flows(text: &str) -> (bool, bool, bool) {
    let results = run_with(text, &["run.level=incident", "run.horizon=30d", "run.replications=2"]);
    let chance = |warning: &Warning| matches!(warning, Warning::KnownRoughly { doubt: Doubt::Chance, .. });
    let is_doubtful = results.warnings.iter().any(chance);
    let bad = row(&results, "bad_minutes", "mean", Of { tier: "t", ..Of::default() });
    (years(&results).causes[0].stuck > 0, is_doubtful, bad.state == State::Exact)
}

#[test]
fn a_black_hole_leaves_clients_who_come_again() {
    for (customers, client, is_held) in [
        // The first wave of three times the usual requests is too much, or bearable, or less than slots can do.
        (80, "attempts = 3", true),
        (80, "attempts = 3, backoff = \"200ms\"", true),
        (50, "attempts = 3", false),
        (80, "attempts = 3, retry_budget = \"10%\"", false),
        (70, "attempts = 1", false),
    ] {
        let text = text(customers, client);
        assert_eq!(by_flows(&text), (is_held, false, true), "{customers} {client}");
        let found = held_by_requests(&text);
        assert!(if is_held { found >= 6 } else { found == 0 }, "{customers} {client}: {found} of 8");
    }
}

#[test]
fn where_chance_decides_it_is_said_and_nothing_is_exact() {
    // By requests 16 of 20, 19 of 20 and 5 of 20 are held.
    for (customers, client, is_held) in
        [(70, "attempts = 3", true), (70, "attempts = 3, backoff = \"200ms\"", true), (60, "attempts = 3", false)]
    {
        assert_eq!(by_flows(&text(customers, client)), (is_held, true, false), "{customers} {client}");
    }
}

#[test]
fn errors_leave_clients_in_their_pauses() {
    let crash = |text: &str| text.replace("blackhole", "crash");
    // Four attempts, half a second apart: 280 a second for half a second.
    let client = "attempts = 6, backoff = { first = \"500ms\", growth = \"constant\", jitter = \"none\" }";
    let held = crash(&text(70, client));
    assert!(by_flows(&held).0 && held_by_requests(&held) >= 6);
    assert_eq!(by_flows(&crash(&text(50, "attempts = 3"))), (false, false, true));
}
