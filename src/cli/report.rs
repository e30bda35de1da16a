//! `cellsim report`: a results folder as one page.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use clap::Parser as _;

use super::arguments::{Arguments, Command, ReportArguments, RunArguments};
use super::failure::Failure;
use super::{output, place};
use crate::catalogue::Level;
use crate::engine::law::sampler_digest;
use crate::experiment::replay::history::Replay;
use crate::experiment::replay::record;
use crate::files;
use crate::number;
use crate::printable::in_a_line;
use crate::report::exit_code::ExitCode;
use crate::report::page::render::render;
use crate::report::page::replay::lines::{TABLE, csv};
use crate::report::page::replay::view::View;
use crate::report::page::replay::which::Which;
use crate::report::page::sealed::{Kind, Sealed};
use crate::report::page::shown::Shown;
use crate::report::single;
use crate::scenario::Scenario;

/// Most bytes of a scenario file that is shown.
const LARGEST_SOURCE: u64 = 200_000;

/// Makes the page.
pub(super) fn report(arguments: &ReportArguments) -> ExitCode {
    match page(arguments) {
        Ok(text) => output::print(&text, ExitCode::Fine),
        Err(failure) => {
            failure.explain();
            failure.code
        }
    }
}

fn page(arguments: &ReportArguments) -> Result<String, Failure> {
    let mut shown = Vec::new();
    let mut recorded = None;
    for folder in &arguments.folders {
        let sealed = Sealed::read(folder).map_err(|problem| Failure::usage(&problem))?;
        let found = match sealed.kind {
            Kind::Run => found(folder, &sealed),
            Kind::Comparison | Kind::Sweep => Err(String::new()),
        };
        let sources = found.as_ref().map_or_else(|_| Vec::new(), |found| found.sources(&sealed));
        let mut one = Shown { folder: sealed, sources, replay: None, no_replay: String::new() };
        if one.folder.kind == Kind::Run {
            let replayed = match (&recorded, arguments.replay) {
                (Some(_), _) => Err("A page has one replay: that of its first run.".to_owned()),
                (None, Which::None) => Err("Not asked for (--replay none).".to_owned()),
                (None, which) => replay(&one.folder, found, which),
            };
            match replayed {
                Ok((view, replay)) => {
                    one.replay = Some(view);
                    recorded = Some(replay);
                }
                // Somebody who names a history wants it.
                Err(why) if matches!(arguments.replay, Which::Number(_)) && recorded.is_none() => {
                    return Err(Failure::usage(&why));
                }
                Err(why) => one.no_replay = why,
            }
        }
        shown.push(one);
    }
    let html = render(&shown, arguments.title.as_deref()).map_err(|problem| Failure::failed(&problem))?;
    let target = arguments.out.clone().unwrap_or_else(|| arguments.folders[0].join("report.html"));
    let written = |path: &Path, content: &[u8]| {
        single::write(path, content).map_err(|problem| Failure::failed(&problem.to_string()))
    };
    written(&target, html.as_bytes())?;
    let name = |path: &Path| in_a_line(&path.display().to_string()).into_owned();
    let mut lines = vec![format!("{}  {} kB", name(&target), number::whole(html.len().div_ceil(1000) as u64))];
    if let Some(replay) = recorded {
        let beside = target.with_file_name(TABLE);
        written(&beside, &csv(&replay))?;
        lines.push(format!("{}  replication {}, {} frames", name(&beside), replay.replication, replay.frames));
    }
    let whys = shown.iter().filter(|one| arguments.replay != Which::None && !one.no_replay.is_empty());
    lines.extend(whys.map(|one| format!("no replay of {}: {}", one.folder.name, one.no_replay)));
    if arguments.open {
        open(&target)?;
    }
    Ok(lines.join("\n") + "\n")
}

/// The scenario of a run, as it was.
struct Found {
    scenario: Scenario,
    /// Where the paths of the command begin.
    base: PathBuf,
}

impl Found {
    /// Returns the scenario's files, as far as they are texts and as they were.
    fn sources(&self, sealed: &Sealed) -> Vec<(String, String)> {
        let inputs = sealed.seal["inputs"].as_array().into_iter().flatten();
        let names = inputs.filter_map(|input| input["name"].as_str()).filter(|name| name.ends_with(".toml"));
        let digests = place::digests(&self.scenario);
        let text = |name: &str| {
            let digest = sealed.input(name)?;
            digests.iter().find(|(_, known)| known == digest)?;
            let bytes = files::read(&self.base.join(name), LARGEST_SOURCE).ok()?;
            Some((name.to_owned(), String::from_utf8(bytes).ok()?))
        };
        names.filter_map(text).collect()
    }
}

/// Finds the scenario of a run by the command that made it, from the current folder or from one above the results.
fn found(folder: &Path, sealed: &Sealed) -> Result<Found, String> {
    let command = sealed.said("command");
    let arguments =
        run_arguments(command).ok_or_else(|| format!("`{command}` is no command that could be repeated."))?;
    let file = arguments.files.first().ok_or("The command names no file.")?;
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let above = real.ancestors().skip(1).map(Path::to_path_buf);
    let base = std::iter::once(PathBuf::new()).chain(above).find(|base| base.join(file).is_file());
    let shown = in_a_line(&file.display().to_string()).into_owned();
    let base = base
        .ok_or_else(|| format!("It is recorded anew from the scenario, and {shown} is not to be found from here."))?;
    let scenario = Scenario::read(&base.join(file), &arguments.sets)
        .map_err(|_| format!("It is recorded anew from the scenario, and {shown} cannot be read any more."))?;
    let known = place::digests(&scenario).into_iter().find(|(name, _)| name == "scenario").map(|(_, digest)| digest);
    if known.as_deref() != sealed.input("scenario") {
        return Err(format!(
            "It is recorded anew from the scenario, and {shown} has changed since this run: run it again."
        ));
    }
    Ok(Found { scenario, base })
}

/// Reads the command of a manifest.
fn run_arguments(command: &str) -> Option<RunArguments> {
    match Arguments::try_parse_from(words(command)).ok()?.command {
        Command::Run(arguments) => Some(arguments),
        _ => None,
    }
}

/// Splits a command as a shell does that is given what [`place`] writes: words, some in single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut inside, mut begun) = (false, false);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '\'' => {
                inside = !inside;
                None
            }
            ' ' if !inside => {
                begun = false;
                continue;
            }
            '\\' if !inside => letters.next(),
            other => Some(other),
        };
        if !begun {
            words.push(String::new());
            begun = true;
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter);
        }
    }
    words
}

/// Records the history that is meant, or says why there is none.
fn replay(sealed: &Sealed, found: Result<Found, String>, which: Which) -> Result<(View, Replay), String> {
    if sealed.text("causes.csv").is_some() {
        return Err(
            "Years have no replay: incidents.csv names neither what each incident struck nor the order in which \
                    it reached cells."
                .to_owned(),
        );
    }
    let Found { mut scenario, .. } = found?;
    if scenario.run.level == Level::Incident {
        return Err("Years have no replay.".to_owned());
    }
    if sealed.said("sampler_digest") != sampler_digest() || sealed.said("cellsim_version") != env!("CARGO_PKG_VERSION")
    {
        let version = sealed.said("cellsim_version");
        return Err(format!("The run is of cellsim {version}, with other samplers than this one: run it again."));
    }
    let replications = sealed.seal["replications_done"].as_u64().and_then(|done| u32::try_from(done).ok()).unwrap_or(0);
    let incidents = sealed.table("incidents.csv").unwrap_or_default();
    let number = which
        .of(&incidents, replications)
        .ok_or_else(|| format!("--replay names a replication from 1 to {replications}, median, worst or none"))?;
    scenario.run.seed = sealed.seal["seed"].as_u64().unwrap_or(scenario.run.seed);
    if output::is_watched() {
        output::remark(&format!("recording replication {number} of {replications} of {}", sealed.name));
    }
    let replay = record(&scenario, number - 1).map_err(|problem| problem.to_string())?;
    let harmed: f64 = {
        let own = incidents.rows.iter().filter(|row| incidents.number(row, "replication") == Some(f64::from(number)));
        own.filter_map(|row| incidents.number(row, "harmed")).sum()
    };
    let recorded: u64 = replay.incidents.iter().map(|one| one.harmed).sum();
    if recorded as f64 != harmed {
        return Err("This program finds another replication than the run did: run it again.".to_owned());
    }
    let view = View::of(&replay, which, replications, sealed.table("cells.csv").as_ref());
    Ok((view, replay))
}

/// Shows the page in a browser.
fn open(page: &Path) -> Result<(), Failure> {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let begun = Process::new(program).arg(page).spawn();
    begun.map(drop).map_err(|problem| Failure::failed(&format!("cannot open a browser with {program}: {problem}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_split_as_they_were_quoted() {
        let command = r"cellsim run a.toml --set 'title=it'\''s <b>' --seed 7";
        assert_eq!(words(command), ["cellsim", "run", "a.toml", "--set", "title=it's <b>", "--seed", "7"]);
        assert!(run_arguments(command).is_some());
        assert!(run_arguments("cellsim selftest").is_none());
        assert!(run_arguments("rm -rf x").is_none());
    }
}
