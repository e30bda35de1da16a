//! Running years: replications in parallel, results in order.

use std::sync::{Arc, Mutex};

use super::calibration::{Calibration, calibrate};
use super::calibration_error;
use super::certain::{is_certain, make_exact};
use super::doubts;
use super::groups::Groups;
use super::rare::Histories;
use super::replication::replicate;
use super::rows;
use crate::diagnostic::Diagnostics;
use crate::experiment::design::warnings;
use crate::experiment::judge::{self, Known};
use crate::experiment::outcome::lookup::Lookup;
use crate::experiment::outcome::{Found, Outcome};
use crate::experiment::study::job::Job;
use crate::experiment::study::stopping;
use crate::experiment::study::tasks::in_order;
use crate::experiment::study::until::Until;
use crate::experiment::study::watch::{RunError, Watcher, spared};
use crate::measure::ledger::books::Ground;
use crate::measure::ledger::ground::Foundation;
use crate::scenario::Scenario;
use crate::units::seconds;
use crate::world::flow::health::Health;
use crate::world::flow::model::Model;
use crate::world::platform::Platform;

/// Runs a scenario at the incident level.
///
/// # Errors
/// If no run can show the cells down at once that are asked for, or nothing was done before it was interrupted.
pub(crate) fn run(
    job: &Job<'_>,
    pool: &rayon::ThreadPool,
    until: Until,
    watcher: &dyn Watcher,
) -> Result<Outcome, RunError> {
    let Job { scenario, platform, .. } = job;
    let mut foundation = spared(|| Ok(Foundation::new(scenario, platform)))?;
    let rare = spared(|| histories(scenario, &foundation.model, &foundation.health).map_err(RunError::Scenario))?;
    let calibration = scenario.run.calibration.map(|spec| {
        let found = || pool.install(|| calibrate(scenario, platform, spec, watcher));
        spared(|| found().ok_or(RunError::Interrupted))
    });
    let calibration = calibration.transpose()?;
    if let Some(calibration) = &calibration {
        let losses = Arc::new(calibration.losses(None));
        foundation.health = spared(|| Ok(Health::new(scenario, &foundation.model, losses)))?;
    }
    let ground = foundation.ground(scenario);
    let spread = match &calibration {
        Some(calibration) => {
            let found = || pool.install(|| calibration_error::spread(&ground, calibration, watcher));
            spared(|| found().ok_or(RunError::Interrupted))?
        }
        None => Vec::new(),
    };
    let prepared = Prepared { calibration, spread, rare };
    let done = Mutex::new(Groups::default());
    stopping::run_until(until, (scenario.run.replications, seconds(scenario.run.horizon)), watcher, |asked, share| {
        pool.install(|| replications(&ground, &prepared, &done, asked, watcher));
        let done = done.lock().expect(SOUND);
        let judging = stopping::judging(scenario, share);
        let ground = Ground { scenario: &judging, ..ground };
        (done.done > 0).then(|| outcome(&ground, &prepared, job, &done, asked))
    })
}

/// Prepares the histories of cells down at once.
fn histories(scenario: &Scenario, model: &Model, health: &Health) -> Result<Option<Histories>, Diagnostics> {
    Histories::new(scenario, model, health).map_err(|error| {
        Diagnostics(vec![scenario.error_at(&error.key, &error.message, &error.label, Some(&error.help))])
    })
}

/// Refuses a question about cells down at once that no run of this platform can answer.
///
/// # Errors
/// If it is asked.
pub fn check(scenario: &Scenario, platform: &Arc<Platform>) -> Result<(), Diagnostics> {
    if scenario.run.rare.is_none() {
        return Ok(());
    }
    let model = Model::new(scenario, platform);
    histories(scenario, &model, &Health::new(scenario, &model, Arc::default())).map(|_| ())
}

const SOUND: &str = "no thread panics while it holds the results";

/// What all replications share besides the platform.
struct Prepared {
    calibration: Option<Calibration>,
    /// The same years with each of its runs left out.
    spread: Vec<Groups>,
    rare: Option<Histories>,
}

/// Runs the replications that are missing up to `asked`.
fn replications(ground: &Ground<'_>, prepared: &Prepared, done: &Mutex<Groups>, asked: u32, watcher: &dyn Watcher) {
    let first = done.lock().expect(SOUND).done;
    in_order(u64::from(first)..u64::from(asked), watcher, |index| {
        let index = index as u32;
        let mut replication = replicate(ground, index);
        replication.rare = prepared.rare.as_ref().map_or_else(Vec::new, |histories| histories.follow(index));
        let come = done.lock().expect(SOUND).take(replication);
        watcher.replication_done(come, asked);
    });
}

fn outcome(ground: &Ground<'_>, prepared: &Prepared, job: &Job<'_>, done: &Groups, asked: u32) -> Outcome {
    let Job { scenario, platform, facts, .. } = job;
    let table = |done: &Groups| rows::all(ground, facts, prepared.rare.as_ref(), done);
    let (mut rows, mut years) = table(done);
    let others: Vec<_> = prepared.spread.iter().map(table).collect();
    calibration_error::add(&mut rows, &mut years, &others, scenario.run.confidence);
    if is_certain(scenario) && doubts::are_none(ground, done) {
        let of_rows = rows.iter_mut().map(|row| &mut row.estimate);
        of_rows.chain(years.estimates().into_iter().map(|one| one.0)).for_each(make_exact);
    }
    let calibration = prepared.calibration.as_ref();
    years.calibration = calibration.map_or_else(Vec::new, |calibration| calibration.describe(platform));
    let verdicts = judge::judge_all(Known { scenario, facts }, &rows);
    let mut warnings = warnings::of_scenario(scenario);
    warnings.extend(job.warnings.iter().cloned());
    warnings.extend(rows::warnings(ground, &years, done));
    Outcome {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        scenario_file: scenario.path.display().to_string(),
        facts: facts.clone(),
        seed: scenario.run.seed,
        horizon_seconds: seconds(scenario.run.horizon),
        confidence: scenario.run.confidence,
        replications_asked: asked,
        replications_done: done.done,
        rows,
        verdicts,
        warnings,
        stopping: None,
        found: Found::Years(Box::new(years)),
        lookup: Lookup::default(),
    }
}
