//! What the template shows of a replay: groups of squares, the worst frame, small pictures for print.

use serde::Serialize;

use super::data::{Data, letter};
use super::which::Which;
use crate::experiment::replay::history::{Replay, Span, State, Unit};
use crate::number;
use crate::report::page::grid::Grid;

/// What the template shows of a replay.
#[derive(Debug, Clone, Serialize)]
pub struct View {
    /// Which history: "3 of 20: the median".
    pub history: String,
    /// Its incidents: (number, fault, onset as a clock).
    pub incidents: Vec<(usize, String, String)>,
    /// Tiers, as heads of columns.
    pub tiers: Vec<String>,
    /// Workflows, and the router: rows of groups, one for each tier.
    pub rows: Vec<Row>,
    /// Last frame.
    pub last: usize,
    /// The frame that is shown without a script.
    pub worst: usize,
    /// Its time.
    pub worst_clock: String,
    /// What is so at that frame.
    pub told: String,
    /// Few small pictures for print: (what, time, states of all cells).
    pub stills: Vec<Still>,
    /// Everything, for the script.
    pub data: Data,
}

/// A row of groups.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The workflow.
    pub name: String,
    /// Groups of cells.
    pub groups: Vec<Group>,
}

/// The cells of a workflow and a tier.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// The tier.
    pub name: String,
    /// Its cells.
    pub cells: Vec<Square>,
}

/// A cell.
#[derive(Debug, Clone, Serialize)]
pub struct Square {
    /// Number of the unit.
    pub at: usize,
    /// Its name.
    pub name: String,
    /// Side, in pixels: area by customers.
    pub side: u32,
    /// State at the frame that is shown without a script, and whether it is struck.
    pub state: &'static str,
    /// See there.
    pub struck: bool,
}

/// A small picture of one frame.
#[derive(Debug, Clone, Serialize)]
pub struct Still {
    /// What it is: "before".
    pub name: &'static str,
    /// When.
    pub clock: String,
    /// State and strike of each unit.
    pub cells: Vec<(&'static str, bool)>,
}

impl View {
    /// Makes a view of a history; `cells` is cells.csv.
    pub fn of(replay: &Replay, which: Which, replications: u32, cells: Option<&Grid>) -> View {
        let worst = worst(replay);
        let clock = |frame: usize| number::clock(frame as f64 * replay.frame_seconds);
        let cells_only = replay.units.iter().filter(|unit| !unit.workflow.is_empty());
        let largest = cells_only.map(|unit| unit.customers).max().unwrap_or(1).max(1) as f64;
        let (least, more) = if replay.units.len() > 200 { (10.0, 6.0) } else { (14.0, 16.0) };
        let side = |unit: &Unit| {
            let share = (unit.customers as f64 / largest).min(1.0);
            (least + more * libm::sqrt(share)).round() as u32
        };
        let mut tiers: Vec<String> = Vec::new();
        let mut rows: Vec<Row> = Vec::new();
        for (at, unit) in replay.units.iter().enumerate() {
            let tier = if unit.tier.is_empty() { "all tiers" } else { &unit.tier };
            let (row, group) = match unit.workflow.as_str() {
                "" => ("router", ""),
                workflow => (workflow, tier),
            };
            if !group.is_empty() && !tiers.iter().any(|tier| tier == group) {
                tiers.push(group.to_owned());
            }
            if rows.last().is_none_or(|last| last.name != row) {
                match rows.iter().position(|known| known.name == row) {
                    Some(known) => {
                        let known = rows.remove(known);
                        rows.push(known);
                    }
                    None => rows.push(Row { name: row.to_owned(), groups: Vec::new() }),
                }
            }
            let Some(last) = rows.last_mut() else { continue };
            if last.groups.iter().all(|known| known.name != group) {
                last.groups.push(Group { name: group.to_owned(), cells: Vec::new() });
            }
            let moment = &unit.moments[worst];
            let square = Square {
                at,
                name: unit.name.clone(),
                side: side(unit),
                state: letter(moment.state),
                struck: moment.struck,
            };
            if let Some(group) = last.groups.iter_mut().find(|known| known.name == group) {
                group.cells.push(square);
            }
        }
        let incidents = replay.incidents.iter().enumerate();
        View {
            history: format!("{} of {replications}: {}", replay.replication, which.name()),
            incidents: incidents.map(|(at, one)| (at, one.fault.clone(), number::clock(one.onset))).collect(),
            tiers,
            rows,
            last: replay.frames.saturating_sub(1),
            worst,
            worst_clock: clock(worst),
            told: told(replay, worst),
            stills: stills(replay, worst, clock),
            data: Data::of(replay, cells),
        }
    }
}

/// Returns how many units are at least this bad.
fn bad(replay: &Replay, frame: usize, least: State) -> usize {
    replay.units.iter().filter(|unit| unit.moments[frame].state >= least).count()
}

/// The frame with the most units failing, of those the one with the most failures.
fn worst(replay: &Replay) -> usize {
    let badness = |frame: &usize| (bad(replay, *frame, State::Failing), replay.all[*frame].failed);
    // Of several alike the first.
    (0..replay.frames).rev().max_by_key(badness).unwrap_or(0)
}

fn told(replay: &Replay, frame: usize) -> String {
    let all = &replay.all[frame];
    let units = bad(replay, frame, State::Failing);
    format!(
        "{} of {} failing or down, {} harmed so far, {} of {} requests of these {} failed",
        units,
        number::of(replay.units.len() as f64, "unit"),
        number::of(all.harmed as f64, "customer"),
        number::whole(u64::from(all.failed)),
        number::whole(u64::from(all.requests)),
        number::span(replay.frame_seconds),
    )
}

/// Small pictures of the incident around the worst frame.
fn stills(replay: &Replay, worst: usize, clock: impl Fn(usize) -> String) -> Vec<Still> {
    let last = replay.frames.saturating_sub(1);
    let frame = |seconds: f64| ((seconds.max(0.0) / replay.frame_seconds) as usize).min(last);
    let before = |one: &&Span| frame(one.onset) <= worst;
    let Some(incident) = replay.incidents.iter().rev().find(before) else { return Vec::new() };
    let (onset, end) = (frame(incident.onset), frame(incident.end));
    let recovered = (end..replay.frames).find(|&frame| bad(replay, frame, State::Slow) == 0).unwrap_or(last);
    let after = (recovered + (60.0 / replay.frame_seconds) as usize).min(last);
    let named = [
        ("before", onset.saturating_sub(1)),
        ("onset", onset),
        ("worst", worst),
        ("end of the fault", end),
        ("first all normal", recovered),
        ("a minute later", after),
    ];
    let still = |(name, frame): (&'static str, usize)| Still {
        name,
        clock: clock(frame),
        cells: replay
            .units
            .iter()
            .map(|unit| (letter(unit.moments[frame].state), unit.moments[frame].struck))
            .collect(),
    };
    named.map(still).into()
}
