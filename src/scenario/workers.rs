//! Workers: a stage whose slots are divided, each customer being served by a shard of them.

use super::document::Node;
use super::keys::Keys;
use super::values;
use crate::units::Nanos;

/// How the slots of a stage are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Workers {
    /// Workers in each cell, each with slots and a queue of its own.
    pub count: u32,
    /// How many of them serve a customer.
    pub shard: u32,
    /// Who is served by which.
    pub assign: Assign,
    /// How the worker of an attempt is picked among them, if by load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pick: Option<Pick>,
}

/// Picking by load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Pick {
    /// So many are drawn, of which the least loaded is taken.
    pub least_loaded_of: u32,
    /// Loads are read again when what was read is this old.
    pub refresh: Nanos,
}

/// Which workers serve a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assign {
    /// A random shard for each customer, different from all others' as long as there are others.
    Shuffle,
    /// Shards that do not overlap, dealt in turn.
    Fixed,
}

const MOST: u32 = 1000;

/// Reads `workers = 8`, or `{ count = 8, shard = 2, assign = "shuffle" }`.
pub(super) fn workers(keys: &Keys<'_>, node: &Node) -> Option<Workers> {
    let count = |node: &Node| values::count(node, "workers", 1, MOST);
    if node.table().is_none() {
        return keys.context.keep(count(node)).map(|count| Workers {
            count,
            shard: count,
            assign: Assign::Fixed,
            pick: None,
        });
    }
    keys.context
        .table(node, "`workers`", |keys| {
            let count = keys.required("count", "count = 8", count);
            let shard = keys.optional("shard", |node| values::count(node, "workers", 1, count.unwrap_or(MOST)));
            let assigns = [("shuffle", Assign::Shuffle), ("fixed", Assign::Fixed)];
            let assign = keys.or("assign", Assign::Shuffle, |node| values::choice(node, &assigns));
            let count = count?;
            let shard = shard.unwrap_or(count);
            if assign == Assign::Fixed && !count.is_multiple_of(shard) {
                let place = keys.get("shard").map_or(keys.place, |node| &node.place);
                let error =
                    place.error(format!("{count} workers do not divide into shards of {shard}"), "not a divisor");
                keys.context.problem(error.help("fixed shards do not overlap; assign = \"shuffle\" may"));
                return None;
            }
            let pick = match keys.get("pick") {
                None => None,
                Some(node) => Some(keys.context.table(node, "`pick`", |keys| pick(keys, shard)).flatten()?),
            };
            Some(Workers { count, shard, assign, pick })
        })
        .flatten()
}

fn pick(keys: &Keys<'_>, shard: u32) -> Option<Pick> {
    let least_loaded_of = keys.required("least_loaded_of", "least_loaded_of = 2", |node| {
        values::count(node, "workers", 1, shard)
            .map_err(|error| Box::new(error.help(format!("a customer is served by {shard} of them"))))
    });
    let refresh = keys.or("refresh", 0, values::duration);
    least_loaded_of.map(|least_loaded_of| Pick { least_loaded_of, refresh })
}
