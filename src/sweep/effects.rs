//! Which lever moves what: neighbouring values of a lever, the others as in the reference point.
//!
//! Points meet the same histories, and their intervals are taken as if they did not: the difference lies between the least of one
//! minus the most of the other and the reverse, whatever they have in common. A difference that is seen so is there; one that is not
//! seen may still be.

use super::entry::{Entry, Measure, Tables};
use crate::engine::stats::{Estimate, State};
use crate::scenario::space::Space;

/// What a step of a lever does to a measure.
#[derive(Debug, Clone)]
pub struct Effect {
    /// The lever (an index).
    pub lever: usize,
    /// From one of its values to another (numbers of choices; none: as the scenario says).
    pub values: (Option<usize>, Option<usize>),
    /// The points that show it (indices).
    pub points: (usize, usize),
    /// In the table of which file of the study.
    pub file: usize,
    /// Identifier of the measure.
    pub id: String,
    /// The measure before and after.
    pub estimates: (Estimate, Estimate),
    /// After minus before.
    pub difference: Estimate,
    /// What that means.
    pub change: Change,
}

/// What a difference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The number and its interval are the same.
    Same,
    /// It is higher, beyond both intervals.
    Higher,
    /// It is lower.
    Lower,
    /// The intervals have numbers in common.
    NotSeen,
    /// One of the points has no such number.
    NotMeasured,
}

impl Change {
    /// Returns its word.
    pub fn text(self) -> &'static str {
        match self {
            Change::Same => "the same",
            Change::Higher => "higher",
            Change::Lower => "lower",
            Change::NotSeen => "not significant",
            Change::NotMeasured => "not measured",
        }
    }

    /// Returns whether there is a difference.
    pub fn is_seen(self) -> bool {
        matches!(self, Change::Higher | Change::Lower)
    }
}

/// Returns the points that differ from the reference in one lever alone, in the order of its values: (choice, point).
pub fn row(points: &[Entry], reference: usize, lever: usize) -> Vec<(Option<usize>, usize)> {
    let base = &points[reference].tried.point.choices;
    let alike = |entry: &Entry| {
        let pairs = base.iter().zip(&entry.tried.point.choices).enumerate();
        pairs.filter(|(other, _)| *other != lever).all(|(_, (one, other))| one == other)
    };
    let found = points.iter().enumerate().filter(|(_, entry)| entry.found().is_some() && alike(entry));
    let mut row: Vec<(Option<usize>, usize)> =
        found.map(|(at, entry)| (entry.tried.point.choices[lever], at)).collect();
    row.sort_by_key(|(choice, _)| *choice);
    row
}

/// What a lever does to a measure from its first value to its last: the points, and what that means. Between the ends there may be a
/// hump: a step that is seen counts as well.
pub fn ends(
    tables: &Tables<'_>,
    (points, reference): (&[Entry], usize),
    lever: usize,
    measure: &Measure,
) -> Option<(usize, usize, Change)> {
    let row = row(points, reference, lever);
    let (first, last) = (row.first()?.1, row.last().filter(|_| row.len() > 1)?.1);
    let change = |a: usize, b: usize| match (tables.estimate(a, measure), tables.estimate(b, measure)) {
        (Some(one), Some(other)) => difference(&one, &other).1,
        _ => Change::NotMeasured,
    };
    let steps: Vec<Change> = row.windows(2).map(|pair| change(pair[0].1, pair[1].1)).collect();
    let whole = change(first, last);
    let told = match whole {
        Change::Higher | Change::Lower | Change::NotMeasured => whole,
        _ => steps.iter().copied().find(|step| step.is_seen()).unwrap_or(whole),
    };
    let all_same = steps.iter().all(|step| *step == Change::Same);
    Some((first, last, if told == Change::Same && !all_same { Change::NotSeen } else { told }))
}

/// Lists the effects of all levers on all measures of summary.csv.
pub fn effects(space: &Space, points: &[Entry], reference: usize) -> Vec<Effect> {
    let tables = Tables::of(points);
    let mut effects = Vec::new();
    for lever in 0..space.levers.len() {
        let row = row(points, reference, lever);
        for pair in row.windows(2) {
            let [(from, before), (to, after)] = [pair[0], pair[1]];
            for file in 0..space.scenarios.len() {
                let (Some(one), Some(other)) = (tables.get(before, file), tables.get(after, file)) else { continue };
                let added = other.ids().filter(|id| one.cell(id, "id").is_none());
                for id in one.ids().chain(added) {
                    let none = || Estimate::null("there is no such number");
                    let estimates = (one.estimate(id).unwrap_or_else(none), other.estimate(id).unwrap_or_else(none));
                    let (difference, change) = difference(&estimates.0, &estimates.1);
                    let (values, points, id) = ((from, to), (before, after), id.to_owned());
                    effects.push(Effect { lever, values, points, file, id, estimates, difference, change });
                }
            }
        }
    }
    effects
}

/// Returns the difference of two numbers that may have anything in common, and what it means.
pub fn difference(before: &Estimate, after: &Estimate) -> (Estimate, Change) {
    let is_missing = |one: &Estimate| one.state == State::Null || (one.value, one.low, one.high) == (None, None, None);
    if is_missing(before) || is_missing(after) {
        let reason = [before, after].into_iter().find(|one| is_missing(one)).and_then(|one| one.reason.clone());
        return (Estimate::null(reason.unwrap_or_else(|| "there is no such number".to_owned())), Change::NotMeasured);
    }
    let minus = |a: Option<f64>, b: Option<f64>| Some(a? - b?);
    let exact = before.state == State::Exact && after.state == State::Exact;
    let low = minus(after.low, before.high);
    let high = minus(after.high, before.low);
    let same = (before.value, before.low, before.high, before.n, before.state)
        == (after.value, after.low, after.high, after.n, after.state);
    let change = match (low, high) {
        _ if same => Change::Same,
        (Some(low), _) if low > 0.0 => Change::Higher,
        (_, Some(high)) if high < 0.0 => Change::Lower,
        _ => Change::NotSeen,
    };
    let state = match (exact, low, high) {
        (true, _, _) => State::Exact,
        (false, Some(_), Some(_)) => State::Estimate,
        _ => State::Bound,
    };
    let reason = (!exact).then(|| "not paired: the ends of both intervals".to_owned());
    let value = minus(after.value, before.value);
    (Estimate { value, low, high, n: before.n.min(after.n), state, reason }, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_seen_where_intervals_do_not_meet() {
        let near = |value: f64| Estimate::symmetric(value, 1.0, 10);
        assert_eq!(difference(&near(5.0), &near(8.0)).1, Change::Higher);
        assert_eq!(difference(&near(8.0), &near(5.0)).1, Change::Lower);
        assert_eq!(difference(&near(5.0), &near(6.5)).1, Change::NotSeen);
        assert_eq!(difference(&near(5.0), &near(5.0)).1, Change::Same);
        assert_eq!(difference(&near(5.0), &Estimate::null("none")).1, Change::NotMeasured);
        let (exact, change) = difference(&Estimate::exact(5.0), &Estimate::exact(7.0));
        assert_eq!((exact.value, exact.low, exact.high, change), (Some(2.0), Some(2.0), Some(2.0), Change::Higher));
        // Open to one side.
        let open = Estimate::without_interval(9.0, 3, "one");
        assert_eq!(difference(&near(5.0), &open).1, Change::NotSeen);
    }
}
