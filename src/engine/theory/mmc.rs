//! M/M/c: Poisson arrivals, exponential service, c servers and one queue, first come first served.
//!
//! # Model
//! Who must wait (probability C, Erlang's second formula) waits an exponential time at rate c mu - lambda; the time in system adds
//! an independent service.
//!
//! # References
//! Erlang (1917). Kleinrock (1975), Queueing Systems, volume 1, 3.5. Gross et al. (2008), Fundamentals of Queueing Theory,
//! 4th edition, 2.3.

use super::erlang_b;
use crate::engine::special::solve::invert_increasing;

/// A pool of exponential servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmc {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Services per unit of time of one busy server.
    pub service_rate: f64,
    /// Parallel slots c.
    pub servers: u32,
}

impl Mmc {
    /// a = lambda / mu, in Erlangs.
    pub fn offered_load(self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// rho = a / c.
    pub fn utilization(self) -> f64 {
        self.offered_load() / f64::from(self.servers)
    }

    /// c mu - lambda, the rate at which a queue drains; 0 without a steady state.
    fn slack(self) -> f64 {
        (f64::from(self.servers) * self.service_rate - self.arrival_rate).max(0.0)
    }

    /// Erlang C: the share that must wait. Through Erlang B, which needs no large factorials.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::mmc::Mmc;
    /// let two = Mmc { arrival_rate: 1.0, service_rate: 1.0, servers: 2 };
    /// assert!((two.waiting_probability() - 1.0 / 3.0).abs() < 1e-15);
    /// ```
    pub fn waiting_probability(self) -> f64 {
        let rho = self.utilization();
        if rho >= 1.0 {
            return 1.0;
        }
        let b = erlang_b::blocking(self.offered_load(), self.servers);
        b / (1.0 - rho * (1.0 - b))
    }

    /// Mean time in queue: C / (c mu - lambda).
    pub fn mean_wait(self) -> f64 {
        self.waiting_probability() / self.slack()
    }

    /// Mean time in system.
    pub fn mean_sojourn(self) -> f64 {
        self.mean_wait() + 1.0 / self.service_rate
    }

    /// Mean number in system, by Little's law.
    pub fn mean_number(self) -> f64 {
        self.arrival_rate * self.mean_sojourn()
    }

    /// Probability of waiting longer than `t` in queue.
    pub fn wait_above(self, t: f64) -> f64 {
        self.waiting_probability() * libm::exp(-self.slack() * t)
    }

    /// Probability of waiting at most `t` in queue.
    pub fn wait_cdf(self, t: f64) -> f64 {
        1.0 - self.wait_above(t)
    }

    /// The time in queue that a share `p` does not exceed: 0 for those who need not wait.
    pub fn wait_quantile(self, p: f64) -> f64 {
        let waiting = self.waiting_probability();
        if 1.0 - p >= waiting { 0.0 } else { libm::log(waiting / (1.0 - p)) / self.slack() }
    }

    /// Probability of more than `t` in system.
    pub fn sojourn_above(self, t: f64) -> f64 {
        let (waiting, mu) = (self.waiting_probability(), self.service_rate);
        // Wait and service together: e^-mu t (1 + mu t g), with g = (1 - e^-x) / x at x = (slack - mu) t, smooth where
        // the two rates meet.
        let x = (self.slack() - mu) * t;
        let g = if x.abs() < 1e-12 { 1.0 } else { -libm::expm1(-x) / x };
        libm::exp(-mu * t) * (1.0 + waiting * mu * t * g)
    }

    /// The time in system that a share `p` does not exceed, by numeric inversion.
    pub fn sojourn_quantile(self, p: f64) -> f64 {
        if self.utilization() >= 1.0 {
            return f64::INFINITY;
        }
        invert_increasing(p, |t| 1.0 - self.sojourn_above(t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::mm1::Mm1;

    #[test]
    fn one_server_is_mm1() {
        let one = Mmc { arrival_rate: 8.0, service_rate: 10.0, servers: 1 };
        let same = Mm1 { arrival_rate: 8.0, service_rate: 10.0 };
        assert!((one.mean_wait() - same.mean_wait()).abs() < 1e-14);
        assert!((one.sojourn_above(0.3) - same.sojourn_above(0.3)).abs() < 1e-14);
        assert!((one.sojourn_quantile(0.99) - same.sojourn_quantile(0.99)).abs() < 1e-12);
        assert!((one.mean_number() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn published_erlang_c() {
        // 10 Erlangs on 12 servers: 44.94 % wait; mean wait half of that many services.
        let twelve = Mmc { arrival_rate: 10.0, service_rate: 1.0, servers: 12 };
        assert!((twelve.waiting_probability() - 0.4494).abs() < 5e-5, "{}", twelve.waiting_probability());
        assert!((twelve.mean_wait() - twelve.waiting_probability() / 2.0).abs() < 1e-15);
        assert!((twelve.wait_cdf(twelve.wait_quantile(0.95)) - 0.95).abs() < 1e-13);
        assert_eq!(twelve.wait_quantile(0.5), 0.0);
    }

    #[test]
    fn where_both_rates_meet() {
        // lambda = mu, c = 2: slack = mu, wait and service together are Erlang-2 for the third that waits.
        let two = Mmc { arrival_rate: 1.0, service_rate: 1.0, servers: 2 };
        let t = 1.5;
        let expected = libm::exp(-t) * (1.0 + t / 3.0);
        assert!((two.sojourn_above(t) - expected).abs() < 1e-14);
        let near = Mmc { arrival_rate: 1.0 + 1e-9, ..two };
        assert!((near.sojourn_above(t) - expected).abs() < 1e-8);
    }

    #[test]
    fn the_reference_model_as_a_whole() {
        // 900/s into 10 servers of 10 ms; before it 5 ms (95 %) or 20 ms (5 %) at the router.
        let pool = Mmc { arrival_rate: 900.0, service_rate: 100.0, servers: 10 };
        let router = [(0.95, 0.005), (0.05, 0.020)];
        let mean: f64 = router.iter().map(|(p, t)| p * t).sum::<f64>() + pool.mean_sojourn();
        assert!((mean - 0.0224373).abs() < 5e-8, "{mean}");
        let cdf =
            |t: f64| router.iter().map(|(p, d)| if t > *d { p * (1.0 - pool.sojourn_above(t - d)) } else { 0.0 }).sum();
        assert!((invert_increasing(0.5, cdf) - 0.019121).abs() < 5e-7);
        assert!((invert_increasing(0.99, cdf) - 0.068915).abs() < 5e-7);
    }

    #[test]
    fn overload() {
        let over = Mmc { arrival_rate: 20.0, service_rate: 1.0, servers: 12 };
        assert_eq!((over.waiting_probability(), over.mean_wait()), (1.0, f64::INFINITY));
        assert_eq!(over.sojourn_quantile(0.5), f64::INFINITY);
    }
}
