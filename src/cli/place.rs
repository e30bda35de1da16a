//! Names that follow from the scenario's path: the results folder, and the command that repeats a run.

use std::path::{Component, Path, PathBuf};

use super::arguments::{CompareArguments, HistoryArguments, RunArguments, SweepArguments};
use super::sweep_arguments::Points;
use crate::printable::in_a_line;
use crate::scenario::Scenario;
use crate::scenario::space::Plan;

/// Returns the results folder of a scenario: `results/` and its path below `scenarios/`, without extension.
///
/// scenarios/twilio.toml goes to results/twilio, scenarios/tier-sizing/small-smb.toml to results/tier-sizing/small-smb,
/// and a file that is in no folder called `scenarios` to its stem.
pub(super) fn results_folder(scenario: &Path) -> PathBuf {
    let parts: Vec<&std::ffi::OsStr> = scenario
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name),
            Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
        })
        .collect();
    let folders = &parts[..parts.len().saturating_sub(1)];
    let below = folders.iter().rposition(|&name| name == "scenarios").map_or(folders.len(), |index| index + 1);
    let mut folder = PathBuf::from("results");
    folder.extend(&folders[below..]);
    folder.push(scenario.file_stem().unwrap_or("scenario".as_ref()));
    folder
}

/// Returns the command that repeats a run: without what changes no byte of its files, and without the machine's paths.
pub(super) fn command(arguments: &RunArguments, file: &Path) -> String {
    let mut words = words("run", &[file.to_owned()], &arguments.sets, &arguments.histories);
    words.extend(arguments.precision.map(|share| format!("--precision {share}")));
    words.extend(arguments.decide.then(|| "--decide".to_owned()));
    words.extend(arguments.max_replications.map(|most| format!("--max-replications {most}")));
    for (option, given) in [("--png", arguments.png), ("--no-charts", arguments.no_charts)] {
        words.extend(given.then(|| option.to_owned()));
    }
    words.join(" ")
}

/// Returns the command that repeats a comparison.
pub(super) fn compare_command(arguments: &CompareArguments) -> String {
    words("compare", &arguments.files, &arguments.sets, &arguments.histories).join(" ")
}

/// Returns the words that say which files, changed how, on which histories.
fn words(command: &str, files: &[PathBuf], sets: &[String], histories: &HistoryArguments) -> Vec<String> {
    let mut words = vec!["cellsim".to_owned(), command.to_owned()];
    words.extend(files.iter().map(|file| quoted(&shown(file))));
    for set in sets {
        words.extend(["--set".to_owned(), quoted(&in_a_line(set))]);
    }
    for (option, value) in [("--replications", histories.replications.map(u64::from)), ("--seed", histories.seed)] {
        words.extend(value.map(|value| format!("{option} {value}")));
    }
    words
}

/// Returns the results folder of a sweep: `results/sweep/` and the name of the study or scenario.
pub(super) fn sweep_folder(name: &str) -> PathBuf {
    ["results", "sweep", name].iter().collect()
}

/// Returns the command that repeats a sweep.
pub(super) fn sweep_command(arguments: &SweepArguments) -> String {
    let mut words = words("sweep", std::slice::from_ref(&arguments.file), &arguments.sets, &arguments.histories);
    for vary in &arguments.varies {
        words.extend(["--vary".to_owned(), quoted(&in_a_line(vary))]);
    }
    if arguments.points != Points(Plan::All) {
        words.push(format!("--points {}", arguments.points));
    }
    for (option, given) in [("--png", arguments.png), ("--no-charts", arguments.no_charts)] {
        words.extend(given.then(|| option.to_owned()));
    }
    for id in &arguments.show {
        words.extend(["--show".to_owned(), quoted(&in_a_line(id))]);
    }
    words.join(" ")
}

/// Returns digests of input files under names that are no machine's.
pub(super) fn digests_of(files: &[(String, String)]) -> Vec<(String, String)> {
    files.iter().map(|(name, digest)| (shown(Path::new(name)), digest.clone())).collect()
}

/// Returns the digests of a scenario's input files under names that are no machine's.
pub(super) fn digests(scenario: &Scenario) -> Vec<(String, String)> {
    digests_of(&scenario.digests)
}

/// Returns a path as it may stand in a result file: relative to the current folder, else the file name alone.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let relative = match path.strip_prefix(&here) {
        Ok(below) if path.is_absolute() => below,
        _ if path.is_absolute() => Path::new(path.file_name().unwrap_or(path.as_os_str())),
        _ => path.strip_prefix(".").unwrap_or(path),
    };
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    in_a_line(&parts.join("/")).into_owned()
}

/// Quotes a word for a shell, if it needs to be.
fn quoted(word: &str) -> String {
    let harmless = |character: char| character.is_ascii_alphanumeric() || "-_./=:,%+@".contains(character);
    if !word.is_empty() && word.chars().all(harmless) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_follows_the_path_below_scenarios() {
        let cases = [
            ("scenarios/twilio.toml", "results/twilio"),
            ("./scenarios/tier-sizing/small-smb.toml", "results/tier-sizing/small-smb"),
            ("/home/me/scenarios/a/b.toml", "results/a/b"),
            ("elsewhere/deep/x.toml", "results/x"),
            ("../x.toml", "results/x"),
        ];
        for (scenario, folder) in cases {
            assert_eq!(results_folder(Path::new(scenario)), Path::new(folder), "{scenario}");
        }
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("tier.smb.customers=5000"), "tier.smb.customers=5000");
        assert_eq!(quoted("title=it's"), r"'title=it'\''s'");
        assert_eq!(shown(Path::new("./a/b.toml")), "a/b.toml");
        assert_eq!(shown(Path::new("/nowhere/at/all.toml")), "all.toml");
    }
}
