//! One history of all clocks: what has happened, and what is known of what comes.
//!
//! A history looks no further ahead than it needs to. Up to `known` all failures are drawn; for clocks that are up beyond it,
//! only their age matters. Looking ahead by one step asks each of them: do you fail in it, and if so, when?

use super::system::System;
use crate::engine::rng::{Key, Slot, below, unit};

const WHICH: Slot = Slot::named("splitting/which");

/// The luck of a history: what it draws, one after the other.
#[derive(Debug, Clone)]
struct Luck {
    key: Key,
    drawn: u64,
}

impl Luck {
    /// Draws a number strictly between 0 and 1.
    fn uniform(&mut self) -> f64 {
        self.drawn += 1;
        unit(self.key.nth(self.drawn).0) + 0.5 / 9_007_199_254_740_992.0
    }
}

/// The clocks of a system at an instant.
#[derive(Debug, Clone)]
pub(super) struct History {
    luck: Luck,
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
    /// Clocks that are down, and the share of times down beyond their age.
    down: Vec<(u32, f64)>,
}

/// What becomes of a copy.
#[derive(Debug)]
pub(super) enum Fate {
    /// It ends at this instant: the first thing that happens is a repair, after which too few units are down.
    Ends(f64),
    /// It goes on.
    GoesOn(History),
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
        Ahead { until, clocks, hazard, down: Vec::new() }
    }

    /// What lies ahead of a history that is about to be copied, about as far as a copy lives.
    pub(super) fn of_copies(system: &System, history: &History) -> Ahead {
        // Each clock that is down has its repair among what is pending.
        let held = history.pending.iter().map(|&(_, clock)| clock);
        let down: Vec<(u32, f64)> = held
            .filter(|&clock| history.holds[clock as usize].is_some())
            .map(|clock| (clock, history.survived_down(system, clock)))
            .collect();
        let repair = down.iter().map(|&(clock, _)| system.clocks[clock as usize].down.mean()).fold(0.0, f64::max);
        let ahead = Ahead::new(system, history, history.now, (history.now + 2.0 * repair).min(system.horizon));
        Ahead { down, ..ahead }
    }

    /// Draws the failures that lie ahead of clocks that are up since some instants: (now, since).
    ///
    /// Of many clocks few fail: an exponential draw says how much hazard passes before the next of them does.
    fn failures(&self, system: &System, (now, since): (f64, &[f64]), luck: &mut Luck, pending: &mut Vec<(f64, u32)>) {
        let (mut next, mut passed) = (0, 0.0);
        while next < self.clocks.len() {
            passed -= libm::log(luck.uniform());
            let found = next + self.hazard[next..].partition_point(|&hazard| hazard <= passed);
            let Some(&(clock, survived, fails)) = self.clocks.get(found) else { break };
            let when = (since[clock as usize], now);
            let at = failure(system, clock, when, (survived, fails * luck.uniform()), self.until);
            pending.push((at, clock));
            (next, passed) = (found + 1, self.hazard[found]);
        }
    }
}

impl History {
    /// Returns a history at instant 0 of clocks that have been going for ever.
    pub(super) fn in_equilibrium(system: &System, key: Key) -> History {
        let clocks = system.clocks.len();
        let mut history = History {
            luck: Luck { key, drawn: 0 },
            now: 0.0,
            down: 0,
            held: vec![0; system.units],
            since: vec![0.0; clocks],
            holds: vec![None; clocks],
            pending: Vec::new(),
            known: 0.0,
        };
        for (index, clock) in system.clocks.iter().enumerate() {
            let is_up = history.luck.uniform() * (clock.up.mean() + clock.down.mean()) < clock.up.mean();
            let law = if is_up { &clock.up } else { &clock.down };
            // The age at a random moment has the law of what is left.
            history.since[index] = -law.residual(|| history.luck.uniform());
            if !is_up {
                history.take_down(system, index);
                history.draw_repair(system, index);
            }
        }
        history
    }

    /// Returns what becomes of a copy with luck of its own from here on, which ends below `floor` units down.
    ///
    /// Most copies end with their first repair; `pending` is room for what they draw until then.
    pub(super) fn copy(
        &self,
        system: &System,
        key: Key,
        ahead: &Ahead,
        floor: usize,
        pending: &mut Vec<(f64, u32)>,
    ) -> Fate {
        let mut luck = Luck { key, drawn: 0 };
        pending.clear();
        for &(clock, survived) in &ahead.down {
            let at = self.repair(system, clock, survived, luck.uniform());
            pending.push((at, clock));
        }
        ahead.failures(system, (self.now, &self.since), &mut luck, pending);
        if let Some((at, clock)) = first_of(pending)
            && at <= ahead.until
            && at < system.horizon
            && let Some(set) = self.holds[clock as usize]
            && self.down - self.released(system, clock, set) < floor
        {
            return Fate::Ends(at);
        }
        Fate::GoesOn(History {
            luck,
            now: self.now,
            down: self.down,
            held: self.held.clone(),
            since: self.since.clone(),
            holds: self.holds.clone(),
            pending: pending.clone(),
            known: ahead.until,
        })
    }

    /// How many units are up again when a clock lets go of a set.
    fn released(&self, system: &System, clock: u32, set: u32) -> usize {
        let units = &system.clocks[clock as usize].takes[set as usize];
        units.iter().filter(|&&one| self.held[one as usize] == 1).count()
    }

    /// Returns a key that nothing else here has.
    pub(super) fn next_key(&mut self, slot: Slot) -> Key {
        self.luck.drawn += 1;
        self.luck.key.part(slot).nth(self.luck.drawn)
    }

    /// Returns the next failure or repair before the horizon.
    pub(super) fn next(&mut self, system: &System) -> Option<(f64, u32)> {
        loop {
            let first = first_of(&self.pending);
            if let Some((at, _)) = first.filter(|&(at, _)| at <= self.known) {
                return first.filter(|_| at < system.horizon);
            }
            if self.known >= system.horizon {
                return None;
            }
            let until = first.map_or(0.0, |(at, _)| at).max(self.known + system.calm).min(system.horizon);
            let ahead = Ahead::new(system, self, self.known, until);
            ahead.failures(system, (self.now, &self.since), &mut self.luck, &mut self.pending);
            self.known = until;
        }
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
                let luck = self.luck.uniform();
                if luck < 1.0 - system.clocks[index].up.above(self.known - at) {
                    let fails = failure(system, clock, (at, at), (1.0, luck), self.known);
                    self.pending.push((fails, clock));
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

    /// Draws when a clock that has just been found down will be repaired, given for how long it has been down.
    fn draw_repair(&mut self, system: &System, clock: usize) {
        let luck = self.luck.uniform();
        let at = self.repair(system, clock as u32, self.survived_down(system, clock as u32), luck);
        self.pending.push((at, clock as u32));
    }

    /// The share of times down beyond the age of a clock that is down.
    fn survived_down(&self, system: &System, clock: u32) -> f64 {
        system.clocks[clock as usize].down.above(self.now - self.since[clock as usize])
    }

    /// When a clock that is down is repaired; a share `luck` of such times is shorter.
    fn repair(&self, system: &System, clock: u32, survived: f64, luck: f64) -> f64 {
        if survived <= 0.0 {
            return self.now;
        }
        let lasts = system.clocks[clock as usize].down.quantile_above(survived * (1.0 - luck));
        (self.since[clock as usize] + lasts).max(self.now)
    }
}

/// What is pending first.
fn first_of(pending: &[(f64, u32)]) -> Option<(f64, u32)> {
    pending.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
}

/// When a clock that is up since an instant, and is still now, fails, given that it does before `until`: (since, now), and
/// (share of times beyond its age, luck).
fn failure(system: &System, clock: u32, (since, now): (f64, f64), (survived, luck): (f64, f64), until: f64) -> f64 {
    let at = since + system.clocks[clock as usize].up.quantile_above(survived * (1.0 - luck));
    at.clamp(now, until)
}
