//! What clients still try again when a fault is over, and whether that keeps a cell down.
//!
//! # Model
//! A fault leaves no queue behind where it lets nothing through, but clients who wait for their time-outs and pauses: for a while
//! their retries come on top of the usual requests. If these make a queue so long that who comes later waits beyond the time-out, all
//! of those come again, and so on: the cell stays at the other of its two fixed points. Whether it does is found by following attempts
//! in steps of a fortieth of the time-out, from what has been tried while the fault lasted on: each attempt by its number and by how
//! many before it timed out, each pause spread as the client spreads it, queues as fluids. A cell whose attempts are late, or refused
//! by a full queue, for most of the second half of that time is held.
//!
//! Chance moves the first wave by a few standard deviations of what comes and is served in it. Where two of them up and two down
//! come to different ends, it is a matter of chance: the mean decides, and the summary says so.
//!
//! # References
//! Bronson et al. (2021), Metastable Failures in Distributed Systems, HotOS.

use super::caller::{Caller, Failing};
use super::solve::{Flow, ends, patience};
use super::surroundings::State;

/// Steps in the shortest time-out, and steps in all at most.
const STEPS: f64 = 40.0;
const MOST_STEPS: f64 = 8000.0;
/// Attempts of a request that are told apart.
const MOST_ATTEMPTS: usize = 12;
/// Standard deviations of the first wave between which both ends must be the same.
const DEVIATIONS: f64 = 2.0;

/// What becomes of a cell after a fault.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Aftermath {
    /// What waits at each station, if retries hold the cell down.
    pub(super) held: Option<Vec<f64>>,
    /// The station at which this is a matter of chance.
    pub(super) by_chance: Option<usize>,
}

/// Returns what becomes of a cell in which requests fared like this for so many seconds, and would fare as `normal` says from now on.
pub(super) fn aftermath(state: &State<'_>, before: &Flow, lasted: f64, normal: &Flow) -> Aftermath {
    let Some(station) = wave_breaks(state, before, normal) else { return Aftermath::default() };
    let follow = Follow::new(state, before, lasted, normal);
    let [mean, more, less] = [0.0, DEVIATIONS, -DEVIATIONS].map(|deviations| follow.held(deviations));
    Aftermath { by_chance: (more.is_some() != less.is_some()).then_some(station), held: mean }
}

/// Requests a second of a tenancy that come as far as its stations.
fn demand(state: &State<'_>, at: usize) -> f64 {
    let tenancy = state.around.cell.tenancies.start + at;
    let gate = &state.around.condition.entry[at];
    let passing = 1.0 - state.around.lookup.failing.then(gate.failing).total();
    state.around.model.tenancies[tenancy].rate * state.around.demand[at] * passing
}

/// How long a tenancy's clients wait in all between two attempts, at most, in seconds.
fn between(state: &State<'_>, at: usize) -> f64 {
    let caller = state.caller(at);
    caller.timeout + caller.pauses().iter().map(|pause| pause.1).fold(0.0, f64::max)
}

/// The busiest station at which the first wave of retries could be too much.
fn wave_breaks(state: &State<'_>, before: &Flow, normal: &Flow) -> Option<usize> {
    let mut waves = vec![(0.0, 0.0_f64); normal.capacity.len()];
    let mut comes_back = false;
    for at in 0..before.failing.len() {
        let more = state.caller(at).amplification(&ends(before, at));
        comes_back |= more > 1.01 && before.failing[at].total() > normal.failing[at].total() + 0.01;
        for station in state.path(at).iter().filter_map(|step| step.station) {
            let wave = &mut waves[station];
            *wave = (wave.0 + demand(state, at) * more, wave.1.max(between(state, at)));
        }
    }
    if !comes_back {
        return None;
    }
    let peak = |station: usize| {
        let ((asked, time), capacity) = (waves[station], normal.capacity[station]);
        let over = state.backlog[station] + (asked - capacity).max(0.0) * time;
        if over > 0.0 { over + 2.0 * DEVIATIONS * (asked * time).sqrt() } else { 0.0 }
    };
    let could = |station: usize| {
        let peak = peak(station);
        let wait = peak / normal.capacity[station].max(1e-9);
        let asks = |at: usize| state.path(at).iter().any(|step| step.station == Some(station));
        let is_late = (0..before.failing.len()).any(|at| asks(at) && wait >= patience(state, normal, at) / 2.0);
        peak > 0.0 && (is_late || peak >= normal.places[station])
    };
    let load = |station: usize| waves[station].0 / normal.capacity[station].max(1e-9);
    (0..waves.len()).filter(|&station| could(station)).max_by(|&a, &b| load(a).total_cmp(&load(b)))
}

/// Attempts of a tenancy: as many as fail so.
struct Kind {
    number: usize,
    /// How likely it begins before the deadline.
    begins: f64,
}

/// A cell that is followed in steps of time.
struct Follow<'a> {
    state: &'a State<'a>,
    before: &'a Flow,
    normal: &'a Flow,
    step: f64,
    /// Steps while the fault lasts, and after it.
    under: usize,
    after: usize,
}

impl<'a> Follow<'a> {
    fn new(state: &'a State<'a>, before: &'a Flow, lasted: f64, normal: &'a Flow) -> Follow<'a> {
        let callers = || (0..before.failing.len()).map(|at| state.caller(at));
        let shortest = callers().map(|caller| caller.timeout).fold(f64::INFINITY, f64::min);
        let longest = callers().map(Caller::deadline).fold(0.0, f64::max);
        let between = (0..before.failing.len()).map(|at| between(state, at)).fold(0.0, f64::max);
        let (under, after) = (longest.min(lasted), 3.0 * longest + 6.0 * between);
        let step = (shortest / STEPS).max((under + after) / MOST_STEPS);
        let steps = |time: f64| libm::ceil(time / step) as usize;
        Follow { state, before, normal, step, under: steps(under), after: steps(after) }
    }

    /// Returns what waits in the end at each station of a cell that is held down, where so many standard deviations more come at first.
    fn held(&self, deviations: f64) -> Option<Vec<f64>> {
        let Follow { state, normal, step, .. } = *self;
        let tenancies = self.before.failing.len();
        let mut clients: Vec<Clients> = (0..tenancies).map(|at| Clients::new(self, at)).collect();
        let mut backlog = state.backlog.to_vec();
        for (station, backlog) in backlog.iter_mut().enumerate() {
            let comes = |at: usize| state.path(at).iter().any(|step| step.station == Some(station));
            let first = |at: usize| {
                let more = state.caller(at).amplification(&ends(self.before, at));
                demand(state, at) * more * state.caller(at).timeout
            };
            let wave: f64 = (0..tenancies).filter(|&at| comes(at)).map(first).sum();
            // Half of it from what comes, half from services. Less than nothing waits: as much is free for who comes.
            *backlog += deviations * (2.0 * wave).sqrt();
        }
        let mut asked = vec![0.0; backlog.len()];
        let mut held = 0;
        for now in 0..self.under + self.after {
            let is_over = now >= self.under;
            let mut comes = vec![0.0; backlog.len()];
            let mut is_down = false;
            for (at, clients) in clients.iter_mut().enumerate() {
                let failing = if is_over { self.failing(at, &backlog, &asked) } else { self.before.failing[at] };
                is_down |= failing.total() > 0.5;
                let attempts = clients.attempt(now, failing);
                let reaching = demand(state, at) / clients.rate.max(f64::MIN_POSITIVE) * attempts;
                state.path(at).iter().filter_map(|step| step.station).for_each(|station| comes[station] += reaching);
            }
            if is_over {
                for (station, backlog) in backlog.iter_mut().enumerate() {
                    let change = comes[station] - normal.capacity[station] * step;
                    let least = if *backlog < 0.0 { f64::NEG_INFINITY } else { 0.0 };
                    // What chance has left free is used up by those who come too many.
                    let change = if *backlog < 0.0 { change.max(0.0) } else { change };
                    *backlog = (*backlog + change).clamp(least, normal.places[station].max(0.0));
                    asked[station] = comes[station] / step;
                }
                held += usize::from(is_down && now >= self.under + self.after / 2);
            }
        }
        (2 * held > self.after / 2).then(|| self.late(backlog))
    }

    /// How attempts fail that come to these queues.
    fn failing(&self, at: usize, backlog: &[f64], asked: &[f64]) -> Failing {
        let (normal, cell) = (self.normal, self.state.around.cell);
        let (mut wait, mut failing) = (0.0, normal.failing[at]);
        for station in self.state.path(at).iter().filter_map(|step| step.station) {
            let capacity = normal.capacity[station].max(1e-9);
            let drops = cell.stations[station].drops_expired;
            if backlog[station] >= normal.places[station] - 1e-9 && asked[station] > capacity {
                let lost = 1.0 - capacity / asked[station];
                let is_refused = !drops || normal.places[station] >= cell.stations[station].places;
                let lost =
                    if is_refused { Failing { fast: lost, slow: 0.0 } } else { Failing { fast: 0.0, slow: lost } };
                failing = failing.then(lost);
            }
            if !drops {
                wait += backlog[station].max(0.0) / capacity;
            }
        }
        let is_late = wait > 0.0 && wait >= patience(self.state, normal, at);
        if is_late { Failing { fast: failing.fast, slow: 1.0 - failing.fast } } else { failing }
    }

    /// What waits where a cell is held: at least as much as makes attempts late, if no queue is full.
    fn late(&self, mut backlog: Vec<f64>) -> Vec<f64> {
        let normal = self.normal;
        for backlog in &mut backlog {
            *backlog = backlog.max(0.0);
        }
        let wait = |station: usize, backlog: &[f64]| backlog[station] / normal.capacity[station].max(1e-9);
        let longest = (0..backlog.len()).max_by(|&a, &b| wait(a, &backlog).total_cmp(&wait(b, &backlog)));
        if let Some(station) = longest {
            let asks = |at: &usize| self.state.path(*at).iter().any(|step| step.station == Some(station));
            let late = (0..self.before.failing.len()).filter(asks).map(|at| patience(self.state, normal, at));
            let least = late.fold(0.0, f64::max) * normal.capacity[station] * (1.0 + 1e-6);
            backlog[station] = backlog[station].max(least).min(normal.places[station]);
        }
        backlog
    }
}

/// The clients of a tenancy: attempts that are planned, by kind and step.
struct Clients<'a> {
    follow: &'a Follow<'a>,
    at: usize,
    /// Requests a second.
    rate: f64,
    kinds: Vec<Kind>,
    planned: Vec<Vec<f64>>,
}

impl<'a> Clients<'a> {
    fn new(follow: &'a Follow<'a>, at: usize) -> Clients<'a> {
        let caller = follow.state.caller(at);
        let after = follow.normal.after[at].max(follow.before.after[at]);
        let most = (caller.pauses().len() + 1).min(MOST_ATTEMPTS);
        let kinds = (1..=most).flat_map(|number| (0..number).map(move |time_outs| (number, time_outs)));
        let kind = |(number, time_outs): (usize, usize)| {
            let held = time_outs as f64 * caller.timeout + (number - 1 - time_outs) as f64 * after;
            Kind { number, begins: caller.begins(number, held) }
        };
        let kinds: Vec<Kind> = kinds.map(kind).collect();
        let tenancy = follow.state.around.cell.tenancies.start + at;
        let rate = follow.state.around.model.tenancies[tenancy].rate * follow.state.around.demand[at];
        let planned = vec![vec![0.0; follow.under + follow.after]; kinds.len()];
        Clients { follow, at, rate, kinds, planned }
    }

    /// Makes the attempts of a step, a part of which fails; returns how many there are.
    fn attempt(&mut self, now: usize, failing: Failing) -> f64 {
        let step = self.follow.step;
        let caller = self.follow.state.caller(self.at);
        let after = self.follow.normal.after[self.at].max(self.follow.before.after[self.at]);
        self.planned[0][now] = self.rate * step;
        let (mut attempts, mut wanted) = (0.0, Vec::new());
        for (index, kind) in self.kinds.iter().enumerate() {
            let here = self.planned[index][now];
            attempts += here;
            let time_outs = index - kind.number * (kind.number - 1) / 2;
            for (share, more, time) in [(failing.fast, 0, after), (failing.slow, 1, caller.timeout)] {
                let next = kind.number * (kind.number + 1) / 2 + time_outs + more;
                let Some(again) = self.kinds.get(next) else { continue };
                let goes_on = if kind.begins > 0.0 { again.begins / kind.begins } else { 0.0 };
                let many = here * share * goes_on.min(1.0);
                if many > 1e-9 * self.rate * step {
                    let pause = caller.pauses()[kind.number - 1];
                    wanted.push((next, many, time + pause.0, time + pause.1));
                }
            }
        }
        let all: f64 = wanted.iter().map(|one| one.1).sum();
        let granted = caller.budget().map_or(1.0, |budget| (budget * self.rate * step / all.max(1e-300)).min(1.0));
        for (next, many, from, to) in wanted {
            let begin = now + (libm::round(from / step) as usize).max(1);
            let end = (now + libm::round(to / step) as usize).max(begin);
            let part = granted * many / (end - begin + 1) as f64;
            let last = self.planned[next].len();
            self.planned[next][begin.min(last)..(end + 1).min(last)].iter_mut().for_each(|planned| *planned += part);
        }
        attempts
    }
}
