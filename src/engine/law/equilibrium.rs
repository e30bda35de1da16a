//! Equilibrium: how much of a lasting time is left when one looks at a random moment.
//!
//! # Model
//! A random moment falls into a long time more often than into a short one: the time it falls into has density x f(x) / E[X],
//! and what is left of it is uniform over its length. The mean of what is left is E[X²] / (2 E[X]).
//!
//! # References
//! Cox (1962), Renewal Theory, chapter 5.

use super::kinds::Law;
use crate::engine::special::gamma;

impl Law {
    /// Draws what is left of a time at a random moment of it; `uniform` gives numbers strictly between 0 and 1, and is asked
    /// as often as the law needs it: for a truncated normal or a triangular law, which are drawn by rejection, any number of times.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::Law;
    /// let left = Law::Constant(10.0).residual(|| 0.25);
    /// assert_eq!(left, 2.5);
    /// ```
    pub fn residual(&self, mut uniform: impl FnMut() -> f64) -> f64 {
        match self {
            // Without memory.
            Law::Exponential { .. } => self.quantile(uniform()),
            _ => {
                let whole = self.length_biased(&mut uniform);
                whole * uniform()
            }
        }
    }

    /// Draws the whole of the time that a random moment falls into.
    fn length_biased(&self, uniform: &mut impl FnMut() -> f64) -> f64 {
        match self {
            Law::Constant(value) => *value,
            Law::LogNormal { mu, sigma } => {
                Law::LogNormal { mu: mu + sigma * sigma, sigma: *sigma }.quantile(uniform())
            }
            Law::Exponential { mean } => Law::Gamma { shape: 2.0, scale: *mean }.quantile(uniform()),
            Law::Gamma { shape, scale } => Law::Gamma { shape: shape + 1.0, scale: *scale }.quantile(uniform()),
            Law::Weibull { shape, scale } => {
                scale * libm::pow(gamma::quantile(1.0 + 1.0 / shape, uniform()), 1.0 / shape)
            }
            Law::Pareto { low, shape } => Law::Pareto { low: *low, shape: shape - 1.0 }.quantile(uniform()),
            Law::Uniform { low, high } => between(*low, *high, uniform()),
            Law::Empirical(knots) => {
                // Each piece of the table is a uniform law with the weight of its share of the mean.
                let weight = |piece: &[(f64, f64)]| (piece[1].0 - piece[0].0) * (piece[0].1 + piece[1].1) / 2.0;
                let total: f64 = knots.windows(2).map(weight).sum();
                let mut left = uniform() * total;
                let piece = knots.windows(2).find(|piece| {
                    left -= weight(piece);
                    left <= 0.0
                });
                let piece = piece.unwrap_or(&knots[knots.len().saturating_sub(2)..]);
                between(piece[0].1, piece[piece.len() - 1].1, uniform())
            }
            Law::Measured(measured) => measured.length_biased(uniform()),
            Law::Triangular { high, .. } => self.rejected(*high, uniform),
            Law::Hyperexponential(phases) => {
                let (mean, u) = (self.mean(), uniform());
                let mut left = u * mean;
                let phase = phases.iter().find(|(share, mean)| {
                    left -= share * mean;
                    left <= 0.0
                });
                let mean = phase.or(phases.last()).map_or(mean, |phase| phase.1);
                Law::Gamma { shape: 2.0, scale: mean }.quantile(uniform())
            }
            Law::TruncatedNormal { high, .. } => {
                // Below a bound that all but 1e-30 of the values keep.
                self.rejected(high.min(self.mean() + 12.0 * libm::sqrt(self.variance())), uniform)
            }
        }
    }

    /// The same by rejection, where values are at most `bound`.
    fn rejected(&self, bound: f64, uniform: &mut impl FnMut() -> f64) -> f64 {
        loop {
            let value = self.quantile(uniform());
            if uniform() * bound < value {
                return value;
            }
        }
    }
}

/// A length-biased draw between two bounds: density proportional to x.
fn between(low: f64, high: f64, u: f64) -> f64 {
    libm::sqrt(low * low + u * (high * high - low * low))
}

#[cfg(test)]
mod tests {
    use super::super::kinds::one_of_each;
    use crate::engine::rng::{Key, unit};

    #[test]
    fn what_is_left_has_the_mean_of_renewal_theory() {
        for law in one_of_each() {
            let n = 200_000_u32;
            let draws: Vec<f64> = (0..n)
                .map(|index| {
                    let mut draw = 0;
                    law.residual(|| {
                        draw += 1;
                        unit(Key(7).nth(u64::from(index)).nth(draw).0) + 1e-17
                    })
                })
                .collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let square = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
            let expected = (law.variance() + law.mean() * law.mean()) / (2.0 * law.mean());
            assert!((mean - expected).abs() < 4.5 * (square / f64::from(n)).sqrt(), "{law:?}: {mean} for {expected}");
        }
    }
}
