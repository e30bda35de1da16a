//! Running what is missing: scenarios on all threads, each kept as soon as it is done.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::found::Found;
use super::journal::{Journal, JournalError};
use crate::experiment::design::work::Work;
use crate::experiment::{self, Options, RunError, Until, Watcher};
use crate::scenario::Scenario;
use crate::{machine, stop};

/// A scenario that is to be run, under the key by which it is kept.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its digest, and what else tells it apart.
    pub key: String,
    /// The scenario.
    pub scenario: Scenario,
}

/// Follows a sweep, and may end it early.
pub trait Follower: Sync {
    /// So many scenarios are to be run.
    fn begun(&self, tasks: usize);
    /// One more is done; what it found.
    fn done(&self, key: &str, found: &Found);
    /// Whether no more should begin.
    fn stopped(&self) -> bool;
}

/// How scenarios are run.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Threads.
    pub threads: usize,
    /// Replications instead of the scenarios'.
    pub replications: Option<u32>,
    /// Seed instead of the scenarios'.
    pub seed: Option<u64>,
}

/// What became of the tasks.
#[derive(Debug, Default)]
pub struct Ran {
    /// What was found, by key; what was done before is among it.
    pub found: BTreeMap<String, Found>,
    /// Why others could not be run, by key.
    pub failed: BTreeMap<String, String>,
}

/// Runs the tasks whose keys are not among what is done.
///
/// # Errors
/// The journal could not be written, or threads could not be started. What was done until then is in the journal.
pub fn run(
    tasks: &[Task],
    done: BTreeMap<String, Found>,
    settings: Settings,
    journal: &mut Journal,
    follower: &dyn Follower,
) -> Result<Ran, JournalError> {
    let missing: Vec<&Task> = tasks.iter().filter(|task| !done.contains_key(&task.key)).collect();
    follower.begun(missing.len());
    let workers = workers(&missing, settings.threads);
    let (next, broken) = (AtomicUsize::new(0), AtomicBool::new(false));
    let shared = Mutex::new((Ran { found: done, failed: BTreeMap::new() }, journal, None));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while !follower.stopped() && !broken.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(task) = missing.get(index) else { break };
                    // Towards the end there are more threads than scenarios.
                    let left = missing.len() - index;
                    let own = if left >= workers { settings.threads / workers } else { settings.threads / left };
                    let result = stop::unless_asked(|| one(task, own.max(1), settings, follower));
                    let Some(result) = result else { break };
                    let mut shared = shared.lock().expect("no thread panics while it holds what was found");
                    let (ran, journal, error) = &mut *shared;
                    match result {
                        Ok(found) => {
                            if let Err(problem) = journal.keep(&task.key, &found) {
                                *error = Some(problem);
                                broken.store(true, Ordering::Relaxed);
                                break;
                            }
                            follower.done(&task.key, &found);
                            ran.found.insert(task.key.clone(), found);
                        }
                        Err(RunError::Interrupted) => break,
                        Err(problem) => {
                            ran.failed.insert(task.key.clone(), problem.to_string());
                        }
                    }
                }
            });
        }
    });
    let (ran, _, error) = shared.into_inner().expect("no thread panics while it holds what was found");
    error.map_or(Ok(ran), Err)
}

/// Returns how many scenarios are run at once: one for each thread, where there is memory for them.
fn workers(tasks: &[&Task], threads: usize) -> usize {
    let largest = tasks.iter().map(|task| Work::of(&task.scenario).bytes(1)).fold(1.0, f64::max);
    let room = machine::memory().map_or(threads, |memory| (memory as f64 / largest) as usize);
    threads.min(room).min(tasks.len()).max(1)
}

fn one(task: &Task, threads: usize, settings: Settings, follower: &dyn Follower) -> Result<Found, RunError> {
    let Settings { replications, seed, .. } = settings;
    let options = Options { threads: Some(threads), replications, seed, until: Until::Done };
    let outcome = experiment::run(&task.scenario, &options, &Passing(follower))?;
    // What was cut short is not what the whole would be.
    if outcome.interrupted() { Err(RunError::Interrupted) } else { Ok(Found::of(&outcome)) }
}

/// Hands the wish to stop on.
struct Passing<'a>(&'a dyn Follower);

impl Watcher for Passing<'_> {
    fn replication_done(&self, _: u32, _: u32) {}

    fn stopped(&self) -> bool {
        self.0.stopped()
    }
}
