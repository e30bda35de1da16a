//! Processor sharing: all requests in service at once, each at an equal part of the rate.
//!
//! # References
//! Kleinrock (1976), Queueing Systems, volume 2, 4.4. Cohen (1979), The Multiple Phase Service Network with Generalized
//! Processor Sharing, Acta Informatica 12 (several servers).

use super::mmc::Mmc;

/// Mean time in system of a request of size `work`, alone served in that time: x / (1 - rho). Any law of service.
///
/// # Example
/// ```
/// use cellsim::engine::theory::processor_sharing::sojourn_given_work;
/// assert!((sojourn_given_work(0.02, 0.8) - 0.1).abs() < 1e-15); // everything takes five times as long
/// ```
pub fn sojourn_given_work(work: f64, utilization: f64) -> f64 {
    if utilization >= 1.0 { f64::INFINITY } else { work / (1.0 - utilization) }
}

/// Mean time in system at one server: E S / (1 - rho), insensitive to the law of service beyond its mean.
pub fn mean_sojourn(arrival_rate: f64, service_mean: f64) -> f64 {
    sojourn_given_work(service_mean, arrival_rate * service_mean)
}

/// Mean time in system at several servers, of which a request can use one: that of the first-come-first-served exponential
/// pool, again insensitive to the law of service.
pub fn mean_sojourn_pool(arrival_rate: f64, service_mean: f64, servers: u32) -> f64 {
    Mmc { arrival_rate, service_rate: 1.0 / service_mean, servers }.mean_sojourn()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_mm1_in_the_mean() {
        assert!((mean_sojourn(8.0, 0.1) - 0.5).abs() < 1e-15);
        assert!((mean_sojourn_pool(8.0, 0.1, 1) - 0.5).abs() < 1e-14);
        // Two servers, one Erlang: 1 + 1/3 services.
        assert!((mean_sojourn_pool(1.0, 1.0, 2) - 4.0 / 3.0).abs() < 1e-14);
        assert_eq!(mean_sojourn(10.0, 0.1), f64::INFINITY);
    }
}
