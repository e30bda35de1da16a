//! The incomplete beta function, and with it the beta and Student distributions.
//!
//! # References
//! Press et al. (2007), Numerical Recipes, 3rd edition, 6.4. Abramowitz and Stegun (1964), 26.5 and 26.7.

use std::f64::consts::PI;

use super::gamma::stirling_remainder;
use super::normal;
use super::solve::root;

/// x^a (1 - x)^b / B(a, b), with `y` = 1 - x given apart to keep its digits.
fn weight(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if a >= 10.0 && b >= 10.0 {
        let n = a + b;
        let logarithm = a * libm::log(x * n / a) + b * libm::log(y * n / b);
        let rest = stirling_remainder(n) - stirling_remainder(a) - stirling_remainder(b);
        (a * b / (2.0 * PI * n)).sqrt() * libm::exp(logarithm + rest)
    } else {
        // The logarithm of the number nearer to 1 from its complement: times a large shape it must be exact.
        let log_x = if y < 0.5 { libm::log1p(-y) } else { libm::log(x) };
        let log_y = if x < 0.5 { libm::log1p(-x) } else { libm::log(y) };
        libm::exp(a * log_x + b * log_y - log_beta(a, b))
    }
}

/// ln B(a, b), without the cancellation of two large logarithms of Γ.
fn log_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    let ratio = if large < 10.0 {
        libm::lgamma(large + small) - libm::lgamma(large)
    } else {
        (large - 0.5) * libm::log1p(small / large)
            + small * (libm::log(large + small) - 1.0)
            + stirling_remainder(large + small)
            - stirling_remainder(large)
    };
    libm::lgamma(small) - ratio
}

/// Lentz's evaluation of the continued fraction; converges fast for x below (a + 1) / (a + b + 2).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let keep = |v: f64| if v.abs() < tiny { tiny } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    let mut m = 0.0;
    loop {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-16 || m > 1e6 {
            return h;
        }
    }
}

/// (I_x(a, b), 1 - I_x(a, b)), each without cancellation, for `y` = 1 - x.
fn both(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        (0.0, 1.0)
    } else if y <= 0.0 {
        (1.0, 0.0)
    } else if x < (a + 1.0) / (a + b + 2.0) {
        let below = (weight(a, b, x, y) * fraction(a, b, x) / a).min(1.0);
        (below, 1.0 - below)
    } else {
        let above = (weight(a, b, x, y) * fraction(b, a, y) / b).min(1.0);
        (1.0 - above, above)
    }
}

/// I_x(a, b): the probability that a beta variable of shapes `a` and `b` is at most `x`.
pub fn below(a: f64, b: f64, x: f64) -> f64 {
    both(a, b, x, 1.0 - x).0
}

/// Returns x with I_x(a, b) = `p`.
pub fn quantile(a: f64, b: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    // Near 0 the distribution is a power of x: in logarithms it is straight, and a bound far below 1 keeps its digits.
    let target = libm::log(p);
    // Below the mean, x^a / (a B) times at most e^(b x) bounds the distribution.
    let power = ((target + libm::log(a) + log_beta(a, b)) / a).min(0.0);
    let low = power - 2.0 * (1.0 + (b / a).abs().min(50.0));
    let y = root(low, 0.0, libm::log(a / (a + b)), |y| {
        let x = libm::exp(y);
        let rest = -libm::expm1(y);
        let (share, _) = both(a, b, x, rest);
        (libm::log(share) - target, weight(a, b, x, rest) / rest / share)
    });
    libm::exp(y)
}

/// The probability that a Student variable with `freedom` degrees lies farther from 0 than `t` (two-sided).
pub fn student_two_sided(freedom: f64, t: f64) -> f64 {
    let t2 = t * t;
    both(0.5 * freedom, 0.5, freedom / (freedom + t2), t2 / (freedom + t2)).0
}

/// The t for which a Student variable with `freedom` degrees lies between -t and t with probability `confidence`.
///
/// # Example
/// ```
/// use cellsim::engine::special::beta::student;
/// assert!((student(19.0, 0.95) - 2.093024).abs() < 1e-6); // as every table prints it
/// ```
pub fn student(freedom: f64, confidence: f64) -> f64 {
    let outside = 1.0 - confidence;
    let start = -normal::quantile(0.5 * outside);
    if freedom > 1e5 {
        // Cornish and Fisher's expansion: the next term is below the last digit, where the fraction would cancel.
        let (z, n) = (start, freedom);
        let (z3, z5) = (z * z * z, z * z * z * z * z);
        return z + (z3 + z) / (4.0 * n) + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * n * n);
    }
    let target = libm::log(outside);
    // In ln t: the tail is a power, straight in logarithms.
    let y = root(-40.0, 700.0, libm::log(start.max(1e-12)), |y| {
        let t = libm::exp(y);
        let tail = student_two_sided(freedom, t);
        let t2 = t * t;
        let density = 2.0 * weight(0.5 * freedom, 0.5, freedom / (freedom + t2), t2 / (freedom + t2));
        (libm::log(tail) - target, -density / tail)
    });
    libm::exp(y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

    #[test]
    fn closed_forms() {
        // a = 1: 1 - (1 - x)^b; b = 1: x^a.
        assert!((below(1.0, 3.0, 0.2) - (1.0 - 0.512)).abs() < 1e-15);
        assert!((below(4.0, 1.0, 0.5) - 0.0625).abs() < 1e-15);
        assert!((below(7.0, 7.0, 0.5) - 0.5).abs() < 1e-14);
        assert!((quantile(1.0, 20.0, 0.95) - (1.0 - libm::pow(0.05, 1.0 / 20.0))).abs() < 1e-13);
        // 30 digits elsewhere say 0.5 here to the fourteenth.
        assert!((quantile(12.0, 1e6, 0.5) - 1.1668230903196661e-5).abs() < 1e-18);
        assert!((quantile(4.0, 1.0, 1e-12) - 1e-3).abs() < 1e-15);
        assert!((student(1e5, 0.95) - student(1.0001e5, 0.95) - 2.37e-9).abs() < 2e-11, "the two methods meet");
        // One degree of freedom is Cauchy, two have a closed form.
        assert!((student(1.0, 0.5) - 1.0).abs() < 1e-13);
        assert!((student(1.0, 0.95) - 12.706204736174707).abs() < 1e-10);
        assert!((student(2.0, 0.95) - 4.302652729749464).abs() < 1e-11);
        assert!((student(29.0, 0.95) - 2.045229642132703).abs() < 1e-11);
        assert!((student(1e9, 0.95) - 1.9599639869).abs() < 1e-10);
    }

    #[test]
    #[allow(clippy::unwrap_used, reason = "tests")]
    fn agrees_with_an_independent_implementation() {
        for n in [1.0, 2.0, 5.0, 19.0, 200.0, 5000.0] {
            let theirs = StudentsT::new(0.0, 1.0, n).unwrap();
            for confidence in [0.5, 0.9, 0.95, 0.999] {
                let t = student(n, confidence);
                let back = 2.0 * theirs.cdf(t) - 1.0;
                assert!((back - confidence).abs() < 1e-10, "{n} {confidence} {t} {back}");
            }
        }
        for (a, b) in [(0.7, 1.3), (3.0, 4000.0), (4000.0, 3.0), (250.0, 260.0)] {
            let theirs = Beta::new(a, b).unwrap();
            for p in [1e-6, 0.025, 0.5, 0.975, 0.999] {
                let x = quantile(a, b, p);
                assert!((theirs.cdf(x) - p).abs() < 1e-8, "{a} {b} {p} {x}");
                assert!((below(a, b, x) - p).abs() < 1e-11, "{a} {b} {p} {x}");
            }
        }
    }
}
