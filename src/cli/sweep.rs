//! `cellsim sweep`: many points of a design.

use std::path::Path;
use std::time::Instant;

use super::arguments::SweepArguments;
use super::failure::Failure;
use super::sweep_arguments::SweepFormat;
use super::sweep_progress::SweepProgress;
use super::{interrupt, output, place};
use crate::catalogue::{Level, Spec};
use crate::diagnostic::Diagnostic;
use crate::engine::law::sampler_digest;
use crate::experiment::design::work::Work;
use crate::printable::in_a_line;
use crate::report::exit_code::ExitCode;
use crate::report::folder::Charts;
use crate::report::manifest::Provenance;
use crate::report::{folder, junit, single, work};
use crate::scenario::space::Space;
use crate::sweep::journal::{Journal, JournalError, Study};
use crate::sweep::outcome::{self, Sweep};
use crate::sweep::points::{self, Tried};
use crate::sweep::run::{Ran, Settings, Task, run};
use crate::sweep::{dry, files, text, trials};

/// Runs the points of a study, writes what they found and prints the summary.
pub(super) fn sweep(arguments: &SweepArguments) -> ExitCode {
    interrupt::begin(&arguments.histories);
    match swept(arguments) {
        Ok((text, code)) => output::print(&text, code),
        Err(failure) => failure.say(arguments.format.of_errors()),
    }
}

fn swept(arguments: &SweepArguments) -> Result<(String, ExitCode), Failure> {
    let start = Instant::now();
    let space = Space::read(&arguments.file, &arguments.varies, &arguments.sets).map_err(Failure::scenario)?;
    check(arguments, &space)?;
    let base = space.scenarios[0].run;
    let (replications, seed) =
        (arguments.histories.replications.unwrap_or(base.replications), arguments.histories.seed.unwrap_or(base.seed));
    let points = space.points(arguments.points.0, arguments.max_points as usize, seed).map_err(Failure::scenario)?;
    let tried = points::resolve(&space, &points).map_err(Failure::scenario)?;
    let threads = arguments.histories.threads();
    let settings = Settings { threads, replications: arguments.histories.replications, seed: arguments.histories.seed };
    let tasks = outcome::tasks(&tried);
    let seconds = seconds(&tasks, settings);
    if arguments.dry_run {
        let text = match arguments.format {
            SweepFormat::Text => dry::text(&space, &tried, tasks.len(), seconds, threads),
            SweepFormat::Json | SweepFormat::Jsonl => dry::json(&space, &tried, tasks.len(), seconds),
        };
        return Ok((text, ExitCode::Fine));
    }
    let target = arguments.out.clone().unwrap_or_else(|| place::sweep_folder(&space.name));
    Failure::of_folder(folder::check_for(&target, files::names()))?;
    begin(arguments, seconds, tasks.len(), threads)?;
    let mut sweep = kept(arguments, space, tried, &tasks, (&target, settings), (replications, seed))?;
    let done = written(arguments, &sweep, &target, start)?;
    if let Some(journal) = sweep.journal.take() {
        journal.finish();
    }
    Ok(done)
}

/// Runs what the journal does not hold: the points, the winner again, and what else would move what no lever moves.
fn kept(
    arguments: &SweepArguments,
    space: Space,
    tried: Vec<Tried>,
    tasks: &[Task],
    (target, settings): (&Path, Settings),
    run_of: (u32, u64),
) -> Result<Sweep, Failure> {
    let unkept = |error: JournalError| match error {
        JournalError::Other(..) => {
            let problem = Diagnostic::file("", error.to_string());
            let help = "--fresh begins anew (the old one is kept as study.journal.1), --out writes elsewhere";
            Failure::scenario(problem.help(help).into())
        }
        JournalError::Busy(_) | JournalError::Io(..) => Failure::failed(&format!(
            "{error}; nothing that is done is lost, the same command goes on: {}",
            place::sweep_command(arguments)
        )),
    };
    let (mut journal, done) =
        Journal::open(target, &study(arguments, &space, run_of), arguments.fresh).map_err(unkept)?;
    let lines = arguments.format == SweepFormat::Jsonl;
    let progress = SweepProgress::new(arguments.quiet, lines, &space, &tried);
    progress.know(&done);
    let more = |tasks: &[Task], ran: Ran, journal: &mut Journal| {
        let next = run(tasks, ran.found, settings, journal, &progress)?;
        Ok(Ran { found: next.found, failed: ran.failed.into_iter().chain(next.failed).collect() })
    };
    let all = || -> Result<Sweep, JournalError> {
        let ran = more(tasks, Ran { found: done, ..Ran::default() }, &mut journal)?;
        let mut sweep = Sweep::of(space, tried, &ran, &arguments.show, run_of);
        if sweep.interrupted() {
            return Ok(sweep);
        }
        let mut ran = ran;
        if let Some(winner) = sweep.winner {
            let again = outcome::again(&sweep.points[winner].tried, settings.replications);
            ran = more(&again, ran, &mut journal)?;
            sweep.measured_again(&ran);
        }
        let reference = sweep.reference.map(|at| sweep.points[at].tried.point.clone());
        if let Some(point) = reference.filter(|_| !sweep.unmoved().is_empty()) {
            if sweep.space.scenarios.iter().all(|scenario| scenario.run.level == Level::Incident) {
                let trials = trials::list(&sweep.space, &point);
                ran = more(&trials::tasks(&trials), ran, &mut journal)?;
                sweep.tried(trials, &ran);
            } else {
                sweep.no_trials();
            }
        }
        sweep.cut_short = interrupt::stopped();
        if !sweep.cut_short && !arguments.keep_journal {
            sweep.journal = Some(journal);
        }
        Ok(sweep)
    };
    let sweep = all();
    progress.finish();
    sweep.map_err(unkept)
}

/// Refuses what can be told before anything is read.
fn check(arguments: &SweepArguments, space: &Space) -> Result<(), Failure> {
    for scenario in &space.scenarios {
        if let Some(problem) = arguments.histories.doubled(scenario) {
            return Err(Failure::usage(&problem));
        }
    }
    for id in &arguments.show {
        let metric = id.split(['.', '{', '@', ':']).next().unwrap_or_default();
        let known: Vec<&str> = Spec::expectable().map(|spec| spec.name).collect();
        if !known.contains(&metric) && !metric.starts_with("cost") {
            let message = format!("--show {id}: there is no metric `{metric}`; metrics: {}", known.join(", "));
            return Err(Failure::usage(&message));
        }
    }
    Ok(())
}

/// Refuses what takes hours unless it is asked for, and says how long the rest takes.
fn begin(arguments: &SweepArguments, seconds: f64, tasks: usize, threads: usize) -> Result<(), Failure> {
    const UNASKED: f64 = 3_600.0;
    const WORTH_A_LINE: f64 = 20.0;
    if seconds > UNASKED && !arguments.histories.yes && arguments.histories.at_most.is_none() {
        let message = format!("{tasks} scenarios take about {} on {threads} threads", work::time(seconds));
        let help = "--yes runs them all, --at-most 1h what can be done in an hour, --points latin:50 some of them";
        return Err(Failure::scenario(Diagnostic::file("", message).help(help).into()));
    }
    if !arguments.quiet && (output::is_watched() || seconds > WORTH_A_LINE) {
        output::remark(&format!("{tasks} scenarios, about {} on {threads} threads", work::time(seconds)));
    }
    Ok(())
}

/// Estimates how long tasks take.
fn seconds(tasks: &[Task], settings: Settings) -> f64 {
    let each = tasks.iter().map(|task| {
        let mut scenario = task.scenario.clone();
        scenario.run.replications = settings.replications.unwrap_or(scenario.run.replications);
        Work::of(&scenario).cpu_seconds
    });
    each.sum::<f64>() / settings.threads as f64
}

/// Returns which study a journal is of.
fn study(arguments: &SweepArguments, space: &Space, (replications, seed): (u32, u64)) -> Study {
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let mut facts = vec![
        fact("cellsim", env!("CARGO_PKG_VERSION").to_owned()),
        fact("what the samplers draw", sampler_digest()),
        fact("replications", replications.to_string()),
        fact("seed", seed.to_string()),
        fact("points", arguments.points.to_string()),
        fact("--vary", arguments.varies.join(" ")),
        fact("--set", arguments.sets.join(" ")),
    ];
    facts.extend(place::digests_of(&space.digests));
    Study { facts }
}

fn written(
    arguments: &SweepArguments,
    sweep: &Sweep,
    target: &Path,
    start: Instant,
) -> Result<(String, ExitCode), Failure> {
    let command = place::sweep_command(arguments);
    let provenance = Provenance {
        command: command.clone(),
        digests: place::digests_of(&sweep.space.digests),
        sampler_digest: sampler_digest(),
    };
    let charts = match (arguments.no_charts, arguments.png) {
        (true, _) => Charts::None,
        (false, true) => Charts::SvgAndPng,
        (false, false) => Charts::Svg,
    };
    let names = files::write(sweep, &provenance, target, charts).map_err(|problem| {
        Failure::failed(&format!("{problem}; nothing that is done is lost, the same command goes on: {command}"))
    })?;
    if let Some(path) = &arguments.junit {
        let failed = |problem: String| Failure::failed(&format!("cannot write {}: {problem}", path.display()));
        let text = junit::document(vec![text::suite(sweep)]).map_err(|problem| failed(problem.to_string()))?;
        single::write(path, text.as_bytes()).map_err(|problem| Failure::failed(&problem.to_string()))?;
    }
    let folder = in_a_line(&target.display().to_string()).into_owned();
    let code = sweep.exit_code();
    if sweep.interrupted() {
        output::remark(&format!("what is left goes on with the same command: {command}"));
    }
    let text = match (arguments.format, arguments.quiet) {
        (SweepFormat::Jsonl, _) => files::line(sweep, &folder),
        (SweepFormat::Json, _) => files::json(sweep, &command, &folder, &names),
        (SweepFormat::Text, true) => text::headline(sweep).line(sweep, output::colour()) + "\n",
        (SweepFormat::Text, false) => {
            let threads = arguments.histories.threads();
            let took = format!(
                "seed {} · {:.1} s, {threads} thread{}",
                sweep.seed,
                start.elapsed().as_secs_f64(),
                if threads == 1 { "" } else { "s" }
            );
            format!(
                "{}{folder}/  {}      {took}\n",
                text::render(sweep, output::colour(), output::is_terminal()),
                names.join(", ")
            )
        }
    };
    Ok((text, code))
}
