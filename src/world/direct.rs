//! Arrival-driven stations: where nothing can disturb work in service, its end is known when it arrives.
//!
//! A first-in-first-out station at the end of a path needs neither a queue nor an event: it keeps the instants at which its
//! slots become free, and an attempt's start and end follow on arrival (Kiefer, Wolfowitz 1955). The answer is then reported
//! before it happens, which nobody can tell: outcomes are counted by arrival.
//!
//! What could tell is a fault, or a look at the world's state. So an attempt is settled ahead only if it ends before the next
//! fault event and before the instant up to which the world has been asked to run. All others *cross* that limit: they are kept
//! with the start and end they have as yet, and settled when the limit moves on, or turned into ordinary events when a fault
//! strikes their cell. A station that has been struck works by events until it is idle. Both ways give the same numbers, and a
//! test says so.

use super::event::{Event, Rid};
use super::observer::{Cause, Observer, Resolved};
use super::request::{Place, Record};
use super::run::World;
use crate::scenario::stage::Expired;
use crate::units::Nanos;

/// Slots up to which a sorted list of their instants is cheaper than events.
pub const MOST_SLOTS: u32 = 64;

/// An attempt that ends at or after the limit.
#[derive(Debug, Clone, Copy)]
pub struct Crossing {
    /// Its record.
    rid: Rid,
    /// When a slot takes it.
    pub start: Nanos,
    /// When it leaves the station.
    end: Nanos,
    /// Whether a slot works on it, or drops it because its client has given up.
    pub is_served: bool,
}

impl World {
    /// Serves an attempt that arrives at an arrival-driven station.
    #[inline]
    pub(super) fn serve_directly<O: Observer>(&mut self, rid: Rid, index: usize, observer: &mut O) {
        let now = self.now;
        let station = &mut self.stations[index];
        if station.free_at.len() == station.slots as usize {
            let past = station.free_at.iter().take_while(|&&end| end <= now).count();
            station.free_at.drain(..past);
        }
        let waits = station.free_at.len() == station.slots as usize;
        let start = if waits { station.free_at[0] } else { now };
        if waits && station.queue != u32::MAX {
            while let Some(&start) = station.starts.front()
                && start <= now
            {
                station.starts.pop_front();
            }
            if station.starts.len() >= station.queue as usize {
                return self.fail(rid, Cause::Full, observer);
            }
            station.starts.push_back(start);
        }
        let is_served = station.expired == Expired::Serve || self.records[rid].expires >= start;
        let end = if is_served { start + self.service_time(rid) } else { start };
        if is_served {
            let ends = &mut self.stations[index].free_at;
            if waits {
                // The first slot to be free takes it: those behind move up to the place of the new end.
                let mut at = 1;
                while at < ends.len() && ends[at] < end {
                    ends[at - 1] = ends[at];
                    at += 1;
                }
                ends[at - 1] = end;
            } else {
                // Ends are nearly in order: the place is found from the back.
                ends.push(end);
                let mut at = ends.len() - 1;
                while at > 0 && ends[at - 1] > end {
                    ends[at] = ends[at - 1];
                    at -= 1;
                }
                ends[at] = end;
            }
        }
        if end < self.limit {
            self.settle(rid, index, (start, end, is_served), observer);
        } else {
            self.ensure_timer(rid);
            self.records[rid].place = Place::Service;
            if self.stations[index].crossing.is_empty() {
                self.crossed.push(index as u32);
            }
            self.stations[index].crossing.push(Crossing { rid, start, end, is_served });
        }
    }

    /// Nothing can happen to the attempt any more: it leaves the station, and its cell, at `end`.
    #[inline]
    fn settle<O: Observer>(
        &mut self,
        rid: Rid,
        index: usize,
        (start, end, is_served): (Nanos, Nanos, bool),
        observer: &mut O,
    ) {
        if is_served {
            self.stations[index].add_service(start, end);
        }
        self.leave_cell_at(rid, end);
        let record = &self.records[rid];
        if !record.has_client() {
            self.records.free(rid);
        } else if is_served && end <= record.expires {
            if !record.is_surge() {
                let Record { sub, class, arrival, .. } = *record;
                observer.resolved(&Resolved { sub, class, arrival, at: end, failed: None });
            }
            self.records.free(rid);
        } else {
            self.ensure_timer(rid);
            self.records[rid].place = Place::Lost;
        }
    }

    /// Moves the limit, and settles what no longer crosses it.
    pub(super) fn move_limit<O: Observer>(&mut self, end: Nanos, observer: &mut O) {
        self.limit = end.min(self.next_onset());
        let mut crossed = std::mem::take(&mut self.crossed);
        crossed.retain(|&index| {
            let crossing = std::mem::take(&mut self.stations[index as usize].crossing);
            let mut left = Vec::new();
            for one in crossing {
                if one.end < self.limit {
                    self.settle(one.rid, index as usize, (one.start, one.end, one.is_served), observer);
                } else {
                    left.push(one);
                }
            }
            let crosses = !left.is_empty();
            self.stations[index as usize].crossing = left;
            crosses
        });
        crossed.append(&mut self.crossed);
        self.crossed = crossed;
    }

    /// A fault is about to strike the cell: its stations work by events from now on, until they are idle.
    pub(super) fn work_by_events(&mut self, cell: u32) {
        let cell = &self.platform.cells[cell as usize];
        for index in cell.first_station..cell.first_station + cell.stations {
            let station = &mut self.stations[index as usize];
            if !station.is_direct {
                continue;
            }
            station.is_direct = false;
            station.free_at.clear();
            station.starts.clear();
            for one in std::mem::take(&mut station.crossing) {
                if one.start < self.now {
                    self.stations[index as usize].start(one.start);
                    self.records[one.rid].place = Place::Service;
                    self.records[one.rid].link = index;
                    self.events.schedule_ahead(one.end, Event::Served(one.rid).pack());
                } else {
                    self.records[one.rid].place = Place::Queue;
                    self.stations[index as usize].push(&mut self.records, one.rid);
                }
            }
            self.crossed.retain(|&other| other != index);
        }
    }
}
