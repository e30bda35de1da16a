//! Ctrl-C, SIGTERM, SIGHUP and the end of the time that was given: the first ends the run, a second one stops at once.
//!
//! Replications under way get a moment to finish; what takes longer is left, and preparations are left at once. What is complete is
//! written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use super::arguments::HistoryArguments;
use super::output;
use crate::report::exit_code::ExitCode;
use crate::stop;

static STOPPED: AtomicBool = AtomicBool::new(false);

/// Whether replications have begun.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// Whether something is complete that must be written.
static AT_STAKE: AtomicBool = AtomicBool::new(false);

/// SIGTERM and SIGHUP so close together are one.
#[cfg(unix)]
const TOGETHER: Duration = Duration::from_millis(250);

/// What preparations get to notice that nobody waits any more.
const NOTICE: Duration = Duration::from_millis(300);

/// What replications under way get to finish: the answer is to come within a second.
const GRACE: Duration = Duration::from_millis(400);

/// Listens from now on, and ends the run when the time that it was given is over.
pub(super) fn begin(histories: &HistoryArguments) {
    listen();
    if let Some(time) = histories.at_most {
        after(time);
    }
}

/// Listens from now on. Where that is impossible, signals end the program as they always did.
pub(super) fn listen() {
    // Before any other thread: those begin with the same signals set aside.
    #[cfg(unix)]
    listen_to_others();
    let _ = ctrlc::set_handler(signalled);
}

/// SIGTERM and SIGHUP, unless they are ignored: `nohup` has its way.
#[cfg(unix)]
fn listen_to_others() {
    use nix::sys::signal::{SigSet, Signal};
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGHUP);
    if signals.thread_block().is_ok() {
        spawn(move || {
            // `timeout`, or a terminal that closes, signals the program and then its group: that is one signal, not two.
            let mut last: Option<Instant> = None;
            while signals.wait().is_ok() {
                if last.replace(Instant::now()).is_none_or(|last| last.elapsed() > TOGETHER) {
                    signalled();
                }
            }
        });
    }
}

fn signalled() {
    if stopped() {
        exit(ExitCode::Aborted);
    }
    stop_because("stopping");
}

/// Ends the run when so much time has passed.
fn after(time: Duration) {
    spawn(move || {
        sleep(time);
        stop_because("the time that --at-most gives is over");
    });
}

fn stop_because(why: &str) {
    if !STOPPED.swap(true, Ordering::SeqCst) {
        spawn(|| {
            if BEGUN.load(Ordering::SeqCst) {
                sleep(GRACE);
            }
            stop::ask();
            sleep(NOTICE);
            if !AT_STAKE.load(Ordering::SeqCst) {
                // Customers are placed, or tables made: there is nothing to write yet.
                output::error("interrupted before the first replication was done: nothing is written");
                exit(ExitCode::Failed);
            }
        });
        output::remark(&format!("{why}: what is complete is written; Ctrl-C stops at once"));
    }
}

/// Says that replications are under way, and worth a moment's patience.
pub(super) fn begun() {
    BEGUN.store(true, Ordering::SeqCst);
}

/// Says that something is complete, and will be written.
pub(super) fn at_stake() {
    AT_STAKE.store(true, Ordering::SeqCst);
}

/// Returns whether the run is to end.
pub(super) fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

#[expect(clippy::exit, reason = "the second Ctrl-C means now, and what nobody waits for ends")]
fn exit(code: ExitCode) -> ! {
    std::process::exit(i32::from(code.number()))
}
