//! Floor 8: arguments, progress, exit codes; the only place that prints.

mod arguments;
mod compare;
mod failure;
mod interrupt;
mod keys;
mod one;
mod options;
mod output;
mod place;
mod progress;
mod report;
mod report_arguments;
mod run;
mod selftest;
mod several;
mod sweep;
mod sweep_arguments;
mod sweep_progress;
mod validate;

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::Parser;

use crate::diagnostic::Diagnostic;
use crate::printable::{commands, printable};
use crate::report::exit_code::ExitCode;
use crate::report::json;
use crate::stop;
use arguments::{Arguments, Command};

/// Runs the command line.
pub fn main() -> std::process::ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version end here too; a reader that has gone is no error.
            if std::env::args_os().any(|argument| argument.to_string_lossy().contains(commands)) {
                // It repeats what was typed, or what a pattern of files stood for.
                output::remark(&printable(&error.render().to_string()));
            } else {
                let _ = error.print();
            }
            return if error.use_stderr() { misused(&error) } else { ExitCode::Fine }.into();
        }
    };
    let command = || match &arguments.command {
        Command::Run(arguments) => run::run(arguments),
        Command::Compare(arguments) => compare::compare(arguments),
        Command::Sweep(arguments) => sweep::sweep(arguments),
        Command::Report(arguments) => report::report(arguments),
        Command::Selftest(arguments) => selftest::selftest(arguments),
        Command::Validate(arguments) => validate::validate(arguments),
        Command::Keys(arguments) => keys::keys(&arguments.path),
        Command::Schema(arguments) => keys::schema(arguments.of),
    };
    // What is left half-way ends here if nobody nearer could go on without it; the panic hook has said what and where; here it only gets its exit code.
    let code = catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|payload| {
        output::error(match stop::was_left(&*payload) {
            true => "interrupted: nothing is written",
            false => "this is a bug in cellsim: please report it together with the scenario",
        });
        ExitCode::Failed
    });
    code.into()
}

/// Says to programs, too, that the command line is wrong: as far as it can be read, they asked for JSON.
fn misused(error: &clap::Error) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let is_json = |pair: &[String]| pair[0] == "--format" && pair[1] == "json";
    if words.windows(2).any(is_json) || words.iter().any(|word| word == "--format=json") {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or("").trim_start_matches("error: ");
        let problems = Diagnostic::file("", message).into();
        return output::print(&json::errors(&problems, ExitCode::Usage.number()), ExitCode::Usage);
    }
    ExitCode::Usage
}
