//! Calibration: request-level runs without faults that tell flows how many attempts fail in health.
//!
//! # Model
//! The same platform, every client with one attempt and no hedge, at a few multiples of the usual demand up to where the
//! busiest station would be busy for 95 %, at most ten times the usual demand (without stations the usual one: no load slows a delay). For each class the runs' failed share is set against what theory says of the same
//! state. The runs are an estimate and their error is common to all years: more replications do not make it smaller
//! ([`super::calibration_error`]). A class of which fewer than ten attempts have failed is left to theory: runs are no judge of
//! what they do not see.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use crate::catalogue::Level;
use crate::experiment::replication;
use crate::experiment::study::watch::Watcher;
use crate::scenario::Scenario;
use crate::scenario::calibration::Calibration as Spec;
use crate::scenario::demand::Profile;
use crate::scenario::run::FaultChoice;
use crate::units::MINUTE;
use crate::world::flow::health::Health;
use crate::world::flow::losses::{Losses, Point};
use crate::world::flow::model::Model;
use crate::world::platform::Platform;

/// How busy the busiest station is at the greatest load.
const BUSIEST: f64 = 0.95;
/// Multiple of the usual load beyond which nothing is tried, however idle the stations are.
const MOST: f64 = 10.0;
/// Failed attempts from which runs are believed.
const SEEN: u64 = 10;
/// Where theory knows less than this share of what runs have found, the rest is added.
const BLIND: f64 = 1e-3;

/// Attempts of one class in one run.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    failed: u64,
    all: u64,
}

/// What runs at one load have found.
#[derive(Debug)]
struct AtLoad {
    load: f64,
    /// By run and class.
    runs: Vec<Vec<Count>>,
    /// Failed share in theory, by class.
    theory: Vec<f64>,
}

/// What the runs have found.
#[derive(Debug)]
pub struct Calibration {
    loads: Vec<AtLoad>,
}

/// Runs the platform at the request level; `None` if it was interrupted.
pub fn calibrate(scenario: &Scenario, platform: &Platform, spec: Spec, watcher: &dyn Watcher) -> Option<Calibration> {
    let mut pilot = scenario.clone();
    pilot.faults.clear();
    pilot.run.level = Level::Request;
    pilot.run.faults = FaultChoice::Scripted;
    (pilot.run.warmup, pilot.run.horizon) = (MINUTE, spec.horizon);
    let busiest = Model::new(scenario, &Arc::new(platform.clone())).busiest();
    // Where demand changes, from its least factor on: below half of the usual load a station hardly loses anything.
    let factors = || platform.classes.iter().flat_map(|class| &class.profile.steps).map(|step| step.1);
    let least = factors().fold(1.0, f64::min).max(0.5);
    let bearable = if busiest > 0.0 { (BUSIEST / busiest).min(MOST) } else { 1.0 };
    let most = bearable.max(factors().fold(1.0, f64::max));
    let mut loads = vec![least, f64::midpoint(least, most), most];
    loads.dedup();
    let platforms: Vec<(f64, Arc<Platform>)> =
        loads.into_iter().map(|load| (load, Arc::new(at_load(platform, &pilot, load)))).collect();
    let tasks: Vec<(usize, u32)> =
        (0..platforms.len()).flat_map(|load| (0..spec.replications).map(move |run| (load, run))).collect();
    let (of, done) = (tasks.len() as u32, AtomicU32::new(0));
    watcher.started(of, replication::simulated_seconds(&pilot));
    let counts: Vec<Option<Vec<Count>>> = tasks
        .par_iter()
        .with_max_len(1)
        .map(|&(load, run)| {
            // Histories that no replication of the scenario has.
            let index = u32::MAX - (load as u32 * spec.replications + run);
            let counts = (!watcher.stopped()).then(|| counts(&replication::run(&pilot, &platforms[load].1, index)));
            watcher.replication_done(done.fetch_add(1, Ordering::Relaxed) + 1, of);
            counts
        })
        .collect();
    let counts: Vec<Vec<Count>> = counts.into_iter().collect::<Option<_>>()?;
    let runs = counts.chunks(spec.replications as usize).map(<[_]>::to_vec);
    let loads = platforms.into_iter().zip(runs);
    let loads = loads.map(|((load, platform), runs)| AtLoad { load, runs, theory: theory(&pilot, &platform) });
    Some(Calibration { loads: loads.collect() })
}

/// The platform with so many times the demand, clients that try once, and a horizon of its own.
fn at_load(platform: &Platform, pilot: &Scenario, load: f64) -> Platform {
    let mut platform = platform.clone();
    (platform.warmup, platform.horizon) = (pilot.run.warmup, pilot.run.horizon);
    let population = Arc::make_mut(&mut platform.population);
    population.rate.iter_mut().for_each(|rate| *rate *= load as f32);
    population.processes.iter_mut().for_each(|process| process.rate *= load);
    for class in &mut platform.classes {
        class.mean_rate *= load;
        (class.client.attempts, class.client.hedge) = (1, None);
        class.profile = Arc::new(Profile::constant());
    }
    platform
}

fn counts(replication: &replication::Replication) -> Vec<Count> {
    let tallies = &replication.with_faults.tallies;
    tallies.iter().map(|tally| Count { failed: tally.all_failed(), all: tally.requests }).collect()
}

/// The failed share of each class's attempts, as flows see it.
fn theory(pilot: &Scenario, platform: &Arc<Platform>) -> Vec<f64> {
    let model = Model::new(pilot, platform);
    let health = Health::new(pilot, &model, Arc::default());
    let mut sums = vec![(0.0, 0.0); platform.classes.len()];
    for (index, tenancy) in model.tenancies.iter().enumerate() {
        let sum: &mut (f64, f64) = &mut sums[tenancy.class as usize];
        *sum = (sum.0 + tenancy.rate * health.failed(index)[0], sum.1 + tenancy.rate);
    }
    sums.into_iter().map(|(failed, rate)| if rate > 0.0 { failed / rate } else { 0.0 }).collect()
}

impl AtLoad {
    /// Attempts of a class in all runs, or in all but one.
    fn sum(&self, class: usize, without: Option<usize>) -> Count {
        let runs = self.runs.iter().enumerate().filter(|(run, _)| Some(*run) != without).map(|(_, run)| run[class]);
        runs.fold(Count::default(), |sum, run| Count { failed: sum.failed + run.failed, all: sum.all + run.all })
    }

    fn is_seen(&self, class: usize) -> bool {
        self.sum(class, None).failed >= SEEN
    }

    fn point(&self, class: usize, without: Option<usize>) -> Point {
        let (all, count, theory) = (self.sum(class, None), self.sum(class, without), self.theory[class]);
        if !self.is_seen(class) {
            return Point { load: self.load, factor: 1.0, extra: 0.0 };
        }
        let found = |count: Count| count.failed as f64 / count.all.max(1) as f64;
        // Whether theory is to be corrected or added to does not depend on the run that is left out.
        match theory > BLIND * found(all) {
            true => Point { load: self.load, factor: found(count) / theory, extra: 0.0 },
            false => Point { load: self.load, factor: 1.0, extra: found(count) },
        }
    }
}

impl Calibration {
    /// Returns how many runs there are at each load.
    pub fn runs(&self) -> usize {
        self.loads.first().map_or(0, |at| at.runs.len())
    }

    /// Returns what all runs say, or all but one at each load.
    pub fn losses(&self, without: Option<usize>) -> Losses {
        let classes = self.loads.first().map_or(0, |at| at.theory.len());
        let of = |class: usize| self.loads.iter().map(|at| at.point(class, without)).collect();
        Losses((0..classes).map(of).collect())
    }

    /// Describes what was found, a line for each class and load.
    pub fn describe(&self, platform: &Platform) -> Vec<String> {
        let line = |at: &AtLoad, class: usize| {
            let count = at.sum(class, None);
            let verdict = if at.is_seen(class) { "the runs are used" } else { "too few to tell: theory stands" };
            format!(
                "{} at {:.2} times the usual load: {} of {} attempts failed, theory {:.3e}; {verdict}",
                platform.classes[class].name, at.load, count.failed, count.all, at.theory[class]
            )
        };
        let classes = 0..platform.classes.len();
        classes.flat_map(|class| self.loads.iter().map(move |at| line(at, class))).collect()
    }
}
