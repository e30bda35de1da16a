//! Reading a table: what its shape does not list is an error.

use super::context::Context;
use super::document::{Entry, Node, Place, Read, Table, Value};
use super::grammar::key::Ask;
use super::grammar::shape::{About, Absent, Shape};
use super::unknown::unknown;
use crate::diagnostic::Diagnostic;

/// A table that is being read.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    /// Where problems go.
    pub(super) context: &'a Context,
    /// What the table is called in messages: "`client`".
    pub(super) what: &'a str,
    /// Where it stands.
    pub(super) place: &'a Place,
    table: &'a Table,
    shape: &'static Shape,
}

impl Context {
    /// Reads a table of a shape.
    pub(super) fn shaped<T>(
        &self,
        node: &Node,
        shape: &'static Shape,
        reader: impl FnOnce(&Keys<'_>) -> T,
    ) -> Option<T> {
        self.called(node, shape, shape.what, reader)
    }

    /// Reads a table of a shape that messages call by a name of its own.
    pub(super) fn called<T>(
        &self,
        node: &Node,
        shape: &'static Shape,
        what: &str,
        reader: impl FnOnce(&Keys<'_>) -> T,
    ) -> Option<T> {
        let Some(table) = node.table() else {
            self.problem(node.expected("a table", &format!("[{}] and its keys below", what.trim_matches('`'))));
            return None;
        };
        let keys = Keys { context: self, what, place: &node.place, table, shape };
        let value = reader(&keys);
        keys.refuse_unknown();
        Some(value)
    }
}

impl<'a> Keys<'a> {
    /// Reads a key, or what holds without it.
    pub(super) fn read<K: Ask>(&self, key: &K) -> K::Answer {
        let node = self.get(key.asked());
        if node.is_none() {
            self.missing(key.asked());
        }
        key.answer(self.context, node, self.place)
    }

    /// Reads the table under a key.
    pub(super) fn table<T>(&self, key: &About, reader: impl FnOnce(&Keys<'_>) -> T) -> Option<T> {
        let shape = key.table()?;
        self.get(key).and_then(|node| self.context.shaped(node, shape, reader))
    }

    /// Reads the table under a key; a missing one is read as an empty one, for its defaults.
    pub(super) fn table_or_nothing<T>(&self, key: &About, reader: impl FnOnce(&Keys<'_>) -> T) -> Option<T> {
        let (shape, node) = (key.table()?, self.get(key));
        match node {
            Some(node) => self.context.shaped(node, shape, reader),
            None => self.context.shaped(&self.nothing(), shape, reader),
        }
    }

    /// Returns the entry of a key, which is known from now on.
    pub(super) fn entry(&self, key: &About) -> Option<&'a Entry> {
        self.met(key, true)
    }

    /// Returns the entry of a key, which is known from now on; `counts` if its value does.
    fn met(&self, key: &About, counts: bool) -> Option<&'a Entry> {
        let name = key.name;
        // A reader asks for what its table's shape declares, and for nothing else.
        debug_assert!(self.shape.key(name).is_some(), "`{name}` is no key of {}", self.shape.name);
        #[cfg(test)]
        self.context.asked.borrow_mut().insert((self.shape.name, name));
        let entry = self.table.get(name)?;
        self.context.met.note(key.is_layered, &entry.node, counts);
        Some(entry)
    }

    /// Returns the value of a key, which is known from now on.
    pub(super) fn get(&self, key: &About) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// Reads a key that may be missing.
    pub(super) fn optional<T>(&self, key: &About, read: impl FnOnce(&'a Node) -> Read<T>) -> Option<T> {
        self.get(key).and_then(|node| self.context.keep(read(node)))
    }

    /// Reads a key that has a default. After a problem the default stands in, and nothing is run.
    pub(super) fn or<T>(&self, key: &About, default: T, read: impl FnOnce(&'a Node) -> Read<T>) -> T {
        self.optional(key, read).unwrap_or(default)
    }

    /// Reads a key that must be there.
    pub(super) fn required<T>(&self, key: &About, read: impl FnOnce(&'a Node) -> Read<T>) -> Option<T> {
        if self.get(key).is_none() {
            self.missing(key);
        }
        self.optional(key, read)
    }

    /// Reports that a key is missing, if it must be written.
    pub(super) fn missing(&self, key: &About) {
        let (Absent::Required(example) | Absent::RequiredIf(_, example)) = key.absent else { return };
        let error = self.place.error(format!("`{}` is missing in {}", key.name, self.what), "needs it");
        self.context.problem(error.help(format!("add `{example}`")));
    }

    /// Returns the entries of a table of named entries (`[tier.NAME]`).
    pub(super) fn named(&self, key: &About) -> &'a [Entry] {
        let Some(node) = self.get(key) else { return &[] };
        let Some(table) = node.table() else {
            let example = format!("[{}.NAME]", key.name);
            self.context.problem(node.expected("a table of named entries", &example));
            return &[];
        };
        for entry in &table.entries {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
            if entry.key.is_empty() || !entry.key.chars().all(plain) {
                let error = entry.key_place.error(format!("`{}` cannot be a name", entry.key), "this name");
                self.context.problem(error.help("use letters, digits, - and _"));
            }
        }
        &table.entries
    }

    /// Of several keys that exclude each other, returns the one that counts: that of the latest layer.
    pub(super) fn alternative<'k>(&self, keys: &[&'k About]) -> Option<(&'k About, &'a Node)> {
        let groups: Vec<&[&About]> = keys.chunks(1).collect();
        let group = self.group(&groups)?;
        self.get(keys[group]).map(|node| (keys[group], node))
    }

    /// Of several groups of keys that exclude each other, returns the number of the one that counts.
    pub(super) fn group(&self, groups: &[&[&About]]) -> Option<usize> {
        let mut best: Option<(usize, &'a Entry, u32)> = None;
        let mut rival = None;
        for (index, group) in groups.iter().enumerate() {
            for key in *group {
                let Some(entry) = self.met(key, false) else { continue };
                let rank = entry.node.top_rank();
                match best {
                    Some((other, first, top)) if other != index && top == rank => {
                        rival = rival.or(Some((first, entry)));
                    }
                    Some((_, _, top)) if top >= rank => {}
                    _ => {
                        best = Some((index, entry, rank));
                        rival = None;
                    }
                }
            }
        }
        if let Some((first, second)) = rival {
            let message = format!("`{}` and `{}` exclude each other", first.key, second.key);
            let named = |group: &&[&About]| group.iter().map(|key| key.name).collect::<Vec<_>>().join(" and ");
            let alternatives: Vec<_> = groups.iter().map(named).collect();
            let help = format!("keep one of: {}", alternatives.join(" | "));
            self.context.problem(second.key_place.error(message, "cannot be given as well").help(help));
        }
        let index = best?.0;
        for key in groups[index] {
            self.entry(key);
        }
        Some(index)
    }

    /// Whether a key that is given comes from an earlier layer than another one.
    pub(super) fn is_older(&self, key: &About, than: &About) -> bool {
        match (self.table.get(key.name), self.table.get(than.name)) {
            (Some(key), Some(than)) => key.node.top_rank() < than.node.top_rank(),
            _ => false,
        }
    }

    /// Returns an empty table that stands here, for the defaults of one that is not written.
    pub(super) fn nothing(&self) -> Node {
        Node { value: Value::Table(Table::default()), place: self.place.clone(), rank: 0 }
    }

    /// Returns all entries, known or not.
    pub(super) fn all(&self) -> &'a [Entry] {
        &self.table.entries
    }

    fn refuse_unknown(&self) {
        if self.shape.others.is_some() {
            return;
        }
        for entry in self.table.entries.iter().filter(|entry| self.shape.key(&entry.key).is_none()) {
            let message = format!("unknown key `{}` in {}", entry.key, self.what);
            let known = self.shape.keys().map(|key| key.name);
            let error = unknown(&entry.key_place, message, &entry.key, known, "known keys");
            // A key that exists stands at the wrong place.
            let home = self.context.works_in(&entry.key);
            self.context.problem(match (home, error.help.clone()) {
                (None, _) => error,
                (Some(home), Some(near)) if near.starts_with("did you mean") => {
                    error.note(format!("`{}` works {home}", entry.key))
                }
                (Some(home), list) => {
                    let error = error.help(format!("`{}` works {home}", entry.key));
                    list.into_iter().fold(error, Diagnostic::note)
                }
            });
        }
    }
}
