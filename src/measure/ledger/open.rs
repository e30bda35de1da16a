//! Open incidents: which fault they are told of, and what their strikes reach.

use super::exposure::{Exposure, Homed};
use crate::units::{Nanos, seconds};
use crate::world::flow::observer::Onset;

/// An incident that is not over yet.
///
/// A compound one is told of the strike that reaches most cells, of the first if several do.
#[derive(Debug, Clone)]
pub struct Open {
    /// The fault it is told of.
    pub fault: usize,
    /// When it began.
    pub onset: Nanos,
    /// Whether it began within the horizon.
    pub counted: bool,
    /// Minutes of customers that its strikes touch: the sum of theirs.
    pub minutes: f64,
    /// Cells that the strike it is told of reaches; of a release all waves so far.
    cells: Vec<u32>,
}

impl Open {
    /// An incident begins.
    pub fn new(exposure: &Exposure, onset: Onset<'_>, horizon: Nanos) -> Open {
        Open {
            fault: onset.fault,
            onset: onset.at,
            counted: onset.counted,
            minutes: minutes(exposure, &onset, horizon),
            cells: onset.cells.to_vec(),
        }
    }

    /// Another strike joins it.
    pub fn join(&mut self, exposure: &Exposure, onset: Onset<'_>, horizon: Nanos) {
        self.minutes += minutes(exposure, &onset, horizon);
        if onset.fault == self.fault && exposure.faults[self.fault].is_release() {
            self.cells.extend_from_slice(onset.cells);
            self.cells.sort_unstable();
            self.cells.dedup();
        } else if onset.cells.len() > self.cells.len() {
            self.fault = onset.fault;
            self.cells.clear();
            self.cells.extend_from_slice(onset.cells);
        }
    }

    /// Takes in another incident.
    pub fn merge(&mut self, gone: Open) {
        self.onset = self.onset.min(gone.onset);
        self.minutes += gone.minutes;
        if gone.cells.len() > self.cells.len() {
            (self.fault, self.cells) = (gone.fault, gone.cells);
        }
    }

    /// Returns the stratum of the strike it is told of, and who lives where that strikes.
    pub fn reaches(&self, exposure: &Exposure) -> Option<(usize, Homed)> {
        let fault = &exposure.faults[self.fault];
        if fault.is_release() {
            return Some((fault.wave(self.cells.len())?, exposure.union(&self.cells)));
        }
        let place = fault.place(&self.cells)?;
        Some((place.stratum as usize, place.homed.clone()))
    }
}

/// Minutes of customers that a strike touches.
fn minutes(exposure: &Exposure, onset: &Onset<'_>, horizon: Nanos) -> f64 {
    let fault = &exposure.faults[onset.fault];
    let seats = match fault.place(onset.cells).filter(|_| !fault.is_release()) {
        Some(place) => place.homed.seats,
        None => exposure.seats(onset.cells),
    };
    seats * seconds(onset.until.min(horizon).saturating_sub(onset.at) + exposure.margin) / 60.0
}
