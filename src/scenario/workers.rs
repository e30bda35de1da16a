//! Workers: a stage whose slots are divided, each customer being served by a shard of them.

use super::context::Context;
use super::document::Node;
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::Text;
use super::grammar::shape::{About, Kind, Shape};
use super::grammar::words::words;
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

words! {
    /// Which workers serve a customer.
    pub enum Assign {
        /// A random shard for each customer, different from all others' as long as there are others.
        Shuffle = "shuffle",
        /// Shards that do not overlap, dealt in turn.
        Fixed = "fixed",
    }
}

const MOST: u32 = 1000;

/// Shape of `workers`.
pub(super) const WORKERS: Shape = Shape::new("workers", "`workers`", &[COUNT.about(), &SHARD, &PICK, ASSIGN.about()]);

const COUNT: Key<u32> = key::count("count", ("workers", 1, MOST), "how many").required("count = 8");
const SHARD: About = About::new(
    "shard",
    Kind::Count("workers", 1, MOST),
    "how many of them serve a customer. Its first attempt goes to one of them, each further attempt and each hedge to the \
     next one",
)
.without("all");
const PICK: About = About::new(
    "pick",
    Kind::Table(&PICKS),
    "`{ least_loaded_of = 2, refresh = \"70s\" }`: each attempt, retries and hedges too, goes to the least loaded of so many \
     drawn from the customer's shard, the first drawn of equals. A worker that fails fast has little load",
)
.without("by turns");
const ASSIGN: Defaulted<Assign> = key::word(
    "assign",
    "a shard drawn for each customer of a cell, no two alike while there are others; or `\"fixed\"`: shards that do not \
     overlap, dealt in turn",
)
.or(Text("shuffle"));

const PICKS: Shape = Shape::new("pick", "`pick`", &[&LEAST_LOADED_OF, REFRESH.about()]);
const LEAST_LOADED_OF: About = About::new(
    "least_loaded_of",
    Kind::Count("workers", 1, MOST),
    "how many are drawn; the load is what is in service and waiting, as it was when last read",
)
.required("least_loaded_of = 2");
const REFRESH: Defaulted<Nanos> = key::duration(
    "refresh",
    "an attempt that comes so long or longer after the loads were read reads them again, for all workers of the cell; 0: \
     always fresh",
)
.or(Text("0s"));

/// Reads `workers = 8`, or `{ count = 8, shard = 2, assign = "shuffle" }`.
pub(super) fn workers(context: &Context, node: &Node) -> Option<Workers> {
    if node.table().is_none() {
        let count = context.keep(values::count(node, "workers", 1, MOST))?;
        return Some(Workers { count, shard: count, assign: Assign::Fixed, pick: None });
    }
    let read = |keys: &Keys<'_>| {
        let count = keys.read(&COUNT);
        let shard = keys.optional(&SHARD, |node| values::count(node, "workers", 1, count.unwrap_or(MOST)));
        let assign = keys.read(&ASSIGN);
        let count = count?;
        let shard = shard.unwrap_or(count);
        if assign == Assign::Fixed && !count.is_multiple_of(shard) {
            let place = keys.get(&SHARD).map_or(keys.place, |node| &node.place);
            let error = place.error(format!("{count} workers do not divide into shards of {shard}"), "not a divisor");
            keys.context.problem(error.help("fixed shards do not overlap; assign = \"shuffle\" may"));
            return None;
        }
        let pick = match keys.get(&PICK) {
            None => None,
            Some(_) => Some(keys.table(&PICK, |keys| pick(keys, shard)).flatten()?),
        };
        Some(Workers { count, shard, assign, pick })
    };
    context.shaped(node, &WORKERS, read).flatten()
}

fn pick(keys: &Keys<'_>, shard: u32) -> Option<Pick> {
    let least_loaded_of = keys.required(&LEAST_LOADED_OF, |node| {
        values::count(node, "workers", 1, shard)
            .map_err(|error| Box::new(error.help(format!("a customer is served by {shard} of them"))))
    });
    let refresh = keys.read(&REFRESH);
    least_loaded_of.map(|least_loaded_of| Pick { least_loaded_of, refresh })
}
