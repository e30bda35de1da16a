//! How to run a scenario.

use super::calendar::{self, Date};
use super::calibration::{self, Calibration};
use super::document::{Node, Read, Value};
use super::keys::Keys;
use super::rare::{self, Rare};
use super::values;
use crate::engine::event_list::LATEST;
use crate::units::{DAY, MILLISECOND, MINUTE, Nanos, SECOND};

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
    /// Length of a bin of the time line; `None`: a second, or more in a long run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Nanos>,
    /// Random histories.
    pub replications: u32,
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

/// How traffic is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every request is an event: minutes to days.
    Request,
    /// Traffic flows between operations events: months to millennia.
    Incident,
}

impl Level {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
    fn is_request(&self) -> bool {
        *self == Level::Request
    }
}

/// Which faults are awake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultChoice {
    /// Drills.
    Scripted,
    /// Hazards.
    Random,
    /// Both.
    All,
}

impl Default for Run {
    fn default() -> Run {
        Run {
            level: Level::Request,
            starts_on: None,
            faults: FaultChoice::Scripted,
            warmup: MINUTE,
            warmup_is_found: false,
            horizon: 15 * MINUTE,
            timeline: None,
            replications: 20,
            seed: 1,
            confidence: 0.95,
            harm_share: 0.05,
            calibration: None,
            rare: None,
        }
    }
}

/// Bins of the time line at most.
const BINS: u64 = 36_000;

/// Reads the length of a bin of the time line: a part of a second, or whole seconds.
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
    let default = Run::default();
    let level = keys.or("level", default.level, |node| {
        values::choice(node, &[("request", Level::Request), ("incident", Level::Incident)])
    });
    let starts_on = keys.optional("starts_on", calendar::date);
    // Random clocks start in equilibrium at the incident level, and flows have no transient: there is nothing to warm up.
    let at_incidents = level == Level::Incident;
    if let Some(entry) = keys.entry("warmup").filter(|_| at_incidents && !keys.is_older("warmup", "level")) {
        let error = entry.key_place.error("`warmup` has no effect at the incident level", "starts in equilibrium");
        keys.context.problem(error.help("leave `warmup` out"));
    }
    let calibration = keys.entry("calibration");
    if let Some(entry) = calibration.filter(|_| !at_incidents && !keys.is_older("calibration", "level")) {
        let error = entry.key_place.error("`calibration` has no effect at the request level", "nothing to calibrate");
        keys.context.problem(error.help("flows are calibrated, with level = \"incident\""));
    }
    let calibration = calibration
        .filter(|_| at_incidents)
        .and_then(|entry| keys.context.table(&entry.node, "`run.calibration`", calibration::calibration));
    let rare = keys.entry("rare");
    if let Some(entry) = rare.filter(|_| !at_incidents && !keys.is_older("rare", "level")) {
        let error = entry.key_place.error("`rare` has no effect at the request level", "needs years");
        keys.context.problem(error.help("write level = \"incident\", or leave `rare` out"));
    }
    let rare = rare.filter(|_| at_incidents);
    let faults = [("scripted", FaultChoice::Scripted), ("random", FaultChoice::Random), ("all", FaultChoice::All)];
    let confidence = |node| match values::share(node)? {
        share if (0.5..1.0).contains(&share) => Ok(share),
        _ => Err(Box::new(node.error("a confidence outside 50 % to below 100 %", "write \"95%\""))),
    };
    let seed = |node: &Node| match &node.value {
        Value::Integer(seed) => u64::try_from(*seed)
            .map_err(|_| Box::new(node.error("a seed is a whole number from 0 to 2^64 - 1", "out of range"))),
        _ => Err(Box::new(node.expected("a whole number", "seed = 1"))),
    };
    // A duration, or none where it is to be found.
    let warmup = |node: &Node| match node.text() {
        Some("auto") => Ok(None),
        _ => values::duration(node).map(Some),
    };
    let warmup = keys.or("warmup", Some(default.warmup), warmup);
    let horizon = keys.or("horizon", default.horizon, values::positive_duration);
    let timeline = keys.optional("timeline", |node| bins(node, horizon));
    if let Some(entry) = keys.entry("timeline").filter(|_| at_incidents && !keys.is_older("timeline", "level")) {
        let error = entry.key_place.error("`timeline` has no effect at the incident level", "no time line");
        keys.context.problem(error.help("leave `timeline` out"));
    }
    if !at_incidents {
        let too_long = |time: Nanos| time > LONGEST_OF_REQUESTS;
        let blamed = match warmup.unwrap_or(0) {
            before if too_long(before) => Some("warmup"),
            before if too_long(before.saturating_add(horizon)) => Some("horizon"),
            _ => None,
        };
        if let Some(place) = blamed.map(|key| keys.get(key).map_or(keys.place, |node| &node.place)) {
            let message = "the request level runs for two years at most, warm-up and horizon together";
            let help = "shorten it; or write level = \"incident\", which runs for as long as you like";
            keys.context.problem(place.error(message, "too long").help(help));
        }
    }
    let awake = if at_incidents { FaultChoice::Random } else { default.faults };
    Run {
        level,
        starts_on,
        faults: keys.or("faults", awake, |node| values::choice(node, &faults)),
        warmup: if at_incidents { 0 } else { warmup.unwrap_or(0) },
        warmup_is_found: warmup.is_none() && !at_incidents,
        horizon,
        timeline: timeline.filter(|_| !at_incidents),
        replications: keys
            .or("replications", default.replications, |node| values::count(node, "replications", 1, 1_000_000)),
        seed: keys.or("seed", default.seed, seed),
        confidence: keys.or("confidence", default.confidence, confidence),
        harm_share: keys.or("harm_share", default.harm_share, values::positive_share),
        calibration,
        rare: rare.and_then(|entry| keys.context.table(&entry.node, "`run.rare`", rare::rare).flatten()),
    }
}
