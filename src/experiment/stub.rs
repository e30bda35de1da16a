//! STUB, to be replaced by the experiment floor: lets the command line compile.

use super::results::{Facts, Results};
use crate::diagnostic::Diagnostics;
use crate::scenario::Scenario;

/// Overrides.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Threads.
    pub threads: Option<usize>,
    /// Replications.
    pub replications: Option<u32>,
    /// Seed.
    pub seed: Option<u64>,
}

/// Watches a run.
pub trait Watcher: Sync {
    /// One is done.
    fn replication_done(&self, done: u32, of: u32);
    /// Whether to stop.
    fn stopped(&self) -> bool;
    /// It begins.
    fn started(&self, _of: u32) {}
}

/// Why there are no results.
#[derive(Debug)]
pub enum RunError {
    /// The scenario is wrong.
    Scenario(Diagnostics),
    /// Stopped before the first replication was done.
    Interrupted,
}

/// Facts.
///
/// # Errors
/// Never.
pub fn facts(_: &Scenario) -> Result<(Facts, Vec<String>), Diagnostics> {
    Ok((fixture::twilio().facts, Vec::new()))
}

/// Runs.
///
/// # Errors
/// Interrupted.
pub fn run(scenario: &Scenario, options: &Options, watcher: &dyn Watcher) -> Result<Results, RunError> {
    let of = options.replications.unwrap_or(20);
    watcher.started(of);
    let mut done = 0;
    while done < of && !watcher.stopped() {
        done += 1;
        std::thread::sleep(std::time::Duration::from_millis(20));
        watcher.replication_done(done, of);
    }
    if done == 0 {
        return Err(RunError::Interrupted);
    }
    let mut results = fixture::twilio();
    results.name.clone_from(&scenario.name);
    (results.replications_asked, results.replications_done) = (of, done);
    if scenario.expectations.is_empty() {
        results.verdicts.clear();
    }
    Ok(results)
}

#[allow(dead_code, missing_docs, clippy::all, clippy::pedantic, reason = "stub")]
#[path = "../../tests/golden/fixture.rs"]
mod fixture;
