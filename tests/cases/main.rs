//! Cases that users of such tools met, with the right value of each: `files/NAME/` holds the scenario, a test the number.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each module uses a part of it")]

#[path = "../support/mod.rs"]
mod support;

mod expectable;
mod harm;
mod harm_of_years;
mod held;
mod input;
mod limits;
mod months;
mod requests;
mod schedules;
mod seldom;
mod stations;
mod unseen;
mod verdicts;
mod words;
mod years;

use std::path::PathBuf;

use cellsim::scenario::Scenario;

/// The folder of a case.
fn folder(case: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "cases", "files", case].iter().collect()
}

/// Reads a file of a case with `--set` arguments; what is wrong with it is the error.
fn read(case: &str, file: &str, sets: &[&str]) -> Result<Scenario, String> {
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    Scenario::read(&folder(case).join(file), &sets).map_err(|problems| problems.render(false, 120))
}
