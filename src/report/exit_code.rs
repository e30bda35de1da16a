//! Exit codes: what the shell, and a job that gates on it, is told.

use crate::experiment::outcome::{Judgement, Outcome};

/// How the command ended. The numbers are a promise to scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Done, and every expectation is kept.
    Fine,
    /// Could not finish: a file could not be written, or a bug.
    Failed,
    /// The command line or the scenario is wrong; trying again is useless.
    Usage,
    /// At least one expectation is breached.
    Breached,
    /// Something asked for is undecided, not measured or not as precise as asked, or the run was interrupted.
    Undecided,
    /// Stopped at once by a second Ctrl-C.
    Aborted,
}

impl ExitCode {
    /// All of them.
    pub const ALL: [ExitCode; 6] =
        [ExitCode::Fine, ExitCode::Failed, ExitCode::Usage, ExitCode::Breached, ExitCode::Undecided, ExitCode::Aborted];

    /// Returns what it means, in full.
    pub const fn meaning(self) -> &'static str {
        match self {
            ExitCode::Fine => "fine: every expectation is kept, or there is none",
            ExitCode::Failed => {
                "could not finish: a file could not be written, interrupted before the first replication was done, or a bug"
            }
            ExitCode::Usage => "bad usage, or a scenario that cannot be run: trying again is useless",
            ExitCode::Breached => "an expectation is breached, or the self-test failed",
            ExitCode::Undecided => {
                "an expectation is undecided or not measured, a precision was not reached, compared designs have another \
                 demand, or the run was interrupted (3 wins)"
            }
            ExitCode::Aborted => "stopped at once by a second Ctrl-C: nothing is written",
        }
    }

    /// Returns the number that the shell sees.
    pub const fn number(self) -> u8 {
        match self {
            ExitCode::Fine => 0,
            ExitCode::Failed => 1,
            ExitCode::Usage => 2,
            ExitCode::Breached => 3,
            ExitCode::Undecided => 4,
            ExitCode::Aborted => 130,
        }
    }

    /// Returns the worse of two, for runs that are done together.
    #[must_use]
    pub fn worse(self, other: ExitCode) -> ExitCode {
        let order = [
            ExitCode::Fine,
            ExitCode::Undecided,
            ExitCode::Breached,
            ExitCode::Usage,
            ExitCode::Failed,
            ExitCode::Aborted,
        ];
        let place = |code| order.iter().position(|&other| other == code);
        if place(other) > place(self) { other } else { self }
    }

    /// Returns the exit code that results deserve: breached wins over undecided.
    pub fn of(results: &Outcome) -> ExitCode {
        let any = |outcome| results.verdicts.iter().any(|verdict| verdict.outcome == outcome);
        if any(Judgement::Breached) {
            ExitCode::Breached
        } else if any(Judgement::Undecided)
            || any(Judgement::NotMeasured)
            || results.interrupted()
            || results.stopping.as_ref().is_some_and(|stopping| !stopping.reached)
        {
            ExitCode::Undecided
        } else {
            ExitCode::Fine
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> std::process::ExitCode {
        std::process::ExitCode::from(code.number())
    }
}
