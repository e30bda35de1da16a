//! Running requests: replications of minutes of requests, and the outcome that they add up to.

use super::bounds::unseen::Unseen;
use super::collected::Collected;
use super::collected::by_fault::ByFault;
use super::design::warnings;
use super::exposure::scripted::Scripted;
use super::judge::{self, Known};
use super::measures::table::Rows;
use super::measures::{self, contracts, faults, last_minute, latency, queues, requests, router, series, whole_run};
use super::outcome::lookup::Lookup;
use super::outcome::{Found, Outcome, Requests};
use super::replication;
use super::study::job::{Job, replicate};
use super::study::stopping;
use super::study::until::Until;
use super::study::watch::{RunError, Watcher};
use crate::units::seconds;
use crate::world::operations::faults::is_awake;

/// Runs a scenario at the request level.
///
/// # Errors
/// If nothing was done before it was interrupted.
pub(super) fn run(
    job: &Job<'_>,
    pool: &rayon::ThreadPool,
    until: Until,
    watcher: &dyn Watcher,
) -> Result<Outcome, RunError> {
    let scenario = job.scenario;
    let length = replication::simulated_seconds(scenario);
    stopping::run_until(until, (scenario.run.replications, length), watcher, |asked, share| {
        pool.install(|| replicate(std::slice::from_ref(job), asked, watcher));
        let collected = job.collected.lock().expect("no thread panics while it holds the results");
        (!collected.runs.is_empty()).then(|| outcome(job, &collected, (asked, share)))
    })
}

/// What was found, with intervals that have this share of the scenario's error.
fn outcome(job: &Job<'_>, collected: &Collected, (asked, share): (u32, f64)) -> Outcome {
    let Job { platform, slices, exposures, facts, .. } = job;
    let scenario = &stopping::judging(job.scenario, share);
    let mut rows = Rows { scenario, confidence: scenario.run.confidence, rows: Vec::new() };
    let awake: Vec<usize> =
        (0..scenario.faults.len()).filter(|&fault| is_awake(&scenario.faults[fault], scenario.run.faults)).collect();
    let by_fault = ByFault::of(scenario, collected);
    let unseen = Unseen::of(scenario, platform, exposures, collected);
    let mut faults = Vec::new();
    for (fault, exposure) in exposures.iter().enumerate() {
        let Some(exposure) = exposure else { continue };
        let before = rows.rows.len();
        faults::add(&mut rows, &by_fault, (fault, exposure), &unseen);
        let own = &rows.rows[before..];
        faults.push(faults::summary((scenario, platform), own, (collected, &by_fault), fault));
    }
    whole_run::add(&mut rows, collected, &by_fault, (&Scripted::of(scenario, platform), &unseen));
    let budgets = contracts::add(&mut rows, collected, &by_fault, facts, exposures);
    requests::add(&mut rows, collected, slices, &unseen);
    latency::add_while(&mut rows, (collected, &unseen), slices, &awake);
    router::add(&mut rows, collected, &unseen);
    last_minute::add(&mut rows, collected, &unseen);
    let slots: Vec<u32> = platform.stations.iter().map(|station| station.size.slots).collect();
    queues::add(&mut rows, collected, platform, &unseen);
    measures::platform::add(&mut rows, collected, facts, (&slots, &unseen));
    let verdicts = judge::judge_all(Known { scenario, facts }, &rows.rows);
    let mut warnings = warnings::of_scenario(scenario);
    warnings.extend(job.warnings.iter().cloned());
    warnings.extend(warnings::of_run(scenario, collected));
    let found = Requests {
        warmup_seconds: seconds(scenario.run.warmup),
        warmup_found: scenario.run.warmup_is_found,
        faults,
        incidents: faults::incidents(scenario, collected),
        budgets,
        timeline: series::timeline(collected),
        store_capacity: scenario.router.as_ref().and_then(|router| router.store.capacity),
        latencies: series::latencies(scenario, collected, slices),
        cells: series::cells(scenario, platform, collected),
        lookup: Lookup::default(),
    };
    Outcome {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        scenario_file: scenario.path.display().to_string(),
        facts: facts.clone(),
        seed: scenario.run.seed,
        horizon_seconds: seconds(scenario.run.horizon),
        confidence: scenario.run.confidence,
        replications_asked: asked,
        replications_done: collected.runs.len() as u32,
        rows: rows.rows,
        verdicts,
        warnings,
        stopping: None,
        found: Found::Requests(Box::new(found)),
        lookup: Lookup::default(),
    }
}
