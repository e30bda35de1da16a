//! Stations: parallel slots and a queue.

use std::collections::VecDeque;

use super::event::Rid;
use super::request::Records;
use crate::scenario::stage::{Discipline, Expired, Pool};
use crate::units::Nanos;
use crate::world::platform::population::NONE;

/// An attempt that ends at or after the limit.
#[derive(Debug, Clone, Copy)]
pub struct Crossing {
    /// Its record.
    pub(super) rid: Rid,
    /// When it came.
    pub from: Nanos,
    /// When a slot takes it.
    pub start: Nanos,
    /// When it leaves the station.
    pub(super) end: Nanos,
    /// Whether a slot works on it, or drops it because its client has given up.
    pub is_served: bool,
}

/// The state of one station.
#[derive(Debug, Clone)]
pub struct StationState {
    /// Slots at work.
    pub busy: u32,
    /// Slots there are now.
    pub slots: u32,
    /// Attempts waiting.
    pub waiting: u32,
    /// Waiting places.
    pub queue: u32,
    head: Rid,
    tail: Rid,
    /// Who is served next.
    discipline: Discipline,
    /// What happens to queued work whose client has given up.
    pub expired: Expired,
    /// How much longer a service takes for each further attempt in service.
    pub slows_by: f64,
    /// Whether it is arrival-driven: see [`super::direct`].
    pub is_direct: bool,
    /// When its slots become free, in order: slots that are free may be missing, past instants may linger.
    pub free_at: Vec<Nanos>,
    /// When those that wait are served, in order, if the queue is bounded; past instants may linger.
    pub starts: VecDeque<Nanos>,
    /// Attempts whose end is not settled yet.
    pub crossing: Vec<Crossing>,
    /// Sum of the ends minus the sum of the starts of services, modulo 2^64: with the busy slots it gives the busy time.
    ends_minus_starts: u64,
    /// Sum of the ends minus the sum of the starts of waits, modulo 2^64: with those that wait it gives the time waited.
    waits: u64,
    /// Attempts that got a slot or a waiting place so far.
    pub came: u64,
}

impl StationState {
    /// Returns an empty station.
    pub fn new(slots: u32, pool: &Pool) -> StationState {
        StationState {
            busy: 0,
            slots,
            waiting: 0,
            queue: pool.queue.unwrap_or(u32::MAX),
            head: NONE,
            tail: NONE,
            discipline: pool.discipline,
            expired: pool.expired,
            slows_by: pool.slows_by,
            is_direct: false,
            free_at: Vec::new(),
            starts: VecDeque::new(),
            crossing: Vec::new(),
            ends_minus_starts: 0,
            waits: 0,
            came: 0,
        }
    }

    /// Returns whether all its attempts share it: see [`super::sharing`].
    #[inline]
    pub fn is_shared(&self) -> bool {
        self.discipline == Discipline::ProcessorSharing
    }

    /// Returns whether the attempts in service progress at one pace, which depends on how many there are.
    #[inline]
    pub fn is_paced(&self) -> bool {
        self.slows_by > 0.0 || self.is_shared()
    }

    /// A slot begins work.
    #[inline]
    pub fn start(&mut self, now: Nanos) {
        self.busy += 1;
        self.ends_minus_starts = self.ends_minus_starts.wrapping_sub(now);
    }

    /// A slot ends work.
    #[inline]
    pub fn finish(&mut self, now: Nanos) {
        self.busy -= 1;
        self.ends_minus_starts = self.ends_minus_starts.wrapping_add(now);
    }

    /// A slot works from `start` to `end`, known beforehand.
    #[inline]
    pub fn add_service(&mut self, start: Nanos, end: Nanos) {
        self.ends_minus_starts = self.ends_minus_starts.wrapping_add(end - start);
    }

    /// Returns whether it could turn arrival-driven now.
    #[inline]
    pub fn is_idle(&self) -> bool {
        self.busy == 0 && self.waiting == 0
    }

    /// Returns the slot-nanoseconds of work done since the beginning.
    pub fn busy_time(&self, now: Nanos) -> u64 {
        let crossing = self.crossing.iter().filter(|one| one.is_served).map(|one| now.saturating_sub(one.start)).sum();
        self.ends_minus_starts.wrapping_add(u64::from(self.busy).wrapping_mul(now)).wrapping_add(crossing)
    }

    /// An attempt has waited in an arrival-driven station, known beforehand.
    #[inline]
    pub fn add_wait(&mut self, from: Nanos, until: Nanos) {
        self.waits = self.waits.wrapping_add(until - from);
    }

    /// Returns the nanoseconds that attempts have waited here since the beginning: the time integral of the queue's length. Where all are
    /// served at once nobody waits.
    pub fn time_waited(&self, now: Nanos) -> u64 {
        if self.is_shared() {
            return 0;
        }
        let crossing = self.crossing.iter().map(|one| now.min(one.start).saturating_sub(one.from)).sum();
        self.waits.wrapping_add(u64::from(self.waiting).wrapping_mul(now)).wrapping_add(crossing)
    }

    /// Lets an attempt wait, which came at this instant; there is a place.
    #[inline]
    pub fn push(&mut self, records: &mut Records, rid: Rid, from: Nanos) {
        self.waiting += 1;
        self.waits = self.waits.wrapping_sub(from);
        records[rid].link = NONE;
        if self.head == NONE {
            self.head = rid;
            self.tail = rid;
        } else if self.discipline == Discipline::Fifo {
            records[self.tail].link = rid;
            self.tail = rid;
        } else {
            records[rid].link = self.head;
            self.head = rid;
        }
    }

    /// Takes the attempt whose turn it is.
    #[inline]
    pub fn pop(&mut self, records: &Records, now: Nanos) -> Option<Rid> {
        if self.head == NONE {
            return None;
        }
        let rid = self.head;
        self.head = records[rid].link;
        self.waiting -= 1;
        self.waits = self.waits.wrapping_add(now);
        Some(rid)
    }

    /// Empties the queue, keeping the attempts for which `stays` holds; returns the others, in order.
    pub fn drain(&mut self, records: &mut Records, now: Nanos, stays: impl Fn(&Records, Rid) -> bool) -> Vec<Rid> {
        let mut all = Vec::new();
        while let Some(rid) = self.pop(records, now) {
            all.push(rid);
        }
        let (kept, gone): (Vec<Rid>, Vec<Rid>) = all.into_iter().partition(|&rid| stays(records, rid));
        self.head = kept.first().copied().unwrap_or(NONE);
        self.tail = kept.last().copied().unwrap_or(NONE);
        self.waiting = kept.len() as u32;
        self.waits = self.waits.wrapping_sub(now.wrapping_mul(u64::from(self.waiting)));
        for (i, &rid) in kept.iter().enumerate() {
            records[rid].link = kept.get(i + 1).copied().unwrap_or(NONE);
        }
        gone
    }
}
