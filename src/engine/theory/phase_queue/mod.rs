//! M/PH/c/K: a pool whose services are made of phases, with room for K, or for all.
//!
//! # Model
//! A state is how many are in the pool and in which phases the busy slots are. From the fullest level down, each is reduced to
//! the one below it: pi(n + 1) = pi(n) R(n), with R(n) = -A(n) (B(n + 1) + R(n + 1) C(n + 2))^-1 and A, B, C the rates up, within a
//! level and down. Without a limit R is the same at all levels of a full pool; logarithmic reduction finds it.
//!
//! Who finds all c slots busy and m others in the queue waits for m + 1 services to end; nobody who comes later matters. In a
//! bounded queue these are followed by uniformization. In an unbounded one P(W > t) is a phase-type law with the generator
//! D0 + R D1 (the age of the one who waits longest), D0 and D1 the rates of a full pool without and with an end of service.
//!
//! Everything is a sum of what is never negative: small shares keep their digits.
//!
//! # References
//! Neuts (1981), Matrix-Geometric Solutions in Stochastic Models. Latouche and Ramaswami (1993), A logarithmic reduction algorithm
//! for quasi-birth-death processes, Journal of Applied Probability 30. Sengupta (1989), Markov processes whose steady state
//! distribution is matrix-exponential, Advances in Applied Probability 21. Jensen (1953), Markoff chains as an aid, Skandinavisk
//! Aktuarietidskrift 36.

mod full;
mod level;

use self::full::Full;
use self::level::Level;
use super::phases::Phases;
use crate::engine::special::matrix::Matrix;

/// A pool whose services are made of phases.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseQueue {
    /// Arrivals in the time of a mean service.
    pub arrival_rate: f64,
    /// The service.
    pub service: Phases,
    /// Parallel slots c, at least 1.
    pub servers: u32,
    /// Places in queue; without a limit if the load is below 1.
    pub places: Option<u32>,
}

/// What a pool does to those who come.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Share that finds no room.
    pub refused: f64,
    /// Of the others, the share that waits.
    pub waits: f64,
    /// Of those, the share that waits for longer than each time asked for.
    pub above: Vec<f64>,
}

impl PhaseQueue {
    /// Returns how many states there are of busy slots.
    pub fn states(servers: u32, phases: usize) -> f64 {
        (1..phases).fold(1.0, |ways, at| ways * (f64::from(servers) + at as f64) / at as f64)
    }

    /// Returns what it does to those who come; waits are compared with `longest` (j / points)² for j from 0 to `points`, in mean services.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::{mmck::Mmck, phase_queue::PhaseQueue, phases::Phases};
    /// let one = PhaseQueue { arrival_rate: 1.5, service: Phases::erlang(1), servers: 2, places: Some(3) };
    /// let exact = Mmck { arrival_rate: 1.5, service_rate: 1.0, servers: 2, room: 5 }.refused();
    /// assert!((one.found(1.0, 1).refused - exact).abs() < 1e-14);
    /// ```
    pub fn found(&self, longest: f64, points: usize) -> Found {
        let levels: Vec<Level> = (0..=self.servers).map(|busy| Level::new(&self.service, busy)).collect();
        let full = Full::new(&self.service, &levels[self.servers as usize], self.arrival_rate);
        let reductions = match self.places {
            Some(places) => full.reductions(places),
            None => vec![full.unbounded()],
        };
        let free = self.free(&levels, &full, reductions.last());
        let first = free.last().cloned().unwrap_or_default();
        let below: f64 = free[..free.len() - 1].iter().flatten().sum();
        match self.places {
            None => {
                let reduction = &reductions[0];
                let rest = Matrix::diagonal(full.states, 1.0).plus(-1.0, reduction).inverse();
                let waiting = rest.after(&first);
                let sum: f64 = waiting.iter().sum();
                let above = full.above_unbounded(reduction, waiting, longest, points);
                Found { refused: 0.0, waits: sum / (below + sum), above }
            }
            Some(places) => {
                let mut queue = vec![first];
                for at in 0..places as usize {
                    let reduction = &reductions[(places as usize - 1 - at).min(reductions.len() - 1)];
                    queue.push(reduction.after(&queue[at]));
                }
                let refused: f64 = queue.pop().iter().flatten().sum();
                let waits: f64 = queue.iter().flatten().sum();
                let above = if points > 0 { full.above(queue, longest, points) } else { Vec::new() };
                let all = below + waits + refused;
                Found { refused: refused / all, waits: waits / (below + waits), above }
            }
        }
    }

    /// Returns the share that finds no room in a bounded queue.
    pub fn refused(&self) -> f64 {
        self.found(0.0, 0).refused
    }

    /// Weights of 0 to c busy slots without a queue.
    fn free(&self, levels: &[Level], full: &Full, reduction: Option<&Matrix>) -> Vec<Vec<f64>> {
        let rate = self.arrival_rate;
        let one = Matrix::diagonal(full.states, 1.0);
        let mut within = match reduction {
            Some(reduction) => full.stays.plus(-rate, &one).plus(1.0, &reduction.times(&full.ends)),
            None => full.stays.clone(),
        };
        // From c slots down to one: how the level above follows from the one below.
        let mut follows: Vec<Matrix> = Vec::new();
        for busy in (1..levels.len()).rev() {
            let up = levels[busy - 1].up(&self.service, &levels[busy], rate);
            let next = up.times(&Matrix::zeros(within.rows(), within.rows()).plus(-1.0, &within).inverse());
            let lower = &levels[busy - 1];
            within = lower.within(&self.service).plus(-rate, &Matrix::diagonal(lower.states.len(), 1.0));
            within = within.plus(1.0, &next.times(&levels[busy].down(&self.service, lower)));
            follows.push(next);
        }
        let mut weights = vec![vec![1.0]];
        for next in follows.iter().rev() {
            let last = next.after(&weights[weights.len() - 1]);
            weights.push(last);
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::law::Law;
    use crate::engine::theory::mg1::Mg1;
    use crate::engine::theory::mmc::Mmc;
    use crate::engine::theory::mmck::Mmck;

    fn hyper() -> Phases {
        Phases::either([(0.95, 0.05), (0.05, 1.05)])
    }

    #[track_caller]
    fn close(found: f64, exact: f64, within: f64) {
        assert!((found - exact).abs() <= within * exact.abs(), "{found:e} {exact:e}");
    }

    #[test]
    fn exponential_services_are_m_m_c_k() {
        for (arrival_rate, servers, places) in [(0.5, 1, 3), (9.0, 10, 7), (14.0, 10, 60), (2.0, 3, 0), (0.1, 2, 9)] {
            let found =
                PhaseQueue { arrival_rate, service: Phases::erlang(1), servers, places: Some(places) }.found(1.0, 4);
            let exact = Mmck { arrival_rate, service_rate: 1.0, servers, room: servers + places };
            close(found.refused, exact.refused(), 1e-12);
        }
        let pool = Mmc { arrival_rate: 9.0, service_rate: 1.0, servers: 10 };
        for places in [None, Some(500)] {
            let found =
                PhaseQueue { arrival_rate: 9.0, service: Phases::erlang(1), servers: 10, places }.found(16.0, 4);
            close(found.waits, pool.waiting_probability(), 1e-12);
            for (above, time) in found.above.iter().zip([0.0, 1.0, 4.0, 9.0, 16.0]) {
                close(*above, libm::exp(-time), 1e-9);
            }
        }
    }

    #[test]
    fn without_a_queue_the_law_does_not_matter() {
        for service in [Phases::erlang(1), Phases::erlang(2), hyper()] {
            let found = PhaseQueue { arrival_rate: 8.0, service, servers: 10, places: Some(0) }.found(1.0, 1);
            close(found.refused, crate::engine::theory::erlang_b::blocking(8.0, 10), 1e-11);
            assert_eq!(found.waits, 0.0);
        }
    }

    #[test]
    fn a_queue_of_two_branches_as_all_its_states_say() {
        // Two slots at 12 requests a second, services of 50 ms (95 %) or 1.05 s: the stationary state by least squares, apart.
        for (places, refused) in [(5, 0.075_101_043_577), (2, 0.117_985_3)] {
            let found =
                PhaseQueue { arrival_rate: 1.2, service: hyper(), servers: 2, places: Some(places) }.found(1.0, 1);
            close(found.refused, refused, if places == 5 { 1e-10 } else { 2e-2 });
        }
        // Without a limit: waits above 0, 1, 2 and 3 s.
        let queue = PhaseQueue { arrival_rate: 1.2, service: hyper(), servers: 2, places: None };
        let found = queue.found(90.0, 3);
        close(found.waits, 0.464_112_898_44, 1e-9);
        close(found.waits * found.above[1], 0.098_635_475_7, 1e-8);
        let long = PhaseQueue { places: Some(400), ..queue.clone() }.found(90.0, 3);
        for (one, other) in found.above.iter().zip(&long.above) {
            close(*one, *other, 1e-7);
        }
    }

    #[test]
    fn one_slot_waits_as_pollaczek_and_khinchine_say() {
        for (service, law) in [
            (Phases::erlang(4), Law::Gamma { shape: 4.0, scale: 0.25 }),
            (hyper(), Law::Hyperexponential(vec![(0.95, 0.5), (0.05, 10.5)])),
        ] {
            let found = PhaseQueue { arrival_rate: 0.7, service, servers: 1, places: None }.found(400.0, 2000);
            close(found.waits, 0.7, 1e-9);
            // Simpson's rule over even steps of j is the trapezoid's over j².
            let mean: f64 = found
                .above
                .windows(2)
                .enumerate()
                .map(|(at, pair)| (2 * at + 1) as f64 * 1e-4 * f64::midpoint(pair[0], pair[1]))
                .sum();
            close(found.waits * mean, Mg1::with_law(0.7, &law).mean_wait(), 1e-3);
        }
    }

    #[test]
    fn many_phases_come_to_constant_services() {
        // M/D/1/2: nobody comes within one service with e^-rho, and 1 - 1 / (e^-rho + rho) find no room. 1 / k is what is left of it.
        let exact = 1.0 - 1.0 / (libm::exp(-0.6) + 0.6);
        let lost = [20, 40].map(|phases| {
            let service = Phases::erlang(phases);
            PhaseQueue { arrival_rate: 0.6, service, servers: 1, places: Some(1) }.found(1.0, 1).refused
        });
        close(lost[1], exact, 0.03);
        close(2.0 * lost[1] - lost[0], exact, 1e-3);
    }

    #[test]
    fn services_that_vary_lose_more() {
        for (servers, places) in [(1, 4), (3, 2), (12, 9), (40, 12)] {
            let services = [Phases::erlang(2), Phases::erlang(1), hyper()];
            let lost = services.map(|service| {
                PhaseQueue { arrival_rate: 0.8 * f64::from(servers), service, servers, places: Some(places) }
                    .found(1.0, 1)
                    .refused
            });
            assert!(lost.is_sorted() && lost[0] > 0.0, "{lost:?}");
        }
        assert_eq!(
            [(10, 2), (10, 3), (1, 7)].map(|(servers, phases)| PhaseQueue::states(servers, phases)),
            [11.0, 66.0, 7.0]
        );
    }
}
