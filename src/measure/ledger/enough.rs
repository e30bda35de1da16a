//! Enough: how often strikes touch more minutes of a contract window than it allows.
//!
//! # Model
//! A customer who loses nothing in health has at most as many bad minutes as strikes touch. So a month can be lost only if they
//! touch more than are allowed. Up times that are exponential strike no more often than a Poisson process of rate 1 / U, and
//! lengths are independent of each other: what strikes of a window touch is at most a compound Poisson sum, whose law is found
//! step by step (lengths rounded up). A strike that is under way at the beginning counts as if it were enough.
//!
//! # References
//! Panjer (1981), ASTIN Bulletin 12 (the recursion).

use std::collections::{BTreeMap, HashMap};

use super::exposure::{Exposure, FaultExposure};
use super::rate_class::{RateClass, RateClasses};
use super::span::Span;
use super::window::allowed;
use crate::engine::law::Law;
use crate::scenario::Scenario;
use crate::scenario::contract::Measure;
use crate::scenario::fault::Schedule;
use crate::units::{SECOND, seconds};
use crate::world::flow::health::Health;
use crate::world::flow::model::Model;

/// Least step of lengths, in seconds.
const STEP: f64 = 10.0;
/// Steps, at most.
const STEPS: f64 = 3_000.0;
/// A minute of health that is less often bad than this is never bad.
const NEVER: f64 = 1e-12;
/// Strikes on average, from which on the first term of the recursion is none.
const MANY: f64 = 600.0;

/// By tenancy: the probability, at most, that strikes touch more minutes of a window than it allows; `None` where that is not
/// what a month is lost by, or has no formula.
pub(super) fn odds(
    scenario: &Scenario,
    model: &Model,
    health: &Health,
    rates: &RateClasses,
    exposure: &Exposure,
    spans: &[Span],
) -> Vec<Option<f64>> {
    let classes = &model.platform.classes;
    let tier_of = |tenancy: usize| classes[model.tenancies[tenancy].class as usize].tier;
    // Which clocks strike each tenancy, and how often it is among what they strike.
    let mut clocks: Vec<Option<Vec<(usize, u64)>>> = vec![Some(Vec::new()); model.tenancies.len()];
    for (tenancy, clocks) in clocks.iter_mut().enumerate() {
        // At every level of demand.
        let failed = || health.failed(tenancy).iter().enumerate();
        let is_never_bad = |rate: &RateClass| {
            failed().all(|(level, &failed)| failed == 0.0 || rates.odds[rate.bad + level].at(failed) < NEVER)
        };
        let never_bad = rates.classes[rates.of_tenancy[tenancy].clone()].iter().all(is_never_bad);
        let by_minutes = scenario.tiers[tier_of(tenancy)].contract.measure == Measure::BadMinutes;
        if !never_bad || !by_minutes {
            *clocks = None;
        }
    }
    for (index, fault) in exposure.faults.iter().enumerate() {
        let spec = &scenario.faults[index];
        let counts = |tenancy: usize| !scenario.tiers[tier_of(tenancy)].contract.excludes.contains(&spec.name);
        let known = !fault.is_release() && fault.lasts.is_finite();
        let exponential = matches!(&spec.schedule, Schedule::Random { up: Law::Exponential { .. }, .. });
        if known && exponential {
            for clock in &fault.clocks {
                for (tenancy, share) in shares(fault, &clock.places, model) {
                    if let Some(mine) = clocks[tenancy].as_mut().filter(|_| counts(tenancy)) {
                        mine.push((index, share.to_bits()));
                    }
                }
            }
        } else {
            for &cell in fault.places.iter().flat_map(|place| &place.cells) {
                let here = model.cells[cell as usize].tenancies.clone();
                here.filter(|&tenancy| counts(tenancy)).for_each(|tenancy| clocks[tenancy] = None);
            }
        }
    }
    let mut known = HashMap::new();
    let one = |(tenancy, clocks): (usize, Option<Vec<(usize, u64)>>)| {
        let tier = tier_of(tenancy);
        let clocks = clocks?;
        let find = || {
            let mine = clocks.iter().map(|&(fault, share)| (fault, f64::from_bits(share)));
            more_than_allowed(scenario, exposure, &spans[tier], tier, mine)
        };
        Some(*known.entry((tier, clocks.clone())).or_insert_with(find))
    };
    clocks.into_iter().enumerate().map(one).collect()
}

fn more_than_allowed(
    scenario: &Scenario,
    exposure: &Exposure,
    span: &Span,
    tier: usize,
    clocks: impl Iterator<Item = (usize, f64)>,
) -> f64 {
    let margin = seconds(exposure.margin);
    // The longest window, held to what the shortest allows.
    let window = 60.0 * span.lengths.1 as f64;
    let limit = 60.0 * allowed(scenario.tiers[tier].contract.sla, span.lengths.0) as f64;
    let (mut strikes, mut under_way) = (Vec::new(), 0.0);
    for (fault, share) in clocks {
        let Schedule::Random { up, down, .. } = &scenario.faults[fault].schedule else { return 1.0 };
        let (up, lasts) = (up.mean() / SECOND as f64, exposure.faults[fault].lasts);
        strikes.push((share * (window + margin) / up, down));
        under_way += share * lasts / (up + lasts);
    }
    (under_way + above(&strikes, margin, limit)).min(1.0)
}

/// P(sum > limit) of Poisson numbers of strikes: (how many on average, law of their lengths), each longer by a margin, in seconds.
fn above(strikes: &[(f64, &Law)], margin: f64, limit: f64) -> f64 {
    let all: f64 = strikes.iter().map(|strike| strike.0).sum();
    if all > MANY {
        return 1.0;
    }
    let step = STEP.max(limit / STEPS);
    let steps = (limit / step + 1e-9).floor() as usize;
    let longer = |step_of: usize, law: &Law| law.above((step_of as f64 * step - margin) * SECOND as f64);
    let of_length = |n: usize| -> f64 {
        strikes.iter().map(|(often, law)| often * (longer(n - 1, law) - longer(n, law)).max(0.0)).sum::<f64>()
            * n as f64
    };
    let weights: Vec<f64> = (1..=steps).map(of_length).collect();
    let mut odds = vec![libm::exp(-all)];
    for n in 1..=steps {
        let sum: f64 = weights[..n].iter().zip(odds.iter().rev()).map(|(weight, odds)| weight * odds).sum();
        odds.push(sum / n as f64);
    }
    (1.0 - odds.iter().sum::<f64>()).clamp(0.0, 1.0)
}

/// How often each tenancy is among what one clock over many places strikes.
pub(super) fn shares(fault: &FaultExposure, places: &[u32], model: &Model) -> Vec<(usize, f64)> {
    let mut shares = BTreeMap::new();
    for &place in places {
        for &cell in &fault.places[place as usize].cells {
            for tenancy in model.cells[cell as usize].tenancies.clone() {
                *shares.entry(tenancy).or_insert(0.0) += 1.0 / places.len() as f64;
            }
        }
    }
    shares.into_iter().map(|(tenancy, share)| (tenancy, if share > 1.0 - 1e-9 { 1.0 } else { share })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strikes_of_one_length_are_a_poisson_number() {
        // Eight minutes and the rest of one: five of them are more than 43 minutes.
        let law = Law::Constant(480.0 * SECOND as f64);
        let found = above(&[(0.3, &law), (0.2, &law)], 60.0, 43.0 * 60.0);
        let four: f64 = [1.0, 0.5, 0.125, 0.125 / 6.0, 0.0625 / 24.0].iter().sum();
        let expected = 1.0 - libm::exp(-0.5) * four;
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
        // Of exponential lengths one in e is longer than the mean.
        let law = Law::Exponential { mean: 6_000.0 * SECOND as f64 };
        let found = above(&[(1e-4, &law)], 0.0, 6_000.0);
        assert!((found / (1e-4 * libm::exp(-1.0)) - 1.0).abs() < 0.01, "{found}");
        assert_eq!(above(&[(1e4, &law)], 0.0, 6_000.0), 1.0);
    }
}
