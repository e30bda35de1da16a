//! Laws of chance: what a duration or a size may be distributed as.
use crate::units::Nanos;

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
    /// A mixture of exponentials: (probability, mean); probabilities add up to 1.
    Hyperexponential(Vec<(f64, f64)>),
    /// Quantile table: (probability, value), both increasing, from probability 0 to 1; linear in between.
    Empirical(Vec<(f64, f64)>),
}
impl Law {
    /// Mean.
    pub fn mean(&self) -> f64 {
        todo!()
    }
    /// Variance; infinite where it does not exist.
    pub fn variance(&self) -> f64 {
        todo!()
    }
    /// The value below which a share `p` (0 < p < 1) lies.
    pub fn quantile(&self, _p: f64) -> f64 {
        todo!()
    }
    /// Returns the value if the law is a constant.
    pub fn constant(&self) -> Option<f64> {
        todo!()
    }
}

/// A law made ready for drawing: one 64-bit draw in, one value out.
#[derive(Debug, Clone)]
pub struct Sampler {}
impl Sampler {
    /// Prepares a law.
    pub fn new(_law: &Law) -> Sampler {
        todo!()
    }
    /// Turns 64 random bits into a value, rounded to whole nanoseconds.
    #[inline]
    pub fn sample(&self, _bits: u64) -> Nanos {
        todo!()
    }
}
