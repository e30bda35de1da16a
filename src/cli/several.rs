//! `cellsim run` on several scenarios: one line each, one JUnit file, the worst exit code.

use std::path::PathBuf;

use super::arguments::{Format, RunArguments};
use super::failure::Failure;
use super::one::{one, write_junit};
use super::{interrupt, output, place};
use crate::printable::in_a_line;
use crate::report::exit_code::ExitCode;
use crate::report::{json, junit};

/// Runs the scenarios one after the other. One that cannot be run does not keep the others from it.
pub(super) fn run(arguments: &RunArguments) -> ExitCode {
    let folders = match folders(arguments) {
        Ok(folders) => folders,
        Err(failure) => return failure.say(arguments.format),
    };
    interrupt::at_stake();
    let (mut code, mut documents, mut suites) = (ExitCode::Fine, Vec::new(), Vec::new());
    for (file, folder) in arguments.files.iter().zip(&folders) {
        let name = in_a_line(&file.display().to_string()).into_owned();
        let outcome = match interrupt::stopped() {
            true => Err(Failure::undecided(&format!("{name} was not run: interrupted"))),
            false => one(arguments, file, folder),
        };
        let line = match outcome {
            Ok(done) => {
                code = code.worse(done.code);
                documents.push(done.json);
                suites.push(done.suite);
                format!("{name}: {}\n", done.headline)
            }
            Err(failure) => {
                code = code.worse(failure.code);
                documents.push(json::errors(&failure.problems, failure.code.number()));
                suites.push(junit::failed(&name, &failure.problems.to_string()));
                failure.explain();
                format!("{name}: NOT RUN  exit {}\n", failure.code.number())
            }
        };
        if arguments.format == Format::Text {
            code = output::print(&line, code);
        }
    }
    if let Err(failure) = write_junit(arguments, suites) {
        failure.explain();
        code = code.worse(failure.code);
    }
    match arguments.format {
        Format::Text => code,
        Format::Json => output::print(&json::runs(code.number(), &documents), code),
    }
}

/// Returns the folder of each of several scenarios; two in one place are an error.
fn folders(arguments: &RunArguments) -> Result<Vec<PathBuf>, Failure> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for file in &arguments.files {
        let own = place::results_folder(file);
        let folder = match &arguments.out {
            None => own,
            // As below results/.
            Some(out) => out.join(own.strip_prefix("results").unwrap_or(&own)),
        };
        if let Some(index) = folders.iter().position(|other| *other == folder) {
            let (one, other) = (arguments.files[index].display(), file.display());
            let message = format!("{one} and {other} would both be written into {}", folder.display());
            return Err(Failure::usage(&message));
        }
        folders.push(folder);
    }
    Ok(folders)
}
