//! Options that several commands have: which histories, what is printed, how a value is set.

use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};

use crate::experiment::{Options, Until};
use crate::machine;
use crate::scenario::{Scenario, duration};

/// Which random histories, and how fast.
#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    /// Threads to use [default: one per processor]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// Replications to run, instead of the (first) scenario's `replications`
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value_parser!(u32).range(1..))]
    pub(super) replications: Option<u32>,
    /// Master seed, instead of the (first) scenario's `seed`
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(super) seed: Option<u64>,
    /// End after this time, with the replications that are complete: "10min"
    #[arg(long, value_name = "DURATION", value_parser = time)]
    pub(super) at_most: Option<Duration>,
    /// Begin even if it takes more than an hour
    #[arg(long)]
    pub(super) yes: bool,
}

impl HistoryArguments {
    /// Returns the number of threads.
    pub(super) fn threads(&self) -> usize {
        self.threads.map_or_else(machine::processors, usize::from)
    }

    /// Returns what is wrong where an option and a `--set` say the same thing twice.
    pub(super) fn doubled(&self, scenario: &Scenario) -> Option<String> {
        let given = [("seed", self.seed.is_some()), ("replications", self.replications.is_some())];
        let (key, _) = given.into_iter().find(|(key, given)| *given && scenario.is_set(&format!("run.{key}")))?;
        Some(format!("--{key} and --set run.{key} exclude each other"))
    }

    /// Returns the options of a run that ends by this rule.
    pub(super) fn options(&self, until: Until) -> Options {
        let threads = self.threads.map(usize::from);
        Options { threads, replications: self.replications, seed: self.seed, until }
    }
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Reads a time that is not 0, as scenarios write it.
fn time(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        0 => Err("write a time above 0, as in 10min".to_owned()),
        nanoseconds => Ok(Duration::from_nanos(nanoseconds)),
    }
}

/// Refuses a `--set` without a path or without a value; what they say is the scenario reader's business.
pub(super) fn assignment(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((path, _)) if !path.trim().is_empty() => Ok(text.to_owned()),
        _ => Err("write path=value, as in tier.smb.customers=5000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_in_scenarios() {
        assert_eq!(time("1h 30min"), Ok(Duration::from_mins(90)));
        assert!(["", "0s", "5", "never"].iter().all(|text| time(text).is_err()));
    }

    #[test]
    fn a_set_needs_path_and_value() {
        assert!(assignment("a.b=1").is_ok());
        assert!(assignment("a.b=").is_ok());
        assert!(assignment("a.b").is_err());
        assert!(assignment("=1").is_err());
    }
}
