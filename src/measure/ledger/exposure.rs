//! Exposure: whom strikes reach, and for how long, by construction.
//!
//! # Model
//! Harm is bounded by exposure: the customers who live where a fault strikes, and the minutes that it touches. How often each
//! class of places is struck, how large it is and how long strikes last follows from the scenario: up and down times renew each
//! other, so that a clock strikes 1 / (MTTF + MTTR) times and is down MTTR / (MTTF + MTTR) of the time; one clock over many
//! places strikes each of them equally often. Releases in waves have no such formula: they are followed by their clock alone,
//! and what rests on that is known within three standard errors.
//!
//! Strikes are kept apart by *stratum*: a fault, and a class of places of about the same size.

use std::collections::HashMap;

use super::homed::{Homed, exposed};
use crate::engine::stats::Estimate;
use crate::units::Nanos;

/// Where one strike of a fault may fall: cells that it strikes together.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its cells.
    pub cells: Vec<u32>,
    /// Which of the fault's strata.
    pub stratum: u32,
    /// Who lives there.
    pub homed: Homed,
}

/// Strikes of one fault on places of about one size.
#[derive(Debug, Clone)]
pub struct Stratum {
    /// In words: "2 cells of 400 customers".
    pub label: String,
    /// Strikes in one replication, on average.
    pub strikes: f64,
    /// Strikes that a replication begins with, on average.
    pub under_way: f64,
    /// Mean of who lives where it strikes.
    pub homed: Homed,
    /// Most of them, by tier, and of all tiers.
    pub most: (Vec<f64>, f64),
    /// Mean over all strikes, those under way at the beginning too, of the minutes of customers that it touches in the run.
    pub minutes: f64,
}

/// A clock of a fault: it strikes one of these places at a time, all equally likely.
#[derive(Debug, Clone)]
pub struct ClockPlaces {
    /// Places of the fault, by index.
    pub places: Vec<u32>,
}

/// Customers that a release in waves reaches on average, within three standard errors.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Of all tiers.
    pub all: Estimate,
    /// By tier.
    pub by_tier: Vec<Estimate>,
    /// Three standard errors of the minutes that a release touches, over their mean.
    pub slack: f64,
    /// How often a release reaches each class, and each tier.
    pub classes: Vec<f64>,
    /// The same by tier.
    pub tiers: Vec<f64>,
}

/// A fault's strikes.
#[derive(Debug, Clone, Default)]
pub struct FaultExposure {
    /// Classes of places.
    pub strata: Vec<Stratum>,
    /// Everything that a strike may fall on; of a release in waves: all that it reaches in the end.
    pub places: Vec<Place>,
    /// Its clocks; none if it is scripted or recorded.
    pub clocks: Vec<ClockPlaces>,
    /// Of a release in waves: the numbers of cells that it may have reached, one for each stratum.
    pub waves: Vec<usize>,
    /// Of a release in waves: how often each cell of its place is reached, and for how long, in seconds.
    pub reached: Vec<(f64, f64)>,
    /// Mean length of a strike, in seconds.
    pub lasts: f64,
    /// The tier whose customers alone are exposed: others are so who share their cells, if they can be harmed.
    pub only: Option<usize>,
    /// Of a release in waves: customers that it reaches.
    pub followed: Option<Followed>,
    by_cell: Vec<u32>,
    by_cells: HashMap<Vec<u32>, u32>,
}

/// Whom strikes reach, for all faults that are awake.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// By fault; empty for those asleep.
    pub faults: Vec<FaultExposure>,
    /// By cell: who lives there.
    pub homed: Vec<Homed>,
    /// All customers, by tier.
    pub everybody: Homed,
    /// What a strike touches besides its length: the rest of a minute, and requests that wait for long when it comes.
    pub margin: Nanos,
}

impl FaultExposure {
    /// Returns the place with these cells.
    pub fn place(&self, cells: &[u32]) -> Option<&Place> {
        let index = match cells {
            [cell] => *self.by_cell.get(*cell as usize)?,
            _ if self.places.len() == 1 && self.places[0].cells.len() == cells.len() => 0,
            _ => *self.by_cells.get(cells)?,
        };
        self.places.get(index as usize)
    }

    /// Returns the stratum of a release that has reached so many cells.
    pub fn wave(&self, cells: usize) -> Option<usize> {
        self.waves.iter().position(|&reached| reached >= cells)
    }

    /// Returns whether it comes in waves.
    pub fn is_release(&self) -> bool {
        !self.waves.is_empty()
    }

    /// Returns whether several cells are known as one of its places.
    pub(super) fn knows(&self, cells: &[u32]) -> bool {
        self.by_cells.contains_key(cells)
    }

    /// Adds a place that its strikes may fall on, if it is a new one; returns its index.
    pub(super) fn add(&mut self, cells: Vec<u32>, homed: Homed) -> u32 {
        let index = self.places.len() as u32;
        match cells.as_slice() {
            &[cell] => {
                if self.by_cell.len() <= cell as usize {
                    self.by_cell.resize(cell as usize + 1, u32::MAX);
                }
                if self.by_cell[cell as usize] != u32::MAX {
                    return self.by_cell[cell as usize];
                }
                self.by_cell[cell as usize] = index;
            }
            many => match self.by_cells.get(many) {
                Some(&known) => return known,
                None => drop(self.by_cells.insert(cells.clone(), index)),
            },
        }
        self.places.push(Place { cells, stratum: 0, homed });
        index
    }
}

impl Exposure {
    /// Returns the seats in cells.
    pub fn seats(&self, cells: &[u32]) -> f64 {
        cells.iter().map(|&cell| self.homed[cell as usize].seats).sum()
    }

    /// Returns who lives in several cells: at most, where customers use several workflows.
    pub fn union(&self, cells: &[u32]) -> Homed {
        let mut homed = Homed { customers: vec![0.0; self.everybody.customers.len()], seats: 0.0 };
        for &cell in cells {
            homed.add(&self.homed[cell as usize], 1.0);
        }
        homed.customers.iter_mut().zip(&self.everybody.customers).for_each(|(here, &all)| *here = here.min(all));
        homed
    }

    /// Returns the most customers who are exposed to one strike of a fault, of a tier or of all.
    pub fn most_exposed(&self, fault: usize, tier: Option<usize>) -> f64 {
        let mine = &self.faults[fault];
        mine.places.iter().map(|place| exposed(&place.homed, mine.only, tier)).fold(0.0, f64::max)
    }

    /// Returns the most customers that one strike of a fault reaches, of a tier or of all.
    pub fn widest(&self, fault: usize, tier: Option<usize>) -> f64 {
        let of = |homed: &Homed| tier.map_or_else(|| homed.all(), |tier| homed.customers[tier]);
        self.faults[fault].places.iter().map(|place| of(&place.homed)).fold(0.0, f64::max)
    }

    /// Returns the most customers that one incident told of a fault can reach, of a tier or of all.
    pub fn most(&self, fault: usize, tier: Option<usize>) -> f64 {
        let widest = self.widest(fault, tier);
        let everybody = tier.map_or_else(|| self.everybody.all(), |tier| self.everybody.customers[tier]);
        if self.is_nested(fault) { widest } else { everybody.max(widest) }
    }

    /// The same of seats: customers, each for every workflow.
    pub fn most_seats(&self, fault: usize) -> f64 {
        let widest = self.faults[fault].places.iter().map(|place| self.seats(&place.cells)).fold(0.0, f64::max);
        if self.is_nested(fault) { widest } else { self.everybody.seats }
    }

    /// Whether an incident told of a fault reaches no further than one of its strikes: what else strikes there meanwhile and
    /// reaches no more cells lies within. An incident takes in all that overlaps.
    pub fn is_nested(&self, fault: usize) -> bool {
        let mine = &self.faults[fault].places;
        if mine.iter().all(|place| place.cells.len() == 1) {
            return true;
        }
        let holds = |place: &Place, cell: &u32| place.cells.binary_search(cell).is_ok();
        self.faults.iter().flat_map(|fault| &fault.places).all(|other| {
            mine.iter().all(|place| {
                other.cells.len() > place.cells.len()
                    || other.cells.iter().all(|cell| holds(place, cell))
                    || !other.cells.iter().any(|cell| holds(place, cell))
            })
        })
    }
}
