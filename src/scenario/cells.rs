//! How customers are cut into cells.

use super::document::{Node, Read, Value};
use super::keys::Keys;
use super::values::{self, MOST};

/// Which walls there are.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Layout {
    /// Every tier has cells of its own (the default).
    PerTier,
    /// All tiers share the cells of a workflow: `cells = { shared_by = "tiers", count = 1 }`.
    /// `customers_per_cell` and `tier.X.cells` do not apply.
    Shared {
        /// Number of cells of each workflow.
        count: u32,
    },
}

/// How one tier's customers of one workflow are cut.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum CellRule {
    /// As many cells as needed for `target` customers each.
    Target {
        /// Customers wanted in each cell.
        target: u32,
        /// Below this a cell is reported as too small.
        min: Option<u32>,
        /// Placement stops here.
        max: Option<u32>,
    },
    /// Exactly so many cells.
    Count(u32),
}

/// Reads `[cells]`.
pub(super) fn layout(keys: &Keys<'_>) -> Layout {
    let sharing = [("tiers", true), ("none", false)];
    let shared = keys.or("shared_by", false, |node| values::choice(node, &sharing));
    let count = keys.or("count", 1, |node| values::count(node, "cells", 1, MOST));
    if shared {
        return Layout::Shared { count };
    }
    if let Some(entry) = keys.entry("count").filter(|_| keys.get("shared_by").is_none()) {
        let error = entry.key_place.error("`count` is the number of cells that tiers share", "nothing is shared");
        keys.context.problem(error.help("add `shared_by = \"tiers\"`, or write `cells` in a tier"));
    }
    Layout::PerTier
}

/// Reads `customers_per_cell` and `cells` of a tier: a rule for each workflow.
pub(super) fn rules(keys: &Keys<'_>, workflows: &[String], layout: &Layout) -> Vec<CellRule> {
    let target = keys.optional("customers_per_cell", per_cell);
    let mut rules = vec![target.clone(); workflows.len()];
    // A later layer's customers_per_cell takes the place of an inherited number of cells.
    let counted = keys.get("cells").filter(|_| !keys.is_older("cells", "customers_per_cell"));
    match counted {
        None => {}
        Some(node) if node.table().is_some() => {
            for entry in node.table().map_or(&[][..], |table| &table.entries) {
                let index = keys.context.keep(values::named(&named_by(entry), &entry.key, "workflow", workflows));
                let count = keys.context.keep(values::count(&entry.node, "cells", 1, MOST));
                if let (Some(index), Some(count)) = (index, count) {
                    rules[index] = Some(CellRule::Count(count));
                }
            }
        }
        Some(node) => {
            if keys.get("customers_per_cell").is_some() && !keys.is_older("customers_per_cell", "cells") {
                let error =
                    node.error("`cells` and `customers_per_cell` exclude each other", "cannot be given as well");
                keys.context.problem(error.help("keep one of them, or name workflows: cells = { messaging = 7 }"));
            }
            if let Some(count) = keys.context.keep(values::count(node, "cells", 1, MOST)) {
                rules = vec![Some(CellRule::Count(count)); workflows.len()];
            }
        }
    }
    let shared = if let Layout::Shared { count } = layout { Some(CellRule::Count(*count)) } else { None };
    if shared.is_none() && keys.get("customers_per_cell").is_none() && rules.iter().any(Option::is_none) {
        let error = keys.place.error(format!("nothing says how {} is cut into cells", keys.what), "needs it");
        keys.context.problem(error.help("add `customers_per_cell = { target = 250 }`, or `cells = 4`"));
    }
    rules.into_iter().map(|rule| rule.or_else(|| shared.clone()).unwrap_or(CellRule::Count(1))).collect()
}

/// The key of an entry as a value, for messages that point at it.
fn named_by(entry: &super::document::Entry) -> Node {
    Node { value: Value::Text(entry.key.clone()), place: entry.key_place.clone(), rank: 0 }
}

fn per_cell(node: &Node) -> Read<CellRule> {
    let count = |node: &Node| values::count(node, "customers", 1, MOST);
    let (target, min, max) = match &node.value {
        Value::Text(text) if text.contains("..") => return range(node, text),
        Value::Table(table) => {
            let known = ["target", "min", "max"];
            if let Some(entry) = table.entries.iter().find(|entry| !known.contains(&entry.key.as_str())) {
                let message = format!("unknown key `{}` in `customers_per_cell`", entry.key);
                let error = super::keys::unknown(&entry.key_place, message, &entry.key, known, "known keys");
                return Err(Box::new(error));
            }
            let read = |key: &str| node.child(key).map(count).transpose();
            (read("target")?, read("min")?, read("max")?)
        }
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_) => {
            (Some(count(node)?), None, None)
        }
    };
    let target = match (target, min, max) {
        (Some(target), ..) => target,
        (None, Some(min), Some(max)) => min.midpoint(max),
        _ => {
            let error = node.error("`target` is missing in `customers_per_cell`", "needs it");
            return Err(Box::new(error.help("add `target = 250`")));
        }
    };
    ordered(node, target, min, max)
}

fn range(node: &Node, text: &str) -> Read<CellRule> {
    let bound =
        |part: &str| super::text::count(part, "customers").ok().filter(|bound| (1.0..=MOST as f64).contains(bound));
    let bounds = text.split_once("..").and_then(|(min, max)| Some((bound(min)? as u32, bound(max)? as u32)));
    let Some((min, max)) = bounds else {
        let error = node.error(format!("expected a range of customers, found \"{text}\""), "not a range");
        return Err(Box::new(error.help("write \"10..50\"")));
    };
    ordered(node, min.midpoint(max), Some(min), Some(max))
}

fn ordered(node: &Node, target: u32, min: Option<u32>, max: Option<u32>) -> Read<CellRule> {
    if min.is_some_and(|min| min > target) || max.is_some_and(|max| max < target) {
        let error = node.error("the order must be min, target, max", "here it is not");
        return Err(Box::new(error.help("write { target = 30, min = 10, max = 50 }")));
    }
    Ok(CellRule::Target { target, min, max })
}
