//! `cellsim validate`: what follows from a scenario without running it.

use super::arguments::{Format, ValidateArguments};
use super::failure::Failure;
use super::output;
use crate::experiment::{self, design::work::Work};
use crate::printable::in_a_line;
use crate::report::exit_code::ExitCode;
use crate::report::{facts, json};
use crate::scenario::Scenario;

/// Checks a scenario and prints the derived facts.
pub(super) fn validate(arguments: &ValidateArguments) -> ExitCode {
    let derived = Scenario::read(&arguments.scenario.file, &arguments.scenario.sets)
        .and_then(|scenario| experiment::facts(&scenario).map(|derived| (Work::of(&scenario), derived)));
    let (work, (derived, warnings)) = match derived {
        Ok(derived) => derived,
        Err(problems) => return Failure::scenario(problems).say(arguments.format),
    };
    let file = in_a_line(&arguments.scenario.file.display().to_string()).into_owned();
    let text = match arguments.format {
        Format::Json => json::facts(&file, &derived, &work, &warnings),
        Format::Text => facts::render(&file, &derived, &work, &warnings, output::colour()),
    };
    output::print(&text, ExitCode::Fine)
}
