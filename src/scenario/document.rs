//! The raw document: what the user wrote, each value with the file and the bytes it came from.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;
use crate::printable::commands;

/// The result of reading one thing.
pub(super) type Read<T> = Result<T, Box<Diagnostic>>;

/// How the text of a `--set` is called.
const SET: &str = "--set";

/// A text that values come from: a file, or one `--set`.
#[derive(Debug)]
pub(super) struct Source {
    /// As the user would name it.
    pub(super) name: String,
    /// What relative paths in it are relative to.
    pub(super) folder: PathBuf,
    /// The text.
    pub(super) text: Arc<str>,
    /// Whether messages may show it: a file outside the scenario's folder is read, never shown.
    pub(super) shown: bool,
    /// Where its lines begin, once anybody has asked.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// Returns a text under a name; relative paths in it are relative to the folder.
    pub(super) fn new(name: impl Into<String>, folder: PathBuf, text: Arc<str>, shown: bool) -> Arc<Source> {
        Arc::new(Source { name: name.into(), folder, text, shown, lines: OnceLock::new() })
    }

    /// Returns the text of a `--set`.
    pub(super) fn set(text: impl Into<Arc<str>>) -> Arc<Source> {
        Source::new(SET, PathBuf::new(), text.into(), true)
    }

    /// Whether it is a `--set`.
    pub(super) fn is_set(&self) -> bool {
        self.name == SET
    }

    /// Returns the line (from 1) of a byte.
    fn line(&self, byte: usize) -> u32 {
        let starts = || self.text.match_indices('\n').map(|(at, _)| at + 1).collect();
        self.lines.get_or_init(starts).partition_point(|&start| start <= byte) as u32 + 1
    }
}

/// Where something was written.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// In this text.
    pub(super) source: Arc<Source>,
    /// These bytes.
    pub(super) span: Range<usize>,
}

impl Place {
    /// Returns a diagnostic about this place.
    pub(super) fn error(&self, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        if !self.source.shown {
            return Diagnostic::withheld(self.source.name.clone(), self.line(), &message.into());
        }
        Diagnostic {
            source: Arc::clone(&self.source.text),
            span: Some(self.span.clone()),
            label: label.into(),
            ..Diagnostic::file(self.source.name.clone(), message)
        }
    }

    /// Returns the line (from 1) on which it begins.
    pub(super) fn line(&self) -> u32 {
        self.source.line(self.span.start)
    }
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The value.
    pub(super) value: Value,
    /// Where it stands.
    pub(super) place: Place,
    /// Later layers (an extending file, a `--set`, a more specific table) have higher ranks: decides between alternatives.
    pub(super) rank: u32,
}

/// A value of TOML.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Text in quotes, or a date without.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A number with a point.
    Float(f64),
    /// true or false.
    Bool(bool),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// A table, its entries in the order in which they were first written.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// The entries; keys are distinct.
    pub(super) entries: Vec<Entry>,
}

/// An entry of a table.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: String,
    /// Where the key was first written.
    pub(super) key_place: Place,
    /// The value.
    pub(super) node: Node,
}

impl Table {
    /// Returns the entry of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Node {
    /// Returns a diagnostic about this value.
    pub(super) fn error(&self, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        self.place.error(message, label)
    }

    /// Returns the table, if it is one.
    pub(super) fn table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }

    /// Returns the text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// Returns an entry's value, if this is a table that has it.
    pub(super) fn child(&self, key: &str) -> Option<&Node> {
        self.table()?.get(key).map(|entry| &entry.node)
    }

    /// Returns the highest rank of this value and of all in it.
    pub(super) fn top_rank(&self) -> u32 {
        let inside = match &self.value {
            Value::List(items) => items.iter().map(Node::top_rank).max(),
            // A table's own rank is the layer that first opened it, which says nothing about its entries.
            Value::Table(table) if !table.entries.is_empty() => {
                return table.entries.iter().map(|entry| entry.node.top_rank()).max().unwrap_or(self.rank);
            }
            Value::Table(_) | Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) => None,
        };
        inside.unwrap_or(0).max(self.rank)
    }

    /// Returns what the value is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "text",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Bool(true) => "`true`",
            Value::Bool(false) => "`false`",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// Returns a diagnostic that says what was meant instead of this value.
    pub(super) fn expected(&self, what: &str, example: &str) -> Diagnostic {
        let error = self.error(format!("expected {what}, found {}", self.kind()), format!("this is {}", self.kind()));
        if matches!(self.value, Value::Bool(false)) {
            error.help("`false` leaves an inherited entry out, but nothing is inherited here")
        } else {
            error.help(format!("write {example}"))
        }
    }
}

/// Parses a text; its values get this rank.
pub(super) fn parse(source: &Arc<Source>, rank: u32) -> Read<Node> {
    let text: &str = &source.text;
    let parsed = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let place = Place { source: Arc::clone(source), span };
        place.error(format!("not valid TOML: {}", error.message()), "here")
    })?;
    let place = Place { source: Arc::clone(source), span: 0..0 };
    Ok(Node { value: Value::Table(table(source, rank, parsed.into_inner())?), place, rank })
}

fn table(source: &Arc<Source>, rank: u32, parsed: DeTable<'_>) -> Read<Table> {
    let mut entries = Vec::with_capacity(parsed.len());
    for (key, value) in parsed {
        let key_place = Place { source: Arc::clone(source), span: key.span() };
        let mut node = node(source, rank, value)?;
        if matches!(node.value, Value::Table(_)) {
            // The span of a table under a header covers whatever follows; its name is what one looks for.
            node.place = key_place.clone();
        }
        plain(&key_place, key.get_ref())?;
        entries.push(Entry { key: key.into_inner().into_owned(), key_place, node });
    }
    entries.sort_by_key(|entry| entry.key_place.span.start);
    Ok(Table { entries })
}

/// Refuses text that would command a terminal, or turn the text around it, wherever it is shown.
pub(super) fn plain(place: &Place, text: &str) -> Read<()> {
    match text.chars().find(|&character| commands(character)) {
        None => Ok(()),
        Some(character) => {
            let message = format!("a text with the character U+{:04X}", character as u32);
            let help =
                "leave it out: control characters, and those that turn the direction of text, are shown to people";
            Err(Box::new(place.error(message, "in here").help(help)))
        }
    }
}

fn node(source: &Arc<Source>, rank: u32, value: Spanned<DeValue<'_>>) -> Read<Node> {
    let place = Place { source: Arc::clone(source), span: value.span() };
    let value = match value.into_inner() {
        DeValue::String(text) => {
            plain(&place, &text)?;
            Value::Text(text.into_owned())
        }
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => return Err(Box::new(place.error("a number that is too large", "too large"))),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Value::Float(number),
            Err(_) => return Err(Box::new(place.error("not a number", "cannot be read as a number"))),
        },
        DeValue::Boolean(value) => Value::Bool(value),
        // A day without quotes is the text that it would be with them.
        DeValue::Datetime(day) => Value::Text(day.to_string()),
        DeValue::Array(items) => {
            Value::List(items.into_iter().map(|item| node(source, rank, item)).collect::<Read<Vec<_>>>()?)
        }
        DeValue::Table(inner) => Value::Table(table(source, rank, inner)?),
    };
    Ok(Node { value, place, rank })
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// Parses a text of the tests.
    pub(in crate::scenario) fn parsed(text: &str) -> Node {
        parse(&source(text), 0).unwrap()
    }

    fn source(text: &str) -> Arc<Source> {
        Source::new("test.toml", PathBuf::new(), Arc::from(text), true)
    }

    #[test]
    fn entries_keep_the_order_and_the_place_of_the_file() {
        let node = parsed("z = 1\n[b]\nx = \"1s\"\n[a]\n");
        let keys: Vec<_> = node.table().unwrap().entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["z", "b", "a"]);
        let x = node.child("b").unwrap().child("x").unwrap();
        assert_eq!((x.place.line(), x.place.span.clone()), (3, 14..18));
    }

    #[test]
    fn syntax_errors_point_at_the_text() {
        for text in
            ["a = ", "a = 1\na = 2\n", "[x\n", "a = \"b", "= 3", "a = 99999999999999999999999999999999999999999"]
        {
            let error = parse(&source(text), 0).unwrap_err();
            assert!(error.span.is_some(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let dotted = format!("{} = 1", vec!["a"; 100_000].join("."));
        assert!(parse(&source(&dotted), 0).is_err());
        let lists = format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse(&source(&lists), 0).is_err());
        let tables = format!("a = {}1{}", "{a=".repeat(100_000), "}".repeat(100_000));
        assert!(parse(&source(&tables), 0).is_err());
    }
}
