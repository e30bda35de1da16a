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

impl Met {
    /// A reader has met a value under a key; `counts` unless another one took its place. A table that `is_layered` is laid over others,
    /// or its entries exclude each other: each entry is met on its own. All others are met whole.
    pub(super) fn note(&self, is_layered: bool, node: &Node, counts: bool) {
        match &node.value {
            Value::Table(table) if !is_layered => {
                table.entries.iter().for_each(|entry| self.note(false, &entry.node, counts));
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
