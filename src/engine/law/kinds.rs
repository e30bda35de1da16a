//! The kinds of law that there are, with their parameters.

use super::measured::Measured;

/// A distribution of a non-negative quantity, in the unit of its parameters (nanoseconds for durations).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Law {
    /// Always this value.
    Constant(f64),
    /// Exponential with this mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Uniform between two bounds.
    Uniform {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Normal, conditioned to lie in `low..high`.
    TruncatedNormal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        deviation: f64,
        /// Lower bound, at least 0.
        low: f64,
        /// Upper bound, may be infinite.
        high: f64,
    },
    /// Log-normal: the exponential of a normal with mean `mu` and standard deviation `sigma`.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Gamma (Erlang if the shape is whole).
    Gamma {
        /// Shape k.
        shape: f64,
        /// Scale theta; the mean is k theta.
        scale: f64,
    },
    /// Weibull.
    Weibull {
        /// Shape k.
        shape: f64,
        /// Scale lambda.
        scale: f64,
    },
    /// Pareto (type I).
    Pareto {
        /// Least value.
        low: f64,
        /// Tail index alpha.
        shape: f64,
    },
    /// Triangular: its density rises in a straight line from the least value to the most frequent one, and falls to the greatest.
    Triangular {
        /// Least value.
        low: f64,
        /// Most frequent value.
        mode: f64,
        /// Greatest value.
        high: f64,
    },
    /// A mixture of exponentials: (probability, mean); probabilities add up to 1.
    Hyperexponential(Vec<(f64, f64)>),
    /// Quantile table: (probability, value), both increasing, from probability 0 to 1; linear in between.
    Empirical(Vec<(f64, f64)>),
    /// Measured values, each as likely as every other one.
    Measured(Measured),
}

impl Law {
    /// Returns the value if the law is a constant.
    pub fn constant(&self) -> Option<f64> {
        match self {
            Law::Constant(value) => Some(*value),
            Law::Uniform { low, high } if low == high => Some(*low),
            Law::Measured(measured) => match measured.values() {
                [first, .., last] if first == last => Some(*first),
                [only] => Some(*only),
                _ => None,
            },
            _ => None,
        }
    }

    /// The law of the same quantity in another unit, or `factor` times as long.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::Law;
    /// let slow = Law::Exponential { mean: 10.0 }.scaled(3.0);
    /// assert_eq!(slow.mean(), 30.0);
    /// ```
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Law {
        match self {
            Law::Constant(value) => Law::Constant(value * factor),
            Law::Exponential { mean } => Law::Exponential { mean: mean * factor },
            Law::Uniform { low, high } => Law::Uniform { low: low * factor, high: high * factor },
            Law::TruncatedNormal { mean, deviation, low, high } => Law::TruncatedNormal {
                mean: mean * factor,
                deviation: deviation * factor,
                low: low * factor,
                high: high * factor,
            },
            Law::LogNormal { mu, sigma } => Law::LogNormal { mu: mu + libm::log(factor), sigma: *sigma },
            Law::Gamma { shape, scale } => Law::Gamma { shape: *shape, scale: scale * factor },
            Law::Weibull { shape, scale } => Law::Weibull { shape: *shape, scale: scale * factor },
            Law::Pareto { low, shape } => Law::Pareto { low: low * factor, shape: *shape },
            Law::Triangular { low, mode, high } => {
                Law::Triangular { low: low * factor, mode: mode * factor, high: high * factor }
            }
            Law::Hyperexponential(phases) => {
                Law::Hyperexponential(phases.iter().map(|(p, mean)| (*p, mean * factor)).collect())
            }
            Law::Empirical(knots) => Law::Empirical(knots.iter().map(|(p, value)| (*p, value * factor)).collect()),
            Law::Measured(measured) => Law::Measured(measured.scaled(factor)),
        }
    }
}

/// One law of every kind, in nanoseconds: what tests and the digest of the samplers go over.
pub(super) fn one_of_each() -> Vec<Law> {
    let ms = 1e6;
    vec![
        Law::Constant(5.0 * ms),
        Law::Exponential { mean: 10.0 * ms },
        Law::Uniform { low: 2.0 * ms, high: 7.0 * ms },
        Law::TruncatedNormal { mean: 10.0 * ms, deviation: 4.0 * ms, low: 0.0, high: f64::INFINITY },
        Law::TruncatedNormal { mean: 10.0 * ms, deviation: 4.0 * ms, low: 12.0 * ms, high: 30.0 * ms },
        Law::LogNormal { mu: 16.0, sigma: 0.5 },
        Law::LogNormal { mu: 16.0, sigma: 1.5 },
        Law::Gamma { shape: 0.5, scale: 10.0 * ms },
        Law::Gamma { shape: 4.0, scale: 2.0 * ms },
        Law::Gamma { shape: 200.0, scale: 0.1 * ms },
        Law::Weibull { shape: 0.7, scale: 10.0 * ms },
        Law::Weibull { shape: 2.0, scale: 10.0 * ms },
        Law::Pareto { low: 3.0 * ms, shape: 2.5 },
        Law::Hyperexponential(vec![(0.95, 5.0 * ms), (0.05, 200.0 * ms)]),
        Law::Triangular { low: 2.0 * ms, mode: 3.0 * ms, high: 10.0 * ms },
        Law::Empirical(vec![(0.0, ms), (0.5, 10.0 * ms), (0.9, 30.0 * ms), (0.99, 100.0 * ms), (1.0, 250.0 * ms)]),
        Law::Measured(Measured::new([3, 1, 1, 50, 2, 3, 9, 4].map(|value| f64::from(value) * 1e7).to_vec())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_scales_moments_and_quantiles() {
        for law in one_of_each() {
            let twice = law.scaled(2.0);
            assert!((twice.mean() / law.mean() - 2.0).abs() < 1e-12, "{law:?}");
            assert!((twice.variance() - 4.0 * law.variance()).abs() <= 1e-9 * twice.variance(), "{law:?}");
            for p in [0.001, 0.3, 0.5, 0.99] {
                assert!((twice.quantile(p) / law.quantile(p) - 2.0).abs() < 1e-12, "{law:?} at {p}");
            }
            assert_eq!(twice.check(), Ok(()));
        }
    }

    #[test]
    fn constants_are_known_as_such() {
        assert_eq!(Law::Constant(3.0).constant(), Some(3.0));
        assert_eq!(Law::Uniform { low: 2.0, high: 2.0 }.constant(), Some(2.0));
        assert_eq!(Law::Exponential { mean: 3.0 }.constant(), None);
    }
}
