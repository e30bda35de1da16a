//! Stations as flows: what each has to do and can do, where its queue ends, how attempts wait there.
//!
//! # Model
//! A queue ends at its places, or where work that has expired is dropped: with the wait that its clients bear, less what their
//! attempts took before. Below that limit an overload is a backlog that grows; at it the wait has a law ([`offered`]).

use super::chains::{MOST_SLOTS, Part, Pool};
use super::latency::{Moments, offered};
use super::surroundings::State;
use super::wait::Wait;
use crate::engine::law::sum::Branch;
use crate::engine::theory::offered_wait::Fate;

/// What a station has to do and can do.
#[derive(Debug, Clone)]
pub struct Work {
    /// Of one service, over all who come.
    service: Moments,
    /// Services a second.
    pub capacity: f64,
    /// Laws of the services, where slots are so few that these decide.
    parts: Vec<Part>,
    /// The shortest time-out of who comes, in seconds.
    timeout: f64,
    /// Waiting places.
    places: f64,
    /// By tenancy, where what has expired is dropped: how long its attempts wait at most, and how much it asks for.
    patience: Vec<Option<(f64, f64)>>,
}

impl Work {
    /// Returns the moments of a service.
    pub fn service(&self) -> Moments {
        self.service
    }

    /// Returns how many places its queue has.
    pub fn places(&self) -> f64 {
        self.places
    }

    /// Whether work whose client has given up is dropped.
    pub fn drops(&self) -> bool {
        !self.patience.is_empty()
    }

    /// Where the backlog ends that so many attempts a second build up.
    pub fn limit(&self, asked: f64) -> f64 {
        if !self.drops() {
            return self.places;
        }
        if self.capacity <= 0.0 {
            // Without slots nobody is served, and unbounded queues need not be counted.
            return if self.places.is_finite() { self.places } else { 0.0 };
        }
        let mut patience: Vec<(f64, f64)> = self.patience.iter().flatten().copied().collect();
        patience.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all: f64 = patience.iter().map(|one| one.1).sum();
        // Those who stay longer are fewer than can be served.
        let mut stay = all;
        let held = patience.iter().find(|one| {
            stay -= one.1;
            asked * stay < self.capacity * all
        });
        let longest = held.or(patience.last()).map_or(f64::INFINITY, |one| one.0);
        self.places.min(self.capacity * longest)
    }

    /// Whether the queue stands at its limit.
    pub fn is_full(&self, backlog: f64, asked: f64) -> bool {
        asked > self.capacity && backlog >= self.limit(asked) - 1e-9
    }
}

/// Returns what each station has to do and can do.
pub fn works(state: &State<'_>) -> Vec<Work> {
    let mut works: Vec<Work> = Vec::with_capacity(state.around.cell.stations.len());
    for (station, model) in state.around.cell.stations.iter().enumerate() {
        let (mut work, mut squares, mut rate, mut timeout) = (0.0, 0.0, 0.0, f64::INFINITY);
        let is_small = state.around.condition.slots[station] <= MOST_SLOTS;
        let mut parts: Vec<Part> = Vec::new();
        for (at, tenancy) in state.around.cell.tenancies.clone().enumerate() {
            let weight = state.around.model.tenancies[tenancy].rate * state.around.demand[at];
            for step in state.path(at).iter().filter(|step| step.station == Some(station)) {
                let (factor, shift) = state.around.condition.slow[at][station];
                let service = step.time.stretched(factor, shift);
                work += weight * service.mean;
                squares += weight * (service.variance + service.mean * service.mean);
                rate += weight;
                timeout = timeout.min(state.caller(at).timeout);
                let part = Part { share: weight, law: step.number, factor, shift };
                match parts.iter_mut().find(|other| Part { share: weight, ..**other } == part) {
                    Some(same) => same.share += weight,
                    None if is_small => parts.push(part),
                    None => {}
                }
            }
        }
        let slots = f64::from(state.around.condition.slots[station]);
        let capacity = if work > 0.0 { slots * rate / work } else { f64::INFINITY };
        let mean = if rate > 0.0 { work / rate } else { 0.0 };
        let service = Moments { mean, variance: (squares / rate.max(f64::MIN_POSITIVE) - mean * mean).max(0.0) };
        works.push(Work { service, capacity, parts, timeout, places: model.places, patience: Vec::new() });
    }
    for (station, _) in state.around.cell.stations.iter().enumerate().filter(|(_, model)| model.drops_expired) {
        works[station].patience = state
            .around
            .cell
            .tenancies
            .clone()
            .enumerate()
            .map(|(at, tenancy)| {
                let before = before(state, &works, at, station)?;
                let weight = state.around.model.tenancies[tenancy].rate * state.around.demand[at];
                Some(((state.caller(at).timeout - before).max(0.0), weight))
            })
            .collect();
    }
    works
}

/// How long a tenancy's attempts take in the mean before they come to a station, if they do.
pub fn before(state: &State<'_>, works: &[Work], at: usize, station: usize) -> Option<f64> {
    let mut time = state.around.lookup.mean_time();
    for step in state.path(at) {
        if step.station == Some(station) {
            return Some(time);
        }
        let (factor, shift) = state.around.condition.slow[at][step.stage(state.around.cell)];
        time += step.time.stretched(factor, shift).mean;
        if let Some(earlier) = step.station {
            time += state.backlog[earlier] / works[earlier].capacity.max(1e-9);
        }
    }
    None
}

/// Returns how attempts wait at each station.
pub fn waits(state: &State<'_>, asked: &[f64], works: &[Work]) -> Vec<Wait> {
    let each = works.iter().enumerate().map(|(station, work)| {
        let (asked, backlog, slots) = (asked[station], state.backlog[station], state.around.condition.slots[station]);
        let is_full = work.is_full(backlog, asked);
        let is_idle = asked <= 0.0 || work.service.mean <= 0.0;
        if is_idle || !is_full && backlog > 0.0 {
            return Wait::default();
        }
        if !is_full && (!work.drops() || slots == 0) {
            let (parts, service, places) = (&work.parts, work.service, work.places);
            let pool = Pool { parts, service, slots, places, patience: work.timeout };
            return state.around.model.chains.waiting(&pool, asked);
        }
        let tenancies = 0..state.around.cell.tenancies.len();
        if slots == 0 && work.places.is_finite() {
            return Wait { full: 1.0, ..Wait::default() };
        }
        if slots == 0 {
            let nobody = Fate { refused: 0.0, left: 1.0, waits: vec![(f64::INFINITY, 1.0)] };
            return Wait { fates: tenancies.map(|_| Some(nobody.clone())).collect(), ..Wait::default() };
        }
        // A queue that has still to fill up holds what it holds at full load.
        let asked = if is_full { asked } else { asked.min(work.capacity) };
        let patience = work.patience.iter().flatten().copied().collect();
        let offered = offered(work.service, asked, slots, work.places, patience);
        let fate = |at: usize| match work.drops() {
            true => work.patience[at].map(|(patience, _)| offered.fate(patience)),
            false => Some(offered.fate(f64::INFINITY)),
        };
        Wait { fates: tenancies.map(fate).collect(), ..Wait::default() }
    });
    each.collect()
}

/// The share of the attempts at a station that goes on from it; `None` if it is as many as it can do.
pub fn passing(state: &State<'_>, wait: &Wait, asked: &[f64], works: &[Work], station: usize) -> Option<f64> {
    let work = &works[station];
    if wait.fates.is_empty() {
        let is_busy = asked[station] > work.capacity || state.backlog[station] > 0.0;
        return if is_busy && asked[station] > 0.0 { None } else { Some(1.0 - wait.full) };
    }
    if !work.drops() {
        return None;
    }
    if works.len() == 1 {
        return Some(1.0);
    }
    // Who has expired is dropped after service, too.
    let (mut pass, mut all) = (0.0, 0.0);
    for (at, (fate, patience)) in wait.fates.iter().zip(&work.patience).enumerate() {
        let (Some(fate), Some((patience, weight))) = (fate, patience) else { continue };
        let Some(step) = state.path(at).iter().find(|step| step.station == Some(station)) else { continue };
        let (factor, shift) = state.around.condition.slow[at][station];
        let service = Branch::slowed(&step.law, factor, shift);
        let in_time = |&(time, share): &(f64, f64)| match time.is_finite() {
            true => share * (1.0 - service.law.above(patience - time - service.shift)),
            false => 0.0,
        };
        pass += weight * (1.0 - fate.refused) * fate.waits.iter().map(in_time).sum::<f64>();
        all += weight;
    }
    Some(if all > 0.0 { pass / all } else { 1.0 })
}
