//! Steps of demand: what a change of its level does.
//!
//! Only cells of open incidents are told of a step. What is in health is so at every level; how long at which one follows from
//! the profiles alone.

use std::sync::Arc;

use super::observer::FlowObserver;
use super::run::{FlowWorld, STEP};
use crate::units::{Nanos, nanos};

impl FlowWorld<'_> {
    /// An incident begins, or goes on: from now on steps are events.
    pub(super) fn follow_levels(&mut self, at: Nanos) {
        if !self.model.levels.is_varied() || self.is_stepping {
            return;
        }
        self.take_level(at);
        self.is_stepping = true;
        self.schedule(self.model.levels.next(at), STEP, 0);
    }

    fn take_level(&mut self, at: Nanos) {
        self.level = self.model.levels.at(at);
        self.look_up_anew(at);
    }

    /// A cell leaves health: its flow is that of the level at hand.
    pub(super) fn be_at_level(&mut self, cell: u32, at: Nanos) {
        if !self.model.levels.is_varied() {
            return;
        }
        let state = &mut self.cells[cell as usize];
        state.flow = Arc::clone(self.health.flow(self.model, self.level, cell));
        state.level = self.level;
        // Nobody asks how it was in health, but for the requests under way.
        for (index, tenancy) in self.model.cells[cell as usize].tenancies.clone().enumerate() {
            let under_way = state.flow.time[index].max(state.flow.reach[index]);
            self.since[tenancy] = self.since[tenancy].max(at.saturating_sub(nanos(under_way)));
        }
    }

    /// Demand changes.
    pub(super) fn step<O: FlowObserver>(&mut self, at: Nanos, observer: &mut O) {
        let cells = self.incidents.open_cells();
        if cells.is_empty() {
            self.is_stepping = false;
            return;
        }
        self.take_level(at);
        self.schedule(self.model.levels.next(at), STEP, 0);
        for cell in cells {
            self.change(cell, at, true, observer);
        }
    }
}
