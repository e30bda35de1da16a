//! The incident level: against theory, against the request level, and every key that it reads.

mod agreement;
mod attempts;
mod calibration;
mod contract;
mod harm;
mod lookups;
mod luck;
mod outputs;
mod overload;
mod profiles;
mod rare;
mod refusals;
mod schedules;
mod services;
mod storms;
#[path = "../support/mod.rs"]
mod support;
mod theory;
mod windows;

use cellsim::engine::stats::Estimate;
use cellsim::experiment::outcome::Outcome;
use cellsim::experiment::outcome::years::{CauseYears, Years};

/// Cells of alike customers with 20 requests a minute each, and whole outages of one cell at a time.
fn outages(cells: u32, more: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 1000\ncells = {cells}\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"20/min\"\nclient.deadline = \"1s\"\nprice = \"$1/request\"\n\
         stage.s = {{ service_time = \"10ms\", size = {{ utilization = \"10%\" }} }}\n\
         [fault.outage]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"30d\"\n\
         mttr = {{ p50 = \"5min\", p84.1344746 = \"13.591409min\" }}\n\
         [run]\nlevel = \"incident\"\nhorizon = \"10 years\"\nreplications = 20\n{more}\n"
    )
}

#[track_caller]
fn years(results: &Outcome) -> &Years {
    results.years().expect("a run at the incident level")
}

#[track_caller]
fn cause<'a>(results: &'a Outcome, name: &str) -> &'a CauseYears {
    years(results).causes.iter().find(|cause| cause.fault == name).expect("the cause was active")
}

#[track_caller]
fn kept(results: &Outcome) -> &Estimate {
    support::row(results, "sla_attainment", "mean", support::Of { tier: "t", ..support::Of::default() })
}

/// Theory lies inside the interval, whose half-width is at most so much.
#[track_caller]
fn inside(what: &str, estimate: &Estimate, theory: f64, half_width: f64) {
    let (Some(low), Some(high)) = (estimate.low, estimate.high) else { panic!("{what}: no interval: {estimate:?}") };
    // What is exact has the digits of a double.
    let digits = 1e-12 * theory.abs();
    assert!(low - digits <= theory && theory <= high + digits, "{what}: theory says {theory}, found {estimate:?}");
    assert!((high - low) / 2.0 <= half_width, "{what}: too wide: {estimate:?}");
}
