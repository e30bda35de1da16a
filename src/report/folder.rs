//! The results folder: every file is written in full beside its place before the first one is moved there.
//!
//! A disk that fills up therefore leaves the files of an earlier run as they were. manifest.json is moved last: where
//! its digests fit, the folder is whole.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::charts::{self, ChartError};
use super::manifest::{self, Provenance};
use super::{csv, markdown};
use crate::experiment::results::Results;

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
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A chart could not be drawn or written.
    Chart(ChartError),
}

impl fmt::Display for FolderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::Write { path, source } => write!(formatter, "cannot write {}: {source}", path.display()),
            FolderError::Chart(error) => write!(formatter, "{error}"),
        }
    }
}

impl std::error::Error for FolderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FolderError::Write { source, .. } => Some(source),
            FolderError::Chart(error) => Some(error),
        }
    }
}

/// Names an operation's path in its error.
fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, FolderError> {
    result.map_err(|source| FolderError::Write { path: path.to_owned(), source })
}

/// Checks that a folder can be written or made, without leaving a trace: better known before a long run than after it.
///
/// # Errors
/// The nearest existing folder is none, or cannot be written.
pub fn check(folder: &Path) -> Result<(), FolderError> {
    let mut existing = folder;
    while !existing.as_os_str().is_empty() && !existing.exists() {
        existing = existing.parent().unwrap_or(Path::new(""));
    }
    let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
    at(folder, tempfile::tempfile_in(existing).map(drop))
}

/// Writes all result files; returns their names.
///
/// Files that an earlier run left here and this one does not make are removed, if that run's manifest lists them.
///
/// # Errors
/// The first file that could not be written; the files of an earlier run are then untouched, unless moving a complete
/// file into its place is what failed.
pub fn write(
    results: &Results,
    provenance: &Provenance,
    folder: &Path,
    charts: Charts,
) -> Result<Vec<String>, FolderError> {
    at(folder, fs::create_dir_all(folder))?;
    let stage = at(folder, tempfile::Builder::new().prefix(".writing-").tempdir_in(folder))?;
    let files = staged(results, provenance, stage.path(), charts)?;
    let earlier = fs::read(folder.join(manifest::NAME)).map(|text| manifest::listed_files(&text)).unwrap_or_default();
    for name in &files {
        let place = folder.join(name);
        if place.is_dir() {
            return at(&place, Err(io::Error::from(io::ErrorKind::IsADirectory)));
        }
    }
    for name in &files {
        let place = folder.join(name);
        at(&place, fs::rename(stage.path().join(name), &place))?;
    }
    for name in earlier.iter().filter(|name| is_plain(name) && !files.contains(name)) {
        // A file that is gone already is no reason to fail.
        let _ = fs::remove_file(folder.join(name));
    }
    Ok(files)
}

/// Writes all files into the staging folder; returns their names, the manifest last.
fn staged(
    results: &Results,
    provenance: &Provenance,
    stage: &Path,
    charts: Charts,
) -> Result<Vec<String>, FolderError> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, table) in csv::tables(results) {
        files.push(((*name).to_owned(), table(results)));
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
    files.push(("summary.md".to_owned(), text.into_bytes()));
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

/// Writes one file down to the disk, so that a full one is noticed here.
fn put(path: &Path, content: &[u8]) -> Result<(), FolderError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    at(path, write())
}

/// Writes a single file outside the results folder, wholly or not at all.
///
/// # Errors
/// It could not be written; a file that was there is untouched.
pub fn write_single(path: &Path, content: &[u8]) -> Result<(), FolderError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    at(folder, fs::create_dir_all(folder))?;
    let stage = at(folder, tempfile::Builder::new().prefix(".writing-").tempdir_in(folder))?;
    let staged = stage.path().join("file");
    put(&staged, content)?;
    at(path, fs::rename(&staged, path))
}

/// Returns whether a name stays in its folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && Path::new(name).file_name().is_some_and(|last| last == name)
}
