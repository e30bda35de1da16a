//! Surges: demand faults above factor 1, which add requests.
//!
//! Base demand is never drawn again. A factor g above 1 adds processes of (g - 1) times the base rate, in the fault's own name
//! space, and repeats recorded requests g - 1 times near their own instants. (A factor below 1 takes each request away by its own
//! luck: see [`super::customer_strikes`].)

use std::sync::Arc;

use super::arrivals::{Arrival, Arrivals};
use crate::engine::alias::Alias;
use crate::engine::rng::{Key, Slot};
use crate::units::Nanos;
use crate::world::operations::faults::Activation;
use crate::world::platform::population::SubId;
use crate::world::platform::scope::Target;
use crate::world::requests::setting::Setting;

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

/// A demand fault above 1 begins.
pub fn add(arrivals: &mut Arrivals, setting: &Setting, activation: &Activation, factor: f64) {
    let platform = &setting.platform;
    for Surge { key, class, first, alias, rate } in surges(setting, activation, factor) {
        let spec = &platform.classes[class as usize];
        let (rate, span) = ((rate, spec.batch), (activation.onset, activation.end));
        arrivals.add_process(key, class, &spec.profile, platform.warmup, alias, first, rate, span, true);
    }
    let repeated = repeated(&arrivals.recorded(), setting, activation, factor - 1.0);
    if !repeated.is_empty() {
        arrivals.add_trace(Arc::new(repeated));
    }
}

/// Recorded requests come so many times more, at random instants between the one before and the one after (at the same
/// instant a copy would always find the original ahead of it). What is left of a whole number is chance.
fn repeated(recorded: &[Arrival], setting: &Setting, activation: &Activation, more: f64) -> Vec<Arrival> {
    let key = activation.key.named("surge of recorded requests");
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
    repeated
}

#[cfg(test)]
mod tests {
    use super::super::processes::base;
    use super::*;
    use crate::units::SECOND;
    use crate::world::requests::setting::tests::setting;

    #[test]
    fn a_surge_adds_what_it_says_while_it_lasts_and_moves_nothing_else() {
        let fault = "[fault.f]\nstrikes = { tier = \"big\" }\neffect = { demand = 3 }\n\
                     at = \"10s\"\nfor = \"20s\"\n";
        let setting = setting(fault);
        let taken = |mut arrivals: Arrivals| -> Vec<Arrival> {
            std::iter::from_fn(|| (arrivals.next_instant() < 60 * SECOND).then(|| arrivals.take())).collect()
        };
        let calm = taken(base(&setting.platform, setting.key));
        let mut arrivals = base(&setting.platform, setting.key);
        add(&mut arrivals, &setting, &setting.activations[0], 3.0);
        let (more, same): (Vec<Arrival>, Vec<Arrival>) = taken(arrivals).into_iter().partition(|one| one.surge);
        assert_eq!(same, calm);
        assert!(more.iter().all(|one| (10 * SECOND..30 * SECOND).contains(&one.at) && one.sub < 4));
        // Twice 40 a second for 20 seconds.
        assert!((more.len() as f64 - 1600.0).abs() < 4.5 * 40.0, "{}", more.len());
    }
}
