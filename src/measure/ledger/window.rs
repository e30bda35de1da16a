//! A contract window of a rate class: how likely its customers keep it, what they are owed if not, and their bad minutes.

use super::account::Alike;
use super::counted::Sum;
use super::luck::{self, Case, Cases};
use super::minute_odds::MinuteOdds;
use super::month_odds::{BadMinutes, error_share_kept, error_shares, requests_kept};
use super::rate_class::RateClass;
use crate::scenario::contract::{Contract, Measure};
use crate::units::{MINUTE, MONTH};
use crate::world::flow::entries::Entries;

/// What a window is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// What was promised.
    pub contract: &'a Contract,
    /// To whom.
    pub rate: &'a RateClass,
    /// The odds of a bad minute, by level of demand.
    pub odds: &'a [MinuteOdds],
    /// Their factor of demand, by level.
    pub factors: &'a [f64],
    /// Failed share of the minutes in which nothing happened, by level.
    pub base: &'a [f64],
    /// Minutes of the window, by level.
    pub minutes: &'a [u64],
    /// The entries of the router's cache in health, by level.
    pub entries: &'a [Entries],
}

/// Minutes in which nothing happened, by level of demand: failed share, and how many.
type Rest = Vec<(f64, u64)>;
/// Nothing at any level.
const NOTHING: &[(f64, u64)] = &[(0.0, 0)];

/// How a window ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Probability that it keeps the promise.
    pub kept: f64,
    /// Dollars of credits of one customer.
    pub credits: f64,
    /// Bad minutes, by the luck of customers.
    pub cases: Cases,
    /// The law of a customer's bad minutes: (minutes, probability).
    pub law: Vec<(f64, f64)>,
}

/// Expected number of customers from which a rare luck counts as seen.
const SEEN: f64 = 0.01;
/// And from which on what one of them comes to by chances of its own does: half of all windows have more.
const LIKELY: f64 = 0.5;

impl Judged {
    /// Returns the most bad minutes that one of so many customers comes to.
    pub fn worst(&self, customers: f64) -> f64 {
        let mut above = 0.0;
        let by_chance = self.law.iter().rev().find(|(_, odds)| {
            above += odds * customers;
            above >= LIKELY
        });
        self.cases.most((SEEN / customers).min(1.0)).max(by_chance.map_or(0.0, |one| one.0))
    }
}

/// Returns the bad minutes that a window of so many minutes allows.
pub fn allowed(target: f64, minutes: u64) -> u64 {
    ((1.0 - target) * minutes as f64 + 1e-6).floor() as u64
}

impl Terms<'_> {
    /// Judges a window to which these minutes happened.
    pub fn judge(&self, happened: &[Alike]) -> Judged {
        let rests = self.base.iter().zip(self.minutes).map(|(&base, &minutes)| (base, minutes));
        let mut rest: Rest = rests.collect();
        for alike in happened {
            let left = &mut rest[usize::from(alike.level)].1;
            *left = left.saturating_sub(u64::from(alike.minutes));
        }
        let held = |level: usize| self.entries[level].held(self.rate.requests / 60.0 * self.factors[level]);
        let parted = luck::part(happened, held);
        let common = parted.as_ref().map_or(happened, |parted| &parted.common);
        let episodes = parted.as_ref().map_or(&[][..], |parted| &parted.episodes);
        match self.contract.measure {
            Measure::BadMinutes => self.by_minutes(common, &rest, episodes),
            Measure::Requests | Measure::MeanErrorShare => self.by_sums(common, &rest, episodes),
        }
    }

    /// Minutes of the window at all levels.
    fn length(&self) -> u64 {
        self.minutes.iter().sum()
    }

    fn by_minutes(&self, common: &[Alike], rest: &[(f64, u64)], episodes: &[Vec<(f64, Vec<Alike>)>]) -> Judged {
        let lowest = self.contract.credits.iter().map(|credit| credit.below).fold(self.contract.sla, f64::min);
        let length = self.length();
        let limit = allowed(lowest, length);
        let mut bad = BadMinutes::new(common, rest, self.odds, limit);
        let mut cases = Cases::one(bad.sum(), (0.0, 0.0));
        for episode in episodes {
            let lucks: Vec<(f64, BadMinutes)> = episode
                .iter()
                .map(|(share, minutes)| (*share, BadMinutes::new(minutes, NOTHING, self.odds, limit)))
                .collect();
            let case = |(share, bad): &(f64, BadMinutes)| Case::new(*share, bad.sum(), (0.0, 0.0));
            cases.add(&lucks.iter().map(case).collect::<Vec<_>>());
            bad.add_episode(&lucks, limit);
        }
        self.judged(cases, |_, target| bad.at_most(allowed(target, length)))
    }

    /// What is judged by sums over all minutes: failed requests, where a minute weighs by its demand, or five-minute error shares.
    fn by_sums(&self, common: &[Alike], rest: &[(f64, u64)], episodes: &[Vec<(f64, Vec<Alike>)>]) -> Judged {
        let requests = self.rate.judged_on;
        let by_requests = self.contract.measure == Measure::Requests;
        let minutes = self.length() as f64;
        let each = self.minutes.iter().zip(self.factors);
        // Minutes of mean demand.
        let asked: f64 = each.map(|(&minutes, factor)| factor * minutes as f64).sum();
        let weight = |level: usize| match by_requests {
            true if asked > 0.0 => self.factors[level] * (minutes / asked),
            true => 0.0,
            false => 1.0,
        };
        let all = |happened: &[Alike], rest: &[(f64, u64)]| -> (f64, (f64, f64)) {
            let stretches = || {
                let happened =
                    happened.iter().map(|alike| (alike.share, f64::from(alike.minutes), usize::from(alike.level)));
                let rest = rest.iter().enumerate().map(|(level, &(share, minutes))| (share, minutes as f64, level));
                happened.chain(rest)
            };
            let failed = stretches().map(|(share, minutes, level)| share * minutes * weight(level)).sum();
            let of_level =
                |(share, minutes, level): (f64, f64, usize)| (share, minutes, requests * self.factors[level]);
            (failed, error_shares(stretches().map(of_level)))
        };
        let (failed, sum) = all(common, rest);
        // So many minutes are a request that fails, or of error shares as many as their own variance says.
        let chances = |failed: f64, sum: (f64, f64)| {
            let variance = match by_requests {
                true if requests * asked > 0.0 => failed * minutes / (requests * asked),
                true => 0.0,
                false => 25.0 * sum.1,
            };
            Sum { sure: 0.0, mean: failed, variance, is_count: false }
        };
        let mut cases = Cases::one(chances(failed, sum), sum);
        for episode in episodes {
            let case = |(share, minutes): &(f64, Vec<Alike>)| {
                let (failed, sum) = all(minutes, NOTHING);
                Case::new(*share, chances(failed, sum), sum)
            };
            cases.add(&episode.iter().map(case).collect::<Vec<_>>());
        }
        let kept = |case: &Case, target: f64| match by_requests {
            true => requests_kept(requests * asked, case.minutes / minutes, target),
            false => error_share_kept(case.sum, minutes / 5.0, target),
        };
        self.judged(cases, |cases, target| cases.0.iter().map(|case| case.weight * kept(case, target)).sum())
    }

    fn judged(&self, cases: Cases, kept: impl Fn(&Cases, f64) -> f64) -> Judged {
        // Each credit is due below its own availability, in place of the less severe one.
        let mut credits = 0.0;
        let mut before = 0.0;
        for credit in &self.contract.credits {
            credits += (credit.share - before) * (1.0 - kept(&cases, credit.below));
            before = credit.share;
        }
        let fees = self.rate.fees * self.length() as f64 / (MONTH / MINUTE) as f64;
        Judged {
            kept: kept(&cases, self.contract.sla),
            credits: credits * self.contract.claimed * fees,
            law: cases.law(),
            cases,
        }
    }
}
