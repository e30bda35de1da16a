//! Open incidents: which fault they are told of, and what their strikes reach.

use super::exposure::Exposure;
use super::homed::Homed;
use crate::units::{Nanos, seconds};
use crate::world::flow::observer::Onset;

/// An incident that is not over yet.
///
/// A compound one is told of the strike that reaches most cells, of the first if several do. Its minutes are shared among its
/// strikes, in proportion to those that each touches.
#[derive(Debug, Clone)]
pub struct Open {
    /// The fault it is told of.
    pub fault: usize,
    /// When it began.
    pub onset: Nanos,
    /// Whether it began within the horizon.
    pub counted: bool,
    /// Its strikes; the waves of one release are one.
    strikes: Vec<Strike>,
    /// Cells that the strike it is told of reaches; of a release all waves so far.
    cells: Vec<u32>,
}

/// A strike of an open incident.
#[derive(Debug, Clone)]
struct Strike {
    fault: usize,
    key: u64,
    /// `None` on a place that no clock knows.
    stratum: Option<usize>,
    /// Minutes of customers that it touches.
    minutes: f64,
    /// Cells of a release, by which its stratum is found.
    cells: Vec<u32>,
}

/// What a strike has of the minutes of its incident.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Its fault, and the stratum of the place that it struck.
    pub of: (usize, usize),
    /// Minutes of customers that it touches.
    pub minutes: f64,
}

impl Open {
    /// An incident begins.
    pub fn new(exposure: &Exposure, onset: Onset<'_>, horizon: Nanos) -> Open {
        Open {
            fault: onset.fault,
            onset: onset.at,
            counted: onset.counted,
            strikes: vec![Strike::new(exposure, &onset, horizon)],
            cells: onset.cells.to_vec(),
        }
    }

    /// Another strike joins it.
    pub fn join(&mut self, exposure: &Exposure, onset: Onset<'_>, horizon: Nanos) {
        self.add(exposure, Strike::new(exposure, &onset, horizon));
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
    pub fn merge(&mut self, exposure: &Exposure, gone: Open) {
        self.onset = self.onset.min(gone.onset);
        gone.strikes.into_iter().for_each(|strike| self.add(exposure, strike));
        if gone.cells.len() > self.cells.len() {
            (self.fault, self.cells) = (gone.fault, gone.cells);
        }
    }

    fn add(&mut self, exposure: &Exposure, strike: Strike) {
        let fault = &exposure.faults[strike.fault];
        let same = |one: &&mut Strike| fault.is_release() && (one.fault, one.key) == (strike.fault, strike.key);
        match self.strikes.iter_mut().find(same) {
            Some(release) => {
                release.minutes += strike.minutes;
                release.cells.extend(strike.cells);
                release.cells.sort_unstable();
                release.cells.dedup();
                release.stratum = fault.wave(release.cells.len());
            }
            None => self.strikes.push(strike),
        }
    }

    /// Returns its strikes on places that are known, those of one stratum together.
    pub fn parts(&self) -> Vec<Part> {
        let part = |strike: &Strike| Some(Part { of: (strike.fault, strike.stratum?), minutes: strike.minutes });
        let mut parts: Vec<Part> = self.strikes.iter().filter_map(part).collect();
        parts.sort_by_key(|part| part.of);
        parts
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

impl Strike {
    fn new(exposure: &Exposure, onset: &Onset<'_>, horizon: Nanos) -> Strike {
        let Onset { fault, key, cells, .. } = *onset;
        let mine = &exposure.faults[fault];
        let place = mine.place(cells).filter(|_| !mine.is_release());
        let seats = place.map_or_else(|| exposure.seats(cells), |place| place.homed.seats);
        let lasts = seconds(onset.until.min(horizon).saturating_sub(onset.at) + exposure.margin);
        Strike {
            fault,
            key,
            stratum: place.map(|place| place.stratum as usize).or_else(|| mine.wave(cells.len())),
            minutes: seats * lasts / 60.0,
            cells: if mine.is_release() { cells.to_vec() } else { Vec::new() },
        }
    }
}
