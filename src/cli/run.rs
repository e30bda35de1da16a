//! `cellsim run`: the main job, on one scenario or several.

use super::arguments::{Format, RunArguments};
use super::one::{one, write_junit};
use super::{interrupt, output, place, several};
use crate::report::exit_code::ExitCode;

/// Runs one scenario or several, writes their results and prints the summary.
pub(super) fn run(arguments: &RunArguments) -> ExitCode {
    interrupt::begin(&arguments.histories);
    let [file] = arguments.files.as_slice() else { return several::run(arguments) };
    let target = arguments.out.clone().unwrap_or_else(|| place::results_folder(file));
    let done = match one(arguments, file, &target) {
        Ok(done) => done,
        Err(failure) => return failure.say(arguments.format),
    };
    if let Err(failure) = write_junit(arguments, vec![done.suite]) {
        return failure.say(arguments.format);
    }
    let text = match (arguments.format, arguments.quiet) {
        (Format::Json, _) => done.json,
        (Format::Text, true) => done.headline + "\n",
        (Format::Text, false) => done.summary,
    };
    output::print(&text, done.code)
}
