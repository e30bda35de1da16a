//! How customers are cut into cells.

use super::context::Context;
use super::document::{Node, Read, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Text, Whole};
use super::grammar::shape::{About, Kind, Shape};
use super::grammar::words::words;
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

words! {
    /// Who shares the cells of a workflow.
    pub(super) enum Sharing {
        /// The single-cell baseline: all tiers share the cells of a workflow.
        Tiers = "tiers",
        /// Every tier has cells of its own.
        None = "none",
    }
}

/// Shape of `[cells]`.
pub(super) const CELLS: Shape = Shape::new("cells", "`cells`", &[SHARED_BY.about(), COUNT.about()]);

/// Who shares cells.
pub(super) const SHARED_BY: Defaulted<Sharing> = key::word(
    "shared_by",
    "`\"tiers\"`: the single-cell baseline. All tiers share the cells of a workflow; `customers_per_cell` and `cells` of the \
     tiers do not apply: inherited ones may stand, others are refused",
)
.or(Text("none"));
const COUNT: Defaulted<u32> = key::count("count", ("cells", 1, MOST), "shared cells of each workflow").or(Whole(1));

/// Reads `[cells]`.
pub(super) fn layout(keys: &Keys<'_>) -> Layout {
    let sharing = keys.read(&SHARED_BY);
    let count = keys.read(&COUNT);
    if sharing == Sharing::Tiers {
        return Layout::Shared { count };
    }
    if let Some(entry) = keys.entry(&COUNT).filter(|_| keys.get(&SHARED_BY).is_none()) {
        let error = entry.key_place.error("`count` is the number of cells that tiers share", "nothing is shared");
        keys.context.problem(error.help("add `shared_by = \"tiers\"`, or write `cells` in a tier"));
    }
    Layout::PerTier
}

/// How a tier's customers are cut.
pub(super) const CUSTOMERS_PER_CELL: About = About::new(
    "customers_per_cell",
    Kind::Any(&[Kind::Count("customers", 1, MOST), Kind::Written("10..50"), Kind::Table(&PER_CELL)]),
    "`{ target, min, max }`: cells = ceil(placed customers / target); placement stops at `max`; a cell under `min` is reported. \
     `\"10..50\"` has its target in the middle; a bare number is the target",
)
.without("this or `cells`");
/// Exactly so many cells.
pub(super) const TIER_CELLS: About = About::new(
    "cells",
    Kind::Any(&[Kind::Count("cells", 1, MOST), Kind::Table(&CELLS_BY_WORKFLOW)]),
    "exactly so many cells: `7`, or `{ messaging = 7 }` for some workflows, the others by `customers_per_cell`",
);
const CELLS_BY_WORKFLOW: Shape = Shape::of_names("cells of a tier", "WORKFLOW", Kind::Count("cells", 1, MOST));

const PER_CELL: Shape =
    Shape::new("customers_per_cell", "`customers_per_cell`", &[TARGET.about(), MIN.about(), MAX.about()]);
const TARGET: Key<u32> = key::count("target", ("customers", 1, MOST), "customers wanted in each cell")
    .without("in the middle of `min` and `max`");
const MIN: Key<u32> =
    key::count("min", ("customers", 1, MOST), "below this a cell is reported as too small").without("none");
const MAX: Key<u32> = key::count("max", ("customers", 1, MOST), "placement stops here").without("none");

/// Reads `customers_per_cell` and `cells` of a tier: a rule for each workflow.
pub(super) fn rules(keys: &Keys<'_>, workflows: &[String], layout: &Layout) -> Vec<CellRule> {
    let target = keys.get(&CUSTOMERS_PER_CELL).and_then(|node| per_cell(keys.context, node));
    let mut rules = vec![target.clone(); workflows.len()];
    // A later layer's customers_per_cell takes the place of an inherited number of cells.
    let counted = keys.get(&TIER_CELLS).filter(|_| !keys.is_older(&TIER_CELLS, &CUSTOMERS_PER_CELL));
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
            if keys.get(&CUSTOMERS_PER_CELL).is_some() && !keys.is_older(&CUSTOMERS_PER_CELL, &TIER_CELLS) {
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
    if shared.is_none() && keys.get(&CUSTOMERS_PER_CELL).is_none() && rules.iter().any(Option::is_none) {
        let error = keys.place.error(format!("nothing says how {} is cut into cells", keys.what), "needs it");
        keys.context.problem(error.help("add `customers_per_cell = { target = 250 }`, or `cells = 4`"));
    }
    rules.into_iter().map(|rule| rule.or_else(|| shared.clone()).unwrap_or(CellRule::Count(1))).collect()
}

/// The key of an entry as a value, for messages that point at it.
fn named_by(entry: &super::document::Entry) -> Node {
    Node { value: Value::Text(entry.key.clone()), place: entry.key_place.clone(), rank: 0 }
}

fn per_cell(context: &Context, node: &Node) -> Option<CellRule> {
    match &node.value {
        Value::Text(text) if text.contains("..") => context.keep(range(node, text)),
        Value::Table(_) => context.shaped(node, &PER_CELL, |keys| named_sizes(keys, node)).flatten(),
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_) => {
            let target = context.keep(values::count(node, "customers", 1, MOST))?;
            context.keep(ordered(node, target, None, None))
        }
    }
}

fn named_sizes(keys: &Keys<'_>, node: &Node) -> Option<CellRule> {
    let sizes = [&TARGET, &MIN, &MAX].map(|key| (keys.get(key), keys.read(key)));
    if sizes.iter().any(|(written, read)| written.is_some() && read.is_none()) {
        return None;
    }
    let [target, min, max] = sizes.map(|size| size.1);
    let target = match (target, min, max) {
        (Some(target), ..) => target,
        (None, Some(min), Some(max)) => min.midpoint(max),
        _ => {
            let error = node.error("`target` is missing in `customers_per_cell`", "needs it");
            keys.context.problem(error.help("add `target = 250`"));
            return None;
        }
    };
    keys.context.keep(ordered(node, target, min, max))
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
