//! Differences of two designs, pair by pair, and what they mean.

use serde::Serialize;

use super::measures::{Measure, Values};
use crate::catalogue::{Good, Metric, Subject};
use crate::engine::stats::{self, Estimate, State};

/// A measure of one design against the first one's.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// Which design, from 1: the first has number 0.
    pub design: usize,
    /// What is compared.
    #[serde(flatten)]
    pub subject: Subject,
    /// The first design's number.
    pub first: Estimate,
    /// This design's.
    pub other: Estimate,
    /// This design's minus the first one's, pair by pair.
    pub difference: Estimate,
    /// Probability of such a difference by chance alone, as one of many (Holm); `None` where there is no chance.
    pub p_value: Option<f64>,
    /// What that means.
    pub change: Change,
    /// Which direction is good.
    #[serde(skip)]
    pub good: Good,
}

/// What a difference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Better than the first design, beyond chance.
    Better,
    /// Worse, beyond chance.
    Worse,
    /// Different, and neither is better as such.
    Different,
    /// The same in every replication.
    Same,
    /// No difference that chance alone would not make.
    NotSeen,
    /// One of the designs has no such number.
    NotMeasured,
}

fn estimate(values: &Values, confidence: f64) -> Estimate {
    match values {
        Values::Each(values) => stats::mean(values, confidence),
        Values::Within(values, most) => stats::anchored::within(values, *most, confidence),
        Values::Guarded(values, range, guard) => {
            guard.mean(values, *range, confidence, |values| stats::mean(values, confidence))
        }
        Values::Open(values, deadline) => open(values, *deadline, confidence),
        Values::Never(mean) => mean.clone(),
        Values::Exact(value) => Estimate::exact(*value),
        Values::Missing(why) => Estimate::null(why.clone()),
    }
}

pub(super) fn difference(design: usize, first: &Measure, other: Option<&Measure>, confidence: f64) -> Difference {
    let none = Values::Missing("this design has no such measure".to_owned());
    let theirs = other.map_or(&none, |other| &other.values);
    // A mean per incident of fewer, longer incidents is no better or worse than one of more, shorter ones: the run's total is.
    let alike = other.is_none_or(|other| other.incidents == first.incidents);
    let good = if alike { first.good } else { Good::Neither };
    let (difference, p_value, change) = match (theirs, &first.values) {
        (Values::Each(a), Values::Each(b)) => {
            let change = if a == b { Change::Same } else { Change::NotSeen };
            let p_value = (change != Change::Same).then(|| stats::paired_p_value(a, b));
            (stats::paired_difference(a, b, confidence), p_value, change)
        }
        (Values::Within(a, most_a), Values::Within(b, most_b)) => {
            let (difference, p_value) = stats::anchored::paired(a, b, (*most_a, *most_b), confidence);
            (difference, Some(p_value), Change::NotSeen)
        }
        (Values::Guarded(a, in_a, guard_a), Values::Guarded(b, in_b, guard_b)) => {
            let range = (in_a.0 - in_b.1, in_a.1 - in_b.0);
            let (found, p_value) = guard_a.and(guard_b).paired(a, b, range, confidence);
            // Incidents come of strikes alone, all of which are counted.
            let counts = first.subject.metric == Metric::ReplicationIncidents;
            let found = if a == b && !counts { no_narrower(found, a.len(), range, confidence) } else { found };
            (found, Some(p_value), Change::NotSeen)
        }
        // Only one of the designs may have what is rare.
        (Values::Within(a, most), Values::Each(b)) | (Values::Each(a), Values::Within(b, most)) => {
            let most = reaching(reaching((0.0, *most), a), b).1;
            let (difference, p_value) = stats::anchored::paired(a, b, (most, most), confidence);
            (difference, Some(p_value), Change::NotSeen)
        }
        (Values::Guarded(a, range, guard), Values::Each(b)) | (Values::Each(a), Values::Guarded(b, range, guard)) => {
            let (least, most) = reaching(reaching(*range, a), b);
            let (found, p_value) = guard.paired(a, b, (least - most, most - least), confidence);
            (found, Some(p_value), Change::NotSeen)
        }
        (Values::Open(..) | Values::Each(_), Values::Open(..) | Values::Each(_)) => {
            let (found, p_value) = open_difference(theirs, &first.values, confidence);
            (found, p_value, Change::NotSeen)
        }
        (Values::Exact(a), Values::Exact(b)) => {
            let change = if a == b { Change::Same } else { direction(good, a - b) };
            (Estimate::exact(a - b), None, change)
        }
        (Values::Never(_), Values::Never(_) | Values::Within(..)) | (Values::Within(..), Values::Never(_)) => {
            (apart(&estimate(theirs, confidence), &estimate(&first.values, confidence)), None, Change::NotSeen)
        }
        (Values::Missing(why), _) | (_, Values::Missing(why)) => {
            (Estimate::null(why.clone()), None, Change::NotMeasured)
        }
        _ => (Estimate::null("exact in one design and estimated in the other"), None, Change::NotMeasured),
    };
    Difference {
        design,
        subject: first.subject.clone(),
        first: estimate(&first.values, confidence),
        other: estimate(theirs, confidence),
        difference,
        p_value,
        change,
        good,
    }
}

/// Differences that are all 0, with random faults about: as many replications as would not have been missed may differ, as far as they
/// can.
fn no_narrower(found: Estimate, n: usize, (least, most): (f64, f64), confidence: f64) -> Estimate {
    if n < 2 {
        return found;
    }
    let differ = 1.0 - libm::pow(1.0 - confidence, 1.0 / n as f64);
    let low = found.low.map(|low| low.min(differ * least)).filter(|low| low.is_finite());
    let high = found.high.map(|high| high.max(differ * most)).filter(|high| high.is_finite());
    let reason = found.reason.or_else(|| Some(format!("alike in all {n} replications")));
    Estimate { low, high, state: State::Bound, reason, ..found }
}

/// A range that holds these values too.
fn reaching((least, most): (f64, f64), values: &[f64]) -> (f64, f64) {
    values.iter().fold((least, most), |(least, most), &value| (least.min(value), most.max(value)))
}

/// The difference of two means that no replication has both of.
fn apart(a: &Estimate, b: &Estimate) -> Estimate {
    let less = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a - b);
    let reason = a.reason.clone().or_else(|| b.reason.clone());
    let (low, high) = (less(a.low, b.high), less(a.high, b.low));
    Estimate { value: None, low, high, n: 0, state: State::Bound, reason }
}

/// A quantile that lies among what failed in some replications, or in all.
fn open(values: &[f64], deadline: f64, confidence: f64) -> Estimate {
    let beyond = values.iter().filter(|value| value.is_infinite()).count();
    let n = values.len() as u64;
    let why = format!("beyond the deadline in {beyond} of {n} replications");
    if beyond == values.len() {
        return Estimate::beyond_all(deadline, n, why);
    }
    let capped: Vec<f64> = values.iter().map(|value| value.min(deadline)).collect();
    Estimate::beyond(stats::mean(&capped, confidence).low.unwrap_or(0.0).max(0.0), n, why)
}

/// The difference of quantiles that lie beyond the deadline in some replications: it is known no closer than that there. Where both do
/// nothing is known, and by how much one does that the other does not, no more than at least.
fn open_difference(a: &Values, b: &Values, confidence: f64) -> (Estimate, Option<f64>) {
    let parts = |values: &Values| match values {
        Values::Open(each, deadline) => (each.clone(), each.iter().map(|value| value.min(*deadline)).collect()),
        Values::Each(each) => (each.clone(), each.clone()),
        _ => (Vec::new(), Vec::new()),
    };
    let ((a, capped_a), (b, capped_b)): ((_, Vec<f64>), (_, Vec<f64>)) = (parts(a), parts(b));
    let beyond = |values: &[f64]| values.iter().filter(|value| value.is_infinite()).count();
    let (in_a, in_b, n) = (beyond(&a), beyond(&b), a.len());
    let both = a.iter().zip(&b).filter(|(a, b)| a.is_infinite() && b.is_infinite()).count();
    let why = format!("beyond the deadline in {in_b} of {n} replications of the first design, in {in_a} of this one");
    if both == n {
        return (Estimate::null("both lie beyond the deadline: no difference can be told"), None);
    }
    let found = stats::paired_difference(&capped_a, &capped_b, confidence);
    let p_value = stats::paired_p_value(&capped_a, &capped_b);
    // What is beyond may be so by any amount: to that side there is no end.
    let (low, high) = (found.low.filter(|_| in_b == 0), found.high.filter(|_| in_a == 0));
    let is_certain = in_a == 0 || in_b == 0;
    let p_value = if is_certain { p_value } else { 1.0 };
    (Estimate { value: None, low, high, n: n as u64, state: State::Bound, reason: Some(why) }, Some(p_value))
}

pub(super) fn only_here(design: usize, other: &Measure, confidence: f64) -> Difference {
    let why = "the first design has no such measure";
    Difference {
        design,
        subject: other.subject.clone(),
        first: Estimate::null(why),
        other: estimate(&other.values, confidence),
        difference: Estimate::null(why),
        p_value: None,
        change: Change::NotMeasured,
        good: other.good,
    }
}

fn direction(good: Good, difference: f64) -> Change {
    match good {
        Good::Neither => Change::Different,
        Good::Less if difference < 0.0 => Change::Better,
        Good::More if difference > 0.0 => Change::Better,
        Good::Less | Good::More => Change::Worse,
    }
}

/// Adjusts the p-values for their number, and says which differences are beyond chance.
pub(super) fn judge(differences: &mut [Difference], alpha: f64) {
    let p_values: Vec<f64> = differences.iter().filter_map(|one| one.p_value).collect();
    let adjusted = stats::holm(&p_values);
    for (one, adjusted) in differences.iter_mut().filter(|one| one.p_value.is_some()).zip(adjusted) {
        one.p_value = Some(adjusted);
        if adjusted <= alpha {
            let up = || one.difference.low.unwrap_or(f64::NEG_INFINITY) > 0.0;
            let sign = one.difference.value.unwrap_or_else(|| if up() { 1.0 } else { -1.0 });
            one.change = direction(one.good, sign);
        }
    }
}
