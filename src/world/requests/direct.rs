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
use super::happening::{Happening, Observer, Resolved};
use super::request::{Place, Record};
use super::station::{Crossing, StationState};
use super::world::World;
use crate::catalogue::Cause;
use crate::scenario::stage::Expired;
use crate::units::Nanos;

/// What an arrival-driven station will do with an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Booking {
    /// When it came.
    from: Nanos,
    /// When a slot takes it.
    start: Nanos,
    /// When it leaves the station.
    end: Nanos,
    /// Whether a slot works on it, or drops it because its client has given up.
    is_served: bool,
}

impl StationState {
    /// Takes an attempt whose client waits until `expires`; `None` if the queue is full.
    #[inline]
    fn book(&mut self, now: Nanos, service: Nanos, expires: Nanos) -> Option<Booking> {
        if self.free_at.len() == self.slots as usize {
            let past = self.free_at.iter().take_while(|&&end| end <= now).count();
            self.free_at.drain(..past);
        }
        let waits = self.free_at.len() == self.slots as usize;
        let start = if waits { self.free_at[0] } else { now };
        if waits && self.queue != u32::MAX {
            while let Some(&start) = self.starts.front()
                && start <= now
            {
                self.starts.pop_front();
            }
            if self.starts.len() >= self.queue as usize {
                return None;
            }
            self.starts.push_back(start);
        }
        self.came += 1;
        if self.expired == Expired::Drop && expires < start {
            return Some(Booking { from: now, start, end: start, is_served: false });
        }
        let end = start.saturating_add(service);
        let ends = &mut self.free_at;
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
        Some(Booking { from: now, start, end, is_served: true })
    }
}

impl World {
    /// Returns whether a station is arrival-driven, or turns so now because nothing speaks against it.
    #[inline]
    pub(super) fn is_direct(&mut self, index: usize, cell: usize) -> bool {
        let station = &mut self.stations[index];
        if !station.is_direct
            && self.setting.may_be_direct[index]
            && self.settles_ahead
            && station.is_idle()
            && self.cells[cell].strikes.is_empty()
        {
            station.is_direct = true;
        }
        station.is_direct
    }

    /// Serves an attempt that arrives at an arrival-driven station.
    pub(super) fn serve_directly<O: Observer>(&mut self, rid: Rid, index: usize, observer: &mut O) {
        let record = &self.records[rid];
        let service = self.platform.steps[record.step as usize].service_time(record);
        let Some(booking) = self.stations[index].book(self.now, service, record.expires) else {
            return self.fail(rid, Cause::Full, observer);
        };
        self.settle_or_cross(rid, index, booking, observer);
    }

    /// Serves a first attempt that has no record yet, and needs none if all that can happen to it is known now.
    #[inline]
    pub(super) fn serve_at_once<O: Observer>(&mut self, mut record: Record, index: usize, observer: &mut O) {
        let now = self.now;
        let service = self.platform.steps[record.step as usize].service_time(&record);
        let station = &mut self.stations[index];
        let booking = station.book(now, service, record.expires);
        if let Some(Booking { start, end, is_served: true, .. }) = booking
            && end < self.limit
            && end <= record.expires
        {
            station.add_service(start, end);
            if start > now {
                station.add_wait(now, start);
                observer.happened(Happening::Waited { from: now, until: start });
            }
            self.cells[record.cell as usize].passed(now, end);
            if !record.is_surge() {
                let Record { sub, class, arrival, .. } = record;
                observer.happened(Happening::Resolved(Resolved { sub, class, arrival, at: end, failed: None }));
            }
            return;
        }
        self.cells[record.cell as usize].entered(now);
        record.set_in_cell(true);
        let rid = self.records.add(record);
        match booking {
            None => self.fail(rid, Cause::Full, observer),
            Some(booking) => self.settle_or_cross(rid, index, booking, observer),
        }
    }

    #[inline]
    fn settle_or_cross<O: Observer>(&mut self, rid: Rid, index: usize, booking: Booking, observer: &mut O) {
        let Booking { from, start, end, .. } = booking;
        if end < self.limit {
            if start > from {
                observer.happened(Happening::Waited { from, until: start });
            }
            self.settle(rid, index, &booking, observer);
        } else {
            if start > from {
                observer.happened(Happening::JoinedQueue { at: from });
            }
            self.cross(rid, index, booking);
        }
    }

    /// The attempt may still be disturbed: what is to become of it is kept until the limit has moved on.
    fn cross(&mut self, rid: Rid, index: usize, Booking { from, start, end, is_served }: Booking) {
        self.ensure_timer(rid);
        self.records[rid].place = Place::Service;
        if self.stations[index].crossing.is_empty() {
            self.crossed.push(index as u32);
        }
        self.stations[index].crossing.push(Crossing { rid, from, start, end, is_served });
    }

    /// Nothing can happen to the attempt any more: it leaves the station, and its cell, at its end.
    #[inline]
    fn settle<O: Observer>(
        &mut self,
        rid: Rid,
        index: usize,
        &Booking { from, start, end, is_served }: &Booking,
        observer: &mut O,
    ) {
        if start > from {
            self.stations[index].add_wait(from, start);
        }
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
                observer.happened(Happening::Resolved(Resolved { sub, class, arrival, at: end, failed: None }));
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
                    let Crossing { from, start, end, is_served, .. } = one;
                    let booking = Booking { from, start, end, is_served };
                    if start > from {
                        observer.happened(Happening::LeftQueue { at: start });
                    }
                    self.settle(one.rid, index as usize, &booking, observer);
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
    pub(super) fn work_by_events<O: Observer>(&mut self, cell: u32, observer: &mut O) {
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
                    if one.start > one.from {
                        self.stations[index as usize].add_wait(one.from, one.start);
                        observer.happened(Happening::LeftQueue { at: one.start });
                    }
                    self.stations[index as usize].start(one.start);
                    self.records[one.rid].place = Place::Service;
                    self.records[one.rid].link = index;
                    self.events.schedule_ahead(one.end, Event::Served(one.rid).pack());
                } else {
                    self.records[one.rid].place = Place::Queue;
                    self.stations[index as usize].push(&mut self.records, one.rid, one.from);
                    if one.start == one.from {
                        observer.happened(Happening::JoinedQueue { at: one.from });
                    }
                }
            }
            self.crossed.retain(|&other| other != index);
        }
    }
}
