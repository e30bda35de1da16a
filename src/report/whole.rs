//! A set of files in a folder that is whole, old or new, or known to be neither.
//!
//! One of the files is the seal. It goes before the first other one is moved, and comes back after the last: whoever finds it finds
//! the files that belong to it, however a run was ended. One run at a time writes; what a killed one left is removed.

use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::{self, Listed};
use super::single::{self, Target, WriteError, at, hold, put, replace, sync};
use crate::files;

/// How the folders begin in which files wait until all are complete.
const STAGE: &str = ".writing-";

/// How the seals of earlier runs are called there: what they list is still to be removed, should this run be killed.
const EARLIER: &str = "earlier-";

/// Most bytes of a seal.
const LARGEST_SEAL: u64 = 16_000_000;

/// Writes a set of files into a folder: `make` makes them in the folder that it is given and returns their names, the seal last.
///
/// Files that an earlier run left here and this one does not make are removed, if that run's seal lists them, `ours` knows their
/// names, and they are still what that run wrote.
///
/// # Errors
/// What could not be written; the files of an earlier run are then untouched, unless moving a complete file is what failed.
pub(super) fn write<E: From<WriteError>>(
    folder: &Path,
    ours: impl Fn(&str) -> bool,
    make: impl FnOnce(&Path) -> Result<Vec<String>, E>,
) -> Result<Vec<String>, E> {
    at(folder, fs::create_dir_all(folder))?;
    let _held = hold(folder)?;
    let stage = at(folder, tempfile::Builder::new().prefix(STAGE).tempdir_in(folder))?;
    let mut earlier = cleared(folder, stage.path())?;
    let files = make(stage.path())?;
    let places = files.iter().map(|name| Ok((name, regular(&folder.join(name))?)));
    let places: Vec<(&String, PathBuf)> = places.collect::<Result<_, WriteError>>()?;
    let Some(((seal, sealed), others)) = places.split_last() else { return Ok(files) };
    if let Ok(text) = files::read(sealed, LARGEST_SEAL) {
        put(&stage.path().join(format!("{EARLIER}{}", earlier.len())), &text)?;
        earlier.push(text);
    }
    if sealed.exists() {
        at(sealed, fs::remove_file(sealed))?;
        sync(single::parent(sealed));
    }
    for (name, place) in others {
        moved(&stage.path().join(name), place)?;
    }
    for listed in earlier.iter().flat_map(|text| manifest::listed(text)) {
        if ours(&listed.name) && !files.contains(&listed.name) {
            forget(folder, &listed);
        }
    }
    sync(folder);
    moved(&stage.path().join(seal), sealed)?;
    sync(folder);
    Ok(files)
}

/// Returns where a file of the set is to stand: what is no regular file is neither replaced nor waited for.
fn regular(path: &Path) -> Result<PathBuf, WriteError> {
    match at(path, single::target(path))? {
        Target::Replaced(place) => Ok(place),
        Target::WrittenTo(_) => at(path, Err(std::io::Error::other("not a regular file"))),
    }
}

/// Removes what killed runs left; returns the seals that they had taken away, which go with this run from now on.
fn cleared(folder: &Path, stage: &Path) -> Result<Vec<Vec<u8>>, WriteError> {
    let mut earlier = Vec::new();
    for entry in at(folder, fs::read_dir(folder))?.flatten() {
        let path = entry.path();
        if !entry.file_name().to_string_lossy().starts_with(STAGE) || path.file_name() == stage.file_name() {
            continue;
        }
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _ = fs::remove_file(&path);
            continue;
        }
        for index in 0.. {
            let Ok(text) = files::read(&path.join(format!("{EARLIER}{index}")), LARGEST_SEAL) else { break };
            put(&stage.join(format!("{EARLIER}{}", earlier.len())), &text)?;
            earlier.push(text);
        }
        // Whatever cannot be removed is in nobody's way.
        let _ = fs::remove_dir_all(&path);
    }
    Ok(earlier)
}

/// Moves a complete file to its place; a link leads elsewhere, maybe to another disk.
fn moved(staged: &Path, place: &Path) -> Result<(), WriteError> {
    match fs::rename(staged, place) {
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            let content = at(staged, fs::read(staged))?;
            replace(place, &content)
        }
        result => at(place, result),
    }
}

/// Removes a file of an earlier run, if it is still what that run wrote.
fn forget(folder: &Path, listed: &Listed) {
    let path = folder.join(&listed.name);
    let regular = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
    let same = || fs::read(&path).is_ok_and(|content| manifest::digest(&content) == listed.sha256);
    if regular && same() {
        // A file that is gone already is no reason to fail.
        let _ = fs::remove_file(path);
    }
}
