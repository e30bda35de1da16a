//! Reading a table: every key that a reader asks for is known, every other one is an error.

use std::cell::RefCell;

use super::context::Context;
use super::document::{Entry, Node, Place, Read, Table};
use super::text::nearest;

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
    known: RefCell<Vec<&'a str>>,
}

impl Context {
    /// Reads a table: runs `reader` on it, then reports the keys that it did not ask for.
    pub(super) fn table<T>(&self, node: &Node, what: &str, reader: impl FnOnce(&Keys<'_>) -> T) -> Option<T> {
        let Some(table) = node.table() else {
            self.problem(node.expected("a table", &format!("[{}] and its keys below", what.trim_matches('`'))));
            return None;
        };
        let keys = Keys { context: self, what, place: &node.place, table, known: RefCell::default() };
        let value = reader(&keys);
        keys.refuse_unknown();
        Some(value)
    }
}

impl<'a> Keys<'a> {
    /// Returns the entry of a key, which is known from now on.
    pub(super) fn entry(&self, key: &'static str) -> Option<&'a Entry> {
        self.met(key, true)
    }

    /// Returns the entry of a key, which is known from now on; `counts` if its value does.
    fn met(&self, key: &'static str, counts: bool) -> Option<&'a Entry> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        let entry = self.table.get(key)?;
        self.context.met.note(key, &entry.node, counts);
        Some(entry)
    }

    /// Returns the value of a key, which is known from now on.
    pub(super) fn get(&self, key: &'static str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// Reads a key that may be missing.
    pub(super) fn optional<T>(&self, key: &'static str, read: impl FnOnce(&'a Node) -> Read<T>) -> Option<T> {
        self.get(key).and_then(|node| self.context.keep(read(node)))
    }

    /// Reads a key that has a default. After a problem the default stands in, and nothing is run.
    pub(super) fn or<T>(&self, key: &'static str, default: T, read: impl FnOnce(&'a Node) -> Read<T>) -> T {
        self.optional(key, read).unwrap_or(default)
    }

    /// Reads a key that must be there.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&'a Node) -> Read<T>,
    ) -> Option<T> {
        if self.get(key).is_none() {
            self.missing(key, example);
        }
        self.optional(key, read)
    }

    /// Reports that a key is missing.
    pub(super) fn missing(&self, key: &str, example: &str) {
        let error = self.place.error(format!("`{key}` is missing in {}", self.what), "needs it");
        self.context.problem(error.help(format!("add `{example}`")));
    }

    /// Returns the entries of a table of named entries (`[tier.NAME]`).
    pub(super) fn named(&self, key: &'static str) -> &'a [Entry] {
        let Some(node) = self.get(key) else { return &[] };
        let Some(table) = node.table() else {
            self.context.problem(node.expected("a table of named entries", &format!("[{key}.NAME]")));
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
    pub(super) fn alternative(&self, keys: &[&'static str]) -> Option<(&'static str, &'a Node)> {
        let groups: Vec<&[&'static str]> = keys.chunks(1).collect();
        let group = self.group(&groups)?;
        self.get(keys[group]).map(|node| (keys[group], node))
    }

    /// Of several groups of keys that exclude each other, returns the number of the one that counts.
    pub(super) fn group(&self, groups: &[&[&'static str]]) -> Option<usize> {
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
            let alternatives: Vec<_> = groups.iter().map(|group| group.join(" and ")).collect();
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
    pub(super) fn is_older(&self, key: &str, than: &str) -> bool {
        match (self.table.get(key), self.table.get(than)) {
            (Some(key), Some(than)) => key.node.top_rank() < than.node.top_rank(),
            _ => false,
        }
    }

    /// Returns all entries, known or not.
    pub(super) fn all(&self) -> &'a [Entry] {
        &self.table.entries
    }

    /// Leaves a key to its reader, which knows better what is meant.
    pub(super) fn allow(&self, key: &'a str) {
        self.known.borrow_mut().push(key);
    }

    fn refuse_unknown(&self) {
        let known = self.known.borrow();
        for entry in self.table.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = format!("unknown key `{}` in {}", entry.key, self.what);
            self.context.problem(unknown(&entry.key_place, message, &entry.key, known.iter().copied(), "known keys"));
        }
    }
}

/// Returns an error about a word that is none of those known, with the nearest one.
pub(super) fn unknown<'a>(
    place: &Place,
    message: String,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    called: &str,
) -> crate::diagnostic::Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let list = if known.is_empty() { format!("{called}: none") } else { format!("{called}: {}", known.join(", ")) };
    let error = place.error(message, "not known");
    match nearest(word, known.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")).note(list),
        None => error.help(list),
    }
}
