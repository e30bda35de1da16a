//! What is known of the loads of workers, as old as the last look at them.

use crate::units::Nanos;

/// What was last read of the loads of a cell's workers.
#[derive(Debug, Clone)]
pub(super) struct Board {
    pub(super) read: Nanos,
    pub(super) loads: Vec<u32>,
}
