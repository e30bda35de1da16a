//! Stages: the steps of a workflow.

use super::context::Context;
use super::document::Node;
use super::fan_out::{self, FanOut};
use super::keys::Keys;
use super::law::law;
use super::text;
use super::values::{self, MOST};
use super::workers::{self, Workers};
use crate::engine::law::Law;

/// A step of a workflow; every cell holds its own station for it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Stage {
    /// Name, as in `stage.NAME` and `path`.
    pub name: String,
    /// Time in service (or the delay itself), in nanoseconds.
    pub service_time: Law,
    /// Whether a retry meets a new service time or the request's own again: share of the draw that stays with the request,
    /// 0 ("attempt") to 1 ("request"): with this probability the request's own draw is used.
    pub luck_of_request: f64,
    /// Whether work contends for slots.
    pub kind: StageKind,
}

/// Whether work contends for slots.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum StageKind {
    /// Parallel slots and a queue.
    Pool(Pool),
    /// No contention.
    Delay,
    /// Several destinations, asked at once.
    FanOut(FanOut),
}

/// Slots and a queue.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Pool {
    /// How many slots; of each worker, if there are workers.
    pub size: Size,
    /// Whether a load above what the slots can do is meant.
    #[serde(skip_serializing_if = "is_false")]
    pub overload: bool,
    /// How much longer a service takes for each further attempt in service; of its own time.
    #[serde(skip_serializing_if = "is_none")]
    pub slows_by: f64,
    /// Whether the slots are divided among workers.
    pub workers: Option<Workers>,
    /// Waiting places; `None`: without limit.
    pub queue: Option<u32>,
    /// Who is served next.
    pub discipline: Discipline,
    /// What happens to queued work whose client has given up.
    pub expired: Expired,
    /// Slots of one instance.
    pub instance_concurrency: u32,
    /// Least number of instances per zone.
    pub min_per_zone: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
fn is_false(is: &bool) -> bool {
    !is
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
fn is_none(share: &f64) -> bool {
    *share == 0.0
}

/// How many slots.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Size {
    /// Exactly so many slots; instances are only counted for cost.
    Concurrency(u32),
    /// Sized at the profile's peak for this utilization, in whole instances.
    Utilization {
        /// Busy share wanted.
        utilization: f64,
        /// Each cell for its own demand, instead of all cells of the tier for the busiest one's.
        own: bool,
    },
}

/// Who is served next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discipline {
    /// First in, first out.
    Fifo,
    /// Last in, first out.
    Lifo,
    /// All at once, each at an equal part of the slots, but never more than one.
    ProcessorSharing,
}

/// What happens to queued work whose client has given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expired {
    /// Served all the same: wasted work (the default).
    Serve,
    /// Dropped when its turn comes.
    Drop,
}

/// Reads a stage, every override applied.
pub(super) fn stage(context: &Context, name: &str, merged: &Node) -> Option<Stage> {
    context.table(merged, &format!("stage `{name}`"), |keys| read(keys, name)).flatten()
}

/// What `kind` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Pool,
    Delay,
    FanOut,
}

fn read(keys: &Keys<'_>, name: &str) -> Option<Stage> {
    if keys.get("service_time").is_none() {
        keys.missing("service_time", "service_time = { p50 = \"8ms\", p99 = \"40ms\" }");
    }
    let service_time = keys.get("service_time").and_then(|node| law(keys.context, node));
    let luck_of_request = keys.or("luck", 0.0, |node| match node.text() {
        Some("attempt") => Ok(0.0),
        Some("request") => Ok(1.0),
        _ => values::share(node).map_err(|error| Box::new(error.help("write \"attempt\", \"request\", or a share"))),
    });
    let kinds = [("pool", Word::Pool), ("delay", Word::Delay), ("fan-out", Word::FanOut)];
    let word = keys.or("kind", Word::Pool, |node| values::choice(node, &kinds));
    // Other kinds may inherit what `[stage]` says about pools; they have no use for it.
    let pool = pool(keys, word == Word::Pool);
    if word != Word::FanOut {
        fan_out::none(keys);
    }
    let kind = match word {
        Word::Pool => StageKind::Pool(pool?),
        Word::Delay => StageKind::Delay,
        Word::FanOut => StageKind::FanOut(fan_out::fan_out(keys)?),
    };
    Some(Stage { name: name.to_owned(), service_time: service_time?, luck_of_request, kind })
}

fn pool(keys: &Keys<'_>, required: bool) -> Option<Pool> {
    let disciplines =
        [("fifo", Discipline::Fifo), ("lifo", Discipline::Lifo), ("processor-sharing", Discipline::ProcessorSharing)];
    let expiries = [("serve", Expired::Serve), ("drop", Expired::Drop)];
    if required && keys.get("size").is_none() {
        keys.missing("size", "size = { utilization = \"60%\" }");
    }
    let size = keys.get("size").and_then(|node| keys.context.table(node, "`size`", size).flatten());
    let queue = keys.optional("queue", |node| match node.text() {
        Some("unlimited") => Ok(None),
        _ => values::count(node, "places", 0, MOST).map(Some),
    });
    let instance = keys.get("instance").and_then(|node| {
        keys.context.table(node, "`instance`", |keys| {
            let concurrency = keys.or("concurrency", 1, |node| values::count(node, "slots", 1, 1_000_000));
            let min_per_zone = keys.or("min_per_zone", 1, |node| values::count(node, "instances", 0, 1_000_000));
            (concurrency, min_per_zone)
        })
    });
    let (instance_concurrency, min_per_zone) = instance.unwrap_or((1, 1));
    let discipline = keys.or("discipline", Discipline::Fifo, |node| values::choice(node, &disciplines));
    let expired = keys.or("expired", Expired::Serve, |node| values::choice(node, &expiries));
    if let (Discipline::ProcessorSharing, Expired::Drop, Some(entry)) = (discipline, expired, keys.entry("expired"))
        && !keys.is_older("expired", "discipline")
    {
        let error = entry.key_place.error("`expired` has no effect here", "nobody waits where all are served at once");
        keys.context.problem(error.help("leave it out, or choose another `discipline`"));
    }
    let workers = match keys.get("workers") {
        None => None,
        Some(node) => Some(workers::workers(keys, node)?),
    };
    let (size, overload) = size?;
    let slows_by = keys.or("slows_by", 0.0, values::share);
    if let Some(entry) = keys.entry("slows_by").filter(|_| slows_by > 0.0) {
        let problem = match (size, discipline, queue.flatten()) {
            (Size::Utilization { .. }, _, _) => Some((
                "how busy slots are that slow each other is not known beforehand",
                "sized by utilization",
                "write how many there are: size = { concurrency = 24 }",
            )),
            (_, Discipline::ProcessorSharing, None) => {
                Some(("the more are in it, the slower it is, without end", "an unlimited queue", "add a `queue`"))
            }
            _ => None,
        };
        if let Some((message, label, help)) = problem {
            keys.context.problem(entry.key_place.error(message, label).help(help));
        }
    }
    Some(Pool {
        size,
        overload,
        slows_by,
        workers,
        queue: queue.flatten(),
        discipline,
        expired,
        instance_concurrency,
        min_per_zone,
    })
}

fn size(keys: &Keys<'_>) -> Option<(Size, bool)> {
    let overload = keys.or("overload", false, values::boolean);
    let share = |node: &Node| match node.text() {
        Some(written) if overload => text::percentage(written)
            .map_err(|label| Box::new(node.error(format!("expected a share, found \"{written}\""), label))),
        None if overload => values::positive_number(node),
        _ => values::positive_share(node),
    };
    let own = keys.or("cells", false, |node| values::choice(node, &[("alike", false), ("own", true)]));
    match keys.alternative(&["utilization", "concurrency"]) {
        None => {
            keys.missing("utilization", "utilization = \"60%\"");
            None
        }
        Some(("utilization", node)) => {
            let utilization = keys.context.keep(share(node))?;
            if utilization >= 1.0 && !overload {
                let error = node.error("a station that is busy all the time never catches up", "must be below 100 %");
                keys.context.problem(error.help("write something like \"60%\", or add `overload = true`"));
                return None;
            }
            if utilization > 100.0 {
                let error = node.error("a load that no station has", "at most 10,000 %");
                keys.context.problem(error);
                return None;
            }
            Some((Size::Utilization { utilization, own }, overload))
        }
        Some((_, node)) => {
            if let Some(entry) = keys.entry("cells").filter(|_| !keys.is_older("cells", "concurrency")) {
                let why = "with `concurrency` all cells are alike";
                keys.context.problem(entry.key_place.error("`cells` has no effect here", why));
            }
            keys.context
                .keep(values::count(node, "slots", 1, 1_000_000))
                .map(|slots| (Size::Concurrency(slots), overload))
        }
    }
}
