//! Stations: parallel slots and a queue.

use super::event::Rid;
use super::population::NONE;
use super::request::Records;
use crate::scenario::stage::{Discipline, Expired};
use crate::units::Nanos;

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
    /// Sum of the ends minus the sum of the starts of services, modulo 2^64: with the busy slots it gives the busy time.
    ends_minus_starts: u64,
}

impl StationState {
    /// Returns an empty station.
    pub fn new(slots: u32, queue: Option<u32>, discipline: Discipline, expired: Expired) -> StationState {
        StationState {
            busy: 0,
            slots,
            waiting: 0,
            queue: queue.unwrap_or(u32::MAX),
            head: NONE,
            tail: NONE,
            discipline,
            expired,
            ends_minus_starts: 0,
        }
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

    /// Returns the slot-nanoseconds of work done since the beginning.
    pub fn busy_time(&self, now: Nanos) -> u64 {
        self.ends_minus_starts.wrapping_add(u64::from(self.busy).wrapping_mul(now))
    }

    /// Lets an attempt wait; there is a place.
    #[inline]
    pub fn push(&mut self, records: &mut Records, rid: Rid) {
        self.waiting += 1;
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
    pub fn pop(&mut self, records: &Records) -> Option<Rid> {
        if self.head == NONE {
            return None;
        }
        let rid = self.head;
        self.head = records[rid].link;
        self.waiting -= 1;
        Some(rid)
    }

    /// Empties the queue, keeping the attempts for which `stays` holds; returns the others, in order.
    pub fn drain(&mut self, records: &mut Records, stays: impl Fn(&Records, Rid) -> bool) -> Vec<Rid> {
        let mut all = Vec::new();
        while let Some(rid) = self.pop(records) {
            all.push(rid);
        }
        let (kept, gone): (Vec<Rid>, Vec<Rid>) = all.into_iter().partition(|&rid| stays(records, rid));
        self.head = kept.first().copied().unwrap_or(NONE);
        self.tail = kept.last().copied().unwrap_or(NONE);
        self.waiting = kept.len() as u32;
        for (i, &rid) in kept.iter().enumerate() {
            records[rid].link = kept.get(i + 1).copied().unwrap_or(NONE);
        }
        gone
    }
}
