//! Sections: what neighbouring replications counted, histogram by histogram, kept small.
//!
//! A quantile's interval comes from quantiles of independent parts of the whole. Where a replication is too short to have one of its
//! own, a batch of many replications has. Since nobody knows beforehand how many there will be, sections of 1, 2, 4, ...
//! replications are kept, at most so many of them; which replication belongs to which does not depend on the order in which
//! they finish.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::catalogue::QUANTILES;
use crate::engine::histogram::Histogram;
use crate::engine::stats::{self, Estimate, Guard, State};
use crate::units::{self, Nanos};

/// With so many sections, neighbours are joined.
const MOST: u32 = 128;

/// Replications whose quantiles tell by themselves how far they spread.
const ENOUGH: u64 = 5;

/// What the buckets of a histogram hold.
type Held = Vec<(u16, u64)>;

/// All sections so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sections {
    of_each: u32,
    /// By number: what each histogram holds.
    sections: BTreeMap<u32, Vec<Held>>,
}

impl Default for Sections {
    fn default() -> Sections {
        Sections { of_each: 1, sections: BTreeMap::new() }
    }
}

impl Sections {
    /// Adds the histograms of a replication, always in the same order.
    pub fn add<'a>(&mut self, replication: u32, histograms: impl Iterator<Item = &'a Histogram>) {
        while replication / self.of_each >= MOST {
            self.of_each *= 2;
            for (number, section) in std::mem::take(&mut self.sections) {
                self.join(number / 2, section);
            }
        }
        self.join(replication / self.of_each, histograms.map(Histogram::held).collect());
    }

    fn join(&mut self, number: u32, histograms: Vec<Held>) {
        let mine = self.sections.entry(number).or_default();
        mine.resize(mine.len().max(histograms.len()), Held::new());
        for (mine, theirs) in mine.iter_mut().zip(histograms) {
            *mine = sum(mine, &theirs);
        }
    }

    /// Returns the numbers of the sections, and how many of these values, given by replication, are in each.
    fn values(&self, each: &[Own]) -> Vec<(u32, u64)> {
        let mut values: BTreeMap<u32, u64> = BTreeMap::new();
        for own in each {
            *values.entry(own.replication / self.of_each).or_default() += own.values;
        }
        values.into_iter().collect()
    }

    /// Merges some histograms of some sections.
    fn merged(&self, sections: &[(u32, u64)], which: &[usize]) -> Histogram {
        let mut merged = Histogram::new();
        for section in sections.iter().filter_map(|(number, _)| self.sections.get(number)) {
            which.iter().filter_map(|&at| section.get(at)).for_each(|held| merged.add_held(held));
        }
        merged
    }
}

/// The sum of two histograms, bucket by bucket.
fn sum(a: &[(u16, u64)], b: &[(u16, u64)]) -> Held {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut sum = Held::with_capacity(a.len().max(b.len()));
    while let (Some(&&(mine, count)), Some(&&(theirs, other))) = (a.peek(), b.peek()) {
        sum.push((mine.min(theirs), if mine <= theirs { count } else { 0 } + if theirs <= mine { other } else { 0 }));
        a.next_if(|_| mine <= theirs);
        b.next_if(|_| theirs <= mine);
    }
    sum.extend(a.chain(b));
    sum
}

/// What one replication has of a sample.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    /// Which replication.
    pub replication: u32,
    /// Its values, those beyond every latency included.
    pub values: u64,
    /// Those beyond every latency: they failed.
    pub failed: u64,
    /// Its own quantiles in nanoseconds.
    pub quantiles: [Option<f64>; QUANTILES.len()],
}

/// Latencies whose quantiles are asked for.
#[derive(Debug)]
pub struct Sample<'a> {
    /// The finite ones of all replications.
    pub histogram: &'a Histogram,
    /// By replication.
    pub each: Vec<Own>,
    /// By section, and which histograms there.
    pub sections: (&'a Sections, Vec<usize>),
    /// The longest deadline: all latencies are at most so long.
    pub deadline: Nanos,
    /// What strikes of random faults may add that was not seen.
    pub guard: Guard,
    /// Whether failed ones are among them, beyond every latency.
    pub may_fail: bool,
}

impl Sample<'_> {
    /// Estimates one of the [`QUANTILES`], in seconds: its interval comes from the replications' own, or, where they are too short for
    /// that, from batches of replications.
    ///
    /// If a share c of all may lie anywhere, since faults struck too few replications to tell, the quantile p lies between those at
    /// (p - c) / (1 - c) and p / (1 - c) of what was seen; beyond the last one, at the deadline or among what fails.
    pub fn quantile(&self, at: usize, confidence: f64) -> Estimate {
        let found = self.seen(at, confidence);
        let (p, anywhere) = (QUANTILES[at].1, self.guard.not_seen(confidence));
        let is_open = found.low.is_none() && found.high.is_none();
        if anywhere == 0.0 || is_open {
            return found;
        }
        let rest = (1.0 - anywhere).max(f64::MIN_POSITIVE);
        let end = |p: f64| {
            let within = (p > 0.0 && p < 1.0 - 1e-12).then_some(p)?;
            self.in_parts(within, confidence)
        };
        let low = end((p - anywhere) / rest).and_then(|found| found.low).unwrap_or(0.0);
        let deadline = Some(units::seconds(self.deadline)).filter(|_| !self.may_fail);
        let high = match found.high {
            Some(_) => end(p / rest).map_or(deadline, |found| found.high),
            None => None,
        };
        let mut wider = Estimate {
            low: found.low.map(|seen| seen.min(low)),
            high: found.high.zip(high).map(|(seen, high)| seen.max(high)),
            ..found.clone()
        };
        let grown = wider.half_width().zip(found.half_width()).is_none_or(|(wide, seen)| wide > 1.05 * seen);
        if self.guard.unseen > 0.0 && grown {
            let reasons: Vec<&str> = [self.guard.reason.as_str()].into_iter().chain(found.reason.as_deref()).collect();
            (wider.state, wider.reason) = (State::Bound, Some(reasons.join("; ")));
        } else if wider.high.is_none() && wider.state == State::Estimate {
            wider.state = State::Bound;
        }
        wider
    }

    /// The quantile at `p` of what was seen, its interval from batches of replications; `None` if there are too few values for that,
    /// or it lies among what failed.
    fn in_parts(&self, p: f64, confidence: f64) -> Option<Estimate> {
        let values: u64 = self.each.iter().map(|own| own.values).sum();
        let (value, half) = quantile(self.histogram, p, values)?;
        let (sections, which) = &self.sections;
        let numbered = sections.values(&self.each);
        let in_each: Vec<u64> = numbered.iter().map(|section| section.1).collect();
        let of = |batch: Range<usize>| {
            let values = in_each[batch.clone()].iter().sum();
            quantile(&sections.merged(&numbered[batch], which), p, values).map(|found| found.0 / 1e9)
        };
        let ample = stats::too_few_beyond(p, values, numbered.len() as u64).is_none();
        let own: Vec<f64> = match ample {
            true => (0..numbered.len()).filter_map(|at| of(at..at + 1)).collect(),
            false => stats::batches(p, &in_each)?.into_iter().filter_map(of).collect(),
        };
        let is_finite = value.is_finite() && own.iter().all(|own| own.is_finite());
        is_finite.then(|| stats::sectioned(value / 1e9, &own, half / 1e9, confidence))
    }

    /// Estimates one of the [`QUANTILES`] from what was seen.
    fn seen(&self, at: usize, confidence: f64) -> Estimate {
        let p = QUANTILES[at].1;
        let values: u64 = self.each.iter().map(|own| own.values).sum();
        let Some((value, half)) = quantile(self.histogram, p, values) else {
            return Estimate::null("there are no requests");
        };
        let replications = self.each.iter().filter(|own| own.values > 0).count() as u64;
        let deadline = units::seconds(self.deadline);
        let failed = self.failed_share(confidence);
        let beyond = format!("beyond the deadline of {}", units::exact_text(self.deadline));
        if let Some(low) = failed.low.filter(|&low| low > 1.0 - p + 1e-12) {
            let why = format!("at least {:.3} % fail: the quantile lies among them, {beyond}", 100.0 * low);
            return Estimate::beyond_all(deadline, replications, why);
        }
        let sectioned = |parts: &[f64]| {
            let seconds: Vec<f64> = parts.iter().map(|nanos| nanos / 1e9).collect();
            let (value, half) = (value / 1e9, half / 1e9);
            // Where nothing failed in any replication, nothing tells of failures.
            let may_fail = failed.value != Some(0.0) && failed.high.is_none_or(|high| high > 1.0 - p);
            if may_fail || seconds.iter().any(|own| own.is_infinite()) || value.is_infinite() {
                let high = failed.high.map_or("with one replication, any share".to_owned(), |high| {
                    format!("up to {:.3} %", 100.0 * high)
                });
                let why = format!("{high} may fail: the quantile may lie among them, {beyond}");
                return stats::sectioned_open(value, &seconds, half, confidence, (deadline, why));
            }
            stats::sectioned(value, &seconds, half, confidence)
        };
        let Some(too_few) = stats::too_few_beyond(p, values, replications) else {
            let some = self.each.iter().filter(|own| own.values > 0);
            let own: Vec<f64> = some.filter_map(|own| own.quantiles[at]).collect();
            let found = sectioned(&own);
            return if replications < ENOUGH { self.no_narrower_than_shares(found, p, confidence) } else { found };
        };
        let (sections, which) = &self.sections;
        let numbered = sections.values(&self.each);
        let in_each: Vec<u64> = numbered.iter().map(|section| section.1).collect();
        let Some(batches) = stats::batches(p, &in_each) else { return Estimate::null(too_few) };
        let of_batch = |batch: &Range<usize>| {
            let values = in_each[batch.clone()].iter().sum();
            quantile(&sections.merged(&numbered[batch.clone()], which), p, values).map(|found| found.0)
        };
        let own: Vec<f64> = batches.iter().filter_map(of_batch).collect();
        Estimate { n: replications, ..sectioned(&own) }
    }
}

impl Sample<'_> {
    /// The same quantile, its interval as wide as the shares of those above each latency say, of all together: two replications whose
    /// quantiles are alike do not show that a little more than 1 % are a hundred times slower.
    fn no_narrower_than_shares(&self, found: Estimate, p: f64, confidence: f64) -> Estimate {
        let (Some(seen_low), Some(seen_high)) = (found.low, found.high) else { return found };
        let all: u64 = self.each.iter().map(|own| own.values).sum();
        let mut above: u64 = all - self.each.iter().map(|own| own.failed).sum::<u64>().min(all);
        // By bucket: limits of the share that failed or is above it.
        let mut shares = Vec::new();
        let failed = all - above;
        for (bucket, count) in self.histogram.held() {
            above = above.saturating_sub(count);
            shares.push((bucket, stats::binomial((failed + above) as f64 / all as f64, all as f64, confidence)));
        }
        let rest = 1.0 - p + 1e-12;
        let end = |certain: &dyn Fn(&(f64, f64)) -> f64| {
            let at = shares.partition_point(|(_, share)| certain(share) > rest);
            shares.get(at).map(|&(bucket, _)| {
                let mut one = Histogram::new();
                one.add_held(&[(bucket, 1)]);
                one.at_rank(1).map_or((0.0, 0.0), |(middle, half)| ((middle - half) / 1e9, (middle + half) / 1e9))
            })
        };
        let low = end(&|share| share.0).map_or(seen_low, |bucket| bucket.0.min(seen_low));
        // Beyond the slowest there may be anything up to the deadline.
        let high = end(&|share| share.1).map_or(units::seconds(self.deadline), |bucket| bucket.1);
        Estimate { low: Some(low), high: Some(high.max(seen_high)), ..found }
    }

    /// The share that failed, replication by replication.
    fn failed_share(&self, confidence: f64) -> Estimate {
        let pairs: Vec<(f64, f64)> = self.each.iter().map(|own| (own.failed as f64, own.values as f64)).collect();
        self.guard.ratio(&pairs, (0.0, 1.0), confidence, |pairs| stats::proportion(pairs, confidence))
    }
}

/// Returns the quantile of `n` values of which the histogram holds the finite ones, with half its bucket, in nanoseconds.
pub fn quantile(histogram: &Histogram, p: f64, n: u64) -> Option<(f64, f64)> {
    if n == 0 {
        return None;
    }
    let rank = ((p * n as f64).ceil() as u64).max(1);
    Some(histogram.at_rank(rank).unwrap_or((f64::INFINITY, 0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: std::ops::Range<u64>) -> Histogram {
        let mut histogram = Histogram::new();
        values.for_each(|value| histogram.record(value * 1_000_000));
        histogram
    }

    #[test]
    fn sections_join_and_lose_nothing_in_any_order() {
        let (mut straight, mut mixed) = (Sections::default(), Sections::default());
        let one = |index: u32| histogram(u64::from(index)..u64::from(index) + 3);
        (0..1_000).for_each(|index| straight.add(index, [one(index)].iter()));
        (0..1_000).rev().for_each(|index| mixed.add(index, [one(index)].iter()));
        assert_eq!(straight, mixed);
        assert_eq!((straight.of_each, straight.sections.len()), (8, 125));
        let mut all = Histogram::new();
        straight.sections.values().for_each(|section| all.add_held(&section[0]));
        assert_eq!(all.total(), 3_000);
    }

    #[test]
    fn sums_of_buckets() {
        assert_eq!(sum(&[(1, 2), (5, 1)], &[(1, 3), (2, 4), (9, 1)]), [(1, 5), (2, 4), (5, 1), (9, 1)]);
        assert_eq!(sum(&[], &[(3, 1)]), [(3, 1)]);
    }
}
