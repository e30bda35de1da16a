//! One JSON document per command, for programs. Its format version rises when a field changes its meaning or goes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::{document, verdict, warnings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::experiment::design::work::Work;
use crate::experiment::outcome::{Facts, Outcome, Warning};
use crate::number;
use crate::printable::{in_a_line, printable};

/// Version of the documents and of manifest.json.
pub const FORMAT_VERSION: u32 = 3;

#[derive(Serialize)]
struct RunDocument<'a, Document> {
    format_version: u32,
    cellsim_version: &'a str,
    command: &'a str,
    exit_code: u8,
    verdict: String,
    interrupted: bool,
    folder: &'a str,
    files: &'a [String],
    results: Document,
}

#[derive(Serialize)]
struct FactsDocument<'a> {
    format_version: u32,
    cellsim_version: &'a str,
    scenario: &'a str,
    work: &'a Work,
    facts: &'a Facts,
    warnings: Vec<String>,
}

/// Returns the document of `run --format json`.
pub fn run(results: &Outcome, command: &str, folder: &str, files: &[String]) -> String {
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
        results: document::of(results),
    })
}

/// Returns the document of several runs: theirs, in their order.
pub fn runs(exit_code: u8, documents: &[String]) -> String {
    let documents: Vec<&str> = documents.iter().map(|document| document.trim_end()).collect();
    format!(
        "{{\n  \"format_version\": {FORMAT_VERSION},\n  \"exit_code\": {exit_code},\n  \"runs\": [\n{}\n  ]\n}}\n",
        documents.join(",\n")
    )
}

#[derive(Serialize)]
struct ErrorsDocument {
    format_version: u32,
    exit_code: u8,
    errors: Vec<ErrorEntry>,
    /// Problems that are only counted.
    #[serde(skip_serializing_if = "is_zero")]
    more: usize,
}

#[derive(Serialize)]
struct ErrorEntry {
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    message: String,
    help: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
fn is_zero(more: &usize) -> bool {
    *more == 0
}

/// Returns the document of a command that could not do what was asked for.
pub fn errors(problems: &Diagnostics, exit_code: u8) -> String {
    let entry = |problem: &Diagnostic| ErrorEntry {
        file: (!problem.file.is_empty()).then(|| in_a_line(&problem.file).into_owned()),
        line: problem.line(),
        column: problem.column(),
        message: problem.shown(),
        help: problem.help.as_deref().map(|help| printable(help).into_owned()),
    };
    let errors: Vec<ErrorEntry> = problems.first().iter().map(entry).collect();
    let more = problems.0.len() - errors.len();
    document(&ErrorsDocument { format_version: FORMAT_VERSION, exit_code, errors, more })
}

/// Returns the document of `validate --format json`.
pub fn facts(scenario: &str, facts: &Facts, work: &Work, warnings: &[Warning]) -> String {
    document(&FactsDocument {
        format_version: FORMAT_VERSION,
        cellsim_version: env!("CARGO_PKG_VERSION"),
        scenario,
        work,
        facts,
        warnings: warnings.iter().map(warnings::text).collect(),
    })
}

/// Writes a value as indented JSON with a line end; numbers have at most nine significant digits, as in the tables.
pub fn document<T: Serialize>(value: &T) -> String {
    const IN_MEMORY: &str = "structures of texts and numbers can always be written";
    let mut bytes = Vec::new();
    let rounding = Rounding(PrettyFormatter::new());
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, rounding)).expect(IN_MEMORY);
    bytes.push(b'\n');
    String::from_utf8(bytes).expect(IN_MEMORY)
}

/// Indents as usual, and rounds numbers.
struct Rounding(PrettyFormatter<'static>);

impl Formatter for Rounding {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        self.0.write_f64(writer, number::rounded(value))
    }
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }
    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }
    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
