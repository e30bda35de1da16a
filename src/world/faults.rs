//! When faults strike: the activations of one replication.
//!
//! Faults run on their own clocks, keyed by (fault name, instance, activation): never on the platform's state. All activations
//! of a replication are therefore known before it starts. Random clocks start up, at time 0.

use super::platform::Platform;
use super::strikes::{self, Target};
use crate::engine::rng::{Key, Slot, below, unit};
use crate::scenario::Scenario;
use crate::scenario::fault::{Clock, Fault, Schedule};
use crate::scenario::run::FaultChoice;
use crate::units::Nanos;

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
    /// Keys everything this activation draws.
    pub key: Key,
}

const PHASE: Slot = Slot::named("fault/phase");
const UP: Slot = Slot::named("fault/up");
const DOWN: Slot = Slot::named("fault/down");
const WHICH: Slot = Slot::named("fault/which");

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
    let mut activations = Vec::new();
    for (index, fault) in scenario.faults.iter().enumerate() {
        if !is_awake(fault, scenario.run.faults) {
            continue;
        }
        let key = replication.named("fault").named(&fault.name);
        let mut add = |target: Target, onset: Nanos, lasts: Nanos, share: Option<f64>, key: Key| {
            if onset < end {
                let detected = fault.detected_after.map(|after| onset + after).filter(|&at| at < onset + lasts);
                activations.push(Activation { fault: index, target, onset, end: onset + lasts, detected, share, key });
            }
        };
        match &fault.schedule {
            Schedule::Scripted { at, spread, lasts } => {
                let key = key.nth(0);
                let phase = (key.uniform(PHASE) * 2.0 * *spread as f64).round() as Nanos;
                let target = strikes::target(scenario, platform, &fault.strikes, None);
                add(target, platform.warmup + at - spread + phase, *lasts, None, key);
            }
            Schedule::Trace(rows) => {
                for (serial, &(start, stop, share)) in rows.iter().enumerate() {
                    let target = strikes::target(scenario, platform, &fault.strikes, None);
                    add(target, platform.warmup + start, stop - start, share, key.nth(serial as u64));
                }
            }
            Schedule::Random { up, down, clock } => {
                let scope = match clock {
                    Clock::Each(scope) | Clock::OneOf(scope) => *scope,
                };
                let instances = strikes::instances(scenario, platform, &fault.strikes, scope);
                let clocks: Vec<(Key, Option<usize>)> = match clock {
                    Clock::Each(_) => {
                        instances.iter().enumerate().map(|(i, (name, _))| (key.named(name), Some(i))).collect()
                    }
                    Clock::OneOf(_) => vec![(key, None)],
                };
                for (clock, instance) in clocks {
                    let mut at = platform.warmup as f64;
                    for serial in 0_u64.. {
                        let activation = clock.nth(serial);
                        at += up.quantile(open_unit(activation.draw(UP)));
                        if at >= end as f64 || instances.is_empty() {
                            break;
                        }
                        let lasts = down.quantile(open_unit(activation.draw(DOWN)));
                        let which = instance.unwrap_or(below(activation.draw(WHICH), instances.len() as u32) as usize);
                        add(instances[which].1.clone(), at.round() as Nanos, lasts.round() as Nanos, None, activation);
                        at += lasts;
                    }
                }
            }
        }
    }
    activations.sort_by_key(|activation| (activation.onset, activation.fault));
    activations
}

/// Turns random bits into a probability strictly between 0 and 1.
fn open_unit(bits: u64) -> f64 {
    unit(bits) + 0.5 / 9_007_199_254_740_992.0
}
