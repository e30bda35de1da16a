//! What may be typed after `cellsim report`.

use std::path::PathBuf;

use clap::Args;

use crate::report::page::replay::which::Which;

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cellsim report results/twilio               makes report.html in the folder
  cellsim report results/twilio --replay worst --open
  cellsim report results/twilio results/twilio-year --out review.html
  cellsim report results/compare/a-b

The page is one file that fetches nothing: it can be mailed, printed, put on a
share. The replay is one history of the run, recorded by running it once more;
replay.csv beside the page holds it as a table. The same folders and scenario
give the same page, byte for byte.")]
pub(super) struct ReportArguments {
    /// Folders that `run`, `compare` or `sweep` wrote
    #[arg(value_name = "FOLDER", num_args = 1.., required = true)]
    pub(super) folders: Vec<PathBuf>,
    /// The page [default: report.html in the first folder]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Which history is replayed: median or worst by customer-minutes, a number, or none
    #[arg(long, value_name = "WHICH", default_value = "median", value_parser = which)]
    pub(super) replay: Which,
    /// Heading of the page [default: the scenarios' titles]
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// Show it in a browser
    #[arg(long)]
    pub(super) open: bool,
}

/// Reads which history is meant.
fn which(text: &str) -> Result<Which, String> {
    match (text, text.parse()) {
        ("median", _) => Ok(Which::Median),
        ("worst", _) => Ok(Which::Worst),
        ("none", _) => Ok(Which::None),
        (_, Ok(number)) if number > 0 => Ok(Which::Number(number)),
        _ => Err("write median, worst, none, or the number of a replication, from 1".to_owned()),
    }
}
