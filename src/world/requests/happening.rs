//! What the world reports: measures listen, the world does not know to what end.

use super::attempt::Path;
use crate::catalogue::Cause;
use crate::units::Nanos;
use crate::world::platform::population::SubId;

/// A request that is over.
#[derive(Debug, Clone, Copy)]
pub struct Resolved {
    /// Whose it was.
    pub sub: SubId,
    /// Class index.
    pub class: u16,
    /// When it arrived.
    pub arrival: Nanos,
    /// When it was over.
    pub at: Nanos,
    /// Why it failed; `None` if it is ok.
    pub failed: Option<Cause>,
}

/// Something that has happened in a world, or is certain to. Requests of demand faults are not reported as requests and attempts:
/// they are nobody's demand; what they do to the router and to queues is.
#[derive(Debug, Clone, Copy)]
pub enum Happening {
    /// A request arrives.
    Arrived {
        /// Whose it is.
        sub: SubId,
        /// Class index.
        class: u16,
        /// When.
        at: Nanos,
    },
    /// A request is over.
    Resolved(Resolved),
    /// An attempt begins, the first included.
    Attempt {
        /// Whose it is.
        sub: SubId,
        /// Class index.
        class: u16,
        /// Which of the request's, from 1.
        number: u8,
        /// When its request arrived.
        arrival: Nanos,
        /// When it begins: now.
        started: Nanos,
    },
    /// An attempt did not get a good answer in time.
    AttemptFailed {
        /// Whose it was.
        sub: SubId,
        /// Class index.
        class: u16,
        /// When it began.
        started: Nanos,
    },
    /// A further copy of an attempt begins.
    Hedged {
        /// Class index.
        class: u16,
        /// When its request arrived.
        arrival: Nanos,
        /// When it begins: now.
        started: Nanos,
    },
    /// A fan-out stage asks its destinations.
    Called {
        /// Class index.
        class: u16,
        /// When the request arrived.
        arrival: Nanos,
        /// First calls.
        calls: u32,
        /// Second calls that it will send.
        hedges: u32,
    },
    /// An attempt, of whatever origin, has been looked up in the cache.
    LookedUp {
        /// When.
        at: Nanos,
        /// Whether it was there.
        hit: bool,
    },
    /// The store has been asked.
    StoreAsked {
        /// When.
        at: Nanos,
    },
    /// An attempt, of whatever origin, ended before it found its cell.
    LookUpLost {
        /// When it began.
        started: Nanos,
    },
    /// An attempt, of whatever origin, has found its cell.
    Routed {
        /// How.
        path: Path,
        /// When it began.
        started: Nanos,
        /// How long that took.
        took: Nanos,
    },
    /// An attempt, of whatever origin, begins to wait for a slot of a station.
    JoinedQueue {
        /// When.
        at: Nanos,
    },
    /// An attempt waits no longer: a slot takes it, or it is lost.
    LeftQueue {
        /// When.
        at: Nanos,
    },
    /// An attempt, of whatever origin, waits for a slot of a station; both instants may lie ahead.
    Waited {
        /// From when.
        from: Nanos,
        /// Until when.
        until: Nanos,
    },
}

/// Listens to a world. What it takes no interest in costs nothing: `happened` is inlined where the world reports.
pub trait Observer {
    /// Takes note.
    fn happened(&mut self, happening: Happening);
}

/// Listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silence;

impl Observer for Silence {
    #[inline]
    fn happened(&mut self, _happening: Happening) {}
}
