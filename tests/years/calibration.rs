//! Loss in health: theory, request-level runs, and flows that were calibrated by such runs.

use crate::support::{Of, read_with, row, run_on, run_with};
use crate::years;
use cellsim::engine::stats::Estimate;
use cellsim::engine::theory::mmck::Mmck;

/// Two stages, a tight time-out and no faults; constant service is what theory knows least.
fn text(service: &str, demand: u32) -> String {
    format!(
        "zones = 1\n[tier.t]\ncustomers = 200\ncells = 4\nsla = \"99.9%\"\n[router]\n\
         [workflow.w]\ndemand = \"{demand}/min\"\nclient = {{ timeout = \"100ms\", deadline = \"1s\" }}\npath = [\"a\", \"s\"]\n\
         stage.a = {{ service_time = {{ p50 = \"8ms\", p99 = \"40ms\" }}, size = {{ concurrency = 2 }} }}\n\
         stage.s = {{ service_time = {service}, size = {{ concurrency = 2 }} }}\n[run]\n"
    )
}

/// Failed share of requests, by runs of requests.
fn by_requests(text: &str) -> f64 {
    let results = run_with(text, &["run.horizon=20min", "run.replications=10"]);
    row(&results, "error_share", "mean", Of { tier: "t", ..Of::default() }).value.expect("measured")
}

const FLOWS: [&str; 4] = ["run.level=incident", "run.horizon=30d", "run.replications=30", "contract.measure=requests"];

/// Failed share of requests, by flows.
fn by_flows(text: &str, more: &[&str]) -> (Estimate, Vec<String>) {
    let results = run_with(text, &[&FLOWS[..], more].concat());
    let minutes = row(&results, "bad_minutes", "mean", Of { tier: "t", ..Of::default() });
    (minutes.scaled(1.0 / 43_200.0), years(&results).calibration.clone())
}

#[test]
fn theory_is_close_for_exponential_and_log_normal_service() {
    for service in ["{ exponential = \"20ms\" }", "{ p50 = \"15ms\", p99 = \"75ms\" }"] {
        for demand in [60, 105] {
            let (requests, flows) = (by_requests(&text(service, demand)), by_flows(&text(service, demand), &[]).0);
            let flows = flows.value.expect("measured");
            assert!((flows / requests - 1.0).abs() < 0.04, "{service} {demand}: {requests} {flows}");
        }
    }
}

#[test]
fn runs_correct_theory_and_their_error_is_in_the_interval() {
    // Constant services one after the other: behind the first queue there is none, which theory does not know.
    let text = text("\"20ms\"", 84).replace("{ p50 = \"8ms\", p99 = \"40ms\" }", "\"20ms\"");
    let requests = by_requests(&text);
    let (theory, nothing) = by_flows(&text, &[]);
    assert!(theory.value.expect("measured") > 1.15 * requests && nothing.is_empty(), "{theory:?} {requests}");
    let (found, said) = by_flows(&text, &["run.calibration={ horizon = \"5min\", replications = 8 }"]);
    let (low, high) = (found.low.expect("an interval"), found.high.expect("an interval"));
    assert!((found.value.expect("measured") / requests - 1.0).abs() < 0.05, "{found:?} {requests}");
    // No fault, nothing else that is drawn: all that differs between replications is the table.
    assert!(high > low && theory.low == theory.high, "{found:?} {theory:?}");
    assert!(said.len() == 3 && said.iter().all(|line| line.contains("the runs are used")), "{said:?}");
}

#[test]
fn what_runs_do_not_see_is_left_to_theory() {
    let text = text("{ exponential = \"2ms\" }", 60).replace("timeout = \"100ms\"", "timeout = \"800ms\"");
    let (theory, _) = by_flows(&text, &[]);
    let (found, said) = by_flows(&text, &["run.calibration={ horizon = \"1min\", replications = 2 }"]);
    assert_eq!(found, theory);
    assert!(said[0].contains("0 of") && said[0].contains("theory stands"), "{said:?}");
}

/// No load brings a delay to 95 %: what no station bounds is run at the usual load, and idle stations at no more than ten times it.
#[test]
fn calibration_ends_where_stations_are_idle() {
    let more = &["run.calibration={ horizon = \"1min\", replications = 2 }"];
    let delays = text("{ exponential = \"30ms\" }", 60).replace(", size = { concurrency = 2 }", ", kind = \"delay\"");
    let (found, said) = by_flows(&delays, more);
    assert!(said.len() == 1 && said[0].contains("at 1.00 times the usual load"), "{said:?}");
    // exp(-100 ms / 30 ms) are late at the last stage alone, a little more with the first.
    assert!(found.value.is_some_and(|late| (0.036..0.09).contains(&late)), "{found:?}");
    let idle = text("{ exponential = \"0.1ms\" }", 60)
        .replace("p50 = \"8ms\", p99 = \"40ms\"", "p50 = \"0.1ms\", p99 = \"1ms\"");
    let (_, said) = by_flows(&idle, more);
    assert!(said.last().is_some_and(|line| line.contains("at 10.00 times the usual load")), "{said:?}");
}

#[test]
fn calibrated_years_are_the_same_on_any_number_of_threads() {
    let more = ["run.calibration.horizon=1min", "run.calibration.replications=3", "run.replications=4"];
    let scenario = read_with(&text("\"20ms\"", 84), &[&FLOWS[..], &more].concat());
    let text = |threads| cellsim::report::json::run(&run_on(&scenario, threads), "", "", &[]);
    assert_eq!(text(1), text(3));
}

/// M/M/3 with five places: theory is exact, so that what the runs find is theory and their luck.
#[test]
fn the_interval_of_calibrated_losses_holds_the_truth() {
    let text = "zones = 1\n[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"1.2/s\"\n\
         client = { timeout = \"10min\", deadline = \"10min\" }\n\
         stage.s = { service_time = { exponential = \"20ms\" }, size = { concurrency = 3 }, queue = 5 }\n[run]\n";
    let theory = Mmck { arrival_rate: 120.0, service_rate: 50.0, servers: 3, room: 8 }.refused();
    for replications in ["run.replications=30", "run.replications=4"] {
        let mut held = 0;
        for seed in 1..=24 {
            let seed = format!("run.seed={seed}");
            let sets = [&seed, replications, "run.calibration={ horizon = \"1min\", replications = 6 }"];
            let (found, _) = by_flows(text, &sets);
            held += u32::from(found.low <= Some(theory) && Some(theory) <= found.high);
        }
        // Of 24 intervals at 95 % fewer than 20 hold with a probability of 0.6 %, and all of them with 29 %.
        assert!(held >= 20, "{replications}: {held} of 24 hold {theory}");
    }
}
