//! `cellsim run`: the main job.

use std::path::Path;
use std::thread::available_parallelism;
use std::time::Instant;

use super::arguments::{Format, RunArguments};
use super::progress::Progress;
use super::{interrupt, output, place};
use crate::engine::law::sampler_digest;
use crate::experiment::results::Results;
use crate::experiment::{self, RunError};
use crate::report::exit_code::ExitCode;
use crate::report::folder::{self, Charts};
use crate::report::manifest::Provenance;
use crate::report::{json, junit, terminal, verdict};
use crate::scenario::Scenario;

/// Runs a scenario, writes its results and prints the summary.
pub(super) fn run(arguments: &RunArguments) -> ExitCode {
    interrupt::listen();
    let scenario = match Scenario::read(&arguments.scenario.file, &arguments.scenario.sets) {
        Ok(scenario) => scenario,
        Err(problems) => return output::diagnostics(&problems),
    };
    if arguments.decide && scenario.expectations.is_empty() {
        output::error("--decide has nothing to decide: the scenario has no [[expect]]");
        return ExitCode::Usage;
    }
    let target = arguments.out.clone().unwrap_or_else(|| place::results_folder(&arguments.scenario.file));
    if let Err(problem) = folder::check(&target) {
        output::error(&problem.to_string());
        return ExitCode::Failed;
    }
    let start = Instant::now();
    let results = match simulate(&scenario, arguments) {
        Ok(results) => results,
        Err(code) => return code,
    };
    let provenance = Provenance {
        command: place::command(arguments),
        digests: place::digests(&scenario),
        sampler_digest: sampler_digest(),
    };
    let files = match write(&results, &provenance, &target, arguments) {
        Ok(files) => files,
        Err(message) => {
            output::error(&message);
            return ExitCode::Failed;
        }
    };
    let context = terminal::Context {
        folder: target.display().to_string(),
        files,
        seconds: start.elapsed().as_secs_f64(),
        threads: threads(arguments),
        colour: output::colour(),
    };
    let text = match (arguments.format, arguments.quiet) {
        (Format::Json, _) => json::run(&results, &provenance.command, &context.folder, &context.files),
        (Format::Text, true) => verdict::headline(&results).plain() + "\n",
        (Format::Text, false) => terminal::render(&results, &context),
    };
    output::print(&text, ExitCode::of(&results))
}

fn threads(arguments: &RunArguments) -> usize {
    arguments.histories.threads.map_or_else(|| available_parallelism().map_or(1, usize::from), usize::from)
}

fn simulate(scenario: &Scenario, arguments: &RunArguments) -> Result<Results, ExitCode> {
    let options = arguments.histories.options(arguments.until());
    let progress = Progress::new(arguments.quiet);
    let outcome = experiment::run(scenario, &options, &progress);
    progress.finish();
    match outcome {
        Ok(results) => Ok(results),
        Err(problem) => Err(said(&problem)),
    }
}

/// Says why there are no results; returns the exit code.
pub(super) fn said(problem: &RunError) -> ExitCode {
    match problem {
        RunError::Scenario(problems) => output::diagnostics(problems),
        RunError::Threads(_) => {
            output::error(&problem.to_string());
            ExitCode::Failed
        }
        RunError::Interrupted => {
            output::error("interrupted before the first replication was done: nothing is written");
            ExitCode::Failed
        }
    }
}

/// Writes the results folder and the JUnit file; returns the names of the files in the folder.
fn write(
    results: &Results,
    provenance: &Provenance,
    target: &Path,
    arguments: &RunArguments,
) -> Result<Vec<String>, String> {
    let charts = match (arguments.no_charts, arguments.png) {
        (true, _) => Charts::None,
        (false, true) => Charts::SvgAndPng,
        (false, false) => Charts::Svg,
    };
    let files = folder::write(results, provenance, target, charts).map_err(|problem| problem.to_string())?;
    if let Some(path) = &arguments.junit {
        let text = junit::render(results).map_err(|problem| format!("cannot write {}: {problem}", path.display()))?;
        folder::write_single(path, text.as_bytes()).map_err(|problem| problem.to_string())?;
    }
    Ok(files)
}
