//! The law of sum D_i x_i, with weights uniform on the simplex and one more observation at 0.
//!
//! # Model
//! The weights are exponentials over their sum, so that sum D_i x_i <= L is sum E_i (x_i - L) - E_0 L <= 0: a linear form of
//! exponentials, whose cumulants are known. With s its saddle point, w = sign(s) sqrt(-2 K(s)) and u = s sqrt(K''(s)), the
//! probability is that of a normal variable below w + ln(u / w) / w. Put s = t / (1 - t L): then every t has its own L in closed
//! form, the mean of the x_i with weights 1 / (1 - t x_i), and nothing has to be solved to follow the curve.

use super::curve::{self, Point};
use crate::engine::special::{beta, normal};

/// Values no farther apart than this share of them are one value.
const ALIKE: f64 = 1e-9;

/// Largest |tau|, t = 1 - exp(-tau): no level that is asked for lies beyond.
const FAR: f64 = 500.0;

/// The quantile at `level` (0.025) of sum D_i x_i over the non-negative `values` and one more at 0: a lower bound for their mean.
///
/// # Example
/// ```
/// use cellsim::engine::stats::anchored::low;
/// // All of 20 were 23: as for ties, 23 x 0.05^(1/20).
/// assert!((low(&[23.0; 20], 0.05) - 19.80).abs() < 0.01);
/// // 3 of 10, Clopper and Pearson: 6.67 %.
/// let ten = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
/// assert!((low(&ten, 0.025) - 0.0667).abs() < 0.0001);
/// assert_eq!(low(&[0.0; 5], 0.025), 0.0);
/// ```
pub fn low(values: &[f64], level: f64) -> f64 {
    let atoms: Vec<(f64, f64)> = values.iter().map(|&value| (value, 1.0)).collect();
    Law::new(&atoms).low(level)
}

/// The law for some values, each as often as it occurs.
#[derive(Debug, Clone)]
pub(super) struct Law {
    /// The largest value, by which all are divided.
    scale: f64,
    /// Distinct positive values, rising, with their numbers.
    positive: Vec<(f64, f64)>,
    /// Zeros, with the one that is added.
    zeros: f64,
}

impl Law {
    /// From (value, number) pairs of non-negative values, in any order.
    pub(super) fn new(atoms: &[(f64, f64)]) -> Law {
        let scale = atoms.iter().map(|atom| atom.0).fold(0.0, f64::max);
        let mut sorted: Vec<(f64, f64)> = atoms.iter().copied().filter(|atom| atom.1 > 0.0).collect();
        sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut law = Law { scale, positive: Vec::new(), zeros: 1.0 };
        for (value, number) in sorted {
            let share = value / scale;
            if scale == 0.0 || share <= ALIKE {
                law.zeros += number;
                continue;
            }
            match law.positive.last_mut() {
                // The smaller of two that are alike stands for both.
                Some(last) if share - last.0 <= ALIKE * share => last.1 += number,
                _ => law.positive.push((share, number)),
            }
        }
        law
    }

    /// Whether the sum is 0 whatever the weights.
    pub(super) fn is_zero(&self) -> bool {
        self.positive.is_empty()
    }

    /// The quantile at `level`.
    pub(super) fn low(&self, level: f64) -> f64 {
        let part = match self.positive[..] {
            [] => 0.0,
            [(value, number)] if self.zeros == 1.0 => value * libm::exp(libm::log(level) / number),
            [(value, number)] => value * beta::quantile(number, self.zeros, level),
            _ => self.find(normal::quantile(level)),
        };
        part * self.scale
    }

    /// The quantiles at levels that are given, rising, as normal deviates.
    pub(super) fn quantiles(&self, deviates: &[f64]) -> Vec<f64> {
        match self.positive[..] {
            [] => vec![0.0; deviates.len()],
            [(value, number)] if self.zeros == 1.0 => {
                deviates.iter().map(|&z| self.scale * value * libm::exp(libm::log(normal::below(z)) / number)).collect()
            }
            _ => {
                let ends = (deviates.first().copied().unwrap_or(0.0), deviates.last().copied().unwrap_or(0.0));
                let mut found = curve::through(&self.trace(ends), deviates);
                for value in &mut found {
                    *value = self.scale * value.clamp(0.0, 1.0);
                }
                found
            }
        }
    }

    /// The point at t = 1 - exp(-tau).
    fn at(&self, tau: f64) -> Point {
        let t = -libm::expm1(-tau);
        let (mut weights, mut weighted, mut logs) = (self.zeros, 0.0, 0.0);
        for &(x, n) in &self.positive {
            // 1 - t x, without loss where both are near 1.
            let rest = if x == 1.0 { libm::exp(-tau) } else { 1.0 - t * x };
            weights += n / rest;
            weighted += n * x / rest;
            logs += n * if x == 1.0 { -tau } else { libm::log1p(-t * x) };
        }
        let value = weighted / weights;
        let a = 1.0 / (1.0 - t * value);
        let s = t * a;
        let mut moments = [0.0; 2];
        let mut add = |x: f64, n: f64, rest: f64| {
            let c = (x - value) / (a * rest);
            moments[0] += n * c * c;
            moments[1] += 2.0 * n * c * c * c;
        };
        add(0.0, self.zeros, 1.0);
        let mut number = self.zeros;
        for &(x, n) in &self.positive {
            number += n;
            add(x, n, if x == 1.0 { libm::exp(-tau) } else { 1.0 - t * x });
        }
        let cumulants = number * libm::log1p(-t * value) - logs;
        let w = libm::copysign((-2.0 * cumulants).max(0.0).sqrt(), s);
        let u = s * moments[0].sqrt();
        let deviation = if w.abs() < 1e-3 || u == 0.0 {
            w + moments[1] / (6.0 * moments[0] * moments[0].sqrt())
        } else {
            w + libm::log(u / w) / w
        };
        Point { deviation, value }
    }

    /// How fast the deviation rises with tau near 0.
    fn pace(&self) -> f64 {
        let number = self.zeros + self.positive.iter().map(|atom| atom.1).sum::<f64>();
        let mean = self.positive.iter().map(|atom| atom.0 * atom.1).sum::<f64>() / number;
        let spread: f64 = self.positive.iter().map(|&(x, n)| n * (x - mean) * (x - mean)).sum();
        (spread + self.zeros * mean * mean).sqrt()
    }

    /// The value at a deviation: regula falsi (Illinois) on tau.
    fn find(&self, deviation: f64) -> f64 {
        let start = self.at(0.0);
        let off = |tau: f64| self.at(tau).deviation - deviation;
        let (mut near, mut near_off) = (0.0, start.deviation - deviation);
        let mut step = -near_off / self.pace();
        let (mut far, mut far_off) = (step, off(step));
        while far_off * near_off > 0.0 && far.abs() < FAR {
            step *= 2.0;
            (near, near_off) = (far, far_off);
            far = (far + step).clamp(-FAR, FAR);
            far_off = off(far);
        }
        for _ in 0..60 {
            if near_off == far_off || (far - near).abs() <= 1e-14 * far.abs() {
                break;
            }
            let next = (near * far_off - far * near_off) / (far_off - near_off);
            let next_off = off(next);
            if next_off.abs() < 1e-11 {
                far = next;
                break;
            }
            if next_off * far_off < 0.0 {
                (near, near_off) = (far, far_off);
            } else {
                near_off *= 0.5;
            }
            (far, far_off) = (next, next_off);
        }
        self.at(far).value
    }

    /// Points of the curve, rising, from below the first of the two deviations to above the second.
    fn trace(&self, (first, last): (f64, f64)) -> Vec<Point> {
        /// Standard deviations from one point to the next.
        const STEP: f64 = 0.3;
        let start = self.at(0.0);
        let mut points = Vec::new();
        for (sign, end) in [(-1.0, first), (1.0, last)] {
            let (mut tau, mut at, mut step) = (0.0, start, STEP / self.pace());
            let mut side = Vec::new();
            while sign * (end - at.deviation) > 0.0 && f64::abs(tau) < FAR {
                let next = self.at(tau + sign * step);
                let moved = sign * (next.deviation - at.deviation);
                if moved > 2.0 * STEP {
                    step *= 0.5;
                    continue;
                }
                if moved > 0.0 {
                    side.push(next);
                    at = next;
                }
                tau += sign * step;
                step *= (STEP / moved.max(1e-6)).clamp(0.3, 3.0);
            }
            if sign < 0.0 {
                side.reverse();
                points = side;
                points.push(start);
            } else {
                points.extend(side);
            }
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Key, Stream};

    /// P(sum D_i x_i <= `at`) by the integral of Gil-Pelaez (1951), Biometrika 38, over the logarithm of its variable.
    fn integral(values: &[f64], at: f64) -> f64 {
        let parts: Vec<f64> = values.iter().map(|x| x - at).chain([-at]).collect();
        let step = 0.01;
        let sum: f64 = (-4000..4000)
            .map(|i| {
                let t = libm::exp(step * f64::from(i));
                let logs: f64 = parts.iter().map(|c| libm::log1p(t * t * c * c)).sum();
                let phase: f64 = parts.iter().map(|c| libm::atan(t * c)).sum();
                libm::exp(-0.5 * logs) * libm::sin(phase)
            })
            .sum();
        0.5 - step * sum / std::f64::consts::PI
    }

    #[test]
    fn the_saddle_point_agrees_with_the_integral() {
        let mut stream = Stream::new(Key(19));
        for n in [2, 3, 5, 10, 20, 100] {
            let exponential: Vec<f64> = (0..n).map(|_| stream.exponential()).collect();
            let heavy: Vec<f64> = exponential.iter().map(|x| libm::exp(1.5 * x)).collect();
            let nearly: Vec<f64> = exponential.iter().map(|x| 400.0 + 1e-3 * x).collect();
            let two: Vec<f64> = exponential.iter().map(|x| if *x < 1.0 { 1.0 } else { 80.0 + x }).collect();
            for values in [exponential, heavy, nearly, two] {
                for (level, slack) in [(0.0001, 0.15), (0.025, 0.04), (0.5, 0.03), (0.975, 0.005)] {
                    let found = integral(&values, low(&values, level));
                    // Of few values the approximation is a little on the safe side.
                    let slack = if n < 20 { slack + 0.06 } else { slack };
                    assert!((found / level - 1.0).abs() < slack, "{n}: {level} is {found} for {values:?}");
                }
            }
        }
    }

    #[test]
    fn ties_zeros_and_ones_are_exact_and_near_ties_are_near() {
        assert!((low(&[400.0; 9], 0.05) - 400.0 * 0.05_f64.powf(1.0 / 9.0)).abs() < 1e-9);
        let near: Vec<f64> = (0..9).map(|i| 400.0 + 1e-4 * f64::from(i)).collect();
        assert!((low(&near, 0.05) / low(&[400.0; 9], 0.05) - 1.0).abs() < 0.005);
        // 1 of 20 and 19 of 20, Clopper and Pearson at 95 %.
        let mut ones = vec![0.0; 20];
        ones[3] = 1.0;
        assert!((low(&ones, 0.025) - 0.001265).abs() < 1e-6);
        let mut ones = vec![1.0; 20];
        ones[3] = 0.0;
        assert!((low(&ones, 0.025) - 0.7513).abs() < 1e-4);
    }

    #[test]
    fn ample_data_give_about_student_s_interval() {
        let mut stream = Stream::new(Key(5));
        let values: Vec<f64> = (0..3000).map(|_| 50.0 + stream.exponential()).collect();
        let mean = values.iter().sum::<f64>() / 3000.0;
        let deviation = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 2999.0).sqrt();
        let student = mean - 1.96 * deviation / 3000_f64.sqrt();
        let found = low(&values, 0.025);
        // One observation of 3,001 at 0 costs 51 / 3001 and what its weight may be.
        assert!(found < student && student - found < 4.0 * 51.0 / 3001.0, "{found} {student}");
    }

    #[test]
    fn the_traced_curve_agrees_with_single_points() {
        let mut stream = Stream::new(Key(6));
        for n in [2, 7, 60] {
            let atoms: Vec<(f64, f64)> = (0..n).map(|i| (stream.exponential(), f64::from(1 + i % 3))).collect();
            for law in
                [Law::new(&atoms), Law::new(&[(5.0, f64::from(n)), (0.0, 2.0)]), Law::new(&[(5.0, f64::from(n))])]
            {
                let deviates: Vec<f64> = (-37..=37).map(|i| 0.1 * f64::from(i)).collect();
                for (z, value) in deviates.iter().zip(law.quantiles(&deviates)) {
                    let exact = law.low(normal::below(*z));
                    assert!((value / exact - 1.0).abs() < 0.02, "{n} at {z}: {value} for {exact}");
                }
            }
        }
    }
}
