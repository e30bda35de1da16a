//! Pools whose services are not exponential: how much more or less they refuse and let wait than the formulas say.
//!
//! # Model
//! Of few slots the law of service decides more than its variance can say. Services of two branches, or of a few phases in a row, make
//! a pool a chain whose solution is exact ([`PhaseQueue`]). At loads of k / 64 the formulas of [`super::latency`] are held against
//! it; the logarithms of the ratios (of refusals, of who waits, and of the law of waits in units of the formula's) correct the
//! formulas, in straight lines between these loads.
//!
//! - More variable than exponential: the two branches with the service's mean, variance and Laplace transform at a rate at which this
//!   queue looks at services: arrivals over its room, or half of one over the time-out where it has no limit. Two branches
//!   of exponential services are found exactly.
//! - Less variable: chains of 1, 2, 3 .. phases in a row, as many as are small enough, have squared variations of 1, 1/2, 1/3 ..;
//!   the logarithms are carried on to that of the service by a parabola through the three that are nearest.
//!
//! What is refused or waits less often than once in a million is left to the formulas.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::latency::{Moments, formula};
use super::wait::{Bend, LONGEST, POINTS, Wait, unit};
use crate::engine::law::Law;
use crate::engine::theory::phase_queue::PhaseQueue;
use crate::engine::theory::phases::Phases;

/// Most slots of a pool that is looked at so.
pub const MOST_SLOTS: u32 = 40;
/// Most places; of longer queues waits are those without a limit.
const MOST_PLACES: u32 = 256;
/// States of busy slots at most, where services have several phases in a row, and phases.
const MOST_STATES: f64 = 45.0;
const MOST_PHASES: u32 = 12;
/// Loads at which it is looked at: so many parts of one.
const LOADS: f64 = 64.0;
/// Shares of laws that are mixed are rounded to so many parts of one.
const SHARES: f64 = 1024.0;
/// Ratios beyond e to this power, up or down, are taken as this.
const FAR: f64 = 50.0;
/// Below the first share, corrections fade out, and have gone at the second.
const SEEN: (f64, f64) = (1e-6, 1e-7);

/// A part of the services at a station: share, law, factor, and added seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Its share.
    pub share: f64,
    /// Number of its law.
    pub law: u32,
    /// It takes so many times as long,
    pub factor: f64,
    /// and so many seconds more.
    pub shift: f64,
}

/// A pool as far as its chain depends on it. Shares, factors and seconds by their bits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    parts: Vec<(u64, u32, u64, u64)>,
    slots: u32,
    places: Option<u32>,
    patience: u64,
    load: u32,
}

/// Logarithms of ratios to the formulas.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratios {
    /// Of refusals.
    full: f64,
    /// Of who waits.
    waits: f64,
    /// Of those who wait for longer than each of the waits that are looked at.
    above: Vec<f64>,
}

/// The chains of a platform that have been looked at.
#[derive(Debug, Clone, Default)]
pub struct Chains {
    /// Laws of service, in seconds.
    laws: Vec<Law>,
    known: Arc<Mutex<BTreeMap<Key, Arc<Ratios>>>>,
}

/// A station as chains see it.
#[derive(Debug, Clone, Copy)]
pub struct Pool<'a> {
    /// Laws of its services.
    pub parts: &'a [Part],
    /// Moments of a service.
    pub service: Moments,
    /// Slots.
    pub slots: u32,
    /// Places in its queue.
    pub places: f64,
    /// How long who comes there waits in all, in seconds.
    pub patience: f64,
}

impl Chains {
    /// Returns the number of a law of service, which is kept.
    pub fn number(&mut self, law: &Law) -> u32 {
        let known = self.laws.iter().position(|other| other == law);
        known.unwrap_or_else(|| {
            self.laws.push(law.clone());
            self.laws.len() - 1
        }) as u32
    }

    /// Returns the waiting at a pool that is asked for so many services a second, a correction of what the formula says.
    pub fn waiting(&self, pool: &Pool<'_>, arrivals: f64) -> Wait {
        let wait = formula(pool.service, arrivals, pool.slots, pool.places);
        let load = arrivals * pool.service.mean / f64::from(pool.slots);
        let seen = wait.full.max(wait.chance);
        let is_small = pool.slots <= MOST_SLOTS && pool.places > 0.0 && load > 0.0;
        let variation = pool.service.squared_variation();
        if !is_small || seen <= SEEN.1 || pool.places == f64::INFINITY && variation == 1.0 {
            return wait;
        }
        let weight = (libm::log(seen / SEEN.1) / libm::log(SEEN.0 / SEEN.1)).clamp(0.0, 1.0);
        let place = (load * LOADS).clamp(1.0, LOADS);
        let low = (place as u32).min(LOADS as u32 - 1);
        let [from, to] = [low, low + 1].map(|load| self.ratios(pool, load));
        let part = place - f64::from(low);
        let between = |from: f64, to: f64| weight * (from + part * (to - from));
        let full = (wait.full * libm::exp(between(from.full, to.full))).min(1.0);
        if wait.chance <= 0.0 {
            return Wait { full, ..wait };
        }
        let chance = (wait.chance * libm::exp(between(from.waits, to.waits))).min(1.0);
        let above = from.above.iter().zip(&to.above).map(|(from, to)| between(*from, *to)).collect();
        Wait { full, chance, bend: Some(Bend::new(above)), ..wait }
    }

    /// Returns the ratios at a load of so many parts of one.
    fn ratios(&self, pool: &Pool<'_>, load: u32) -> Arc<Ratios> {
        let key = Key::new(pool, load);
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return Arc::clone(known);
        }
        let found = Arc::new(self.found(&key));
        lock().insert(key, Arc::clone(&found));
        found
    }

    fn found(&self, key: &Key) -> Ratios {
        let service = Service { laws: &self.laws, parts: &key.parts };
        let moments = service.moments();
        let variation = moments.squared_variation();
        let is_at_limit = f64::from(key.load) >= LOADS;
        if is_at_limit && key.places.is_none() {
            return Ratios::none();
        }
        // The formulas hold below full load, and up to it.
        let load = if is_at_limit { 1.0 - 1e-6 } else { f64::from(key.load) / LOADS };
        let shape = Shape { slots: key.slots, places: key.places, load };
        if variation > 1.0 {
            let slots = f64::from(key.slots);
            let rate = match key.places {
                Some(places) => load * slots / (slots + f64::from(places)),
                None => 0.5 * moments.mean / f64::from_bits(key.patience),
            };
            let value = service.transform(rate / moments.mean);
            return shape.ratios(Phases::alike(variation, (rate, value)), variation);
        }
        shape.carried_on(variation)
    }
}

impl Key {
    fn new(pool: &Pool<'_>, load: u32) -> Key {
        let all: f64 = pool.parts.iter().map(|part| part.share).sum();
        let share = |part: &Part| if pool.parts.len() == 1 { 1.0 } else { libm::round(part.share / all * SHARES) };
        let bits = |part: &Part| (share(part).to_bits(), part.law, part.factor.to_bits(), part.shift.to_bits());
        let parts = pool.parts.iter().filter(|part| share(part) > 0.0).map(bits).collect();
        let places = pool.places.is_finite().then_some(pool.places as u32);
        let patience = if places.is_some() { 0 } else { pool.patience.to_bits() };
        Key { parts, slots: pool.slots, places, patience, load }
    }
}

/// The services of a key.
struct Service<'a> {
    laws: &'a [Law],
    parts: &'a [(u64, u32, u64, u64)],
}

impl Service<'_> {
    fn mean_of(&self, of: impl Fn(&Law, f64, f64) -> f64) -> f64 {
        let (mut sum, mut all) = (0.0, 0.0);
        for &(share, law, factor, shift) in self.parts {
            let share = f64::from_bits(share);
            sum += share * of(&self.laws[law as usize], f64::from_bits(factor), f64::from_bits(shift));
            all += share;
        }
        sum / all
    }

    fn moments(&self) -> Moments {
        let of = |law: &Law, factor: f64, shift: f64| Moments::of(law).stretched(factor, shift);
        let mean = self.mean_of(|law, factor, shift| of(law, factor, shift).mean);
        let square = self.mean_of(|law, factor, shift| {
            let one = of(law, factor, shift);
            one.variance + one.mean * one.mean
        });
        Moments { mean, variance: (square - mean * mean).max(0.0) }
    }

    fn transform(&self, rate: f64) -> f64 {
        self.mean_of(|law, factor, shift| libm::exp(-rate * shift) * law.transform(rate * factor))
    }
}

/// A pool whose mean service takes 1.
#[derive(Debug, Clone, Copy)]
struct Shape {
    slots: u32,
    places: Option<u32>,
    load: f64,
}

impl Shape {
    /// Returns the ratios of a chain to the formula for this squared variation.
    fn ratios(self, service: Phases, variation: f64) -> Ratios {
        let Shape { slots, places, load } = self;
        let arrivals = load * f64::from(slots);
        let moments = Moments { mean: 1.0, variance: variation };
        let expected = formula(moments, arrivals, slots, places.map_or(f64::INFINITY, f64::from));
        if expected.chance <= 0.0 {
            return Ratios::none();
        }
        let longest = LONGEST / expected.rate;
        let queue = PhaseQueue { arrival_rate: arrivals, service, servers: slots, places };
        let is_long = places.is_some_and(|places| places > MOST_PLACES) && load < 0.999;
        let waits = if is_long {
            PhaseQueue { places: None, ..queue.clone() }.found(longest, POINTS)
        } else {
            queue.found(longest, POINTS)
        };
        let refused = if is_long { queue.refused() } else { waits.refused };
        let ratio = |found: f64, expected: f64| match found > 0.0 && expected > 0.0 {
            true => libm::log(found / expected).clamp(-FAR, FAR),
            false => 0.0,
        };
        let at = |(at, above): (usize, &f64)| match above {
            above if *above > 0.0 => (libm::log(*above) + unit(at)).clamp(-FAR, FAR),
            _ => -FAR,
        };
        Ratios {
            full: if places.is_some() { ratio(refused, expected.full) } else { 0.0 },
            waits: ratio(waits.waits, expected.chance),
            above: waits.above.iter().enumerate().map(at).collect(),
        }
    }

    /// Returns the ratios for a service that varies less than an exponential one.
    fn carried_on(self, variation: f64) -> Ratios {
        let most =
            (2..=MOST_PHASES).take_while(|&phases| PhaseQueue::states(self.slots, phases as usize) <= MOST_STATES);
        let most = most.last().unwrap_or(1);
        let away = |phases: &u32| (1.0 / f64::from(*phases) - variation).abs();
        let mut phases: Vec<u32> = (1..=most).collect();
        phases.sort_by(|a, b| away(a).total_cmp(&away(b)));
        phases.truncate(3);
        let mut sum = Ratios { full: 0.0, waits: 0.0, above: vec![0.0; POINTS + 1] };
        for &one in &phases {
            let here = 1.0 / f64::from(one);
            let others = phases.iter().filter(|&&other| other != one).map(|&other| 1.0 / f64::from(other));
            let weight: f64 = others.map(|other| (variation - other) / (here - other)).product();
            let mut ratios = self.ratios(Phases::erlang(one), here);
            if one == 1 {
                // The formulas are exact, but for the law of waits.
                (ratios.full, ratios.waits) = (0.0, 0.0);
            }
            sum.full += weight * ratios.full;
            sum.waits += weight * ratios.waits;
            sum.above.iter_mut().zip(&ratios.above).for_each(|(sum, above)| *sum += weight * above);
        }
        sum.above.iter_mut().for_each(|above| *above = above.clamp(-FAR, FAR));
        sum
    }
}

impl Ratios {
    fn none() -> Ratios {
        Ratios { full: 0.0, waits: 0.0, above: vec![0.0; POINTS + 1] }
    }
}
