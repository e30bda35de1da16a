//! Mean and variance of a law.
//!
//! # References
//! Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1.

use super::kinds::Law;
use crate::engine::special::normal;

impl Law {
    /// Mean.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::Law;
    /// assert_eq!(Law::Pareto { low: 2.0, shape: 3.0 }.mean(), 3.0);
    /// ```
    pub fn mean(&self) -> f64 {
        match self {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => *mean,
            Law::Uniform { low, high } => 0.5 * (low + high),
            Law::TruncatedNormal { mean, deviation, low, high } => truncated(*mean, *deviation, *low, *high).0,
            Law::LogNormal { mu, sigma } => libm::exp(mu + 0.5 * sigma * sigma),
            Law::Gamma { shape, scale } => shape * scale,
            Law::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Law::Pareto { low, shape } if *shape > 1.0 => low * shape / (shape - 1.0),
            Law::Pareto { .. } => f64::INFINITY,
            Law::Triangular { low, mode, high } => low + ((mode - low) + (high - low)) / 3.0,
            Law::Hyperexponential(phases) => phases.iter().map(|(p, mean)| p * mean).sum(),
            Law::Empirical(knots) => knots.windows(2).map(|k| (k[1].0 - k[0].0) * 0.5 * (k[0].1 + k[1].1)).sum(),
            Law::Measured(measured) => measured.mean(),
        }
    }

    /// Variance; infinite where it does not exist.
    pub fn variance(&self) -> f64 {
        match self {
            Law::Constant(_) => 0.0,
            Law::Exponential { mean } => mean * mean,
            Law::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Law::TruncatedNormal { mean, deviation, low, high } => truncated(*mean, *deviation, *low, *high).1,
            Law::LogNormal { mu, sigma } => {
                let s2 = sigma * sigma;
                libm::expm1(s2) * libm::exp(2.0 * mu + s2)
            }
            Law::Gamma { shape, scale } => shape * scale * scale,
            Law::Weibull { shape, scale } => {
                let first = libm::tgamma(1.0 + 1.0 / shape);
                scale * scale * (libm::tgamma(1.0 + 2.0 / shape) - first * first)
            }
            Law::Pareto { low, shape } if *shape > 2.0 => {
                low * low * shape / ((shape - 1.0) * (shape - 1.0) * (shape - 2.0))
            }
            Law::Pareto { .. } => f64::INFINITY,
            Law::Triangular { low, mode, high } => {
                let (width, rise) = (high - low, mode - low);
                (width * (width - rise) + rise * rise) / 18.0
            }
            Law::Hyperexponential(phases) => {
                // Around the mean, not around 0: nearly equal phases would cancel.
                let mean = self.mean();
                phases.iter().map(|(p, m)| p * (m * m + (m - mean) * (m - mean))).sum()
            }
            Law::Empirical(knots) => {
                let mean = self.mean();
                let part = |k: &[(f64, f64)]| {
                    let (a, b) = (k[0].1 - mean, k[1].1 - mean);
                    (k[1].0 - k[0].0) * (a * a + a * b + b * b) / 3.0
                };
                knots.windows(2).map(part).sum()
            }
            Law::Measured(measured) => measured.variance(),
        }
    }

    /// Standard deviation over mean, squared; 0 for a constant.
    pub fn squared_variation(&self) -> f64 {
        let mean = self.mean();
        if mean == 0.0 { 0.0 } else { self.variance() / (mean * mean) }
    }
}

/// Mean and variance of a normal conditioned to lie between two bounds.
fn truncated(mean: f64, deviation: f64, low: f64, high: f64) -> (f64, f64) {
    let (a, b) = ((low - mean) / deviation, (high - mean) / deviation);
    let (shift, spread) = if b - a < 1.0 { narrow(a, b) } else { wide(a, b) };
    (mean + deviation * shift, deviation * deviation * spread)
}

/// Standard normal between `a` and `b`: the closed form.
fn wide(a: f64, b: f64) -> (f64, f64) {
    // Mirrored into the lower tail, where a share can be small without being a difference of two numbers near 1.
    if a > 0.0 {
        let (shift, spread) = wide(-b, -a);
        return (-shift, spread);
    }
    let mass = normal::below(b) - normal::below(a);
    let edge = |z: f64| if z.is_finite() { z * normal::density(z) } else { 0.0 };
    let shift = (normal::density(a) - normal::density(b)) / mass;
    (shift, 1.0 + (edge(a) - edge(b)) / mass - shift * shift)
}

/// The same by Simpson's rule, for a window so narrow that the closed form would cancel.
fn narrow(a: f64, b: f64) -> (f64, f64) {
    const PANELS: usize = 1024;
    let middle = 0.5 * (a + b);
    let step = (b - a) / PANELS as f64;
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for i in 0..=PANELS {
        let weight = if i == 0 || i == PANELS {
            1.0
        } else if i % 2 == 1 {
            4.0
        } else {
            2.0
        };
        let t = (i as f64 - 0.5 * PANELS as f64) * step;
        // Relative to the density in the middle: nothing underflows.
        let w = weight * libm::exp(-t * (middle + 0.5 * t));
        mass += w;
        first += w * t;
        second += w * t * t;
    }
    let shift = first / mass;
    (middle + shift, second / mass - shift * shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found} against {expected}");
    }

    #[test]
    fn numbers_by_hand() {
        close(Law::Uniform { low: 2.0, high: 8.0 }.variance(), 3.0);
        // (4 + 1 + 49 - 2 - 14 - 7) / 18
        let triangle = Law::Triangular { low: 1.0, mode: 2.0, high: 7.0 };
        close(triangle.mean(), 10.0 / 3.0);
        close(triangle.variance(), 31.0 / 18.0);
        close(Law::LogNormal { mu: 0.0, sigma: 1.0 }.mean(), 1.6487212707001282);
        close(Law::LogNormal { mu: 0.0, sigma: 1.0 }.variance(), 4.670774270471604);
        close(Law::Gamma { shape: 4.0, scale: 0.5 }.variance(), 1.0);
        // Weibull of shape 2 is Rayleigh: mean sqrt(pi)/2, variance 1 - pi/4.
        close(Law::Weibull { shape: 2.0, scale: 1.0 }.mean(), 0.886226925452758);
        close(Law::Weibull { shape: 2.0, scale: 1.0 }.variance(), 1.0 - std::f64::consts::FRAC_PI_4);
        close(Law::Pareto { low: 1.0, shape: 3.0 }.variance(), 0.75);
        assert_eq!(Law::Pareto { low: 1.0, shape: 2.0 }.variance(), f64::INFINITY);
        // Half and half of means 1 and 3: mean 2, second moment 2 (1 + 9) / 2 = 10, variance 6.
        close(Law::Hyperexponential(vec![(0.5, 1.0), (0.5, 3.0)]).variance(), 6.0);
        // Two straight halves: mean 0.5 x 0.5 + 0.5 x 2; second moment 0.5 / 3 + 0.5 x 13 / 3.
        let table = Law::Empirical(vec![(0.0, 0.0), (0.5, 1.0), (1.0, 3.0)]);
        close(table.mean(), 1.25);
        close(table.variance(), 14.0 / 6.0 - 1.5625);
    }

    #[test]
    fn truncated_normal() {
        // Half a normal: mean sqrt(2/pi), variance 1 - 2/pi.
        let half = Law::TruncatedNormal { mean: 0.0, deviation: 1.0, low: 0.0, high: f64::INFINITY };
        close(half.mean(), 0.7978845608028654);
        close(half.variance(), 1.0 - std::f64::consts::FRAC_2_PI);
        // So narrow that it is uniform.
        let window = Law::TruncatedNormal { mean: 5.0, deviation: 1.0, low: 5.0, high: 5.001 };
        close(window.mean(), 5.0005);
        assert!((window.variance() / (1e-6 / 12.0) - 1.0).abs() < 1e-5);
        // Both methods where they meet.
        for a in [-3.0, -0.5, 0.3, 2.0] {
            let (one, other) = (wide(a, a + 0.99), narrow(a, a + 0.99));
            assert!((one.0 - other.0).abs() < 1e-11 && (one.1 - other.1).abs() < 1e-11, "{a}");
        }
    }

    #[test]
    fn squared_variation_of_an_exponential_is_one() {
        close(Law::Exponential { mean: 7.0 }.squared_variation(), 1.0);
        assert_eq!(Law::Constant(0.0).squared_variation(), 0.0);
    }
}
