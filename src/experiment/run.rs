//! Running a scenario: what follows from it without a run, and what many replications of it find.

use std::sync::Arc;

use super::outcome::{Facts, Outcome, Warning};
use super::study::job::{Job, build, of_platform, threads};
use super::study::warmup;
use super::study::watch::{Options, RunError, Watcher, spared};
use super::{design, judge, requests, years};
use crate::catalogue::Level;
use crate::diagnostic::Diagnostics;
use crate::machine;
use crate::scenario::Scenario;
use crate::scenario::expectation::Expectation;

/// Derives what follows from a scenario without running it, and what is remarkable about it.
///
/// # Errors
/// If no platform can be built from it.
pub fn facts(scenario: &Scenario) -> Result<(Facts, Vec<Warning>), Diagnostics> {
    warmup::check(scenario)?;
    design::work::check(scenario, machine::processors(), machine::memory())?;
    let platform = Arc::new(build(scenario)?);
    years::run::check(scenario, &platform)?;
    let facts = design::facts::facts(scenario, &platform);
    let mut warnings = design::warnings::of_scenario(scenario);
    warnings.extend(of_platform(scenario, &platform, &facts));
    for expectation in &scenario.expectations {
        if let Some(why) = judge::unmeasurable(expectation, scenario) {
            let Expectation { metric, file, line, .. } = expectation;
            let (metric, file, line) = (*metric, file.clone(), *line);
            warnings.push(Warning::WillNotBeMeasured { metric, file, line, why });
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
pub fn run(scenario: &Scenario, options: &Options, watcher: &dyn Watcher) -> Result<Outcome, RunError> {
    let mut scenario = scenario.clone();
    scenario.run.replications = options.replications.unwrap_or(scenario.run.replications);
    scenario.run.seed = options.seed.unwrap_or(scenario.run.seed);
    let pool = threads(options)?;
    design::work::check(&scenario, pool.current_num_threads(), machine::memory()).map_err(RunError::Scenario)?;
    scenario.run.warmup = spared(|| pool.install(|| warmup::of(&scenario)).map_err(RunError::Scenario))?;
    let scenario = &scenario;
    let job = spared(|| Job::new(scenario))?;
    if scenario.run.level == Level::Incident {
        return years::run(&job, &pool, options.until, watcher);
    }
    requests::run(&job, &pool, options.until, watcher)
}
