//! Accounts: the minutes of a tenancy in which requests failed, gathered from stretches of time.

use crate::units::{MINUTE, Nanos, seconds};

/// Minutes with the same failed share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alike {
    /// Mean failed share of the minute.
    pub share: f64,
    /// How many.
    pub minutes: u32,
    /// Share of each minute that was looked at: 1 but for the edges of an incident.
    pub covered: f64,
}

/// The account of a tenancy: minutes that differ from health, in order of time.
#[derive(Debug, Clone)]
pub struct Account {
    /// Whole minutes so far.
    pub minutes: Vec<Alike>,
    /// The minute that is open; `u64::MAX` if none is.
    open: u64,
    /// Seconds of it that stretches cover, and failed share times seconds.
    covered: f64,
    failed: f64,
    /// Failed share of what no stretch covers; `None`: it is left out, and the minute is shorter.
    base: Option<f64>,
}

impl Account {
    /// Returns an empty account of whole minutes; `base` is the failed share of what no stretch covers.
    pub fn new(base: f64) -> Account {
        Account { minutes: Vec::new(), open: u64::MAX, covered: 0.0, failed: 0.0, base: Some(base) }
    }

    /// Returns an empty account of the parts of minutes that stretches cover.
    pub fn of_parts() -> Account {
        Account { base: None, ..Account::new(0.0) }
    }

    /// Returns whether nothing was added since it was taken last.
    pub fn is_empty(&self) -> bool {
        self.minutes.is_empty() && self.open == u64::MAX
    }

    /// Adds a stretch; stretches come in order of time.
    pub fn add(&mut self, mut from: Nanos, to: Nanos, share: f64) {
        while from < to {
            let minute = from / MINUTE;
            if self.open != minute {
                self.close();
            }
            let whole = (to - from) / MINUTE;
            if from.is_multiple_of(MINUTE) && whole > 0 {
                self.push(share, whole as u32, 1.0);
                from += whole * MINUTE;
                continue;
            }
            let end = to.min((minute + 1) * MINUTE);
            self.open = minute;
            self.covered += seconds(end - from);
            self.failed += share * seconds(end - from);
            from = end;
        }
    }

    /// Closes the open minute: what no stretch covers of it was as in health.
    pub fn close(&mut self) {
        if self.open != u64::MAX {
            let (failed, covered) = (self.failed, self.covered);
            self.open = u64::MAX;
            (self.covered, self.failed) = (0.0, 0.0);
            match self.base {
                Some(base) => self.push((failed + base * (60.0 - covered).max(0.0)) / 60.0, 1, 1.0),
                None if covered > 0.0 => self.push(failed / covered, 1, (covered / 60.0).min(1.0)),
                None => {}
            }
        }
    }

    fn push(&mut self, share: f64, minutes: u32, covered: f64) {
        match self.minutes.last_mut() {
            Some(last) if last.share == share && last.covered == covered => last.minutes += minutes,
            _ => self.minutes.push(Alike { share, minutes, covered }),
        }
    }

    /// Closes the open minute and empties the account.
    pub fn clear(&mut self) {
        self.open = u64::MAX;
        (self.covered, self.failed) = (0.0, 0.0);
        self.minutes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    #[test]
    fn stretches_become_minutes() {
        let mut account = Account::new(0.0);
        account.add(30 * SECOND, 45 * SECOND, 1.0);
        account.add(45 * SECOND, 250 * SECOND, 0.5);
        account.close();
        let expected = [
            Alike { share: (15.0 + 7.5) / 60.0, minutes: 1, covered: 1.0 },
            Alike { share: 0.5, minutes: 3, covered: 1.0 },
            Alike { share: 5.0 / 60.0, minutes: 1, covered: 1.0 },
        ];
        assert_eq!(account.minutes, expected);
    }

    #[test]
    fn edges_are_parts_of_minutes() {
        let mut account = Account::of_parts();
        account.add(45 * SECOND, 120 * SECOND, 0.5);
        account.close();
        let expected =
            [Alike { share: 0.5, minutes: 1, covered: 0.25 }, Alike { share: 0.5, minutes: 1, covered: 1.0 }];
        assert_eq!(account.minutes, expected);
    }

    #[test]
    fn the_rest_of_a_minute_is_as_in_health() {
        let mut account = Account::new(0.01);
        account.add(0, 30 * SECOND, 1.0);
        account.close();
        assert!((account.minutes[0].share - 0.505).abs() < 1e-12);
        account.clear();
        assert!(account.is_empty());
    }
}
