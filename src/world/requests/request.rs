//! Requests in flight.
//!
//! One record serves a request and its current attempt. When the client gives an attempt up while a slot still works on it, the
//! client moves to a fresh record and the old one stays behind as an *orphan*: wasted work. A record is freed when nothing in
//! the event list refers to it any more, except time-outs, which are valid only if the record still expires at that instant.

use super::arrivals::{Arrival, NEVER};
use super::event::Rid;
use crate::engine::rng::{Key, Slot};
use crate::units::Nanos;
use crate::world::operations::effects::Facts;
use crate::world::platform::Platform;
use crate::world::platform::population::{NONE, SubId};

/// Where a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Not in use.
    Free,
    /// On its way through the router: an event is pending.
    Router,
    /// On its way through the router, asking the store: an event is pending.
    Store,
    /// In a station's queue: no event is pending.
    Queue,
    /// In service: an event is pending.
    Service,
    /// In a station that all its attempts share: no event is pending.
    Shared,
    /// In a delay stage: an event is pending.
    Delay,
    /// Waiting to retry: an event is pending.
    Pause,
    /// Swallowed: nothing will answer, only the time-out remains.
    Lost,
    /// Over, but an event is still pending.
    Dead,
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

/// A request and its current attempt.
#[derive(Debug, Clone)]
pub struct Record {
    /// Key of the request.
    pub request: Key,
    /// Key of the attempt.
    pub attempt_key: Key,
    /// Arrival of the request.
    pub arrival: Nanos,
    /// Start of the attempt.
    pub started: Nanos,
    /// When the client gives the attempt up; `NEVER` if there is no client any more.
    pub expires: Nanos,
    /// Whose it is.
    pub sub: SubId,
    /// The cell it is in, or on its way to.
    pub cell: u32,
    /// Next in the station's queue; in service, the station that serves it.
    pub link: u32,
    /// Class index.
    pub class: u16,
    /// Step of the platform at which it stands.
    pub step: u16,
    /// Number of the attempt, from 1.
    pub attempt: u8,
    /// Where it is.
    pub place: Place,
    /// How the mapping was found.
    pub path: Path,
    /// [`SURGE`], [`IN_CELL`], [`TIMED`], [`HEDGED`], [`LOOKING_UP`].
    marks: u8,
    /// Which copy of the attempt it is: 0 is the attempt itself.
    pub copy: u8,
    /// Which worker it has come to (from 0), where workers are picked by their load.
    pub worker: u16,
}

/// Made by a demand fault.
const SURGE: u8 = 1;
/// Counted in its cell's number in system.
const IN_CELL: u8 = 2;
/// The event that ends its client's patience has been scheduled.
const TIMED: u8 = 4;
/// Another copy of the attempt is under way.
const HEDGED: u8 = 16;
/// Asking the router for its cell.
const LOOKING_UP: u8 = 32;

impl Record {
    /// Returns the record of a request that arrives now.
    #[inline]
    pub fn new(arrival: &Arrival) -> Record {
        Record {
            request: arrival.key,
            attempt_key: arrival.key,
            arrival: arrival.at,
            started: arrival.at,
            expires: NEVER,
            sub: arrival.sub,
            cell: NONE,
            link: NONE,
            class: arrival.class,
            step: 0,
            attempt: 1,
            place: Place::Pause,
            path: Path::Direct,
            marks: if arrival.surge { SURGE } else { 0 },
            copy: 0,
            worker: 0,
        }
    }

    /// Returns what faults may tell it by.
    #[inline]
    pub fn facts(&self, platform: &Platform) -> Facts {
        let tier = platform.classes[self.class as usize].tier;
        Facts { request: self.request, attempt: self.attempt_key, tier, zones: platform.zones }
    }

    /// Returns whether a demand fault made it.
    #[inline]
    pub fn is_surge(&self) -> bool {
        self.marks & SURGE != 0
    }

    /// Returns whether it is counted in its cell's number in system.
    #[inline]
    pub fn is_in_cell(&self) -> bool {
        self.marks & IN_CELL != 0
    }

    /// Counts it in its cell's number in system, or not.
    #[inline]
    pub fn set_in_cell(&mut self, inside: bool) {
        self.marks = if inside { self.marks | IN_CELL } else { self.marks & !IN_CELL };
    }

    /// Returns whether the event that ends its client's patience has been scheduled.
    #[inline]
    pub fn is_timed(&self) -> bool {
        self.marks & TIMED != 0
    }

    /// Notes whether the event that ends its client's patience has been scheduled.
    #[inline]
    pub fn set_timed(&mut self, timed: bool) {
        self.marks = if timed { self.marks | TIMED } else { self.marks & !TIMED };
    }

    /// Returns whether another copy of the attempt is under way.
    #[inline]
    pub fn is_hedged(&self) -> bool {
        self.marks & HEDGED != 0
    }

    /// Notes whether another copy of the attempt is under way.
    #[inline]
    pub fn set_hedged(&mut self, hedged: bool) {
        self.marks = if hedged { self.marks | HEDGED } else { self.marks & !HEDGED };
    }

    /// Returns whether it is asking the router for its cell.
    #[inline]
    pub fn is_looking_up(&self) -> bool {
        self.marks & LOOKING_UP != 0
    }

    /// Notes whether it is asking the router for its cell.
    #[inline]
    pub fn set_looking_up(&mut self, looking: bool) {
        self.marks = if looking { self.marks | LOOKING_UP } else { self.marks & !LOOKING_UP };
    }

    /// Returns whether a client still waits for this attempt.
    #[inline]
    pub fn has_client(&self) -> bool {
        self.expires != NEVER
    }

    /// Returns the key of attempt `n` of a request: the first attempt's is the request's own, folded.
    #[inline]
    pub fn key_of_attempt(request: Key, n: u8) -> Key {
        if n == 1 { request } else { request.part(ATTEMPT).nth(u64::from(n)) }
    }
}

const ATTEMPT: Slot = Slot::named("attempt");

/// All records of a world.
#[derive(Debug, Clone, Default)]
pub struct Records {
    records: Vec<Record>,
    free: Vec<Rid>,
}

impl Records {
    /// Puts a record into a free place.
    #[inline]
    pub fn add(&mut self, record: Record) -> Rid {
        if let Some(rid) = self.free.pop() {
            self.records[rid as usize] = record;
            rid
        } else {
            self.records.push(record);
            (self.records.len() - 1) as Rid
        }
    }

    /// Frees a record.
    #[inline]
    pub fn free(&mut self, rid: Rid) {
        let record = &mut self.records[rid as usize];
        debug_assert!(record.place != Place::Free);
        record.place = Place::Free;
        record.expires = NEVER;
        record.link = NONE;
        self.free.push(rid);
    }

    /// Returns the records for which `is_meant` holds, in an order that does not depend on where they happen to be kept.
    pub fn in_order_of_arrival(&self, is_meant: impl Fn(Rid) -> bool) -> Vec<Rid> {
        let mut meant: Vec<Rid> = self.in_use().filter(|&rid| is_meant(rid)).collect();
        meant.sort_by_key(|&rid| (self[rid].arrival, self[rid].request.0, self[rid].attempt, self[rid].copy));
        meant
    }

    /// Returns the record ids in use, in order.
    pub fn in_use(&self) -> impl Iterator<Item = Rid> + '_ {
        (0..self.records.len() as Rid).filter(|&rid| self.records[rid as usize].place != Place::Free)
    }
}

impl std::ops::Index<Rid> for Records {
    type Output = Record;
    #[inline]
    fn index(&self, rid: Rid) -> &Record {
        &self.records[rid as usize]
    }
}

impl std::ops::IndexMut<Rid> for Records {
    #[inline]
    fn index_mut(&mut self, rid: Rid) -> &mut Record {
        &mut self.records[rid as usize]
    }
}
