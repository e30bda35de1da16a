//! Floor 7: arguments, progress, exit codes; the only place that prints.

mod arguments;
mod compare;
mod interrupt;
mod output;
mod place;
mod progress;
mod run;
mod selftest;
mod validate;

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::Parser;

use crate::report::exit_code::ExitCode;
use arguments::{Arguments, Command};

/// Runs the command line.
pub fn main() -> std::process::ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version end here too; a reader that has gone is no error.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::Usage } else { ExitCode::Fine }.into();
        }
    };
    let command = || match &arguments.command {
        Command::Run(arguments) => run::run(arguments),
        Command::Compare(arguments) => compare::compare(arguments),
        Command::Selftest(arguments) => selftest::selftest(arguments),
        Command::Validate(arguments) => validate::validate(arguments),
    };
    // The panic hook has said what and where; here it only gets its exit code.
    let code = catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        output::error("this is a bug in cellsim: please report it together with the scenario");
        ExitCode::Failed
    });
    code.into()
}
