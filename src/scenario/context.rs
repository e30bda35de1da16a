//! What every reader shares: the problems found so far, and the files read.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::csv_file::CsvFile;
use super::date::Date;
use super::document::{Node, Read};
use super::grammar::shape::Shape;
use super::grammar::tree::{Directory, directory, works_in};
use super::met::Met;
use super::priors::Prior;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::printable::in_a_line;

/// Most bytes of a CSV file.
const LARGEST_TABLE: u64 = 256_000_000;

/// What tells one problem from another: file, range, message.
type Known = (String, Option<(usize, usize)>, String);

/// What every reader shares.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// The scenario's folder, every link followed: nothing outside is shown. `None` where there is no file.
    folder: Option<PathBuf>,
    problems: RefCell<Vec<Diagnostic>>,
    /// Where they are and what they say.
    known: RefCell<BTreeSet<Known>>,
    /// The values that readers have met.
    pub(super) met: Met,
    digests: RefCell<Vec<(String, String)>>,
    priors: RefCell<Vec<&'static Prior>>,
    tables: RefCell<BTreeMap<PathBuf, Rc<CsvFile>>>,
    calendar: Cell<bool>,
    starts_on: Cell<Option<Date>>,
    /// The shape of the whole document.
    pub(super) root: Cell<Option<&'static Shape>>,
    /// Where each key of it works, once anybody has asked.
    directory: OnceCell<Directory>,
    /// The keys that readers have asked for, by the name of their shape.
    #[cfg(test)]
    pub(super) asked: RefCell<BTreeSet<(&'static str, &'static str)>>,
}

impl Context {
    /// Returns what the readers of a scenario file share.
    pub(super) fn of(scenario: &Path) -> Context {
        let parent = scenario.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Context { folder: std::fs::canonicalize(parent).ok(), ..Context::default() }
    }

    /// Whether the text of a file may be shown: it lies in the scenario's folder or below, wherever links lead.
    pub(super) fn shows(&self, path: &Path) -> bool {
        let inside = |folder: &PathBuf| std::fs::canonicalize(path).is_ok_and(|real| real.starts_with(folder));
        self.folder.as_ref().is_some_and(inside)
    }

    /// Returns a file's name as it may be shown.
    pub(super) fn named(path: &Path) -> String {
        in_a_line(&path.display().to_string()).into_owned()
    }

    /// Notes a problem, once.
    pub(super) fn problem(&self, problem: Diagnostic) {
        let line = problem.withheld.map(|line| (line as usize, 0));
        let span = problem.span.as_ref().map(|span| (span.start, span.end)).or(line);
        // One table may be read once for each tier: its problems are still one each.
        if self.known.borrow_mut().insert((problem.file.clone(), span, problem.message.clone())) {
            self.problems.borrow_mut().push(problem);
        }
    }

    /// Notes the problem of a result, if it is one.
    pub(super) fn keep<T>(&self, result: Read<T>) -> Option<T> {
        result.map_err(|problem| self.problem(*problem)).ok()
    }

    /// Returns the problems found, and forgets them.
    pub(super) fn take_problems(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *self.problems.borrow_mut())
    }

    /// Whether anything is wrong so far.
    pub(super) fn has_problems(&self) -> bool {
        !self.problems.borrow().is_empty()
    }

    /// Notes the day on which the run begins.
    pub(super) fn begins_on(&self, day: Option<Date>) {
        self.starts_on.set(day);
    }

    /// Returns the day on which the run begins, if it is one of the calendar.
    pub(super) fn starts_on(&self) -> Option<Date> {
        self.starts_on.get()
    }

    /// Notes that something depends on the date of time 0.
    pub(super) fn uses_the_calendar(&self) {
        self.calendar.set(true);
    }

    /// Returns whether something does.
    pub(super) fn is_calendar_used(&self) -> bool {
        self.calendar.get()
    }

    /// Says where a key of this name works; `None` if it is no key anywhere.
    pub(super) fn works_in(&self, key: &str) -> Option<String> {
        let root = self.root.get()?;
        works_in(self.directory.get_or_init(|| directory(root)), key)
    }

    /// Notes that a published number is used.
    pub(super) fn used_prior(&self, prior: &'static Prior) {
        let mut priors = self.priors.borrow_mut();
        if !priors.contains(&prior) {
            priors.push(prior);
        }
    }

    /// Returns the published numbers that are used.
    pub(super) fn priors(&self) -> Vec<&'static Prior> {
        self.priors.borrow().clone()
    }

    /// Returns (path, digest) of the files read.
    pub(super) fn digests(&self) -> Vec<(String, String)> {
        self.digests.borrow().clone()
    }

    /// Notes that these files were read before: (path, digest).
    pub(super) fn reads_as(&self, digests: &[(String, String)]) {
        self.digests.borrow_mut().extend_from_slice(digests);
    }

    /// Reads a text file.
    pub(super) fn read_text(&self, path: &Path, most: u64) -> Read<Arc<str>> {
        let name = Context::named(path);
        let bytes = files::read(path, most).map_err(|error| {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            let reason = if missing { "no such file".to_owned() } else { error.to_string() };
            Box::new(Diagnostic::file(&name, format!("cannot read \"{name}\": {reason}")))
        })?;
        let digest = hexadecimal(&bytes);
        let mut digests = self.digests.borrow_mut();
        if !digests.iter().any(|(known, _)| *known == name) {
            digests.push((name.clone(), digest));
        }
        String::from_utf8(bytes).map(Arc::from).map_err(|error| {
            let start = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..start].split(|&byte| byte == b'\n').count();
            let message = format!("\"{name}\" is not UTF-8 text: line {line} has a byte that is none");
            if !self.shows(path) {
                return Box::new(Diagnostic::file(&name, message).help("save the file as UTF-8"));
            }
            // Shown with a mark in place of each byte that is none: the first stands where it was.
            let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let mark = start..start + char::REPLACEMENT_CHARACTER.len_utf8();
            Box::new(Diagnostic {
                source: Arc::from(shown),
                span: Some(mark),
                label: "this byte".to_owned(),
                ..Diagnostic::file(&name, message).help("save the file as UTF-8")
            })
        })
    }

    /// Reads the CSV file that a value names, relative to the file in which the value stands.
    pub(super) fn read_csv(&self, node: &Node) -> Read<Rc<CsvFile>> {
        let Some(name) = node.text() else {
            return Err(Box::new(node.expected("the path of a CSV file", "\"traffic.csv\"")));
        };
        let path = node.place.source.folder.join(name);
        if let Some(known) = self.tables.borrow().get(&path) {
            return Ok(Rc::clone(known));
        }
        let text = self.read_text(&path, LARGEST_TABLE).map_err(|error| {
            let named = node.error(error.message, "named here");
            let named = match error.help {
                Some(help) => named.help(help),
                None => named,
            };
            Box::new(named.note("the path is relative to the file in which it is written"))
        })?;
        let table = Rc::new(CsvFile::parse(Context::named(&path), text, self.shows(&path))?);
        self.tables.borrow_mut().insert(path, Rc::clone(&table));
        Ok(table)
    }
}

/// Returns the SHA-256 digest of bytes, in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
