//! The state of one cell between operations events: backlogs that grow and drain, and what crosses a limit next.

use std::sync::Arc;

use super::entries::Unfilled;
use super::model::CellModel;
use super::solve::{Flow, backlog_wait, patience, solve};
use super::surroundings::{State, Surroundings};
use crate::units::{Nanos, nanos, seconds};

/// No incident, no crossing.
pub const NEVER: Nanos = Nanos::MAX;

/// The state of a cell.
#[derive(Debug, Clone)]
pub struct CellState {
    /// Active faults that strike it: slots in the list of active ones, in order of onset.
    pub active: Vec<u32>,
    /// Attempts that wait at each station.
    pub backlog: Vec<f64>,
    /// Tenancies whose attempts wait beyond their time-out.
    pub late: Vec<bool>,
    /// The flow since `at`.
    pub flow: Arc<Flow>,
    /// Level of demand for which it was found.
    pub level: usize,
    /// The cache that nothing fills, since `at`.
    pub unfilled: Option<Unfilled>,
    /// When the flow last changed.
    pub at: Nanos,
    /// When something crosses a limit; [`NEVER`] if nothing will.
    pub crossing: Nanos,
}

impl CellState {
    /// Returns a cell in health, at a level of demand.
    pub fn new(cell: &CellModel, level: usize, flow: &Arc<Flow>) -> CellState {
        CellState {
            active: Vec::new(),
            backlog: vec![0.0; cell.stations.len()],
            late: vec![false; cell.tenancies.len()],
            flow: Arc::clone(flow),
            level,
            unfilled: None,
            at: 0,
            crossing: NEVER,
        }
    }

    /// Returns whether nothing waits and nothing will.
    pub fn is_settled(&self) -> bool {
        self.flow.slope.iter().all(|&slope| slope == 0.0)
            && self.backlog.iter().all(|&backlog| backlog == 0.0)
            && self.late.iter().all(|late| !late)
    }

    /// Lets backlogs change until an instant.
    pub fn advance(&mut self, to: Nanos) {
        let elapsed = seconds(to - self.at);
        for (station, backlog) in self.backlog.iter_mut().enumerate() {
            let slope = self.flow.slope[station];
            if slope != 0.0 {
                *backlog = (*backlog + slope * elapsed).clamp(0.0, self.flow.places[station]);
                // Rounding to nanoseconds leaves less than a thousandth of an attempt short of a limit.
                if *backlog < 1e-3 && slope < 0.0 {
                    *backlog = 0.0;
                }
                if self.flow.places[station] - *backlog < 1e-3 && slope > 0.0 {
                    *backlog = self.flow.places[station];
                }
            }
        }
        self.at = to;
    }

    /// Empties every queue: a crash loses what is in flight.
    pub fn empty(&mut self) {
        self.backlog.fill(0.0);
        self.late.fill(false);
    }

    /// Finds the flow from now on, after advancing to this instant; `anew` if what surrounds the cell has changed.
    pub fn resolve(&mut self, around: &Surroundings<'_>, anew: bool) {
        let before = Arc::clone(&self.flow);
        if anew {
            // Capacity may have changed: who is late follows from the waits as they are now.
            let flow = self.solution(around);
            self.judge(around, &flow, |wait, patience, _| wait >= patience);
        } else {
            let backlog = self.backlog.clone();
            let late = self.late.clone();
            let growth = growth(around, &before, &backlog, &late);
            let was = self.late.clone();
            self.judge(around, &before, |wait, patience, at| match was[at] {
                false => growth[at] > 0.0 && wait >= patience - 1e-6,
                true => !(growth[at] < 0.0 && wait <= patience + 1e-6),
            });
        }
        let flow = self.solution(around);
        self.crossing = self.next_crossing(around, &flow);
        self.flow = Arc::new(flow);
    }

    fn state<'a>(&'a self, around: &Surroundings<'a>) -> State<'a> {
        State { around: *around, backlog: &self.backlog, late: &self.late }
    }

    fn solution(&self, around: &Surroundings<'_>) -> Flow {
        solve(&self.state(around))
    }

    /// Decides who is late from (wait, patience, tenancy).
    fn judge(&mut self, around: &Surroundings<'_>, flow: &Flow, is_late: impl Fn(f64, f64, usize) -> bool) {
        let state = self.state(around);
        let late: Vec<bool> = (0..self.late.len())
            .map(|at| {
                let wait = backlog_wait(&state, flow, at);
                wait > 0.0 && is_late(wait, patience(&state, flow, at), at)
            })
            .collect();
        self.late = late;
    }

    fn next_crossing(&self, around: &Surroundings<'_>, flow: &Flow) -> Nanos {
        let mut soonest = f64::INFINITY;
        for (station, &slope) in flow.slope.iter().enumerate() {
            let backlog = self.backlog[station];
            if slope > 0.0 {
                soonest = soonest.min((flow.places[station] - backlog) / slope);
            } else if slope < 0.0 {
                soonest = soonest.min(backlog / -slope);
            }
        }
        let state = self.state(around);
        let growth = growth(around, flow, &self.backlog, &self.late);
        for (at, &growth) in growth.iter().enumerate() {
            let left = patience(&state, flow, at) - backlog_wait(&state, flow, at);
            let crosses = if self.late[at] { growth < 0.0 && left < 0.0 } else { growth > 0.0 && left > 0.0 };
            if crosses {
                soonest = soonest.min(left / growth);
            }
        }
        if soonest.is_finite() { self.at.saturating_add(nanos(soonest).max(1)) } else { NEVER }
    }
}

/// How fast the waits on each tenancy's path change, in seconds a second.
fn growth(around: &Surroundings<'_>, flow: &Flow, backlog: &[f64], late: &[bool]) -> Vec<f64> {
    (0..late.len())
        .map(|at| {
            let class = around.model.tenancies[around.cell.tenancies.start + at].class as usize;
            let stations = around.model.paths[class].iter().filter_map(|step| step.station);
            let stations = stations.filter(|&station| !around.cell.stations[station].drops_expired);
            let change = |station: usize| match flow.slope[station] {
                slope if slope < 0.0 && backlog[station] <= 0.0 => 0.0,
                slope => slope / flow.capacity[station].max(1e-9),
            };
            stations.map(change).sum()
        })
        .collect()
}
