//! The timetable: onset, detection and end of everything that goes wrong, in order.

use super::faults::Activation;
use crate::units::Nanos;

/// It begins.
pub const ONSET: u32 = 0;
/// It is noticed.
pub const DETECTION: u32 = 1;
/// It ends.
pub const END: u32 = 2;

/// Lists the events of all activations, in the order in which they happen: (instant, activation and kind).
pub fn events(activations: &[Activation]) -> Vec<(Nanos, u32)> {
    let mut events = Vec::new();
    for (index, activation) in (0..).zip(activations) {
        events.push((activation.onset, index * 3 + ONSET));
        events.extend(activation.detected.map(|at| (at, index * 3 + DETECTION)));
        events.extend((activation.end > activation.onset).then_some((activation.end, index * 3 + END)));
    }
    events.sort_unstable();
    events
}
