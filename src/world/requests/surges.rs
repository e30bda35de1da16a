//! Surges: demand faults, which add requests above factor 1 and take some away below it.
//!
//! Base demand is never drawn again. A factor g above 1 adds processes of (g - 1) times the base rate, in the fault's own name
//! space, and repeats recorded requests g - 1 times near their own instants; a factor below 1 takes each request away by its own luck.

use std::sync::Arc;

use super::arrivals::Arrival;
use super::setting::Setting;
use super::world::World;
use crate::engine::alias::Alias;
use crate::engine::rng::{Key, Slot};
use crate::scenario::fault::Effect;
use crate::units::Nanos;
use crate::world::operations::faults::Activation;
use crate::world::platform::population::SubId;
use crate::world::platform::scope::Target;

const THINNING: Slot = Slot::named("fault/thinning");
const REPEATED: Slot = Slot::named("fault/repeated");
const WHEN: Slot = Slot::named("fault/repeated when");

/// A process that a demand fault adds while it lasts.
pub(super) struct Surge {
    pub(super) key: Key,
    pub(super) class: u16,
    first: SubId,
    alias: Arc<Alias>,
    /// Requests per second, before the profile.
    pub(super) rate: f64,
}

/// Returns the processes that a demand fault above 1 adds.
pub(super) fn surges(setting: &Setting, activation: &Activation, factor: f64) -> Vec<Surge> {
    let platform = &setting.platform;
    let mut surges = Vec::new();
    for process in &platform.population.processes {
        let (first, alias, rate) = match activation.target {
            Target::Customers { customer: Some(customer), .. } => {
                let of_process = process.first..process.first + process.count;
                let sub = of_process.into_iter().find(|&sub| platform.population.customer[sub as usize] == customer);
                let Some(sub) = sub else { continue };
                (sub, Arc::new(Alias::Equal(1)), f64::from(platform.population.rate[sub as usize]))
            }
            _ => (process.first, Arc::clone(&process.alias), process.rate),
        };
        if activation.target.is_struck(platform, process.class, || setting.customer(first)) {
            let key = activation.key.named("surge").named(&process.name);
            surges.push(Surge { key, class: process.class, first, alias, rate: rate * (factor - 1.0) });
        }
    }
    // Requests of newcomers that have not joined yet come to nothing, as their base demand does.
    for &(class, first, count) in &setting.newcomers.groups {
        let spec = &platform.classes[class as usize];
        let is_of_one = matches!(activation.target, Target::Customers { customer: Some(_), .. });
        if !is_of_one && activation.target.is_struck(platform, class, || setting.customer(first)) {
            let key = activation.key.named("surge of newcomers").named(&spec.name);
            let rate = spec.mean_rate * f64::from(count) * (factor - 1.0);
            surges.push(Surge { key, class, first, alias: Arc::new(Alias::Equal(count)), rate });
        }
    }
    surges
}

impl World {
    /// A demand fault above 1 begins.
    pub(super) fn add_surge(&mut self, activation: &Activation, factor: f64) {
        let setting = Arc::clone(&self.setting);
        for Surge { key, class, first, alias, rate } in surges(&setting, activation, factor) {
            let spec = &setting.platform.classes[class as usize];
            self.arrivals.add_process(
                key,
                class,
                &spec.profile,
                setting.platform.warmup,
                alias,
                first,
                (rate, spec.batch),
                (activation.onset, activation.end),
                true,
            );
        }
        self.repeat_recorded(activation, factor - 1.0);
    }

    /// Recorded requests come so many times more, at random instants between the one before and the one after (at the same
    /// instant a copy would always find the original ahead of it). What is left of a whole number is chance.
    fn repeat_recorded(&mut self, activation: &Activation, more: f64) {
        let key = activation.key.named("surge of recorded requests");
        let setting = Arc::clone(&self.setting);
        let recorded = self.arrivals.recorded();
        let is_repeated = |row: &Arrival| {
            (activation.onset..activation.end).contains(&row.at)
                && activation.target.is_struck(&setting.platform, row.class, || setting.customer(row.sub))
        };
        let rows: Vec<(usize, &Arrival)> = recorded.iter().enumerate().filter(|(_, row)| is_repeated(row)).collect();
        let mut repeated = Vec::new();
        for (at, &(serial, row)) in rows.iter().enumerate() {
            let key = key.nth(serial as u64);
            let from = at.checked_sub(1).map_or(activation.onset, |before| rows[before].1.at);
            let until = rows.get(at + 1).map_or(activation.end, |next| next.1.at);
            let times = more.floor() as u64 + u64::from(key.happens(REPEATED, more.fract()));
            repeated.extend((0..times).map(|copy| {
                let key = key.nth(copy);
                let at = from + (key.uniform(WHEN) * (until - from) as f64) as Nanos;
                Arrival { at, key, surge: true, ..*row }
            }));
        }
        repeated.sort_by_key(|row| row.at);
        if !repeated.is_empty() {
            self.arrivals.add_trace(Arc::new(repeated));
        }
    }

    /// Returns whether a demand fault below 1 takes this request away.
    pub(super) fn is_thinned(&self, arrival: &Arrival) -> bool {
        self.customer_strikes.iter().any(|&index| {
            let activation = &self.setting.activations[index as usize];
            let is_struck = || {
                let customer = || self.setting.customer(arrival.sub);
                activation.target.is_struck(&self.setting.platform, arrival.class, customer)
            };
            self.setting.effects(activation).iter().any(|effect| match *effect {
                Effect::Demand { factor } if factor < 1.0 => {
                    is_struck() && arrival.key.uniform(Slot(THINNING.0 ^ activation.key.0)) >= factor
                }
                _ => false,
            })
        })
    }
}
