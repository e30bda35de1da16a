//! A clock that fails and is repaired.

use crate::engine::law::Law;

/// Up, down for repair, up again: an alternating renewal process in equilibrium.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Time from repair to failure.
    pub up: Law,
    /// Time from failure to repair.
    pub down: Law,
    /// Sets of units; each failure takes down one of them, all equally likely.
    pub takes: Vec<Vec<u32>>,
}
