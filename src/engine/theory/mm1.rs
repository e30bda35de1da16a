//! M/M/1: Poisson arrivals, exponential service, one server, first come first served.
//!
//! # References
//! Kleinrock (1975), Queueing Systems, volume 1, 3.2 and 5.2.

/// A single exponential server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mm1 {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Services per unit of time of a busy server.
    pub service_rate: f64,
}

impl Mm1 {
    /// rho = lambda / mu.
    pub fn utilization(self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// mu - lambda, at which the time in system is exponential; 0 without a steady state.
    fn slack(self) -> f64 {
        (self.service_rate - self.arrival_rate).max(0.0)
    }

    /// Mean time in queue: rho / (mu - lambda).
    pub fn mean_wait(self) -> f64 {
        if self.utilization() >= 1.0 { f64::INFINITY } else { self.utilization() / self.slack() }
    }

    /// Mean time in system: 1 / (mu - lambda).
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::mm1::Mm1;
    /// // 8 a second against 10 a second: half a second, five services.
    /// assert_eq!(Mm1 { arrival_rate: 8.0, service_rate: 10.0 }.mean_sojourn(), 0.5);
    /// ```
    pub fn mean_sojourn(self) -> f64 {
        1.0 / self.slack()
    }

    /// Mean number in system: rho / (1 - rho).
    pub fn mean_number(self) -> f64 {
        if self.utilization() >= 1.0 { f64::INFINITY } else { self.utilization() / (1.0 - self.utilization()) }
    }

    /// Probability of exactly `n` in system.
    pub fn number_probability(self, n: u32) -> f64 {
        let rho = self.utilization();
        if rho >= 1.0 { 0.0 } else { (1.0 - rho) * libm::pow(rho, f64::from(n)) }
    }

    /// Probability of waiting longer than `t` in queue.
    pub fn wait_above(self, t: f64) -> f64 {
        if self.utilization() >= 1.0 { 1.0 } else { self.utilization() * libm::exp(-self.slack() * t) }
    }

    /// Probability of more than `t` in system.
    pub fn sojourn_above(self, t: f64) -> f64 {
        libm::exp(-self.slack() * t)
    }

    /// The time in system that a share `p` does not exceed.
    pub fn sojourn_quantile(self, p: f64) -> f64 {
        -libm::log1p(-p) / self.slack()
    }
}

#[cfg(test)]
mod tests {
    use super::Mm1;

    #[test]
    fn eight_against_ten() {
        let queue = Mm1 { arrival_rate: 8.0, service_rate: 10.0 };
        assert!((queue.mean_wait() - 0.4).abs() < 1e-15);
        assert!((queue.mean_number() - 4.0).abs() < 1e-12, "Little: 8 x 0.5");
        assert!((queue.number_probability(0) - 0.2).abs() < 1e-15);
        assert!((queue.sojourn_quantile(0.99) - std::f64::consts::LN_10).abs() < 1e-12, "ln 100 / 2");
        assert!((queue.wait_above(0.0) - 0.8).abs() < 1e-15);
        assert!((queue.sojourn_above(queue.sojourn_quantile(0.9)) - 0.1).abs() < 1e-14);
    }

    #[test]
    fn overload_waits_for_ever() {
        let queue = Mm1 { arrival_rate: 10.0, service_rate: 10.0 };
        assert_eq!((queue.mean_wait(), queue.mean_sojourn()), (f64::INFINITY, f64::INFINITY));
        assert_eq!(queue.wait_above(1e9), 1.0);
    }
}
