//! The flow through one cell in one state: how many attempts there are, which share fails, how backlogs change.
//!
//! # Model
//! Attempts pass the look-up, the cell's entry and the stations of their path. A station serves at most C = slots / mean service
//! attempts a second; what comes beyond that waits (backlog B), and beyond its K places is refused. Attempts of a class whose
//! wait reaches the time-out are *late*: all of them fail, their work is done all the same, and their clients try again. Failed
//! attempts come back as retries, and the share that fails is the least fixed point of
//!
//! ```text
//! normal  p = p0(load)             full  p = 1 - C / (lambda A(p))             late  p = 1
//! ```
//!
//! with A(p) attempts per request. Expired work that is dropped instead limits the backlog to C T: never late. A full station
//! refuses as M/M/c/K does.
//!
//! The share that fails falls where a station comes to 100 %: from then on a backlog says how long attempts wait. If less fails
//! beyond that step than before it, retries bring the station there and it stays: steps that overshoot are halved until they
//! meet it. Such a flow stands between two states and says so.
//!
//! # References
//! Bronson et al. (2021), Metastable Failures in Distributed Systems, HotOS.

use std::borrow::Cow;
use std::sync::Arc;

use super::caller::{Ends, Failing};
use super::condition::Condition;
use super::entries::Unfilled;
use super::latency::{Moments, Wait, refused, waiting};
use super::lookup::Lookup;
use super::losses::Losses;
use super::model::{CellModel, Model};
use crate::engine::law::sum::Sum;
use crate::stop;

/// What the flow of a cell depends on besides its own state.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The model.
    pub model: &'a Model,
    /// The cell.
    pub cell: &'a CellModel,
    /// What strikes it.
    pub condition: &'a Condition,
    /// What look-ups meet.
    pub lookup: &'a Lookup,
    /// By tenancy: the law of an attempt's time without waits.
    pub attempts: &'a [Arc<Sum>],
    /// What corrects theory.
    pub losses: &'a Losses,
    /// Demand by tenancy, as a multiple of the usual one.
    pub demand: &'a [f64],
}

/// What goes into a solution.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    /// All but the state of the cell itself.
    pub around: Surroundings<'a>,
    /// Attempts that wait at each station.
    pub backlog: &'a [f64],
    /// Whether a tenancy's attempts wait beyond their time-out.
    pub late: &'a [bool],
}

/// The flow through a cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flow {
    /// Failed share of requests, by tenancy; of those of the customers that are not struck.
    pub failed: Vec<f64>,
    /// Share of customers that no request serves, by tenancy.
    pub struck: Vec<f64>,
    /// Mean seconds from the first to the last attempt of requests that fail, by tenancy.
    pub reach: Vec<f64>,
    /// How attempts fail, by tenancy.
    pub failing: Vec<Failing>,
    /// Mean seconds after which one that fails fast does so, by tenancy.
    pub after: Vec<f64>,
    /// Change of each station's backlog, attempts a second.
    pub slope: Vec<f64>,
    /// Services a second that each station can do.
    pub capacity: Vec<f64>,
    /// Places at each station.
    pub places: Vec<f64>,
    /// Mean time of an attempt without backlog, by tenancy, in seconds.
    pub time: Vec<f64>,
    /// Share of attempts that each station refuses.
    pub refusing: Vec<f64>,
    /// Whether it is a fixed point, or stands between two states.
    pub settled: bool,
}

/// What becomes of a tenancy's requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Failed share, but for struck customers.
    pub failed: f64,
    /// Share of customers that are struck.
    pub struck: f64,
    /// Who has no entry in the router's cache is not served either.
    pub unfilled: Option<Unfilled>,
}

impl Outcome {
    /// Returns whether less fails than with another.
    pub fn is_better_than(self, other: Outcome) -> bool {
        let all = |outcome: Outcome| outcome.struck + (1.0 - outcome.struck) * outcome.failed;
        match (self.unfilled.is_some(), other.unfilled.is_some()) {
            (one, another) if one == another => all(self) < all(other),
            (is_unfilled, _) => !is_unfilled,
        }
    }
}

impl Flow {
    /// Returns what becomes of a tenancy's requests.
    pub fn outcome(&self, at: usize) -> Outcome {
        Outcome { failed: self.failed[at], struck: self.struck[at], unfilled: None }
    }
}

/// Iterations after which the fixed point is taken as it is.
const ITERATIONS: usize = 1000;
/// Change of a share from which an iteration goes on, and from which it has not settled.
const CLOSE: f64 = 1e-13;
const SETTLED: f64 = 1e-9;

/// Returns the flow.
pub fn solve(state: &State<'_>) -> Flow {
    stop::point();
    let tenancies = state.around.cell.tenancies.len();
    let stations = state.around.cell.stations.len();
    let works = works(state);
    let mut flow = Flow {
        failed: vec![0.0; tenancies],
        struck: (0..tenancies).map(|at| struck(state, at)).collect(),
        reach: vec![0.0; tenancies],
        failing: vec![Failing::default(); tenancies],
        after: vec![0.0; tenancies],
        slope: vec![0.0; stations],
        time: vec![0.0; tenancies],
        capacity: works.iter().map(|work| work.capacity).collect(),
        places: works.iter().map(|work| work.places).collect(),
        refusing: vec![0.0; stations],
        settled: false,
    };
    let mut asked = vec![0.0; stations];
    // How much of a step is taken, and whether the last one went up.
    let (mut part, mut was_up) = (1.0, true);
    for _ in 0..ITERATIONS {
        asked = inflow(state, &flow, &asked);
        let waits = waits(state, &flow, &asked, &works);
        flow.refusing = waits.iter().map(|wait| wait.full).collect();
        let (mut change, mut sum) = (0.0_f64, 0.0);
        for at in 0..tenancies {
            let attempt = attempt(state, &flow, &asked, &waits, at);
            let step = attempt.failing.total() - flow.failing[at].total();
            (change, sum) = (change.max(step.abs()), sum + step);
            flow.failing[at] = flow.failing[at].towards(attempt.failing, part);
            (flow.time[at], flow.after[at]) = (attempt.time, attempt.after);
        }
        if change * part < CLOSE {
            flow.settled = change < SETTLED;
            break;
        }
        let is_up = sum > 0.0;
        if is_up != was_up {
            part *= 0.5;
        }
        was_up = is_up;
    }
    asked = inflow(state, &flow, &asked);
    for (station, asked) in asked.iter().enumerate() {
        let capacity = flow.capacity[station];
        let over = if (asked - capacity).abs() <= SETTLED * capacity { 0.0 } else { asked - capacity };
        let backlog = state.backlog[station];
        let is_full = backlog >= flow.places[station] - 1e-9 && over > 0.0;
        let is_empty = backlog <= 0.0 && over <= 0.0;
        flow.slope[station] = if is_full || is_empty { 0.0 } else { over };
    }
    let waits = waits(state, &flow, &asked, &works);
    for at in 0..tenancies {
        let (caller, doomed) = (caller(state, at), doomed(state, at));
        let attempt = attempt(state, &flow, &asked, &waits, at);
        let longer = |time: f64| attempt.longer(time, caller.timeout);
        let effect = |failing: Failing| caller.effect(&Ends { failing, after: flow.after[at], longer: &longer });
        let mut others = effect(flow.failing[at]);
        let (unlucky, asks) = state.around.lookup.unlucky;
        if unlucky > 0.0 {
            others = others.mixed(unlucky, effect(Failing { fast: asks, slow: 0.0 }.then(flow.failing[at])));
        }
        flow.failed[at] = doomed + (1.0 - doomed) * others.failed;
        // Who is doomed or struck gets an error each time.
        let struck = 1.0 - (1.0 - doomed) * (1.0 - flow.struck[at]);
        flow.reach[at] = others.reach;
        if struck > 0.0 {
            let refused = Ends::plain(Failing { fast: 1.0, slow: 0.0 }, state.around.lookup.mean_time());
            let others_failed = (1.0 - struck) * others.failed;
            let sum = struck * caller.effect(&refused).reach + others_failed * others.reach;
            flow.reach[at] = sum / (struck + others_failed);
        }
    }
    flow
}

fn caller<'a>(state: &State<'a>, at: usize) -> &'a super::caller::Caller {
    let tenancy = state.around.cell.tenancies.start + at;
    &state.around.model.callers[state.around.model.tenancies[tenancy].class as usize]
}

fn path<'a>(state: &State<'a>, at: usize) -> &'a [super::model::StepModel] {
    let tenancy = state.around.cell.tenancies.start + at;
    &state.around.model.paths[state.around.model.tenancies[tenancy].class as usize]
}

/// The share of a tenancy's customers all of whose requests fail.
fn struck(state: &State<'_>, at: usize) -> f64 {
    let stages =
        path(state, at).iter().map(|step| state.around.condition.stages[step.stage(state.around.cell)][at].struck);
    1.0 - stages.fold(1.0 - state.around.condition.entry[at].struck, |passed, struck| passed * (1.0 - struck))
}

/// The share of a tenancy's requests that fail whatever their luck.
fn doomed(state: &State<'_>, at: usize) -> f64 {
    let entry = &state.around.condition.entry[at];
    let stages =
        path(state, at).iter().map(|step| state.around.condition.stages[step.stage(state.around.cell)][at].doomed);
    1.0 - stages
        .fold((1.0 - state.around.lookup.doomed) * (1.0 - entry.doomed), |passed, doomed| passed * (1.0 - doomed))
}

/// What a station has to do and can do.
#[derive(Debug, Clone, Copy)]
struct Work {
    /// Of one service, over all who come.
    service: Moments,
    /// Services a second.
    capacity: f64,
    /// Waiting places.
    places: f64,
}

/// Returns what each station has to do and can do.
fn works(state: &State<'_>) -> Vec<Work> {
    let each = state.around.cell.stations.iter().enumerate().map(|(station, model)| {
        let (mut work, mut squares, mut rate, mut patience) = (0.0, 0.0, 0.0, f64::INFINITY);
        for (at, tenancy) in state.around.cell.tenancies.clone().enumerate() {
            let weight = state.around.model.tenancies[tenancy].rate * state.around.demand[at];
            for step in path(state, at).iter().filter(|step| step.station == Some(station)) {
                let (factor, shift) = state.around.condition.slow[at][station];
                let service = step.time.stretched(factor, shift);
                work += weight * service.mean;
                squares += weight * (service.variance + service.mean * service.mean);
                rate += weight;
                patience = patience.min(caller(state, at).timeout);
            }
        }
        let slots = f64::from(state.around.condition.slots[station]);
        let capacity = if work > 0.0 { slots * rate / work } else { f64::INFINITY };
        let places = if model.drops_expired { model.places.min(capacity * patience) } else { model.places };
        let mean = if rate > 0.0 { work / rate } else { 0.0 };
        let service = Moments { mean, variance: (squares / rate.max(f64::MIN_POSITIVE) - mean * mean).max(0.0) };
        Work { service, capacity, places }
    });
    each.collect()
}

/// Returns how attempts wait at each station where there is no backlog, and which share is refused in any case.
fn waits(state: &State<'_>, flow: &Flow, asked: &[f64], works: &[Work]) -> Vec<Wait> {
    let each = works.iter().enumerate().map(|(station, work)| {
        let (backlog, slots) = (state.backlog[station], state.around.condition.slots[station]);
        let is_full = backlog >= work.places - 1e-9 && asked[station] > flow.capacity[station];
        match is_full {
            true => Wait { full: refused(work.service, asked[station], slots, work.places), ..Wait::default() },
            false if backlog > 0.0 => Wait::default(),
            false => waiting(work.service, asked[station], slots, work.places),
        }
    });
    each.collect()
}

/// Attempts a second that reach each station.
fn inflow(state: &State<'_>, flow: &Flow, before: &[f64]) -> Vec<f64> {
    let mut asked = vec![0.0; state.around.cell.stations.len()];
    for (at, tenancy) in state.around.cell.tenancies.clone().enumerate() {
        // Requests that are doomed, and those of struck customers, fail on entering: their attempts reach no station.
        let attempts = (1.0 - flow.struck[at]) * (1.0 - doomed(state, at)) * attempts(state, flow, at);
        let gate = &state.around.condition.entry[at];
        let mut reaching = state.around.model.tenancies[tenancy].rate * state.around.demand[at] * attempts;
        reaching *= 1.0 - state.around.lookup.failing.then(gate.failing).total();
        for step in path(state, at) {
            reaching *= 1.0 - state.around.condition.stages[step.stage(state.around.cell)][at].failing.total();
            let Some(station) = step.station else { continue };
            asked[station] += reaching;
            // What a busy station passes on is what it can do; any other, what it does not refuse.
            let busy = before[station] > flow.capacity[station] || state.backlog[station] > 0.0;
            if busy && before[station] > 0.0 {
                reaching *= flow.capacity[station] / before[station];
            } else {
                reaching *= 1.0 - flow.refusing[station];
            }
        }
    }
    asked
}

/// How many attempts of a request come as far as luck of their own lets them.
fn attempts(state: &State<'_>, flow: &Flow, at: usize) -> f64 {
    let attempts = |failing: Failing| caller(state, at).amplification(failing, flow.after[at]);
    let (unlucky, asks) = state.around.lookup.unlucky;
    let usual = attempts(flow.failing[at]);
    if unlucky == 0.0 {
        return usual;
    }
    let refused = Failing { fast: asks, slow: 0.0 }.then(flow.failing[at]);
    (1.0 - unlucky) * usual + unlucky * (1.0 - asks) * attempts(refused)
}

/// How a tenancy's attempts end.
struct Attempt<'a> {
    failing: Failing,
    /// Mean seconds after which one that fails fast does so.
    after: f64,
    /// How long one takes without backlog, in the mean.
    time: f64,
    /// The law of that.
    law: Cow<'a, Sum>,
    /// How long backlogs make it wait.
    wait: f64,
    /// What calibration makes of the odds to take long.
    odds: f64,
}

impl Attempt<'_> {
    /// Of the attempts that pass within the time-out, the share that takes longer than so many seconds.
    fn longer(&self, time: f64, timeout: f64) -> f64 {
        let above = |limit: f64| {
            let share = self.law.above(limit - self.wait);
            share * self.odds / (1.0 - share + share * self.odds)
        };
        let late = above(timeout);
        if late < 1.0 { ((above(time) - late) / (1.0 - late)).max(0.0) } else { 0.0 }
    }
}

fn attempt<'a>(state: &State<'a>, flow: &Flow, asked: &[f64], waits: &[Wait], at: usize) -> Attempt<'a> {
    let condition = state.around.condition;
    let mut time = state.around.lookup.mean_time();
    let mut failing = state.around.lookup.failing;
    // Shares that fail fast times when they do.
    let mut failed_at = failing.fast * state.around.lookup.after;
    let mut strike = |gate: Failing, time: f64| {
        let next = failing.then(gate);
        failed_at += (next.fast - failing.fast) * time;
        failing = next;
    };
    strike(condition.entry[at].failing, time);
    // What fails by waiting and by taking long.
    let mut own = Failing::default();
    let mut refused_at = 0.0;
    let (mut is_calm, mut load) = (!state.late[at], 0.0_f64);
    let mut law = Cow::Borrowed(state.around.attempts[at].as_ref());
    for step in path(state, at) {
        let stage = step.stage(state.around.cell);
        strike(condition.stages[stage][at].failing, time);
        let (factor, shift) = condition.slow[at][stage];
        is_calm &= (factor, shift) == (1.0, 0.0);
        let service = step.time.stretched(factor, shift);
        let Some(station) = step.station else {
            time += service.mean;
            continue;
        };
        let wait = waits[station];
        refused_at += (1.0 - own.total()) * wait.full * time;
        own = own.then(Failing { fast: wait.full, slow: 0.0 });
        time += service.mean + wait.mean();
        if wait.chance > 0.0 {
            law.to_mut().add_wait(wait.chance, wait.rate);
        }
        is_calm &= state.backlog[station] <= 0.0;
        load = load.max(asked[station] / flow.capacity[station] / state.around.cell.stations[station].load);
    }
    let refused_at = if own.fast > 0.0 { refused_at / own.fast } else { 0.0 };
    let wait = backlog_wait(state, flow, at);
    let late = if state.late[at] { 1.0 } else { law.above(caller(state, at).timeout - wait) };
    own = own.then(Failing { fast: 0.0, slow: late });
    let mut odds = 1.0;
    if is_calm {
        let tenancy = state.around.cell.tenancies.start + at;
        let corrected = state.around.losses.corrected(state.around.model.tenancies[tenancy].class as usize, load, own);
        if own.slow > 0.0 && own.slow < 1.0 && corrected.slow < 1.0 {
            odds = corrected.slow / (1.0 - corrected.slow) * (1.0 - own.slow) / own.slow;
        }
        own = corrected;
    }
    strike(own, refused_at);
    let after = if failing.fast > 0.0 { failed_at / failing.fast } else { 0.0 };
    Attempt { failing, after, time, law, wait, odds }
}

/// How long the backlogs on a tenancy's path make its attempts wait, in seconds.
pub fn backlog_wait(state: &State<'_>, flow: &Flow, at: usize) -> f64 {
    let wait = |station: usize| match state.backlog[station] {
        backlog if backlog <= 0.0 => 0.0,
        backlog => backlog / flow.capacity[station].max(1e-9),
    };
    path(state, at).iter().filter_map(|step| step.station).map(wait).sum()
}

/// The wait from which a tenancy's attempts are late, in seconds.
pub fn patience(state: &State<'_>, flow: &Flow, at: usize) -> f64 {
    (caller(state, at).timeout - flow.time[at]).max(0.0)
}
