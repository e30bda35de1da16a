//! Distribution function and quantiles of a law, to about twelve digits.
//!
//! Quantiles come in two: from below and from above. A share near 1 has lost its digits before any formula starts, so
//! whoever needs the far tail asks for the share that lies beyond it.

use super::kinds::Law;
use crate::engine::special::{gamma, normal};

impl Law {
    /// The value below which a share `p` (0 < p < 1) lies; the least and greatest value at 0 and 1.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::Law;
    /// let median = Law::Exponential { mean: 10.0 }.quantile(0.5);
    /// assert!((median - 6.931471805599453).abs() < 1e-12); // 10 ln 2
    /// ```
    pub fn quantile(&self, p: f64) -> f64 {
        let p = p.clamp(0.0, 1.0);
        match self {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => -mean * libm::log1p(-p),
            Law::Uniform { low, high } => low + (high - low) * p,
            Law::TruncatedNormal { mean, deviation, low, high } => {
                Truncation::new(*mean, *deviation, *low, *high).quantile(p, 1.0 - p)
            }
            Law::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal::quantile(p)),
            Law::Gamma { shape, scale } => scale * gamma::quantile(*shape, p),
            Law::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-p), 1.0 / shape),
            Law::Pareto { low, shape } => low * libm::exp(-libm::log1p(-p) / shape),
            Law::Hyperexponential(phases) => {
                if p <= 0.5 {
                    hyperexponential_below(phases, p)
                } else {
                    hyperexponential_above(phases, 1.0 - p)
                }
            }
            Law::Triangular { low, mode, high } => triangular(*low, *mode, *high, p, 1.0 - p),
            Law::Empirical(knots) => empirical(knots, p),
            Law::Measured(measured) => measured.quantile(p),
        }
    }

    /// The value above which a share `q` lies: `quantile(1 - q)`, exact also for shares as small as 1e-19.
    pub fn quantile_above(&self, q: f64) -> f64 {
        let q = q.clamp(0.0, 1.0);
        match self {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => -mean * libm::log(q),
            Law::Uniform { low, high } => high - (high - low) * q,
            Law::TruncatedNormal { mean, deviation, low, high } => {
                Truncation::new(*mean, *deviation, *low, *high).quantile(1.0 - q, q)
            }
            Law::LogNormal { mu, sigma } => libm::exp(mu - sigma * normal::quantile(q)),
            Law::Gamma { shape, scale } => scale * gamma::quantile_above(*shape, q),
            Law::Weibull { shape, scale } => scale * libm::pow(-libm::log(q), 1.0 / shape),
            Law::Pareto { low, shape } => low * libm::exp(-libm::log(q) / shape),
            Law::Hyperexponential(phases) => {
                if q <= 0.5 {
                    hyperexponential_above(phases, q)
                } else {
                    hyperexponential_below(phases, 1.0 - q)
                }
            }
            Law::Triangular { low, mode, high } => triangular(*low, *mode, *high, 1.0 - q, q),
            Law::Empirical(knots) => empirical(knots, 1.0 - q),
            Law::Measured(measured) => measured.quantile_above(q),
        }
    }

    /// The share of values at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 0.0;
        }
        match self {
            Law::Constant(value) => f64::from(u8::from(x >= *value)),
            Law::Exponential { mean } => -libm::expm1(-x / mean),
            Law::Uniform { low, high } => {
                if x >= *high {
                    1.0
                } else {
                    ((x - low) / (high - low)).max(0.0)
                }
            }
            Law::TruncatedNormal { mean, deviation, low, high } => {
                if x >= *high {
                    1.0
                } else {
                    Truncation::new(*mean, *deviation, *low, *high).below(x)
                }
            }
            Law::LogNormal { mu, sigma } => normal::below((libm::log(x) - mu) / sigma),
            Law::Gamma { shape, scale } => gamma::below(*shape, x / scale),
            Law::Weibull { shape, scale } => -libm::expm1(-libm::pow(x / scale, *shape)),
            Law::Pareto { low, shape } => {
                if x <= *low {
                    0.0
                } else {
                    -libm::expm1(-shape * libm::log(x / low))
                }
            }
            Law::Hyperexponential(phases) => phases.iter().map(|(p, mean)| -p * libm::expm1(-x / mean)).sum(),
            Law::Triangular { low, mode, high } => {
                if x <= *mode {
                    rising(*low, *mode, *high, x)
                } else {
                    1.0 - falling(*low, *mode, *high, x)
                }
            }
            Law::Empirical(knots) => empirical_share(knots, x),
            Law::Measured(measured) => measured.cdf(x),
        }
    }

    /// The share of values beyond `x`: `1 - cdf(x)`, exact also where it is as small as 1e-300.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::Law;
    /// let beyond = Law::Weibull { shape: 2.0, scale: 1.0 }.above(20.0);
    /// assert!((beyond.ln() + 400.0).abs() < 1e-12); // e^-400
    /// ```
    pub fn above(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 1.0;
        }
        match self {
            Law::Constant(_) | Law::Uniform { .. } | Law::Empirical(_) => 1.0 - self.cdf(x),
            Law::Measured(measured) => measured.above(x),
            Law::Triangular { low, mode, high } => {
                if x <= *mode {
                    1.0 - rising(*low, *mode, *high, x)
                } else {
                    falling(*low, *mode, *high, x)
                }
            }
            Law::Exponential { mean } => libm::exp(-x / mean),
            Law::TruncatedNormal { mean, deviation, low, high } => {
                if x >= *high {
                    0.0
                } else {
                    Truncation::new(*mean, *deviation, *low, *high).above(x)
                }
            }
            Law::LogNormal { mu, sigma } => normal::above((libm::log(x) - mu) / sigma),
            Law::Gamma { shape, scale } => gamma::above(*shape, x / scale),
            Law::Weibull { shape, scale } => libm::exp(-libm::pow(x / scale, *shape)),
            Law::Pareto { low, shape } => {
                if x <= *low {
                    1.0
                } else {
                    libm::pow(low / x, *shape)
                }
            }
            Law::Hyperexponential(phases) => phases.iter().map(|(p, mean)| p * libm::exp(-x / mean)).sum(),
        }
    }
}

/// A normal between two bounds: what its formulas share.
struct Truncation {
    mean: f64,
    deviation: f64,
    low: f64,
    high: f64,
    /// Shares of the whole normal below the lower bound and above the upper one.
    cut_below: f64,
    cut_above: f64,
    mass: f64,
}

impl Truncation {
    fn new(mean: f64, deviation: f64, low: f64, high: f64) -> Truncation {
        let (a, b) = ((low - mean) / deviation, (high - mean) / deviation);
        let mass = if a > 0.0 { normal::above(a) - normal::above(b) } else { normal::below(b) - normal::below(a) };
        Truncation { mean, deviation, low, high, cut_below: normal::below(a), cut_above: normal::above(b), mass }
    }

    fn below(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.deviation;
        let share = if self.cut_below < 0.5 {
            (normal::below(z) - self.cut_below) / self.mass
        } else {
            1.0 - (normal::above(z) - self.cut_above) / self.mass
        };
        share.clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> f64 {
        ((normal::above((x - self.mean) / self.deviation) - self.cut_above) / self.mass).clamp(0.0, 1.0)
    }

    /// `p` below and `q` above, of the part that is kept.
    fn quantile(&self, p: f64, q: f64) -> f64 {
        let from_below = self.cut_below + p * self.mass;
        let z = if from_below <= 0.5 {
            normal::quantile(from_below)
        } else {
            -normal::quantile(self.cut_above + q * self.mass)
        };
        (self.mean + self.deviation * z).clamp(self.low, self.high)
    }
}

/// The quantile of a triangular law with `p` below and `q` above.
fn triangular(low: f64, mode: f64, high: f64, p: f64, q: f64) -> f64 {
    if p * (high - low) <= mode - low {
        low + libm::sqrt(p * (high - low) * (mode - low))
    } else {
        high - libm::sqrt(q * (high - low) * (high - mode))
    }
}

/// The share of a triangular law below `x`, which is at most the mode.
fn rising(low: f64, mode: f64, high: f64, x: f64) -> f64 {
    let part = (x - low).max(0.0);
    if part > 0.0 { part * part / ((high - low) * (mode - low)) } else { 0.0 }
}

/// The share of a triangular law above `x`, which is beyond the mode.
fn falling(low: f64, mode: f64, high: f64, x: f64) -> f64 {
    let part = (high - x).max(0.0);
    if part > 0.0 { part * part / ((high - low) * (high - mode)) } else { 0.0 }
}

/// F is concave and ln(1 - F) convex for a mixture of exponentials, so Newton from the left never overshoots.
fn hyperexponential_below(phases: &[(f64, f64)], p: f64) -> f64 {
    newton_from_left(0.0, |x| {
        let (mut share, mut density) = (0.0, 0.0);
        for (weight, mean) in phases {
            share -= weight * libm::expm1(-x / mean);
            density += weight / mean * libm::exp(-x / mean);
        }
        (p - share) / density
    })
}

fn hyperexponential_above(phases: &[(f64, f64)], q: f64) -> f64 {
    if q <= 0.0 {
        return f64::INFINITY;
    }
    // Each phase alone gives a lower bound.
    let start = phases.iter().map(|(weight, mean)| mean * libm::log(weight / q)).fold(0.0, f64::max);
    let target = libm::log(q);
    newton_from_left(start, |x| {
        let (mut share, mut density) = (0.0, 0.0);
        for (weight, mean) in phases {
            let part = weight * libm::exp(-x / mean);
            share += part;
            density += part / mean;
        }
        (libm::log(share) - target) * share / density
    })
}

fn newton_from_left(start: f64, step: impl Fn(f64) -> f64) -> f64 {
    let mut x = start;
    for _ in 0..500 {
        let next = x + step(x);
        if next - x <= 1e-15 * next.abs() {
            return next.max(start);
        }
        x = next;
    }
    x
}

fn empirical(knots: &[(f64, f64)], p: f64) -> f64 {
    let after = knots.partition_point(|k| k.0 <= p);
    if after == 0 {
        return knots.first().map_or(0.0, |k| k.1);
    }
    if after == knots.len() {
        return knots[after - 1].1;
    }
    let (a, b) = (knots[after - 1], knots[after]);
    a.1 + (b.1 - a.1) * ((p - a.0) / (b.0 - a.0))
}

fn empirical_share(knots: &[(f64, f64)], x: f64) -> f64 {
    let after = knots.partition_point(|k| k.1 <= x);
    if after == 0 {
        return 0.0;
    }
    if after == knots.len() {
        return 1.0;
    }
    let (a, b) = (knots[after - 1], knots[after]);
    a.0 + (b.0 - a.0) * ((x - a.1) / (b.1 - a.1))
}

#[cfg(test)]
mod tests {
    use super::super::kinds::one_of_each;
    use super::*;

    #[test]
    fn numbers_by_hand() {
        let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        close(Law::Exponential { mean: 2.0 }.quantile_above(1e-9), 41.44653167389282);
        close(Law::Pareto { low: 2.0, shape: 2.0 }.quantile(0.75), 4.0);
        close(Law::Weibull { shape: 2.0, scale: 3.0 }.quantile_above(libm::exp(-4.0)), 6.0);
        close(Law::LogNormal { mu: 1.0, sigma: 2.0 }.quantile(0.5), std::f64::consts::E);
        // Erlang-2 of mean 2: 1 - e^-x (1 + x) = 0.5 at x = 1.678346990016661.
        close(Law::Gamma { shape: 2.0, scale: 1.0 }.quantile(0.5), 1.678346990016661);
        // The median of half a normal is the third quartile of the whole.
        let half = Law::TruncatedNormal { mean: 0.0, deviation: 1.0, low: 0.0, high: f64::INFINITY };
        close(half.quantile(0.5), 0.6744897501960817);
        // A quarter of the triangle lies left of its mode.
        let triangle = Law::Triangular { low: 0.0, mode: 1.0, high: 4.0 };
        close(triangle.quantile(0.25), 1.0);
        close(triangle.quantile(0.0625), 0.5);
        close(triangle.above(2.5), 0.1875);
        let table = Law::Empirical(vec![(0.0, 0.0), (0.5, 1.0), (1.0, 3.0)]);
        close(table.quantile(0.75), 2.0);
        close(table.cdf(2.0), 0.75);
    }

    #[test]
    fn distribution_function_inverts_the_quantile() {
        let smooth = |law: &Law| law.constant().is_none() && !matches!(law, Law::Measured(_));
        for law in one_of_each().into_iter().filter(smooth) {
            let mut before = 0.0;
            for i in 1..1000 {
                let p = f64::from(i) / 1000.0;
                let x = law.quantile(p);
                assert!((law.cdf(x) - p).abs() < 1e-11, "{law:?} at {p}: {x} {}", law.cdf(x));
                assert!((law.quantile_above(1.0 - p) / x - 1.0).abs() < 1e-11, "{law:?} at {p}");
                assert!((law.above(x) + law.cdf(x) - 1.0).abs() < 1e-12, "{law:?} at {p}");
                assert!(x >= before);
                before = x;
            }
            assert!(law.quantile(1e-12) <= law.quantile(1e-3));
            assert!(law.quantile_above(1e-15) >= before);
        }
    }

    #[test]
    fn ends_and_jumps() {
        for law in one_of_each() {
            assert!(law.quantile(0.0) >= 0.0 && law.quantile(0.0).is_finite(), "{law:?}");
            assert!(law.quantile(1.0) >= law.quantile(0.999), "{law:?}");
            assert_eq!(law.cdf(-1.0), 0.0);
            assert_eq!(law.cdf(f64::INFINITY), 1.0, "{law:?}");
            assert_eq!((law.above(-1.0), law.above(f64::INFINITY)), (1.0, 0.0), "{law:?}");
            if law.quantile(1.0).is_infinite() {
                assert!((law.above(law.quantile_above(1e-15)) / 1e-15 - 1.0).abs() < 1e-6, "{law:?}");
            }
        }
        assert_eq!(Law::Constant(3.0).cdf(2.999), 0.0);
        assert_eq!(Law::Constant(3.0).cdf(3.0), 1.0);
        // A level stretch holds a share of equal values: the table jumps over it.
        let level = Law::Empirical(vec![(0.0, 1.0), (0.2, 2.0), (0.8, 2.0), (1.0, 5.0)]);
        assert_eq!(level.quantile(0.5), 2.0);
        assert_eq!(level.cdf(2.0), 0.8);
    }
}
