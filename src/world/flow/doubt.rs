//! What flows know only roughly, or not at all.

use super::caller::Refused;
use super::surroundings::State;
use super::wait::Wait;
use super::work::Work;

/// Why what is told of a station is not exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Whether retries hold it down after a fault is a matter of chance.
    Chance,
    /// It drops expired work, and its services vary more than exponential ones.
    Drops,
    /// The mapping store is lost again before the cache has filled. No station's.
    Cache,
    /// Its full queue is met by three and more attempts of a request.
    Again,
}

/// What is no station's.
pub const NO_STATION: u32 = u32::MAX;

/// Squared variation of services from which on what a station drops is told too low.
const VARIED: f64 = 1.5;
/// Losses that are too small to be in doubt.
const SMALL: f64 = 1e-5;

/// Returns the stations of a cell of which something is known roughly only; `refused` is what full queues refuse, by tenancy.
pub fn doubts(state: &State<'_>, refused: &[Refused], waits: &[Wait], works: &[Work]) -> Vec<(usize, Doubt)> {
    let mut doubts = Vec::new();
    for (station, (wait, work)) in waits.iter().zip(works).enumerate() {
        let leave = wait.fates.iter().flatten().any(|fate| fate.left > SMALL);
        if work.drops() && leave && work.service().squared_variation() > VARIED {
            doubts.push((station, Doubt::Drops));
        }
        let tries = |(at, refused): (usize, &Refused)| {
            let comes = state.path(at).iter().any(|step| step.station == Some(station));
            comes && refused.again.len() > 1 && refused.again.iter().any(|again| *again * refused.share > SMALL)
        };
        if wait.refused() > SMALL && refused.iter().enumerate().any(tries) {
            doubts.push((station, Doubt::Again));
        }
    }
    doubts
}
