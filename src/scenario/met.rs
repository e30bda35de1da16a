//! Which values readers have met: the others are said in vain.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::{Node, Place, Value};

/// A value, by the text in which it stands and where.
type Mark = (usize, usize);

/// The values that readers have met.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// At all, and as the one that counts.
    met: RefCell<BTreeSet<Mark>>,
    counted: RefCell<BTreeSet<Mark>>,
}

/// Tables that are laid over each other, or whose entries exclude each other: each entry is met on its own. All others are met whole.
const LAYERED: [&str; 6] = ["client", "stage", "contract", "workflow", "tier", "size"];

impl Met {
    /// A reader has met a value under this key; `counts` unless another one took its place.
    pub(super) fn note(&self, key: &str, node: &Node, counts: bool) {
        match &node.value {
            Value::Table(table) if !LAYERED.contains(&key) => {
                table.entries.iter().for_each(|entry| self.note("", &entry.node, counts));
            }
            Value::Table(_) => {}
            Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_) => {
                self.met.borrow_mut().insert(mark(&node.place));
                if counts {
                    self.counted.borrow_mut().insert(mark(&node.place));
                }
            }
        }
    }

    /// Whether a reader has met a value; one of `--set` must be the one that counts.
    pub(super) fn has(&self, node: &Node) -> bool {
        let marks = if is_set(node) { &self.counted } else { &self.met };
        marks.borrow().contains(&mark(&node.place))
    }
}

fn mark(place: &Place) -> Mark {
    (Arc::as_ptr(&place.source) as usize, place.span.start)
}

/// Whether a value was given with `--set`.
pub(super) fn is_set(node: &Node) -> bool {
    node.place.source.is_set()
}
