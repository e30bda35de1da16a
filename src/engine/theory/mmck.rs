//! M/M/c/K: a pool whose queue is bounded; who finds K in the system is refused.
//!
//! # References
//! Gross et al. (2008), Fundamentals of Queueing Theory, 4th edition, 2.5.

/// A pool with room for `room` requests, in service ones included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmck {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Services per unit of time of one busy server.
    pub service_rate: f64,
    /// Parallel slots c.
    pub servers: u32,
    /// Most in system, K >= c: slots and places in queue.
    pub room: u32,
}

impl Mmck {
    /// Probabilities of 0, 1, ... K in system.
    ///
    /// Each from its neighbour, scaled down whenever they grow large: no factorial, any load.
    pub fn number_probabilities(self) -> Vec<f64> {
        let mut weights = Vec::with_capacity(self.room as usize + 1);
        let mut weight: f64 = 1.0;
        weights.push(weight);
        for n in 1..=self.room {
            weight *= self.arrival_rate / (self.service_rate * f64::from(n.min(self.servers)));
            if weight > 1e200 {
                weight *= 1e-200;
                for w in &mut weights {
                    *w *= 1e-200;
                }
            }
            weights.push(weight);
        }
        let total: f64 = weights.iter().sum();
        for w in &mut weights {
            *w /= total;
        }
        weights
    }

    /// Share of arrivals refused.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::mmck::Mmck;
    /// // One server, one place to wait, rho = 1: three states, alike.
    /// let tiny = Mmck { arrival_rate: 5.0, service_rate: 5.0, servers: 1, room: 2 };
    /// assert!((tiny.refused() - 1.0 / 3.0).abs() < 1e-15);
    /// ```
    pub fn refused(self) -> f64 {
        self.number_probabilities().last().copied().unwrap_or(0.0)
    }

    /// Services finished per unit of time.
    pub fn throughput(self) -> f64 {
        self.arrival_rate * (1.0 - self.refused())
    }

    /// Share of slots that are busy.
    pub fn utilization(self) -> f64 {
        self.throughput() / (self.service_rate * f64::from(self.servers))
    }

    /// Mean number in system.
    pub fn mean_number(self) -> f64 {
        self.number_probabilities().iter().enumerate().map(|(n, p)| n as f64 * p).sum()
    }

    /// Mean time in system of those admitted, by Little's law.
    pub fn mean_sojourn(self) -> f64 {
        self.mean_number() / self.throughput()
    }

    /// Mean time in queue of those admitted.
    pub fn mean_wait(self) -> f64 {
        // Over the queue, not as sojourn less service: a short wait would cancel.
        let queued = |(n, p): (usize, &f64)| n.saturating_sub(self.servers as usize) as f64 * p;
        self.number_probabilities().iter().enumerate().map(queued).sum::<f64>() / self.throughput()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::{erlang_b, mmc::Mmc};

    #[test]
    fn between_erlang_b_and_erlang_c() {
        let base = Mmck { arrival_rate: 10.0, service_rate: 1.0, servers: 12, room: 12 };
        assert!((base.refused() - erlang_b::blocking(10.0, 12)).abs() < 1e-14);
        let long = Mmck { room: 400, ..base };
        let unbounded = Mmc { arrival_rate: 10.0, service_rate: 1.0, servers: 12 };
        assert!((long.mean_wait() - unbounded.mean_wait()).abs() < 1e-12);
        assert!((long.mean_sojourn() - unbounded.mean_sojourn()).abs() < 1e-12);
    }

    #[test]
    fn by_hand() {
        // rho = 2, K = 2: weights 1, 2, 4; refused 4/7, number 10/7, throughput 2 x 3/7.
        let queue = Mmck { arrival_rate: 2.0, service_rate: 1.0, servers: 1, room: 2 };
        assert!((queue.refused() - 4.0 / 7.0).abs() < 1e-15);
        assert!((queue.mean_number() - 10.0 / 7.0).abs() < 1e-15);
        assert!((queue.mean_sojourn() - 10.0 / 6.0).abs() < 1e-14);
        assert!((queue.utilization() - 6.0 / 7.0).abs() < 1e-14);
    }

    #[test]
    fn heavy_overload_and_large_rooms_stay_finite() {
        let storm = Mmck { arrival_rate: 1e6, service_rate: 1.0, servers: 100, room: 20_000 };
        assert!((storm.refused() - (1.0 - 1e-4)).abs() < 1e-9);
        assert!((storm.utilization() - 1.0).abs() < 1e-9);
    }
}
