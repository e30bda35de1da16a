//! Stations: parallel slots and a queue.

use std::collections::VecDeque;

use super::direct::Crossing;
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
            is_direct: false,
            free_at: Vec::new(),
            starts: VecDeque::new(),
            crossing: Vec::new(),
            ends_minus_starts: 0,
        }
    }

    /// Returns whether all its attempts share it: see [`super::sharing`].
    #[inline]
    pub fn is_shared(&self) -> bool {
        self.discipline == Discipline::ProcessorSharing
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
