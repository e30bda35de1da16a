//! The grammar of scenarios: every key and every table as data.
//!
//! - A *key* (`key`) is a constant beside its reader: name, kind of value, what holds without it, the level that knows it, one sentence.
//!   It has a type: `keys.read(&HORIZON)` is a duration, since `HORIZON` has a default, and an option otherwise. The default is written
//!   as in a file, and read as if it stood there, so that what documents say is what holds.
//! - A *shape* (`shape`) is the list of a table's keys; a kind of value may be a table of another shape. The root is `root::SCENARIO`.
//!   A reader names its shape, may ask for its keys only, and what the shape does not list is an unknown key.
//! - *Words* (`words`) of an enum are declared once: reading, writing, serialization, and documents use them.
//! - What follows from the shapes: `tree` (paths, where a key works), `schema` (JSON schema), `explain` (`cellsim keys`),
//!   `reference` (tables of docs/scenario.md).
//!
//! What depends on other keys stays code, in the reader: it asks with a function of its own (`keys.optional(&KEY, ..)`).
//! A new key is a constant, an entry in its shape, and the line that reads it.

pub(super) mod explain;
pub(super) mod key;
pub(super) mod reference;
pub(super) mod schema;
pub(super) mod shape;
pub(super) mod tree;
pub mod words;

#[cfg(test)]
mod tests;
