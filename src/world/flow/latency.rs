//! Latency of a path in theory: how likely an attempt exceeds its time-out while nothing is overloaded.
//!
//! # Model
//! Look-up, delays and services are independent and have the scenario's laws; the law of their sum is computed
//! ([`Sum`](crate::engine::law::sum::Sum)). Who has to wait at a pool waits an exponential time: exact for M/M/c, and otherwise scaled by (1 + c²)/2 for the
//! variation of the service time (Allen 1990: *Probability, Statistics and Queueing Theory*, Allen-Cunneen).
//!
//! A bounded queue is M/M/c/K: with B, the share that c slots without a queue refuse (Erlang B), and q places, states c to c + q have
//! weights B, B rho, ..., B rho^q, and the last of them refuses. This is exact for exponential services at any load, and without
//! places for any law. For other services q counts for more or fewer such places, from q for a short queue (over a short time any law
//! lets busy slots finish one after the other as by chance) to q times the ratio of the decays for a long one (`places_alike`).
//!
//! What an overload holds at its limit, a full queue or one that its clients leave, is M/M/c/K+G
//! ([`OfferedWait`]), for other services with the same decay, and with steps whose
//! variance is theirs: from those of chance for a short queue to c² for a long one.

use super::wait::Wait;
use crate::engine::law::Law;
use crate::engine::theory::erlang_b;
use crate::engine::theory::mmc::Mmc;
use crate::engine::theory::offered_wait::{Impatient, OfferedWait, Steps};

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
    /// Returns the moments of a law. No two moments describe a tail without a variance: it is taken for a very long one.
    pub fn of(law: &Law) -> Moments {
        let (mean, variance) = (law.mean(), law.variance());
        Moments { mean, variance: if variance.is_finite() { variance } else { 100.0 * mean * mean } }
    }

    /// Returns the variance over the squared mean: 1 of an exponential time.
    pub fn squared_variation(self) -> f64 {
        self.variance / (self.mean * self.mean)
    }

    /// Returns the moments of `factor` times as long, plus a constant.
    #[must_use]
    pub fn stretched(self, factor: f64, shift: f64) -> Moments {
        Moments { mean: self.mean * factor + shift, variance: self.variance * factor * factor }
    }
}

/// Half of one plus the squared variation of a service time: 1 if it is exponential.
fn variation(service: Moments) -> f64 {
    (1.0 + service.squared_variation()) / 2.0
}

/// Returns what the formulas say of the waiting at a pool that is asked for `arrivals` services a second and has `places` in its queue. At 100 % load or
/// more a backlog says more than theory: nobody waits then, and until the queue is full it refuses as many as at 100 %.
pub fn formula(service: Moments, arrivals: f64, slots: u32, places: f64) -> Wait {
    if arrivals <= 0.0 || service.mean <= 0.0 || slots == 0 {
        return Wait::default();
    }
    let pool = Mmc { arrival_rate: arrivals, service_rate: 1.0 / service.mean, servers: slots };
    let load = pool.utilization();
    let variation = variation(service);
    if places.is_finite() {
        let load = load.min(1.0);
        let room = Room { slots, load, places: places / variation };
        let full = Room { places: places_alike(places, variation, slots, load), ..room }.refused();
        let wait = Wait { full, ..room.wait(service.mean * variation / f64::from(slots)) };
        return if pool.utilization() < 1.0 { wait } else { Wait { chance: 0.0, rate: 0.0, ..wait } };
    }
    if load >= 1.0 {
        return Wait::default();
    }
    let chance = pool.waiting_probability();
    if chance < NEVER {
        return Wait::default();
    }
    Wait { chance, rate: f64::from(slots) * (1.0 - load) / (service.mean * variation), ..Wait::default() }
}

/// Returns the wait at a pool whose queue has filled up, or whose clients leave it if they wait for longer than their patience, at
/// any load: (patience, weight), without any if they never do. There must be slots and something to do.
pub fn offered(service: Moments, arrivals: f64, slots: u32, places: f64, patience: Vec<(f64, f64)>) -> OfferedWait {
    let capacity = f64::from(slots) / service.mean;
    let load = arrivals / capacity;
    let longest = patience.iter().map(|one| one.0).fold(f64::NEG_INFINITY, f64::max);
    let queue = if longest >= 0.0 { places.min(capacity * longest) } else { places };
    let (variation, squared) = (variation(service), service.squared_variation());
    let decay = if queue > 0.0 { places_alike(queue, variation, slots, load) / queue } else { 1.0 };
    let by_chance = libm::exp(-queue / soon(variation, slots));
    // Steps that hardly vary are counted as if they did a little: the wait for a full queue by 1.4 % at least.
    let size = squared + (1.0 - squared) * by_chance;
    let size = size.max(if places.is_finite() { places / 5000.0 } else { 0.0 }).max(0.01);
    let queue = Steps { size, decay };
    Impatient { arrival_rate: arrivals, service_rate: 1.0 / service.mean, servers: slots, places, patience, queue }
        .offered()
}

/// Returns how many places of M/M/c/K refuse as many as so many places do, which refuse this share.
pub fn places_of(service: Moments, arrivals: f64, slots: u32, (places, full): (f64, f64)) -> f64 {
    let load = arrivals * service.mean / f64::from(slots);
    let blocking = erlang_b::blocking(load * f64::from(slots), slots);
    if load >= 1.0 || full >= blocking {
        return places_alike(places, variation(service), slots, load);
    }
    // full = B load^q / (1 + B load (1 - load^q) / (1 - load)).
    let queue = blocking * load / (1.0 - load);
    let power = full * (1.0 + queue) / (blocking + full * queue);
    (libm::log(power) / libm::log(load)).max(0.0)
}

/// Places after which a queue of services that vary by this much is long.
fn soon(variation: f64, slots: u32) -> f64 {
    let slots = f64::from(slots).sqrt();
    if variation < 1.0 { 2.4 * slots - 1.5 } else { 5.0 * slots }
}

/// Returns how many places of M/M/c/K refuse about as many as so many places do when services vary less or more: with
/// n = 2 / (1 + c²), corrected for the load where n > 1, q (1 + (n - 1) (1 - exp(-q / k))), k = 2.4 sqrt(c) - 1.5 (5 sqrt(c) where n < 1).
///
/// # Source
/// A long queue decays as the root of the M/G/1 equation (gamma services) says, whatever the number of slots: about rho^n; the
/// correction is fitted to that root. How soon a queue is long, k places, was fitted to 440 simulated queues (1 to 150
/// slots, loads of 60 to 110 %, c² of 0 to 4, losses above 1e-4): root mean square error 7 % for constant services, 4 % for Erlang ones,
/// 6 to 7 % for log-normal ones; at most 31 % (constant, losses near 1e-4) and 36 % (log-normal).
fn places_alike(places: f64, variation: f64, slots: u32, load: f64) -> f64 {
    let mut ratio = 1.0 / variation;
    if ratio > 1.0 {
        let idle = (1.0 - load).max(-0.5);
        ratio -= ratio * (ratio - 1.0) / 2.0 * (0.32 * idle + 0.14 * idle * idle * idle);
    }
    let long = -libm::expm1(-places / soon(variation, slots));
    places * (1.0 + (ratio - 1.0) * long)
}

/// What is less likely does not happen.
const NEVER: f64 = 1e-12;

/// A pool with a bounded queue.
#[derive(Debug, Clone, Copy)]
struct Room {
    slots: u32,
    load: f64,
    places: f64,
}

impl Room {
    /// Share refused without a queue.
    fn blocking(self) -> f64 {
        erlang_b::blocking(self.load * f64::from(self.slots), self.slots)
    }

    /// Sum of load^j over `places` numbers j from 0, relative to load^places: the first from below, so that nothing overflows.
    fn queue(self) -> f64 {
        let down = -libm::expm1(-self.places * libm::log(self.load));
        if (self.load - 1.0).abs() < 1e-12 { self.places } else { down / (self.load - 1.0) }
    }

    fn refused(self) -> f64 {
        let blocking = self.blocking();
        let down = libm::exp(-self.places * libm::log(self.load));
        let all = down + blocking * self.load * self.queue();
        if all.is_finite() { (blocking / all).min(1.0) } else { 0.0 }
    }

    /// The waiting of those who are let in, at a load of at most 1; `step` is the time in which the queue moves on by one.
    fn wait(self, step: f64) -> Wait {
        let blocking = self.blocking();
        let (up, away) = (libm::pow(self.load, self.places), 1.0 - self.load);
        // Sums of load^j and of (j + 1) load^j over the places.
        let weight = if away < 1e-9 { self.places } else { (1.0 - up) / away };
        let chance = blocking * weight / (1.0 - blocking + blocking * weight);
        if self.places <= 0.0 || chance.is_nan() || chance < NEVER {
            return Wait::default();
        }
        let ahead = match away * self.places < 1e-4 {
            true => (self.places + 1.0) / 2.0,
            false => 1.0 / away - self.places * up / (1.0 - up),
        };
        Wait { chance, rate: 1.0 / (step * ahead), ..Wait::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::mmck::Mmck;

    fn refused(service: Moments, arrivals: f64, slots: u32, places: f64) -> f64 {
        offered(service, arrivals, slots, places, Vec::new()).fate(f64::INFINITY).refused
    }

    #[test]
    fn waiting_is_that_of_m_m_c_for_exponential_service() {
        let service = Moments { mean: 1.0, variance: 1.0 };
        let wait = formula(service, 1.0, 2, f64::INFINITY);
        assert!((wait.mean() - 1.0 / 3.0).abs() < 1e-12 && (wait.chance - 1.0 / 3.0).abs() < 1e-12 && wait.full == 0.0);
        assert_eq!(formula(service, 2.0, 2, f64::INFINITY), Wait::default());
    }

    #[test]
    fn a_bounded_queue_is_m_m_c_k() {
        for servers in [1, 2, 7, 40, 300] {
            for places in [0, 1, 2, 5, 30, 1000] {
                for load in [0.05, 0.3, 0.7, 0.9, 0.99, 0.999_999, 1.0, 1.000_001, 1.05, 1.5, 4.0] {
                    let exact = Mmck {
                        arrival_rate: load * 25.0 * f64::from(servers),
                        service_rate: 25.0,
                        servers,
                        room: servers + places,
                    };
                    let service = Moments { mean: 0.04, variance: 0.0016 };
                    let at = (servers, places, load);
                    let found = refused(service, exact.arrival_rate, servers, f64::from(places));
                    // Below full load it is asked for only where clients leave.
                    let is_right = (found - exact.refused()).abs() <= 1e-4 * exact.refused();
                    assert!(load < 1.0 || is_right, "{at:?}: {found}");
                    let wait = formula(service, exact.arrival_rate, servers, f64::from(places));
                    if load < 1.0 {
                        let exact_full = exact.refused();
                        assert!((wait.full - exact_full).abs() <= 1e-9 * exact_full + 1e-15, "{at:?}: {wait:?}");
                        let mean = exact.mean_wait();
                        assert!((wait.mean() - mean).abs() <= 1e-4 * mean + 1e-12, "{at:?}: {} {mean}", wait.mean());
                    } else {
                        assert!(wait.full <= found + 1e-12 && wait.chance == 0.0, "{at:?}: {wait:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn without_a_queue_the_law_of_service_does_not_matter() {
        for variance in [0.0, 1.0, 9.0] {
            let full = formula(Moments { mean: 1.0, variance }, 8.0, 10, 0.0).full;
            assert!((full - erlang_b::blocking(8.0, 10)).abs() < 1e-14, "{variance}: {full}");
        }
    }

    #[test]
    fn bounded_queues_of_other_services_as_simulated() {
        // Simulated apart, 3 million arrivals each: slots, places, load, c², share refused.
        let simulated = [
            (1, 1, 0.8, 0.0, 0.199_172),
            (1, 3, 0.9, 0.0, 0.091_40),
            (5, 4, 0.9, 0.0, 0.055_98),
            (11, 8, 0.909_09, 0.0, 0.019_51),
            (11, 2, 0.7, 0.0, 0.025_92),
            (40, 20, 0.95, 0.0, 0.005_744),
            (100, 30, 0.95, 0.0, 0.001_720),
            (300, 40, 0.97, 0.0, 0.001_970),
            (3, 3, 0.9, 0.25, 0.0984004),
            (11, 3, 0.8, 0.25, 0.0390028),
            (40, 13, 0.97, 0.25, 0.0244084),
            (150, 12, 0.97, 0.25, 0.0191537),
            (40, 25, 1.1, 0.25, 0.0930021),
            (3, 3, 0.9, 0.5, 0.107128),
            (11, 3, 0.8, 0.5, 0.0407642),
            (40, 13, 0.97, 0.5, 0.0266895),
            (150, 12, 0.97, 0.5, 0.0197495),
            (40, 25, 1.1, 0.5, 0.0931449),
            (3, 3, 0.9, 2.0, 0.137114),
            (11, 3, 0.8, 2.0, 0.048047),
            (40, 13, 0.97, 2.0, 0.0355793),
            (150, 12, 0.97, 2.0, 0.0227733),
            (40, 25, 1.1, 2.0, 0.0962478),
            (3, 3, 0.9, 4.0, 0.153484),
            (11, 3, 0.8, 4.0, 0.0515),
            (40, 13, 0.97, 4.0, 0.0403239),
            (150, 12, 0.97, 4.0, 0.0249765),
            (40, 25, 1.1, 4.0, 0.101495),
        ];
        for (slots, places, load, variation, share) in simulated {
            let service = Moments { mean: 0.05, variance: variation * 0.0025 };
            let found = refused(service, load * f64::from(slots) / 0.05, slots, f64::from(places));
            let at = (slots, places, load, variation);
            assert!((found / share - 1.0).abs() < 0.12, "{at:?}: {found} for {share}");
        }
    }

    #[test]
    fn more_load_never_loses_less() {
        for places in [0.0, 3.0, 12.5, 400.0] {
            let service = Moments { mean: 1.0, variance: 0.25 };
            let full = (1..400).map(|step| formula(service, 0.05 * f64::from(step), 10, places).full);
            assert!(full.clone().zip(full.skip(1)).all(|(low, high)| low <= high + 1e-15), "{places}");
        }
    }
}
