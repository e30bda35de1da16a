//! Whom strikes touch in a contract window, and for how long.

use super::reach;
use crate::scenario::Scenario;
use crate::units::{MINUTE, Nanos};
use crate::world::flow::model::Model;
use crate::world::flow::observer::Onset;

/// A strike that windows are still to hear of.
#[derive(Debug)]
struct Strike {
    fault: usize,
    at: Nanos,
    until: Nanos,
    cells: Vec<u32>,
}

/// What strikes touch of the window at hand.
#[derive(Debug)]
pub(super) struct Touched {
    strikes: Vec<Strike>,
    /// By tenancy.
    seconds: Vec<f64>,
    whom: Vec<u32>,
    /// By tier and fault: the contract does not count it, or has other windows.
    excludes: Vec<Vec<bool>>,
}

impl Touched {
    /// Returns nothing, for so many tenancies and the tiers whose windows these are.
    pub(super) fn new(scenario: &Scenario, tenancies: usize, is_mine: impl Fn(usize) -> bool) -> Touched {
        let excludes = scenario.tiers.iter().enumerate().map(|(index, tier)| {
            let excluded = |name: &String| !is_mine(index) || tier.contract.excludes.contains(name);
            scenario.faults.iter().map(|fault| excluded(&fault.name)).collect()
        });
        Touched { strikes: Vec::new(), seconds: vec![0.0; tenancies], whom: Vec::new(), excludes: excludes.collect() }
    }

    /// A fault strikes.
    pub(super) fn struck(&mut self, onset: Onset<'_>) {
        let Onset { fault, at, until, cells, .. } = onset;
        self.strikes.push(Strike { fault, at, until, cells: cells.to_vec() });
    }

    /// Finds whom strikes touch in a window; those that end before the next one begins, or at that time, are forgotten.
    pub(super) fn look(&mut self, model: &Model, margin: Nanos, (from, to): (Nanos, Nanos), next: Nanos) {
        for strike in &self.strikes {
            let Some(touched) = reach::touched((strike.at, strike.until), margin, (from, to)) else { continue };
            for tenancy in strike.cells.iter().flat_map(|&cell| model.cells[cell as usize].tenancies.clone()) {
                let tier = model.platform.classes[model.tenancies[tenancy].class as usize].tier;
                if self.excludes[tier][strike.fault] {
                    continue;
                }
                if self.seconds[tenancy] == 0.0 {
                    self.whom.push(tenancy as u32);
                }
                self.seconds[tenancy] += touched;
            }
        }
        self.strikes.retain(|strike| strike.until.saturating_add(MINUTE) > next);
    }

    /// Returns the minutes of the window that strikes touch of a tenancy's; 0 if none does.
    pub(super) fn minutes(&self, tenancy: usize) -> f64 {
        self.seconds[tenancy] / 60.0
    }

    /// The window is over.
    pub(super) fn clear(&mut self) {
        for tenancy in self.whom.drain(..) {
            self.seconds[tenancy as usize] = 0.0;
        }
    }
}
