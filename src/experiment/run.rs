//! Running a scenario: replications in parallel, results in order.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::by_fault::ByFault;
use super::collect::{self, Collected, Slice};
use super::end_rows;
use super::exposure::{self, Exposure};
use super::in_order::in_order;
use super::lookup::Lookup;
use super::results::{Facts, Results};
use super::rows::{self, Rows};
use super::scripted::Scripted;
use super::stopping::{self, Until};
use super::unseen::Unseen;
use super::{
    budget_rows, expectations, fault_rows, latency_rows, queue_rows, replication, run_rows, series, warmup, warnings,
    whole_slots, work,
};
use crate::catalogue::Level;
use crate::diagnostic::Diagnostics;
use crate::machine;
use crate::scenario::Scenario;
use crate::scenario::expectation::Expectation;
use crate::stop;
use crate::units::seconds;
use crate::world::operations::faults::is_awake;
use crate::world::platform::Platform;

/// What the command line may override.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Threads; `None`: one for each core.
    pub threads: Option<usize>,
    /// Replications instead of the scenario's.
    pub replications: Option<u32>,
    /// Seed instead of the scenario's.
    pub seed: Option<u64>,
    /// When to stop.
    pub until: Until,
}

/// Follows a run, and may end it early.
pub trait Watcher: Sync {
    /// The run begins; in each replication [`crate::progress`] is told of so many simulated seconds.
    fn started(&self, of: u32, seconds: f64) {
        let _ = (of, seconds);
    }
    /// One more replication is done.
    fn replication_done(&self, done: u32, of: u32);
    /// Whether no further replication should begin.
    fn stopped(&self) -> bool;
}

/// Why there are no results.
#[derive(Debug)]
pub enum RunError {
    /// The scenario cannot be run: retrying is useless.
    Scenario(Diagnostics),
    /// Interrupted before the first replication was done.
    Interrupted,
    /// The threads could not be started.
    Threads(String),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Scenario(problems) => {
                let lines: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
                formatter.write_str(&lines.join("\n"))
            }
            RunError::Interrupted => formatter.write_str("interrupted before the first replication was done"),
            RunError::Threads(why) => write!(formatter, "cannot start threads: {why}"),
        }
    }
}

impl std::error::Error for RunError {}

pub(super) fn build(scenario: &Scenario) -> Result<Platform, Diagnostics> {
    Platform::new(scenario).map_err(|error| {
        Diagnostics(vec![scenario.error_at(&error.key, &error.message, &error.label, Some(&error.help))])
    })
}

/// Returns what is remarkable about a platform.
fn of_platform(scenario: &Scenario, platform: &Platform, facts: &Facts) -> Vec<String> {
    let mut warnings = warnings::of_platform(platform, facts);
    warnings.extend(whole_slots::warnings(scenario, platform));
    warnings
}

/// Derives what follows from a scenario without running it, and what is remarkable about it.
///
/// # Errors
/// If no platform can be built from it.
pub fn facts(scenario: &Scenario) -> Result<(Facts, Vec<String>), Diagnostics> {
    warmup::check(scenario)?;
    work::check(scenario, machine::processors(), machine::memory())?;
    let platform = Arc::new(build(scenario)?);
    super::years::run::check(scenario, &platform)?;
    let facts = super::facts::facts(scenario, &platform);
    let mut warnings = warnings::of_scenario(scenario);
    warnings.extend(of_platform(scenario, &platform, &facts));
    for expectation in &scenario.expectations {
        if let Some(why) = expectations::unmeasurable(expectation, scenario) {
            let Expectation { metric, file, line, .. } = expectation;
            warnings.push(format!("{metric} at {file}:{line} will not be measured: {why}"));
        }
    }
    Ok((facts, warnings))
}

/// Runs a scenario.
///
/// # Errors
/// If no platform can be built from it, no warm-up is found where one was to be, or nothing was done before it was interrupted.
///
/// # Determinism
/// The results depend on the scenario and its seed alone, not on the number of threads: replications are run in blocks that end
/// where the rule of stopping looks, so that there is nothing beyond to leave out.
pub fn run(scenario: &Scenario, options: &Options, watcher: &dyn Watcher) -> Result<Results, RunError> {
    let mut scenario = scenario.clone();
    scenario.run.replications = options.replications.unwrap_or(scenario.run.replications);
    scenario.run.seed = options.seed.unwrap_or(scenario.run.seed);
    let pool = threads(options)?;
    work::check(&scenario, pool.current_num_threads(), machine::memory()).map_err(RunError::Scenario)?;
    scenario.run.warmup = spared(|| pool.install(|| warmup::of(&scenario)).map_err(RunError::Scenario))?;
    let scenario = &scenario;
    let job = spared(|| Job::new(scenario))?;
    if scenario.run.level == Level::Incident {
        return super::years::run(&job, &pool, options.until, watcher);
    }
    let length = replication::simulated_seconds(scenario);
    stopping::run_until(options.until, (scenario.run.replications, length), watcher, |asked, share| {
        pool.install(|| replicate(std::slice::from_ref(&job), asked, watcher));
        let collected = job.collected.lock().expect("no thread panics while it holds the results");
        (!collected.runs.is_empty()).then(|| results(&job, &collected, (asked, share)))
    })
}

/// Does what comes before the first replication, and may be left if the run is ended.
pub(super) fn spared<T>(work: impl FnOnce() -> Result<T, RunError>) -> Result<T, RunError> {
    stop::unless_asked(work).unwrap_or(Err(RunError::Interrupted))
}

/// Returns the threads that replications run on.
pub(super) fn threads(options: &Options) -> Result<rayon::ThreadPool, RunError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| RunError::Threads(error.to_string()))
}

/// A design whose replications are run.
pub(super) struct Job<'a> {
    /// The scenario, and what was built from it.
    pub(super) scenario: &'a Scenario,
    pub(super) platform: Arc<Platform>,
    pub(super) slices: Vec<Slice>,
    /// What each fault can strike.
    pub(super) exposures: Vec<Option<Exposure>>,
    /// What follows without running it, and what is remarkable about the platform.
    pub(super) facts: Facts,
    pub(super) warnings: Vec<String>,
    /// What its replications found.
    pub(super) collected: Mutex<Collected>,
}

impl<'a> Job<'a> {
    /// Builds what a scenario's replications share.
    pub(super) fn new(scenario: &'a Scenario) -> Result<Job<'a>, RunError> {
        let platform = Arc::new(build(scenario).map_err(RunError::Scenario)?);
        let slices = collect::slices(&platform);
        let exposures = match scenario.run.level {
            Level::Request => exposure::exposures(scenario, &platform),
            Level::Incident => Vec::new(),
        };
        let facts = super::facts::facts(scenario, &platform);
        let warnings = of_platform(scenario, &platform, &facts);
        Ok(Job { scenario, platform, slices, exposures, facts, warnings, collected: Mutex::default() })
    }
}

/// Runs the replications that are missing up to `asked`; those of several designs in turn, so that an interruption leaves about
/// as many of each. Those that are done are always the first ones.
pub(super) fn replicate(jobs: &[Job<'_>], asked: u32, watcher: &dyn Watcher) {
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

/// What was found, with intervals that have this share of the scenario's error.
fn results(job: &Job<'_>, collected: &Collected, (asked, share): (u32, f64)) -> Results {
    let Job { platform, slices, exposures, facts, .. } = job;
    let scenario = &stopping::judging(job.scenario, share);
    let mut rows = Rows { scenario, confidence: scenario.run.confidence, rows: Vec::new() };
    let awake: Vec<usize> = (0..scenario.faults.len())
        .filter(|&fault| {
            let fault = &scenario.faults[fault];
            is_awake(fault, scenario.run.faults)
        })
        .collect();
    let by_fault = ByFault::of(scenario, collected);
    let unseen = Unseen::of(scenario, platform, exposures, collected);
    let mut faults = Vec::new();
    for (fault, exposure) in exposures.iter().enumerate() {
        let Some(exposure) = exposure else { continue };
        let before = rows.rows.len();
        fault_rows::add(&mut rows, &by_fault, (fault, exposure), &unseen);
        let own = &rows.rows[before..];
        faults.push(fault_rows::summary((scenario, platform), own, (collected, &by_fault), fault));
    }
    run_rows::add(&mut rows, collected, &by_fault, (&Scripted::of(scenario, platform), &unseen));
    let budgets = budget_rows::add(&mut rows, collected, &by_fault, facts, exposures);
    rows::requests(&mut rows, collected, slices, &unseen);
    latency_rows::add_while(&mut rows, (collected, &unseen), slices, &awake);
    rows::router(&mut rows, collected, &unseen);
    end_rows::add(&mut rows, collected, &unseen);
    let slots: Vec<u32> = platform.stations.iter().map(|station| station.size.slots).collect();
    queue_rows::add(&mut rows, collected, platform, &unseen);
    rows::platform(&mut rows, collected, facts, (&slots, &unseen));
    let verdicts = expectations::judge_all((scenario, facts), &rows.rows);
    let mut warnings = warnings::of_scenario(scenario);
    warnings.extend(job.warnings.iter().cloned());
    warnings.extend(warnings::of_run(scenario, collected));
    Results {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        scenario_file: scenario.path.display().to_string(),
        seed: scenario.run.seed,
        horizon_seconds: seconds(scenario.run.horizon),
        warmup_seconds: seconds(scenario.run.warmup),
        warmup_found: scenario.run.warmup_is_found,
        confidence: scenario.run.confidence,
        replications_asked: asked,
        replications_done: collected.runs.len() as u32,
        rows: rows.rows,
        faults,
        incidents: fault_rows::incidents(scenario, collected),
        budgets,
        timeline: series::timeline(collected),
        latencies: series::latencies(scenario, collected, slices),
        cells: series::cells(scenario, platform, collected),
        verdicts,
        warnings,
        years: None,
        stopping: None,
        lookup: Lookup::default(),
        store_capacity: scenario.router.as_ref().and_then(|router| router.store.capacity),
        facts: facts.clone(),
    }
}
