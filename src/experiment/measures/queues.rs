//! Rows of queues: how long attempts wait at a stage, and how many wait.
//!
//! # Model
//! The time that attempts waited in a station within the horizon is the time integral of its queue's length. Over the horizon it is the
//! mean length; over the attempts that came it is the mean wait (Little 1961). Those without a place are not among them.

use std::collections::BTreeMap;

use super::table::{About, Rows, has_faults};
use crate::catalogue::{Condition, Metric, Statistic, Unit};
use crate::engine::stats::{self, Estimate};
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::{Collected, Run, WorldCount};
use crate::experiment::replication::busy::Waits;
use crate::scenario::stage::Discipline;
use crate::units::seconds;
use crate::world::platform::Platform;
use crate::world::platform::class::Class;

/// The stations of a stage, in all cells of a workflow or in those of one tier.
type Stations<'a> = BTreeMap<(usize, Option<usize>, &'a str), Vec<usize>>;

fn stations(platform: &Platform) -> Stations<'_> {
    let mut stages = Stations::new();
    for (index, station) in platform.stations.iter().enumerate() {
        let cell = &platform.cells[station.cell as usize];
        stages.entry((cell.workflow, None, &station.stage)).or_default().push(index);
        if cell.tier.is_some() {
            stages.entry((cell.workflow, cell.tier, &station.stage)).or_default().push(index);
        }
    }
    stages
}

/// Adds the rows of every stage with queues.
pub(crate) fn add(rows: &mut Rows<'_>, collected: &Collected, platform: &Platform, unseen: &Unseen<'_>) {
    let faulted = has_faults(rows.scenario);
    let horizon = seconds(rows.scenario.run.horizon);
    let confidence = rows.confidence;
    for ((workflow, tier, stage), stations) in stations(platform) {
        let shared = stations.iter().any(|&at| platform.stations[at].pool.discipline == Discipline::ProcessorSharing);
        let of = |class: &(usize, &Class)| class.1.workflow == workflow && tier.is_none_or(|tier| tier == class.1.tier);
        let classes: Vec<usize> = platform.classes.iter().enumerate().filter(of).map(|class| class.0).collect();
        let classes = classes.as_slice();
        for condition in [Condition::WithFaults, Condition::NoFault] {
            if condition == Condition::WithFaults && !faulted {
                continue;
            }
            let about = About { workflow: Some(workflow), tier, stage, condition, ..About::default() };
            let world = |run: &'_ Run| -> Vec<Waits> {
                let world: &WorldCount = if condition == Condition::NoFault { run.calm() } else { &run.with_faults };
                stations.iter().map(|&at| world.waits[at]).collect()
            };
            let worlds: Vec<Vec<Waits>> = collected.runs.iter().map(world).collect();
            let all = |waits: &Vec<Waits>| {
                waits.iter().fold(Waits::default(), |sum, one| Waits {
                    seconds: sum.seconds + one.seconds,
                    attempts: sum.attempts + one.attempts,
                })
            };
            let waits: Vec<(f64, f64)> = worlds.iter().map(all).map(|all| (all.seconds, all.attempts as f64)).collect();
            // Weighed by the attempts of each replication, as the mean is: no cell's is longer.
            let longest = |waits: &Vec<Waits>| {
                let came = all(waits).attempts as f64;
                let came_to = waits.iter().filter(|one| one.attempts > 0);
                let of_station = came_to.map(|one| one.seconds / one.attempts as f64);
                (of_station.fold(0.0, f64::max) * came, came)
            };
            let longest: Vec<(f64, f64)> = worlds.iter().map(longest).collect();
            let most = |waits: &Vec<Waits>| waits.iter().map(|one| one.seconds / horizon).fold(0.0, f64::max);
            let mean = |waits: &Vec<Waits>| all(waits).seconds / horizon / waits.len() as f64;
            // A wait has no end by construction.
            let range = (0.0, f64::INFINITY);
            let guard = unseen.guard(condition, Some(classes));
            let each = |of: &dyn Fn(&Vec<Waits>) -> f64| {
                let values: Vec<f64> = worlds.iter().map(of).collect();
                guard.mean(&values, range, confidence, |values| stats::mean(values, confidence).not_negative())
            };
            let ratio = |pairs: &[(f64, f64)]| {
                guard.ratio(pairs, range, confidence, |pairs| stats::ratio(pairs, confidence).not_negative())
            };
            let (waits, length) = (ratio(&waits), each(&mean));
            let (longest, most) = (ratio(&longest).no_less_than(&waits), each(&most).no_less_than(&length));
            let found = [
                (Metric::Wait, Statistic::Mean, Unit::Seconds, "attempts that came", waits),
                (Metric::Wait, Statistic::Worst, Unit::Seconds, "attempts that came", longest),
                (Metric::QueueLength, Statistic::Mean, Unit::Plain, "queues", length),
                (Metric::QueueLength, Statistic::Worst, Unit::Plain, "queues", most),
            ];
            for (metric, statistic, unit, denominator, estimate) in found {
                let estimate = if shared { Estimate::null("all are served at once: nobody waits") } else { estimate };
                rows.add((metric, statistic), (unit, denominator), about, estimate);
            }
        }
    }
}
