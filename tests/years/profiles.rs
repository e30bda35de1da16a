//! Demand that changes with the hours, over years: faults that harm only at the peak, against closed forms.

use crate::support::{Of, read, row, run_with, value_of};
use crate::{cause, inside};
use cellsim::world::flow::model::Model;
use cellsim::world::platform::Platform;
use std::sync::Arc;

/// Eight hours at twice the mean, the others at half of it: 80 % busy by day, 20 % by night.
const HOURS: &str = "profile = { hours = [1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1] }";

/// One cell of customers with a hundred requests a minute each, no retries, and hardly a queue.
fn text(demand: &str, profile: &str, fault: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"{demand}\"\n{profile}\n\
         client = {{ timeout = \"2s\", deadline = \"2s\", attempts = 1 }}\n\
         stage.s = {{ service_time = {{ exponential = \"20ms\" }}, queue = 20, size = {{ utilization = \"80%\" }}, instance = {{ concurrency = 1 }} }}\n\
         [fault.half]\nstrikes = {{ workflow = \"w\", tier = \"t\", cell = 1 }}\neffect = {{ capacity = \"50%\" }}\n{fault}\n\
         [run]\nlevel = \"incident\"\nhorizon = \"30d\"\nreplications = 2\n"
    )
}

const OF_TIER: Of<'static> = Of { tier: "t", workflow: "", fault: "", condition: None, unit: None };

fn bad_minutes(text: &str, more: &[&str]) -> f64 {
    let scripted = ["run.faults=scripted"];
    value_of(&run_with(text, &[&scripted[..], more].concat()), "bad_minutes", "mean", OF_TIER)
}

#[test]
fn lost_capacity_harms_at_the_peak_alone() {
    let minutes = |fault: &str| bad_minutes(&text("100/min", HOURS, fault), &[]);
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 0.05, "{found}, not {expected}");
    near(minutes("at = \"10h\"\nfor = \"1h\""), 60.0);
    near(minutes("at = \"20h\"\nfor = \"1h\""), 0.0);
    // Across both ends of the peak, and on its first day only.
    near(minutes("at = \"7h30min\"\nfor = \"1h\""), 30.0);
    near(minutes("at = \"15h30min\"\nfor = \"10h\""), 30.0);
    near(minutes("at = \"6h\"\nfor = \"3 days\""), 3.0 * 8.0 * 60.0);
    // On a schedule: every day at the peak's last half hour.
    near(minutes("at = \"15h30min\"\nfor = \"1h\"\nevery = \"1day\""), 30.0 * 30.0);
}

#[test]
fn a_random_fault_harms_for_the_share_of_time_at_the_peak() {
    // Repairs of an hour after two days in the mean; the peak is a third of the day.
    let fault = "mtbf = \"48h\"\nmttr = \"1h\"";
    let more = ["run.faults=random", "run.horizon=10 years", "run.replications=20"];
    let results = run_with(&text("100/min", HOURS, fault), &more);
    let bad = row(&results, "bad_minutes", "mean", OF_TIER);
    // With any part of a minute from an eighth on, a minute is bad: up to one more for each fault.
    let faults = 30.0 * 24.0 / 49.0;
    inside("bad minutes at the peak", bad, faults / 3.0 * 60.5, 6.0);
}

#[test]
fn at_night_a_crash_finds_fewer_requests() {
    // A request in two minutes by night, two a minute by day: a minute is bad unless nobody asks.
    let profile = HOURS;
    let minutes = |at: &str| {
        let fault = format!("at = \"{at}\"\nfor = \"1h\"");
        let text = text("1/min", profile, &fault).replace("capacity = \"50%\"", "errors = \"100%\"");
        bad_minutes(&text.replace("customers = 100", "customers = 10000"), &["workflow.w.stage.s.queue=2000"])
    };
    for (at, rate) in [("10h", 2.0_f64), ("20h", 0.5)] {
        let expected = 60.0 * (1.0 - (-rate).exp());
        assert!((minutes(at) - expected).abs() < 0.02 * expected, "{at}: {} {expected}", minutes(at));
    }
}

#[test]
fn requests_weigh_by_the_demand_of_their_minute() {
    let share = |at: &str| {
        let fault = format!("at = \"{at}\"\nfor = \"1h\"");
        let text = text("100/min", HOURS, &fault).replace("capacity = \"50%\"", "errors = \"100%\"");
        bad_minutes(&text, &["contract.measure=requests", "workflow.w.stage.s.queue=2000"])
    };
    assert!(
        (share("10h") - 120.0).abs() < 0.1 && (share("20h") - 30.0).abs() < 0.1,
        "{} {}",
        share("10h"),
        share("20h")
    );
}

#[test]
fn a_flat_profile_is_none() {
    let flat = format!("profile = {{ hours = [{}] }}", vec!["1"; 24].join(", "));
    let fault = "mtbf = \"5d\"\nmttr = \"1h\"";
    let more = ["run.faults=random", "run.horizon=5 years"];
    let rows = |profile: &str| format!("{:?}", run_with(&text("100/min", profile, fault), &more).rows);
    assert_eq!(rows(&flat), rows(""));
}

#[test]
fn a_week_has_a_level_for_each_hour_and_no_more() {
    let steps: Vec<String> =
        (0..168).map(|hour| format!("{{ at = \"{hour}h\", factor = {} }}", 1.0 + 0.005 * f64::from(hour))).collect();
    let week = format!("profile = {{ steps = [{}], every = \"168h\" }}", steps.join(", "));
    let scenario = read(&text("100/min", &week, "at = \"10h\"\nfor = \"1h\""));
    let platform = Arc::new(Platform::new(&scenario).expect("fits"));
    assert_eq!(Model::new(&scenario, &platform).levels.count(), 168);
    let results =
        run_with(&text("100/min", &week, "mtbf = \"5d\"\nmttr = \"1h\""), &["run.faults=random", "run.horizon=1 year"]);
    assert!(cause(&results, "half").incidents > 0);
}

#[test]
fn both_levels_agree_on_the_hour_in_which_the_peak_begins() {
    // From 0:00 on calm, from 0:06 on busy; half the slots are gone from 0:03 to 0:09.
    let profile = "profile = { steps = [{ at = \"6min\", factor = 4 }, { at = \"14min\", factor = 1 }] }";
    let text = text("25/min", profile, "at = \"3min\"\nfor = \"6min\"");
    let requests = [
        "run.level=request",
        "run.horizon=20min",
        "run.warmup=10s",
        "run.replications=40",
        "run.confidence=90%",
        "run.faults=scripted",
    ];
    let requests = run_with(&text, &requests);
    let minutes: Vec<f64> = requests.incidents.iter().map(|incident| incident.customer_minutes as f64).collect();
    let requests = cellsim::engine::stats::mean(&minutes, 0.90);
    let flows = run_with(&text, &["run.faults=scripted"]);
    let flow = cause(&flows, "half").minutes.value.expect("measured") * crate::years(&flows).years / 2.0;
    assert!((flow - 300.0).abs() < 10.0, "{flow}: 100 customers for three minutes");
    inside_margin(&requests, flow, 0.05 * flow);
}

#[track_caller]
fn inside_margin(requests: &cellsim::engine::stats::Estimate, flow: f64, margin: f64) {
    let (low, high) = requests.low.zip(requests.high).expect("an interval");
    assert!(low - flow >= -margin && high - flow <= margin, "{requests:?} and {flow} differ by more than {margin}");
}
