//! Leaving long computations: whoever computes for long passes points at which it may be left.
//!
//! What is left half-way is lost, so that only work that can be spared is done between [`unless_asked`] and its end: one of many
//! replications, or preparations before the first. Whoever asks for an end does so once, for the whole program.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
/// Computations under way that may be left.
static SPARED: AtomicU32 = AtomicU32::new(0);

/// What unwinds the stack of a computation that is left. It is no panic: nothing is printed, nothing is broken.
struct Left;

/// Asks all computations that may be left to end.
pub fn ask() {
    ASKED.store(true, Ordering::SeqCst);
}

/// A point at which a computation may be left: call it in every loop that can take a second.
#[inline]
pub fn point() {
    if ASKED.load(Ordering::Relaxed) {
        leave();
    }
}

#[cold]
fn leave() {
    if SPARED.load(Ordering::SeqCst) > 0 {
        resume_unwind(Box::new(Left));
    }
}

/// Does what may be left at every [`point`] in it, on whatever thread; `None` if it was.
pub fn unless_asked<T>(work: impl FnOnce() -> T) -> Option<T> {
    if ASKED.load(Ordering::SeqCst) {
        return None;
    }
    SPARED.fetch_add(1, Ordering::SeqCst);
    let done = catch_unwind(AssertUnwindSafe(work));
    SPARED.fetch_sub(1, Ordering::SeqCst);
    match done {
        Ok(done) => Some(done),
        Err(payload) if was_left(&*payload) => None,
        Err(panic) => resume_unwind(panic),
    }
}

/// Returns whether what unwound the stack was a computation that was left.
pub fn was_left(payload: &(dyn Any + Send)) -> bool {
    payload.is::<Left>()
}
