//! A contract window of a rate class: how likely its customers keep it, what they are owed if not, and their bad minutes.

use super::account::Alike;
use super::luck::{self, Case, Cases};
use super::minute_odds::MinuteOdds;
use super::month_odds::{BadMinutes, error_share_kept, error_shares, requests_kept};
use super::rate_class::RateClass;
use crate::scenario::contract::{Contract, Measure};
use crate::units::{MINUTE, MONTH};

/// What a window is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// What was promised.
    pub contract: &'a Contract,
    /// To whom.
    pub rate: &'a RateClass,
    /// The odds of a bad minute.
    pub odds: &'a MinuteOdds,
    /// Failed share of the minutes in which nothing happened.
    pub base: f64,
    /// Minutes of the window.
    pub minutes: u64,
}

/// How a window ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Probability that it keeps the promise.
    pub kept: f64,
    /// Dollars of credits of one customer.
    pub credits: f64,
    /// Bad minutes, by the luck of customers.
    pub cases: Cases,
}

/// Returns the bad minutes that a window of so many minutes allows.
pub fn allowed(target: f64, minutes: u64) -> u64 {
    ((1.0 - target) * minutes as f64 + 1e-6).floor() as u64
}

impl Terms<'_> {
    /// Judges a window to which these minutes happened.
    pub fn judge(&self, happened: &[Alike]) -> Judged {
        let touched: u64 = happened.iter().map(|alike| u64::from(alike.minutes)).sum();
        let rest = (self.base, self.minutes.saturating_sub(touched));
        let parted = luck::part(happened);
        let common = parted.as_ref().map_or(happened, |parted| &parted.common);
        let episodes = parted.as_ref().map_or(&[][..], |parted| &parted.episodes);
        match self.contract.measure {
            Measure::BadMinutes => self.by_minutes(common, rest, episodes),
            Measure::Requests | Measure::MeanErrorShare => self.by_sums(common, rest, episodes),
        }
    }

    fn by_minutes(&self, common: &[Alike], rest: (f64, u64), episodes: &[Vec<(f64, Vec<Alike>)>]) -> Judged {
        let lowest = self.contract.credits.iter().map(|credit| credit.below).fold(self.contract.sla, f64::min);
        let limit = allowed(lowest, self.minutes);
        let mut bad = BadMinutes::new(common, rest, self.odds, limit);
        let mut cases = Cases::one(bad.mean, (0.0, 0.0));
        for episode in episodes {
            let lucks: Vec<(f64, BadMinutes)> = episode
                .iter()
                .map(|(share, minutes)| (*share, BadMinutes::new(minutes, (0.0, 0), self.odds, limit)))
                .collect();
            let case = |(share, bad): &(f64, BadMinutes)| Case { weight: *share, minutes: bad.mean, sum: (0.0, 0.0) };
            cases.add(&lucks.iter().map(case).collect::<Vec<_>>());
            bad.add_episode(&lucks, limit);
        }
        self.judged(cases, |_, target| bad.at_most(allowed(target, self.minutes)))
    }

    /// What is judged by sums over all minutes: failed requests, or five-minute error shares.
    fn by_sums(&self, common: &[Alike], rest: (f64, u64), episodes: &[Vec<(f64, Vec<Alike>)>]) -> Judged {
        let requests = self.rate.judged_on;
        let all = |minutes: &[Alike], rest: (f64, u64)| -> (f64, (f64, f64)) {
            let stretches =
                || minutes.iter().map(|alike| (alike.share, f64::from(alike.minutes))).chain([(rest.0, rest.1 as f64)]);
            let failed = stretches().map(|(share, minutes)| share * minutes).sum();
            (failed, error_shares(stretches(), requests))
        };
        let (failed, sum) = all(common, rest);
        let mut cases = Cases::one(failed, sum);
        for episode in episodes {
            let case = |(share, minutes): &(f64, Vec<Alike>)| {
                let (failed, sum) = all(minutes, (0.0, 0));
                Case { weight: *share, minutes: failed, sum }
            };
            cases.add(&episode.iter().map(case).collect::<Vec<_>>());
        }
        let minutes = self.minutes as f64;
        let by_requests = self.contract.measure == Measure::Requests;
        let kept = |case: &Case, target: f64| match by_requests {
            true => requests_kept(requests * minutes, case.minutes / minutes, target),
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
        let fees = self.rate.fees * self.minutes as f64 / (MONTH / MINUTE) as f64;
        Judged { kept: kept(&cases, self.contract.sla), credits: credits * self.contract.claimed * fees, cases }
    }
}
