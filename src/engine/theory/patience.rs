//! M/M/c+D: callers wait for a given time at most, and leave the queue if their turn has not come by then.
//!
//! # Model
//! A caller that finds n < c in service is served at once. The wait that is offered to a caller has the density
//! lambda p e^((lambda - c mu) x) up to the patience, and lambda p e^(lambda patience - c mu x) beyond it, where nobody joins any more;
//! p is the probability that c - 1 are in service.
//!
//! # References
//! Barrer (1957), Queuing with Impatient Customers and Ordered Service, Operations Research 5. Zeltyn and Mandelbaum (2005),
//! Call Centers with Impatient Customers: Many-Server Asymptotics of the M/M/n+G Queue, Queueing Systems 51.

/// A pool whose callers all have the same patience. It may be overloaded: patience holds the queue down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Services per unit of time of one busy server.
    pub service_rate: f64,
    /// Parallel slots c, at least 1.
    pub servers: u32,
    /// How long a caller waits for its turn at most.
    pub patience: f64,
}

impl Patience {
    /// c mu - lambda: below 0 in overload.
    fn slack(self) -> f64 {
        f64::from(self.servers) * self.service_rate - self.arrival_rate
    }

    /// The probability that c - 1 are in service, and that fewer than c are.
    fn not_all_busy(self) -> (f64, f64) {
        let load = self.arrival_rate / self.service_rate;
        // Fewer than c in service, in units of c - 1 in service: 1 + (c - 1) / a + (c - 1) (c - 2) / a^2 + ...
        let below = (1..self.servers).rev().fold((1.0, 1.0), |(sum, term), n| {
            let term = term * f64::from(n) / load;
            (sum + term, term)
        });
        let capacity = f64::from(self.servers) * self.service_rate;
        let waits = integral(-self.slack(), self.patience) + libm::exp(-self.slack() * self.patience) / capacity;
        let last = 1.0 / (below.0 + self.arrival_rate * waits);
        (last, last * below.0)
    }

    /// Share of callers that leave without service.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::patience::Patience;
    /// // No patience at all is Erlang's loss system: 1 Erlang on 2 servers, 1/5 are lost.
    /// let none = Patience { arrival_rate: 1.0, service_rate: 1.0, servers: 2, patience: 0.0 };
    /// assert!((none.abandoned() - 0.2).abs() < 1e-15);
    /// ```
    pub fn abandoned(self) -> f64 {
        let capacity = f64::from(self.servers) * self.service_rate;
        self.arrival_rate * self.not_all_busy().0 * libm::exp(-self.slack() * self.patience) / capacity
    }

    /// Share of slots that are busy.
    pub fn utilization(self) -> f64 {
        self.arrival_rate * (1.0 - self.abandoned()) / (f64::from(self.servers) * self.service_rate)
    }

    /// Share of callers whose service has ended by `t`, up to the patience.
    pub fn served_within(self, t: f64) -> f64 {
        debug_assert!(t <= self.patience, "beyond the patience other callers have left");
        let (last, at_once) = self.not_all_busy();
        let mu = self.service_rate;
        // Who waits x is served by t with 1 - e^(-mu (t - x)).
        let waited = integral(-self.slack(), t) - libm::exp(-mu * t) * integral(mu - self.slack(), t);
        -at_once * libm::expm1(-mu * t) + self.arrival_rate * last * waited
    }
}

/// The integral of e^(rate x) from 0 to `t`, smooth where the rate is 0.
fn integral(rate: f64, t: f64) -> f64 {
    if (rate * t).abs() < 1e-12 { t } else { libm::expm1(rate * t) / rate }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::erlang_b::blocking;
    use crate::engine::theory::mmc::Mmc;

    const POOL: Patience = Patience { arrival_rate: 9.0, service_rate: 1.0, servers: 10, patience: 0.3 };

    #[test]
    fn by_hand() {
        // c = 1, lambda = mu = 1, patience 1: p0 (1 + 1 + 1) = 1, a third leaves, and is served with 1 - (1 - 1/3).
        let one = Patience { arrival_rate: 1.0, service_rate: 1.0, servers: 1, patience: 1.0 };
        assert!((one.abandoned() - 1.0 / 3.0).abs() < 1e-15);
        assert!((one.utilization() - 2.0 / 3.0).abs() < 1e-15);
        // 1/3 (1 - 1/e) at once, and the integral of 1/3 (1 - e^(x - 1)) over 0 to 1 = 1/3 / e: together 1/3.
        assert!((one.served_within(1.0) - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn without_patience_erlang_b_with_endless_patience_erlang_c() {
        let none = Patience { patience: 0.0, ..POOL };
        assert!((none.abandoned() - blocking(9.0, 10)).abs() < 1e-14);
        let endless = Patience { patience: 60.0, ..POOL };
        let queue = Mmc { arrival_rate: 9.0, service_rate: 1.0, servers: 10 };
        assert!(endless.abandoned() < 1e-25);
        assert!((endless.served_within(2.0) - (1.0 - queue.sojourn_above(2.0))).abs() < 1e-12);
    }

    #[test]
    fn overload_sheds_the_excess() {
        let over = Patience { arrival_rate: 2000.0, servers: 1000, ..POOL };
        assert!((over.abandoned() - 0.5).abs() < 1e-4 && (over.utilization() - 1.0).abs() < 1e-3, "{over:?}");
    }
}
