//! How far the replications under way have come, in simulated time: what a whole one tells only at its end.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::units::Nanos;

static SIMULATED: AtomicU64 = AtomicU64::new(0);

/// Begins to count anew.
pub fn begin() {
    SIMULATED.store(0, Ordering::Relaxed);
}

/// So much simulated time has passed in some replication.
pub fn passed(time: Nanos) {
    // Microseconds: nanoseconds of all replications together would overflow.
    SIMULATED.fetch_add(time / 1_000, Ordering::Relaxed);
}

/// Returns the simulated time of all replications since the beginning, in seconds.
pub fn seconds() -> f64 {
    SIMULATED.load(Ordering::Relaxed) as f64 / 1e6
}
