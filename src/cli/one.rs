//! Runs one scenario and writes its results.

use std::path::Path;
use std::time::Instant;

use quick_junit::TestSuite;

use super::arguments::{HistoryArguments, RunArguments};
use super::failure::Failure;
use super::progress::Progress;
use super::{output, place};
use crate::engine::law::sampler_digest;
use crate::experiment::outcome::Outcome;
use crate::experiment::{self, Until, design::work};
use crate::machine;
use crate::printable::in_a_line;
use crate::report::exit_code::ExitCode;
use crate::report::folder::{self, Charts};
use crate::report::manifest::Provenance;
use crate::report::{json, junit, single, terminal, verdict};
use crate::scenario::Scenario;

/// A run that is done and written.
pub(super) struct Done {
    /// How it ended.
    pub(super) code: ExitCode,
    /// The verdict, in one line.
    pub(super) headline: String,
    /// The summary for people.
    pub(super) summary: String,
    /// The document for programs.
    pub(super) json: String,
    /// Its expectations as test cases.
    pub(super) suite: TestSuite,
}

/// Runs a scenario and writes its results.
pub(super) fn one(arguments: &RunArguments, file: &Path, target: &Path) -> Result<Done, Failure> {
    let scenario = Scenario::read(file, &arguments.sets).map_err(Failure::scenario)?;
    if let Some(problem) = arguments.histories.doubled(&scenario) {
        return Err(Failure::usage(&problem));
    }
    if arguments.decide && scenario.expectations.is_empty() {
        return Err(Failure::usage("--decide has nothing to decide: the scenario has no [[expect]]"));
    }
    Failure::of_folder(folder::check(target))?;
    begin(&scenario, &arguments.histories, arguments.until(), arguments.quiet)?;
    let start = Instant::now();
    let options = arguments.histories.options(arguments.until());
    let progress = Progress::new(arguments.quiet);
    let outcome = experiment::run(&scenario, &options, &progress);
    progress.finish();
    let results = outcome.map_err(|problem| Failure::of_run(&problem))?;
    let provenance = Provenance {
        command: place::command(arguments, file),
        digests: place::digests(&scenario),
        sampler_digest: sampler_digest(),
    };
    let charts = match (arguments.no_charts, arguments.png) {
        (true, _) => Charts::None,
        (false, true) => Charts::SvgAndPng,
        (false, false) => Charts::Svg,
    };
    let files = folder::write(&results, &provenance, target, charts);
    let files = files.map_err(|problem| Failure::failed(&problem.to_string()))?;
    let context = terminal::Context {
        folder: in_a_line(&target.display().to_string()).into_owned(),
        files,
        seconds: start.elapsed().as_secs_f64(),
        threads: arguments.histories.threads(),
        colour: output::colour(),
        terminal: output::is_terminal(),
    };
    Ok(done(&results, &provenance, &context))
}

fn done(results: &Outcome, provenance: &Provenance, context: &terminal::Context) -> Done {
    Done {
        code: ExitCode::of(results),
        headline: verdict::headline(results).plain(),
        summary: terminal::render(results, context),
        json: json::run(results, &provenance.command, &context.folder, &context.files),
        suite: junit::suite(results),
    }
}

/// What may run without being asked twice, in seconds.
const UNASKED: f64 = 3_600.0;

/// What is worth a line even where nobody watches, in seconds.
const WORTH_A_LINE: f64 = 20.0;

/// Says how much work a run is; refuses what takes hours unless they are asked for.
pub(super) fn begin(
    scenario: &Scenario,
    histories: &HistoryArguments,
    until: Until,
    quiet: bool,
) -> Result<(), Failure> {
    let mut scenario = scenario.clone();
    let asked = histories.replications.unwrap_or(scenario.run.replications);
    // A rule of stopping may end after the first look.
    scenario.run.replications = until.checkpoints(asked)[0];
    let threads = histories.threads();
    work::check(&scenario, threads, machine::memory()).map_err(Failure::scenario)?;
    let work = work::Work::of(&scenario);
    let seconds = work.seconds(threads);
    if seconds > UNASKED && !histories.yes && histories.at_most.is_none() {
        let message = format!("this takes about {} on {threads} threads", crate::report::work::time(seconds));
        let help = "--yes runs it all, --at-most 1h what can be done in an hour";
        return Err(Failure::scenario(work::blamed(&scenario, &message, help)));
    }
    if !quiet && (output::is_watched() || seconds > WORTH_A_LINE) {
        output::remark(&crate::report::work::line_on(&work, threads));
    }
    Ok(())
}

/// Writes the JUnit file, if one is asked for.
pub(super) fn write_junit(arguments: &RunArguments, suites: Vec<TestSuite>) -> Result<(), Failure> {
    let Some(path) = &arguments.junit else { return Ok(()) };
    let failed = |problem: String| Failure::failed(&problem);
    let text =
        junit::document(suites).map_err(|problem| failed(format!("cannot write {}: {problem}", path.display())))?;
    single::write(path, text.as_bytes()).map_err(|problem| failed(problem.to_string()))
}
