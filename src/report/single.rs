//! A single file, written where it is asked for.
//!
//! A regular file is replaced wholly or not at all: it is written beside its place and then moved there. A link stays one: what it
//! leads to is replaced. What is no regular file, a pipe or a device (`/dev/stdout`), is written to.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::files::special;
use crate::printable::in_a_line;

/// A file or folder that could not be written.
#[derive(Debug)]
pub struct WriteError {
    /// Which.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display().to_string();
        write!(formatter, "cannot write {}: {}", in_a_line(&path), self.source)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Names an operation's path in its error.
pub(super) fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, WriteError> {
    result.map_err(|source| WriteError { path: path.to_owned(), source })
}

/// Most links that lead from one to the next.
const MOST_LINKS: usize = 40;

/// How long a run waits for another one that writes into the same folder.
const PATIENCE: Duration = Duration::from_mins(1);

/// What stands where a file is to be written.
pub(super) enum Target {
    /// A regular file or nothing: here, links followed.
    Replaced(PathBuf),
    /// Something that takes what is written to it.
    WrittenTo(Metadata),
}

/// Writes a file.
///
/// # Errors
/// It could not be written; a regular file that was there is untouched.
pub fn write(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let folder = parent(path);
    at(folder, fs::create_dir_all(folder))?;
    match at(path, target(path))? {
        Target::WrittenTo(metadata) => at(path, pour(path, &metadata, content)),
        Target::Replaced(place) => {
            let _held = hold(parent(&place))?;
            replace(&place, content)
        }
    }
}

/// Looks where a path leads.
pub(super) fn target(path: &Path) -> io::Result<Target> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if let Some(metadata) = metadata {
        if metadata.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        if special(metadata.file_type()).is_some() || standard(&metadata).is_some() {
            return Ok(Target::WrittenTo(metadata));
        }
    }
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&place) {
            Ok(next) => place = parent(&place).join(next),
            Err(_) => return Ok(Target::Replaced(place)),
        }
    }
    Err(io::Error::other("a chain of links that does not end"))
}

/// Writes to what is there.
fn pour(path: &Path, metadata: &Metadata, content: &[u8]) -> io::Result<()> {
    let mut file = match standard(metadata) {
        Some(stream) => stream,
        None => OpenOptions::new().write(true).open(path)?,
    };
    file.write_all(content)?;
    file.flush()
}

/// Returns the program's own output, if that is what was asked for: it goes on where the output stands.
#[cfg(unix)]
fn standard(metadata: &Metadata) -> Option<File> {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let streams = [io::stdout().as_fd().try_clone_to_owned(), io::stderr().as_fd().try_clone_to_owned()];
    let same =
        |file: &File| file.metadata().is_ok_and(|other| (other.dev(), other.ino()) == (metadata.dev(), metadata.ino()));
    streams.into_iter().flatten().map(File::from).find(same)
}

#[cfg(not(unix))]
fn standard(_: &Metadata) -> Option<File> {
    None
}

/// Puts a regular file in its place. Whoever calls holds the folder.
pub(super) fn replace(place: &Path, content: &[u8]) -> Result<(), WriteError> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let beside = parent(place).join(format!(".writing-{name}"));
    // What a run that was killed left here.
    let _ = fs::remove_file(&beside);
    let moved = put(&beside, content).and_then(|()| at(place, fs::rename(&beside, place)));
    if moved.is_err() {
        let _ = fs::remove_file(&beside);
    }
    moved
}

/// Writes a new file down to the disk, so that a full one is noticed here.
pub(super) fn put(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    at(path, write())
}

/// Keeps other runs from writing into a folder for as long as the value lives; the system lets go of it when a run is killed.
///
/// # Errors
/// Another run has been writing for a minute.
pub(super) fn hold(folder: &Path) -> Result<Option<File>, WriteError> {
    #[cfg(unix)]
    let opened = File::open(folder);
    #[cfg(not(unix))]
    let opened = File::create(folder.join(".lock"));
    let file = at(folder, opened)?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            // A file system without locks: there is nobody to wait for.
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if start.elapsed() > PATIENCE => {
                return at(folder, Err(io::Error::other("another run is writing here")));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Sees to it that what a folder lists is on the disk, where the system can.
pub(super) fn sync(folder: &Path) {
    // Not every file system knows how; what it lists is then as safe as that system makes it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Returns the folder that a path is in.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
