//! M/M/c+M (Erlang A): callers lose patience, after an exponential time, and leave the queue.
//!
//! # References
//! Palm (1957). Mandelbaum and Zeltyn (2007), Service Engineering in Action: the Palm/Erlang-A Queue.

/// A pool whose queue loses patience.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErlangA {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Services per unit of time of one busy server.
    pub service_rate: f64,
    /// Parallel slots c.
    pub servers: u32,
    /// Departures per unit of time of one who waits: 1 over mean patience; above 0.
    pub impatience: f64,
}

/// What the steady state shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SteadyState {
    /// Share of arrivals that must wait.
    pub waiting: f64,
    /// Share of arrivals that leave without service.
    pub abandoned: f64,
    /// Mean number in queue.
    pub queue: f64,
    /// Mean time in queue, over all arrivals.
    pub wait: f64,
    /// Share of slots that are busy.
    pub utilization: f64,
}

impl ErlangA {
    /// Solves the steady state, which impatience grants at any load.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::erlang_a::ErlangA;
    /// // Patience as long as service: the number in system is Poisson, whatever the servers.
    /// let state = ErlangA { arrival_rate: 3.0, service_rate: 1.0, servers: 1, impatience: 1.0 }.steady_state();
    /// assert!((state.queue - (3.0 - 1.0 + (-3.0_f64).exp())).abs() < 1e-12);
    /// ```
    pub fn steady_state(self) -> SteadyState {
        let (mut weight, mut total, mut waiting, mut queue, mut busy) = (1.0_f64, 1.0, 0.0, 0.0, 0.0);
        let c = f64::from(self.servers);
        if self.servers == 0 {
            waiting = 1.0;
        }
        let mut n: f64 = 0.0;
        loop {
            n += 1.0;
            let leaving = self.service_rate * n.min(c) + self.impatience * (n - c).max(0.0);
            let growth = self.arrival_rate / leaving;
            weight *= growth;
            total += weight;
            busy += weight * n.min(c);
            if n >= c {
                waiting += weight;
                queue += weight * (n - c);
            }
            if weight > 1e200 {
                for w in [&mut weight, &mut total, &mut waiting, &mut queue, &mut busy] {
                    *w *= 1e-200;
                }
            }
            // Terms shrink by at least this factor from here on: what is left out is below the last digit.
            if n > c && growth < 1.0 && weight * n < 1e-18 * (1.0 - growth) * total {
                break;
            }
        }
        let queue = queue / total;
        SteadyState {
            waiting: waiting / total,
            abandoned: self.impatience * queue / self.arrival_rate,
            queue,
            wait: queue / self.arrival_rate,
            utilization: if self.servers == 0 { 0.0 } else { busy / total / c },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::mmc::Mmc;

    #[test]
    fn endless_patience_is_erlang_c() {
        let patient = ErlangA { arrival_rate: 10.0, service_rate: 1.0, servers: 12, impatience: 1e-9 }.steady_state();
        let queue = Mmc { arrival_rate: 10.0, service_rate: 1.0, servers: 12 };
        assert!((patient.waiting - queue.waiting_probability()).abs() < 1e-6);
        assert!((patient.wait - queue.mean_wait()).abs() < 1e-6);
    }

    #[test]
    fn patience_as_long_as_service_is_poisson() {
        // Number in system Poisson of mean 2; with one server P(n >= 1) = 1 - e^-2 waits.
        let state = ErlangA { arrival_rate: 2.0, service_rate: 1.0, servers: 1, impatience: 1.0 }.steady_state();
        assert!((state.waiting - (1.0 - libm::exp(-2.0))).abs() < 1e-14);
        assert!((state.utilization - (1.0 - libm::exp(-2.0))).abs() < 1e-14);
        // What arrives is served or leaves.
        assert!((2.0 * (1.0 - state.abandoned) - state.utilization).abs() < 1e-13);
    }

    #[test]
    fn overload_sheds_the_excess() {
        // A fluid: 150 arrive, 100 can be served, a third leaves.
        let state = ErlangA { arrival_rate: 1500.0, service_rate: 1.0, servers: 1000, impatience: 0.5 }.steady_state();
        assert!((state.abandoned - 1.0 / 3.0).abs() < 1e-4, "{state:?}");
        assert!((state.utilization - 1.0).abs() < 1e-6);
    }
}
