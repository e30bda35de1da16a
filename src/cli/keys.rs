//! `cellsim keys` and `cellsim schema`: what may stand in a scenario.

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

/// Prints the JSON schema.
pub(super) fn schema() -> ExitCode {
    output::print(&format!("{:#}\n", scenario::schema()), ExitCode::Fine)
}
