//! G/G/c: any arrivals, any service. No closed form; a bound for one server and an approximation for more.
//!
//! # References
//! Kingman (1962), Some Inequalities for the Queue GI/G/1, Biometrika 49. Allen (1990), Probability, Statistics and Queueing
//! Theory, 2nd edition, 5.3 (Allen and Cunneen's formula).

use super::mmc::Mmc;

/// Kingman's upper bound on the mean time in queue of one server: lambda (v_a + v_s) / (2 (1 - rho)).
///
/// `arrival_variance` and `service_variance` are of the gap between arrivals and of the service time. Holds for independent gaps
/// and services; close to the truth as rho nears 1.
///
/// # Example
/// ```
/// use cellsim::engine::theory::gg::wait_at_most;
/// // M/M/1 at 8 against 10: true 0.4, bound 8 (1/64 + 1/100) / 0.4 = 0.5125.
/// assert!((wait_at_most(8.0, 1.0 / 64.0, 0.1, 0.01) - 0.5125).abs() < 1e-12);
/// ```
pub fn wait_at_most(arrival_rate: f64, arrival_variance: f64, service_mean: f64, service_variance: f64) -> f64 {
    let rho = arrival_rate * service_mean;
    if rho >= 1.0 {
        return f64::INFINITY;
    }
    arrival_rate * (arrival_variance + service_variance) / (2.0 * (1.0 - rho))
}

/// Approximate mean time in queue of a pool: that of the exponential pool times the mean squared variation.
///
/// `arrival_variation` and `service_variation` are squared coefficients of variation (variance over mean squared; 1 for exponential).
/// Exact for M/M/c and M/G/1, good for rho above 1/2.
pub fn approximate_wait(exponential: Mmc, arrival_variation: f64, service_variation: f64) -> f64 {
    exponential.mean_wait() * 0.5 * (arrival_variation + service_variation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::{mg1::Mg1, mm1::Mm1};

    #[test]
    fn the_bound_holds_and_becomes_tight() {
        for rate in [1.0, 5.0, 9.0, 9.99] {
            let truth = Mm1 { arrival_rate: rate, service_rate: 10.0 }.mean_wait();
            let bound = wait_at_most(rate, 1.0 / (rate * rate), 0.1, 0.01);
            assert!(bound > truth);
            assert!(rate < 9.9 || bound / truth < 1.01, "{rate}: {bound} {truth}");
        }
        assert_eq!(wait_at_most(10.0, 0.0, 0.1, 0.0), f64::INFINITY);
    }

    #[test]
    fn the_approximation_is_exact_for_one_server_and_poisson_arrivals() {
        let pool = Mmc { arrival_rate: 8.0, service_rate: 10.0, servers: 1 };
        let exact = Mg1 { arrival_rate: 8.0, service_mean: 0.1, service_variance: 0.03 }.mean_wait();
        assert!((approximate_wait(pool, 1.0, 3.0) - exact).abs() < 1e-12);
    }
}
