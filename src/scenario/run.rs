//! How to run a scenario.

use super::calibration::{self, Calibration};
use super::date::{self, Date};
use super::document::{Node, Read, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Text, Whole};
use super::grammar::shape::{About, Kind, Refusal, Shape};
use super::grammar::words::words;
use super::keys::Keys;
use super::rare::{self, Rare};
use super::values;
use crate::catalogue::Level;
use crate::engine::event_list::LATEST;
use crate::engine::rng;
use crate::units::{DAY, MILLISECOND, Nanos, SECOND};

/// How to run it.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Run {
    /// How traffic is simulated.
    #[serde(skip_serializing_if = "Level::is_request")]
    pub level: Level,
    /// First day of the run: over years, contract windows are then calendar months; `None`: windows of 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// Which faults are awake.
    pub faults: FaultChoice,
    /// Not measured; comes before time 0. Meaningless until found, if it is to be found.
    pub warmup: Nanos,
    /// Whether the program finds the warm-up itself (`warmup = "auto"`).
    pub warmup_is_found: bool,
    /// Measured time.
    pub horizon: Nanos,
    /// Length of a bin of the timeline; `None`: a second, or more in a long run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Nanos>,
    /// Random histories.
    pub replications: u32,
    /// Histories that come before the first of them, where something is measured again on others; no part of what the scenario is.
    #[serde(skip)]
    pub before: u32,
    /// Master seed.
    pub seed: u64,
    /// Level of confidence of the intervals.
    pub confidence: f64,
    /// Failed share of a (customer, workflow) minute from which it counts as harmed.
    pub harm_share: f64,
    /// Incident level: request-level runs that tell flows how many attempts fail in health; `None`: theory does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// How many cells are down at once, far beyond what plain years show; `None`: not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rare: Option<Rare>,
}

impl Run {
    /// Returns the key of a history's luck.
    pub fn history(&self, index: u32) -> rng::Key {
        rng::Key::replication(self.seed, self.before.saturating_add(index))
    }
}

words! {
    /// Which faults are awake.
    pub enum FaultChoice {
        /// What is scripted or recorded: drills.
        Scripted = "scripted",
        /// What has a random clock: hazards.
        Random = "random",
        /// Both.
        All = "all",
    }
}

/// Shape of `[run]`.
pub(super) const RUN: Shape = Shape::new(
    "run",
    "`run`",
    &[
        LEVEL.about(),
        STARTS_ON.about(),
        FAULTS.about(),
        WARMUP.about(),
        HORIZON.about(),
        &TIMELINE,
        REPLICATIONS.about(),
        SEED.about(),
        CONFIDENCE.about(),
        HARM_SHARE.about(),
        &CALIBRATION,
        &RARE,
    ],
);

const LEVEL: Defaulted<Level> = key::word(
    "level",
    "`\"request\"`: every request is an event: minutes to days; or `\"incident\"`: traffic flows between operations events, \
     months to millennia ([method.md](method.md#years-the-incident-level))",
)
.or(Text("request"));
/// The day that time 0 begins.
pub(super) const STARTS_ON: Key<Date> = key::by(
    "starts_on",
    Kind::Written("2026-01-01"),
    date::date,
    "`\"2026-01-01\"`: time 0 is the midnight (UTC) that begins this day, for `at = \"sunday 02:00\"` and recorded faults, \
     requests and profiles with dates. Incident level: contract windows are then calendar months instead of 30 days, unless `contract.window` says \
     otherwise. At the request level it is an error where nothing depends on it",
);
const FAULTS: Key<FaultChoice> =
    key::word("faults", "`\"scripted\"`, `\"random\"` or `\"all\"`: which faults are active")
        .without("`\"scripted\"`, at the incident level `\"random\"`");
// Random clocks start in equilibrium at the incident level, and flows have no transient: there is nothing to warm up.
const WARMUP: Defaulted<Option<Nanos>> = key::by(
    "warmup",
    Kind::Any(&[Kind::Duration, Kind::Fixed("auto")]),
    warmup,
    "before time 0; not measured. `\"auto\"`: found by pilot replications ([method.md](method.md)); not where demand changes \
     with time, nor for recorded requests",
)
.only(
    Level::Request,
    Refusal {
        message: "`warmup` has no effect at the incident level",
        label: "starts in equilibrium",
        help: "leave `warmup` out",
    },
)
.or(Text("1min"));
const HORIZON: Defaulted<Nanos> = key::positive_duration(
    "horizon",
    "measured time. At the request level warm-up and horizon are two years at most together",
)
.or(Text("15min"));
const TIMELINE: About = About::new(
    "timeline",
    Kind::Duration,
    "length of a bin of timeline.csv: whole seconds, or a part of one (`\"100ms\"`); at most 36,000 of them",
)
.without("`\"1s\"`, longer beyond an hour")
.only(
    Level::Request,
    Refusal {
        message: "`timeline` has no effect at the incident level",
        label: "no timeline",
        help: "leave `timeline` out",
    },
);
const REPLICATIONS: Defaulted<u32> = key::count(
    "replications",
    ("replications", 1, 1_000_000),
    "independent replications: the same platform, other randomness",
)
.or(Whole(20));
const SEED: Defaulted<u64> = key::by("seed", Kind::Whole, seed, "of the first draw of all").or(Whole(1));
const CONFIDENCE: Defaulted<f64> =
    key::by("confidence", Kind::Share, confidence, "of every interval; 50 % to below 100 %").or(Text("95%"));
const HARM_SHARE: Defaulted<f64> =
    key::positive_share("harm_share", "failed share of a customer's minute from which it is harmed").or(Text("5%"));
const CALIBRATION: About = About::new(
    "calibration",
    Kind::Table(&calibration::CALIBRATION),
    "request-level runs without faults, made first, that tell flows how many attempts fail in health. Without it theory does \
     ([method.md](method.md#years-the-incident-level))",
)
.only(
    Level::Incident,
    Refusal {
        message: "`calibration` has no effect at the request level",
        label: "nothing to calibrate",
        help: "flows are calibrated, with level = \"incident\"",
    },
);
const RARE: About = About::new("rare", Kind::Table(&rare::RARE), "how many cells are down at once: [rare](#rare)")
    .only(
        Level::Incident,
        Refusal {
            message: "`rare` has no effect at the request level",
            label: "needs years",
            help: "write level = \"incident\", or leave `rare` out",
        },
    );

/// Reads a warm-up; none where it is to be found.
fn warmup(node: &Node) -> Read<Option<Nanos>> {
    if node.text() == Some("auto") { Ok(None) } else { values::duration(node).map(Some) }
}

fn confidence(node: &Node) -> Read<f64> {
    match values::share(node)? {
        share if (0.5..1.0).contains(&share) => Ok(share),
        _ => Err(Box::new(node.error("a confidence outside 50 % to below 100 %", "write \"95%\""))),
    }
}

fn seed(node: &Node) -> Read<u64> {
    match &node.value {
        Value::Integer(seed) => u64::try_from(*seed)
            .map_err(|_| Box::new(node.error("a seed is a whole number from 0 to 2^64 - 1", "out of range"))),
        _ => Err(Box::new(node.expected("a whole number", "seed = 1"))),
    }
}

/// Bins of the timeline at most.
const BINS: u64 = 36_000;

/// Reads the length of a bin of the timeline: a part of a second, or whole seconds.
fn bins(node: &Node, horizon: Nanos) -> Read<Nanos> {
    let width = values::positive_duration(node)?;
    if width < MILLISECOND || !SECOND.is_multiple_of(width) && !width.is_multiple_of(SECOND) {
        let error = node.error("neither whole seconds nor a part of one", "from 1ms");
        return Err(Box::new(error.help("write a length of which a second is a multiple, like \"100ms\", or \"5s\"")));
    }
    if horizon.div_ceil(width) > BINS {
        let error = node.error(format!("the horizon has more than {BINS} of these"), "too fine");
        return Err(Box::new(error.help("write a longer one, or shorten `horizon`")));
    }
    Ok(width)
}

/// The longest that warm-up and horizon may last together where every request is an event: two years.
const LONGEST_OF_REQUESTS: Nanos = 730 * DAY;
// Beside them the longest deadline, a day, must fit.
const _: () = assert!(LONGEST_OF_REQUESTS + 2 * DAY < LATEST);

/// Reads `[run]`.
pub(super) fn run(keys: &Keys<'_>) -> Run {
    let level = keys.read(&LEVEL);
    let at_incidents = level == Level::Incident;
    refuse_other_level(keys, level);
    let warmup = keys.read(&WARMUP);
    let horizon = keys.read(&HORIZON);
    let timeline = keys.optional(&TIMELINE, |node| bins(node, horizon));
    if !at_incidents {
        let too_long = |time: Nanos| time > LONGEST_OF_REQUESTS;
        let blamed = match warmup.unwrap_or(0) {
            before if too_long(before) => Some(WARMUP.about()),
            before if too_long(before.saturating_add(horizon)) => Some(HORIZON.about()),
            _ => None,
        };
        if let Some(place) = blamed.map(|key| keys.get(key).map_or(keys.place, |node| &node.place)) {
            let message = "the request level runs for two years at most, warm-up and horizon together";
            let help = "shorten it; or write level = \"incident\", which runs for as long as you like";
            keys.context.problem(place.error(message, "too long").help(help));
        }
    }
    let awake = if at_incidents { FaultChoice::Random } else { FaultChoice::Scripted };
    Run {
        level,
        starts_on: keys.read(&STARTS_ON),
        faults: keys.read(&FAULTS).unwrap_or(awake),
        warmup: if at_incidents { 0 } else { warmup.unwrap_or(0) },
        warmup_is_found: warmup.is_none() && !at_incidents,
        horizon,
        timeline: timeline.filter(|_| !at_incidents),
        replications: keys.read(&REPLICATIONS),
        before: 0,
        seed: keys.read(&SEED),
        confidence: keys.read(&CONFIDENCE),
        harm_share: keys.read(&HARM_SHARE),
        calibration: at_incidents.then(|| keys.table(&CALIBRATION, calibration::calibration)).flatten(),
        rare: at_incidents.then(|| keys.table(&RARE, rare::rare).flatten()).flatten(),
    }
}

/// Refuses keys that only the other level knows, unless they are merely inherited.
fn refuse_other_level(keys: &Keys<'_>, level: Level) {
    for key in RUN.keys().filter(|key| key.level.is_some_and(|only| only != level)) {
        let entry = keys.entry(key).filter(|_| !keys.is_older(key, LEVEL.about()));
        if let (Some(entry), Some(Refusal { message, label, help })) = (entry, key.refusal) {
            keys.context.problem(entry.key_place.error(message, label).help(help));
        }
    }
}
