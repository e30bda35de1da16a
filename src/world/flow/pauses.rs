//! How long the pauses between attempts take together.
//!
//! # Model
//! Pauses that nothing spreads are exact. Spread evenly, each adds its own even law to the law of those before it:
//! F(x) = (G(x) - G(x - h)) / h, with G the integral of the law so far. A decorrelated pause depends on the one before: its sums
//! are counted over evenly spread points (a Kronecker sequence with the roots of primes), the same in every run.

use crate::scenario::client::{Backoff, Growth, Jitter};
use crate::units::seconds;

/// Points of a law's grid.
const POINTS: usize = 1024;
/// Points over which decorrelated pauses are counted.
const DRAWN: usize = 1 << 14;
/// Times are whole nanoseconds: what is closer is the same time, but for rounding.
const HAIR: f64 = 0.5e-9;

/// The law of the first j pauses together, for each j from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Pauses(Vec<Together>);

/// The law of a time.
#[derive(Debug, Clone, PartialEq)]
struct Together {
    /// The shortest it can be.
    least: f64,
    /// Step of the grid from there on; 0 if it is always the least.
    step: f64,
    /// Share below each point.
    below: Vec<f64>,
    mean: f64,
}

impl Together {
    fn exactly(time: f64) -> Together {
        Together { least: time, step: 0.0, below: vec![1.0], mean: time }
    }

    fn below(&self, time: f64) -> f64 {
        let beyond = time - self.least;
        if beyond <= HAIR {
            return 0.0;
        }
        if self.step == 0.0 {
            return 1.0;
        }
        let place = beyond / self.step;
        let at = place as usize;
        match self.below.get(at + 1) {
            Some(next) => self.below[at] + (next - self.below[at]) * (place - at as f64),
            None => self.below[self.below.len() - 1],
        }
    }

    /// Adds a time that is even between two.
    fn with(&self, (low, high): (f64, f64), longest: f64) -> Together {
        let width = high - low;
        let mean = self.mean + (low + high) / 2.0;
        if width <= 0.0 {
            return Together { least: self.least + low, mean, ..self.clone() };
        }
        let step = longest / POINTS as f64;
        let first = self.step == 0.0;
        // Integral of the law so far, from its least time on.
        let mut integral = vec![0.0; self.below.len()];
        for at in 1..integral.len() {
            integral[at] = integral[at - 1] + self.step * (self.below[at - 1] + self.below[at]) / 2.0;
        }
        let integral_to = |x: f64| {
            if x <= 0.0 {
                return 0.0;
            }
            if first {
                return x;
            }
            let at = ((x / self.step) as usize).min(integral.len() - 1);
            let more = x - at as f64 * self.step;
            integral[at] + more * (self.below[at] + self.below(self.least + x)) / 2.0
        };
        let share = |at: usize| {
            let x = at as f64 * step;
            ((integral_to(x) - integral_to(x - width)) / width).clamp(0.0, 1.0)
        };
        Together { least: self.least + low, step, below: (0..=POINTS).map(share).collect(), mean }
    }
}

impl Pauses {
    /// Returns the pauses of a client with so many attempts, as far as its deadline in seconds.
    pub fn new(backoff: &Backoff, attempts: u8, deadline: f64) -> Pauses {
        let (first, max) = (seconds(backoff.first), seconds(backoff.max));
        if backoff.growth == Growth::Decorrelated {
            return Pauses::decorrelated((first, max), attempts, deadline);
        }
        let mut sums = vec![Together::exactly(0.0)];
        let mut width = 0.0;
        for (low, high) in ranges(backoff, attempts) {
            width += high - low;
            sums.push(sums[sums.len() - 1].with((low, high), f64::min(width, deadline)));
        }
        Pauses(sums)
    }

    fn decorrelated((first, max): (f64, f64), attempts: u8, deadline: f64) -> Pauses {
        let pauses = usize::from(attempts) - 1;
        let step = deadline / POINTS as f64;
        let mut counts = vec![vec![0_u32; POINTS + 2]; pauses];
        let mut means = vec![0.0; pauses];
        let roots: Vec<f64> = primes(pauses).map(|prime| libm::sqrt(f64::from(prime))).collect();
        for point in 0..DRAWN {
            let (mut last, mut sum) = (first, 0.0);
            for (at, root) in roots.iter().enumerate() {
                let place = (point as f64 + 0.5) * root;
                last = (first + (place - libm::floor(place)) * (3.0 * last - first).max(0.0)).min(max);
                sum += last;
                means[at] += sum / DRAWN as f64;
                counts[at][(libm::ceil(sum / step) as usize).min(POINTS + 1)] += 1;
            }
        }
        let law = |(counts, mean): (&Vec<u32>, &f64)| {
            let below = counts.iter().take(POINTS + 1).scan(0_u32, |sum, &count| {
                *sum += count;
                Some(f64::from(*sum) / DRAWN as f64)
            });
            Together { least: 0.0, step, below: below.collect(), mean: *mean }
        };
        Pauses(std::iter::once(Together::exactly(0.0)).chain(counts.iter().zip(&means).map(law)).collect())
    }

    /// Returns the probability that the first `pauses` take less than a time, in seconds.
    pub fn below(&self, pauses: usize, time: f64) -> f64 {
        self.0[pauses].below(time)
    }

    /// Returns what the first `pauses` take in the mean, of those that take less than a time.
    pub fn mean_below(&self, pauses: usize, time: f64) -> f64 {
        let law = &self.0[pauses];
        match law.below(time) {
            // All of it, or nothing to take the mean of.
            share if share >= 1.0 || share <= 0.0 => law.mean.min(time.max(0.0)),
            share => self.mean_between(pauses, (law.least, time), |pauses| pauses) / share,
        }
    }

    /// Returns the mean of a function of what the first `pauses` take, counting 0 where that is not between two times.
    pub fn mean_between(&self, pauses: usize, (from, to): (f64, f64), of: impl Fn(f64) -> f64) -> f64 {
        /// Parts in which the function is taken in the middle.
        const PARTS: usize = 128;
        let law = &self.0[pauses];
        let (from, to) = (from.max(law.least), to);
        if law.step == 0.0 {
            return if from <= law.least && law.least + HAIR < to { of(law.least) } else { 0.0 };
        }
        let to = to.min(law.least + law.step * (law.below.len() - 1) as f64);
        if to <= from {
            return 0.0;
        }
        let part = (to - from) / PARTS as f64;
        let mut before = law.below(from);
        let each = (0..PARTS).map(|at| {
            let begins = from + at as f64 * part;
            let until = law.below(begins + part);
            let share = until - std::mem::replace(&mut before, until);
            if share > 0.0 { share * of(begins + part / 2.0) } else { 0.0 }
        });
        each.sum()
    }
}

/// Returns between which times the pause before each retry lies, evenly; for a decorrelated one, after a mean one.
pub fn ranges(backoff: &Backoff, attempts: u8) -> Vec<(f64, f64)> {
    let (first, max) = (seconds(backoff.first), seconds(backoff.max));
    let mut last = first;
    let range = |next: u8| {
        let base = match backoff.growth {
            Growth::Exponential { factor } => first * libm::pow(factor, f64::from(next - 2)),
            Growth::Constant => first,
            Growth::Decorrelated => {
                let range = (first.min(max), (3.0 * last).min(max));
                last = f64::midpoint(range.0, range.1);
                return range;
            }
        };
        let base = base.min(max);
        match backoff.jitter {
            Jitter::None => (base, base),
            Jitter::Equal => (base / 2.0, base),
            Jitter::Full => (0.0, base),
        }
    };
    (2..=attempts).map(range).collect()
}

fn primes(count: usize) -> impl Iterator<Item = u32> {
    (2..).filter(|&n: &u32| (2..n).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d))).take(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{MILLISECOND, SECOND};

    fn pauses(growth: Growth, jitter: Jitter, attempts: u8) -> Pauses {
        Pauses::new(&Backoff { growth, first: 100 * MILLISECOND, max: SECOND, jitter }, attempts, 3.0)
    }

    #[test]
    fn even_pauses_add_up() {
        let doubling = pauses(Growth::Exponential { factor: 2.0 }, Jitter::Full, 3);
        // Even up to 100 ms and up to 200 ms: below 50 ms a triangle of 50 x 50 / 2 of 100 x 200.
        for (time, expected) in [(0.05, 0.0625), (0.1, 0.25), (0.2, 0.75), (0.25, 0.9375), (0.3, 1.0), (1.0, 1.0)] {
            let found = doubling.below(2, time);
            assert!((found - expected).abs() < 1e-5, "{time}: {found}");
        }
        assert!((doubling.mean_below(2, 1.0) - 0.15).abs() < 1e-12);
        // Below 50 ms the mean of a triangle: two thirds.
        assert!((doubling.mean_below(2, 0.05) - 0.1 / 3.0).abs() < 1e-4);
        let mean = doubling.mean_between(2, (0.0, 1.0), |time| time);
        assert!((mean - 0.15).abs() < 1e-4, "{mean}");
        // Half of it is certain.
        let equal = pauses(Growth::Constant, Jitter::Equal, 3);
        assert_eq!(equal.below(2, 0.1), 0.0);
        assert!((equal.below(1, 0.075) - 0.5).abs() < 1e-12);
        assert!((equal.below(2, 0.15) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn pauses_without_chance_are_exact() {
        let constant = pauses(Growth::Constant, Jitter::None, 4);
        assert_eq!((constant.below(2, 0.2), constant.below(2, 0.200_001)), (0.0, 1.0));
        assert_eq!(constant.mean_between(3, (0.25, 0.4), |time| time), 0.1 + 0.1 + 0.1);
        assert_eq!(constant.mean_between(3, (0.31, 0.4), |time| time), 0.0);
    }

    #[test]
    fn decorrelated_pauses_depend_on_the_one_before() {
        // Even between 100 and 300 ms, then between 100 ms and three times that: means 200 and 350 ms.
        let drawn = pauses(Growth::Decorrelated, Jitter::None, 3);
        assert!(
            (drawn.mean_below(1, 3.0) - 0.2).abs() < 1e-4 && (drawn.mean_below(2, 3.0) - 0.55).abs() < 1e-3,
            "{}",
            drawn.mean_below(2, 3.0)
        );
        assert!((drawn.below(1, 0.25) - 0.75).abs() < 0.005, "{}", drawn.below(1, 0.25));
    }
}
