//! What the world reports: measures listen, the world does not know to what end.

use super::request::Path;
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

/// Listens to a world. Requests of demand faults are not reported: they are nobody's demand.
pub trait Observer {
    /// A request arrives.
    fn arrived(&mut self, sub: SubId, class: u16, at: Nanos);
    /// A request is over.
    fn resolved(&mut self, request: &Resolved);
    /// An attempt begins (the first included) of a request that arrived at `arrival`; `started` is now.
    fn attempt(&mut self, sub: SubId, class: u16, number: u8, arrival: Nanos, started: Nanos) {
        let _ = (sub, class, number, arrival, started);
    }
    /// An attempt did not get a good answer in time.
    fn attempt_failed(&mut self, sub: SubId, class: u16, started: Nanos) {
        let _ = (sub, class, started);
    }
    /// The second copy of an attempt begins, of a request that arrived at `arrival`; `started` is now.
    fn hedged(&mut self, class: u16, arrival: Nanos, started: Nanos) {
        let _ = (class, arrival, started);
    }
    /// A fan-out stage sends so many first calls, and will send so many second ones, for a request that arrived at `arrival`.
    fn called(&mut self, class: u16, arrival: Nanos, calls: u32, hedges: u32) {
        let _ = (class, arrival, calls, hedges);
    }
    /// An attempt, of whatever origin, has been looked up in the cache.
    fn looked_up(&mut self, at: Nanos, hit: bool) {
        let _ = (at, hit);
    }
    /// The store has been asked.
    fn store_asked(&mut self, at: Nanos) {
        let _ = at;
    }
    /// An attempt that began then, of whatever origin, ended before it found its cell.
    fn look_up_lost(&mut self, started: Nanos) {
        let _ = started;
    }
    /// An attempt, of whatever origin, begins to wait for a slot of a station.
    fn joined_queue(&mut self, at: Nanos) {
        let _ = at;
    }
    /// An attempt, of whatever origin, waits for a slot of a station from one instant until another, which may lie ahead.
    fn waited(&mut self, from: Nanos, until: Nanos) {
        self.joined_queue(from);
        self.left_queue(until);
    }
    /// An attempt waits no longer: a slot takes it, or it is lost.
    fn left_queue(&mut self, at: Nanos) {
        let _ = at;
    }
    /// An attempt has found its cell after this time.
    fn routed(&mut self, path: Path, started: Nanos, took: Nanos) {
        let _ = (path, started, took);
    }
}

/// Listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silence;

impl Observer for Silence {
    fn arrived(&mut self, _sub: SubId, _class: u16, _at: Nanos) {}
    fn resolved(&mut self, _request: &Resolved) {}
}
