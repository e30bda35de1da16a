//! The two levels are equivalent where both apply: the interval of the difference lies inside the margin.

use crate::support::{Of, run_with, value_of};
use crate::{cause, years};
use cellsim::engine::stats::paired_difference;

/// Ten cells with a fault over minutes 2 to 6, at both levels; customers with so many requests a minute.
fn text(demand: &str, client: &str, fault: &str) -> String {
    format!(
        "zones = 3\n[tier.t]\ncustomers = 400\ncells = 4\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"{demand}\"\nclient = {{ timeout = \"500ms\", deadline = \"2s\", {client} }}\n\
         stage.s = {{ service_time = {{ exponential = \"20ms\" }}, queue = 50, size = {{ utilization = \"60%\" }}, instance = {{ concurrency = 4 }} }}\n\
         [fault.f]\n{fault}\nat = \"100s\"\nfor = \"4min\"\n\
         [run]\nfaults = \"scripted\"\n"
    )
}

/// Customer-minutes and harmed customers of both levels.
fn both(text: &str) -> ([f64; 2], [f64; 2], f64) {
    // Luck weighs more where customers send little; such runs are cheap.
    let replications = if text.contains("\"1/min\"") { "run.replications=80" } else { "run.replications=12" };
    let requests = run_with(text, &["run.horizon=12min", replications, "run.warmup=20s"]);
    let flows = run_with(text, &["run.level=incident", "run.horizon=31d", "run.replications=200"]);
    let of = Of { fault: "f", ..Of::default() };
    let minutes: Vec<f64> = requests.incidents.iter().map(|incident| incident.customer_minutes as f64).collect();
    let flow = cause(&flows, "f").minutes.value.expect("measured") * years(&flows).years / 200.0;
    let spread = paired_difference(&minutes, &vec![flow; minutes.len()], 0.90);
    let half = spread.half_width().unwrap_or(0.0);
    let customers = |results| value_of(results, "blast_radius", "mean", of);
    ([value_of(&requests, "customer_minutes", "mean", of), flow], [customers(&requests), customers(&flows)], half)
}

#[track_caller]
fn agree(what: &str, text: &str) {
    let (minutes, customers, half) = both(text);
    let difference = (minutes[0] - minutes[1]).abs();
    let margin = (0.05 * minutes[1]).max(1.0);
    assert!(difference + half <= margin, "{what}: {minutes:?} differ by more than {margin}, ± {half}");
    let margin = (0.05 * customers[1]).max(1.0);
    assert!((customers[0] - customers[1]).abs() <= margin, "{what}: {customers:?}");
}

const CELL: &str = "strikes = { workflow = \"w\", tier = \"t\", cell = 2 }";
const RETRIES: &str = "attempts = 3, backoff = \"20ms\"";

#[test]
fn on_a_crash() {
    for demand in ["100/min", "1/min"] {
        agree("crash", &text(demand, RETRIES, &format!("{CELL}\neffect = \"crash\"")));
    }
}

#[test]
fn on_errors_per_attempt() {
    let fault = "strikes = { platform = true }\neffect = { errors = \"50%\" }";
    agree("errors", &text("100/min", RETRIES, fault));
    agree("errors", &text("1/min", RETRIES, fault));
}

#[test]
fn on_the_loss_of_a_zone() {
    let fault = "strikes = { zone = \"b\" }\neffect = \"crash\"\ndetected_after = \"2min\"";
    agree("zone", &text("100/min", "attempts = 1", fault));
}

#[test]
fn on_lost_capacity_and_a_storm_of_retries() {
    let fault = format!("{CELL}\neffect = {{ capacity = \"25%\" }}");
    agree("capacity", &text("100/min", "attempts = 1", &fault));
    agree("storm", &text("100/min", RETRIES, &fault));
}
