//! Seldom demand: whether a class has any request in a replication, without running it.
//!
//! Arrivals are drawn by key, so that the first instant of a process is known to whoever draws it again.

use super::arrivals::has_any;
use super::processes::{base_key, newcomers_key};
use super::surges::surges;
use crate::engine::rng::Key;
use crate::scenario::fault::Effect;
use crate::units::Nanos;
use crate::world::requests::setting::Setting;

/// Returns for each of some classes whether it has a request, or a batch of them, from one instant until before another: with what
/// demand faults add, or without.
pub fn have_any(setting: &Setting, classes: &[u16], (since, until): (Nanos, Nanos), with_surges: bool) -> Vec<bool> {
    let platform = &setting.platform;
    let mut has = vec![false; classes.len()];
    let mut look = |class: u16, key: Key, rate: f64, within: (Nanos, Nanos)| {
        let Some(at) = classes.iter().position(|&one| one == class) else { return };
        let spec = &platform.classes[class as usize];
        has[at] = has[at] || has_any(key, &spec.profile, platform.warmup, (rate, spec.batch), within, since);
    };
    for process in &platform.population.processes {
        look(process.class, base_key(setting.key, process), process.rate, (0, until));
    }
    for &(class, _, count) in &setting.newcomers.groups {
        let spec = &platform.classes[class as usize];
        look(class, newcomers_key(setting.key, spec), spec.mean_rate * f64::from(count), (0, until));
    }
    for activation in setting.activations.iter().filter(|one| with_surges && one.onset < until) {
        for effect in setting.effects(activation) {
            let Effect::Demand { factor } = effect else { continue };
            if factor > 1.0 {
                for surge in surges(setting, activation, factor) {
                    look(surge.class, surge.key, surge.rate, (activation.onset, activation.end.min(until)));
                }
            }
        }
    }
    has
}
