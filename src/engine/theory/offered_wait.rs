//! M/M/c/K+G: the wait that a bounded queue offers to callers who leave it if their turn does not come in time.
//!
//! # Model
//! Of the callers, a share G(x) waits for less than x; H(x) = ∫ from 0 to x of 1 - G. In units of the probability that all c slots
//! are busy and nobody waits, the wait that is offered to those who find room, with q places, has the density
//!
//! ```text
//! c mu e^(lambda H(x) - c mu x) Q(q, lambda H(x))        refused: ∫ of c mu e^(-c mu x) (lambda H(x))^q / q!
//! ```
//!
//! with Q the incomplete gamma function: the number of those who came before and still wait is Poisson, cut off at q. Fewer than c
//! are busy with 1 / B - 1, with Erlang's B. Without impatience this is M/M/c/K, without a limit of the queue M/M/c+G, and it holds
//! at any load that the one or the other bounds. The wait is found in cells, ever shorter ones towards no wait and towards the
//! patience, where an overload holds it.
//!
//! # References
//! Movaghar (1998), On queueing with customer impatience until the beginning of service, Queueing Systems 29. Zeltyn and
//! Mandelbaum (2005), Call Centers with Impatient Customers, Queueing Systems 51.

use super::erlang_b;
use crate::engine::special::gamma;

/// A pool with a bounded queue of impatient callers. Bounded by places, by patience, or by its load.
#[derive(Debug, Clone, PartialEq)]
pub struct Impatient {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Services per unit of time of one busy server.
    pub service_rate: f64,
    /// Parallel slots c, at least 1.
    pub servers: u32,
    /// Places to wait q, in whole numbers or between.
    pub places: f64,
    /// How long callers wait for their turn at most, and with which weight; not in any order. Without any, for ever.
    pub patience: Vec<(f64, f64)>,
    /// How the law of service changes the queue.
    pub queue: Steps,
}

/// A queue that moves on in other steps than those of exponential services.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// Size of a step: 1 for exponential services, less for more even ones. A full queue takes q / size steps of a gamma law.
    pub size: f64,
    /// How fast a long queue decays, as a power of the load for each place: 1 for exponential services.
    pub decay: f64,
}

impl Steps {
    /// Exponential services.
    pub const EXPONENTIAL: Steps = Steps { size: 1.0, decay: 1.0 };
}

/// The wait that is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferedWait {
    /// Weight of a full pool in which nobody waits.
    unit: f64,
    /// Weight of those who find a free slot.
    free: f64,
    /// Weight of those who find no room.
    full: f64,
    /// Cells: (until, mean, weight). In order.
    cells: Vec<(f64, f64, f64)>,
    /// Weight of longer waits than all of these.
    beyond: f64,
    /// What the weight of a wait counts for those who wait so long.
    served: f64,
}

/// What becomes of callers of one patience.
#[derive(Debug, Clone, PartialEq)]
pub struct Fate {
    /// Share that finds no room.
    pub refused: f64,
    /// Of the others, the share that leaves without service.
    pub left: f64,
    /// Of these, waits and their shares: 0 first; who leaves waits without end.
    pub waits: Vec<(f64, f64)>,
}

impl Fate {
    /// Returns the share that is served.
    pub fn served(&self) -> f64 {
        (1.0 - self.refused) * (1.0 - self.left)
    }

    /// Returns the mean wait of those who are served, 0 if nobody is.
    pub fn mean_wait(&self) -> f64 {
        let waits = self.waits.iter().filter(|(time, _)| time.is_finite());
        if self.left < 1.0 { waits.map(|(time, share)| time * share).sum::<f64>() / (1.0 - self.left) } else { 0.0 }
    }
}

/// Even cells, and cells that get shorter towards the ends of a stretch, by which factor.
const EVEN: usize = 24;
const SHORTER: i32 = 18;
const FACTOR: f64 = 0.6;
/// Points of a cell and their weights (Gauss and Legendre).
const POINTS: [(f64, f64); 3] =
    [(0.112_701_665_379_258_31, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];
/// A density that falls by e to this power is gone.
const GONE: f64 = 50.0;

impl Impatient {
    /// Finds the wait that is offered.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::offered_wait::{Impatient, Steps};
    /// // One slot, lambda = mu = 1, all leave after waiting for 1: a third does.
    /// let one = Impatient {
    ///     arrival_rate: 1.0, service_rate: 1.0, servers: 1, places: f64::INFINITY, patience: vec![(1.0, 1.0)],
    ///     queue: Steps::EXPONENTIAL,
    /// };
    /// let fate = one.offered().fate(1.0);
    /// assert!((fate.left - 1.0 / 3.0).abs() < 1e-6 && fate.refused == 0.0);
    /// ```
    pub fn offered(&self) -> OfferedWait {
        let capacity = f64::from(self.servers) * self.service_rate;
        // A load of just 1 has a limit that the formulas only come near.
        let load = self.arrival_rate / capacity;
        let load = if (load - 1.0).abs() < 1e-7 { 1.0 + 1e-7 } else { load };
        let power = self.queue.decay * self.queue.size;
        let converted = libm::exp(power * libm::log(load));
        let pace = Pace { arrivals: capacity / self.queue.size * converted, services: capacity / self.queue.size };
        let places = self.places / self.queue.size;
        let found = if places > 0.0 { self.cells(pace, places) } else { OfferedWait::no_queue() };
        let blocking = erlang_b::blocking(load * f64::from(self.servers), self.servers);
        let free = (1.0 / blocking - 1.0) * found.unit;
        let served = (1.0 - converted) / (1.0 - load);
        OfferedWait { free, served, ..found }
    }

    /// Finds the weights of waits and of refusals.
    fn cells(&self, pace: Pace, places: f64) -> OfferedWait {
        let borders = self.borders(pace, places);
        let end = borders[borders.len() - 1];
        let inside = self.patient_until(end);
        let last = (pace.waits(places, inside, end), pace.refuses(places, inside, end));
        let mut points = Vec::with_capacity(POINTS.len() * borders.len());
        for pair in borders.windows(2) {
            for (at, _) in POINTS {
                let x = pair[0] + at * (pair[1] - pair[0]);
                let inside = self.patient_until(x);
                points.push((x, pace.waits(places, inside, x), pace.refuses(places, inside, x)));
            }
        }
        // Weights relative to the largest: an overload's exceed every number. A full pool without a queue counts `services`.
        let most = points.iter().fold(libm::log(pace.services), |most, point| most.max(point.1).max(point.2));
        let most = most.max(last.0).max(last.1);
        let (mut cells, mut full) = (Vec::with_capacity(borders.len()), 0.0);
        for (pair, points) in borders.windows(2).zip(points.chunks(POINTS.len())) {
            let (mut weight, mut moment) = (0.0, 0.0);
            for (&(x, waits, refuses), (_, part)) in points.iter().zip(POINTS) {
                let part = part * (pair[1] - pair[0]);
                let density = part * libm::exp(waits - most);
                (weight, moment) = (weight + density, moment + density * x);
                full += part * libm::exp(refuses - most);
            }
            if weight > 0.0 {
                cells.push((pair[1], moment / weight, weight));
            }
        }
        // Beyond the last border nobody joins any more, and the rest decays with the services alone.
        let tail = |density: f64| libm::exp(density - most) / pace.services;
        let (beyond, full) = match self.patience.is_empty() {
            true => (0.0, full),
            false => (tail(last.0), full + tail(last.1)),
        };
        OfferedWait { unit: libm::exp(-most), free: 0.0, full, cells, beyond, served: 1.0 }
    }

    /// Returns how long callers have been willing to wait, in the mean, of a time up to `x`: H.
    fn patient_until(&self, x: f64) -> f64 {
        if self.patience.is_empty() {
            return x;
        }
        let (sum, all) = self
            .patience
            .iter()
            .fold((0.0, 0.0), |(sum, all), &(time, weight)| (sum + weight * time.min(x), all + weight));
        sum / all
    }

    /// Borders of cells.
    fn borders(&self, pace: Pace, places: f64) -> Vec<f64> {
        // Places are not waited for longer than that, nor does a queue that drains last longer.
        let mut longest = (places + 8.0 * places.sqrt() + GONE) / pace.services;
        if pace.arrivals < pace.services {
            longest = longest.min(GONE / (pace.services - pace.arrivals));
        }
        let mut ends: Vec<f64> = self.patience.iter().map(|one| one.0).filter(|&time| time > 0.0).collect();
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        let last = ends.last().copied().unwrap_or(if self.patience.is_empty() { f64::INFINITY } else { 0.0 });
        ends.retain(|&time| time < longest);
        longest = longest.min(last);
        if ends.last() != Some(&longest) {
            ends.push(longest);
        }
        let mut borders: Vec<f64> = (0..=EVEN).map(|at| longest * at as f64 / EVEN as f64).collect();
        if places.is_finite() {
            // A full queue is waited for as long as its services take, give or take.
            let step = places.sqrt() / 5.0;
            borders.extend((-30..=30).map(|at| (places + step * f64::from(at)) / pace.services));
        }
        let mut begin = 0.0;
        for &end in &ends {
            // Shorter towards both ends, as far as the density changes much.
            let rise =
                pace.arrivals * (self.patient_until(end) - self.patient_until(begin)) / (end - begin) - pace.services;
            let mut width = (end - begin).min(GONE / rise.abs());
            for _ in 0..SHORTER {
                borders.extend([begin + width, end - width]);
                width *= FACTOR;
            }
            borders.push(end);
            begin = end;
        }
        borders.retain(|&border| (0.0..=longest).contains(&border));
        borders.sort_by(f64::total_cmp);
        borders.dedup();
        borders
    }
}

/// Rates of steps.
#[derive(Debug, Clone, Copy)]
struct Pace {
    arrivals: f64,
    services: f64,
}

impl Pace {
    /// Logarithm of the density of a wait `x` of those who find room; `inside` is H there.
    fn waits(self, places: f64, inside: f64, x: f64) -> f64 {
        let came = self.arrivals * inside;
        let room = if places.is_finite() && places > 0.0 { gamma::ln_above(places, came) } else { 0.0 };
        libm::log(self.services) + came - self.services * x + room
    }

    /// Logarithm of the density of refusals.
    fn refuses(self, places: f64, inside: f64, x: f64) -> f64 {
        if !places.is_finite() {
            return f64::NEG_INFINITY;
        }
        let came = self.arrivals * inside;
        libm::log(self.services) - self.services * x + places * libm::log(came) - libm::lgamma(places + 1.0)
    }
}

impl OfferedWait {
    fn no_queue() -> OfferedWait {
        OfferedWait { unit: 1.0, free: 0.0, full: 1.0, cells: Vec::new(), beyond: 0.0, served: 1.0 }
    }

    /// Returns what becomes of callers who wait so long at most (without end, if callers are patient).
    pub fn fate(&self, patience: f64) -> Fate {
        let stays = |until: f64| until <= patience;
        let waits: f64 = self.cells.iter().filter(|cell| stays(cell.0)).map(|cell| cell.2).sum();
        let longer: f64 = self.cells.iter().filter(|cell| !stays(cell.0)).map(|cell| cell.2).sum();
        let left = if patience.is_finite() { longer + self.beyond } else { 0.0 };
        let inside = self.free + self.served * waits + left;
        let mut shares = vec![(0.0, self.free / inside)];
        shares
            .extend(self.cells.iter().filter(|cell| stays(cell.0)).map(|cell| (cell.1, self.served * cell.2 / inside)));
        if left > 0.0 {
            shares.push((f64::INFINITY, left / inside));
        }
        Fate { refused: self.full / (inside + self.full), left: left / inside, waits: shares }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::mmck::Mmck;
    use crate::engine::theory::patience::Patience;

    fn pool(arrival_rate: f64, servers: u32, places: f64, patience: &[(f64, f64)]) -> Impatient {
        let patience = patience.to_vec();
        Impatient { arrival_rate, service_rate: 1.0, servers, places, patience, queue: Steps::EXPONENTIAL }
    }

    #[track_caller]
    fn close(found: f64, exact: f64, within: f64) {
        assert!((found - exact).abs() <= within * exact.abs(), "{found:e} {exact:e}");
    }

    /// Share that is served by `t`, of all who come.
    fn served_within(fate: &Fate, t: f64) -> f64 {
        let by_then = |&(wait, share): &(f64, f64)| if wait < t { share * -libm::expm1(wait - t) } else { 0.0 };
        (1.0 - fate.refused) * fate.waits.iter().map(by_then).sum::<f64>()
    }

    #[test]
    fn without_a_limit_of_the_queue_it_is_the_pool_of_one_patience() {
        for (arrival_rate, servers, patience) in [(9.0, 10, 0.3), (9.0, 10, 3.0), (12.0, 10, 5.0), (300.0, 200, 3.0)] {
            let exact = Patience { arrival_rate, service_rate: 1.0, servers, patience };
            let fate = pool(arrival_rate, servers, f64::INFINITY, &[(patience, 2.0)]).offered().fate(patience);
            close(fate.left, exact.abandoned(), 1e-5);
            assert_eq!(fate.refused, 0.0);
            close(served_within(&fate, patience), exact.served_within(patience), 3e-3);
        }
    }

    #[test]
    fn without_impatience_it_is_the_bounded_queue() {
        for (arrival_rate, servers, room) in [(9.0, 10, 14), (2.0, 1, 5), (14.0, 10, 60), (1.0, 1, 9), (5.0, 4, 4)] {
            let exact = Mmck { arrival_rate, service_rate: 1.0, servers, room };
            let fate = pool(arrival_rate, servers, f64::from(room - servers), &[]).offered().fate(f64::INFINITY);
            close(fate.refused, exact.refused(), 2e-3);
            close(fate.mean_wait(), exact.mean_wait(), 3e-3);
            assert_eq!(fate.left, 0.0);
        }
    }

    #[test]
    fn a_full_queue_is_waited_for_by_a_gamma_law() {
        // Of a thousandfold load everybody finds the last place but one: 40 services at 10 a second.
        let fate = pool(1e4, 10, 40.0, &[]).offered().fate(f64::INFINITY);
        close(fate.mean_wait(), 4.0, 1e-3);
        let above = |t: f64| fate.waits.iter().filter(|wait| wait.0 > t).map(|wait| wait.1).sum::<f64>();
        for t in [3.0, 4.0, 5.0] {
            assert!((above(t) - gamma::above(40.0, 10.0 * t)).abs() < 0.05, "{t}: {}", above(t));
        }
        // A constant wait would be a wrong neighbour.
        assert!(above(4.4) > 0.2);
    }

    #[test]
    fn what_is_served_is_what_slots_do() {
        // Places and patience both count: lambda (1 - lost) = busy slots, which Erlang's weights give.
        for (places, patience) in [(6.0, 0.7), (2.0, 5.0), (30.0, 0.2), (f64::INFINITY, 0.4)] {
            let (rate, servers) = (11.0, 8_u32);
            let offered = pool(rate, servers, places, &[(patience, 1.0)]).offered();
            let fate = offered.fate(patience);
            // Busy in the mean: lambda B-weights below c, and c otherwise.
            let below: Vec<f64> = (0..servers)
                .scan(1.0, |weight, n| {
                    let now = *weight;
                    *weight *= rate / f64::from(n + 1);
                    Some(now)
                })
                .collect();
            let free = (1.0 - fate.refused) * fate.waits[0].1;
            let sum: f64 = below.iter().sum();
            let busy = below.iter().enumerate().map(|(n, weight)| n as f64 * weight).sum::<f64>() / sum * free
                + (1.0 - free) * f64::from(servers);
            close(rate * fate.served(), busy, 1e-3);
        }
    }

    #[test]
    fn who_waits_longer_is_served_more_often() {
        let offered = pool(14.0, 10, f64::INFINITY, &[(0.5, 1.0), (2.0, 1.0)]).offered();
        let (short, long) = (offered.fate(0.5), offered.fate(2.0));
        assert!(long.left < 0.1 && short.left > 0.4, "{} {}", short.left, long.left);
        close(7.0 * (short.served() + long.served()), 10.0, 0.02);
    }

    #[test]
    fn any_overload_and_any_patience_stay_numbers() {
        for (rate, places, patience) in
            [(1e7, f64::INFINITY, 1e4), (1e3, 1e6, 1e9), (0.01, 3.0, 1e-9), (10.0, 0.0, 1.0)]
        {
            let fate = pool(rate, 10, places, &[(patience, 1.0)]).offered().fate(patience);
            assert!((0.0..=1.0).contains(&fate.served()), "{fate:?}");
            close(fate.waits.iter().map(|wait| wait.1).sum::<f64>(), 1.0, 1e-9);
        }
    }
}
