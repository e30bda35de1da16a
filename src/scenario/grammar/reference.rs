//! Tables of keys for documents, in Markdown.

use super::shape::{About, Absent, Kind, Plain, Shape};
use super::tree;
use crate::catalogue::Level;

/// Shapes that have a table or a section of their own in documents; the keys of all others stand in the table around them, after a
/// dot.
const SECTIONS: [&str; 20] = [
    "tier",
    "contract",
    "customer",
    "client",
    "stage",
    "fan-out",
    "workflow",
    "class",
    "profile",
    "distribution",
    "trace",
    "cells",
    "router",
    "cost",
    "fault",
    "strikes",
    "effect",
    "waves",
    "run",
    "rare",
];

/// Returns the table of the keys of these shapes ("class, workflow"), each without those that it shares with others; `None` if there
/// is no such shape.
pub(in crate::scenario) fn table(root: &'static Shape, names: &str) -> Option<String> {
    let all = tree::tables(root);
    // What is shared stands in a table by itself.
    let bases: Vec<&'static Shape> = all.iter().filter_map(|(_, shape)| shape.base).collect();
    let known = || all.iter().map(|(_, shape)| *shape).chain(bases.iter().copied());
    let mut text = "| key | default | meaning |\n|---|---|---|\n".to_owned();
    for name in names.split(',').map(str::trim) {
        rows(known().find(|shape| shape.name == name)?, "", &mut text);
    }
    Some(text)
}

fn rows(shape: &'static Shape, before: &str, text: &mut String) {
    for key in shape.own {
        if !key.sentence.is_empty() {
            *text += &row(key, before);
        }
        let inner = match key.kind {
            Kind::List(_) => None,
            _ => key.table(),
        };
        if let Some(inner) = inner.filter(|inner| !SECTIONS.contains(&inner.name)) {
            rows(inner, &format!("{before}{}.", key.name), text);
        }
    }
}

fn row(key: &About, before: &str) -> String {
    let level = match key.level {
        Some(Level::Request) => ". Not at the incident level",
        Some(Level::Incident) => ". At the incident level only",
        None => "",
    };
    format!("| `{before}{}` | {} | {}{level} |\n", key.name, absent(key.absent), key.sentence)
}

/// Says what holds where a key is not written, in Markdown.
pub(in crate::scenario) fn absent(absent: Absent) -> String {
    match absent {
        Absent::Required(_) => "required".to_owned(),
        Absent::Value(Plain::Text(text)) => format!("`\"{text}\"`"),
        Absent::Value(Plain::Whole(number)) => number.to_string(),
        Absent::Value(Plain::Switch(value)) => value.to_string(),
        Absent::Value(Plain::Empty) => "`[]`".to_owned(),
        Absent::Words(words) | Absent::RequiredIf(words, _) => words.to_owned(),
        Absent::Nothing => String::new(),
    }
}
