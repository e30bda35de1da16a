//! `cellsim keys` and `cellsim schema`: what may stand in a scenario.

use super::arguments::Files;
use super::output;
use crate::report::exit_code::ExitCode;
use crate::scenario;

/// Explains a key or a table.
pub(super) fn keys(path: &str) -> ExitCode {
    match scenario::explain(path) {
        Ok(text) => output::print(&text, ExitCode::Fine),
        Err(message) => {
            output::error(&message);
            ExitCode::Usage
        }
    }
}

/// Prints a JSON schema.
pub(super) fn schema(of: Files) -> ExitCode {
    let schema = match of {
        Files::Scenario => scenario::schema(),
        Files::Study => scenario::study_schema(),
    };
    output::print(&format!("{schema:#}\n"), ExitCode::Fine)
}
