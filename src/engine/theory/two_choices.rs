//! The shorter of d queues chosen at random, in the limit of many servers.
//!
//! # Model
//! In the limit the share of servers with at least k requests is rho^((d^k - 1) / (d - 1)): it falls twice exponentially for d = 2,
//! where a random server (d = 1) has rho^k.
//!
//! # References
//! Vvedenskaya, Dobrushin and Karpelevich (1996). Mitzenmacher (2001), The Power of Two Choices in Randomized Load Balancing,
//! IEEE Transactions on Parallel and Distributed Systems 12.

/// Share of servers with at least `k` requests, with `choices` (at least 1) looked at and utilization `rho`.
pub fn at_least(k: u32, choices: u32, rho: f64) -> f64 {
    if rho >= 1.0 {
        return 1.0;
    }
    // (d^k - 1) / (d - 1) = 1 + d + ... + d^(k-1), for d = 1 too.
    let d = f64::from(choices);
    let mut exponent = 0.0;
    for _ in 0..k {
        exponent = exponent * d + 1.0;
    }
    libm::pow(rho, exponent)
}

/// Mean time in system, in services.
///
/// # Example
/// ```
/// use cellsim::engine::theory::two_choices::mean_sojourn;
/// assert!((mean_sojourn(1, 0.99) - 100.0).abs() < 1e-9); // at random: 1 / (1 - rho)
/// assert!((mean_sojourn(2, 0.99) - 5.4).abs() < 0.1); // the better of two
/// ```
pub fn mean_sojourn(choices: u32, rho: f64) -> f64 {
    if rho >= 1.0 {
        return f64::INFINITY;
    }
    if rho <= 0.0 {
        return 1.0;
    }
    // By Little: all requests per server over rho.
    let d = f64::from(choices);
    let (mut exponent, mut sum) = (1.0, 0.0);
    loop {
        let share = libm::pow(rho, exponent);
        sum += share;
        if share < 1e-17 * sum {
            return sum / rho;
        }
        exponent = exponent * d + 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // rho = 1/2, d = 2: exponents 1, 3, 7: 1/2 + 1/8 + 1/128 + 1/32768 + ... over 1/2.
        assert!((mean_sojourn(2, 0.5) - 1.265686).abs() < 1e-6);
        assert!((at_least(3, 2, 0.5) - 1.0 / 128.0).abs() < 1e-15);
        assert!((at_least(3, 1, 0.5) - 0.125).abs() < 1e-15);
        assert_eq!(at_least(0, 2, 0.5), 1.0);
        assert_eq!((mean_sojourn(2, 0.0), mean_sojourn(2, 1.0)), (1.0, f64::INFINITY));
    }

    #[test]
    fn published() {
        // Mitzenmacher (2001), table 1: rho 0.9, two choices 2.6141 ; rho 0.5, 1.2657.
        assert!((mean_sojourn(2, 0.9) - 2.6141).abs() < 5e-4, "{}", mean_sojourn(2, 0.9));
        assert!(mean_sojourn(3, 0.9) < mean_sojourn(2, 0.9));
    }
}
