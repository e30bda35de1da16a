//! M/D/1: Poisson arrivals, constant service, one server: how the time in system is distributed.
//!
//! # Model
//! With service D, k = floor(t / D) and x_j = lambda (t - j D): P(wait <= t) = (1 - rho) sum over j = 0 .. k of
//! (-x_j)^j / j! e^(x_j). Its signs alternate, and beyond some services digits are lost; by then the tail is exponential to the
//! last digit: P(wait > t) = (1 - rho) / (rho e^u - 1) e^(-u t / D), with rho (e^u - 1) = u.
//!
//! # References
//! Erlang (1909), The Theory of Probabilities and Telephone Conversations. Its mean is Pollaczek and Khinchine's: [`super::mg1`];
//! the tail is the first pole of their transform.

use crate::engine::special::solve::invert_increasing;

/// From here on the tail is exponential, in services.
const FAR: f64 = 12.0;

/// One server, always the same service time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Md1 {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Service time.
    pub service: f64,
}

impl Md1 {
    /// rho = lambda D.
    pub fn utilization(self) -> f64 {
        self.arrival_rate * self.service
    }

    /// Probability of waiting at most `t` in queue.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::md1::Md1;
    /// // Within the first service only j = 0 counts: (1 - rho) e^(lambda t).
    /// let queue = Md1 { arrival_rate: 0.5, service: 1.0 };
    /// assert!((queue.wait_cdf(0.8) - 0.5 * 0.4_f64.exp()).abs() < 1e-15);
    /// ```
    pub fn wait_cdf(self, t: f64) -> f64 {
        let rho = self.utilization();
        if t < 0.0 || rho >= 1.0 {
            return 0.0;
        }
        let t = t / self.service;
        if t > FAR {
            let decay = invert_increasing(1.0, |u| if u > 0.0 { rho * libm::expm1(u) / u } else { rho });
            return 1.0 - (1.0 - rho) / (rho * libm::exp(decay) - 1.0) * libm::exp(-decay * t);
        }
        let mut sum = 0.0;
        for j in 0..=t as u32 {
            let x = rho * (t - f64::from(j));
            let power: f64 = (1..=j).map(|i| -x / f64::from(i)).product();
            sum += power * libm::exp(x);
        }
        (1.0 - rho) * sum
    }

    /// The time in system that a share `p` does not exceed: wait and service.
    pub fn sojourn_quantile(self, p: f64) -> f64 {
        if self.utilization() >= 1.0 {
            return f64::INFINITY;
        }
        self.service * (1.0 + invert_increasing(p, |t| self.wait_cdf(t * self.service)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::mg1::Mg1;

    #[test]
    fn by_hand() {
        // rho = 0.5, t = 1.5: 0.5 (e^0.75 - 0.25 e^0.25) = 0.5 (2.1170000 - 0.3210064) = 0.8979968.
        let queue = Md1 { arrival_rate: 0.5, service: 1.0 };
        assert!((queue.wait_cdf(1.5) - 0.897_996_8).abs() < 1e-7);
        assert!((queue.wait_cdf(0.0) - 0.5).abs() < 1e-15);
        assert_eq!(queue.sojourn_quantile(0.4), 1.0);
        assert_eq!(Md1 { arrival_rate: 1.0, service: 1.0 }.sojourn_quantile(0.5), f64::INFINITY);
    }

    #[test]
    fn the_tail_goes_on_where_the_sum_ends() {
        for rho in [0.3, 0.7, 0.95] {
            let queue = Md1 { arrival_rate: rho, service: 1.0 };
            let (near, far) = (1.0 - queue.wait_cdf(FAR), 1.0 - queue.wait_cdf(FAR + 1e-9));
            assert!((near - far).abs() < 1e-6 * near + 1e-10, "{rho}: {near} {far}");
        }
        let busy = Md1 { arrival_rate: 950.0, service: 0.001 };
        assert!((busy.wait_cdf(busy.sojourn_quantile(0.999) - 0.001) - 0.999).abs() < 1e-9);
    }

    #[test]
    fn the_mean_is_pollaczek_and_khinchines() {
        let queue = Md1 { arrival_rate: 0.7, service: 1.0 };
        let step = 1e-4;
        // The mean of what is not negative is the integral of its tail.
        let mean: f64 = (0..400_000).map(|i| (1.0 - queue.wait_cdf((f64::from(i) + 0.5) * step)) * step).sum();
        let theory = Mg1 { arrival_rate: 0.7, service_mean: 1.0, service_variance: 0.0 }.mean_wait();
        assert!((mean - theory).abs() < 1e-4, "{mean} {theory}");
        assert!((queue.wait_cdf(queue.sojourn_quantile(0.99) - 1.0) - 0.99).abs() < 1e-9);
    }
}
