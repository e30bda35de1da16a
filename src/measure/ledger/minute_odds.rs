//! How likely a minute is bad for a customer, given its requests a minute and the share of them that fails.
//!
//! # Model
//! Of a Poisson number of requests with mean n, K ~ Poisson(n x) fail and G ~ Poisson(n (1 - x)) succeed, independently. The
//! minute is bad if K >= 1, K >= h (K + G) and K + G >= m. Where the share changes within the minute, x is its mean over the
//! minute: K is Poisson all the same. From a thousand requests a minute on, K - G h/(1 - h) is taken as normal.

use std::sync::OnceLock;

use crate::engine::special::normal;

/// Steps of the table, even in the square root of x.
const STEPS: usize = 1024;
/// Steps whose places are made together, when the first of them is asked for.
const TOGETHER: usize = 32;
/// Requests a minute from which counts are taken as normal.
const MANY: f64 = 1000.0;

/// When a minute is bad.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Failed share from which it is.
    pub share: f64,
    /// A minute with fewer requests is good.
    pub min_requests: u32,
}

/// Steps of a table that belong together.
type Part = Box<[OnceLock<f64>]>;

/// Odds of a bad minute at one rate of requests, by failed share. Of many rates and shares few are asked for: a table fills as
/// it is read.
#[derive(Debug, Clone)]
pub struct MinuteOdds {
    requests: f64,
    rule: Rule,
    parts: OnceLock<Box<[OnceLock<Part>]>>,
}

impl MinuteOdds {
    /// Returns the odds of a customer with `requests` a minute on average.
    pub fn new(requests: f64, rule: Rule) -> MinuteOdds {
        MinuteOdds { requests, rule, parts: OnceLock::new() }
    }

    /// Returns the odds at a failed share, interpolated.
    pub fn at(&self, share: f64) -> f64 {
        let place = share.clamp(0.0, 1.0).sqrt() * STEPS as f64;
        let step = (place as usize).min(STEPS - 1);
        let (low, high) = (self.step(step), self.step(step + 1));
        low + (high - low) * (place - step as f64)
    }

    fn step(&self, step: usize) -> f64 {
        let parts = self.parts.get_or_init(|| vec![OnceLock::new(); STEPS / TOGETHER + 1].into());
        let part = parts[step / TOGETHER].get_or_init(|| vec![OnceLock::new(); TOGETHER].into());
        *part[step % TOGETHER].get_or_init(|| {
            let root = step as f64 / STEPS as f64;
            bad(self.requests, root * root, self.rule)
        })
    }
}

/// Returns the probability that a minute is bad.
///
/// # Example
/// ```
/// use cellsim::measure::ledger::minute_odds::{Rule, bad};
/// // All requests fail: the minute is bad unless there is none.
/// let odds = bad(2.0, 1.0, Rule { share: 0.05, min_requests: 1 });
/// assert!((odds - (1.0 - (-2.0_f64).exp())).abs() < 1e-12);
/// ```
pub fn bad(requests: f64, share: f64, rule: Rule) -> f64 {
    let (failed, good) = (requests * share, requests * (1.0 - share));
    if failed <= 0.0 {
        return 0.0;
    }
    // Good requests that one failed one can outweigh.
    let each = (1.0 - rule.share) / rule.share;
    if requests > MANY && f64::from(rule.min_requests) < requests / 2.0 {
        if each == 0.0 {
            return libm::exp(-good);
        }
        let (mean, variance) = (failed - good / each, failed + good / (each * each));
        // Both counts are whole: K - G / each moves in steps of 1 / each.
        return normal::above(-(mean + 0.5 / each) / libm::sqrt(variance)) * -libm::expm1(-failed);
    }
    let good_most = (good + 12.0 * good.sqrt() + 30.0) as usize;
    let mut cumulated = poisson(good, good_most);
    for k in 1..cumulated.len() {
        cumulated[k] += cumulated[k - 1];
    }
    let up_to = |count: f64| match count {
        count if count < 0.0 => 0.0,
        count => cumulated[(count as usize).min(good_most)].min(1.0),
    };
    let failed_most = (failed + 12.0 * failed.sqrt() + 30.0) as usize;
    let least = f64::from(rule.min_requests);
    let odds = poisson(failed, failed_most).into_iter().enumerate().skip(1).map(|(k, weight)| {
        let k = k as f64;
        // Whole numbers: the tiny step up keeps 19 from becoming 18.9999.
        let most = (k * each + 1e-9).floor();
        weight * (up_to(most) - up_to((least - k - 1.0).min(most))).max(0.0)
    });
    odds.sum::<f64>().min(1.0)
}

/// Returns the Poisson probabilities of 0 to `most`.
fn poisson(mean: f64, most: usize) -> Vec<f64> {
    let mut weights = vec![0.0; most + 1];
    let mode = (mean as usize).min(most);
    let log = mode as f64 * libm::log(mean.max(f64::MIN_POSITIVE)) - mean - libm::lgamma(mode as f64 + 1.0);
    weights[mode] = if mean > 0.0 { libm::exp(log) } else { 1.0 };
    for k in mode + 1..=most {
        weights[k] = weights[k - 1] * mean / k as f64;
    }
    for k in (0..mode).rev() {
        weights[k] = weights[k + 1] * (k + 1) as f64 / mean;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Rule = Rule { share: 0.05, min_requests: 1 };

    #[test]
    fn a_few_requests_by_hand() {
        // One failed request outweighs up to 19 good ones: with one a minute on average, any failure makes the minute bad.
        assert!((bad(1.0, 0.5, USUAL) - (1.0 - (-0.5_f64).exp())).abs() < 1e-12);
        // A failed share of 1e-4 and 12 requests a minute: about 51 bad minutes in 43,200.
        let month = bad(12.0, 1e-4, USUAL) * 43_200.0;
        assert!((month - 51.0).abs() < 1.0, "{month}");
        // At least two requests: both fail, or one of each kind.
        let two = Rule { share: 0.05, min_requests: 2 };
        let by_hand = 1.0 - 2.0 * (-1.0_f64).exp();
        assert!((bad(1.0, 1.0, two) - by_hand).abs() < 1e-12);
    }

    #[test]
    fn many_requests_are_nearly_sure() {
        assert!(bad(900.0, 0.2, USUAL) > 1.0 - 1e-9 && bad(1100.0, 0.2, USUAL) > 1.0 - 1e-9);
        assert!(bad(900.0, 0.01, USUAL) < 1e-9 && bad(1100.0, 0.01, USUAL) < 1e-9);
        // Both sides of the change to the normal law agree at the limit.
        let (below, above) = (bad(999.0, 0.05, USUAL), bad(1001.0, 0.05, USUAL));
        assert!((below - above).abs() < 0.01, "{below} {above}");
    }

    #[test]
    fn the_table_is_close() {
        for requests in [0.3, 4.0, 60.0, 800.0, 5000.0] {
            let table = MinuteOdds::new(requests, USUAL);
            for share in [0.0, 1e-5, 0.003, 0.02, 0.047, 0.05, 0.053, 0.1, 0.33, 0.9, 1.0] {
                let exact = bad(requests, share, USUAL);
                assert!((table.at(share) - exact).abs() < 2e-3, "{requests} {share}: {} {exact}", table.at(share));
            }
        }
    }
}
