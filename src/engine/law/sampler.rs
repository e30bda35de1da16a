//! Laws made ready for drawing: 64 random bits in, one value out.
//!
//! # Model
//! Inversion: the bits, read as a binary fraction, are a probability, and the value is that quantile. A greater draw
//! gives a greater value whatever the law, so two laws fed with the same bits stay as close as they can be.
//!
//! Smooth laws use a table. The top bit picks the tail, the leading zeros behind it the octave (each half as likely as the
//! one before, so the far tail is as finely cut as the middle), the next bits a piece within it, and the rest a point
//! between the piece's ends, along a straight line. Octaves have 64 pieces, and up to 256 where the law bends too much for a
//! relative error of 5e-5 (which only laws wilder than a log-normal of sigma 5 then exceed). Beyond the last octave (2^-31)
//! the exact quantile answers.
//!
//! # Determinism
//! One draw of 64 bits per value. Tables are built on `libm`, the same on every machine; [`super::sampler_digest`]
//! pins them.

use std::sync::Arc;

use super::kinds::Law;
use super::measured::Measured;
use crate::units::Nanos;

/// Octaves per tail.
const OCTAVES: u32 = 30;
/// Octaves in which the error is held below [`TOLERANCE`]: all but one draw in a thousand.
const BODY: u32 = 9;
/// Relative error at a piece's middle from which the pieces are halved.
const TOLERANCE: f64 = 4e-5;
const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;

/// A law made ready for drawing: one 64-bit draw in, one value out. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sampler {
    kind: Kind,
    mean: f64,
}

#[derive(Debug, Clone)]
enum Kind {
    Constant(f64),
    Uniform {
        low: f64,
        width: f64,
    },
    Table {
        /// Quantiles of the lower tail outward to inward, then of the upper tail likewise.
        points: Arc<[f32]>,
        /// Cells per octave, as a power of two.
        fineness: u32,
        law: Arc<Law>,
    },
    Knots(Arc<Knots>),
    Measured(Measured),
}

/// A quantile table of the user's, with a guide to the knot below each probability.
#[derive(Debug)]
struct Knots {
    table: Vec<(f64, f64)>,
    guide: Vec<u32>,
    guide_shift: u32,
}

impl Sampler {
    /// Prepares a law, whose parameters must pass [`Law::check`].
    pub fn new(law: &Law) -> Sampler {
        let kind = if let Some(value) = law.constant() {
            Kind::Constant(value)
        } else {
            match law {
                Law::Uniform { low, high } => Kind::Uniform { low: *low, width: high - low },
                Law::Empirical(knots) => Kind::Knots(Arc::new(Knots::new(knots.clone()))),
                Law::Measured(measured) => Kind::Measured(measured.clone()),
                _ => table(law),
            }
        };
        Sampler { kind, mean: law.mean() }
    }

    /// Mean of the law.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Turns 64 random bits into a value, rounded to whole nanoseconds; at most 2^63 - 1 (292 years).
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::{Law, Sampler};
    /// let service = Sampler::new(&Law::Exponential { mean: 10e6 });
    /// assert_eq!(service.sample(1 << 63), 6_931_472); // the median, 10 ms x ln 2
    /// ```
    #[inline(always)]
    pub fn sample(&self, bits: u64) -> Nanos {
        // By way of i64, as in `fraction`; values are not negative.
        ((self.value(bits) + 0.5) as i64).cast_unsigned()
    }

    /// Turns 64 random bits into a value without rounding it: for clocks that add up many small gaps.
    #[inline(always)]
    pub fn value(&self, bits: u64) -> f64 {
        match &self.kind {
            Kind::Constant(value) => *value,
            Kind::Uniform { low, width } => low + width * fraction(bits),
            Kind::Table { points, fineness, law } => {
                // The upper half is read backwards: distance from its own end.
                let upper = (bits.cast_signed() >> 63).cast_unsigned();
                let rest = (bits ^ upper) << 1;
                let octave = rest.leading_zeros();
                if octave >= OCTAVES {
                    return beyond(law, upper != 0, rest);
                }
                // What follows the leading one: first the piece, then the place within it.
                let tail = rest << (octave + 1);
                let piece = (((OCTAVES - 1 - octave) as usize) << fineness) + (tail >> (64 - fineness)) as usize;
                let place = fraction(tail << fineness);
                let at = piece + (upper as usize & stride(*fineness));
                let (near, far) = (f64::from(points[at]), f64::from(points[at + 1]));
                near + (far - near) * place
            }
            Kind::Knots(knots) => knots.value(bits),
            Kind::Measured(measured) => measured.draw(bits),
        }
    }
}

/// 64 bits read as a binary fraction of 1.
#[inline]
fn fraction(bits: u64) -> f64 {
    // By way of i64, to and from which processors convert in one instruction.
    (bits >> 11).cast_signed() as f64 * UNIT
}

/// Points of one tail's table: one more than pieces, so that each piece finds its far end beside its near one.
#[inline]
const fn stride(fineness: u32) -> usize {
    ((OCTAVES as usize) << fineness) + 1
}

/// One draw in a thousand million: too far out for a table.
#[cold]
fn beyond(law: &Law, upper: bool, rest: u64) -> f64 {
    // `rest` counts steps of 2^-65; half a step more puts the draw into its middle.
    let share = (rest as f64 + 1.0) * libm::ldexp(1.0, -65);
    if upper { law.quantile_above(share) } else { law.quantile(share) }
}

fn table(law: &Law) -> Kind {
    let fineness = (6..8).find(|f| bends_at_most(law, *f)).unwrap_or(8);
    let mut points = Vec::with_capacity(2 * stride(fineness));
    for upper in [false, true] {
        for octave in (0..OCTAVES).rev() {
            for piece in 0..1_u32 << fineness {
                let quantile = edge(law, upper, octave, f64::from(piece), fineness);
                // Finite, or a line between two of them would be undefined.
                points.push(quantile.min(f64::from(f32::MAX)) as f32);
            }
        }
        points.push(law.quantile(0.5) as f32);
    }
    Kind::Table { points: points.into(), fineness, law: Arc::new(law.clone()) }
}

/// The quantile at a place in an octave, counted in pieces from its outer end.
fn edge(law: &Law, upper: bool, octave: u32, piece: f64, fineness: u32) -> f64 {
    let pieces = f64::from(1_u32 << fineness);
    let share = libm::ldexp(1.0 + piece / pieces, -octave.cast_signed() - 2);
    if upper { law.quantile_above(share) } else { law.quantile(share) }
}

/// Tells whether straight lines follow the law in all octaves that matter.
fn bends_at_most(law: &Law, fineness: u32) -> bool {
    // A value far below the mean may be relatively off: nothing depends on it.
    let negligible = 1e-4 * law.mean();
    [false, true].iter().all(|upper| {
        (0..BODY).all(|octave| {
            let mut near = edge(law, *upper, octave, 0.0, fineness);
            (0..1_u32 << fineness).all(|piece| {
                let middle = edge(law, *upper, octave, f64::from(piece) + 0.5, fineness);
                let far = edge(law, *upper, octave, f64::from(piece) + 1.0, fineness);
                let off = (0.5 * (near + far) - middle).abs();
                near = far;
                off <= TOLERANCE * middle.max(negligible)
            })
        })
    })
}

impl Knots {
    fn new(knots: Vec<(f64, f64)>) -> Knots {
        let width = knots.len().next_power_of_two().clamp(16, 4096);
        let guide = (0..width)
            .map(|i| {
                let p = i as f64 / width as f64;
                (knots.partition_point(|k| k.0 <= p).max(1) - 1) as u32
            })
            .collect();
        Knots { table: knots, guide, guide_shift: 64 - width.trailing_zeros() }
    }

    #[inline]
    fn value(&self, bits: u64) -> f64 {
        let p = fraction(bits);
        let mut at = self.guide[(bits >> self.guide_shift) as usize] as usize;
        // The last knot has probability 1, above every p, so this ends before it.
        while self.table[at + 1].0 <= p {
            at += 1;
        }
        let (a, b) = (self.table[at], self.table[at + 1]);
        a.1 + (b.1 - a.1) * ((p - a.0) / (b.0 - a.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds::one_of_each;
    use super::*;

    /// The bits whose value is the quantile at `p`.
    fn bits_of(p: f64) -> u64 {
        (p * libm::ldexp(1.0, 64)) as u64
    }

    #[test]
    fn quantiles_are_met() {
        for law in one_of_each() {
            let sampler = Sampler::new(&law);
            for i in 1..20_000_u32 {
                let p = f64::from(i) / 20_000.0;
                let (found, exact) = (sampler.value(bits_of(p)), law.quantile(p));
                let off = (found - exact).abs();
                assert!(off <= 5e-5 * exact.max(1e-4 * law.mean()), "{law:?} at {p}: {found} {exact}");
            }
            // Far out, on both sides, table and exact quantile.
            for i in 10..52 {
                let share = 1.3 * libm::ldexp(1.0, -i);
                let (found, exact) = (sampler.value(bits_of(share)), law.quantile(share));
                assert!((found - exact).abs() <= 2e-3 * exact.max(1e-6 * law.mean()), "{law:?} {i}: {found} {exact}");
                let (found, exact) = (sampler.value(!bits_of(share)), law.quantile_above(share));
                assert!((found - exact).abs() <= 2e-3 * exact, "{law:?} {i}: {found} {exact}");
            }
        }
    }

    #[test]
    fn mean_and_variance_are_the_laws() {
        for law in one_of_each() {
            let sampler = Sampler::new(&law);
            assert_eq!(sampler.mean(), law.mean());
            // Over each octave of each tail by the midpoint rule: the same relative care far out as in the middle.
            let (mut mean, mut second) = (0.0, 0.0);
            for octave in 0..60 {
                let points = 4096;
                let outer = libm::ldexp(1.0, -octave - 2);
                for i in 0..points {
                    let share = outer * (1.0 + (f64::from(i) + 0.5) / f64::from(points));
                    let weight = outer / f64::from(points);
                    for bits in [bits_of(share), !bits_of(share)] {
                        let value = sampler.value(bits);
                        mean += weight * value;
                        second += weight * (value - law.mean()) * (value - law.mean());
                    }
                }
            }
            assert!((mean / law.mean() - 1.0).abs() < 5e-5, "{law:?}: mean {mean}");
            assert!((second - law.variance()).abs() <= 5e-4 * law.variance(), "{law:?}: variance {second}");
        }
    }

    #[test]
    fn greater_draws_give_greater_values() {
        for law in one_of_each() {
            let sampler = Sampler::new(&law);
            let mut before = sampler.value(0);
            for i in 0..200_000_u64 {
                let bits = (i << 46) + i * 7919;
                let value = sampler.value(bits);
                assert!(value >= before, "{law:?} at {bits}: {value} after {before}");
                before = value;
            }
            assert!(sampler.value(u64::MAX) >= before);
            assert!(sampler.value(u64::MAX).is_finite());
        }
    }

    #[test]
    fn knots_are_exact() {
        let law = Law::Empirical(vec![(0.0, 4.0), (0.25, 8.0), (0.5, 8.0), (1.0, 100.0)]);
        let sampler = Sampler::new(&law);
        assert_eq!(sampler.sample(0), 4);
        assert_eq!(sampler.sample(1 << 62), 8);
        assert_eq!(sampler.sample(1 << 63), 8);
        assert_eq!(sampler.sample(3 << 62), 54);
        assert_eq!(sampler.sample(u64::MAX), 100);
    }

    #[test]
    fn huge_values_stop_at_the_largest_instant() {
        let sampler = Sampler::new(&Law::Pareto { low: 1e18, shape: 1.1 });
        assert_eq!(sampler.sample(u64::MAX), i64::MAX as u64);
    }

    #[test]
    fn the_wildest_laws_stay_in_order() {
        for law in [
            Law::LogNormal { mu: 16.0, sigma: 10.0 },
            Law::Gamma { shape: 0.01, scale: 1e9 },
            Law::Gamma { shape: 1e5, scale: 100.0 },
            Law::Weibull { shape: 0.05, scale: 1e6 },
            Law::Pareto { low: 1e6, shape: 1.001 },
            Law::TruncatedNormal { mean: 0.0, deviation: 1e6, low: 5e6, high: f64::INFINITY },
            Law::Hyperexponential(vec![(1.0 - 1e-6, 1.0), (1e-6, 1e12)]),
        ] {
            assert_eq!(law.check(), Ok(()));
            let sampler = Sampler::new(&law);
            let mut before = 0;
            for i in 0..64_u64 {
                let bits = if i < 32 { 1 << (i + 31) } else { !(1 << (94 - i)) };
                assert!(!sampler.value(bits).is_nan());
                let value = sampler.sample(bits);
                assert!(value >= before, "{law:?} {i}: {value} after {before}");
                before = value;
            }
        }
    }

    #[test]
    fn common_laws_take_the_small_table() {
        for law in [Law::Exponential { mean: 1e7 }, Law::LogNormal { mu: 16.0, sigma: 1.0 }] {
            assert!(matches!(Sampler::new(&law).kind, Kind::Table { fineness: 6, .. }), "{law:?}");
        }
    }
}
