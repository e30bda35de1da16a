//! M/G/1: Poisson arrivals, any law of service, one server, first come first served.
//!
//! # References
//! Pollaczek (1930), Khinchine (1932); Kleinrock (1975), Queueing Systems, volume 1, 5.6.

use crate::engine::law::Law;

/// One server, any law of service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mg1 {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Mean service time.
    pub service_mean: f64,
    /// Variance of the service time.
    pub service_variance: f64,
}

impl Mg1 {
    /// With a law of service in the unit of the arrival rate.
    pub fn with_law(arrival_rate: f64, service: &Law) -> Mg1 {
        Mg1 { arrival_rate, service_mean: service.mean(), service_variance: service.variance() }
    }

    /// rho = lambda E S.
    pub fn utilization(self) -> f64 {
        self.arrival_rate * self.service_mean
    }

    /// Mean time in queue: lambda E S^2 / (2 (1 - rho)).
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::mg1::Mg1;
    /// // Constant service waits half as long as exponential service: 0.2 s against 0.4 s.
    /// let constant = Mg1 { arrival_rate: 8.0, service_mean: 0.1, service_variance: 0.0 };
    /// assert!((constant.mean_wait() - 0.2).abs() < 1e-15);
    /// ```
    pub fn mean_wait(self) -> f64 {
        if self.utilization() >= 1.0 {
            return f64::INFINITY;
        }
        let second = self.service_variance + self.service_mean * self.service_mean;
        self.arrival_rate * second / (2.0 * (1.0 - self.utilization()))
    }

    /// Mean time in system.
    pub fn mean_sojourn(self) -> f64 {
        self.mean_wait() + self.service_mean
    }

    /// Mean time in system if requests arrive `batch` at a time, each served alone.
    ///
    /// A request waits for the work it finds, as above, and for those of its batch that are served before it:
    /// (b - 1) E S / (2 (1 - rho)) more. Gross, Harris (1998), Fundamentals of Queueing Theory, 3.1 and 5.1.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::mg1::Mg1;
    /// // M^[5]/M/1 at rho = 0.5: (b + 1) / 2 = 3 times as long as one by one.
    /// let one = Mg1 { arrival_rate: 5.0, service_mean: 0.1, service_variance: 0.01 };
    /// assert!((one.mean_sojourn_of_batches(5) / one.mean_sojourn() - 3.0).abs() < 1e-12);
    /// ```
    pub fn mean_sojourn_of_batches(self, batch: u32) -> f64 {
        if self.utilization() >= 1.0 {
            return f64::INFINITY;
        }
        let others = f64::from(batch - 1) * self.service_mean / (2.0 * (1.0 - self.utilization()));
        self.mean_sojourn() + others
    }

    /// Mean number in system, by Little's law.
    pub fn mean_number(self) -> f64 {
        self.arrival_rate * self.mean_sojourn()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_service_is_mm1() {
        let queue = Mg1::with_law(8.0, &Law::Exponential { mean: 0.1 });
        assert!((queue.mean_wait() - 0.4).abs() < 1e-14);
        assert!((queue.mean_number() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn variable_service_waits_long() {
        // 90 % of 0.05 and 10 % of 0.55: mean 0.1, second moment 2 (0.9 x 0.0025 + 0.1 x 0.3025) = 0.065.
        let queue = Mg1::with_law(8.0, &Law::Hyperexponential(vec![(0.9, 0.05), (0.1, 0.55)]));
        assert!((queue.mean_wait() - 8.0 * 0.065 / 0.4).abs() < 1e-12);
        // A tail too heavy for a variance has no mean wait at any load.
        let heavy = Mg1::with_law(1.0, &Law::Pareto { low: 0.1, shape: 1.5 });
        assert_eq!(heavy.mean_wait(), f64::INFINITY);
        assert_eq!(Mg1::with_law(10.0, &Law::Constant(0.1)).mean_wait(), f64::INFINITY);
    }
}
