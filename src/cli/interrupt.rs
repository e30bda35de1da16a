//! Ctrl-C: the first lets what runs finish, the second stops at once.

use std::sync::atomic::{AtomicBool, Ordering};

use super::output;
use crate::report::exit_code::ExitCode;

static STOPPED: AtomicBool = AtomicBool::new(false);

/// Listens from now on. Where that is impossible, Ctrl-C ends the program as it always did.
pub(super) fn listen() {
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::SeqCst) {
            abort();
        }
        output::remark("stopping: running replications finish and are written; Ctrl-C again stops at once");
    });
}

/// Returns whether Ctrl-C was pressed.
pub(super) fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

#[expect(clippy::exit, reason = "the second Ctrl-C means now")]
fn abort() -> ! {
    std::process::exit(i32::from(ExitCode::Aborted.number()))
}
