//! Strata: a fault's strikes by the size of the places that they fall on, and how often each class of them is struck.
//!
//! Places of about the same size (within 10 %) are one class. At most eight for the same tiers: the smallest are pooled, never
//! the largest.

use std::collections::BTreeMap;

use super::exposure::{ClockPlaces, Exposure, FaultExposure, Stratum};
use super::homed::{Homed, asking, greatest, in_cell, only_harmed, only_tier, together};
use super::rate_class::RateClasses;
use crate::engine::rng::{Key, Slot};
use crate::scenario::Scenario;
use crate::scenario::fault::Schedule;
use crate::units::{MINUTE, SECOND, seconds};
use crate::world::flow::model::Model;
use crate::world::operations::faults::{self, Activation, RandomClock};

/// Places of one class differ by no more than this share of the largest.
const SIMILAR: f64 = 0.1;
/// Classes of the places that the same tiers use.
const CLASSES: usize = 8;
const ALONE: Slot = Slot::named("exposure/clock alone");

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
                many if self.faults[fault].knows(many) => Homed::default(),
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
}

fn label(places: usize, cells: usize, customers: f64) -> String {
    let customers = customers.round();
    match (places, cells) {
        (1, 1) => format!("1 cell of {customers} customers"),
        (places, 1) => format!("{places} cells of up to {customers} customers"),
        _ => format!("strikes on {customers} customers"),
    }
}
