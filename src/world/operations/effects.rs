//! What faults do to what they strike, while they last.
//!
//! # Rules for overlapping faults
//! A blackhole wins over a crash, a crash over errors. Error shares are independent of each other. Slowness multiplies and its
//! shifts add up. Capacity factors multiply; a zone that several faults take is lost once.

use crate::engine::rng::{Key, Slot};
use crate::scenario::fault::{Effect, SharePer};
use crate::units::Nanos;

/// One active fault, as it bears on one cell, router step or set of customers.
#[derive(Debug, Clone)]
pub struct Strike {
    /// Index of the activation.
    pub activation: u32,
    /// Key of the activation: luck that is a share of requests, customers or attempts.
    pub key: Key,
    /// Only the stage at this place (see [`Where`](crate::world::platform::class::Where)).
    pub place: Option<u32>,
    /// Only calls to this destination of a fan-out, from 0.
    pub destination: Option<u32>,
    /// Only this zone.
    pub zone: Option<usize>,
    /// Only attempts of this tier.
    pub tier: Option<usize>,
    /// Lost capacity no longer receives attempts.
    pub detected: bool,
    /// What it does.
    pub effects: Vec<Effect>,
}

/// An attempt, as far as faults tell one from another.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Key of its request.
    pub request: Key,
    /// Its own key.
    pub attempt: Key,
    /// Tier of its customer.
    pub tier: usize,
    /// Number of zones that there are.
    pub zones: usize,
    /// Its customer.
    pub customer: u32,
}

/// What happens to an attempt on arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It goes on.
    Pass,
    /// It is refused at once.
    Refuse,
    /// It vanishes.
    Swallow,
    /// It gets an error.
    Error,
}

const ZONE: Slot = Slot::named("zone");
const LUCK: Slot = Slot::named("fault/luck");

/// Returns the zone that serves an attempt: any of them, alike.
pub fn zone_of(attempt: Key, zones: usize) -> usize {
    crate::engine::rng::below(attempt.draw(ZONE), zones as u32) as usize
}

impl Strike {
    /// Returns whether it bears on an attempt at this place (`None`: on entering the cell or router step).
    fn bears_on(&self, place: Option<u32>, attempt: &Facts) -> bool {
        self.place == place && self.concerns(attempt)
    }

    /// Returns whether it bears on an attempt, wherever it is.
    pub fn concerns(&self, attempt: &Facts) -> bool {
        self.tier.is_none_or(|tier| tier == attempt.tier)
            && self.zone.is_none_or(|zone| !self.detected && zone_of(attempt.attempt, attempt.zones) == zone)
    }

    /// Returns whether a share of effect strikes this attempt.
    fn has_bad_luck(&self, share: f64, per: SharePer, attempt: &Facts) -> bool {
        let key = match per {
            SharePer::Request => attempt.request,
            SharePer::Customer => self.key.nth(u64::from(attempt.customer)),
            SharePer::Slot if self.detected => return false,
            SharePer::Attempt | SharePer::Slot => attempt.attempt,
        };
        Key(key.0 ^ self.key.0).happens(LUCK, share)
    }
}

/// Decides what happens to an attempt that meets these strikes.
pub fn admit(strikes: &[Strike], place: Option<u32>, attempt: &Facts) -> Admission {
    let mut worst = Admission::Pass;
    for strike in strikes.iter().filter(|strike| strike.bears_on(place, attempt)) {
        for effect in &strike.effects {
            let admission = match *effect {
                Effect::Blackhole => Admission::Swallow,
                Effect::Crash => Admission::Refuse,
                Effect::Errors { share, per } if strike.has_bad_luck(share, per, attempt) => Admission::Error,
                Effect::Errors { .. }
                | Effect::Slow { .. }
                | Effect::Capacity { .. }
                | Effect::Flush
                | Effect::Demand { .. } => Admission::Pass,
            };
            worst = worse(worst, admission);
        }
    }
    worst
}

fn worse(a: Admission, b: Admission) -> Admission {
    let rank = |admission| match admission {
        Admission::Pass => 0,
        Admission::Error => 1,
        Admission::Refuse => 2,
        Admission::Swallow => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// Returns how long a service takes under these strikes; `place` as in [`admit`], where cell-wide strikes slow every stage.
pub fn slowed(strikes: &[Strike], place: Option<u32>, attempt: &Facts, service: Nanos) -> Nanos {
    let (mut factor, mut shift) = (1.0, 0);
    for strike in strikes {
        let here = strike.place.is_none() || strike.place == place;
        if here && strike.concerns(attempt) {
            for effect in &strike.effects {
                if let Effect::Slow { factor: by, shift: more } = *effect {
                    factor *= by;
                    shift = Nanos::saturating_add(shift, more);
                }
            }
        }
    }
    ((service as f64 * factor).round() as Nanos).saturating_add(shift)
}

/// Returns how many slots are left of a station at this offset: whole ones, rounded down. Where tiers share a cell, what strikes one
/// of them fails its attempts and leaves everybody's slots alone.
pub fn slots_left(strikes: &[Strike], station: u32, slots: u32, by_zone: &[u32]) -> u32 {
    let mut zones: Vec<f64> = by_zone.iter().map(|&slots| f64::from(slots)).collect();
    for strike in strikes.iter().filter(|one| one.tier.is_none() && one.place.is_none_or(|at| at == station)) {
        let mut scale = |factor: f64| match strike.zone {
            Some(zone) => zones[zone] *= factor,
            None => zones.iter_mut().for_each(|slots| *slots *= factor),
        };
        for effect in &strike.effects {
            match *effect {
                Effect::Crash | Effect::Blackhole if strike.zone.is_some() => scale(0.0),
                Effect::Capacity { factor } => scale(factor),
                Effect::Errors { share, per: SharePer::Slot } if strike.detected => scale(1.0 - share),
                Effect::Crash
                | Effect::Blackhole
                | Effect::Errors { .. }
                | Effect::Slow { .. }
                | Effect::Flush
                | Effect::Demand { .. } => {}
            }
        }
    }
    let left: f64 = zones.iter().sum();
    if strikes.is_empty() { slots } else { (left + 1e-9).floor() as u32 }
}

/// Returns the product of the capacity factors (for a router step).
pub fn capacity_factor(strikes: &[Strike]) -> f64 {
    let factors = strikes.iter().flat_map(|strike| &strike.effects).filter_map(|effect| match effect {
        Effect::Capacity { factor } => Some(*factor),
        Effect::Crash
        | Effect::Blackhole
        | Effect::Slow { .. }
        | Effect::Errors { .. }
        | Effect::Flush
        | Effect::Demand { .. } => None,
    });
    factors.product()
}
