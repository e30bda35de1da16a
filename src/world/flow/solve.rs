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
//! with A(p) attempts per request. Expired work that is dropped takes no time from others and holds the backlog at C T. A queue that
//! stands at its limit, be it places or patience, is waited for as M/M/c/K+G says: no wait is constant, and where it comes close to
//! the time-out that decides. So is a station that drops what has expired below full load.
//!
//! The share that fails falls where a station comes to 100 %: from then on a backlog says how long attempts wait. If less fails
//! beyond that step than before it, retries bring the station there and it stays: steps that overshoot are halved until they
//! meet it. Such a flow stands between two states and says so.
//!
//! # References
//! Bronson et al. (2021), Metastable Failures in Distributed Systems, HotOS.

use std::borrow::Cow;

use super::again::{Queues, Refusal};
use super::caller::{Ends, Failing, Refused};
use super::doubt::{Doubt, doubts};
use super::entries::Unfilled;
use super::surroundings::State;
use super::wait::Wait;
use super::work::{passing, waits, works};
use crate::engine::law::sum::Sum;
use crate::stop;

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
    /// What full queues refuse of them, and refuse again, by tenancy.
    pub refused: Vec<Refused>,
    /// Change of each station's backlog, attempts a second.
    pub slope: Vec<f64>,
    /// Services a second that each station can do.
    pub capacity: Vec<f64>,
    /// Places at each station.
    pub places: Vec<f64>,
    /// Mean time of an attempt without backlog, by tenancy, in seconds.
    pub time: Vec<f64>,
    /// Share of attempts that each station passes on, if that is not all it can do.
    pub passing: Vec<Option<f64>>,
    /// Whether it is a fixed point, or stands between two states.
    pub settled: bool,
    /// Stations of which something is known roughly only.
    pub doubts: Vec<(usize, Doubt)>,
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
        refused: vec![Refused::default(); tenancies],
        slope: vec![0.0; stations],
        time: vec![0.0; tenancies],
        capacity: works.iter().map(|work| work.capacity).collect(),
        places: vec![0.0; stations],
        passing: vec![Some(1.0); stations],
        settled: false,
        doubts: Vec::new(),
    };
    let mut asked = vec![0.0; stations];
    let mut queues = Queues::new(stations);
    // How much of a step is taken, and whether the last one went up.
    let (mut part, mut was_up) = (1.0, true);
    for _ in 0..ITERATIONS {
        asked = inflow(state, &flow, &asked);
        let waits = waits(state, &asked, &works);
        flow.passing =
            waits.iter().enumerate().map(|(station, wait)| passing(state, wait, &asked, &works, station)).collect();
        queues.update(state, (&asked, &returning(state, &flow)), &waits, &works);
        let (mut change, mut sum) = (0.0_f64, 0.0);
        for at in 0..tenancies {
            let attempt = attempt(state, &flow, &asked, &waits, at);
            let step = attempt.failing.total() - flow.failing[at].total();
            (change, sum) = (change.max(step.abs()), sum + step);
            flow.failing[at] = flow.failing[at].towards(attempt.failing, part);
            (flow.time[at], flow.after[at]) = (attempt.time, attempt.after);
            flow.refused[at] = queues.refused(at, &attempt.refusals, state.caller(at).pauses().len());
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
        let (backlog, limit) = (state.backlog[station], works[station].limit(*asked));
        flow.places[station] = limit;
        let is_full = works[station].is_full(backlog, *asked);
        let is_empty = backlog <= 0.0 && over <= 0.0;
        flow.slope[station] = if is_full || is_empty { 0.0 } else { over };
        if over > 0.0 && !is_full && works[station].drops() {
            // Near full load chance fills a short queue sooner than what comes too much: in a fifth of the time to diffuse over it.
            flow.slope[station] = over.max(5.0 * capacity / limit.max(1e-9));
        }
    }
    let waits = waits(state, &asked, &works);
    flow.doubts = doubts(state, &flow.refused, &waits, &works);
    for at in 0..tenancies {
        let (caller, doomed) = (state.caller(at), doomed(state, at));
        let attempt = attempt(state, &flow, &asked, &waits, at);
        let longer = |time: f64| attempt.longer(time, caller.timeout);
        let effect = |ends: Ends<'_>| caller.effect(&Ends { longer: &longer, ..ends });
        let mut others = effect(ends(&flow, at));
        let (unlucky, asks) = state.around.lookup.unlucky;
        if unlucky > 0.0 {
            let refused = flow.refused[at].of(1.0 - asks);
            others = others.mixed(unlucky, effect(unlucky_ends(&flow, at, asks, &refused)));
        }
        flow.failed[at] = doomed + (1.0 - doomed) * others.failed;
        flow.reach[at] = others.reach;
        // Who is still in a queue that drops what has expired is saved by what ends the overload.
        let failing = flow.failing[at];
        if failing.slow > 0.0 {
            let queued = wait_in(state, &flow, at, |station| works[station].drops());
            flow.reach[at] += failing.slow / failing.total() * queued.min(caller.timeout);
        }
        // Who is doomed or struck gets an error each time.
        let struck = 1.0 - (1.0 - doomed) * (1.0 - flow.struck[at]);
        if struck > 0.0 {
            let refused = Ends::plain(Failing { fast: 1.0, slow: 0.0 }, state.around.lookup.mean_time());
            let others_failed = (1.0 - struck) * others.failed;
            let sum = struck * caller.effect(&refused).reach + others_failed * flow.reach[at];
            flow.reach[at] = sum / (struck + others_failed);
        }
    }
    flow
}

/// The share of a tenancy's customers all of whose requests fail.
fn struck(state: &State<'_>, at: usize) -> f64 {
    let stages =
        state.path(at).iter().map(|step| state.around.condition.stages[step.stage(state.around.cell)][at].struck);
    1.0 - stages.fold(1.0 - state.around.condition.entry[at].struck, |passed, struck| passed * (1.0 - struck))
}

/// The share of a tenancy's requests that fail whatever their luck.
fn doomed(state: &State<'_>, at: usize) -> f64 {
    let entry = &state.around.condition.entry[at];
    let stages =
        state.path(at).iter().map(|step| state.around.condition.stages[step.stage(state.around.cell)][at].doomed);
    1.0 - stages
        .fold((1.0 - state.around.lookup.doomed) * (1.0 - entry.doomed), |passed, doomed| passed * (1.0 - doomed))
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
        for step in state.path(at) {
            reaching *= 1.0 - state.around.condition.stages[step.stage(state.around.cell)][at].failing.total();
            let Some(station) = step.station else { continue };
            asked[station] += reaching;
            // What a busy station passes on is what it can do; any other, what it does not lose.
            reaching *= flow.passing[station].unwrap_or_else(|| flow.capacity[station] / before[station].max(1e-9));
        }
    }
    asked
}

/// How many attempts of a request come as far as luck of their own lets them.
fn attempts(state: &State<'_>, flow: &Flow, at: usize) -> f64 {
    let caller = state.caller(at);
    let (unlucky, asks) = state.around.lookup.unlucky;
    let usual = caller.amplification(&ends(flow, at));
    if unlucky == 0.0 {
        return usual;
    }
    let refused = flow.refused[at].of(1.0 - asks);
    (1.0 - unlucky) * usual + unlucky * (1.0 - asks) * caller.amplification(&unlucky_ends(flow, at, asks, &refused))
}

/// How attempts end of which so many fail before they come to a cell.
fn unlucky_ends<'a>(flow: &Flow, at: usize, asks: f64, refused: &'a Refused) -> Ends<'a> {
    let failing = Failing { fast: asks, slow: 0.0 }.then(flow.failing[at]);
    Ends { refused, ..Ends::plain(failing, flow.after[at]) }
}

/// By tenancy: of the attempts that fail, the share that is tried again.
fn returning(state: &State<'_>, flow: &Flow) -> Vec<f64> {
    let each = (0..flow.failing.len()).map(|at| {
        let (caller, failed) = (state.caller(at), flow.failing[at].total());
        let attempts = caller.amplification(&ends(flow, at));
        match failed > 1e-9 {
            true => ((attempts - 1.0) / (attempts * failed)).min(1.0),
            false => f64::from(u8::from(!caller.pauses().is_empty())),
        }
    });
    each.collect()
}

/// Returns how a tenancy's attempts end that have their whole time-out.
pub fn ends(flow: &Flow, at: usize) -> Ends<'_> {
    Ends { refused: &flow.refused[at], ..Ends::plain(flow.failing[at], flow.after[at]) }
}

/// How a tenancy's attempts end.
struct Attempt<'a> {
    failing: Failing,
    /// Mean seconds after which one that fails fast does so.
    after: f64,
    /// Which of them queues refuse.
    refusals: Vec<Refusal>,
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
        next.total()
    };
    strike(condition.entry[at].failing, time);
    // What fails by waiting and by taking long.
    let mut own = Failing::default();
    let (mut refused_at, mut refusals) = (0.0, Vec::new());
    let (mut is_calm, mut load) = (!state.late[at], 0.0_f64);
    // Backlogs make attempts wait as long as they are, but for queues at their limit, whose law is known.
    let (mut wait, mut is_held) = (wait_in(state, flow, at, |_| true), false);
    let mut law = Cow::Borrowed(state.around.attempts[at].as_ref());
    for step in state.path(at) {
        let stage = step.stage(state.around.cell);
        let failed = strike(condition.stages[stage][at].failing, time);
        let (factor, shift) = condition.slow[at][stage];
        is_calm &= (factor, shift) == (1.0, 0.0);
        let service = step.time.stretched(factor, shift);
        let Some(station) = step.station else {
            time += service.mean;
            continue;
        };
        let queue = &waits[station];
        let fate = queue.fates.get(at).and_then(Option::as_ref);
        let full = fate.map_or(queue.full, |fate| fate.refused);
        refused_at += (1.0 - own.total()) * full * time;
        if full > 0.0 {
            refusals.push(Refusal { station, reach: (1.0 - failed) * (1.0 - own.total()), full });
        }
        own = own.then(Failing { fast: full, slow: 0.0 });
        time += service.mean;
        match fate {
            Some(fate) => law.to_mut().add_times(&fate.waits),
            None if queue.chance > 0.0 => match queue.bend {
                None => law.to_mut().add_wait(queue.chance, queue.rate),
                Some(_) => law.to_mut().add_above(queue.chance, |time| queue.above(time)),
            },
            None => {}
        }
        match fate {
            Some(_) if state.backlog[station] > 0.0 => {
                wait -= wait_at(state, flow, station);
                is_held = true;
            }
            Some(fate) => time += fate.mean_wait(),
            None => time += queue.mean(),
        }
        is_calm &= state.backlog[station] <= 0.0;
        load = load.max(asked[station] / flow.capacity[station] / state.around.cell.stations[station].load);
    }
    let refused_at = if own.fast > 0.0 { refused_at / own.fast } else { 0.0 };
    let wait = wait.max(0.0);
    let is_late = state.late[at] && !is_held;
    let late = if is_late { 1.0 } else { law.above(state.caller(at).timeout - wait) };
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
    Attempt { failing, after, refusals, time, law, wait, odds }
}

/// How long the backlogs that may make a tenancy's attempts late make them wait, in seconds: who has expired and is dropped takes no
/// time from those who wait behind.
pub fn backlog_wait(state: &State<'_>, flow: &Flow, at: usize) -> f64 {
    wait_in(state, flow, at, |station| !state.around.cell.stations[station].drops_expired)
}

/// How long the backlogs of some of the stations on a tenancy's path make its attempts wait, in seconds.
fn wait_in(state: &State<'_>, flow: &Flow, at: usize, of: impl Fn(usize) -> bool) -> f64 {
    let stations = state.path(at).iter().filter_map(|step| step.station).filter(|&station| of(station));
    stations.map(|station| wait_at(state, flow, station)).sum()
}

fn wait_at(state: &State<'_>, flow: &Flow, station: usize) -> f64 {
    match state.backlog[station] {
        backlog if backlog <= 0.0 => 0.0,
        backlog => backlog / flow.capacity[station].max(1e-9),
    }
}

/// The wait from which a tenancy's attempts are late, in seconds.
pub fn patience(state: &State<'_>, flow: &Flow, at: usize) -> f64 {
    (state.caller(at).timeout - flow.time[at]).max(0.0)
}
