//! Accounts: the minutes of a tenancy in which requests failed, gathered from pieces of time.

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
    /// Level of demand.
    pub level: u16,
}

/// A piece of time, at one level of demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Begins.
    pub from: Nanos,
    /// Ends.
    pub to: Nanos,
    /// Failed share of the requests of customers that are not struck.
    pub failed: f64,
    /// Share of customers that have no request served at all.
    pub struck: f64,
    /// Share of the cache's entries that is gone when it begins and when it ends, if who has none is not served either.
    pub gone: Option<(f64, f64)>,
    /// Level of demand: it changes at whole minutes only.
    pub level: usize,
    /// Failed share of what no piece covers.
    pub base: f64,
}

/// Some of the customers, drawn for a whole episode, are worse off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Share of customers.
    pub struck: f64,
    /// The cache's entries that go: who has none is struck as well.
    pub gone: Option<Gone>,
    /// Mean failed share of the minute of those who are struck all of it.
    pub share: f64,
    /// Minutes of one episode have the same luck.
    pub episode: u32,
}

/// Steps in which the entries of a cache go, at most.
const STEPS: u64 = 32;

impl Piece {
    /// Whether it is the same from its beginning to its end.
    fn is_steady(&self) -> bool {
        self.gone.is_none_or(|(first, last)| first == last)
    }

    /// Returns the entries that go in a part.
    fn gone(&self, from: Nanos, to: Nanos) -> Option<Gone> {
        let (first, last) = self.gone?;
        let at = |at: Nanos| first + (last - first) * seconds(at - self.from) / seconds(self.to - self.from);
        Some(Gone { first: at(from), last: at(to), there: 0.5 })
    }

    /// Returns the share that is gone in the middle of a part, as if it were so in all of it.
    fn mean_gone(&self, from: Nanos, to: Nanos) -> Option<Gone> {
        let middle = |gone: Gone| f64::midpoint(gone.first, gone.last);
        self.gone(from, to).map(|gone| Gone { first: middle(gone), last: middle(gone), ..gone })
    }
}

impl Split {
    /// Returns the shares of customers that are struck as each minute begins and as it ends, of those who have an entry in the
    /// cache in health with this probability.
    pub fn struck_of(&self, held: f64) -> (f64, f64) {
        let with = |gone: f64| 1.0 - (1.0 - self.struck) * held * (1.0 - gone);
        self.gone.map_or((self.struck, self.struck), |gone| (with(gone.first), with(gone.last)))
    }
}

impl Alike {
    /// Returns the mean failed share of the minutes of customers of a luck (a share of customers, and the least share that strikes
    /// them), who have an entry in the cache in health with this probability.
    pub fn share_of(&self, (luck, least): (f64, f64), held: f64) -> f64 {
        let Some(split) = self.split else { return self.share };
        match split.struck_of(held) {
            (first, _) if first >= least => split.share,
            (_, last) if last < least => self.share,
            // Struck somewhere on the way: the later, the more luck they have.
            (first, last) => {
                let part = ((least - luck / 2.0 - first) / (last - first)).clamp(0.0, 1.0);
                let there = split.gone.map_or(0.5, |gone| gone.there);
                split.share + (self.share - split.share) * (2.0 * there * part).min(1.0)
            }
        }
    }
}

/// The entries of a cache that go in a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gone {
    /// Share that is gone as it begins.
    pub first: f64,
    /// And as it ends.
    pub last: f64,
    /// The part of the minute for which those that go in between are there, in the mean.
    pub there: f64,
}

/// The account of a tenancy: minutes that differ from health, in order of time.
#[derive(Debug, Clone)]
pub struct Account {
    /// Whole minutes so far.
    pub minutes: Vec<Alike>,
    /// The minute that is open; `u64::MAX` if none is.
    open: u64,
    /// Seconds of it that pieces cover, and failed share times seconds.
    covered: f64,
    failed: f64,
    /// The same for struck customers, the share of customers that are, and the entries that go: with the seconds of it for which they
    /// do, and the share that is gone times seconds.
    worst: f64,
    struck: f64,
    gone: Option<(Gone, f64, f64)>,
    /// Episodes so far, and where the last piece with struck customers ended.
    episode: u32,
    until: Nanos,
    /// Level of demand in the open minute, and failed share of what no piece covers of it.
    level: u16,
    base: f64,
    /// What no piece covers is left out, and the minute is shorter.
    of_parts: bool,
}

impl Account {
    /// Returns an empty account of whole minutes.
    pub fn of_minutes() -> Account {
        Account {
            minutes: Vec::new(),
            open: u64::MAX,
            covered: 0.0,
            failed: 0.0,
            worst: 0.0,
            struck: 0.0,
            gone: None,
            episode: 0,
            until: 0,
            level: 0,
            base: 0.0,
            of_parts: false,
        }
    }

    /// Returns an empty account of the parts of minutes that stretches cover.
    pub fn of_parts() -> Account {
        Account { of_parts: true, ..Account::of_minutes() }
    }

    /// Returns whether nothing was added since it was taken last.
    pub fn is_empty(&self) -> bool {
        self.minutes.is_empty() && self.open == u64::MAX
    }

    /// Adds a piece; pieces come in order of time.
    pub fn add(&mut self, piece: Piece) {
        let Piece { mut from, to, failed, struck, .. } = piece;
        let parts = struck > 0.0 || piece.gone.is_some();
        if parts && from < to {
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
                (self.level, self.base) = (piece.level as u16, piece.base);
            }
            let whole = (to - from) / MINUTE;
            if from.is_multiple_of(MINUTE) && whole > 0 {
                // Entries that go do so minute by minute, over long times by some of them.
                let at_once = if piece.is_steady() { whole } else { (piece.to - piece.from).div_ceil(STEPS * MINUTE) };
                let at_once = at_once.min(whole);
                let next = from + at_once * MINUTE;
                let gone = if at_once > 1 { piece.mean_gone(from, next) } else { piece.gone(from, next) };
                self.push(failed, at_once as u32, 1.0, Split { struck, gone, share: 1.0, episode: self.episode });
                from = next;
                continue;
            }
            let end = to.min((minute + 1) * MINUTE);
            self.open = minute;
            self.covered += seconds(end - from);
            self.failed += failed * seconds(end - from);
            self.worst += if parts { 1.0 } else { failed } * seconds(end - from);
            self.struck = self.struck.max(struck);
            if let Some(Gone { first, last, .. }) = piece.gone(from, end) {
                let (before, lasted, area) =
                    self.gone.map_or((first, 0.0, 0.0), |(gone, lasted, area)| (gone.first, lasted, area));
                let (lasted, area) =
                    (lasted + seconds(end - from), area + f64::midpoint(first, last) * seconds(end - from));
                let there = if last > before { (last - area / lasted) / (last - before) } else { 0.5 };
                self.gone = Some((Gone { first: before, last, there }, lasted, area));
            }
            from = end;
        }
    }

    /// Closes the open minute: what no piece covers of it was as in health.
    pub fn close(&mut self) {
        if self.open != u64::MAX {
            let (failed, worst, covered) = (self.failed, self.worst, self.covered);
            let split =
                |share| Split { struck: self.struck, gone: self.gone.map(|gone| gone.0), share, episode: self.episode };
            if !self.of_parts {
                let rest = self.base * (60.0 - covered).max(0.0);
                self.push((failed + rest) / 60.0, 1, 1.0, split((worst + rest) / 60.0));
            } else if covered > 0.0 {
                self.push(failed / covered, 1, (covered / 60.0).min(1.0), split(worst / covered));
            }
            self.forget();
        }
    }

    fn push(&mut self, share: f64, minutes: u32, covered: f64, split: Split) {
        let split = Some(split).filter(|split| split.struck > 0.0 || split.gone.is_some());
        let level = self.level;
        match self.minutes.last_mut() {
            Some(last) if (last.share, last.covered, last.level) == (share, covered, level) && last.split == split => {
                last.minutes += minutes;
            }
            _ => self.minutes.push(Alike { share, minutes, covered, split, level }),
        }
    }

    /// Forgets the open minute.
    fn forget(&mut self) {
        self.open = u64::MAX;
        (self.covered, self.failed, self.worst, self.struck) = (0.0, 0.0, 0.0, 0.0);
        self.gone = None;
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

    fn piece(from: Nanos, to: Nanos, failed: f64, struck: f64) -> Piece {
        Piece { from, to, failed, struck, gone: None, level: 0, base: 0.0 }
    }

    #[test]
    fn entries_go_within_a_minute_and_over_many() {
        // Of a life of 45 s from second 10 on, then none are there: of the minute 22.5 of 60 s.
        let mut account = Account::of_minutes();
        let gone = |from, to, gone| Piece { gone: Some(gone), ..piece(from * SECOND, to * SECOND, 0.0, 0.0) };
        account.add(gone(10, 55, (0.0, 1.0)));
        account.add(gone(55, 180, (1.0, 1.0)));
        account.close();
        assert_eq!(account.minutes.iter().map(|alike| alike.minutes).collect::<Vec<_>>(), [1, 2]);
        // Seven of eight have one in health.
        let (held, mut failed) = (0.875, [0.0; 2]);
        for luck in crate::measure::ledger::luck::lucks([account.minutes[0].split.unwrap().struck_of(held)].into_iter())
        {
            failed
                .iter_mut()
                .zip(&account.minutes)
                .for_each(|(failed, alike)| *failed += luck.0 * alike.share_of(luck, held));
        }
        assert!(
            (failed[0] - (50.0 - 0.875 * 22.5) / 60.0).abs() < 1e-9 && (failed[1] - 1.0).abs() < 1e-9,
            "{failed:?}"
        );
        // Over ten hours in steps, each as in its middle.
        account.clear();
        account.add(gone(0, 36_000, (0.0, 1.0)));
        let steps: Vec<_> =
            account.minutes.iter().map(|alike| (alike.minutes, alike.split.unwrap().gone.unwrap())).collect();
        assert!(steps.len() == 32 && steps[0].0 == 19 && steps[0].1.first == steps[0].1.last, "{steps:?}");
        assert!((steps[0].1.first - 9.5 / 600.0).abs() < 1e-12);
    }

    #[test]
    fn levels_of_demand_are_told_apart() {
        let mut account = Account::of_minutes();
        account.add(piece(30 * SECOND, 120 * SECOND, 1.0, 0.0));
        account.add(Piece { level: 3, base: 0.5, ..piece(120 * SECOND, 210 * SECOND, 1.0, 0.0) });
        account.close();
        let found: Vec<_> = account.minutes.iter().map(|alike| (alike.share, alike.minutes, alike.level)).collect();
        assert_eq!(found, [(0.5, 1, 0), (1.0, 1, 0), (1.0, 1, 3), (0.75, 1, 3)]);
    }

    #[test]
    fn stretches_become_minutes() {
        let mut account = Account::of_minutes();
        account.add(piece(30 * SECOND, 45 * SECOND, 1.0, 0.0));
        account.add(piece(45 * SECOND, 250 * SECOND, 0.5, 0.0));
        account.close();
        let expected = [
            Alike { share: (15.0 + 7.5) / 60.0, minutes: 1, covered: 1.0, split: None, level: 0 },
            Alike { share: 0.5, minutes: 3, covered: 1.0, split: None, level: 0 },
            Alike { share: 5.0 / 60.0, minutes: 1, covered: 1.0, split: None, level: 0 },
        ];
        assert_eq!(account.minutes, expected);
    }

    #[test]
    fn edges_are_parts_of_minutes() {
        let mut account = Account::of_parts();
        account.add(piece(45 * SECOND, 120 * SECOND, 0.5, 0.0));
        account.close();
        let expected = [
            Alike { share: 0.5, minutes: 1, covered: 0.25, split: None, level: 0 },
            Alike { share: 0.5, minutes: 1, covered: 1.0, split: None, level: 0 },
        ];
        assert_eq!(account.minutes, expected);
    }

    #[test]
    fn the_rest_of_a_minute_is_as_in_health() {
        let mut account = Account::of_minutes();
        account.add(Piece { base: 0.01, ..piece(0, 30 * SECOND, 1.0, 0.0) });
        account.close();
        assert!((account.minutes[0].share - 0.505).abs() < 1e-12);
        account.clear();
        assert!(account.is_empty());
    }

    #[test]
    fn some_customers_are_struck_for_a_whole_episode() {
        let mut account = Account::of_minutes();
        account.add(piece(0, 90 * SECOND, 0.1, 0.25));
        account.add(piece(90 * SECOND, 120 * SECOND, 0.1, 0.0));
        account.add(piece(600 * SECOND, 660 * SECOND, 0.0, 0.5));
        account.close();
        let split = |struck, share, episode| Some(Split { struck, gone: None, share, episode });
        let expected = [
            Alike { share: 0.1, minutes: 1, covered: 1.0, split: split(0.25, 1.0, 0), level: 0 },
            Alike { share: 0.1, minutes: 1, covered: 1.0, split: split(0.25, (30.0 + 3.0) / 60.0, 0), level: 0 },
            Alike { share: 0.0, minutes: 1, covered: 1.0, split: split(0.5, 1.0, 1), level: 0 },
        ];
        assert_eq!(account.minutes.len(), 3);
        for (found, expected) in account.minutes.iter().zip(&expected) {
            assert!((found.share - expected.share).abs() < 1e-12, "{found:?}");
            let (found, expected) = (found.split.unwrap(), expected.split.unwrap());
            assert!((found.share - expected.share).abs() < 1e-12 && found.episode == expected.episode, "{found:?}");
        }
    }
}
