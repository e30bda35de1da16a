//! Every key of a scenario has an effect, in the direction it promises.

mod client;
mod contract;
mod copies;
mod demand;
mod faults;
mod money;
mod router;
mod stage;
#[path = "../support/mod.rs"]
mod support;

use cellsim::experiment::outcome::Outcome;
use support::run_with;

/// How a figure moves when a key changes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moves {
    Up,
    Down,
}

/// Runs a scenario as it is and with a change, and holds a figure of both against each other.
#[track_caller]
fn moves(text: &str, change: &[&str], figure: &str, of: &dyn Fn(&Outcome) -> f64, direction: Moves) -> (f64, f64) {
    compare(text, &[], change, figure, of, direction)
}

/// As [`moves`], with some keys set in both.
#[track_caller]
fn compare(
    text: &str,
    common: &[&str],
    change: &[&str],
    figure: &str,
    of: &dyn Fn(&Outcome) -> f64,
    direction: Moves,
) -> (f64, f64) {
    let before = of(&run_with(text, common));
    let after = of(&run_with(text, &[common, change].concat()));
    let moved = match direction {
        Moves::Up => after > before + 0.01 * before.abs(),
        Moves::Down => after < before - 0.01 * before.abs(),
    };
    assert!(moved, "{change:?}: {figure} goes from {before} to {after}, not {direction:?}");
    (before, after)
}

/// A figure of the whole platform, with faults if there are any.
fn figure<'a>(metric: &'a str, statistic: &'a str) -> impl Fn(&Outcome) -> f64 + 'a {
    move |results| support::value(results, metric, statistic)
}

/// The only number of the first fault's incidents.
fn blast(metric: &str) -> impl Fn(&Outcome) -> f64 + '_ {
    move |results| support::of_fault(results, metric, "mean", "f")
}
