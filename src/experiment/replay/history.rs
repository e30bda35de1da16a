//! What is recorded of a history, as data.

use crate::measure::recovery::UnitSecond;
use crate::units::Nanos;

/// A share of failures from which a unit is down rather than failing.
const DOWN: f64 = 0.95;

/// One history, frame by frame.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Which replication, from 1.
    pub replication: u32,
    /// Length of a frame, in seconds; the last one may be shorter.
    pub frame_seconds: f64,
    /// The horizon, in seconds.
    pub horizon_seconds: f64,
    /// Number of frames.
    pub frames: usize,
    /// The cells, and the router as the last unit if there is one.
    pub units: Vec<Unit>,
    /// By frame: everything together.
    pub all: Vec<Moment>,
    /// By frame: the router's cache and store.
    pub lookups: Vec<LookUps>,
    /// Its incidents.
    pub incidents: Vec<Span>,
}

/// A cell, or the router.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its name: "messaging/enterprise/1".
    pub name: String,
    /// Its workflow; empty for the router.
    pub workflow: String,
    /// Its tier; empty where tiers share cells.
    pub tier: String,
    /// Customers homed in it.
    pub customers: u64,
    /// By frame.
    pub moments: Vec<Moment>,
}

/// A unit, or all of them, in one frame.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moment {
    /// How it is.
    pub state: State,
    /// Whether a fault strikes it.
    pub struck: bool,
    /// Requests that arrived.
    pub requests: u32,
    /// Those of them that failed.
    pub failed: u32,
    /// Mean number of requests in it.
    pub in_system: f64,
    /// Its customers that have been harmed so far.
    pub harmed: u64,
}

/// What was looked up in one frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LookUps {
    /// Look-ups in the router's cache.
    pub asked: u32,
    /// Those of them that found something.
    pub hits: u32,
    /// Questions to the store.
    pub store: u32,
}

/// How a unit is, held against its twin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it would have been.
    #[default]
    Normal,
    /// More requests in it than the twin has.
    Slow,
    /// More of its requests fail.
    Failing,
    /// Nearly all of them fail.
    Down,
}

impl State {
    /// All, from the best to the worst.
    pub const ALL: [State; 4] = [State::Normal, State::Slow, State::Failing, State::Down];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            State::Normal => "normal",
            State::Slow => "slow",
            State::Failing => "failing",
            State::Down => "down",
        }
    }

    /// Returns how a unit is that has these counts, here and in its twin, over a time.
    pub(super) fn of(unit: &UnitSecond, nanos: Nanos) -> State {
        let share = |which: usize| f64::from(unit.failed[which]) / f64::from(unit.all[which].max(1));
        if unit.is_normal(nanos) {
            State::Normal
        } else if share(0) <= share(1) + 0.01 + 1e-12 {
            State::Slow
        } else if share(0) >= DOWN {
            State::Down
        } else {
            State::Failing
        }
    }
}

/// An incident in time.
#[derive(Debug, Clone)]
pub struct Span {
    /// Its faults.
    pub fault: String,
    /// What they strike.
    pub strikes: String,
    /// From when, in seconds.
    pub onset: f64,
    /// Until when the faults last.
    pub end: f64,
    /// Customers harmed, as the run counts them.
    pub harmed: u64,
}
