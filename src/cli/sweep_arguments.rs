//! What may be typed after `sweep`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::options::{Format, HistoryArguments, assignment};
use crate::scenario::space::Plan;

/// Arguments of `sweep`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cellsim sweep scenarios/sizing.study.toml
  cellsim sweep scenarios/twilio-year.toml --vary tier.smb.customers_per_cell.target=1000,2500,5000
  cellsim sweep mine.toml --vary cell:tier.smb.customers_per_cell.target=500..4000*4 --vary repair:fault.crash.mttr=x0.5,x1,x2
  cellsim sweep mine.toml --vary zones=2..4/3 --dry-run     points, what is out, how long it takes
  cellsim sweep mine.study.toml --points latin:200          some of very many points
  cellsim sweep mine.study.toml --points one-at-a-time      each lever alone

Values: a list; a..b/n equally spaced; a..b*n in equal ratios; x0.5,x1,x2
multiples of what the scenario says; of a table (a fault), true as the scenario
says and false without it. All points meet the same histories. A sweep that was
ended goes on when it is typed again, from study.journal in its folder.
Ends with 0 if some point keeps every expectation, with 3 if each breaks one,
with 4 if that is undecided or points are left.")]
pub(super) struct SweepArguments {
    /// A scenario, or a study file: TOML that begins with `scenario = ..`
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// A lever and its values; may be given many times
    #[arg(long = "vary", value_name = "[NAME:]PATH=VALUES", value_parser = assignment)]
    pub(super) varies: Vec<String>,
    /// Change one value of every scenario, as if the file said so; may be given many times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub(super) sets: Vec<String>,
    /// Which points: all, latin:N, one-at-a-time
    #[arg(long, value_name = "WHICH", default_value_t = Points(Plan::All))]
    pub(super) points: Points,
    /// Refuse to begin more points than this
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) max_points: u32,
    #[command(flatten)]
    pub(super) histories: HistoryArguments,
    /// Also show this measure: an id of summary.csv; may be given many times
    #[arg(long, value_name = "METRIC_ID")]
    pub(super) show: Vec<String>,
    /// Folder to write into [default: results/sweep/ and the file's name]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Begin anew, whatever an earlier sweep has done; its journal is kept as study.journal.1
    #[arg(long)]
    pub(super) fresh: bool,
    /// Keep the journal of a complete sweep
    #[arg(long)]
    pub(super) keep_journal: bool,
    /// Say which points there are, what is out without simulating it, and how long the rest takes
    #[arg(long)]
    pub(super) dry_run: bool,
    /// What is printed: tables for people, one JSON document for programs, or a line of JSON for each point as it is done
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(super) format: SweepFormat,
    /// Also write the answer as JUnit XML: one test case, passed if some point keeps every expectation
    #[arg(long, value_name = "PATH")]
    pub(super) junit: Option<PathBuf>,
    /// Also write the chart as PNG
    #[arg(long, conflicts_with = "no_charts")]
    pub(super) png: bool,
    /// Write no chart
    #[arg(long)]
    pub(super) no_charts: bool,
    /// No progress, and only the first line
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SweepFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For pipelines.
    Jsonl,
}

impl SweepFormat {
    /// Returns how errors are printed.
    pub(super) fn of_errors(self) -> Format {
        if self == SweepFormat::Text { Format::Text } else { Format::Json }
    }
}

/// Which points, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Points(pub(super) Plan);

impl FromStr for Points {
    type Err = String;

    fn from_str(text: &str) -> Result<Points, String> {
        match (text, text.strip_prefix("latin:")) {
            ("all", _) => Ok(Points(Plan::All)),
            ("one-at-a-time", _) => Ok(Points(Plan::OneAtATime)),
            (_, Some(number)) => match number.parse() {
                Ok(number) if number > 0 => Ok(Points(Plan::Latin(number))),
                _ => Err("write latin: and a number of points, as in latin:200".to_owned()),
            },
            _ => Err("write all, latin:N or one-at-a-time".to_owned()),
        }
    }
}

impl fmt::Display for Points {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Plan::All => formatter.write_str("all"),
            Plan::Latin(number) => write!(formatter, "latin:{number}"),
            Plan::OneAtATime => formatter.write_str("one-at-a-time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_points_is_read_back() {
        for text in ["all", "latin:200", "one-at-a-time"] {
            assert_eq!(text.parse::<Points>().map(|points| points.to_string()), Ok(text.to_owned()));
        }
        assert!(["", "latin", "latin:0", "latin:x", "some"].iter().all(|text| text.parse::<Points>().is_err()));
    }
}
