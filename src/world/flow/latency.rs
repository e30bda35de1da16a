//! Latency of a path in theory: how likely an attempt exceeds its time-out while nothing is overloaded.
//!
//! # Model
//! Mean and variance of the path add up over its independent parts; their sum is taken as log-normal with that mean and variance
//! (Fenton 1960: *The sum of log-normal probability distributions in scatter transmission systems*). Waiting at a pool is that
//! of M/M/c, scaled by (1 + c²)/2 for the variation of the service time (Allen 1990: *Probability, Statistics and Queueing
//! Theory*, Allen-Cunneen). Exact for one M/M/c station without a path around it only in the mean; a request-level run of the
//! same file says how good it is.

use crate::engine::special::normal;
use crate::engine::theory::mmc::Mmc;

/// Mean and variance of a time, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// Mean.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
}

impl std::ops::Add for Moments {
    type Output = Moments;
    fn add(self, other: Moments) -> Moments {
        Moments { mean: self.mean + other.mean, variance: self.variance + other.variance }
    }
}

impl Moments {
    /// Returns the moments of `factor` times as long, plus a constant.
    #[must_use]
    pub fn stretched(self, factor: f64, shift: f64) -> Moments {
        Moments { mean: self.mean * factor + shift, variance: self.variance * factor * factor }
    }

    /// Returns the moments of a time that is this one with probability `share`, and else nothing.
    #[must_use]
    pub fn thinned(self, share: f64) -> Moments {
        let second = share * (self.variance + self.mean * self.mean);
        let mean = share * self.mean;
        Moments { mean, variance: (second - mean * mean).max(0.0) }
    }

    /// Returns the share of times above a limit.
    pub fn above(self, limit: f64) -> f64 {
        if self.mean <= 0.0 || self.variance <= 0.0 {
            return f64::from(u8::from(self.mean > limit));
        }
        if limit <= 0.0 {
            return 1.0;
        }
        let spread = libm::log1p(self.variance / (self.mean * self.mean));
        let centre = libm::log(self.mean) - spread / 2.0;
        normal::above((libm::log(limit) - centre) / libm::sqrt(spread))
    }
}

/// Returns the waiting time at a pool that is asked for `arrivals` services a second, and the share of arrivals that find
/// `places` of its queue taken; nothing at 100 % load or more, where a backlog says more than theory.
pub fn waiting(service: Moments, arrivals: f64, slots: u32, places: f64) -> (Moments, f64) {
    let nothing = (Moments::default(), 0.0);
    if arrivals <= 0.0 || service.mean <= 0.0 || slots == 0 {
        return nothing;
    }
    let pool = Mmc { arrival_rate: arrivals, service_rate: 1.0 / service.mean, servers: slots };
    let load = pool.utilization();
    if load >= 1.0 {
        return nothing;
    }
    let waits = pool.waiting_probability();
    if waits < 1e-12 {
        return nothing;
    }
    let variation = (1.0 + service.variance / (service.mean * service.mean)) / 2.0;
    let once = service.mean / f64::from(slots) / (1.0 - load) * variation;
    let mean = waits * once;
    let full = if places.is_finite() { waits * libm::pow(load, places) } else { 0.0 };
    (Moments { mean, variance: 2.0 * waits * once * once - mean * mean }, full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_normal_keeps_its_tail() {
        // Median 8, p99 40: sigma = ln 5 / 2.326.
        let sigma = 5_f64.ln() / 2.326347874040841;
        let mean = 8.0 * (sigma * sigma / 2.0).exp();
        let moments = Moments { mean, variance: mean * mean * ((sigma * sigma).exp() - 1.0) };
        assert!((moments.above(40.0) - 0.01).abs() < 1e-12);
        assert!((moments.above(8.0) - 0.5).abs() < 1e-12);
        assert_eq!(Moments { mean: 2.0, variance: 0.0 }.above(1.9), 1.0);
        assert_eq!(Moments { mean: 2.0, variance: 0.0 }.above(2.1), 0.0);
    }

    #[test]
    fn waiting_is_that_of_m_m_c_for_exponential_service() {
        let service = Moments { mean: 1.0, variance: 1.0 };
        let (wait, full) = waiting(service, 1.0, 2, f64::INFINITY);
        assert!((wait.mean - 1.0 / 3.0).abs() < 1e-12 && full == 0.0);
        assert_eq!(waiting(service, 2.0, 2, 5.0).0, Moments::default());
    }
}
