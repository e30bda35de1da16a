//! What each fault takes from each contract, minute by minute.
//!
//! # Model
//! An incident makes requests (or attempts) of a meter's minute fail that its twin serves. They are noted once it is known that
//! they lie in its band, and weighed when the whole minute is closed, which is later:
//!
//! - A bad minute counts for a fault if it would be good without that fault's failures, or if they alone would make it bad. One
//!   that would be bad without any fault counts for none. All incidents of a fault in a minute are weighed together: it counts
//!   once.
//! - Failed requests and error shares are sums: a fault takes those that it made.
//!
//! So a fault takes the sum over its incidents, and never more than the whole run loses.

use std::collections::BTreeMap;
use std::ops::Range;

/// Failures of one meter in one minute that a fault made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Noted {
    meter: u32,
    fault: u32,
    /// Requests (or attempts) more than there would be: only of attempts may there be more.
    all: i64,
    failed: i64,
}

/// What each fault has taken from each meter so far.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// By minute that is not closed yet.
    pending: BTreeMap<u64, Vec<Noted>>,
    /// By meter and fault: bad minutes, failed requests, or sums of error shares.
    sums: BTreeMap<(u32, u32), f64>,
    /// Failures of the interval under way, by meter and fault.
    interval: BTreeMap<(u32, u32), i64>,
}

/// What the meters ask of a minute: (all, failed) requests, and whether so many make it bad.
pub(super) type IsBad<'a> = &'a dyn Fn(i64, i64) -> bool;

/// The failures that faults made in one minute, meter by meter.
#[derive(Debug, Default)]
pub(super) struct OfMinute {
    noted: Vec<Noted>,
    at: usize,
}

impl OfMinute {
    /// Returns those of a meter; meters are asked for in their order.
    fn of(&mut self, meter: usize) -> &[Noted] {
        let first = self.at;
        while self.noted.get(self.at).is_some_and(|noted| noted.meter as usize == meter) {
            self.at += 1;
        }
        &self.noted[first..self.at]
    }
}

impl Taken {
    /// Notes that a fault made so many fail, of so many more than there would be.
    pub fn note(&mut self, minute: u64, meter: usize, fault: usize, (all, failed): (i64, i64)) {
        let noted = Noted { meter: meter as u32, fault: fault as u32, all, failed };
        self.pending.entry(minute).or_default().push(noted);
    }

    /// Returns what was taken from these meters: (meter, fault, how much), in order.
    pub fn of(&self, meters: Range<usize>) -> impl Iterator<Item = (usize, usize, f64)> {
        let range = (meters.start as u32, 0)..(meters.end as u32, 0);
        self.sums.range(range).map(|(&(meter, fault), &sum)| (meter as usize, fault as usize, sum))
    }

    /// A minute is about to be closed: returns what was noted of it.
    pub(super) fn close(&mut self, minute: u64) -> OfMinute {
        let mut noted = self.pending.remove(&minute).unwrap_or_default();
        noted.sort_unstable();
        // One line per meter and fault, however many incidents and workflows it comes from.
        noted.dedup_by(|next, sum| {
            let same = (next.meter, next.fault) == (sum.meter, sum.fault);
            if same {
                sum.all += next.all;
                sum.failed += next.failed;
            }
            same
        });
        OfMinute { noted, at: 0 }
    }

    fn add(&mut self, noted: &Noted, amount: f64) {
        *self.sums.entry((noted.meter, noted.fault)).or_default() += amount;
    }

    /// Weighs a meter's bad minute, which had so many requests and failures.
    pub(super) fn bad_minute(
        &mut self,
        minute: &mut OfMinute,
        meter: usize,
        (all, failed): (u32, u32),
        is_bad: IsBad<'_>,
    ) {
        let mine = minute.of(meter);
        if mine.is_empty() || !is_bad(i64::from(all), i64::from(failed)) {
            return;
        }
        let (all, failed) = (i64::from(all), i64::from(failed));
        let (more, made) = mine.iter().fold((0, 0), |sum, one| (sum.0 + one.all, sum.1 + one.failed));
        let (calm_all, calm_failed) = (all - more, failed - made);
        if is_bad(calm_all, calm_failed) {
            return;
        }
        for one in mine {
            let needed = !is_bad(all - one.all, failed - one.failed);
            if needed || is_bad(calm_all + one.all, calm_failed + one.failed) {
                self.add(one, 1.0);
            }
        }
    }

    /// Adds the failures of a meter's minute.
    pub(super) fn failures(&mut self, minute: &mut OfMinute, meter: usize) {
        for one in minute.of(meter) {
            self.add(one, one.failed as f64);
        }
    }

    /// Adds the failures of a meter's minute to those of its interval.
    pub(super) fn of_interval(&mut self, minute: &mut OfMinute, meter: usize) {
        for one in minute.of(meter) {
            *self.interval.entry((one.meter, one.fault)).or_default() += one.failed;
        }
    }

    /// A meter's interval is over, which had so many requests and weighs so many minutes.
    pub(super) fn close_interval(&mut self, meter: usize, all: u32, minutes: f64) {
        if self.interval.is_empty() {
            return;
        }
        let meter = meter as u32;
        let keys: Vec<(u32, u32)> = self.interval.range((meter, 0)..=(meter, u32::MAX)).map(|(key, _)| *key).collect();
        for key in keys {
            let failed = self.interval.remove(&key).unwrap_or(0);
            let noted = Noted { meter, fault: key.1, all: 0, failed };
            self.add(&noted, minutes * failed as f64 / f64::from(all.max(1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A minute of 100 requests of meter 1, bad from 5 failures on: what the faults 0, 1, .. take that made so many of them.
    fn shares(failed: u32, made: &[(usize, i64)]) -> Vec<f64> {
        let mut taken = Taken::default();
        for &(fault, failed) in made {
            taken.note(7, 1, fault, (0, failed));
        }
        let mut minute = taken.close(7);
        taken.bad_minute(&mut minute, 1, (100, failed), &|all, failed| 20 * failed >= all);
        (0..3).map(|fault| taken.sums.get(&(1, fault)).copied().unwrap_or(0.0)).collect()
    }

    #[test]
    fn a_bad_minute_counts_for_what_made_it_bad() {
        assert_eq!(shares(50, &[(0, 50)]), [1.0, 0.0, 0.0]);
        assert_eq!(shares(4, &[(0, 4)]), [0.0; 3], "it is good");
        assert_eq!(shares(60, &[(0, 50)]), [0.0; 3], "bad anyway");
        assert_eq!(shares(8, &[(0, 4), (1, 4)]), [1.0, 1.0, 0.0], "good without either");
        assert_eq!(shares(54, &[(0, 50), (1, 4)]), [1.0, 0.0, 0.0]);
        assert_eq!(shares(90, &[(0, 50), (1, 40)]), [1.0, 1.0, 0.0], "each alone makes it bad");
        assert_eq!(shares(6, &[(2, 3), (2, 3)]), [0.0, 0.0, 1.0], "two incidents of one fault, one minute");
    }

    #[test]
    fn error_shares_are_sums_over_intervals() {
        let mut taken = Taken::default();
        taken.note(0, 2, 0, (0, 30));
        taken.note(1, 2, 0, (0, 10));
        for minute in 0..2 {
            let mut noted = taken.close(minute);
            taken.of_interval(&mut noted, 2);
        }
        taken.close_interval(2, 200, 5.0);
        assert_eq!(taken.of(0..3).collect::<Vec<_>>(), [(2, 0, 1.0)]);
        assert_eq!(taken.of(0..2).count(), 0);
    }
}
