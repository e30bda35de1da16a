//! The Laplace transform of a law: how likely nothing that comes at random comes in its time.

use super::kinds::Law;

/// Panels of the integral, each so many times as wide as the one before; points of a panel and their weights (Gauss and Legendre).
const PANELS: i32 = 96;
const WIDER: f64 = 1.3;
const POINTS: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

impl Law {
    /// Returns the mean of e^(-s X), for s above 0.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::Law;
    /// assert_eq!(Law::Exponential { mean: 2.0 }.transform(0.5), 0.5);
    /// ```
    pub fn transform(&self, s: f64) -> f64 {
        if let Some(value) = self.constant() {
            return libm::exp(-s * value);
        }
        match self {
            Law::Exponential { mean } => 1.0 / (1.0 + s * mean),
            Law::Hyperexponential(phases) => phases.iter().map(|(share, mean)| share / (1.0 + s * mean)).sum(),
            Law::Gamma { shape, scale } => libm::pow(1.0 + s * scale, -shape),
            Law::Measured(measured) => {
                let values = measured.values();
                values.iter().map(|value| libm::exp(-s * value)).sum::<f64>() / values.len() as f64
            }
            _ => 1.0 - self.transform_above(s),
        }
    }

    /// s times the integral of e^(-s x) P(X > x).
    fn transform_above(&self, s: f64) -> f64 {
        const END: f64 = 45.0;
        let (mut sum, mut begin) = (0.0, 0.0);
        for panel in (0..PANELS).rev() {
            let end = END * libm::pow(WIDER, -f64::from(panel));
            for (at, weight) in POINTS {
                let x = begin + at * (end - begin);
                sum += weight * (end - begin) * libm::exp(-x) * self.above(x / s);
            }
            begin = end;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::law::measured::Measured;

    #[test]
    fn known_ones() {
        let hyper = Law::Hyperexponential(vec![(0.25, 1.0), (0.75, 3.0)]);
        for s in [0.01, 0.3, 7.0] {
            let exact = [
                (Law::Exponential { mean: 2.0 }, 1.0 / (1.0 + 2.0 * s)),
                (hyper.clone(), 0.25 / (1.0 + s) + 0.75 / (1.0 + 3.0 * s)),
                (Law::Gamma { shape: 1.5, scale: 2.0 }, libm::pow(1.0 + 2.0 * s, -1.5)),
            ];
            for (law, exact) in exact {
                assert!((law.transform(s) - exact).abs() < 1e-14, "{law:?}");
                assert!((1.0 - law.transform_above(s) - exact).abs() < 1e-7, "{law:?} {s}");
            }
            let uniform = Law::Uniform { low: 1.0, high: 2.0 };
            let even = (libm::exp(-s) - libm::exp(-2.0 * s)) / s;
            assert!((uniform.transform(s) - even).abs() < 2e-3, "{s}");
            let two = Law::Measured(Measured::new(vec![1.0, 3.0]));
            assert!((two.transform(s) - f64::midpoint(libm::exp(-s), libm::exp(-3.0 * s))).abs() < 1e-15);
        }
    }
}
