//! The law of a sum of independent times: how likely a path of several steps exceeds a limit.
//!
//! # Model
//! What takes one of a few exact times (constants, measured values, a hit or a miss) is kept as it is: a list of times and
//! their shares. Everything else is kept on a grid of equal steps up to the limit, and the share beyond it. A step adds its
//! law by convolution: P(A + B > T) = P(A > T) + sum over a of P(B > T - a), a sum of what is never negative, so that a share
//! of 1e-12 beyond the limit keeps its digits. On the grid, times are rounded to the nearest point: of smooth laws an error of
//! second order in the step. Only measured values that are too many to be kept one by one are rounded like them.

use super::kinds::Law;

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

/// Exact times that are kept at most; more go onto the grid.
const MOST_EXACT: usize = 512;

/// The law of a sum of independent times, as far as a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    step: f64,
    /// The part that takes exact times: (time, share), in order.
    exact: Vec<(f64, f64)>,
    /// Share whose other part takes no time at all.
    none: f64,
    /// Share of the other part at each point of the grid.
    shares: Vec<f64>,
    /// Share beyond the last point.
    beyond: f64,
}

impl Sum {
    /// Returns a sum of nothing, to be asked for limits up to `limit` (above 0).
    pub fn up_to(limit: f64) -> Sum {
        let shares = vec![0.0; STEPS + 1];
        Sum { step: limit / STEPS as f64, exact: vec![(0.0, 1.0)], none: 1.0, shares, beyond: 0.0 }
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
        if let Some(exact) = self.exact_with(branches) {
            self.exact = exact;
        } else if let [Branch { share, law, shift }] = branches
            && *share >= 1.0
        {
            self.exact.iter_mut().for_each(|(time, _)| *time += shift);
            self.convolve(1.0, |time| law.above(time));
        } else {
            let comes = branches.iter().map(|branch| branch.share).sum();
            let above = |branch: &Branch, time: f64| branch.share * branch.law.above(time - branch.shift);
            self.convolve(comes, |time| branches.iter().map(|branch| above(branch, time)).sum());
        }
    }

    /// Adds a time that takes each of these with its share; one without end is beyond every limit.
    pub fn add_times(&mut self, times: &[(f64, f64)]) {
        match self.exact_plus(times) {
            Some(exact) => self.exact = exact,
            None => {
                let comes = times.iter().map(|(_, share)| share).sum();
                self.convolve(comes, |limit| times.iter().filter(|time| time.0 > limit).map(|time| time.1).sum());
            }
        }
    }

    /// Returns the exact times with those of these branches added, if they have few times, and exact ones.
    fn exact_with(&self, branches: &[Branch]) -> Option<Vec<(f64, f64)>> {
        let most = MOST_EXACT / self.exact.len();
        let mut added = Vec::new();
        for branch in branches.iter().filter(|branch| branch.share > 0.0) {
            let mut add = |time: f64, share: f64| added.push((time + branch.shift, share * branch.share));
            match (&branch.law, branch.law.constant()) {
                (_, Some(time)) => add(time, 1.0),
                (Law::Measured(measured), None) => {
                    measured.atoms(most)?.into_iter().for_each(|(time, share)| add(time, share));
                }
                _ => return None,
            }
        }
        let comes: f64 = branches.iter().map(|branch| branch.share).sum();
        if comes < 1.0 {
            added.push((0.0, 1.0 - comes));
        }
        self.exact_plus(&added)
    }

    /// Returns the exact times with those of another exact time added, unless they are too many.
    fn exact_plus(&self, added: &[(f64, f64)]) -> Option<Vec<(f64, f64)>> {
        if added.len() > (MOST_EXACT / self.exact.len()).max(1) {
            return None;
        }
        let one = |&(time, share): &(f64, f64)| added.iter().map(move |(more, part)| (time + more, share * part));
        let mut sum: Vec<(f64, f64)> = self.exact.iter().flat_map(one).collect();
        sum.sort_by(|a, b| a.0.total_cmp(&b.0));
        sum.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0.0 };
            same
        });
        Some(sum)
    }

    /// Adds a time that comes with a probability, and else takes none: it exceeds another one with the probability `above`. What is
    /// less likely than the last digit of one is left out.
    pub fn add_above(&mut self, comes: f64, above: impl Fn(f64) -> f64) {
        const NOTHING: f64 = 1e-16;
        let tails = (0..=STEPS + 1).map(|k| if k == 0 { comes } else { above((k as f64 - 0.5) * self.step) });
        let mut tails: Vec<f64> = tails.take_while(|&tail| tail > NOTHING).collect();
        tails.resize(STEPS + 2, 0.0);
        self.convolve_tails(comes, &tails);
    }

    /// Adds a time that comes with a probability and exceeds another with the probability `above`.
    fn convolve(&mut self, comes: f64, above: impl Fn(f64) -> f64) {
        let tail = |k: usize| if k == 0 { comes } else { above((k as f64 - 0.5) * self.step) };
        let tails: Vec<f64> = (0..=STEPS + 1).map(tail).collect();
        self.convolve_tails(comes, &tails);
    }

    /// Adds a time by its shares beyond each border between two points; all that come are beyond that of the first point.
    fn convolve_tails(&mut self, comes: f64, tails: &[f64]) {
        let mut added: Vec<f64> = tails.windows(2).map(|pair| (pair[0] - pair[1]).max(0.0)).collect();
        while added.last() == Some(&0.0) {
            added.pop();
        }
        let stays = (1.0 - comes).max(0.0);
        let mut sum: Vec<f64> = self.shares.iter().map(|share| share * stays).collect();
        self.shares[0] += self.none;
        self.none *= stays;
        for (k, &share) in self.shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            sum[k..].iter_mut().zip(&added).for_each(|(sum, added)| *sum += share * added);
            self.beyond += share * tails[STEPS + 1 - k];
        }
        self.shares = sum;
    }

    /// Adds a time that is exponential at `rate` with probability `chance`, and else 0: the wait at M/M/c.
    pub fn add_wait(&mut self, chance: f64, rate: f64) {
        let keeps = libm::exp(-rate * self.step);
        let half = libm::exp(-rate * self.step / 2.0);
        let mut waiting = 0.0;
        let mut at_once = self.none;
        self.none *= 1.0 - chance;
        for share in &mut self.shares {
            let begins = *share + at_once;
            at_once = 0.0;
            // `waiting`: those of earlier points that come to this one; the exponential forgets how long they have waited.
            *share = (1.0 - chance) * *share + chance * ((1.0 - half) * begins + waiting * (1.0 - keeps));
            waiting = waiting * keeps + begins * half;
        }
        self.beyond += chance * waiting;
    }

    /// Returns the share of times above a limit, at most the one that the sum was made for.
    pub fn above(&self, limit: f64) -> f64 {
        let (mut next, mut beyond) = (self.shares.len(), self.beyond);
        let mut above = 0.0;
        // The longer the exact part, the less is left for the other one, and the more of the grid lies beyond it.
        for (time, share) in &self.exact {
            let place = (limit - time) / self.step;
            if place < 0.0 {
                above += share;
                continue;
            }
            // A point stands for half a step on each of its sides, the first one for what lies above it.
            let first = ((place + 0.5) as usize).min(STEPS);
            while next > first + 1 {
                next -= 1;
                beyond += self.shares[next];
            }
            let width = if first == 0 { 0.5 } else { 1.0 };
            let part = ((first as f64 + 0.5 - place) / width).clamp(0.0, 1.0);
            above += share * (beyond + part * self.shares[first]);
        }
        above.min(1.0)
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
    fn exact_times_are_not_rounded() {
        use super::super::measured::Measured;
        // A step of the grid is 4 ms: the limit lies between two values that share a point of it.
        let served = Law::Measured(Measured::new(vec![0.005, 0.005, 1.999, 2.001]));
        let mut sum = Sum::up_to(2.0);
        sum.add(&[always(&served)]);
        assert_eq!((sum.above(2.0), sum.above(1.999), sum.above(1.998), sum.above(0.004)), (0.25, 0.25, 0.5, 1.0));
        // A hit or a miss before it: 5 ms, in a tenth of the cases 20 ms more.
        sum.add(&[always(&Law::Constant(0.005))]);
        sum.add(&[Branch { share: 0.1, law: Law::Constant(0.02), shift: 0.0 }]);
        close(sum.above(2.0), 0.5, 1e-12);
        close(sum.above(2.021), 0.05, 1e-12);
        // And a wait behind it.
        sum.add_wait(0.5, 10.0);
        let waits = |time: f64| 0.5 * libm::exp(-10.0 * time);
        let quick = 0.9 * waits(1.99) + 0.1 * waits(1.97);
        close(sum.above(2.0), 0.5 + 0.5 * quick, 1e-6);
    }

    #[test]
    fn measured_values_that_are_many_are_rounded() {
        use super::super::measured::Measured;
        let uniform = Law::Measured(Measured::new((0..100_000).map(|i| f64::from(i) * 1e-5).collect()));
        let mut sum = Sum::up_to(2.0);
        sum.add(&[always(&uniform)]);
        sum.add(&[always(&uniform)]);
        close(sum.above(1.5), 0.125, 1e-3);
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
    fn times_are_kept_or_rounded() {
        let waits: Vec<(f64, f64)> =
            (0..100).map(|at| (f64::from(at) * 0.01, 0.005)).chain([(f64::INFINITY, 0.5)]).collect();
        let mut kept = Sum::up_to(2.0);
        kept.add(&[always(&Law::Exponential { mean: 0.1 })]);
        // Beside five exact times those of waits are too many: they are rounded to the grid.
        let mut rounded = kept.clone();
        let five: Vec<(f64, f64)> = (0..6).map(|at| (f64::from(at) * 1e-9, 1.0 / 6.0)).collect();
        rounded.add_times(&five);
        for sum in [&mut kept, &mut rounded] {
            sum.add_times(&waits);
            let exact: f64 = waits[..100].iter().map(|wait| 0.005 * libm::exp((wait.0 - 1.5) / 0.1)).sum();
            close(sum.above(1.5), 0.5 + exact, 1e-4);
            close(sum.above(0.0), 1.0, 1e-12);
        }
    }

    #[test]
    fn everything_adds_up_to_one() {
        let mut sum = Sum::up_to(3.0);
        for law in [Law::Gamma { shape: 0.5, scale: 1.0 }, Law::Uniform { low: 0.5, high: 1.0 }] {
            sum.add(&[always(&law)]);
        }
        sum.add_wait(0.4, 2.0);
        close(sum.none + sum.shares.iter().sum::<f64>() + sum.beyond, 1.0, 1e-12);
    }
}
