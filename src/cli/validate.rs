//! `cellsim validate`: what follows from a scenario without running it.

use super::arguments::{Format, ValidateArguments};
use super::output;
use crate::experiment;
use crate::report::exit_code::ExitCode;
use crate::report::{facts, json};
use crate::scenario::Scenario;

/// Checks a scenario and prints the derived facts.
pub(super) fn validate(arguments: &ValidateArguments) -> ExitCode {
    let derived = Scenario::read(&arguments.scenario.file, &arguments.scenario.sets)
        .and_then(|scenario| experiment::facts(&scenario));
    let (derived, warnings) = match derived {
        Ok(derived) => derived,
        Err(problems) => return output::diagnostics(&problems),
    };
    let file = arguments.scenario.file.display().to_string();
    let text = match arguments.format {
        Format::Json => json::facts(&file, &derived, &warnings),
        Format::Text => facts::render(&file, &derived, &warnings, output::colour()),
    };
    output::print(&text, ExitCode::Fine)
}
