//! Floor 7: arguments, progress, exit codes; the only place that prints.

use std::process::ExitCode;

/// Runs the command line.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
