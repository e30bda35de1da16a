//! The law of a sum of independent times: how likely a path of several steps exceeds a limit.
//!
//! # Model
//! Shares are kept on a grid of equal steps up to the limit, and the share beyond it. A step adds its law by convolution:
//! P(A + B > T) = P(A > T) + sum over a of P(A = a) P(B > T - a), a sum of what is never negative, so that a share of 1e-12
//! beyond the limit keeps its digits. Constants shift the grid and are exact; other laws are rounded to the nearest point of
//! the grid, an error of second order in its step.

use super::Law;

/// A time that comes with a probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// The probability.
    pub share: f64,
    /// The law of the time.
    pub law: Law,
    /// Added to it.
    pub shift: f64,
}

impl Branch {
    /// Returns a time that always comes: of this law, `factor` times as long, plus `shift`.
    pub fn slowed(law: &Law, factor: f64, shift: f64) -> Branch {
        let law = if factor > 0.0 { law.scaled(factor) } else { Law::Constant(0.0) };
        Branch { share: 1.0, law, shift }
    }

    /// Returns the same time, with another probability.
    #[must_use]
    pub fn with_share(self, share: f64) -> Branch {
        Branch { share, ..self }
    }

    /// Returns the mean: 0 where it does not come.
    pub fn mean(&self) -> f64 {
        self.share * (self.law.mean() + self.shift)
    }
}

/// Steps of the grid up to the limit.
const STEPS: usize = 512;

/// The law of a sum of independent times, as far as a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    step: f64,
    /// Added to every point of the grid.
    shift: f64,
    /// Share at each point.
    shares: Vec<f64>,
    /// Share beyond the last point.
    beyond: f64,
}

impl Sum {
    /// Returns a sum of nothing, to be asked for limits up to `limit` (above 0).
    pub fn up_to(limit: f64) -> Sum {
        let mut shares = vec![0.0; STEPS + 1];
        shares[0] = 1.0;
        Sum { step: limit / STEPS as f64, shift: 0.0, shares, beyond: 0.0 }
    }

    /// Adds a time that is that of each of these branches with its share, and else 0.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::{Law, sum::{Branch, Sum}};
    /// let one = Branch::slowed(&Law::Exponential { mean: 1.0 }, 1.0, 0.0);
    /// let mut two = Sum::up_to(50.0);
    /// two.add(std::slice::from_ref(&one));
    /// two.add(&[one]);
    /// let erlang = 31.0 * (-30.0_f64).exp(); // (1 + 30) e^-30
    /// assert!((two.above(30.0) / erlang - 1.0).abs() < 0.002);
    /// ```
    pub fn add(&mut self, branches: &[Branch]) {
        if let [Branch { share, law, shift }] = branches
            && *share >= 1.0
        {
            self.shift += shift;
            match law.constant() {
                Some(time) => self.shift += time,
                None => self.convolve(&[Branch::slowed(law, 1.0, 0.0)]),
            }
        } else if !branches.is_empty() {
            self.convolve(branches);
        }
    }

    fn convolve(&mut self, branches: &[Branch]) {
        // Shares beyond each border between two points; that of the first point is 1, with those whose time is 0.
        let tails: Vec<f64> = (0..=STEPS + 1)
            .map(|k| match k {
                0 => 1.0,
                k => {
                    let border = (k as f64 - 0.5) * self.step;
                    branches.iter().map(|branch| branch.share * branch.law.above(border - branch.shift)).sum()
                }
            })
            .collect();
        let added: Vec<f64> = tails.windows(2).map(|pair| (pair[0] - pair[1]).max(0.0)).collect();
        let mut sum = vec![0.0; STEPS + 1];
        for (k, &share) in self.shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            sum[k..].iter_mut().zip(&added).for_each(|(sum, added)| *sum += share * added);
        }
        let over: f64 = self.shares.iter().enumerate().map(|(k, share)| share * tails[STEPS + 1 - k]).sum();
        self.beyond += over;
        self.shares = sum;
    }

    /// Adds a time that is exponential at `rate` with probability `chance`, and else 0: the wait at M/M/c.
    pub fn add_wait(&mut self, chance: f64, rate: f64) {
        let keeps = libm::exp(-rate * self.step);
        let half = libm::exp(-rate * self.step / 2.0);
        let (mut waiting, mut over) = (0.0, 0.0);
        let mut sum = Vec::with_capacity(self.shares.len());
        for &share in &self.shares {
            // `waiting`: those of earlier points that come to this one; the exponential forgets how long they have waited.
            sum.push((1.0 - chance) * share + chance * ((1.0 - half) * share + waiting * (1.0 - keeps)));
            over = over * keeps + share * half;
            waiting = waiting * keeps + share * half;
        }
        self.shares = sum;
        self.beyond += chance * over;
    }

    /// Returns the share of times above a limit, at most the one that the sum was made for.
    pub fn above(&self, limit: f64) -> f64 {
        let place = (limit - self.shift) / self.step;
        if place < -0.5 {
            return 1.0;
        }
        // A point stands for half a step on each of its sides.
        let first = ((place + 0.5) as usize).min(STEPS);
        let part = (first as f64 + 0.5 - place).clamp(0.0, 1.0);
        let above: f64 = self.shares[first + 1..].iter().sum();
        (self.beyond + above + part * self.shares[first]).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::mmc::Mmc;

    #[track_caller]
    fn close(found: f64, exact: f64, within: f64) {
        assert!((found / exact - 1.0).abs() < within, "{found:e} {exact:e}");
    }

    fn always(law: &Law) -> Branch {
        Branch::slowed(law, 1.0, 0.0)
    }

    #[test]
    fn one_law_alone_is_itself() {
        let laws = [
            Law::Exponential { mean: 0.02 },
            Law::LogNormal { mu: -4.0, sigma: 0.8 },
            Law::Pareto { low: 0.01, shape: 2.5 },
        ];
        for law in laws {
            let mut sum = Sum::up_to(0.5);
            sum.add(&[always(&law)]);
            for limit in [0.1, 0.3, 0.4999] {
                close(sum.above(limit), law.above(limit), 1e-3);
            }
        }
    }

    #[test]
    fn constants_are_exact() {
        let mut sum = Sum::up_to(1.0);
        sum.add(&[always(&Law::Constant(0.3))]);
        sum.add(&[Branch::slowed(&Law::Exponential { mean: 0.1 }, 0.5, 0.1234)]);
        close(sum.above(1.0), libm::exp(-(1.0 - 0.4234) / 0.05), 1e-3);
        assert_eq!(sum.above(0.2), 1.0);
    }

    #[test]
    fn wait_and_service_are_the_time_in_system() {
        for (arrival_rate, servers) in [(0.7, 1), (8.0, 10), (2.7, 3)] {
            let pool = Mmc { arrival_rate, service_rate: 1.0, servers };
            let mut sum = Sum::up_to(40.0);
            sum.add(&[always(&Law::Exponential { mean: 1.0 })]);
            sum.add_wait(pool.waiting_probability(), f64::from(servers) - arrival_rate);
            for limit in [1.0, 5.0, 20.0, 39.0] {
                close(sum.above(limit), pool.sojourn_above(limit), 2e-3);
            }
        }
    }

    #[test]
    fn mixtures_take_their_shares() {
        let quick = always(&Law::Exponential { mean: 1.0 }).with_share(0.2);
        let slow = Branch { share: 0.1, law: Law::Exponential { mean: 4.0 }, shift: 2.0 };
        let mut sum = Sum::up_to(60.0);
        sum.add(&[quick, slow.clone()]);
        close(sum.above(12.0), 0.2 * libm::exp(-12.0) + 0.1 * libm::exp(-2.5), 1e-3);
        close(sum.above(1.0), 0.2 * libm::exp(-1.0) + 0.1, 1e-3);
        close(slow.mean(), 0.6, 1e-12);
    }

    #[test]
    fn everything_adds_up_to_one() {
        let mut sum = Sum::up_to(3.0);
        for law in [Law::Gamma { shape: 0.5, scale: 1.0 }, Law::Uniform { low: 0.5, high: 1.0 }] {
            sum.add(&[always(&law)]);
        }
        sum.add_wait(0.4, 2.0);
        close(sum.shares.iter().sum::<f64>() + sum.beyond, 1.0, 1e-12);
    }
}
