//! What may be typed.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum, value_parser};

use super::options::assignment;
pub(super) use super::options::{Format, HistoryArguments};
pub(super) use super::report_arguments::ReportArguments;
pub(super) use super::sweep_arguments::SweepArguments;
use crate::experiment::Until;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "cellsim",
    version,
    about = "Simulates cell-based platforms: how far failures spread, and what they take from each SLA",
    long_about = "Simulates cell-based platforms. A scenario file says who is served and what they were promised, \
        what they do, how the platform is cut into cells, and what goes wrong. cellsim tells how far each failure \
        spreads, what it takes from each tier's SLA, and what cells cost, with confidence intervals.",
    after_help = "Exit codes:
  0  fine
  1  could not finish
  2  bad usage or scenario
  3  an expectation is breached
  4  an expectation is undecided or not measured, or the run was interrupted",
    max_term_width = 110,
    arg_required_else_help = true
)]
pub(super) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a scenario: print a summary, write tables and charts
    Run(RunArguments),
    /// Compare designs on the same requests: paired differences
    Compare(CompareArguments),
    /// Run many points of a design: the cheapest that keeps all, and which lever moves what
    Sweep(SweepArguments),
    /// Make one HTML page of a results folder: answer, replay, tables, charts
    Report(ReportArguments),
    /// Check this program: closed forms of theory against simulated scenarios
    Selftest(SelftestArguments),
    /// Check a scenario and print what follows from it, without running it
    Validate(ValidateArguments),
    /// Explain the keys of scenarios: what may be written, what holds without it
    Keys(KeysArguments),
    /// Print the JSON schema (draft 7) of scenarios, or of study files, for editors
    Schema(SchemaArguments),
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Of which files
    #[arg(value_name = "FILES", value_enum, default_value = "scenario")]
    pub(super) of: Files,
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Files {
    /// Scenarios.
    Scenario,
    /// Studies.
    Study,
}

/// Arguments of `keys`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cellsim keys                       what may stand at the top level
  cellsim keys run.horizon           one key
  cellsim keys workflow.NAME.client  a table and its keys
  cellsim keys timeout               wherever a key of this name works")]
pub(super) struct KeysArguments {
    /// A key, a table, or nothing
    #[arg(value_name = "PATH", default_value = "")]
    pub(super) path: String,
}

/// Where `--precision` and `--decide` give up.
const MAX_REPLICATIONS: u32 = 1000;

impl RunArguments {
    /// Returns the rule of stopping.
    pub(super) fn until(&self) -> Until {
        let at_most = self.max_replications.unwrap_or(MAX_REPLICATIONS);
        match (self.precision, self.decide) {
            (Some(share), _) => Until::Precise { share, at_most },
            (None, true) => Until::Decided { at_most },
            (None, false) => Until::Done,
        }
    }
}

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cellsim run scenarios/twilio.toml
  cellsim run scenarios/twilio.toml --set tier.smb.customers=30000 --out more
  cellsim run scenarios/twilio.toml --replications 3     a quick look
  cellsim run scenarios/twilio.toml --precision 2%       as many as that takes
  cellsim run scenarios/twilio.toml -q --junit ci.xml    in a CI job
  cellsim run scenarios/*.toml --junit ci.xml            all, a line each
  cellsim run years.toml --at-most 10min                 what is done by then

The same scenario, seed and version give the same files, byte for byte, for
any number of threads. Ctrl-C, SIGTERM or SIGHUP end the run within a second
and write what is complete; a second one stops at once. Of several scenarios
the worst exit code counts.")]
#[command(group = ArgGroup::new("rule").args(["precision", "decide"]))]
pub(super) struct RunArguments {
    /// The scenario files (TOML); of several, one line each is printed
    #[arg(value_name = "FILE", num_args = 1.., required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Change one value of every scenario, as if the file said so; may be given many times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub(super) sets: Vec<String>,
    #[command(flatten)]
    pub(super) histories: HistoryArguments,
    /// Run until the numbers that matter are this precise: half-width over value, "2%"
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with = "replications")]
    pub(super) precision: Option<f64>,
    /// Run until every expectation is kept or breached
    #[arg(long, conflicts_with = "replications")]
    pub(super) decide: bool,
    /// Replications after which --precision or --decide gives up, with exit code 4 [default: 1000]
    #[arg(long, value_name = "N", requires = "rule", allow_negative_numbers = true, value_parser = value_parser!(u32).range(30..=1_000_000))]
    pub(super) max_replications: Option<u32>,
    /// Folder to write into; of several scenarios, the folder around theirs [default: results/ and the scenario's name]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// What is printed: a summary for people, or one JSON document for programs
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(super) format: Format,
    /// Also write the expectations as JUnit XML: one test case each
    #[arg(long, value_name = "PATH")]
    pub(super) junit: Option<PathBuf>,
    /// Also write each chart as PNG
    #[arg(long, conflicts_with = "no_charts")]
    pub(super) png: bool,
    /// Write no charts
    #[arg(long)]
    pub(super) no_charts: bool,
    /// No progress, and of the summary only the first line: the verdict
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cellsim compare scenarios/twilio.toml scenarios/tier-sizing/small-smb.toml
  cellsim compare a.toml b.toml c.toml --replications 50

The first design is what the others are compared with. All run with its seed,
replications and confidence, so that they meet the same requests with the same
randomness. Ends with 0 if they could be compared, whatever the differences,
and with 4 if their demand is not the same.")]
pub(super) struct CompareArguments {
    /// The scenario files (TOML), the one to compare with first
    #[arg(value_name = "FILE", num_args = 2.., required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Change one value of every scenario; may be given many times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub(super) sets: Vec<String>,
    #[command(flatten)]
    pub(super) histories: HistoryArguments,
    /// Folder to write into [default: results/compare/ and the scenarios' names]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// What is printed: a table for people, or one JSON document for programs
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(super) format: Format,
    /// No progress, and only one line for each design
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// Arguments of `selftest`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cellsim selftest
  cellsim selftest --case m-m-10 --case tandem

Theory must lie inside the interval of what was simulated, and the interval
must be narrow. A true program fails once in a thousand times; its seeds never
change, so that this one passes always or never. Ends with 0 if all checks
pass, else with 3.")]
pub(super) struct SelftestArguments {
    /// Only this case; may be given many times
    #[arg(long = "case", value_name = "NAME")]
    pub(super) cases: Vec<String>,
    /// Threads to use [default: one per processor]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// What is printed: a table for people, or one JSON document for programs
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(super) format: Format,
    /// No progress, and only the first line: the verdict
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cellsim validate scenarios/twilio.toml
  cellsim validate scenarios/twilio.toml --set zones=2

Prints cells per tier and workflow, the smallest and the busiest cell, how
utilized the stations are, and the cost. Ends with 0 if the scenario can be
run and with 2 if not.")]
pub(super) struct ValidateArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,
    /// What is printed: tables for people, or one JSON document for programs
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(super) format: Format,
}

/// Which scenario.
#[derive(Debug, Args)]
pub(super) struct ScenarioArguments {
    /// The scenario file (TOML)
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Change one value of the scenario, as if the file said so; may be given many times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub(super) sets: Vec<String>,
}

/// Reads a share above 0 and below 1, as a percentage or as a number.
fn share(text: &str) -> Result<f64, String> {
    let value = match text.trim().strip_suffix('%') {
        Some(percentage) => percentage.trim().parse::<f64>().map(|value| value / 100.0),
        None => text.trim().parse(),
    };
    match value {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("write a share above 0 % and below 100 %, as in 2%".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn shares_are_percentages_or_numbers() {
        assert_eq!((share("2%"), share("0.5")), (Ok(0.02), Ok(0.5)));
        assert!(["", "%", "0", "100%", "-1%", "nan", "two"].iter().all(|text| share(text).is_err()));
    }
}
