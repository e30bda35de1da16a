//! What the flow through a cell depends on.

use std::sync::Arc;

use super::caller::Caller;
use super::condition::Condition;
use super::lookup::Lookup;
use super::losses::Losses;
use super::model::{CellModel, Model, StepModel};
use crate::engine::law::sum::Sum;

/// What the flow of a cell depends on besides its own state.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The model.
    pub model: &'a Model,
    /// The cell.
    pub cell: &'a CellModel,
    /// What strikes it.
    pub condition: &'a Condition,
    /// What look-ups meet.
    pub lookup: &'a Lookup,
    /// By tenancy: the law of an attempt's time without waits.
    pub attempts: &'a [Arc<Sum>],
    /// What corrects theory.
    pub losses: &'a Losses,
    /// Demand by tenancy, as a multiple of the usual one.
    pub demand: &'a [f64],
}

/// What goes into a solution.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    /// All but the state of the cell itself.
    pub around: Surroundings<'a>,
    /// Attempts that wait at each station.
    pub backlog: &'a [f64],
    /// Whether a tenancy's attempts wait beyond their time-out.
    pub late: &'a [bool],
}

impl<'a> State<'a> {
    /// Returns the callers of a tenancy of the cell.
    pub fn caller(&self, at: usize) -> &'a Caller {
        let tenancy = self.around.cell.tenancies.start + at;
        &self.around.model.callers[self.around.model.tenancies[tenancy].class as usize]
    }

    /// Returns the path of a tenancy of the cell.
    pub fn path(&self, at: usize) -> &'a [StepModel] {
        let tenancy = self.around.cell.tenancies.start + at;
        &self.around.model.paths[self.around.model.tenancies[tenancy].class as usize]
    }
}
