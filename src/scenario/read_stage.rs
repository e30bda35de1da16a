//! Reading stages.

use super::context::Context;
use super::document::{Node, Read};
use super::fan_out;
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Switch, Text, Whole};
use super::grammar::shape::{About, Kind, REQUEST_LEVEL, Refusal, Shape};
use super::grammar::words::words;
use super::keys::Keys;
use super::law;
use super::stage::{Discipline, Expired, Pool, Size, Stage, StageKind};
use super::text;
use super::values::{self, MOST};
use super::workers::{self, Workers};
use crate::catalogue::Level;
use crate::engine::law::Law;

words! {
    /// What `kind` says.
    pub(super) enum KindWord {
        /// Parallel slots and a queue.
        Pool = "pool",
        /// No contention.
        Delay = "delay",
        /// Several destinations, asked at once.
        FanOut = "fan-out",
    }
}

words! {
    /// Which cells `size.utilization` makes alike.
    enum Alike {
        /// All cells of a tier, sized for the busiest one.
        All = "alike",
        /// Each for its own demand.
        Own = "own",
    }
}

/// Shape of a stage; the keys of a fan-out stand beside the others.
pub(super) const STAGE: Shape = Shape {
    base: Some(&fan_out::FAN_OUT),
    ..Shape::new(
        "stage",
        "`stage`",
        &[
            SERVICE_TIME.about(),
            LUCK.about(),
            KIND.about(),
            &SIZE,
            SLOWS_BY.about(),
            QUEUE.about(),
            DISCIPLINE.about(),
            EXPIRED.about(),
            &INSTANCE,
            WORKERS.about(),
        ],
    )
};

const SERVICE_TIME: Key<Law> =
    key::shared("service_time", law::LAW, law::law, "distribution of the time in service, or of the delay")
        .required("service_time = { p50 = \"8ms\", p99 = \"40ms\" }");
/// Whether a retry meets a new service time.
pub(super) const LUCK: Defaulted<f64> = key::by(
    "luck",
    Kind::Any(&[Kind::Fixed("attempt"), Kind::Fixed("request"), Kind::Share]),
    luck,
    "whether a retry meets a new service time (`\"attempt\"`), the request's own again (`\"request\"`), or the latter with \
     this probability (`\"30%\"`)",
)
.not_all(Refusal {
    message: "the incident level gives each attempt a service time of its own",
    label: "retries meet the same again",
    help: "write luck = \"attempt\"",
})
.or(Text("attempt"));
/// Whether work contends for slots.
pub(super) const KIND: Defaulted<KindWord> = key::word(
    "kind",
    "`\"pool\"`: parallel slots and a queue; `\"delay\"`: no contention; `\"fan-out\"`: several destinations asked at once, \
     see below. The other keys of a pool have no effect on them",
)
.not_all(Refusal {
    message: "the incident level knows pools and delays",
    label: "another stage",
    help: REQUEST_LEVEL,
})
.or(Text("pool"));
const SIZE: About = About::new(
    "size",
    Kind::Table(&SIZES),
    "`{ utilization = \"60%\" }` or `{ concurrency = 24 }`. A load of 100 % or more without any fault, be it at the profile's \
     peak only, is refused by name, unless `overload` says that it is meant",
)
.required_if("required for a pool", "size = { utilization = \"60%\" }")
.layered();
/// How much attempts in service slow each other.
pub(super) const SLOWS_BY: Defaulted<f64> = key::share(
    "slows_by",
    "`\"2%\"`: each further attempt in service makes all of them go on slower: with n at work, a service takes \
     1 + 0.02 (n - 1) times its own time, from one change of n to the next. With `\"processor-sharing\"` n is all that are in \
     it, so it needs a `queue` with an end. Only with `size.concurrency`; the load in the tables of cells does not know of it",
)
.only(
    Level::Request,
    Refusal {
        message: "the incident level knows services that do not slow each other",
        label: "slows as more are in it",
        help: REQUEST_LEVEL,
    },
)
.or(Whole(0));
const QUEUE: Defaulted<Option<u32>> = key::by(
    "queue",
    Kind::Any(&[Kind::Count("places", 0, MOST), Kind::Fixed("unlimited")]),
    values::places,
    "waiting places; beyond them: rejected",
)
.or(Text("unlimited"));
/// Who is served next.
pub(super) const DISCIPLINE: Defaulted<Discipline> = key::word(
    "discipline",
    "who is served next: `\"fifo\"`, `\"lifo\"`; or `\"processor-sharing\"`: all at once, each at an equal part of the slots, \
     but of one at most. Then `queue` is how many there may be beyond the slots, and `expired` has no effect",
)
.not_all(Refusal {
    message: "the incident level serves first in, first out",
    label: "another order",
    help: "write discipline = \"fifo\"",
})
.or(Text("fifo"));
const EXPIRED: Defaulted<Expired> =
    key::word("expired", "queued work whose client has given up: served all the same, or `\"drop\"`").or(Text("serve"));
const INSTANCE: About = About::new("instance", Kind::Table(&INSTANCES), "what is bought");
/// Slots divided among workers.
pub(super) const WORKERS: Key<Workers> = key::shared(
    "workers",
    Kind::Any(&[Kind::Count("workers", 1, 1000), Kind::Table(&workers::WORKERS)]),
    workers::workers,
    "so many workers in each cell, each with the stage's `size`, `queue` and `instance` for itself: `8`, or \
     `{ count = 8, shard = 2, assign = \"shuffle\" }`",
)
.without("none")
.only(
    Level::Request,
    Refusal { message: "the incident level knows no workers", label: "has workers", help: REQUEST_LEVEL },
);

const SIZES: Shape =
    Shape::new("size", "`size`", &[&UTILIZATION, CONCURRENCY.about(), OVERLOAD.about(), CELLS.about()]);
const UTILIZATION: About = About::new(
    "utilization",
    Kind::Any(&[Kind::Share, Kind::Number]),
    "as many slots as keep them this busy at the profile's peak, rounded up to whole instances",
)
.required_if("this or `concurrency`", "utilization = \"60%\"");
const CONCURRENCY: Key<u32> =
    key::count("concurrency", ("slots", 1, 1_000_000), "exactly so many slots").without("this or `utilization`");
/// Whether a load above what the slots can do is meant.
pub(super) const OVERLOAD: Defaulted<bool> = key::switch(
    "overload",
    "a load of 100 % or more is meant: `{ concurrency = 1, overload = true }`, or \
     `{ utilization = \"150%\", overload = true }`. Where it is so on average, and not at peaks alone, something must bear it: \
     a `queue` with an end, or `expired = \"drop\"`",
)
.only(
    Level::Request,
    Refusal {
        message: "the incident level knows stations that keep up with their demand in health",
        label: "overload is meant",
        help: REQUEST_LEVEL,
    },
)
.or(Switch(false));
const CELLS: Defaulted<Alike> = key::word(
    "cells",
    "with `utilization`: all cells of a tier alike, sized for the busiest one, or `\"own\"`: each for its own demand",
)
.or(Text("alike"));

const INSTANCES: Shape = Shape::new("instance", "`instance`", &[INSTANCE_CONCURRENCY.about(), MIN_PER_ZONE.about()]);
const INSTANCE_CONCURRENCY: Defaulted<u32> =
    key::count("concurrency", ("slots", 1, 1_000_000), "slots of an instance").or(Whole(1));
const MIN_PER_ZONE: Defaulted<u32> =
    key::count("min_per_zone", ("instances", 0, 1_000_000), "least number of instances in each zone").or(Whole(1));

/// Reads a stage, every override applied.
pub(super) fn stage(context: &Context, name: &str, merged: &Node) -> Option<Stage> {
    context.called(merged, &STAGE, &format!("stage `{name}`"), |keys| read(keys, name)).flatten()
}

/// Reads the share of the draw that stays with the request.
fn luck(node: &Node) -> Read<f64> {
    match node.text() {
        Some("attempt") => Ok(0.0),
        Some("request") => Ok(1.0),
        _ => values::share(node).map_err(|error| Box::new(error.help("write \"attempt\", \"request\", or a share"))),
    }
}

fn read(keys: &Keys<'_>, name: &str) -> Option<Stage> {
    let service_time = keys.read(&SERVICE_TIME);
    let luck_of_request = keys.read(&LUCK);
    let word = keys.read(&KIND);
    // Other kinds may inherit what `[stage]` says about pools; they have no use for it.
    let pool = pool(keys, word == KindWord::Pool);
    if word != KindWord::FanOut {
        fan_out::none(keys, KIND.about());
    }
    let kind = match word {
        KindWord::Pool => StageKind::Pool(pool?),
        KindWord::Delay => StageKind::Delay,
        KindWord::FanOut => StageKind::FanOut(fan_out::fan_out(keys)?),
    };
    Some(Stage { name: name.to_owned(), service_time: service_time?, luck_of_request, kind })
}

fn pool(keys: &Keys<'_>, required: bool) -> Option<Pool> {
    if required && keys.get(&SIZE).is_none() {
        keys.missing(&SIZE);
    }
    let size = keys.table(&SIZE, size).flatten();
    let queue = keys.read(&QUEUE);
    let (instance_concurrency, min_per_zone) =
        keys.table_or_nothing(&INSTANCE, |keys| (keys.read(&INSTANCE_CONCURRENCY), keys.read(&MIN_PER_ZONE)))?;
    let discipline = keys.read(&DISCIPLINE);
    let expired = keys.read(&EXPIRED);
    if let (Discipline::ProcessorSharing, Expired::Drop, Some(entry)) = (discipline, expired, keys.entry(&EXPIRED))
        && !keys.is_older(&EXPIRED, &DISCIPLINE)
    {
        let error = entry.key_place.error("`expired` has no effect here", "nobody waits where all are served at once");
        keys.context.problem(error.help("leave it out, or choose another `discipline`"));
    }
    let workers = match keys.get(&WORKERS) {
        None => None,
        Some(_) => Some(keys.read(&WORKERS)?),
    };
    let (size, overload) = size?;
    let slows_by = keys.read(&SLOWS_BY);
    if let Some(entry) = keys.entry(&SLOWS_BY).filter(|_| slows_by > 0.0) {
        let problem = match (size, discipline, queue) {
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
    Some(Pool { size, overload, slows_by, workers, queue, discipline, expired, instance_concurrency, min_per_zone })
}

fn size(keys: &Keys<'_>) -> Option<(Size, bool)> {
    let overload = keys.read(&OVERLOAD);
    let share = |node: &Node| -> Read<f64> {
        match node.text() {
            Some(written) if overload => text::percentage(written)
                .map_err(|label| Box::new(node.error(format!("expected a share, found \"{written}\""), label))),
            None if overload => values::positive_number(node),
            _ => values::positive_share(node),
        }
    };
    let own = keys.read(&CELLS) == Alike::Own;
    match keys.alternative(&[&UTILIZATION, CONCURRENCY.about()]) {
        None => {
            keys.missing(&UTILIZATION);
            None
        }
        Some((key, node)) if key.is(&UTILIZATION) => {
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
        Some(_) => {
            if let Some(entry) = keys.entry(&CELLS).filter(|_| !keys.is_older(&CELLS, &CONCURRENCY)) {
                let why = "with `concurrency` all cells are alike";
                keys.context.problem(entry.key_place.error("`cells` has no effect here", why));
            }
            keys.read(&CONCURRENCY).map(|slots| (Size::Concurrency(slots), overload))
        }
    }
}
