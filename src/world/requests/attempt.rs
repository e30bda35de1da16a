//! Attempts in flight, each with the request that it is a try of.
//!
//! One record serves a request and its current attempt: a request's part is kept inside its attempt, and copied when a second one
//! needs it (a record that is read as a whole costs less than two). When the client gives an attempt up while a slot still works on
//! it, the client moves to a fresh record and the old one stays behind as an *orphan*: wasted work. A record is freed when nothing
//! in the event list refers to it any more, except time-outs, which are valid only if the record still expires at that instant.

use super::demand::arrivals::Arrival;
use super::setting::Setting;
use crate::engine::rng::{Key, Slot};
use crate::units::{NEVER, Nanos};
use crate::world::operations::effects::Facts;
use crate::world::platform::population::{NONE, SubId};

/// Number of an attempt's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub u32);

/// Where an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its record is not in use.
    Free,
    /// On its way through the router: an event is pending.
    Router,
    /// On its way through the router, asking the store: an event is pending.
    Store,
    /// In a station's queue, or at a store that stands still: no event is pending.
    Queue,
    /// In service: an event is pending.
    Service,
    /// In service in step with all others at the station: no event of its own is pending.
    InStep,
    /// At a step where nobody contends: an event is pending.
    Delay,
    /// Its client waits to try again: an event is pending.
    Pause,
    /// Swallowed: nothing will answer, only the time-out remains.
    Lost,
    /// Over, but an event is still pending.
    Dead,
}

impl Phase {
    /// Returns whether an event is pending that means this attempt alone.
    pub fn is_pending(self) -> bool {
        matches!(self, Phase::Service | Phase::Delay | Phase::Router | Phase::Store)
    }
}

/// How the mapping was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// In the cache.
    Hit,
    /// In the store.
    Miss,
    /// Nowhere: placed now.
    New,
    /// In the router's local copy.
    LocalCopy,
    /// Remembered by the client, or there is no router.
    Direct,
}

/// What a customer asks for.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Its key.
    pub key: Key,
    /// When it arrived.
    pub arrival: Nanos,
    /// Whose it is.
    pub sub: SubId,
    /// Class index.
    pub class: u16,
    /// Which attempt it is at, from 1.
    pub tries: u8,
    /// Whether a demand fault made it: nobody's demand.
    pub is_surge: bool,
}

/// One try of a request.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The request.
    pub request: Request,
    /// Key of the attempt.
    pub key: Key,
    /// When it began.
    pub started: Nanos,
    /// When the client gives it up; `NEVER` if there is no client any more.
    pub expires: Nanos,
    /// The cell it is in, or on its way to.
    pub cell: u32,
    /// The station that it came to last.
    pub station: u32,
    /// Step of the platform at which it stands.
    pub step: u16,
    /// Where it is.
    pub phase: Phase,
    /// How the mapping was found.
    pub path: Path,
    /// Which copy of the attempt it is: 0 is the attempt itself.
    pub copy: u8,
    /// [`IN_CELL`], [`TIMED`], [`JOINED`], [`LOOKING_UP`].
    marks: u8,
}

/// Counted in its cell's number in system.
const IN_CELL: u8 = 1;
/// The event that ends its client's patience has been scheduled.
const TIMED: u8 = 2;
/// Its client waits for other copies too: see [`Joins`](super::call::join::Joins).
const JOINED: u8 = 4;
/// Asking the router for its cell.
const LOOKING_UP: u8 = 8;

const NEXT: Slot = Slot::named("attempt");
const COPY: Slot = Slot::named("attempt/hedge");

impl Request {
    /// Returns the key of its n-th attempt: the first one's is its own.
    #[inline]
    pub fn key_of_attempt(&self, n: u8) -> Key {
        if n == 1 { self.key } else { self.key.part(NEXT).nth(u64::from(n)) }
    }
}

impl Attempt {
    /// Returns the record of a request that arrives now, before its first attempt.
    #[inline]
    pub fn new(arrival: &Arrival) -> Attempt {
        let &Arrival { at, key, sub, class, surge: is_surge } = arrival;
        Attempt {
            request: Request { key, arrival: at, sub, class, tries: 1, is_surge },
            key,
            started: at,
            expires: NEVER,
            cell: NONE,
            station: NONE,
            step: 0,
            phase: Phase::Pause,
            path: Path::Direct,
            copy: 0,
            marks: 0,
        }
    }

    /// Begins the attempt that the request is at, on a path that begins at this step.
    #[inline]
    pub fn begin(&mut self, now: Nanos, first_step: u16, expires: Nanos) {
        self.key = self.request.key_of_attempt(self.request.tries);
        self.started = now;
        self.step = first_step;
        self.phase = Phase::Router;
        self.expires = expires;
        self.set(TIMED, false);
        self.copy = 0;
    }

    /// Returns the next copy of this attempt, which begins now on a path that begins at this step; its client may remember the cell.
    pub fn copied(&self, now: Nanos, first_step: u16, remembers_cell: bool) -> Attempt {
        let cell = if remembers_cell { self.cell } else { NONE };
        let mut copy = Attempt {
            key: self.key.part(COPY),
            started: now,
            step: first_step,
            phase: Phase::Router,
            cell,
            station: NONE,
            copy: self.copy + 1,
            ..self.clone()
        };
        copy.marks = JOINED;
        copy
    }

    /// Takes the client out, into a record of its own; what is left is an orphan.
    pub fn orphan(&mut self) -> Attempt {
        let mut client = self.clone();
        client.set(IN_CELL, false);
        self.expires = NEVER;
        self.set(LOOKING_UP, false);
        client
    }

    /// Returns how many tries, retries and further copies, came before it.
    #[inline]
    pub fn turn(&self) -> u32 {
        u32::from(self.request.tries) - 1 + u32::from(self.copy)
    }

    /// Returns what faults may tell it by.
    #[inline]
    pub fn facts(&self, setting: &Setting) -> Facts {
        let Request { key, sub, class, .. } = self.request;
        let platform = &setting.platform;
        let tier = platform.classes[class as usize].tier;
        Facts { request: key, attempt: self.key, tier, zones: platform.zones, customer: setting.customer(sub) }
    }

    /// Returns whether a client still waits for this attempt.
    #[inline]
    pub fn has_client(&self) -> bool {
        self.expires != NEVER
    }

    /// Returns whether it is counted in its cell's number in system.
    #[inline]
    pub fn is_in_cell(&self) -> bool {
        self.marks & IN_CELL != 0
    }

    /// Counts it in its cell's number in system, or not.
    #[inline]
    pub fn set_in_cell(&mut self, inside: bool) {
        self.set(IN_CELL, inside);
    }

    /// Returns whether the event that ends its client's patience has been scheduled.
    #[inline]
    pub fn is_timed(&self) -> bool {
        self.marks & TIMED != 0
    }

    /// Notes that the event that ends its client's patience has been scheduled.
    #[inline]
    pub fn set_timed(&mut self) {
        self.set(TIMED, true);
    }

    /// Returns whether its client waits for other copies too.
    #[inline]
    pub fn is_joined(&self) -> bool {
        self.marks & JOINED != 0
    }

    /// Notes whether its client waits for other copies too.
    #[inline]
    pub fn set_joined(&mut self, joined: bool) {
        self.set(JOINED, joined);
    }

    /// Returns whether it is asking the router for its cell.
    #[inline]
    pub fn is_looking_up(&self) -> bool {
        self.marks & LOOKING_UP != 0
    }

    /// Notes whether it is asking the router for its cell.
    #[inline]
    pub fn set_looking_up(&mut self, looking: bool) {
        self.set(LOOKING_UP, looking);
    }

    #[inline]
    fn set(&mut self, mark: u8, on: bool) {
        self.marks = if on { self.marks | mark } else { self.marks & !mark };
    }
}

/// All attempts of a world.
#[derive(Debug, Clone, Default)]
pub struct Attempts {
    records: Vec<Attempt>,
    free: Vec<AttemptId>,
}

impl Attempts {
    /// Puts an attempt into a free record.
    #[inline]
    pub fn add(&mut self, attempt: Attempt) -> AttemptId {
        if let Some(id) = self.free.pop() {
            self[id] = attempt;
            id
        } else {
            self.records.push(attempt);
            AttemptId((self.records.len() - 1) as u32)
        }
    }

    /// Frees a record.
    #[inline]
    pub fn free(&mut self, id: AttemptId) {
        let attempt = &mut self[id];
        debug_assert!(attempt.phase != Phase::Free);
        attempt.phase = Phase::Free;
        attempt.expires = NEVER;
        self.free.push(id);
    }

    /// Returns the attempts for which `is_meant` holds, in an order that does not depend on where they happen to be kept.
    pub fn in_order_of_arrival(&self, is_meant: impl Fn(&Attempt) -> bool) -> Vec<AttemptId> {
        let mut meant: Vec<AttemptId> = self.in_use().filter(|&id| is_meant(&self[id])).collect();
        meant.sort_by_key(|&id| {
            let Attempt { request, copy, .. } = &self[id];
            (request.arrival, request.key.0, request.tries, *copy)
        });
        meant
    }

    /// Returns those in use, in order of their records.
    pub fn in_use(&self) -> impl Iterator<Item = AttemptId> + '_ {
        (0..self.records.len() as u32).map(AttemptId).filter(|&id| self[id].phase != Phase::Free)
    }
}

impl std::ops::Index<AttemptId> for Attempts {
    type Output = Attempt;
    #[inline]
    fn index(&self, id: AttemptId) -> &Attempt {
        &self.records[id.0 as usize]
    }
}

impl std::ops::IndexMut<AttemptId> for Attempts {
    #[inline]
    fn index_mut(&mut self, id: AttemptId) -> &mut Attempt {
        &mut self.records[id.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(at: Nanos) -> Attempt {
        let mut attempt = Attempt::new(&Arrival { at, key: Key(at), sub: 3, class: 0, surge: false });
        attempt.begin(at, 5, at + 100);
        attempt
    }

    #[test]
    fn a_record_is_a_cache_line() {
        assert_eq!(size_of::<Attempt>(), 64);
    }

    #[test]
    fn every_attempt_has_luck_of_its_own_and_the_first_the_requests() {
        let Attempt { mut request, .. } = attempt(7);
        assert_eq!(request.key_of_attempt(1), request.key);
        let keys: std::collections::BTreeSet<u64> = (1..9).map(|n| request.key_of_attempt(n).0).collect();
        assert_eq!(keys.len(), 8);
        request.tries = 2;
        let mut second = attempt(7);
        second.request = request;
        second.begin(9, 5, 10);
        assert_eq!((second.key, second.started, second.expires), (request.key_of_attempt(2), 9, 10));
    }

    #[test]
    fn an_orphan_has_no_client_and_the_client_is_in_no_cell() {
        let mut left = attempt(7);
        left.set_in_cell(true);
        left.set_looking_up(true);
        let client = left.orphan();
        assert!(!left.has_client() && left.is_in_cell() && !left.is_looking_up());
        assert!(client.has_client() && !client.is_in_cell() && client.is_looking_up());
    }

    #[test]
    fn a_copy_starts_anew_with_the_same_patience() {
        let mut first = attempt(7);
        first.set_in_cell(true);
        first.set_timed();
        let copy = first.copied(9, 5, false);
        assert!(copy.is_joined() && !copy.is_in_cell() && !copy.is_timed());
        assert_eq!((copy.copy, copy.expires, copy.started), (1, first.expires, 9));
        assert_ne!(copy.key, first.key);
    }

    #[test]
    fn records_are_used_again_and_told_in_order_of_arrival() {
        let mut attempts = Attempts::default();
        let [late, early] = [attempt(9), attempt(8)].map(|attempt| attempts.add(attempt));
        assert_eq!(attempts.in_order_of_arrival(|_| true), [early, late]);
        attempts.free(late);
        assert_eq!(attempts.in_use().collect::<Vec<_>>(), [early]);
        assert_eq!(attempts.add(attempt(1)), late);
    }
}
