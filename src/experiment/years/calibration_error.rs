//! The error of a calibration: one set of runs serves all years, so that what it gets wrong is wrong in every replication.
//!
//! # Model
//! Of n runs at each load one after the other is left out, and the same years are run with what the others say (the jackknife:
//! Tukey 1958; Efron and Stein 1981). (n - 1) / n times the sum of squares of what comes out is the variance that the runs bring
//! into a number. It is not divided by the number of replications, and it is added to each interval: with Student's t of n - 1
//! degrees of freedom, and in proportion, since losses are counts.

use std::sync::Arc;

use rayon::prelude::*;

use super::calibration::Calibration;
use super::groups::Groups;
use super::replication::{Replication, replicate};
use crate::catalogue::Unit;
use crate::engine::special::beta::student;
use crate::engine::stats::{Estimate, State};
use crate::experiment::outcome::Row;
use crate::experiment::outcome::years::Years;
use crate::experiment::study::watch::Watcher;
use crate::measure::ledger::books::Ground;
use crate::world::flow::health::Health;

/// Replications that are run again at least.
const FEWEST: u32 = 2;
/// Errors beyond so many times e say nothing but that nothing is known.
const LARGEST: f64 = 5.0;

/// Runs some of the years again with each run of the calibration left out; `None` if it was interrupted.
pub fn spread(ground: &Ground<'_>, calibration: &Calibration, watcher: &dyn Watcher) -> Option<Vec<Groups>> {
    let runs = calibration.runs();
    // The same histories for all: as many in sum as there are replications.
    let replications = ground.scenario.run.replications.div_ceil(runs.max(1) as u32).max(FEWEST);
    let healths: Vec<Health> = (0..runs)
        .into_par_iter()
        .map(|run| Health::new(ground.scenario, ground.model, Arc::new(calibration.losses(Some(run)))))
        .collect();
    let tasks: Vec<(usize, u32)> = (0..runs).flat_map(|run| (0..replications).map(move |index| (run, index))).collect();
    let done: Vec<Option<Replication>> = tasks
        .par_iter()
        .with_max_len(1)
        .map(|&(run, index)| {
            (!watcher.stopped()).then(|| replicate(&Ground { health: &healths[run], ..*ground }, index))
        })
        .collect();
    let mut groups: Vec<Groups> = (0..runs).map(|_| Groups::default()).collect();
    for ((run, _), replication) in tasks.into_iter().zip(done) {
        groups[run].take(replication?);
    }
    Some(groups)
}

/// Adds the error to all numbers; `others` are the tables with each run left out.
pub fn add(rows: &mut [Row], years: &mut Years, others: &[(Vec<Row>, Years)], confidence: f64) {
    if others.is_empty() {
        return;
    }
    for (at, row) in rows.iter_mut().enumerate() {
        let values = others.iter().map(|(rows, _)| rows[at].estimate.value);
        widen(&mut row.estimate, values, row.subject.unit == Unit::Share, confidence);
    }
    let of_others: Vec<Vec<(Estimate, bool)>> = others
        .iter()
        .map(|(_, years)| years.clone().estimates().into_iter().map(|(e, s)| (e.clone(), s)).collect())
        .collect();
    for (at, (estimate, is_share)) in years.estimates().into_iter().enumerate() {
        widen(estimate, of_others.iter().map(|other| other[at].0.value), is_share, confidence);
    }
}

/// Adds to an interval what differs between the tables.
fn widen(estimate: &mut Estimate, others: impl ExactSizeIterator<Item = Option<f64>>, is_share: bool, confidence: f64) {
    let n = others.len() as f64;
    let values: Vec<f64> = others.flatten().collect();
    let Some(value) = estimate.value.filter(|_| values.len() as f64 == n && n > 1.0) else { return };
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let error = student(n - 1.0, confidence) * libm::sqrt((n - 1.0) / n * squares);
    // What is added up in another order differs by rounding.
    if error <= 1e-9 * value.abs() {
        return;
    }
    // A share near 1 is as good as the rest is small.
    let (below, above) = match is_share && value > 0.5 {
        false => proportional(value, error),
        true => {
            let (below, above) = proportional(1.0 - value, error);
            (above, below)
        }
    };
    let both = |one: f64, other: f64| libm::sqrt(one * one + other * other);
    let most = if is_share { 1.0 } else { f64::INFINITY };
    estimate.low = estimate.low.map(|low| (value - both(value - low, below)).max(0.0).min(value));
    estimate.high = estimate.high.map(|high| (value + both(high - value, above)).min(most).max(value));
    if estimate.state == State::Exact {
        estimate.state = State::Estimate;
    }
}

/// Returns how far an error reaches below and above a value that cannot be negative.
fn proportional(value: f64, error: f64) -> (f64, f64) {
    if value <= 0.0 {
        return (error, error);
    }
    let reach = (error / value).min(LARGEST);
    (-value * libm::expm1(-reach), value * libm::expm1(reach))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_jackknife_of_a_mean_is_students_t() {
        // Numbers 1 to 5: leaving one out gives means 3.5, 3.25, 3, 2.75, 2.5; standard error of the mean sqrt(2.5 / 5).
        let others = [3.5, 3.25, 3.0, 2.75, 2.5].map(Some).into_iter();
        let mut estimate = Estimate::symmetric(3.0, 0.0, 20);
        widen(&mut estimate, others.clone(), false, 0.95);
        let error = 2.776_445 * 0.5_f64.sqrt();
        assert!((estimate.high.unwrap() - 3.0 * (error / 3.0).exp()).abs() < 1e-5, "{estimate:?}");
        assert!((estimate.low.unwrap() - 3.0 * (-error / 3.0).exp()).abs() < 1e-5, "{estimate:?}");
        // Together with what chance does.
        let mut both = Estimate::symmetric(3.0, 4.0, 20);
        widen(&mut both, others, false, 0.95);
        assert!(both.high.unwrap() > 7.0 && both.low == Some(0.0), "{both:?}");
    }

    #[test]
    fn shares_stay_shares_and_what_does_not_differ_stays() {
        let mut share = Estimate::between(0.999, 0.9985, 0.9995, 20);
        widen(&mut share, [0.99, 0.9999, 0.999].map(Some).into_iter(), true, 0.95);
        assert!(share.high.unwrap() <= 1.0 && share.low.unwrap() >= 0.0 && share.low.unwrap() < 0.99, "{share:?}");
        let mut same = Estimate::exact(4.0);
        widen(&mut same, [4.0, 4.0].map(Some).into_iter(), false, 0.95);
        assert_eq!(same, Estimate::exact(4.0));
        let mut none = Estimate::null("why");
        widen(&mut none, [None, Some(1.0)].into_iter(), false, 0.95);
        assert_eq!(none, Estimate::null("why"));
    }
}
