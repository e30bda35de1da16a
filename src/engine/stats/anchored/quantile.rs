//! The interval of a quantile over strata: the share above each value, turned round.

use super::law::Law;
use super::weights::low_of_sum;
use crate::engine::stats::estimate::{Estimate, State};

/// Units of a stratum, by value.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// What it is, in a reader's words.
    pub label: String,
    /// Its share of all units. Where the shares make less than one, the rest is known to lie at 0.
    pub weight: f64,
    /// (value, number), rising; values of at least 0.
    pub values: Vec<(f64, u64)>,
    /// What no unit can exceed; infinite if that is not known.
    pub greatest: f64,
}

impl Ranked {
    fn units(&self) -> u64 {
        self.values.iter().map(|value| value.1).sum()
    }

    fn above(&self, is: impl Fn(f64) -> bool) -> u64 {
        self.values.iter().filter(|value| is(value.0)).map(|value| value.1).sum()
    }
}

/// Interval of the quantile `p` (0.95) at `confidence`.
///
/// Its upper end is the least value above which there is, with confidence, no more than a share 1 - p; if there is none such among
/// what was seen, the greatest possible. Its lower end is the largest value that, with confidence, more than 1 - p reach.
///
/// # Example
/// ```
/// use cellsim::engine::stats::anchored::{Ranked, quantile};
/// // An outage of 600 minutes strikes 7.9 % of the months; none was seen: the 95th percentile may be 600.
/// let struck = Ranked { label: "struck".to_owned(), weight: 0.079, values: vec![], greatest: 600.0 };
/// assert_eq!(quantile(&[struck], 0.95, 0.95).high, Some(600.0));
/// ```
pub fn quantile(strata: &[Ranked], p: f64, confidence: f64) -> Estimate {
    let units: u64 = strata.iter().map(Ranked::units).sum();
    let greatest = strata.iter().filter(|one| one.weight > 0.0).map(|one| one.greatest).fold(0.0, f64::max);
    let mut values: Vec<f64> = strata.iter().flat_map(|one| one.values.iter().map(|value| value.0)).collect();
    values.extend(strata.iter().map(|one| one.greatest));
    values.push(0.0);
    values.sort_by(f64::total_cmp);
    values.dedup();
    let (rest, level) = (1.0 - p + 1e-12, 0.5 * (1.0 - confidence));
    // Rising values: the shares above them fall.
    let high = values[values.partition_point(|&b| most_above(strata, b, level) > rest).min(values.len() - 1)];
    let reached = values.partition_point(|&b| least_reaching(strata, b, level) > rest);
    let low = reached.checked_sub(1).map_or(0.0, |at| values[at]).min(high);
    let high_known = Some(high).filter(|high| high.is_finite());
    if units == 0 && high > 0.0 {
        let reason = "it never struck: all that is known is what is possible";
        return Estimate { high: high_known, value: None, ..Estimate::bound(0.0, low, high, 0, reason) };
    }
    let value = values[values.partition_point(|&b| above(strata, b) > rest).min(values.len() - 1)];
    let estimate = Estimate { high: high_known, ..Estimate::between(value.clamp(low, high), low, high, units) };
    let unseen = |one: &&Ranked| one.units() == 0 && one.weight > 0.05 * (1.0 - p) && one.greatest > low;
    match strata.iter().find(unseen) {
        Some(one) => {
            Estimate { state: State::Bound, reason: Some(format!("{}: struck 0 times", one.label)), ..estimate }
        }
        None if high >= greatest && greatest > value => {
            let reason = "too few to bound it: the interval reaches up to what is possible by construction";
            Estimate { state: State::Bound, reason: Some(reason.to_owned()), ..estimate }
        }
        None => estimate,
    }
}

/// The share above `b` that was seen.
fn above(strata: &[Ranked], b: f64) -> f64 {
    let seen = strata.iter().filter(|one| one.units() > 0);
    seen.map(|one| one.weight * one.above(|value| value > b) as f64 / one.units() as f64).sum()
}

/// The most that may lie above `b`.
fn most_above(strata: &[Ranked], b: f64, level: f64) -> f64 {
    let live: Vec<&Ranked> = strata.iter().filter(|one| one.greatest > b).collect();
    let all: f64 = live.iter().map(|one| one.weight).sum();
    let shares = live.iter().map(|one| share(one, one.above(|value| value <= b)));
    all - low_share(&shares.collect::<Vec<_>>(), level)
}

/// The least that reaches `b`.
fn least_reaching(strata: &[Ranked], b: f64, level: f64) -> f64 {
    if b <= 0.0 {
        return 1.0;
    }
    let shares: Vec<(f64, Law)> = strata.iter().map(|one| share(one, one.above(|value| value >= b))).collect();
    low_share(&shares, level)
}

/// The law of a share: `some` of the units of a stratum.
fn share(one: &Ranked, some: u64) -> (f64, Law) {
    (one.weight, Law::new(&[(1.0, some as f64), (0.0, (one.units() - some) as f64)]))
}

fn low_share(shares: &[(f64, Law)], level: f64) -> f64 {
    let apart = || shares.iter().map(|(weight, law)| weight * law.low(level / shares.len().max(1) as f64)).sum();
    low_of_sum(shares, level).unwrap_or_else(apart)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn ranked(weight: f64, values: &[(f64, u64)], greatest: f64) -> Ranked {
        Ranked { label: format!("up to {greatest}"), weight, values: values.to_vec(), greatest }
    }

    #[test]
    fn the_share_above_turned_round() {
        // 1, 2, ..., 1000: the median by ranks of the binomial law, 469 to 532.
        let values: Vec<(f64, u64)> = (1..=1000).map(|i| (f64::from(i), 1)).collect();
        let median = quantile(&[ranked(1.0, &values, 5000.0)], 0.5, 0.95);
        assert_eq!((median.value, median.state, median.n), (Some(500.0), State::Estimate, 1000));
        assert_eq!((median.low, median.high), (Some(469.0), Some(532.0)));
        // Beyond the largest there may be anything, up to what is possible.
        let far = quantile(&[ranked(1.0, &values, 5000.0)], 0.999, 0.95);
        assert_eq!((far.high, far.state), (Some(5000.0), State::Bound));
        assert_eq!(quantile(&[ranked(1.0, &values, f64::INFINITY)], 0.999, 0.95).high, None);
    }

    #[test]
    fn what_strikes_too_seldom_is_out_of_the_question() {
        // 3 % struck: the 95th percentile is 0 whatever they came to.
        let seldom = quantile(&[ranked(0.03, &[(600.0, 4)], 600.0)], 0.95, 0.95);
        assert_eq!((seldom.low, seldom.value, seldom.high), (Some(0.0), Some(0.0), Some(0.0)));
        let often = quantile(&[ranked(0.079, &[(600.0, 400)], 600.0)], 0.95, 0.95);
        assert_eq!((often.low, often.value), (Some(600.0), Some(600.0)));
    }
}
