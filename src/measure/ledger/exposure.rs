//! Exposure: whom strikes reach, and for how long, by construction.
//!
//! # Model
//! Harm is bounded by exposure: the customers who live where a fault strikes, and the minutes that it touches. How often each
//! class of places is struck, how large it is and how long strikes last follows from the scenario: up and down times renew each
//! other, so that a clock strikes 1 / (MTTF + MTTR) times and is down MTTR / (MTTF + MTTR) of the time; one clock over many
//! places strikes each of them equally often. Releases in waves have no such formula: they are followed by their clock alone,
//! and what rests on that is known within three standard errors.
//!
//! Strikes are kept apart by *stratum*: a fault, and a class of places of about the same size (within 10 %). At most eight for
//! the same tiers: the smallest are pooled, never the largest.

use std::collections::{BTreeMap, HashMap};

use super::homed::{Homed, asking, exposed, greatest, in_cell, only_harmed, only_tier, together};
use super::rate_class::RateClasses;
use super::release::Followed;
use crate::engine::rng::{Key, Slot};
use crate::scenario::Scenario;
use crate::scenario::fault::Schedule;
use crate::units::{MINUTE, Nanos, SECOND, seconds};
use crate::world::flow::model::Model;
use crate::world::operations::faults::{self, Activation, RandomClock};

/// Places of one class differ by no more than this share of the largest.
const SIMILAR: f64 = 0.1;
/// Classes of the places that the same tiers use.
const CLASSES: usize = 8;
const ALONE: Slot = Slot::named("exposure/clock alone");

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

    fn add(&mut self, cells: Vec<u32>, homed: Homed) -> u32 {
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
    /// Finds out whom the faults of a scenario reach.
    pub fn new(scenario: &Scenario, model: &Model, rates: &RateClasses) -> Exposure {
        let everybody = Homed { customers: asking(model), seats: 0.0 };
        let longest = model.platform.longest_deadline;
        let mut exposure = Exposure {
            faults: vec![FaultExposure::default(); scenario.faults.len()],
            homed: (0..model.cells.len()).map(|cell| in_cell(model, rates, cell, None)).collect(),
            everybody,
            margin: MINUTE + if longest > SECOND { longest } else { 0 },
        };
        exposure.everybody.seats = exposure.homed.iter().map(|homed| homed.seats).sum();
        for (mine, fault) in exposure.faults.iter_mut().zip(&scenario.faults) {
            mine.only = only_tier(&fault.strikes);
        }
        let key = Key(scenario.run.seed).part(ALONE);
        for clock in faults::clocks(scenario, &model.platform, key) {
            exposure.add_clock(scenario, model, rates, clock);
        }
        let fixed = faults::fixed(scenario, &model.platform, key);
        for (index, fault) in scenario.faults.iter().enumerate() {
            match &fault.schedule {
                Schedule::Random { .. } if exposure.faults[index].is_release() => {}
                Schedule::Random { .. } => exposure.classify(scenario, index),
                Schedule::Scripted { .. } | Schedule::Trace(_) => {
                    let strikes = fixed.iter().filter(|strike| strike.fault == index && strike.end > 0);
                    let strikes: Vec<&Activation> = strikes.collect();
                    exposure.add_fixed(scenario, model, rates, index, &strikes);
                }
            }
        }
        exposure
    }

    fn add_clock(&mut self, scenario: &Scenario, model: &Model, rates: &RateClasses, clock: RandomClock) {
        let fault = clock.fault;
        let only = only_harmed(&scenario.faults[fault]);
        let mut places = Vec::new();
        for target in clock.targets() {
            let cells = model.struck_cells(target);
            if cells.is_empty() {
                continue;
            }
            let homed = match cells.as_slice() {
                &[cell] if only.is_none() => self.homed[cell as usize].clone(),
                &[cell] => in_cell(model, rates, cell as usize, only),
                many if self.faults[fault].by_cells.contains_key(many) => Homed::default(),
                many if many.len() == self.homed.len() && only.is_none() => self.everybody.clone(),
                many => together(model, rates, many, only),
            };
            places.push(self.faults[fault].add(cells, homed));
        }
        if places.is_empty() {
            return;
        }
        let release = scenario.faults[fault].waves.is_some();
        self.faults[fault].clocks.push(ClockPlaces { places });
        if release {
            self.follow(scenario, model, clock);
        }
    }

    /// Forms the strata of a random fault.
    fn classify(&mut self, scenario: &Scenario, fault: usize) {
        let spec = &scenario.faults[fault];
        let Schedule::Random { up, down, .. } = &spec.schedule else { return };
        let mine = &mut self.faults[fault];
        if mine.places.is_empty() {
            return;
        }
        let run = seconds(scenario.run.horizon);
        let (up, down) = (up.mean() / SECOND as f64, down.mean() / SECOND as f64);
        mine.lasts = down;
        // How often each place is struck, per cycle of one clock.
        let mut weights = vec![0.0; mine.places.len()];
        for clock in &mine.clocks {
            clock.places.iter().for_each(|&place| weights[place as usize] += 1.0 / clock.places.len() as f64);
        }
        // A repair that never ends on average: the clock is down when the run begins, and stays so.
        let (strikes, under_way) = if down.is_finite() { (run / (up + down), down / (up + down)) } else { (0.0, 1.0) };
        let length = (under_way * run + (strikes + under_way) * seconds(self.margin)) / 60.0 / (strikes + under_way);
        let mut by_tiers: BTreeMap<Vec<bool>, Vec<u32>> = BTreeMap::new();
        for (index, place) in mine.places.iter().enumerate() {
            let tiers = place.homed.customers.iter().map(|&customers| customers > 0.0).collect();
            by_tiers.entry(tiers).or_default().push(index as u32);
        }
        for mut places in by_tiers.into_values() {
            places.sort_by(|&a, &b| {
                let size = |place: u32| mine.places[place as usize].homed.all();
                size(b).total_cmp(&size(a)).then(a.cmp(&b))
            });
            let mut largest = f64::INFINITY;
            let mut classes: Vec<Vec<u32>> = Vec::new();
            for place in places {
                let size = mine.places[place as usize].homed.all();
                match classes.last_mut() {
                    Some(last) if size >= (1.0 - SIMILAR) * largest => last.push(place),
                    _ => {
                        largest = size;
                        classes.push(vec![place]);
                    }
                }
            }
            if classes.len() > CLASSES {
                let pooled = classes.split_off(CLASSES - 1).concat();
                classes.push(pooled);
            }
            for class in classes {
                let stratum = mine.strata.len() as u32;
                let weight: f64 = class.iter().map(|&place| weights[place as usize]).sum();
                let mut homed = Homed::default();
                let mut most = (Vec::new(), 0.0_f64);
                for &place in &class {
                    mine.places[place as usize].stratum = stratum;
                    let here = &mine.places[place as usize].homed;
                    homed.add(here, weights[place as usize] / weight);
                    most = greatest(most, here);
                }
                let one = &mine.places[class[0] as usize];
                mine.strata.push(Stratum {
                    label: label(class.len(), one.cells.len(), most.1),
                    strikes: strikes * weight,
                    under_way: under_way * weight,
                    minutes: homed.seats * length,
                    homed,
                    most,
                });
            }
        }
    }

    /// A scripted or recorded fault: its strikes are known.
    fn add_fixed(
        &mut self,
        scenario: &Scenario,
        model: &Model,
        rates: &RateClasses,
        fault: usize,
        strikes: &[&Activation],
    ) {
        let Some(first) = strikes.first() else { return };
        let cells = model.struck_cells(&first.target);
        if cells.is_empty() {
            return;
        }
        let homed = together(model, rates, &cells, only_harmed(&scenario.faults[fault]));
        let run = scenario.run.horizon;
        let mine = &mut self.faults[fault];
        let length = |strike: &&Activation| seconds(strike.end.min(run).saturating_sub(strike.onset));
        mine.lasts = strikes.iter().map(length).sum::<f64>() / strikes.len() as f64;
        let under_way = strikes.iter().filter(|strike| strike.was_under_way).count();
        mine.strata.push(Stratum {
            label: label(1, cells.len(), homed.all()),
            strikes: (strikes.len() - under_way) as f64,
            under_way: under_way as f64,
            minutes: homed.seats * (mine.lasts + seconds(self.margin)) / 60.0,
            most: greatest((Vec::new(), 0.0), &homed),
            homed: homed.clone(),
        });
        mine.add(cells, homed);
    }

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

fn label(places: usize, cells: usize, customers: f64) -> String {
    let customers = customers.round();
    match (places, cells) {
        (1, 1) => format!("1 cell of {customers} customers"),
        (places, 1) => format!("{places} cells of up to {customers} customers"),
        _ => format!("strikes on {customers} customers"),
    }
}
