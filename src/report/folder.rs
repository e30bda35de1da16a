//! The results folder: tables, charts, summary.md and, as the seal of the set, manifest.json.
//!
//! Every file is written in full beside its place before the first one is moved there (see `whole`). A disk that fills up
//! therefore leaves the files of an earlier run as they were, and where there is a manifest.json, its digests fit.

use std::fmt;
use std::fs;
use std::path::Path;

use super::charts::{self, CHARTS, ChartError};
use super::manifest::{self, Provenance};
use super::single::{WriteError, at, put};
use super::{csv, markdown, whole};
use crate::experiment::outcome::Outcome;
use crate::files::special;

/// Which charts are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charts {
    /// None.
    None,
    /// SVG.
    Svg,
    /// SVG and PNG.
    SvgAndPng,
}

/// Why there are no new results.
#[derive(Debug)]
pub enum FolderError {
    /// A file or folder could not be written.
    Write(WriteError),
    /// A chart could not be drawn or written.
    Chart(ChartError),
}

impl From<WriteError> for FolderError {
    fn from(error: WriteError) -> FolderError {
        FolderError::Write(error)
    }
}

impl fmt::Display for FolderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::Write(error) => write!(formatter, "{error}"),
            FolderError::Chart(error) => write!(formatter, "{error}"),
        }
    }
}

impl std::error::Error for FolderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FolderError::Write(error) => Some(error),
            FolderError::Chart(error) => Some(error),
        }
    }
}

/// Why a folder is no place for results.
#[derive(Debug)]
pub enum Unfit {
    /// It cannot be written.
    Write(WriteError),
    /// Something stands where a result file would, and is no regular file.
    Taken(String),
}

/// Checks that a folder can be written or made, without leaving a trace: better known before a long run than after it.
///
/// # Errors
/// The nearest existing folder is none, or cannot be written; or a pipe, a device or a folder has the name of a result file.
pub fn check(folder: &Path) -> Result<(), Unfit> {
    check_for(folder, csv::names().chain(COMPARISON).chain([SUMMARY, manifest::NAME]))
}

/// Checks the same for a set of files of these names.
///
/// # Errors
/// As [`check`].
pub fn check_for(folder: &Path, names: impl Iterator<Item = &'static str>) -> Result<(), Unfit> {
    let mut existing = folder;
    while !existing.as_os_str().is_empty() && !existing.exists() {
        existing = existing.parent().unwrap_or(Path::new(""));
    }
    let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
    at(folder, tempfile::tempfile_in(existing).map(drop)).map_err(Unfit::Write)?;
    for name in names {
        let path = folder.join(name);
        let kind = fs::metadata(&path).ok().and_then(|metadata| special(metadata.file_type()));
        if let Some(kind) = kind {
            return Err(Unfit::Taken(format!("{} is not a regular file: it is {kind}", path.display())));
        }
    }
    Ok(())
}

/// The summary for a pull request.
const SUMMARY: &str = "summary.md";

/// The files of a comparison, the seal last.
pub const COMPARISON: [&str; 2] = ["compare.csv", "compare.json"];

/// Whether a run writes files of this name.
fn is_ours(name: &str) -> bool {
    let is_chart = |(stem, ending): (&str, &str)| {
        ["svg", "png"].contains(&ending) && CHARTS.iter().any(|(chart, _)| *chart == stem)
    };
    name == SUMMARY || csv::names().any(|table| table == name) || name.rsplit_once('.').is_some_and(is_chart)
}

/// Writes all result files; returns their names.
///
/// # Errors
/// The first file that could not be written; the files of an earlier run are then untouched, unless moving a complete
/// file into its place is what failed.
pub fn write(
    results: &Outcome,
    provenance: &Provenance,
    folder: &Path,
    charts: Charts,
) -> Result<Vec<String>, FolderError> {
    whole::write(folder, is_ours, |stage| staged(results, provenance, stage, charts))
}

/// Writes the files of a comparison.
///
/// # Errors
/// As [`write()`].
pub fn write_comparison(folder: &Path, table: &[u8], document: &[u8]) -> Result<(), WriteError> {
    let files = COMPARISON.into_iter().zip([table, document]);
    let staged = |stage: &Path| -> Result<Vec<String>, WriteError> {
        files.map(|(name, content)| put(&stage.join(name), content).map(|()| name.to_owned())).collect()
    };
    whole::write(folder, |_| false, staged).map(drop)
}

/// Writes a set of files, the seal last; returns their names. Of an earlier set, what is ours and not written again is removed.
///
/// # Errors
/// As [`write()`].
pub fn write_set(
    folder: &Path,
    files: &[(String, Vec<u8>)],
    ours: impl Fn(&str) -> bool,
) -> Result<Vec<String>, WriteError> {
    whole::write(folder, ours, |stage| {
        files.iter().map(|(name, content)| put(&stage.join(name), content).map(|()| name.clone())).collect()
    })
}

/// Writes all files into the staging folder; returns their names, the manifest last.
fn staged(
    results: &Outcome,
    provenance: &Provenance,
    stage: &Path,
    charts: Charts,
) -> Result<Vec<String>, FolderError> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for sheet in csv::sheets(results) {
        files.push((sheet.file.to_owned(), (sheet.write)(results)));
    }
    let drawn = match charts {
        Charts::None => Vec::new(),
        Charts::Svg | Charts::SvgAndPng => {
            charts::write_all(results, stage, charts == Charts::SvgAndPng).map_err(FolderError::Chart)?
        }
    };
    let drawn: Vec<String> =
        drawn.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
    let shown: Vec<String> = drawn.iter().filter(|name| name.ends_with(".svg")).cloned().collect();
    let text = markdown::render(results, &provenance.command, &shown);
    files.push((SUMMARY.to_owned(), text.into_bytes()));
    for (name, content) in &files {
        put(&stage.join(name), content)?;
    }
    for name in drawn {
        let path = stage.join(&name);
        let content = at(&path, fs::read(&path))?;
        files.push((name, content));
    }
    let text = manifest::render(results, provenance, &files);
    put(&stage.join(manifest::NAME), text.as_bytes())?;
    Ok(files.into_iter().map(|(name, _)| name).chain([manifest::NAME.to_owned()]).collect())
}
