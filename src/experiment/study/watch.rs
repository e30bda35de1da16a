//! Who follows a run, what may be asked of it, and why there may be no outcome.

use super::until::Until;
use crate::diagnostic::Diagnostics;
use crate::stop;

/// What the command line may override.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Threads; `None`: one for each core.
    pub threads: Option<usize>,
    /// Replications instead of the scenario's.
    pub replications: Option<u32>,
    /// Seed instead of the scenario's.
    pub seed: Option<u64>,
    /// When to stop.
    pub until: Until,
}

/// Follows a run, and may end it early.
pub trait Watcher: Sync {
    /// The run begins; in each replication [`crate::progress`] is told of so many simulated seconds.
    fn started(&self, of: u32, seconds: f64) {
        let _ = (of, seconds);
    }
    /// One more replication is done.
    fn replication_done(&self, done: u32, of: u32);
    /// Whether no further replication should begin.
    fn stopped(&self) -> bool;
}

/// Why there is no outcome.
pub enum RunError {
    /// The scenario cannot be run: retrying is useless.
    Scenario(Diagnostics),
    /// Interrupted before the first replication was done.
    Interrupted,
    /// The threads could not be started.
    Threads(String),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Scenario(problems) => {
                let lines: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
                formatter.write_str(&lines.join("\n"))
            }
            RunError::Interrupted => formatter.write_str("interrupted before the first replication was done"),
            RunError::Threads(why) => write!(formatter, "cannot start threads: {why}"),
        }
    }
}

/// As it is displayed: a `main` that returns it says what is wrong in plain words.
impl std::fmt::Debug for RunError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for RunError {}

impl From<Diagnostics> for RunError {
    fn from(problems: Diagnostics) -> RunError {
        RunError::Scenario(problems)
    }
}

/// Does what comes before the first replication, and may be left if the run is ended.
pub(crate) fn spared<T>(work: impl FnOnce() -> Result<T, RunError>) -> Result<T, RunError> {
    stop::unless_asked(work).unwrap_or(Err(RunError::Interrupted))
}
