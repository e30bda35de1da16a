//! A design whose replications are run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::tasks::in_order;
use super::watch::{Options, RunError, Watcher};
use crate::catalogue::Level;
use crate::diagnostic::Diagnostics;
use crate::experiment::collected::{self, Collected, Slice};
use crate::experiment::design::{facts, warnings, whole_slots};
use crate::experiment::exposure::{self, Exposure};
use crate::experiment::outcome::{Facts, Warning};
use crate::experiment::replication;
use crate::scenario::Scenario;
use crate::world::platform::Platform;

pub(crate) fn build(scenario: &Scenario) -> Result<Platform, Diagnostics> {
    Platform::new(scenario).map_err(|error| {
        Diagnostics(vec![scenario.error_at(&error.key, &error.message, &error.label, Some(&error.help))])
    })
}

/// Returns what is remarkable about a platform.
pub(crate) fn of_platform(scenario: &Scenario, platform: &Platform, facts: &Facts) -> Vec<Warning> {
    let mut warnings = warnings::of_platform(platform, facts);
    warnings.extend(whole_slots::warnings(scenario, platform));
    warnings
}

/// Returns the threads that replications run on.
pub(crate) fn threads(options: &Options) -> Result<rayon::ThreadPool, RunError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| RunError::Threads(error.to_string()))
}

/// A design whose replications are run.
pub(crate) struct Job<'a> {
    /// The scenario, and what was built from it.
    pub(crate) scenario: &'a Scenario,
    pub(crate) platform: Arc<Platform>,
    pub(crate) slices: Vec<Slice>,
    /// What each fault can strike.
    pub(crate) exposures: Vec<Option<Exposure>>,
    /// What follows without running it, and what is remarkable about the platform.
    pub(crate) facts: Facts,
    pub(crate) warnings: Vec<Warning>,
    /// What its replications found.
    pub(crate) collected: Mutex<Collected>,
}

impl<'a> Job<'a> {
    /// Builds what a scenario's replications share.
    pub(crate) fn new(scenario: &'a Scenario) -> Result<Job<'a>, RunError> {
        let platform = Arc::new(build(scenario).map_err(RunError::Scenario)?);
        let slices = collected::slices(&platform);
        let exposures = match scenario.run.level {
            Level::Request => exposure::exposures(scenario, &platform),
            Level::Incident => Vec::new(),
        };
        let facts = facts::facts(scenario, &platform);
        let warnings = of_platform(scenario, &platform, &facts);
        Ok(Job { scenario, platform, slices, exposures, facts, warnings, collected: Mutex::default() })
    }
}

/// Runs the replications that are missing up to `asked`; those of several designs in turn, so that an interruption leaves about
/// as many of each. Those that are done are always the first ones.
pub(crate) fn replicate(jobs: &[Job<'_>], asked: u32, watcher: &dyn Watcher) {
    const SOUND: &str = "no thread panics while it holds the results";
    let first = jobs.iter().map(|job| job.collected.lock().expect(SOUND).runs.len() as u32).min().unwrap_or(asked);
    let designs = jobs.len() as u64;
    let (begin, end) = (u64::from(first) * designs, u64::from(asked) * designs);
    let done = AtomicU64::new(begin);
    in_order(begin..end, watcher, |task| {
        let (job, index) = (&jobs[(task % designs) as usize], (task / designs) as u32);
        let replication = replication::run(job.scenario, &job.platform, index);
        job.collected.lock().expect(SOUND).take(index, replication, &job.slices);
        watcher.replication_done((done.fetch_add(1, Ordering::Relaxed) + 1) as u32, end as u32);
    });
}
