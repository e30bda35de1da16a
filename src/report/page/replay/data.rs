//! What the script needs of a replay, coded small.

use serde::Serialize;

use crate::experiment::replay::history::{LookUps, Moment, Replay, State, Unit};
use crate::number;
use crate::report::page::grid::Grid;

/// What the script needs.
#[derive(Debug, Clone, Serialize)]
pub struct Data {
    /// Seconds of a frame.
    frame: f64,
    frames: usize,
    history: u32,
    units: Vec<UnitData>,
    /// Harmed so far, as steps: (frame, customers).
    harmed: Vec<(usize, u64)>,
    /// By frame: requests and failures a second.
    requests: Vec<u64>,
    failed: Vec<u64>,
    /// By frame: hits of the cache in per cent, questions to the store a second; empty without a router.
    hits: Vec<u32>,
    store: Vec<u64>,
    incidents: Vec<Incident>,
}

#[derive(Debug, Clone, Serialize)]
struct UnitData {
    name: String,
    group: String,
    customers: u64,
    /// Requests a second.
    rate: f64,
    /// How busy without faults, in words; empty if not known.
    busy: String,
    /// Runs of states: "60n20f".
    states: String,
    /// Frames while it is struck: from, up to.
    struck: Vec<(usize, usize)>,
    harmed: Vec<(usize, u64)>,
}

#[derive(Debug, Clone, Serialize)]
struct Incident {
    fault: String,
    strikes: String,
    onset: f64,
    end: f64,
    harmed: u64,
}

/// Returns the letter and the class of a state.
pub(super) fn letter(state: State) -> &'static str {
    match state {
        State::Normal => "n",
        State::Slow => "s",
        State::Failing => "f",
        State::Down => "d",
    }
}

impl Data {
    /// Codes a history; `cells` is cells.csv.
    pub(super) fn of(replay: &Replay, cells: Option<&Grid>) -> Data {
        let width = |frame: usize| {
            let start = frame as f64 * replay.frame_seconds;
            (replay.horizon_seconds - start).min(replay.frame_seconds).max(1e-9)
        };
        let rate = |frame: usize, count: u32| (f64::from(count) / width(frame)).round() as u64;
        let by_frame =
            |count: &dyn Fn(usize) -> u32| (0..replay.frames).map(|frame| rate(frame, count(frame))).collect();
        let has_router = replay.lookups.iter().any(|one| one.asked > 0);
        let hits = |one: &LookUps| (100.0 * f64::from(one.hits) / f64::from(one.asked.max(1))).round() as u32;
        let busy = |name: &str| {
            let cells = cells?;
            let row = cells.rows.iter().find(|row| cells.get(row, "cell") == name)?;
            Some(number::percent(cells.number(row, "utilization")?))
        };
        let group = |unit: &Unit| [unit.workflow.as_str(), unit.tier.as_str()].join("/").trim_matches('/').to_owned();
        let units = replay.units.iter().map(|unit| {
            let requests: u64 = unit.moments.iter().map(|moment| u64::from(moment.requests)).sum();
            UnitData {
                name: unit.name.clone(),
                group: group(unit),
                customers: unit.customers,
                rate: number::rounded((10.0 * requests as f64 / replay.horizon_seconds.max(1e-9)).round() / 10.0),
                busy: busy(&unit.name).unwrap_or_default(),
                states: runs(&unit.moments),
                struck: struck(&unit.moments),
                harmed: steps(&unit.moments),
            }
        });
        Data {
            frame: replay.frame_seconds,
            frames: replay.frames,
            history: replay.replication,
            units: units.collect(),
            harmed: steps(&replay.all),
            requests: by_frame(&|frame| replay.all[frame].requests),
            failed: by_frame(&|frame| replay.all[frame].failed),
            hits: if has_router { replay.lookups.iter().map(hits).collect() } else { Vec::new() },
            store: if has_router { by_frame(&|frame| replay.lookups[frame].store) } else { Vec::new() },
            incidents: replay
                .incidents
                .iter()
                .map(|one| Incident {
                    fault: one.fault.clone(),
                    strikes: one.strikes.clone(),
                    onset: number::rounded(one.onset),
                    end: number::rounded(one.end),
                    harmed: one.harmed,
                })
                .collect(),
        }
    }
}

/// Codes states by their runs: "60n20f".
fn runs(moments: &[Moment]) -> String {
    let runs = moments.chunk_by(|a, b| a.state == b.state);
    runs.map(|run| format!("{}{}", run.len(), letter(run[0].state))).collect()
}

/// Returns the frames while a unit is struck: from, up to.
fn struck(moments: &[Moment]) -> Vec<(usize, usize)> {
    let mut at = 0;
    let mut spans = Vec::new();
    for run in moments.chunk_by(|a, b| a.struck == b.struck) {
        if run[0].struck {
            spans.push((at, at + run.len()));
        }
        at += run.len();
    }
    spans
}

/// Returns where the customers harmed so far become more: (frame, customers).
fn steps(moments: &[Moment]) -> Vec<(usize, u64)> {
    let mut known = 0;
    let mut steps = Vec::new();
    for (frame, moment) in moments.iter().enumerate().filter(|(_, moment)| moment.harmed > 0) {
        if moment.harmed != known {
            known = moment.harmed;
            steps.push((frame, known));
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn moments(states: &[State]) -> Vec<Moment> {
        states
            .iter()
            .enumerate()
            .map(|(at, &state)| Moment { state, struck: at == 1, harmed: at as u64 / 2, ..Moment::default() })
            .collect()
    }

    #[test]
    fn histories_are_coded_by_what_changes() {
        let moments = moments(&[State::Normal, State::Normal, State::Down, State::Slow]);
        assert_eq!(runs(&moments), "2n1d1s");
        assert_eq!(struck(&moments), [(1, 2)]);
        assert_eq!(steps(&moments), [(2, 1)]);
    }
}
