//! The journal: what is done is kept at once, and a study that is begun again goes on with it.
//!
//! A record is a line with its length, its digest and its key, then its text. The first one says which study it is. What a kill or a
//! full disk left half-written ends the journal: it is cut off there, and done again.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::found::Found;
use crate::files;

/// File name.
pub const NAME: &str = "study.journal";
/// Most bytes of a journal that is read.
const LARGEST: u64 = 8_000_000_000;
/// Key of the first record.
const HEAD: &str = "study";

/// Which study a journal is of: what it must agree with, each with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    /// (what, value), in a fixed order.
    pub facts: Vec<(String, String)>,
}

impl Study {
    /// Returns what differs from another study, in words.
    fn differs(&self, other: &Study) -> Vec<String> {
        let value = |study: &Study, name: &str| {
            study.facts.iter().find(|(fact, _)| fact == name).map_or("nothing", |fact| fact.1.as_str()).to_owned()
        };
        let mut names: Vec<&String> = self.facts.iter().chain(&other.facts).map(|(name, _)| name).collect();
        names.dedup();
        let mut told = Vec::new();
        for name in names {
            let (before, now) = (value(self, name), value(other, name));
            // Digests tell nobody anything.
            let is_digest = before.len() == 64 || now.len() == 64;
            let text = if is_digest { format!("{name} changed") } else { format!("{name} was {before}, is {now}") };
            if before != now && !told.contains(&text) {
                told.push(text);
            }
        }
        told
    }
}

/// Why there is no journal.
#[derive(Debug)]
pub enum JournalError {
    /// It is of another study: what changed.
    Other(PathBuf, Vec<String>),
    /// Another sweep writes into it.
    Busy(PathBuf),
    /// It cannot be read or written.
    Io(PathBuf, io::Error),
}

impl std::fmt::Display for JournalError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            JournalError::Other(path, what) => {
                write!(formatter, "{} is of another study: {}", path.display(), what.join("; "))
            }
            JournalError::Busy(path) => write!(formatter, "another sweep writes {}", path.display()),
            JournalError::Io(path, error) => write!(formatter, "cannot keep {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for JournalError {}

/// A journal that is open.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal of a study in a folder, or begins it; returns what is done already.
    ///
    /// # Errors
    /// It is of another study, in use, or cannot be read or written.
    pub fn open(folder: &Path, study: &Study, fresh: bool) -> Result<(Journal, BTreeMap<String, Found>), JournalError> {
        let path = folder.join(NAME);
        let io = |error| JournalError::Io(path.clone(), error);
        fs::create_dir_all(folder).map_err(io)?;
        if fresh && path.exists() {
            set_aside(&path).map_err(io)?;
        }
        let kept = match files::read(&path, LARGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(io(error)),
        };
        let file = OpenOptions::new().append(true).create(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(JournalError::Busy(path)),
            // There are file systems without locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let (records, sound) = records(&kept);
        let mut journal = Journal { path: path.clone(), file };
        let mut done = BTreeMap::new();
        let mut records = records.into_iter();
        match records
            .next()
            .and_then(|(key, text)| (key == HEAD).then(|| serde_json::from_slice::<Study>(text).ok())?)
        {
            Some(before) => {
                let differs = before.differs(study);
                if !differs.is_empty() {
                    return Err(JournalError::Other(path, differs));
                }
                journal.file.set_len(sound as u64).map_err(io)?;
                done.extend(records.filter_map(|(key, text)| Some((key, serde_json::from_slice(text).ok()?))));
            }
            None => {
                journal.file.set_len(0).map_err(io)?;
                let head = serde_json::to_vec(study).unwrap_or_default();
                journal.append(HEAD, &head)?;
            }
        }
        Ok((journal, done))
    }

    /// Keeps what the run of a scenario found.
    ///
    /// # Errors
    /// It could not be written.
    pub fn keep(&mut self, key: &str, found: &Found) -> Result<(), JournalError> {
        // Texts and numbers can always be written.
        let text = serde_json::to_vec(found).unwrap_or_default();
        self.append(key, &text)
    }

    fn append(&mut self, key: &str, text: &[u8]) -> Result<(), JournalError> {
        let mut record = format!("{} {} {key}\n", text.len(), digest(text)).into_bytes();
        record.extend_from_slice(text);
        record.push(b'\n');
        let written = self.file.write_all(&record).and_then(|()| self.file.sync_data());
        written.map_err(|error| JournalError::Io(self.path.clone(), error))
    }

    /// Removes it: everything is written elsewhere.
    pub fn finish(self) {
        // One that stays is in nobody's way: the same study finds everything done.
        let _ = fs::remove_file(&self.path);
    }
}

/// Reads records up to the first that is not whole; returns them, and the bytes that they take.
fn records(bytes: &[u8]) -> (Vec<(String, &[u8])>, usize) {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some((record, next)) = record(bytes, at) {
        found.push(record);
        at = next;
    }
    (found, at)
}

fn record(bytes: &[u8], at: usize) -> Option<((String, &[u8]), usize)> {
    let rest = bytes.get(at..)?;
    let end = rest.iter().position(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(&rest[..end]).ok()?;
    let mut words = line.splitn(3, ' ');
    let length: usize = words.next()?.parse().ok()?;
    let (sum, key) = (words.next()?, words.next()?);
    let text = rest.get(end + 1..(end + 1).checked_add(length)?)?;
    let is_whole = rest.get(end + 1 + length) == Some(&b'\n') && digest(text) == sum;
    is_whole.then(|| ((key.to_owned(), text), at + end + 1 + length + 1))
}

fn digest(text: &[u8]) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps an old journal under the first name that is free.
fn set_aside(path: &Path) -> io::Result<()> {
    let free = (1..=u32::MAX).map(|index| path.with_file_name(format!("{NAME}.{index}"))).find(|place| !place.exists());
    free.map_or(Ok(()), |place| fs::rename(path, place))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn study(seed: &str) -> Study {
        Study { facts: vec![("seed".to_owned(), seed.to_owned()), ("scenario".to_owned(), "a".repeat(64))] }
    }

    fn found(replications: u32) -> Found {
        Found { replications, summary: "id\nä\n".to_owned(), judged: Vec::new() }
    }

    #[test]
    fn what_is_kept_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, done) = Journal::open(folder.path(), &study("1"), false).unwrap();
        assert!(done.is_empty());
        journal.keep("x", &found(3)).unwrap();
        journal.keep("y", &found(4)).unwrap();
        assert!(matches!(Journal::open(folder.path(), &study("1"), false), Err(JournalError::Busy(_))));
        drop(journal);
        let (_, done) = Journal::open(folder.path(), &study("1"), false).unwrap();
        assert_eq!((done.len(), done["x"].clone(), done["y"].clone()), (2, found(3), found(4)));
    }

    #[test]
    fn whatever_a_kill_leaves_is_a_journal() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), &study("1"), false).unwrap();
        journal.keep("x", &found(3)).unwrap();
        journal.keep("y", &found(4)).unwrap();
        drop(journal);
        let path = folder.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let (mut journal, done) = Journal::open(folder.path(), &study("1"), false).unwrap();
            assert!(done.len() < 2, "{length}");
            for (key, replications) in [("x", 3), ("y", 4)] {
                if !done.contains_key(key) {
                    journal.keep(key, &found(replications)).unwrap();
                }
            }
            drop(journal);
            assert_eq!(fs::read(&path).unwrap(), whole, "{length}");
        }
    }

    #[test]
    fn another_study_is_refused_and_named() {
        let folder = tempfile::tempdir().unwrap();
        drop(Journal::open(folder.path(), &study("1"), false).unwrap());
        let error = Journal::open(folder.path(), &study("2"), false).unwrap_err().to_string();
        assert!(error.contains("another study: seed was 1, is 2"), "{error}");
        let (mut journal, done) = Journal::open(folder.path(), &study("2"), true).unwrap();
        assert!(done.is_empty() && folder.path().join("study.journal.1").exists());
        journal.keep("x", &found(1)).unwrap();
        journal.finish();
        assert!(!folder.path().join(NAME).exists());
    }
}
