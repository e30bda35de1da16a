//! Where a scenario's keys were written: lets later phases point at them.

use std::ops::Range;
use std::sync::Arc;

use super::Scenario;
use super::document::{Entry, Node, Place};
use super::grammar::tree::leads;
use super::root::SCENARIO;
use crate::diagnostic::Diagnostic;

/// The document that a scenario was read from; empty for one that was made otherwise.
#[derive(Debug, Default)]
pub struct Origin {
    root: Option<Node>,
}

/// A place in a file: (file, its text, the bytes).
pub type Location = (String, Arc<str>, Range<usize>);

impl Origin {
    pub(super) fn new(root: Node) -> Origin {
        Origin { root: Some(root) }
    }

    /// Finds the value of a key.
    fn value(&self, path: &str) -> Option<&Node> {
        debug_assert!(leads(&SCENARIO, path), "`{path}` is no key of a scenario");
        path.split('.').try_fold(self.root.as_ref()?, |node, key| node.child(key))
    }

    /// Finds a key, or the nearest table around it that exists.
    fn find(&self, path: &str) -> Option<&Place> {
        debug_assert!(leads(&SCENARIO, path), "`{path}` is no key of a scenario");
        let mut node = self.root.as_ref()?;
        let mut found: Option<&Entry> = None;
        for key in path.split('.') {
            let Some(entry) = node.table().and_then(|table| table.get(key)) else { break };
            node = &entry.node;
            found = Some(entry);
        }
        found.map(|entry| if entry.node.table().is_some() { &entry.key_place } else { &entry.node.place })
    }
}

impl Scenario {
    /// Returns where a key ("workflow.messaging.demand") was written, or the nearest table around it that was.
    pub fn locate(&self, path: &str) -> Option<Location> {
        let place = self.origin.find(path)?;
        let text = if place.source.shown { Arc::clone(&place.source.text) } else { Arc::from("") };
        Some((place.source.name.clone(), text, place.span.clone()))
    }

    /// Returns whether a key is written in the file, in one that it extends, or in a `--set`.
    pub fn is_written(&self, path: &str) -> bool {
        self.origin.value(path).is_some()
    }

    /// Returns whether a `--set` said what a key is.
    pub fn is_set(&self, path: &str) -> bool {
        self.origin.value(path).is_some_and(|value| value.place.source.is_set())
    }

    /// Returns a diagnostic about a key; if nothing of it was written, about the file.
    pub fn error_at(&self, path: &str, message: &str, label: &str, help: Option<&str>) -> Diagnostic {
        let error = match self.origin.find(path) {
            Some(place) => place.error(message, label),
            None => Diagnostic::file(self.path.display().to_string(), message),
        };
        match help {
            Some(help) => error.help(help),
            None => error,
        }
    }
}
