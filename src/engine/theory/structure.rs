//! Structures of independent parts: series, parallel, k of n.
//!
//! # References
//! Barlow and Proschan (1975), Statistical Theory of Reliability and Life Testing, chapters 1 and 2.

/// Probability of exactly `k` successes in `n` trials of probability `p`.
///
/// Through logarithms of factorials where n is large: no overflow for any n.
pub fn binomial(n: u32, k: u32, p: f64) -> f64 {
    if k > n {
        return 0.0;
    }
    if p <= 0.0 || p >= 1.0 {
        return f64::from(u8::from(k == if p <= 0.0 { 0 } else { n }));
    }
    let (n, k) = (f64::from(n), f64::from(k));
    let tries = k * libm::log(p) + (n - k) * libm::log1p(-p);
    // The number of ways alone may be beyond any float.
    if k.min(n - k) <= 30.0 { choose(n, k) * libm::exp(tries) } else { libm::exp(log_choose(n, k) + tries) }
}

/// Ways to choose k of n; exact for small numbers, where tests by hand look.
pub(super) fn choose(n: f64, k: f64) -> f64 {
    let k = k.min(n - k);
    if k < 0.0 {
        return 0.0;
    }
    if k <= 60.0 && n < 1e4 {
        let mut ways = 1.0;
        let mut i = 1.0;
        while i <= k {
            // n - k + 1 .. n over 1 .. k: every partial product is a whole number.
            ways = ways * (n - k + i) / i;
            i += 1.0;
        }
        return ways;
    }
    libm::exp(log_choose(n, k))
}

fn log_choose(n: f64, k: f64) -> f64 {
    libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
}

/// All parts are needed: the product.
///
/// # Example
/// ```
/// use cellsim::engine::theory::structure::series;
/// assert!((series(&[0.99, 0.98]) - 0.9702).abs() < 1e-15);
/// ```
pub fn series(availabilities: &[f64]) -> f64 {
    availabilities.iter().product()
}

/// One part is enough: one minus the product of what is missing.
pub fn parallel(availabilities: &[f64]) -> f64 {
    1.0 - availabilities.iter().map(|a| 1.0 - a).product::<f64>()
}

/// At least `needed` of the parts, which may differ, by adding one part after the other.
///
/// # Example
/// ```
/// use cellsim::engine::theory::structure::at_least;
/// // Two of three at 90 %: 3 x 0.81 x 0.1 + 0.729.
/// assert!((at_least(2, &[0.9, 0.9, 0.9]) - 0.972).abs() < 1e-15);
/// ```
pub fn at_least(needed: usize, availabilities: &[f64]) -> f64 {
    number_up(availabilities).iter().skip(needed).sum()
}

/// Probabilities of 0, 1, ... n parts up.
pub fn number_up(availabilities: &[f64]) -> Vec<f64> {
    let mut up = vec![1.0];
    for a in availabilities {
        up.push(0.0);
        for i in (0..up.len()).rev() {
            let from_below = if i > 0 { up[i - 1] * a } else { 0.0 };
            up[i] = up[i] * (1.0 - a) + from_below;
        }
    }
    up
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_and_one_are_series_and_parallel() {
        let parts = [0.9, 0.99, 0.5];
        assert!((at_least(3, &parts) - series(&parts)).abs() < 1e-15);
        assert!((at_least(1, &parts) - parallel(&parts)).abs() < 1e-15);
        assert!((parallel(&parts) - 0.9995).abs() < 1e-15);
        assert_eq!(at_least(0, &[]), 1.0);
        assert_eq!(at_least(1, &[]), 0.0);
    }

    #[test]
    fn equal_parts_are_binomial() {
        let up = number_up(&[0.7; 20]);
        for (k, p) in up.iter().enumerate() {
            assert!((binomial(20, k as u32, 0.7) - p).abs() < 1e-14);
        }
        assert!((binomial(4, 2, 0.5) - 0.375).abs() < 1e-15);
        assert_eq!((binomial(5, 0, 0.0), binomial(5, 5, 1.0), binomial(5, 6, 0.5)), (1.0, 1.0, 0.0));
        let total: f64 = (0..=3000).map(|k| binomial(3000, k, 0.3)).sum();
        assert!((total - 1.0).abs() < 1e-9);
        assert_eq!(choose(8.0, 2.0), 28.0);
    }
}
