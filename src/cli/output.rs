//! Printing. A reader that has gone, as in `cellsim run .. | head -1`, is no error.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};

use crate::diagnostic::Diagnostics;
use crate::printable::printable;
use crate::report::exit_code::ExitCode;
use crate::report::terminal::WIDTH;

/// Returns whether standard output takes colour: a terminal, and nobody objects (`NO_COLOR`).
pub(super) fn colour() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Returns whether standard output is a terminal.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Returns whether somebody watches standard error.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Prints on standard output; the exit code is `code` unless the text could not be written.
pub(super) fn print(text: &str, code: ExitCode) -> ExitCode {
    let mut stream = anstream::stdout().lock();
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Ok(()) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
        Err(problem) => {
            error(&format!("cannot write to standard output: {problem}"));
            ExitCode::Failed
        }
    }
}

/// Prints an error that is no scenario's fault.
pub(super) fn error(message: &str) {
    // Where not even errors can be written, there is nobody to tell.
    let _ = writeln!(anstream::stderr(), "error: {}", printable(message));
}

/// Prints a remark.
pub(super) fn remark(message: &str) {
    let _ = writeln!(anstream::stderr(), "{message}");
}

/// Prints what is wrong with a scenario: drawn for people; for programs first as `file:line: message`, one a line.
pub(super) fn diagnostics(problems: &Diagnostics) {
    let mut text = String::new();
    if !is_watched() {
        text += &format!("{problems}\n\n");
    }
    let colour = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    text += &problems.render(colour, WIDTH);
    remark(&text);
}
