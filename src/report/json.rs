//! One JSON document per command, for programs. Its format version rises when a field changes its meaning or goes.

use serde::Serialize;

use super::verdict;
use crate::experiment::results::{Facts, Results};

/// Version of the documents and of manifest.json.
pub const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct RunDocument<'a> {
    format_version: u32,
    cellsim_version: &'a str,
    command: &'a str,
    exit_code: u8,
    verdict: String,
    interrupted: bool,
    folder: &'a str,
    files: &'a [String],
    results: &'a Results,
}

#[derive(Serialize)]
struct FactsDocument<'a> {
    format_version: u32,
    cellsim_version: &'a str,
    scenario: &'a str,
    facts: &'a Facts,
    warnings: &'a [String],
}

/// Returns the document of `run --format json`.
pub fn run(results: &Results, command: &str, folder: &str, files: &[String]) -> String {
    let headline = verdict::headline(results);
    document(&RunDocument {
        format_version: FORMAT_VERSION,
        cellsim_version: env!("CARGO_PKG_VERSION"),
        command,
        exit_code: headline.exit_code,
        verdict: headline.plain(),
        interrupted: results.interrupted(),
        folder,
        files,
        results,
    })
}

/// Returns the document of `validate --format json`.
pub fn facts(scenario: &str, facts: &Facts, warnings: &[String]) -> String {
    document(&FactsDocument {
        format_version: FORMAT_VERSION,
        cellsim_version: env!("CARGO_PKG_VERSION"),
        scenario,
        facts,
        warnings,
    })
}

/// Writes a value as indented JSON with a line end.
pub(super) fn document<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value).expect("structures of texts and numbers can always be written");
    text + "\n"
}
