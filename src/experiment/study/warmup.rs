//! The warm-up, found: how long a platform that begins empty still remembers it.
//!
//! # Model
//! Pilot replications without warm-up and without faults, on chance of their own. Of each tier, the mean time in system of the
//! requests that arrive in a bin of the horizon, averaged over the pilots, is a series; MSER-5 says where to cut it. The longest
//! of the tiers' holds for all replications, worlds and twins, rounded up to a whole second.
//!
//! A platform whose demand changes with time never settles: it needs whole periods, not a cut.

use std::sync::Arc;

use rayon::prelude::*;

use super::job::build;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::stats::mser5;
use crate::scenario::Scenario;
use crate::units::{Nanos, SECOND};
use crate::world::requests::demand::arrivals;
use crate::world::requests::happening::{Happening, Observer};
use crate::world::requests::{setting::Setting, world::World};

/// Pilot replications.
const PILOTS: u32 = 5;
/// Bins of the horizon, at first: neighbours are put together until none is empty.
const BINS: usize = 1000;
/// With fewer bins there is no series to speak of.
const LEAST_BINS: usize = 50;

/// Sums times in system by bin of arrival, for each tier.
struct Pilot {
    setting: Arc<Setting>,
    width: Nanos,
    /// By tier and bin: nanoseconds, requests.
    sums: Vec<Vec<(u64, u64)>>,
}

impl Observer for Pilot {
    fn happened(&mut self, happening: Happening) {
        let Happening::Resolved(request) = happening else { return };
        let tier = self.setting.platform.classes[request.class as usize].tier;
        if let Some((sum, n)) = self.sums[tier].get_mut((request.arrival / self.width) as usize) {
            *sum += request.at - request.arrival;
            *n += 1;
        }
    }
}

/// Returns the warm-up of a scenario: the given one, or the one that is found.
///
/// # Errors
/// See [`check`]; and if a tier has too few requests, or has not settled in the first half of the horizon.
pub(crate) fn of(scenario: &Scenario) -> Result<Nanos, Diagnostics> {
    if !scenario.run.warmup_is_found {
        return Ok(scenario.run.warmup);
    }
    check(scenario)?;
    let mut pilot = scenario.clone();
    pilot.run.warmup = 0;
    pilot.faults.clear();
    let platform = Arc::new(build(&pilot)?);
    let width = (scenario.run.horizon / BINS as Nanos).max(1);
    let pilots: Vec<Vec<Vec<(u64, u64)>>> = (0..PILOTS)
        .into_par_iter()
        .map(|index| {
            // Chance that no counted replication has: these count from 0.
            let setting = Arc::new(Setting::new(&pilot, &platform, u32::MAX - index));
            let rows = Arc::new(arrivals::trace(&platform, &pilot.trace, setting.key));
            let sums = vec![vec![(0, 0); BINS]; pilot.tiers.len()];
            let mut observer = Pilot { setting: Arc::clone(&setting), width, sums };
            World::new(setting, &rows)
                .run_while_it_counts(platform.horizon + platform.longest_deadline + 1, &mut observer);
            observer.sums
        })
        .collect();
    let mut longest = 0;
    for (tier, spec) in scenario.tiers.iter().enumerate() {
        let of_tier: Vec<&[(u64, u64)]> = pilots.iter().map(|sums| sums[tier].as_slice()).collect();
        if of_tier.iter().copied().flatten().all(|bin| bin.1 == 0) {
            continue;
        }
        let problem = |message: String| Err(Diagnostics(vec![refusal(scenario, &message)]));
        let Some((series, bins)) = series(&of_tier) else {
            return problem(format!("{} has too few requests to find a warm-up", spec.name));
        };
        match mser5(&series) {
            Some(cut) if cut.settled => longest = longest.max(cut.observations as Nanos * bins as Nanos * width),
            _ => return problem(format!("{} has not settled in the first half of the horizon", spec.name)),
        }
    }
    Ok(longest.div_ceil(SECOND) * SECOND)
}

/// Refuses to find a warm-up where there is none to be found.
///
/// # Errors
/// If demand changes with time. (That no fault strikes before the warm-up is over is the scenario reader's business.)
pub(crate) fn check(scenario: &Scenario) -> Result<(), Diagnostics> {
    if !scenario.run.warmup_is_found {
        return Ok(());
    }
    let changes = |class: &crate::scenario::workflow::Class| {
        let first = class.profile.steps.first().map(|step| step.1);
        class.profile.steps.iter().any(|step| Some(step.1) != first)
    };
    let changing = scenario.workflows.iter().find(|workflow| workflow.classes.iter().flatten().any(changes));
    if let Some(workflow) = changing {
        let message = format!("no warm-up can be found: the demand of {} changes with time", workflow.name);
        return Err(Diagnostics(vec![refusal(scenario, &message)]));
    }
    if !scenario.trace.is_empty() {
        return Err(Diagnostics(vec![refusal(scenario, "no warm-up can be found for recorded requests")]));
    }
    Ok(())
}

fn refusal(scenario: &Scenario, message: &str) -> Diagnostic {
    let help = "give it, as in warmup = \"5min\": whole periods where demand changes, and time enough for caches and queues to fill";
    scenario.error_at("run.warmup", message, "to be found", Some(help))
}

/// Returns the series of means over all pilots and how many bins were put together; `None` with too few requests.
fn series(pilots: &[&[(u64, u64)]]) -> Option<(Vec<f64>, usize)> {
    let mut together = 1;
    while BINS / together >= LEAST_BINS {
        let sum = |bin: usize| {
            let bins = pilots.iter().flat_map(|pilot| &pilot[bin * together..(bin + 1) * together]);
            bins.fold((0, 0), |(sum, n), &(more, requests)| (sum + more, n + requests))
        };
        let sums: Vec<(u64, u64)> = (0..BINS / together).map(sum).collect();
        if sums.iter().all(|&(_, n)| n > 0) {
            return Some((sums.into_iter().map(|(sum, n)| sum as f64 / n as f64).collect(), together));
        }
        together *= 2;
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn empty_bins_are_put_together() {
        let mut sparse = vec![(0, 0); BINS];
        sparse.iter_mut().step_by(4).for_each(|bin| *bin = (6, 2));
        let (means, together) = series(&[&sparse]).unwrap();
        assert_eq!((means.len(), together), (250, 4));
        assert!(means.iter().all(|&mean| mean == 3.0));
        assert!(series(&[&vec![(0, 0); BINS]]).is_none());
    }
}
