//! Files as they may be met: what is read is a regular file of a bounded size, and what is no regular file is said to be what it is.
//!
//! A pipe that nobody writes to is waited for for ever, and a device has no end: neither is an input.

use std::fs::{File, FileType, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

/// Reads a regular file of at most so many bytes; links are followed.
///
/// # Errors
/// What the system says; or that it is no regular file, or larger.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Before it is opened: to open a pipe is to wait for its writer.
    regular(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    regular(&metadata)?;
    if metadata.len() > most {
        return Err(too_large(most));
    }
    // The length says nothing about files that the system makes up, or that grow.
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn regular(metadata: &Metadata) -> io::Result<()> {
    match special(metadata.file_type()) {
        None => Ok(()),
        Some(kind) => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("not a regular file: it is {kind}"))),
    }
}

fn too_large(most: u64) -> io::Error {
    let message = format!("larger than {} MB, the most that is read", most / 1_000_000);
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

/// Returns what a file is, if it is no regular one.
pub fn special(kind: FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kinds = [
            (kind.is_fifo(), "a pipe"),
            (kind.is_char_device() || kind.is_block_device(), "a device"),
            (kind.is_socket(), "a socket"),
        ];
        if let Some((_, name)) = kinds.into_iter().find(|(is, _)| *is) {
            return Some(name);
        }
    }
    if kind.is_dir() {
        Some("a folder")
    } else if kind.is_file() {
        None
    } else {
        Some("something else")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn regular_files_up_to_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "1234567").unwrap();
        assert_eq!(read(&file, 7).unwrap(), b"1234567");
        assert_eq!(read(&file, 6).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(read(folder.path(), 7).unwrap_err().to_string().contains("it is a folder"));
        assert_eq!(read(&folder.path().join("gone"), 7).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn what_never_ends_is_not_begun() {
        let error = read(Path::new("/dev/zero"), 7).unwrap_err();
        assert_eq!(error.to_string(), "not a regular file: it is a device");
    }
}
