//! Where a scenario's keys were written: lets later phases point at them.

use std::ops::Range;
use std::sync::Arc;

use super::Scenario;
use super::document::{Entry, Node, Place};
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

    /// Finds a key, or the nearest table around it that exists.
    fn find(&self, path: &str) -> Option<&Place> {
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

    /// Returns whether a key is written in the file, or in one that it extends.
    pub fn is_written(&self, path: &str) -> bool {
        let mut node = self.origin.root.as_ref();
        for key in path.split('.') {
            node = node.and_then(Node::table).and_then(|table| table.get(key)).map(|entry| &entry.node);
        }
        node.is_some()
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
