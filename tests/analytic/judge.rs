//! Inclusion: theory must lie inside the interval, and the interval must be narrow.
//!
//! All checks of this folder are one family: each is made at the level at which, by Sidak's rule, a true program fails any of
//! them with a probability of 0.1 %. Seeds stay as they are: one that was chosen to pass would prove nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use cellsim::engine::stats::{self, Estimate};
use cellsim::experiment::outcome::Outcome;
use cellsim::experiment::selftest;

use crate::support::{Of, row};

/// Checks in the family, at most.
const CASES: usize = 160;

static MADE: AtomicUsize = AtomicUsize::new(0);

/// The level of confidence of each check.
pub(crate) fn level() -> f64 {
    selftest::level(CASES)
}

/// The line for a scenario's `[run]`.
pub(crate) fn confidence() -> String {
    format!("confidence = {}", level())
}

/// Counts checks of the family.
pub(crate) fn count(checks: usize) {
    let made = MADE.fetch_add(checks, Ordering::Relaxed) + checks;
    assert!(made <= CASES, "{made} checks: more than the family was made for");
}

/// Theory lies inside an interval made at [`level`], whose like at 95 % is narrow.
#[track_caller]
pub(crate) fn inside(what: &str, estimate: &Estimate, theory: f64) {
    count(1);
    let (Some(value), Some(low), Some(high)) = (estimate.value, estimate.low, estimate.high) else {
        panic!("{what}: no interval: {estimate:?}");
    };
    let half = selftest::half_width(estimate, level()).expect("an interval has a width");
    println!("{what}: {value:.6} +- {:.2} %, theory {theory:.6}", 100.0 * half / value);
    assert!(low <= theory && theory <= high, "{what}: theory says {theory}, found {value} in {low} ... {high}");
    assert!(
        half <= selftest::NARROW * value.abs(),
        "{what}: half-width {half} of {value} is too wide to prove anything"
    );
}

/// As [`inside`], of a row of the tidy table about the whole platform.
#[track_caller]
pub(crate) fn row_inside(results: &Outcome, metric: &str, statistic: &str, theory: f64) {
    inside(&format!("{metric} {statistic}"), row(results, metric, statistic, Of::default()), theory);
}

/// As [`inside`], of the mean of one value for each replication.
#[track_caller]
pub(crate) fn mean_inside(what: &str, values: &[f64], theory: f64) {
    inside(what, &stats::mean(values, level()), theory);
}
