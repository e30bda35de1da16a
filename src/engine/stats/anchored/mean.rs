//! The interval of a mean over strata.

use super::law::Law;
use super::sample::Sample;
use super::weights::low_of_sum;
use crate::engine::stats::estimate::{Estimate, State};

/// A stratum that holds this share of the exposure must have been struck for the number to be an estimate.
const MATTERS: f64 = 0.05;

/// Units of equal exposure.
#[derive(Debug, Clone)]
pub struct Stratum {
    /// What it is, in a reader's words: `cells of 400 customers`.
    pub label: String,
    /// What its mean counts in the whole: its share of the strikes, or how often it is struck in the time asked about.
    pub weight: f64,
    /// Mean exposure of one of its units, known without measuring any.
    pub mean_exposure: f64,
    /// What was seen.
    pub sample: Sample,
}

impl Stratum {
    /// What it can add to the whole at most, in the mean.
    fn reach(&self) -> f64 {
        self.weight * self.mean_exposure
    }
}

/// Interval of sum l_k E(Y_k) at `confidence`, for the quantile of the sum of all strata together.
///
/// The value is sum l_k mean X_k (sum Y_k / sum X_k) over the strata that were struck, within the interval. Without any strike there
/// is no value, only a bound: the mean exposure. Where one end is out of the question (nobody was harmed, all who were exposed
/// were) the other end has the whole error to itself, as for a share of 0.
///
/// # Example
/// ```
/// use cellsim::engine::stats::State;
/// use cellsim::engine::stats::anchored::{Sample, Stratum, mean};
/// let mut small = Sample::default();
/// (0..10).for_each(|_| small.add(5.0, 5.0));
/// let strata = [
///     Stratum { label: "cells of 5 customers".to_owned(), weight: 8.0 / 9.0, mean_exposure: 5.0, sample: small },
///     Stratum { label: "cells of 400 customers".to_owned(), weight: 1.0 / 9.0, mean_exposure: 400.0, sample: Sample::default() },
/// ];
/// // The large cell was never struck: nothing is said against it.
/// let harmed = mean(&strata, 0.95);
/// assert_eq!(harmed.state, State::Bound);
/// assert!((harmed.high.unwrap() - 440.0 / 9.0).abs() < 1e-9);
/// assert!(harmed.reason.unwrap().starts_with("cells of 400 customers: struck 0 times, 91 % of the exposure"));
/// ```
pub fn mean(strata: &[Stratum], confidence: f64) -> Estimate {
    interval(strata, confidence, |parts, level| low_of_sum(parts, level).unwrap_or_else(|| apart(parts, level)))
}

/// The same interval with an equal part of the error for each stratum: wider, in closed form however small the error.
pub fn mean_apart(strata: &[Stratum], confidence: f64) -> Estimate {
    interval(strata, confidence, apart)
}

fn apart(parts: &[(f64, Law)], level: f64) -> f64 {
    let live = parts.iter().filter(|(weight, law)| *weight > 0.0 && !law.is_zero()).count().max(1) as f64;
    parts.iter().map(|(weight, law)| weight * law.low(level / live)).sum()
}

fn interval(strata: &[Stratum], confidence: f64, low: impl Fn(&[(f64, Law)], f64) -> f64) -> Estimate {
    let most: f64 = strata.iter().map(Stratum::reach).sum();
    let units: u64 = strata.iter().map(|stratum| stratum.sample.units()).sum();
    if most == 0.0 {
        return Estimate::exact(0.0);
    }
    let struck = || strata.iter().filter(|stratum| stratum.sample.units() > 0);
    if units == 0 {
        let reason = "it never struck: all that is known is what it exposes";
        return Estimate { value: None, ..Estimate::bound(0.0, 0.0, most, 0, reason) };
    }
    let parts = |of: fn(&Sample) -> Vec<(f64, f64)>| -> Vec<(f64, Law)> {
        struck().map(|stratum| (stratum.weight, Law::new(&of(&stratum.sample)))).collect()
    };
    let (harmed, spared) = (parts(Sample::harmed), parts(Sample::spared));
    let zero = |parts: &[(f64, Law)]| parts.iter().all(|(_, law)| law.is_zero());
    let alpha = 1.0 - confidence;
    let level = if zero(&harmed) || zero(&spared) { alpha } else { 0.5 * alpha };
    let (bottom, top) = (low(&harmed, level), most - low(&spared, level));
    // Exposures that were seen may lie below their mean; the interval never turns round.
    let (bottom, top) = (bottom.min(most), top.clamp(0.0, most).max(bottom.min(most)));
    let value: f64 = struck()
        .filter(|stratum| stratum.sample.exposure() > 0.0)
        .map(|stratum| stratum.reach() * stratum.sample.harm() / stratum.sample.exposure())
        .sum();
    let estimate = Estimate::between(value.clamp(bottom, top), bottom, top, units);
    match unseen(strata, most) {
        Some(reason) => Estimate { state: State::Bound, reason: Some(reason), ..estimate },
        None => estimate,
    }
}

/// Names the strata that matter and were never struck.
fn unseen(strata: &[Stratum], most: f64) -> Option<String> {
    let matters = |stratum: &&Stratum| stratum.sample.units() == 0 && stratum.reach() >= MATTERS * most;
    let named: Vec<String> = strata
        .iter()
        .filter(matters)
        .map(|stratum| {
            format!("{}: struck 0 times, {:.0} % of the exposure", stratum.label, 100.0 * stratum.reach() / most)
        })
        .collect();
    (!named.is_empty()).then(|| named.join("; "))
}

/// The sum of quantities that are known apart: each with the confidence 1 - alpha / k of k parts, so that all hold together.
///
/// # Example
/// ```
/// use cellsim::engine::stats::Estimate;
/// use cellsim::engine::stats::anchored::added;
/// let sum = added(&[Estimate::symmetric(5.0, 1.0, 20), Estimate::symmetric(2.0, 0.5, 20)]);
/// assert_eq!((sum.value, sum.low, sum.high), (Some(7.0), Some(5.5), Some(8.5)));
/// ```
pub fn added(parts: &[Estimate]) -> Estimate {
    let sum = |of: fn(&Estimate) -> Option<f64>| parts.iter().map(of).sum::<Option<f64>>();
    let reasons: Vec<&str> = parts.iter().filter_map(|part| part.reason.as_deref()).collect();
    let any = |state: State| parts.iter().any(|part| part.state == state);
    let order = [State::Null, State::Bound, State::Estimate];
    let state = order.into_iter().find(|&state| any(state)).unwrap_or(State::Exact);
    Estimate {
        value: sum(|part| part.value),
        low: sum(|part| part.low),
        high: sum(|part| part.high),
        n: parts.iter().map(|part| part.n).max().unwrap_or(0),
        state,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn stratum(weight: f64, mean_exposure: f64, units: &[(f64, f64)]) -> Stratum {
        let mut sample = Sample::default();
        for &(harm, exposure) in units {
            sample.add(harm, exposure);
        }
        Stratum { label: format!("of {mean_exposure}"), weight, mean_exposure, sample }
    }

    #[test]
    fn scripted_strikes_that_were_alike() {
        // 20 times 23 of 50, two-sided: 23 x 0.025^(1/20), and 50 - 27 x 0.025^(1/20).
        let same = mean(&[stratum(1.0, 50.0, &[(23.0, 50.0); 20])], 0.95);
        assert!((same.low.unwrap() - 19.13).abs() < 0.01 && (same.high.unwrap() - 27.55).abs() < 0.01);
        assert_eq!((same.value, same.state, same.n), (Some(23.0), State::Estimate, 20));
        // Nobody: one-sided, the rule of ties.
        let none = mean(&[stratum(1.0, 100.0, &[(0.0, 100.0); 20])], 0.95);
        assert!((none.high.unwrap() - 13.91).abs() < 0.01);
        assert_eq!(none.low, Some(0.0));
        let all = mean(&[stratum(1.0, 23.0, &[(23.0, 23.0); 20])], 0.95);
        assert_eq!(all.high, Some(23.0));
    }

    #[test]
    fn nothing_was_struck() {
        let never = mean(&[stratum(0.5, 40.0, &[]), stratum(0.5, 20.0, &[])], 0.95);
        assert_eq!((never.value, never.low, never.high, never.state), (None, Some(0.0), Some(30.0), State::Bound));
        assert_eq!(mean(&[], 0.95), Estimate::exact(0.0));
        assert_eq!(mean(&[stratum(1.0, 0.0, &[])], 0.95), Estimate::exact(0.0));
    }

    #[test]
    fn limits_scale_with_the_unit_and_stay_within_the_exposure() {
        let units: Vec<(f64, f64)> = (0..40).map(|i| (f64::from(i % 7) * 10.0, 80.0)).collect();
        let scaled: Vec<(f64, f64)> = units.iter().map(|unit| (unit.0 / 80.0, 1.0)).collect();
        let one = mean(&[stratum(0.7, 80.0, &units), stratum(0.3, 9.0, &[(1.0, 9.0), (3.0, 9.0)])], 0.95);
        let scale = |units: &[(f64, f64)], x: f64| stratum(1.0, x, units);
        let other = mean(
            &[
                stratum(0.7, 1.0, &scaled),
                Stratum { weight: 0.3, ..scale(&[(1.0 / 80.0, 9.0 / 80.0), (3.0 / 80.0, 9.0 / 80.0)], 9.0 / 80.0) },
            ],
            0.95,
        );
        assert!((one.low.unwrap() / 80.0 - other.low.unwrap()).abs() < 1e-6);
        assert!((one.high.unwrap() / 80.0 - other.high.unwrap()).abs() < 1e-6);
        assert!(one.high.unwrap() <= 0.7 * 80.0 + 0.3 * 9.0 && one.low.unwrap() > 0.0);
        // Each stratum on its own is wider.
        let apart = mean_apart(&[stratum(0.7, 80.0, &units), stratum(0.3, 9.0, &[(1.0, 9.0), (3.0, 9.0)])], 0.95);
        assert!(apart.low.unwrap() < one.low.unwrap() && apart.high.unwrap() > one.high.unwrap());
        // Far out there are too few draws, and the closed form takes over.
        assert!(mean(&[stratum(0.7, 80.0, &units), stratum(0.3, 9.0, &[(1.0, 9.0)])], 0.99999).high.is_some());
    }

    #[test]
    fn a_sum_is_worth_what_its_worst_part_is() {
        let exact = Estimate::exact(1.0);
        assert_eq!(added(&[exact.clone(), exact.clone()]).state, State::Exact);
        assert_eq!(added(&[exact.clone(), Estimate::null("why")]).state, State::Null);
        let bound = Estimate { value: None, ..Estimate::bound(0.0, 0.0, 3.0, 0, "unseen") };
        let sum = added(&[exact, bound]);
        assert_eq!((sum.value, sum.low, sum.high, sum.state), (None, Some(1.0), Some(4.0), State::Bound));
    }
}
