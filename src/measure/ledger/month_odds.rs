//! How likely a customer's month is kept, given what happened to its minutes.
//!
//! # Model
//! Given the history of its cell, a customer's minutes are independent: the number of its bad minutes is a sum of binomials, one
//! for each stretch of alike minutes. Judged by requests, the month is kept if K <= G (1 - target)/target with K, G Poisson;
//! judged by mean error share, the mean of the five-minute shares is taken as normal.

use super::account::Alike;
use super::counted::Sum;
use super::minute_odds::MinuteOdds;
use crate::engine::special::{gamma, normal};

/// Odds closer to 0 or 1 are that.
const CERTAIN: f64 = 1e-12;
/// What is less likely does not happen.
const NEVER: f64 = 1e-15;
/// A tail from which on no sum of probabilities changes.
const VANISHING: f64 = 1e-25;
/// Failed shares of which minutes are gathered.
const GROUPS: usize = 8;

/// The number of bad minutes of a customer, as probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct BadMinutes {
    /// So many are bad for certain.
    pub sure: u64,
    /// Probability of so many more; what is missing to 1 is beyond the table.
    pub more: Vec<f64>,
    /// Mean of all.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
}

impl BadMinutes {
    /// Adds up stretches of alike minutes; probabilities are kept for at most `limit` bad minutes. `rest` are further minutes, and
    /// `odds` those of a bad one, both by level of demand.
    pub fn new(stretches: &[Alike], rest: &[(f64, u64)], odds: &[MinuteOdds], limit: u64) -> BadMinutes {
        let mut bad = BadMinutes { sure: 0, more: vec![1.0], mean: 0.0, variance: 0.0 };
        // Minutes of the same failed share are one binomial, however many stretches they come from: total failures are such.
        let rests = rest.iter().enumerate().map(|(level, &(share, minutes))| (share, level, minutes));
        let mut groups: Vec<(f64, usize, u64)> = rests.collect();
        let most = groups.len() + GROUPS;
        let mut single = Vec::new();
        for alike in stretches {
            let (minutes, at) = (u64::from(alike.minutes), (alike.share, usize::from(alike.level)));
            match groups.iter().position(|&(share, level, _)| (share, level) == at) {
                Some(group) => groups[group].2 += minutes,
                None if minutes == 1 || groups.len() >= most => single.push((at.0, at.1, minutes)),
                None => groups.push((at.0, at.1, minutes)),
            }
        }
        for (share, level, minutes) in groups.into_iter().chain(single) {
            bad.add(odds[level].at(share), minutes, limit);
        }
        bad
    }

    fn add(&mut self, odds: f64, minutes: u64, limit: u64) {
        self.mean += odds * minutes as f64;
        self.variance += odds * (1.0 - odds) * minutes as f64;
        if odds < CERTAIN || minutes == 0 || self.more.is_empty() {
            return;
        }
        if odds > 1.0 - CERTAIN {
            self.sure += minutes;
            return;
        }
        if minutes == 1 {
            if self.more.len() as u64 <= limit {
                self.more.push(0.0);
            }
            for k in (1..self.more.len()).rev() {
                self.more[k] += odds * (self.more[k - 1] - self.more[k]);
            }
            self.more[0] *= 1.0 - odds;
            return;
        }
        let other = binomial(minutes, odds, limit);
        if other.iter().sum::<f64>() < NEVER {
            // More than the table holds, for certain.
            self.more.clear();
        } else if self.more.len() == 1 && self.more[0] == 1.0 {
            self.more = other;
        } else {
            self.more = convolved(&self.more, &other, limit);
        }
    }

    /// Returns the number as a sum of chances.
    pub fn sum(&self) -> Sum {
        let sure = self.sure as f64;
        Sum { sure, mean: self.mean - sure, variance: self.variance, is_count: true }
    }

    /// Adds an episode: a share of customers has these bad minutes of it, another share those.
    pub fn add_episode(&mut self, lucks: &[(f64, BadMinutes)], limit: u64) {
        let mean: f64 = lucks.iter().map(|(share, bad)| share * bad.mean).sum();
        self.mean += mean;
        let spread = |bad: &BadMinutes| bad.variance + (bad.mean - mean) * (bad.mean - mean);
        self.variance += lucks.iter().map(|(share, bad)| share * spread(bad)).sum::<f64>();
        let sure = lucks.iter().map(|(_, bad)| bad.sure).min().unwrap_or(0);
        let mut mixed: Vec<f64> = Vec::new();
        for (share, bad) in lucks {
            let from = bad.sure - sure;
            for (&odds, k) in bad.more.iter().zip(from..=limit) {
                if mixed.len() <= k as usize {
                    mixed.resize(k as usize + 1, 0.0);
                }
                mixed[k as usize] += share * odds;
            }
        }
        self.sure += sure;
        // Of few numbers most are never: they come first.
        self.more = convolved(&mixed, &self.more, limit);
    }

    /// Returns the probability of at most so many bad minutes (at most the limit of the table).
    pub fn at_most(&self, minutes: u64) -> f64 {
        match minutes.checked_sub(self.sure) {
            None => 0.0,
            Some(left) => self.more.iter().take(left as usize + 1).sum::<f64>().min(1.0),
        }
    }
}

/// Returns the probabilities of sums up to `limit`.
fn convolved(one: &[f64], other: &[f64], limit: u64) -> Vec<f64> {
    let length = (one.len() + other.len()).saturating_sub(1).min(limit as usize + 1);
    let mut sum = vec![0.0; if one.is_empty() || other.is_empty() { 0 } else { length }];
    for (i, &a) in one.iter().enumerate().take(sum.len()).filter(|(_, a)| **a != 0.0) {
        for (sum, &b) in sum[i..].iter_mut().zip(other) {
            *sum += a * b;
        }
    }
    sum
}

/// Returns the probabilities of 0 to `limit` successes in `n` trials.
fn binomial(n: u64, p: f64, limit: u64) -> Vec<f64> {
    let most = n.min(limit);
    let ratio = p / (1.0 - p);
    let none = n as f64 * libm::log1p(-p);
    if none > -650.0 {
        let mut weight = libm::exp(none);
        let mut weights = Vec::with_capacity(most as usize + 1);
        weights.push(weight);
        for k in 0..most {
            let step = (n - k) as f64 / (k + 1) as f64 * ratio;
            weight *= step;
            if step < 1.0 && weight < VANISHING {
                break;
            }
            weights.push(weight);
        }
        return weights;
    }
    let log = |k: u64| {
        let (n, k) = (n as f64, k as f64);
        libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
            + k * libm::log(p)
            + (n - k) * libm::log1p(-p)
    };
    (0..=most).map(|k| libm::exp(log(k))).collect()
}

/// Returns the probability that a month of `requests` on average, of which a share fails, keeps a target.
///
/// # Example
/// ```
/// use cellsim::measure::ledger::month_odds::requests_kept;
/// // Half of what is allowed fails: a busy customer keeps its month.
/// assert!(requests_kept(1e8, 5e-5, 0.9999) > 0.9999);
/// ```
pub fn requests_kept(requests: f64, share: f64, target: f64) -> f64 {
    let (failed, good) = (requests * share, requests * (1.0 - share));
    // Good requests that make up for a failed one.
    let each = target / (1.0 - target);
    if failed <= 0.0 {
        return 1.0;
    }
    if failed > 2000.0 {
        let (mean, variance) = (good / each - failed, good / (each * each) + failed);
        return normal::below((mean + 0.5 / each) / libm::sqrt(variance));
    }
    // Up to `sure` failures are made up for in any case, beyond `most` never: in between by the luck of G. So many failures that
    // they never happen count for nothing.
    let spread = 8.0 * good.sqrt();
    let far = 12.0 * failed.sqrt() + 30.0;
    let sure = ((good - spread) / each).floor();
    let most = ((good + spread) / each).floor().min((failed + far).floor());
    let below = |k: f64| if k < 0.0 { 0.0 } else { gamma::above(k + 1.0, failed) };
    let mut kept = below(sure);
    let mut k = sure.max((failed - far).floor()).max(-1.0) + 1.0;
    while k <= most {
        let weight = libm::exp(k * libm::log(failed) - failed - libm::lgamma(k + 1.0));
        let needed = (k * each - 1e-9).ceil();
        let enough = match needed {
            needed if needed <= 0.0 => 1.0,
            needed if needed < 1e4 => gamma::below(needed, good),
            _ => gamma::below_of_large(needed, good),
        };
        kept += weight * enough;
        k += 1.0;
    }
    kept.min(1.0)
}

/// Returns mean and variance of the sum of five-minute error shares: stretches of (failed share, minutes, requests a minute).
pub fn error_shares(stretches: impl Iterator<Item = (f64, f64, f64)>) -> (f64, f64) {
    // Of so many requests: the chance of an interval with some, and the mean of 1/N over those, of a Poisson number cut off at 1.
    let mut of = (f64::NAN, 0.0, 0.0);
    stretches.fold((0.0, 0.0), |(mean, variance), (share, minutes, requests)| {
        if requests != of.0 {
            of = (requests, -libm::expm1(-5.0 * requests), (1.0 / (5.0 * requests)).min(1.0));
        }
        let (_, seen, inverse) = of;
        let count = minutes / 5.0;
        let each = seen * share * (1.0 - share) * inverse + share * share * seen * (1.0 - seen);
        (mean + count * share * seen, variance + count * each)
    })
}

/// Returns the probability that the mean of so many five-minute error shares keeps a target, by mean and variance of their sum.
pub fn error_share_kept((mean, variance): (f64, f64), intervals: f64, target: f64) -> f64 {
    let allowed = (1.0 - target) * intervals;
    if variance <= 0.0 {
        return f64::from(u8::from(mean <= allowed + 1e-9));
    }
    normal::below((allowed - mean) / libm::sqrt(variance))
}

#[cfg(test)]
mod tests {
    use super::super::minute_odds::Rule;
    use super::*;

    #[test]
    fn minutes_add_up() {
        let odds = [MinuteOdds::new(2.0, Rule { share: 0.05, min_requests: 1 })];
        let stretches = [
            Alike { share: 1.0, minutes: 3, covered: 1.0, split: None, level: 0 },
            Alike { share: 1.0, minutes: 2, covered: 1.0, split: None, level: 0 },
        ];
        let bad = BadMinutes::new(&stretches, &[(0.0, 43_195)], &odds, 4);
        let p = 1.0 - (-2.0_f64).exp();
        assert!((bad.mean - 5.0 * p).abs() < 1e-9);
        assert!((bad.at_most(4) - (1.0 - p.powi(5))).abs() < 1e-9);
        assert!((bad.at_most(0) - (1.0 - p).powi(5)).abs() < 1e-9);
    }

    #[test]
    fn sure_minutes_shift() {
        let odds = [MinuteOdds::new(5000.0, Rule { share: 0.05, min_requests: 1 })];
        let bad = BadMinutes::new(
            &[Alike { share: 1.0, minutes: 4, covered: 1.0, split: None, level: 0 }],
            &[(0.0, 40)],
            &odds,
            4,
        );
        assert_eq!((bad.sure, bad.at_most(3), bad.at_most(4)), (4, 0.0, 1.0));
    }

    #[test]
    fn episodes_mix_and_add_up() {
        let odds = [MinuteOdds::new(5000.0, Rule { share: 0.05, min_requests: 1 })];
        let minutes = |count| Alike { share: 1.0, minutes: count, covered: 1.0, split: None, level: 0 };
        let (struck, spared) =
            (BadMinutes::new(&[minutes(5)], &[(0.0, 0)], &odds, 43), BadMinutes::new(&[], &[(0.0, 0)], &odds, 43));
        let mut bad = BadMinutes::new(&[minutes(2)], &[(0.0, 40)], &odds, 43);
        (0..10).for_each(|_| bad.add_episode(&[(0.7, spared.clone()), (0.3, struck.clone())], 43));
        assert!((bad.mean - 17.0).abs() < 1e-9 && bad.sure == 2);
        let binomial = |most: u64| binomial(10, 0.3, 10).iter().take(most as usize + 1).sum::<f64>();
        for (minutes, strikes) in [(2, 0), (6, 0), (7, 1), (41, 7), (42, 8), (43, 8)] {
            assert!((bad.at_most(minutes) - binomial(strikes)).abs() < 1e-12, "{minutes}");
        }
        assert_eq!(bad.at_most(1), 0.0);
    }

    #[test]
    fn long_binomials_do_not_vanish() {
        let weights = binomial(40_000, 0.5, 20_000);
        assert!((weights.iter().sum::<f64>() - 0.5).abs() < 0.01);
    }

    #[test]
    fn requests_by_hand() {
        // 10 requests on average, target 90 %: K <= G / 9.
        let (failed, good) = (0.5_f64, 9.5_f64);
        let poisson = |mean: f64, k: i32| (-mean).exp() * mean.powi(k) / (1..=k).map(f64::from).product::<f64>();
        let mut by_hand = 0.0;
        for k in 0..20 {
            let enough: f64 = (9 * k..80).map(|g| poisson(good, g)).sum();
            by_hand += poisson(failed, k) * enough;
        }
        assert!((requests_kept(10.0, 0.05, 0.9) - by_hand).abs() < 1e-9);
        // At exactly what is allowed, a coin.
        assert!((requests_kept(1e9, 1e-4, 0.9999) - 0.5).abs() < 0.01);
    }
}
