//! The incomplete gamma function and its inverse.
//!
//! # Model
//! P(a, x) = 1/Γ(a) ∫ from 0 to x of t^(a-1) e^-t dt, and Q = 1 - P. Series below x = a + 1, continued fraction above, as
//! both converge fast on their own side only.
//!
//! # References
//! Press et al. (2007), Numerical Recipes, 3rd edition, 6.2. Loader (2000), Fast and Accurate Computation of Binomial
//! Probabilities (for the density without cancellation).

use std::f64::consts::PI;

use super::normal;
use super::solve::root;

/// What Stirling's formula leaves of ln Γ(a): ln Γ(a) - (a - 1/2) ln a + a - ln(2π)/2, for a of at least 10.
pub(super) fn stirling_remainder(a: f64) -> f64 {
    let a2 = a * a;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - (1.0 / 1188.0 - 691.0 / 360360.0 / a2) / a2) / a2) / a2) / a2)
        / a
}

/// x^a e^-x / Γ(a): x times the density.
fn weight(a: f64, x: f64) -> f64 {
    if a < 10.0 {
        libm::exp(a * libm::log(x) - x - libm::lgamma(a))
    } else {
        let t = (x - a) / a;
        let distance = if t.abs() < 0.5 { t - libm::log1p(t) } else { t - libm::log(x / a) };
        (a / (2.0 * PI)).sqrt() * libm::exp(-a * distance - stirling_remainder(a))
    }
}

fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    while term > sum * 1e-17 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// Lentz's evaluation of the continued fraction for Q(a, x) / weight.
fn fraction(a: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut h = d;
    let mut i = 0.0;
    loop {
        i += 1.0;
        let an = -i * (i - a);
        b += 2.0;
        d = an * d + b;
        d = if d.abs() < tiny { 1.0 / tiny } else { 1.0 / d };
        c = b + an / c;
        if c.abs() < tiny {
            c = tiny;
        }
        let factor = d * c;
        h *= factor;
        if (factor - 1.0).abs() < 1e-16 || i > 1e6 {
            return h;
        }
    }
}

/// P(a, x): the probability that a gamma variable of shape `a` and scale 1 is at most `x`.
pub fn below(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x == f64::INFINITY {
        1.0
    } else if x < a + 1.0 {
        (weight(a, x) * series(a, x)).min(1.0)
    } else {
        1.0 - weight(a, x) * fraction(a, x)
    }
}

/// Q(a, x) = 1 - P(a, x), without cancellation far out.
pub fn above(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x == f64::INFINITY {
        0.0
    } else if x < a + 1.0 {
        (1.0 - weight(a, x) * series(a, x)).max(0.0)
    } else {
        weight(a, x) * fraction(a, x)
    }
}

/// ln Q(a, x), also where Q is less than any number.
pub fn ln_above(a: f64, x: f64) -> f64 {
    if x < a + 1.0 {
        libm::log(above(a, x))
    } else {
        a * libm::log(x) - x - libm::lgamma(a) + libm::log(fraction(a, x))
    }
}

/// P(a, x) for a of at least 10,000, to about 1e-12, at the same cost for every a: Temme's uniform expansion with two terms.
///
/// # References
/// Temme (1979), The asymptotic expansion of the incomplete gamma functions; DLMF 8.12.
pub fn below_of_large(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let e = (x - a) / a;
    // e - ln(1 + e), without cancellation.
    let distance = match e.abs() < 0.01 {
        true => e * e * (1.0 / 2.0 - e * (1.0 / 3.0 - e * (1.0 / 4.0 - e * (1.0 / 5.0 - e * (1.0 / 6.0 - e / 7.0))))),
        false => e - libm::log1p(e),
    };
    let eta = (2.0 * distance).sqrt().copysign(e);
    let (c0, c1) = match e.abs() < 1e-3 {
        true => (
            -1.0 / 3.0 + e * (1.0 / 12.0 - e * (23.0 / 540.0 - e * (353.0 / 12960.0 - e * 589.0 / 30240.0))),
            -1.0 / 540.0 - e / 288.0,
        ),
        false => {
            let (ratio, cubes) = (eta / e, (eta * e) * (eta * e) * (eta * e));
            let sum = eta * eta * eta * ((1.0 + e) * (1.0 + e) + 10.0 * (1.0 + e) + 1.0);
            ((1.0 - 1.0 / ratio) / e, -(sum - 12.0 * e * e * e) / (12.0 * cubes))
        }
    };
    let rest = libm::exp(-a * distance) / (2.0 * PI * a).sqrt() * (c0 + c1 / a);
    (normal::below(eta * a.sqrt()) - rest).clamp(0.0, 1.0)
}

/// The cube of a normal is close to a gamma (Wilson and Hilferty, 1931): a start for Newton.
fn start(a: f64, z: f64) -> f64 {
    let v = 1.0 / (9.0 * a);
    let cube = 1.0 - v + z * v.sqrt();
    a * cube * cube * cube
}

/// Returns x with P(a, x) = `p`.
pub fn quantile(a: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p > 0.5 {
        return quantile_above(a, 1.0 - p);
    }
    // Near 0, P is a power of x: straight in logarithms, where Newton needs no care.
    let power = (libm::log(p) + libm::lgamma(a + 1.0)) / a;
    if power < -50.0 {
        // What the power leaves out is relatively below x itself; and x may be too small for the way through P.
        return libm::exp(power);
    }
    let guess = start(a, normal::quantile(p));
    let guess = if a > 1.0 && guess > 0.0 { libm::log(guess) } else { power };
    let target = libm::log(p);
    let high = libm::log(a + 1.0) + 2.0;
    let low = power.min(guess) - 2.0;
    let y = root(low.min(high - 1.0), high, guess, |y| {
        let x = libm::exp(y);
        let share = below(a, x);
        (libm::log(share) - target, weight(a, x) / share)
    });
    libm::exp(y)
}

/// Returns x with Q(a, x) = `q`.
pub fn quantile_above(a: f64, q: f64) -> f64 {
    if q <= 0.0 {
        return f64::INFINITY;
    }
    if q > 0.5 {
        return quantile(a, 1.0 - q);
    }
    let target = libm::log(q);
    let guess = start(a, -normal::quantile(q));
    // Q(a, x) falls below e^-(x - a - a ln(x/a)) (Chernoff), so this end is beyond the root for every q of 64 bits.
    let high = 4.0 * a + 4.0 * (1.0 - target);
    root(0.0, high, guess, |x| {
        let share = above(a, x);
        (libm::log(share) - target, -weight(a, x) / x / share)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expansion_for_large_shapes_agrees() {
        for a in [1e4, 12_345.0, 1e6] {
            for deviations in [-7.0, -3.0, -0.5, -0.01, 0.0, 0.02, 0.9, 4.0, 7.5] {
                let x: f64 = a + deviations * f64::sqrt(a);
                let (quick, slow) = (below_of_large(a, x), below(a, x));
                assert!((quick - slow).abs() < 1e-11, "{a} {x}: {quick} {slow}");
            }
        }
        assert_eq!((below_of_large(1e4, 0.0), below_of_large(1e4, 1e6)), (0.0, 1.0));
    }

    #[test]
    fn known_values() {
        // Shape 1 is the exponential, shape 1/2 the square of a normal.
        assert!((below(1.0, 2.0) - 0.8646647167633873).abs() < 1e-15);
        assert!((below(0.5, 0.5) - 0.6826894921370859).abs() < 1e-14);
        // Shape 3: 1 - e^-x (1 + x + x^2/2).
        assert!((above(3.0, 10.0) / (libm::exp(-10.0) * 61.0) - 1.0).abs() < 1e-14);
        assert!((ln_above(3.0, 10.0) - libm::log(above(3.0, 10.0))).abs() < 1e-14 && ln_above(2.0, 0.0) == 0.0);
        assert!((ln_above(2.0, 4000.0) - (libm::log(4001.0) - 4000.0)).abs() < 1e-9);
        // A chi-squared variable with 10 degrees of freedom has its 95 % point at 18.307.
        assert!((2.0 * quantile(5.0, 0.95) - 18.307038053275146).abs() < 1e-11);
        assert!(
            (stirling_remainder(10.0) - (libm::lgamma(10.0) - 9.5 * libm::log(10.0) + 10.0 - 0.9189385332046727)).abs()
                < 1e-14
        );
    }

    #[test]
    fn quantile_is_the_inverse() {
        for a in [0.1, 0.5, 1.0, 1.5, 4.0, 9.9, 10.1, 37.0, 1000.0, 1e5] {
            for i in 1..=64 {
                let p = 0.5 * libm::exp(-0.65 * f64::from(i - 1));
                let x = quantile(a, p);
                assert!((below(a, x) / p - 1.0).abs() < 1e-11, "P({a}, {x}) against {p}");
                let x = quantile_above(a, p);
                assert!((above(a, x) / p - 1.0).abs() < 1e-11, "Q({a}, {x}) against {p}");
            }
        }
    }

    #[test]
    fn tiny_shapes_reach_down_to_nothing() {
        assert_eq!(quantile(0.01, 1e-9), 0.0);
        for p in [0.3, 0.6, 0.9, 0.999] {
            assert!((below(0.01, quantile(0.01, p)) / p - 1.0).abs() < 1e-12, "{p}");
        }
    }

    #[test]
    fn both_sides_add_up() {
        for a in [0.3, 2.0, 50.0] {
            for i in 1..100 {
                let x = a * f64::from(i) / 25.0;
                assert!((below(a, x) + above(a, x) - 1.0).abs() < 1e-14);
            }
        }
    }
}
