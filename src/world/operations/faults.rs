//! When faults strike: the activations of one replication.
//!
//! Faults run on their own clocks, keyed by (fault name, instance, activation): never on the platform's state. All activations
//! of a replication are therefore known before it starts. Random clocks start up, at time 0, or in equilibrium.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::rng::{Key, Slot, below, unit};
use crate::scenario::Scenario;
use crate::scenario::fault::{Clock, Effect, Fault, Schedule, SharePer};
use crate::scenario::run::FaultChoice;
use crate::scenario::waves::Waves;
use crate::units::Nanos;
use crate::world::platform::Platform;
use crate::world::platform::scope::{self, Target};

/// One occurrence of a fault.
#[derive(Debug, Clone)]
pub struct Activation {
    /// Fault index.
    pub fault: usize,
    /// What it strikes.
    pub target: Target,
    /// Onset, from the start of the warm-up.
    pub onset: Nanos,
    /// End; equal to the onset for an instant.
    pub end: Nanos,
    /// When lost capacity stops receiving attempts.
    pub detected: Option<Nanos>,
    /// Share from a recorded trace: scales that of its errors.
    pub share: Option<f64>,
    /// It was under way at time 0 already.
    pub was_under_way: bool,
    /// Keys everything this activation draws.
    pub key: Key,
}

const PHASE: Slot = Slot::named("fault/phase");
const UP: Slot = Slot::named("fault/up");
const DOWN: Slot = Slot::named("fault/down");
const WHICH: Slot = Slot::named("fault/which");
const ORDER: Slot = Slot::named("fault/wave-order");
const WAVE: Slot = Slot::named("fault/wave");
const CAUGHT: Slot = Slot::named("fault/caught");
const EQUILIBRIUM: Slot = Slot::named("fault/equilibrium");

/// Returns whether a fault is awake in this kind of run; recorded ones count as scripted.
pub fn is_awake(fault: &Fault, choice: FaultChoice) -> bool {
    match fault.schedule {
        Schedule::Scripted { .. } | Schedule::Trace(_) => choice != FaultChoice::Random,
        Schedule::Random { .. } => choice != FaultChoice::Scripted,
    }
}

/// Returns the activations of a replication, in order of onset.
pub fn schedule(scenario: &Scenario, platform: &Platform, replication: Key) -> Vec<Activation> {
    let end = platform.warmup + platform.horizon;
    let mut activations = fixed(scenario, platform, replication);
    for mut clock in clocks(scenario, platform, replication) {
        clock.at = platform.warmup as f64;
        loop {
            let activation = clock.next(scenario);
            if activation.onset >= end {
                break;
            }
            activations.push(activation);
        }
    }
    activations.sort_by_key(|activation| (activation.onset, activation.fault));
    activations
}

/// Returns the activations of scripted and recorded faults, in order of onset.
pub fn fixed(scenario: &Scenario, platform: &Platform, replication: Key) -> Vec<Activation> {
    let end = platform.warmup + platform.horizon;
    let mut activations = Vec::new();
    for (index, fault) in awake(scenario) {
        if matches!(fault.schedule, Schedule::Random { .. }) {
            continue;
        }
        let key = fault_key(replication, fault);
        let target = scope::target(scenario, platform, &fault.strikes, None);
        let mut add = |onset: Nanos, lasts: Nanos, (share, was_under_way): (Option<f64>, bool), key: Key| {
            if onset < end {
                let one = activation((index, fault), target.clone(), onset, lasts, share, key);
                activations.push(Activation { was_under_way, ..one });
            }
        };
        match &fault.schedule {
            Schedule::Scripted { at, spread, lasts, every } => {
                let phase = (key.nth(0).uniform(PHASE) * 2.0 * *spread as f64).round() as Nanos;
                let first = platform.warmup + at - spread + phase;
                let times = every.map_or(1, |every| end.saturating_sub(first).div_ceil(every));
                for serial in 0..times {
                    add(first + serial * every.unwrap_or(0), *lasts, (None, false), key.nth(serial));
                }
            }
            Schedule::Trace(recorded) => {
                for (serial, incident) in recorded.incidents.iter().enumerate() {
                    let lasts = incident.end - incident.start;
                    let kind = (incident.share, incident.was_under_way);
                    add(platform.warmup + incident.start, lasts, kind, key.nth(serial as u64));
                }
            }
            Schedule::Random { .. } => {}
        }
    }
    activations.sort_by_key(|activation| (activation.onset, activation.fault));
    activations
}

/// Returns the clocks of all random faults that are awake, up at instant 0; those that strike nothing are left out.
pub fn clocks(scenario: &Scenario, platform: &Platform, replication: Key) -> Vec<RandomClock> {
    let mut clocks = Vec::new();
    let groups = Arc::new(platform.cells.iter().map(|cell| cell.tier).collect::<Vec<_>>());
    for (index, fault) in awake(scenario) {
        let Schedule::Random { clock, .. } = &fault.schedule else { continue };
        let (Clock::Each(scope) | Clock::OneOf(scope)) = clock;
        let instances = scope::instances(scenario, platform, &fault.strikes, *scope);
        let key = fault_key(replication, fault);
        let mut add = |key: Key, targets: Vec<Target>| {
            clocks.push(RandomClock {
                fault: index,
                targets,
                key,
                serial: 0,
                at: 0.0,
                first: None,
                waves: VecDeque::new(),
                groups: Arc::clone(&groups),
            });
        };
        match clock {
            Clock::Each(_) => instances.into_iter().for_each(|(name, target)| add(key.named(&name), vec![target])),
            Clock::OneOf(_) if instances.is_empty() => {}
            Clock::OneOf(_) => add(key, instances.into_iter().map(|(_, target)| target).collect()),
        }
    }
    clocks
}

fn awake(scenario: &Scenario) -> impl Iterator<Item = (usize, &Fault)> {
    scenario.faults.iter().enumerate().filter(|(_, fault)| is_awake(fault, scenario.run.faults))
}

fn fault_key(replication: Key, fault: &Fault) -> Key {
    replication.named("fault").named(&fault.name)
}

fn activation(
    (index, fault): (usize, &Fault),
    target: Target,
    onset: Nanos,
    lasts: Nanos,
    share: Option<f64>,
    key: Key,
) -> Activation {
    let end = onset.saturating_add(lasts);
    let detected = fault.detected_after.map(|after| onset.saturating_add(after)).filter(|&at| at < end);
    Activation { fault: index, target, onset, end, detected, share, was_under_way: false, key }
}

/// The clock of a random fault: up, down, up, ... An alternating renewal process.
#[derive(Debug, Clone)]
pub struct RandomClock {
    /// Fault index.
    pub fault: usize,
    /// What it may strike: one of these at a time.
    targets: Vec<Target>,
    key: Key,
    serial: u64,
    /// Instant of the last repair.
    at: f64,
    /// In equilibrium: the time left until the first onset, and the first repair time if it is down already.
    first: Option<(f64, Option<f64>)>,
    /// Waves that are still to come of the last activation.
    waves: VecDeque<Activation>,
    /// Tier of each cell; `None` where tiers share it.
    groups: Arc<Vec<Option<usize>>>,
}

impl RandomClock {
    /// Returns what it may strike: one of these at a time, all equally likely.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Starts the clock as if it had been going for ever: up with probability MTTF / (MTTF + MTTR), what is left of the time up
    /// or down drawn from its equilibrium law.
    pub fn start_in_equilibrium(&mut self, scenario: &Scenario) {
        let Schedule::Random { up, down, .. } = &scenario.faults[self.fault].schedule else { return };
        let key = self.key.part(EQUILIBRIUM);
        let mut drawn = 0;
        let mut uniform = || {
            drawn += 1;
            open_unit(key.nth(drawn).0)
        };
        if scenario.faults[self.fault].waves.is_some() {
            // No release is under way when the run begins: the last one was rolled back a while ago.
            self.first = Some((up.residual(uniform), None));
            return;
        }
        let is_up = uniform() * (up.mean() + down.mean()) < up.mean();
        self.first = Some(if is_up { (up.residual(uniform), None) } else { (0.0, Some(down.residual(uniform))) });
    }

    /// Returns all waves of the next release, as if it began at time 0.
    pub fn release(&mut self, scenario: &Scenario) -> Vec<Activation> {
        (self.at, self.first) = (0.0, Some((0.0, None)));
        let first = self.next(scenario);
        std::iter::once(first).chain(self.waves.drain(..)).collect()
    }

    /// Returns the next activation; of a fault that comes in waves, each wave is one, with the same key.
    pub fn next(&mut self, scenario: &Scenario) -> Activation {
        if let Some(wave) = self.waves.pop_front() {
            return wave;
        }
        let fault = &scenario.faults[self.fault];
        let Schedule::Random { up, down, .. } = &fault.schedule else { unreachable!("only random faults have clocks") };
        let key = self.key.nth(self.serial);
        self.serial += 1;
        let (pause, first_repair) = self.first.take().unwrap_or_else(|| (up.quantile(open_unit(key.draw(UP))), None));
        self.at += pause;
        let lasts = first_repair.unwrap_or_else(|| down.quantile(open_unit(key.draw(DOWN))));
        let which = if self.targets.len() == 1 { 0 } else { below(key.draw(WHICH), self.targets.len() as u32) };
        let target = self.targets[which as usize].clone();
        if let (Some(waves), Target::Cells { cells, stage, zone, tier }) = (&fault.waves, &target) {
            let order = in_order(scenario, &self.groups, waves, cells, key);
            let (reached, noticed) = reached(waves, order.len(), key);
            let end = self.at + noticed + lasts;
            let mut done = 0;
            for (wave, &cells) in reached.iter().enumerate() {
                let onset = self.at + wave as f64 * waves.bake as f64;
                let mut cells: Vec<u32> = order[done..cells].to_vec();
                done += cells.len();
                if cells.is_empty() {
                    continue;
                }
                cells.sort_unstable();
                let target = Target::Cells { cells: Arc::new(cells), stage: stage.clone(), zone: *zone, tier: *tier };
                let (onset, length) = (onset.round() as Nanos, (end - onset).round() as Nanos);
                self.waves.push_back(activation((self.fault, fault), target, onset, length, None, key));
            }
            self.at = end;
            return self.waves.pop_front().expect("the first wave reaches a cell");
        }
        let (onset, length) = (self.at.round() as Nanos, lasts.round() as Nanos);
        self.at += lasts;
        activation((self.fault, fault), target, onset, length, None, key)
    }
}

/// The cells that a release reaches, in order: the tiers that come first, and within a tier by luck.
fn in_order(scenario: &Scenario, tiers: &[Option<usize>], waves: &Waves, cells: &[u32], key: Key) -> Vec<u32> {
    let rank = |cell: u32| {
        let tier = tiers[cell as usize];
        waves.first.iter().position(|&first| Some(first) == tier).unwrap_or(scenario.tiers.len())
    };
    let mut order = cells.to_vec();
    order.sort_by_key(|&cell| (rank(cell), key.nth(u64::from(cell)).draw(ORDER), cell));
    order
}

/// How many cells each wave that begins has reached, and when somebody notices, in nanoseconds from the first.
fn reached(waves: &Waves, cells: usize, key: Key) -> (Vec<usize>, f64) {
    let mut reached: Vec<usize> = Vec::new();
    let mut noticed = f64::INFINITY;
    for (wave, size) in waves.sizes.iter().enumerate() {
        let begins = wave as f64 * waves.bake as f64;
        if begins >= noticed {
            break;
        }
        reached.push(size.of(cells).max(reached.last().copied().unwrap_or(0)));
        let luck = key.part(WAVE).nth(wave as u64);
        let is_last = wave + 1 == waves.sizes.len();
        if is_last && noticed.is_infinite() || luck.happens(CAUGHT, waves.caught) {
            noticed = noticed.min(begins + waves.after.quantile(open_unit(luck.draw(DOWN))));
        }
    }
    (reached, noticed)
}

/// Returns effects as a recorded share scales them: that of their errors, or a share of attempts in place of a total failure.
pub fn scaled(effects: &[Effect], share: Option<f64>) -> Vec<Effect> {
    let mut effects = effects.to_vec();
    let Some(recorded) = share else { return effects };
    for effect in &mut effects {
        if let Effect::Errors { share, .. } = effect {
            *share *= recorded;
        }
    }
    if recorded < 1.0 && !effects.iter().any(|effect| matches!(effect, Effect::Errors { .. })) {
        effects = vec![Effect::Errors { share: recorded, per: SharePer::Attempt }];
    }
    effects
}

/// Turns random bits into a probability strictly between 0 and 1.
fn open_unit(bits: u64) -> f64 {
    unit(bits) + 0.5 / 9_007_199_254_740_992.0
}
