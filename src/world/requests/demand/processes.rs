//! The processes of a replication: whose requests come from the start.

use std::sync::Arc;

use super::arrivals::{Arrival, Arrivals};
use crate::engine::alias::Alias;
use crate::engine::rng::Key;
use crate::units::NEVER;
use crate::world::platform::Platform;
use crate::world::platform::class::Class;
use crate::world::platform::population::Process;
use crate::world::requests::setting::Setting;

/// Starts the processes of a replication: of the base demand, of the recorded requests, and of those who join later.
pub fn all(setting: &Setting, trace: &Arc<Vec<Arrival>>) -> Arrivals {
    let platform = &setting.platform;
    let mut arrivals = base(platform, setting.key);
    if !trace.is_empty() {
        arrivals.add_trace(Arc::clone(trace));
    }
    for &(class, first, count) in &setting.newcomers.groups {
        let spec = &platform.classes[class as usize];
        let key = newcomers_key(setting.key, spec);
        let rate = (spec.mean_rate * f64::from(count), spec.batch);
        let alias = Arc::new(Alias::Equal(count));
        arrivals.add_process(key, class, &spec.profile, platform.warmup, alias, first, rate, (0, NEVER), false);
    }
    arrivals
}

/// Starts the processes of the base demand of a replication.
pub fn base(platform: &Platform, key: Key) -> Arrivals {
    let mut arrivals = Arrivals::default();
    for process in &platform.population.processes {
        let Process { class, first, rate, alias, .. } = process;
        arrivals.add_process(
            base_key(key, process),
            *class,
            &platform.classes[*class as usize].profile,
            platform.warmup,
            Arc::clone(alias),
            *first,
            (*rate, platform.classes[*class as usize].batch),
            (0, NEVER),
            false,
        );
    }
    arrivals
}

/// Returns the key of a process of the base demand.
pub(super) fn base_key(replication: Key, process: &Process) -> Key {
    replication.named("process").named(&process.name)
}

/// Returns the key of the requests of a class's newcomers.
pub fn newcomers_key(replication: Key, class: &Class) -> Key {
    replication.named("newcomers").named(&class.name)
}
