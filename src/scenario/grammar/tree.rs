//! The tree of shapes: paths from the root of a document to each key.

use std::collections::{BTreeMap, BTreeSet};

use super::shape::{About, Kind, Shape};

/// A key and the path of the table that it stands in; empty at the top level.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Placed {
    /// The path of its table: "workflow.NAME.client".
    pub(in crate::scenario) table: String,
    /// The table.
    pub(in crate::scenario) shape: &'static Shape,
    /// The key.
    pub(in crate::scenario) key: &'static About,
}

impl Placed {
    /// Returns the path of the key.
    pub(in crate::scenario) fn path(&self) -> String {
        joined(&self.table, self.key.name)
    }
}

/// Returns a path one key longer.
fn joined(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

/// Returns every table below a shape with its path, nearer ones first.
pub(in crate::scenario) fn tables(root: &'static Shape) -> Vec<(String, &'static Shape)> {
    let mut found = vec![(String::new(), root)];
    let mut next = 0;
    while let Some((path, shape)) = found.get(next).cloned() {
        for key in shape.keys() {
            found.extend(key.table().map(|inner| (joined(&path, key.name), inner)));
        }
        found.extend(shape.others.and_then(|others| Some((joined(&path, others.called), others.kind.table()?))));
        next += 1;
    }
    found
}

/// Returns every key below a shape, those of nearer tables first.
pub(in crate::scenario) fn keys(root: &'static Shape) -> Vec<Placed> {
    let of_table = |(table, shape): (String, &'static Shape)| {
        shape.keys().map(move |key| Placed { table: table.clone(), shape, key })
    };
    tables(root).into_iter().flat_map(of_table).collect()
}

/// Keys by name.
pub(in crate::scenario) type Directory = BTreeMap<&'static str, Vec<Placed>>;

/// Returns all keys by name, each where it is nearest to the root: tables that repeat what holds for all do not count.
pub(in crate::scenario) fn directory(root: &'static Shape) -> Directory {
    let mut directory = Directory::new();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (table, shape) in tables(root) {
        for key in shape.keys() {
            let owner = shape.base.filter(|base| base.key(key.name).is_some()).unwrap_or(shape);
            if seen.insert((owner.name, key.name)) {
                directory.entry(key.name).or_default().push(Placed { table: table.clone(), shape, key });
            }
        }
    }
    directory
}

/// Says where a key of this name works: "in [run] or in [run.calibration]"; `None` if it is no key anywhere.
pub(in crate::scenario) fn works_in(directory: &Directory, name: &str) -> Option<String> {
    let header = |placed: &Placed| match placed.table.as_str() {
        "" => "at the top level".to_owned(),
        "expect" => "in [[expect]]".to_owned(),
        // Such tables stand under many keys.
        table if placed.shape.what.starts_with("a ") && !table.ends_with("NAME") => format!("in {}", placed.shape.what),
        table => format!("in [{table}]"),
    };
    let homes: Vec<String> = directory.get(name)?.iter().take(3).map(header).collect();
    Some(homes.join(" or "))
}

/// What stands at a path.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) enum Found {
    /// A key.
    Key(&'static About),
    /// A name, or what else cannot be known beforehand: what its value may be.
    Name(Kind),
}

/// Follows a path from the root: "tier.smb.sla".
pub(in crate::scenario) fn follow(root: &'static Shape, path: &str) -> Option<Found> {
    let mut shape = Some(root);
    let mut found = None;
    for segment in path.split('.') {
        let here = shape?;
        let next = here.key(segment).map(Found::Key).or(here.others.map(|others| Found::Name(others.kind)))?;
        shape = match next {
            Found::Key(key) => key.table(),
            Found::Name(kind) => kind.table(),
        };
        found = Some(next);
    }
    found
}

/// Whether a path leads to something that may be written.
pub(in crate::scenario) fn leads(root: &'static Shape, path: &str) -> bool {
    follow(root, path).is_some()
}
