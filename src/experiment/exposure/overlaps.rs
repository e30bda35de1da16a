//! Which faults may strike while others last, by their clocks alone.

use crate::scenario::fault::{Fault, Schedule};
use crate::units::Nanos;

/// Which faults may strike at the same time.
pub(crate) struct Overlaps {
    /// By fault: when its strikes last, if that is known.
    spans: Vec<Option<Vec<(Nanos, Nanos)>>>,
    /// Faults by the start of their first strike, with that and the end of their last; those that strike at any time are apart.
    in_order: Vec<(Nanos, Nanos, usize)>,
    /// The latest end of all up to each place of `in_order`.
    latest: Vec<Nanos>,
    any_time: Vec<usize>,
}

impl Overlaps {
    /// Looks at the clocks of some faults.
    pub(crate) fn of(faults: &[&Fault], horizon: Nanos) -> Overlaps {
        Overlaps::by_spans(faults.iter().map(|fault| spans(fault, horizon)).collect())
    }

    fn by_spans(spans: Vec<Option<Vec<(Nanos, Nanos)>>>) -> Overlaps {
        let (mut in_order, mut any_time) = (Vec::new(), Vec::new());
        for (index, spans) in spans.iter().enumerate() {
            match spans {
                None => any_time.push(index),
                Some(spans) => {
                    let last = spans.iter().map(|span| span.1).max();
                    in_order.extend(spans.first().zip(last).map(|(first, last)| (first.0, last, index)));
                }
            }
        }
        in_order.sort_unstable();
        let mut end = 0;
        let latest = in_order
            .iter()
            .map(|one| {
                end = end.max(one.1);
                end
            })
            .collect();
        Overlaps { spans, in_order, latest, any_time }
    }

    /// Returns whether a fault may strike at any time: then it may meet every other one.
    pub(crate) fn is_at_any_time(&self, fault: usize) -> bool {
        self.spans[fault].is_none()
    }

    /// Returns the faults whose strikes may last while one of this fault does, in order.
    pub(crate) fn with(&self, fault: usize) -> Vec<usize> {
        let Some(mine) = &self.spans[fault] else { return (0..self.spans.len()).collect() };
        let mut with = self.any_time.clone();
        if let (Some(first), Some(last)) = (mine.first(), mine.iter().map(|span| span.1).max()) {
            // Nobody before this place lasts until the first strike, nobody after the other begins before the last is over.
            let from = self.latest.partition_point(|&end| end < first.0);
            let near = self.in_order[from..].iter().take_while(|other| other.0 <= last);
            let meets = |other: &usize| {
                let theirs = self.spans[*other].as_deref().unwrap_or_default();
                overlap(mine, theirs, fault == *other)
            };
            with.extend(near.map(|other| other.2).filter(meets));
        }
        with.sort_unstable();
        with
    }
}

/// Whether strikes of two faults (or two strikes of one) may last at the same time.
fn overlap(one: &[(Nanos, Nanos)], other: &[(Nanos, Nanos)], same: bool) -> bool {
    // In order of their starts: the first of the other's that ends late enough decides.
    one.iter().enumerate().any(|(i, a)| {
        let first = other.partition_point(|b| b.1 < a.0);
        other.iter().enumerate().skip(first).take_while(|(_, b)| b.0 <= a.1).any(|(j, _)| !(same && i == j))
    })
}

/// When strikes last, if that is known, in order of their starts; each with all that its onset may be shifted by.
fn spans(fault: &Fault, horizon: Nanos) -> Option<Vec<(Nanos, Nanos)>> {
    match &fault.schedule {
        Schedule::Scripted { at, spread, lasts, every } => {
            let times = every.map_or(1, |every| horizon.saturating_sub(at - spread).div_ceil(every));
            let start = |serial: u64| at - spread + serial * every.unwrap_or(0);
            // Strikes of one fault are all shifted alike.
            Some((0..times).map(|serial| (start(serial), start(serial) + 2 * spread + lasts)).collect())
        }
        Schedule::Trace(recorded) => Some(recorded.incidents.iter().map(|one| (one.start, one.end)).collect()),
        Schedule::Random { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_meets_whom_is_found_without_asking_everybody() {
        let spans: Vec<Option<Vec<(Nanos, Nanos)>>> = (0..400_u64)
            .map(|i| match i % 7 {
                0 => None,
                // Some last long, some come again and again.
                1 => Some((0..i % 5).map(|k| (k * 900 + i, k * 900 + i + 10 * (i % 13))).collect()),
                _ => Some(vec![(i * 37 % 2_000, i * 37 % 2_000 + i % 40)]),
            })
            .collect();
        let overlaps = Overlaps::by_spans(spans.clone());
        for (at, one) in spans.iter().enumerate() {
            let meets = |other: &usize| match (one, &spans[*other]) {
                (Some(one), Some(theirs)) => overlap(one, theirs, at == *other),
                _ => true,
            };
            assert_eq!(overlaps.with(at), (0..spans.len()).filter(meets).collect::<Vec<_>>(), "{at}");
        }
    }
}
