//! Writes the charts of a run, each wholly or not at all.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::list::{CHARTS, Chart};
use crate::experiment::outcome::Outcome;

/// Why a chart is not there.
#[derive(Debug)]
pub enum ChartError {
    /// It could not be drawn: a bug, or a number that no chart can show.
    Draw {
        /// File name without extension.
        chart: &'static str,
        /// What was said.
        reason: String,
    },
    /// Its file could not be written; the one of an earlier run, if any, is untouched.
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for ChartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChartError::Draw { chart, reason } => write!(formatter, "cannot draw chart {chart}: {reason}"),
            ChartError::Write { path, source } => write!(formatter, "cannot write {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for ChartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ChartError::Draw { .. } => None,
            ChartError::Write { source, .. } => Some(source),
        }
    }
}

/// Returns every chart that has something to show: file name without extension, SVG document.
///
/// # Errors
/// A chart that could not be drawn.
pub fn svgs(results: &Outcome) -> Result<Vec<(&'static str, String)>, ChartError> {
    let drawn = |(chart, scene): &Chart| {
        let svg = scene(results)?.svg();
        Some(svg.map(|svg| (*chart, svg)).map_err(|reason| ChartError::Draw { chart, reason }))
    };
    CHARTS.iter().filter_map(drawn).collect()
}

/// Writes all charts into an existing folder, as SVG and, if `png`, as PNG too; returns the files written.
///
/// Each file is put in place only when complete. A chart of an earlier run that has nothing to show any more is removed.
///
/// # Errors
/// The first chart that could not be drawn or written; those before it are in place.
pub fn write_all(results: &Outcome, folder: &Path, png: bool) -> Result<Vec<PathBuf>, ChartError> {
    let mut written = Vec::new();
    for (chart, scene) in CHARTS {
        let Some(scene) = scene(results) else {
            for extension in ["svg", "png"] {
                remove(&folder.join(chart).with_extension(extension))?;
            }
            continue;
        };
        let failed = |reason| ChartError::Draw { chart, reason };
        let path = folder.join(chart).with_extension("svg");
        put(&path, folder, scene.svg().map_err(failed)?.as_bytes())?;
        written.push(path);
        if png {
            let path = folder.join(chart).with_extension("png");
            put(&path, folder, &scene.png().map_err(failed)?)?;
            written.push(path);
        }
    }
    Ok(written)
}

fn put(path: &Path, folder: &Path, bytes: &[u8]) -> Result<(), ChartError> {
    let failed = |source| ChartError::Write { path: path.to_owned(), source };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".chart-");
    #[cfg(unix)]
    {
        // As any other new file: temporary ones are else readable by their owner only.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn remove(path: &Path) -> Result<(), ChartError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(ChartError::Write { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}
