//! What keeps a command from doing what it was asked for: said to people on standard error, to programs as JSON.

use super::arguments::Format;
use super::output;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::experiment::RunError;
use crate::report::exit_code::ExitCode;
use crate::report::folder::Unfit;
use crate::report::json;

/// Why there are no results.
pub(super) struct Failure {
    /// How the command ends.
    pub(super) code: ExitCode,
    /// What is wrong.
    pub(super) problems: Diagnostics,
    is_of_scenario: bool,
}

impl Failure {
    /// The scenario is wrong, or asks for too much.
    pub(super) fn scenario(problems: Diagnostics) -> Failure {
        Failure { code: ExitCode::Usage, problems, is_of_scenario: true }
    }

    /// What was typed is wrong.
    pub(super) fn usage(message: &str) -> Failure {
        Failure::plain(ExitCode::Usage, message)
    }

    /// Something could not be finished.
    pub(super) fn failed(message: &str) -> Failure {
        Failure::plain(ExitCode::Failed, message)
    }

    /// Something was not begun.
    pub(super) fn undecided(message: &str) -> Failure {
        Failure::plain(ExitCode::Undecided, message)
    }

    fn plain(code: ExitCode, message: &str) -> Failure {
        Failure { code, problems: Diagnostic::file("", message).into(), is_of_scenario: false }
    }

    /// Why a run has no results.
    pub(super) fn of_run(problem: &RunError) -> Failure {
        match problem {
            RunError::Scenario(problems) => Failure::scenario(problems.clone()),
            RunError::Threads(_) => Failure::failed(&problem.to_string()),
            RunError::Interrupted => {
                Failure::failed("interrupted before the first replication was done: nothing is written")
            }
        }
    }

    /// Why a folder is no place for results.
    pub(super) fn of_folder(checked: Result<(), Unfit>) -> Result<(), Failure> {
        checked.map_err(|unfit| match unfit {
            Unfit::Write(error) => Failure::failed(&error.to_string()),
            Unfit::Taken(message) => Failure::usage(&message),
        })
    }

    /// Says it to people.
    pub(super) fn explain(&self) {
        if self.is_of_scenario {
            output::diagnostics(&self.problems);
        } else {
            output::error(&self.problems.to_string());
        }
    }

    /// Says it to people, and to programs that asked for JSON; returns the exit code.
    pub(super) fn say(&self, format: Format) -> ExitCode {
        self.explain();
        match format {
            Format::Text => self.code,
            Format::Json => output::print(&json::errors(&self.problems, self.code.number()), self.code),
        }
    }
}
