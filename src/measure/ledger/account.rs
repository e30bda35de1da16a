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
    /// What some of the customers have instead; `None`: all have the same.
    pub split: Option<Split>,
}

/// Some of the customers, drawn for a whole episode, are worse off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Share of customers.
    pub struck: f64,
    /// Mean failed share of their minute.
    pub share: f64,
    /// Minutes of one episode have the same luck.
    pub episode: u32,
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
    /// The same for struck customers, and the share of customers that are.
    worst: f64,
    struck: f64,
    /// Episodes so far, and where the last stretch with struck customers ended.
    episode: u32,
    until: Nanos,
    /// Failed share of what no stretch covers; `None`: it is left out, and the minute is shorter.
    base: Option<f64>,
}

impl Account {
    /// Returns an empty account of whole minutes; `base` is the failed share of what no stretch covers.
    pub fn new(base: f64) -> Account {
        Account {
            minutes: Vec::new(),
            open: u64::MAX,
            covered: 0.0,
            failed: 0.0,
            worst: 0.0,
            struck: 0.0,
            episode: 0,
            until: 0,
            base: Some(base),
        }
    }

    /// Returns an empty account of the parts of minutes that stretches cover.
    pub fn of_parts() -> Account {
        Account { base: None, ..Account::new(0.0) }
    }

    /// Returns whether nothing was added since it was taken last.
    pub fn is_empty(&self) -> bool {
        self.minutes.is_empty() && self.open == u64::MAX
    }

    /// Adds a stretch; stretches come in order of time. Of the customers, a share `struck` has no request served at all, and
    /// the others fail with `share`.
    pub fn add(&mut self, mut from: Nanos, to: Nanos, share: f64, struck: f64) {
        if struck > 0.0 && from < to {
            // A minute has one luck: what begins in the minute in which another episode ended belongs to that.
            if from > self.until && from / MINUTE != self.open {
                self.close();
                self.episode += 1;
            }
            self.until = to;
        }
        while from < to {
            let minute = from / MINUTE;
            if self.open != minute {
                self.close();
            }
            let whole = (to - from) / MINUTE;
            if from.is_multiple_of(MINUTE) && whole > 0 {
                let split = Split { struck, share: 1.0, episode: self.episode };
                self.push(share, whole as u32, 1.0, split);
                from += whole * MINUTE;
                continue;
            }
            let end = to.min((minute + 1) * MINUTE);
            self.open = minute;
            self.covered += seconds(end - from);
            self.failed += share * seconds(end - from);
            self.worst += if struck > 0.0 { 1.0 } else { share } * seconds(end - from);
            self.struck = self.struck.max(struck);
            from = end;
        }
    }

    /// Closes the open minute: what no stretch covers of it was as in health.
    pub fn close(&mut self) {
        if self.open != u64::MAX {
            let (failed, worst, covered) = (self.failed, self.worst, self.covered);
            let split = |share| Split { struck: self.struck, share, episode: self.episode };
            match self.base {
                Some(base) => {
                    let rest = base * (60.0 - covered).max(0.0);
                    self.push((failed + rest) / 60.0, 1, 1.0, split((worst + rest) / 60.0));
                }
                None if covered > 0.0 => {
                    self.push(failed / covered, 1, (covered / 60.0).min(1.0), split(worst / covered));
                }
                None => {}
            }
            self.forget();
        }
    }

    fn push(&mut self, share: f64, minutes: u32, covered: f64, split: Split) {
        let split = Some(split).filter(|split| split.struck > 0.0);
        match self.minutes.last_mut() {
            Some(last) if last.share == share && last.covered == covered && last.split == split => {
                last.minutes += minutes;
            }
            _ => self.minutes.push(Alike { share, minutes, covered, split }),
        }
    }

    /// Forgets the open minute.
    fn forget(&mut self) {
        self.open = u64::MAX;
        (self.covered, self.failed, self.worst, self.struck) = (0.0, 0.0, 0.0, 0.0);
    }

    /// Empties the account.
    pub fn clear(&mut self) {
        self.forget();
        self.minutes.clear();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::units::SECOND;

    #[test]
    fn stretches_become_minutes() {
        let mut account = Account::new(0.0);
        account.add(30 * SECOND, 45 * SECOND, 1.0, 0.0);
        account.add(45 * SECOND, 250 * SECOND, 0.5, 0.0);
        account.close();
        let expected = [
            Alike { share: (15.0 + 7.5) / 60.0, minutes: 1, covered: 1.0, split: None },
            Alike { share: 0.5, minutes: 3, covered: 1.0, split: None },
            Alike { share: 5.0 / 60.0, minutes: 1, covered: 1.0, split: None },
        ];
        assert_eq!(account.minutes, expected);
    }

    #[test]
    fn edges_are_parts_of_minutes() {
        let mut account = Account::of_parts();
        account.add(45 * SECOND, 120 * SECOND, 0.5, 0.0);
        account.close();
        let expected = [
            Alike { share: 0.5, minutes: 1, covered: 0.25, split: None },
            Alike { share: 0.5, minutes: 1, covered: 1.0, split: None },
        ];
        assert_eq!(account.minutes, expected);
    }

    #[test]
    fn the_rest_of_a_minute_is_as_in_health() {
        let mut account = Account::new(0.01);
        account.add(0, 30 * SECOND, 1.0, 0.0);
        account.close();
        assert!((account.minutes[0].share - 0.505).abs() < 1e-12);
        account.clear();
        assert!(account.is_empty());
    }

    #[test]
    fn some_customers_are_struck_for_a_whole_episode() {
        let mut account = Account::new(0.0);
        account.add(0, 90 * SECOND, 0.1, 0.25);
        account.add(90 * SECOND, 120 * SECOND, 0.1, 0.0);
        account.add(600 * SECOND, 660 * SECOND, 0.0, 0.5);
        account.close();
        let split = |struck, share, episode| Some(Split { struck, share, episode });
        let expected = [
            Alike { share: 0.1, minutes: 1, covered: 1.0, split: split(0.25, 1.0, 0) },
            Alike { share: 0.1, minutes: 1, covered: 1.0, split: split(0.25, (30.0 + 3.0) / 60.0, 0) },
            Alike { share: 0.0, minutes: 1, covered: 1.0, split: split(0.5, 1.0, 1) },
        ];
        assert_eq!(account.minutes.len(), 3);
        for (found, expected) in account.minutes.iter().zip(&expected) {
            assert!((found.share - expected.share).abs() < 1e-12, "{found:?}");
            let (found, expected) = (found.split.unwrap(), expected.split.unwrap());
            assert!((found.share - expected.share).abs() < 1e-12 && found.episode == expected.episode, "{found:?}");
        }
    }
}
