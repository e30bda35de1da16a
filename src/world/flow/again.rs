//! Retries into a full queue: sooner than the queue changes, they find it full again.
//!
//! # Model
//! Who is refused knows that the queue is full; after the pause, and the time an attempt takes to get there, it is full again with the
//! probability of the chain M/M/c/K ([`FullAgain`]), at the load that all attempts make, and with those who were refused at about the
//! same time and come again with it. Of services that are not exponential it has as many places as refuse alike, passed through so
//! much faster.

use super::caller::Refused;
use super::latency::places_of;
use super::surroundings::State;
use super::wait::Wait;
use super::work::{Work, before};
use crate::engine::theory::full_again::{Bounded, FullAgain};

/// A share of refusals that nobody feels.
const NEVER: f64 = 1e-9;
/// A change of load from which on a queue is looked at anew.
const CHANGED: f64 = 1e-4;

/// What is known of a queue.
#[derive(Debug, Clone)]
struct Queue {
    /// Attempts a second for which it was found.
    asked: f64,
    /// By tenancy and retry: the probability that who was refused finds it full again.
    again: Vec<Vec<f64>>,
}

/// The queues of a cell that refuse attempts which come again.
#[derive(Debug, Clone)]
pub struct Queues(Vec<Option<Queue>>);

/// What a station refuses of a tenancy's attempts.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// The station.
    pub station: usize,
    /// Of all attempts, those that come to it.
    pub reach: f64,
    /// Of those, the ones that it refuses.
    pub full: f64,
}

impl Queues {
    /// Nothing is known yet.
    pub fn new(stations: usize) -> Queues {
        Queues(vec![None; stations])
    }

    /// Looks at the queues that have changed.
    ///
    /// `returning`: the share of each tenancy's attempts that come again if they are refused.
    pub fn update(&mut self, state: &State<'_>, (asked, returning): (&[f64], &[f64]), waits: &[Wait], works: &[Work]) {
        for (station, queue) in self.0.iter_mut().enumerate() {
            let (work, asked, slots) = (&works[station], asked[station], state.around.condition.slots[station]);
            let full = waits[station].refused();
            // What is let in where an overload holds the queue full is what slots can do, whoever it is.
            let is_held = state.backlog[station] > 0.0;
            if !(NEVER..1.0).contains(&full) || slots == 0 || is_held || !work.places().is_finite() {
                *queue = None;
                continue;
            }
            if queue.as_ref().is_some_and(|queue| (queue.asked - asked).abs() <= CHANGED * asked) {
                continue;
            }
            let (service, real) = (work.service(), work.places());
            let alike = places_of(service, asked, slots, (real, full));
            let places = libm::round(alike);
            let speed = if real > 0.0 { (places / real).max(f64::MIN_POSITIVE) } else { 1.0 };
            let pool = Bounded {
                arrival_rate: asked,
                service_rate: 1.0 / service.mean,
                servers: slots,
                places: places as u32,
                speed: if places > 0.0 { speed } else { 1.0 },
            };
            let chain = FullAgain::new(pool, full);
            let (mut come, mut all) = (0.0, 0.0);
            for (at, tenancy) in state.around.cell.tenancies.clone().enumerate() {
                if before(state, works, at, station).is_some() {
                    let weight = state.around.model.tenancies[tenancy].rate * state.around.demand[at];
                    (come, all) = (come + weight * returning[at], all + weight);
                }
            }
            let come = if all > 0.0 { asked * come / all } else { 0.0 };
            // Classes with the same client have the same pauses.
            let mut known: Vec<((f64, f64), f64)> = Vec::new();
            let mut after = |gap: (f64, f64)| {
                if let Some(found) = known.iter().find(|found| found.0 == gap) {
                    return found.1;
                }
                let found = chain.after_with_others(gap, come);
                known.push((gap, found));
                found
            };
            let again = (0..state.around.cell.tenancies.len()).map(|at| {
                let Some(way) = before(state, works, at, station) else { return Vec::new() };
                state.caller(at).pauses().iter().map(|&(low, high)| after((low + way, high + way))).collect()
            });
            *queue = Some(Queue { asked, again: again.collect() });
        }
    }

    /// Returns how a tenancy's attempts are refused, and refused again.
    pub fn refused(&self, at: usize, refusals: &[Refusal], retries: usize) -> Refused {
        let share: f64 = refusals.iter().map(|one| one.reach * one.full).sum();
        if share < NEVER || refusals.iter().all(|one| self.0[one.station].is_none()) {
            return Refused { share, again: Vec::new() };
        }
        // After a refusal at this station it is full with the chance that the queue says, and the others as ever.
        let again = |retry: usize| {
            let after = refusals.iter().map(|one| {
                let full = self.0[one.station].as_ref().map_or(one.full, |queue| queue.again[at][retry]);
                let here = one.reach * full;
                let others = share - one.reach * one.full;
                one.reach * one.full / share * (here + others * (1.0 - full)).min(1.0)
            });
            after.sum::<f64>()
        };
        Refused { share, again: (0..retries).map(again).collect() }
    }
}
