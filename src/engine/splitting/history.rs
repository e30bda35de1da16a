//! One history of all clocks: what has happened, and what is known of what comes.
//!
//! A history looks no further ahead than it needs to. Up to `known` all failures are drawn; for clocks that are up beyond it,
//! only their age matters. Looking ahead by one step asks each of them: do you fail in it, and if so, when?

use super::System;
use crate::engine::law::Law;
use crate::engine::rng::{Key, Slot, below, unit};

const WHICH: Slot = Slot::named("splitting/which");

/// The clocks of a system at an instant.
#[derive(Debug, Clone)]
pub(super) struct History {
    key: Key,
    drawn: u64,
    /// The present instant.
    pub(super) now: f64,
    /// Units that are down.
    pub(super) down: usize,
    /// By unit: clocks that hold it down.
    held: Vec<u32>,
    /// By clock: when its present time up or down began.
    since: Vec<f64>,
    /// By clock: which of its sets it holds down.
    holds: Vec<Option<u32>>,
    /// Failures and repairs that are known: all up to `known`, and repairs beyond.
    pending: Vec<(f64, u32)>,
    known: f64,
}

/// What lies ahead of clocks that are up, the same for all copies of a history.
#[derive(Debug)]
pub(super) struct Ahead {
    until: f64,
    /// Clock, share of times up beyond its age, and probability that it fails before `until`.
    clocks: Vec<(u32, f64, f64)>,
    /// Hazard of each clock and all before it, up to `until`.
    hazard: Vec<f64>,
}

/// Hazard that stands for certainty: less than this is left to chance once in 10^300.
const CERTAIN: f64 = 690.0;

impl Ahead {
    /// What lies between two instants.
    fn new(system: &System, history: &History, from: f64, until: f64) -> Ahead {
        let up = (0..system.clocks.len()).filter(|&clock| history.holds[clock].is_none());
        let chance = |clock: usize| {
            let (law, since) = (&system.clocks[clock].up, history.since[clock]);
            let survived = law.above(from - since);
            let fails = if survived > 0.0 { 1.0 - law.above(until - since) / survived } else { 1.0 };
            (clock as u32, survived, fails)
        };
        let clocks: Vec<(u32, f64, f64)> = up.map(chance).filter(|&(_, _, fails)| fails > 0.0).collect();
        let sum = |sum: &mut f64, &(_, _, fails): &(u32, f64, f64)| {
            *sum += (-libm::log1p(-fails)).min(CERTAIN);
            Some(*sum)
        };
        let hazard = clocks.iter().scan(0.0, sum).collect();
        Ahead { until, clocks, hazard }
    }

    /// What lies ahead of a history that is about to be copied, about as far as a copy lives.
    pub(super) fn of_copies(system: &System, history: &History) -> Ahead {
        let held = history.holds.iter().zip(&system.clocks).filter(|(holds, _)| holds.is_some());
        let repair = held.map(|(_, clock)| clock.down.mean()).fold(0.0, f64::max);
        Ahead::new(system, history, history.now, (history.now + 2.0 * repair).min(system.horizon))
    }
}

impl History {
    /// Returns a history at instant 0 of clocks that have been going for ever.
    pub(super) fn in_equilibrium(system: &System, key: Key) -> History {
        let clocks = system.clocks.len();
        let mut history = History {
            key,
            drawn: 0,
            now: 0.0,
            down: 0,
            held: vec![0; system.units],
            since: vec![0.0; clocks],
            holds: vec![None; clocks],
            pending: Vec::new(),
            known: 0.0,
        };
        for (index, clock) in system.clocks.iter().enumerate() {
            let is_up = history.uniform() * (clock.up.mean() + clock.down.mean()) < clock.up.mean();
            let law = if is_up { &clock.up } else { &clock.down };
            // The age at a random moment has the law of what is left.
            history.since[index] = -law.residual(|| history.uniform());
            if !is_up {
                history.take_down(system, index);
                history.draw_repair(system, index);
            }
        }
        history
    }

    /// Returns a copy with luck of its own from here on.
    pub(super) fn copy(&self, system: &System, key: Key, ahead: &Ahead) -> History {
        let mut copy = History {
            key,
            drawn: 0,
            now: self.now,
            down: self.down,
            held: self.held.clone(),
            since: self.since.clone(),
            holds: self.holds.clone(),
            pending: Vec::with_capacity(2 * self.down),
            known: self.known,
        };
        // Each clock that is down has its repair among what is pending.
        for &(_, clock) in self.pending.iter().filter(|&&(_, clock)| self.holds[clock as usize].is_some()) {
            copy.draw_repair(system, clock as usize);
        }
        copy.look(system, ahead);
        copy
    }

    /// Returns a key that nothing else here has.
    pub(super) fn next_key(&mut self, slot: Slot) -> Key {
        self.drawn += 1;
        self.key.part(slot).nth(self.drawn)
    }

    /// Draws a number strictly between 0 and 1.
    fn uniform(&mut self) -> f64 {
        self.drawn += 1;
        unit(self.key.nth(self.drawn).0) + 0.5 / 9_007_199_254_740_992.0
    }

    /// Returns the next failure or repair before the horizon.
    pub(super) fn next(&mut self, system: &System) -> Option<(f64, u32)> {
        loop {
            let first = self.pending.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            if let Some((at, _)) = first.filter(|&(at, _)| at <= self.known) {
                return first.filter(|_| at < system.horizon);
            }
            if self.known >= system.horizon {
                return None;
            }
            let until = first.map_or(0.0, |(at, _)| at).max(self.known + system.calm).min(system.horizon);
            let ahead = Ahead::new(system, self, self.known, until);
            self.look(system, &ahead);
        }
    }

    /// Draws the failures that lie ahead.
    ///
    /// Of many clocks few fail: an exponential draw says how much hazard passes before the next of them does.
    fn look(&mut self, system: &System, ahead: &Ahead) {
        let (mut next, mut passed) = (0, 0.0);
        while next < ahead.clocks.len() {
            passed -= libm::log(self.uniform());
            let found = next + ahead.hazard[next..].partition_point(|&hazard| hazard <= passed);
            let Some(&(clock, survived, fails)) = ahead.clocks.get(found) else { break };
            let luck = fails * self.uniform();
            self.add_failure(system, clock, survived, luck, ahead.until);
            (next, passed) = (found + 1, ahead.hazard[found]);
        }
        self.known = ahead.until;
    }

    fn add_failure(&mut self, system: &System, clock: u32, survived: f64, luck: f64, until: f64) {
        let index = clock as usize;
        let at = self.since[index] + system.clocks[index].up.quantile_above(survived * (1.0 - luck));
        self.pending.push((at.clamp(self.now, until), clock));
    }

    /// The clock fires: a failure or a repair.
    pub(super) fn fire(&mut self, system: &System, at: f64, clock: u32) {
        self.pending.retain(|&(_, other)| other != clock);
        self.now = at;
        let index = clock as usize;
        self.since[index] = at;
        match self.holds[index].take() {
            None => {
                self.take_down(system, index);
                self.draw_repair(system, index);
            }
            Some(set) => {
                for &one in &system.clocks[index].takes[set as usize] {
                    let held = &mut self.held[one as usize];
                    *held -= 1;
                    self.down -= usize::from(*held == 0);
                }
                let luck = self.uniform();
                if luck < 1.0 - system.clocks[index].up.above(self.known - at) {
                    self.add_failure(system, clock, 1.0, luck, self.known);
                }
            }
        }
    }

    fn take_down(&mut self, system: &System, clock: usize) {
        let sets = &system.clocks[clock].takes;
        let set = if sets.len() == 1 { 0 } else { below(self.next_key(WHICH).0, sets.len() as u32) };
        self.holds[clock] = Some(set);
        for &one in &sets[set as usize] {
            let held = &mut self.held[one as usize];
            self.down += usize::from(*held == 0);
            *held += 1;
        }
    }

    /// Draws when a clock that is down will be repaired, given for how long it has been down.
    fn draw_repair(&mut self, system: &System, clock: usize) {
        let (law, since) = (&system.clocks[clock].down, self.since[clock]);
        let luck = self.uniform();
        let at = since + left(law, self.now - since, luck);
        self.pending.push((at.max(self.now), clock as u32));
    }
}

/// A time of this law, given that it exceeds `age`; a share `luck` of such times is shorter.
fn left(law: &Law, age: f64, luck: f64) -> f64 {
    let survived = law.above(age);
    if survived > 0.0 { law.quantile_above(survived * (1.0 - luck)) } else { age }
}
