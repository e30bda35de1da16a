//! Latency of a path in theory: how likely an attempt exceeds its time-out while nothing is overloaded.
//!
//! # Model
//! Look-up, delays and services are independent and have the scenario's laws; the law of their sum is computed
//! ([`Sum`](crate::engine::law::sum::Sum)). Who has to wait at a pool waits an exponential time: exact for M/M/c, and otherwise scaled by (1 + c²)/2 for the
//! variation of the service time (Allen 1990: *Probability, Statistics and Queueing Theory*, Allen-Cunneen).

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
}

/// Waiting at a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wait {
    /// Share of arrivals that wait.
    pub chance: f64,
    /// One over the mean wait of those, in 1/s.
    pub rate: f64,
    /// Share of arrivals that find the queue full.
    pub full: f64,
}

impl Wait {
    /// Returns the mean wait of all arrivals, in seconds.
    pub fn mean(self) -> f64 {
        if self.chance > 0.0 { self.chance / self.rate } else { 0.0 }
    }
}

/// Returns the waiting at a pool that is asked for `arrivals` services a second and has `places` in its queue; none at 100 %
/// load or more, where a backlog says more than theory.
pub fn waiting(service: Moments, arrivals: f64, slots: u32, places: f64) -> Wait {
    if arrivals <= 0.0 || service.mean <= 0.0 || slots == 0 {
        return Wait::default();
    }
    let pool = Mmc { arrival_rate: arrivals, service_rate: 1.0 / service.mean, servers: slots };
    let load = pool.utilization();
    if load >= 1.0 {
        return Wait::default();
    }
    let chance = pool.waiting_probability();
    if chance < 1e-12 {
        return Wait::default();
    }
    let variation = (1.0 + service.variance / (service.mean * service.mean)) / 2.0;
    let full = if places.is_finite() { chance * libm::pow(load, places) } else { 0.0 };
    Wait { chance, rate: f64::from(slots) * (1.0 - load) / (service.mean * variation), full }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_that_of_m_m_c_for_exponential_service() {
        let service = Moments { mean: 1.0, variance: 1.0 };
        let wait = waiting(service, 1.0, 2, f64::INFINITY);
        assert!((wait.mean() - 1.0 / 3.0).abs() < 1e-12 && (wait.chance - 1.0 / 3.0).abs() < 1e-12 && wait.full == 0.0);
        assert_eq!(waiting(service, 2.0, 2, 5.0), Wait::default());
    }
}
