//! Times that may have been cut short: how long until recovery, if the horizon came first for some.
//!
//! # Model
//! Kaplan and Meier: S(t) = product over event times up to t of (1 - events / at risk). At equal times events come before
//! censorings. A mean is not offered: with any time cut short it does not exist.
//!
//! # References
//! Kaplan and Meier (1958), Nonparametric Estimation from Incomplete Observations, JASA 53. Greenwood (1926).
//! Brookmeyer and Crowley (1982), A Confidence Interval for the Median Survival Time, Biometrics 38 (which times belong to it).
//! Cutler and Ederer (1958), Journal of Chronic Diseases 8 (the effective sample size); Korn and Graubard (1998) for exact limits on
//! it.

use super::estimate::Estimate;
use crate::engine::special::beta;

/// Where the curve falls.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Step {
    /// Time of the events.
    pub time: f64,
    /// How many were still under observation just before.
    pub at_risk: u64,
    /// Events at this time.
    pub events: u64,
    /// Share still without event just after.
    pub survival: f64,
    /// Greenwood's sum up to here: the variance of ln S.
    pub log_variance: f64,
}

/// A Kaplan-Meier curve.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Survival {
    /// Steps, by increasing time.
    pub steps: Vec<Step>,
    /// All times, cut short or not.
    pub n: u64,
    /// Times cut short.
    pub censored: u64,
    /// What is known to be earlier than those, in order: the end of their observation, unless more is known.
    #[serde(skip)]
    known: Vec<f64>,
}

/// Estimates the curve from the `times` at which it happened, and those at which observation ended (`censored`) first.
///
/// # Example
/// ```
/// use cellsim::engine::stats::kaplan_meier;
/// let curve = kaplan_meier(&[10.0, 20.0, 30.0], &[15.0]);
/// assert_eq!(curve.quantile(0.5), Some(20.0)); // 3/4, then 3/4 x 1/2
/// ```
pub fn kaplan_meier(times: &[f64], censored: &[f64]) -> Survival {
    let mut events = times.to_vec();
    events.sort_by(f64::total_cmp);
    let mut ends = censored.to_vec();
    ends.sort_by(f64::total_cmp);
    let n = events.len() + ends.len();
    let mut steps: Vec<Step> = Vec::new();
    let (mut survival, mut log_variance, mut i) = (1.0, 0.0, 0);
    while i < events.len() {
        let time = events[i];
        let same = events[i..].iter().take_while(|t| **t == time).count();
        let gone = ends.partition_point(|t| *t < time);
        let (at_risk, d) = (n - i - gone, same as f64);
        let r = at_risk as f64;
        survival *= (r - d) / r;
        log_variance += d / (r * (r - d));
        steps.push(Step { time, at_risk: at_risk as u64, events: same as u64, survival, log_variance });
        i += same;
    }
    Survival { steps, n: n as u64, censored: ends.len() as u64, known: ends }
}

impl Survival {
    /// More is known of the times cut short than the end of their observation: each is longer than its `known`.
    #[must_use]
    pub fn knowing(mut self, known: &[f64]) -> Survival {
        self.known = known.to_vec();
        self.known.sort_by(f64::total_cmp);
        self
    }

    /// Share that has happened by `time`.
    pub fn share_by(&self, time: f64) -> f64 {
        let after = self.steps.partition_point(|s| s.time <= time);
        if after == 0 { 0.0 } else { 1.0 - self.steps[after - 1].survival }
    }

    /// The time by which a share `p` has happened; `None` if observation ended before.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        // Products of fractions round: what is meant to be 1/2 must count as 1/2.
        self.steps.iter().find(|s| s.survival <= 1.0 - p + 1e-12).map(|s| s.time)
    }

    /// The same with an interval: all times at which the curve does not differ from 1 - p.
    ///
    /// Holds for independent times: one incident per replication, or incidents far apart.
    pub fn quantile_estimate(&self, p: f64, confidence: f64) -> Estimate {
        self.quantile_of_part(p, 0.0, confidence)
    }

    /// The same of times of which a known share `unseen` is of kinds that are not among these, and may be of any length.
    pub fn quantile_of_part(&self, p: f64, unseen: f64, confidence: f64) -> Estimate {
        let n = self.n;
        if n == 0 {
            return Estimate::null("nothing happened");
        }
        let Some(value) = self.quantile(p) else {
            let why = format!("{} of {n} were not seen to recover before observation ended", self.censored);
            return match self.certainly_beyond((p - unseen) / (1.0 - unseen), confidence) {
                Some(end) => Estimate::beyond(end, n, why),
                None => Estimate { n, ..Estimate::null(why) },
            };
        };
        if n == 1 {
            return Estimate::without_interval(value, 1, "one incident has no interval");
        }
        let level = 0.5 * (1.0 - confidence);
        // Those that were not seen may all be shorter, or longer.
        let low = self.ends((p - unseen) / (1.0 - unseen), level).0;
        let high = self.ends(p / (1.0 - unseen), level).1;
        let (low, n) = (low.min(value), self.n);
        match high {
            Some(high) => Estimate::between(value, low, high.max(value), n),
            None => {
                let why = format!("too few of {n} recovered to tell how late it may be");
                Estimate { high: None, ..Estimate::bound(value, low, value, n, why) }
            }
        }
    }

    /// Ends of the quantile `p`, each missed with probability `level`: the latest time before which, and the earliest by which, so
    /// few and so many had their event that chance does not explain it. The first is 0, the second missing, where no number of
    /// those there are would be few, or many, enough: a median takes six times at 95 %.
    ///
    /// Without times cut short these are order statistics. With them, the share S that Kaplan and Meier find is worth as many
    /// times as give it Greenwood's variance, (1 - S) / (S x sum), as for any share whose variance is known.
    fn ends(&self, p: f64, level: f64) -> (f64, Option<f64>) {
        if !(0.0..1.0).contains(&p) {
            return (0.0, None);
        }
        let (mut low, mut is_before) = (0.0, true);
        // Before the first step nobody of those still under observation had it.
        let (mut share, mut worth) = (0.0, self.steps.first().map_or(0.0, |step| step.at_risk as f64));
        for step in &self.steps {
            let events = worth * share;
            // P(at most so few | each with probability p)
            is_before = is_before && beta::below(worth - events, events + 1.0, 1.0 - p) <= level;
            if is_before {
                low = step.time;
            }
            share = 1.0 - step.survival;
            if step.survival > 1e-12 {
                worth = share / (step.survival * step.log_variance);
            }
            let events = worth * share;
            // P(at least so many)
            if beta::below(events, worth - events + 1.0, p) <= level {
                return (low, Some(step.time));
            }
        }
        (low, None)
    }

    /// The latest time before which so few had their event that the quantile `p` is later, at this confidence (one-sided, by the
    /// binomial). Of whom less is known counts as if it had. `None` if they were too few to say so of any time.
    fn certainly_beyond(&self, p: f64, confidence: f64) -> Option<f64> {
        if p <= 0.0 {
            return None;
        }
        let certain = |end: f64| {
            let events: u64 = self.steps.iter().filter(|step| step.time < end).map(|step| step.events).sum();
            let events = events + self.known.partition_point(|time| *time < end) as u64;
            // P(at most so few events | each happens with probability p)
            events < self.n && beta::below((self.n - events) as f64, events as f64 + 1.0, 1.0 - p) <= 1.0 - confidence
        };
        self.known.iter().rev().copied().find(|&end| certain(end))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::State;
    use super::*;
    use proptest::prelude::*;

    /// Weeks in remission under 6-MP, Freireich et al. (1963), as in every textbook.
    const EVENTS: [f64; 9] = [6.0, 6.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0];
    const CENSORED: [f64; 12] = [6.0, 9.0, 10.0, 11.0, 17.0, 19.0, 20.0, 25.0, 32.0, 32.0, 34.0, 35.0];

    #[test]
    fn remission_times() {
        let curve = kaplan_meier(&EVENTS, &CENSORED);
        let published = [
            (6.0, 21, 0.857),
            (7.0, 17, 0.807),
            (10.0, 15, 0.753),
            (13.0, 12, 0.690),
            (16.0, 11, 0.627),
            (22.0, 7, 0.538),
            (23.0, 6, 0.448),
        ];
        assert_eq!(curve.steps.len(), published.len());
        for (step, (time, at_risk, survival)) in curve.steps.iter().zip(published) {
            assert_eq!((step.time, step.at_risk), (time, at_risk));
            assert!((step.survival - survival).abs() < 5e-4);
        }
        // Greenwood's standard error at 6 weeks: 0.0764. Median 23; its upper end was never reached.
        assert!((curve.steps[0].survival * curve.steps[0].log_variance.sqrt() - 0.0764).abs() < 1e-4);
        let median = curve.quantile_estimate(0.5, 0.95);
        assert_eq!((median.value, median.low, median.high), (Some(23.0), Some(13.0), None));
        assert_eq!(median.state, State::Bound);
        assert_eq!(curve.quantile(0.9), None);
        let late = curve.quantile_estimate(0.9, 0.95);
        // 13 of 21 came, or were lost sight of, before week 20: fewer than 16 with P(at most so many of 21 | 90 %) = 0.01.
        assert_eq!((late.value, late.low, late.state), (None, Some(20.0), State::Bound));
    }

    #[test]
    fn what_nobody_saw_is_later_than_anybody_watched() {
        // Five watched for 480 s and none recovered: 1/2^5 = 3.1 %, so the median is later; of four one cannot be sure.
        let median = |n: usize| kaplan_meier(&[], &vec![480.0; n]).quantile_estimate(0.5, 0.95);
        assert_eq!((median(5).value, median(5).low), (None, Some(480.0)));
        assert_eq!(median(4).low, None);
        // One of eight recovered: P(at most 1 of 8) = 9/256 = 3.5 %; one of seven: 8/128 = 6.3 %.
        assert_eq!(kaplan_meier(&[60.0], &[480.0; 7]).quantile_estimate(0.5, 0.95).low, Some(480.0));
        assert_eq!(kaplan_meier(&[60.0], &[480.0; 6]).quantile_estimate(0.5, 0.95).low, None);
        // Somebody was watched for 10 s only: of the others nothing is known that counts for all.
        assert_eq!(
            kaplan_meier(&[60.0], &[10.0, 480.0, 480.0, 480.0, 480.0]).quantile_estimate(0.5, 0.95).low,
            Some(10.0)
        );
    }

    #[test]
    fn a_median_takes_six() {
        let median = |n: u32| {
            let times: Vec<f64> = (1..=n).map(f64::from).collect();
            let found = kaplan_meier(&times, &[]).quantile_estimate(0.5, 0.95);
            (found.low, found.high)
        };
        // 2^-5 = 3.1 % of fives lie on one side of the median: more than 2.5 %.
        assert_eq!([2, 3, 4, 5].map(median), [(Some(0.0), None); 4]);
        // Order statistics of textbooks: 6 (1, 6), 9 (2, 8), 20 (6, 15).
        assert_eq!(median(6), (Some(1.0), Some(6.0)));
        assert_eq!(median(9), (Some(2.0), Some(8.0)));
        assert_eq!(median(20), (Some(6.0), Some(15.0)));
        // The 95th of a hundred: both ends take 0.95^n <= 2.5 % and more.
        let late = kaplan_meier(&(1..=60).map(f64::from).collect::<Vec<_>>(), &[]).quantile_estimate(0.95, 0.95);
        assert_eq!(late.high, None, "0.95^60 = 4.6 %");
        let late = kaplan_meier(&(1..=80).map(f64::from).collect::<Vec<_>>(), &[]).quantile_estimate(0.95, 0.95);
        assert_eq!(late.high, Some(80.0));
        // A quarter of all is of a kind that was not seen: 1/3 to 2/3 of the others instead of 1/2.
        let curve = kaplan_meier(&(1..=20).map(f64::from).collect::<Vec<_>>(), &[]);
        let part = curve.quantile_of_part(0.5, 0.25, 0.95);
        let thirds = [1.0 / 3.0, 2.0 / 3.0].map(|p| curve.quantile_estimate(p, 0.95));
        assert_eq!((part.low, part.high), (thirds[0].low, thirds[1].high));
        assert_eq!(curve.quantile_of_part(0.5, 0.6, 0.95).high, None);
        // Cut short, some times tell less.
        let some = kaplan_meier(&[1.0, 2.0, 3.0, 4.0, 5.0], &[0.5; 9]).quantile_estimate(0.5, 0.95);
        assert_eq!((some.low, some.high), (Some(0.0), None));
    }

    #[test]
    fn nothing_cut_short() {
        let curve = kaplan_meier(&[4.0, 1.0, 3.0, 2.0], &[]);
        assert_eq!(curve.quantile(0.5), Some(2.0));
        assert_eq!(curve.quantile(1.0), Some(4.0));
        assert!((curve.share_by(3.5) - 0.75).abs() < 1e-15);
        assert_eq!(curve.share_by(0.5), 0.0);
        assert_eq!(kaplan_meier(&[], &[5.0]).quantile(0.5), None);
        assert_eq!(kaplan_meier(&[], &[]).quantile_estimate(0.5, 0.95).state, State::Null);
        assert_eq!(kaplan_meier(&[7.0; 6], &[]).quantile_estimate(0.5, 0.95).high, Some(7.0));
    }

    proptest! {
        #[test]
        fn without_censoring_it_is_the_empirical_share(times in prop::collection::vec(0_u32..50, 1..60), at in 0_u32..50) {
            let times: Vec<f64> = times.into_iter().map(f64::from).collect();
            let share = times.iter().filter(|t| **t <= f64::from(at)).count() as f64 / times.len() as f64;
            prop_assert!((kaplan_meier(&times, &[]).share_by(f64::from(at)) - share).abs() < 1e-12);
        }

        #[test]
        fn censoring_never_hastens(times in prop::collection::vec(1_u32..50, 1..30), cut in prop::collection::vec(1_u32..50, 0..30)) {
            let times: Vec<f64> = times.into_iter().map(f64::from).collect();
            let cut: Vec<f64> = cut.into_iter().map(f64::from).collect();
            let curve = kaplan_meier(&times, &cut);
            let all: Vec<f64> = times.iter().chain(&cut).copied().collect();
            let if_events = kaplan_meier(&all, &[]);
            for t in 1..50 {
                prop_assert!(curve.share_by(f64::from(t)) <= if_events.share_by(f64::from(t)) + 1e-12);
            }
            let estimate = curve.quantile_estimate(0.5, 0.95);
            if let (Some(v), Some(l)) = (estimate.value, estimate.low) {
                prop_assert!(l <= v && estimate.high.is_none_or(|h| h >= v));
            }
        }
    }
}
