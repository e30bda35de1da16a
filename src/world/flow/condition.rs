//! What the faults that are active in a cell do to its flows.
//!
//! The same strikes and the same rules of overlap as at the request level ([`crate::world::operations::effects`]); where that draws for every
//! attempt, this takes the share.

use super::caller::Failing;
use super::model::{CellModel, Model};
use crate::scenario::fault::{Effect, SharePer};
use crate::world::operations::effects::{Strike, slots_left};
use crate::world::platform::class::FIRST_PLACE;

/// What strikes do to a tenancy's attempts where they enter the cell or one of its stages.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gate {
    /// Attempts that fail here, each by its own luck.
    pub failing: Failing,
    /// Requests all of whose attempts fail here.
    pub doomed: f64,
    /// Customers all of whose attempts fail here.
    pub struck: f64,
}

/// What strikes do to a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// On entering the cell, by tenancy.
    pub entry: Vec<Gate>,
    /// On entering each stage, by stage (see [`StepModel::stage`](super::model::StepModel::stage)) and tenancy.
    pub stages: Vec<Vec<Gate>>,
    /// Slots left, by station.
    pub slots: Vec<u32>,
    /// Service takes this many times as long, plus so many seconds, by tenancy and stage.
    pub slow: Vec<Vec<(f64, f64)>>,
    /// Everything in the cell is lost.
    pub is_down: bool,
}

impl Condition {
    /// Returns what these strikes do to a cell.
    pub fn new(model: &Model, cell: &CellModel, strikes: &[Strike]) -> Condition {
        let tenancies = cell.tenancies.len();
        let stages = cell.stations.len() + model.platform.places.len();
        let stage_at = |place: u32| match place.checked_sub(FIRST_PLACE) {
            Some(delay) => cell.stations.len() + delay as usize,
            None => place as usize,
        };
        let mut condition = Condition {
            entry: vec![Gate::default(); tenancies],
            stages: vec![vec![Gate::default(); tenancies]; stages],
            slots: cell
                .stations
                .iter()
                .enumerate()
                .map(|(offset, station)| slots_left(strikes, offset as u32, station.slots, &station.by_zone))
                .collect(),
            slow: vec![vec![(1.0, 0.0); stages]; tenancies],
            is_down: false,
        };
        for (at, tenancy) in cell.tenancies.clone().enumerate() {
            let tier = model.platform.classes[model.tenancies[tenancy].class as usize].tier;
            for strike in strikes.iter().filter(|strike| strike.tier.is_none_or(|only| only == tier)) {
                // Attempts spread evenly over zones; none goes where capacity is known to be gone.
                let share = match strike.zone {
                    Some(_) if strike.detected => 0.0,
                    Some(_) => 1.0 / model.platform.zones as f64,
                    None => 1.0,
                };
                let gate = match strike.place {
                    Some(place) => &mut condition.stages[stage_at(place)][at],
                    None => &mut condition.entry[at],
                };
                for effect in &strike.effects {
                    strike_gate(gate, *effect, share, strike.detected);
                    if let Effect::Slow { factor, shift } = *effect {
                        for (offset, slow) in condition.slow[at].iter_mut().enumerate() {
                            if strike.place.is_none_or(|only| stage_at(only) == offset) {
                                slow.0 *= 1.0 + share * (factor - 1.0);
                                slow.1 += share * crate::units::seconds(shift);
                            }
                        }
                    }
                }
            }
        }
        condition.is_down = condition.entry.iter().all(|gate| gate.failing.fast >= 1.0);
        condition
    }
}

impl Condition {
    /// Adds what strikes all customers of a tenancy, wherever they live.
    pub fn strike_customers(&mut self, tenancy: usize, effects: &[Effect]) {
        for effect in effects {
            strike_gate(&mut self.entry[tenancy], *effect, 1.0, false);
        }
    }
}

/// Adds one effect, which strikes a share of attempts, to a gate.
fn strike_gate(gate: &mut Gate, effect: Effect, share: f64, detected: bool) {
    let independent = |so_far: f64, more: f64| 1.0 - (1.0 - so_far) * (1.0 - more);
    match effect {
        Effect::Crash => gate.failing.fast = independent(gate.failing.fast, share),
        // What vanishes gets no error: a black hole wins.
        Effect::Blackhole => {
            gate.failing.slow = independent(gate.failing.slow, share);
        }
        Effect::Errors { share: errors, per } => match per {
            SharePer::Request if share == 1.0 => gate.doomed = independent(gate.doomed, errors),
            SharePer::Customer => gate.struck = independent(gate.struck, errors),
            SharePer::Slot if detected => {}
            SharePer::Attempt | SharePer::Request | SharePer::Slot => {
                gate.failing.fast = independent(gate.failing.fast, share * errors);
            }
        },
        Effect::Slow { .. } | Effect::Capacity { .. } | Effect::Flush | Effect::Demand { .. } => {}
    }
    gate.failing.fast = gate.failing.fast.min(1.0 - gate.failing.slow);
}
