//! Service: an attempt's way through the stations of its cell.

use super::event::{Event, Rid};
use super::happening::{Happening, Observer, Resolved};
use super::request::{Place, Record};
use super::worker_choice::place_of;
use super::world::World;
use crate::catalogue::Cause;
use crate::engine::rng::Slot;
use crate::scenario::stage::Expired;
use crate::units::Nanos;
use crate::world::operations::effects::{self, Admission};
use crate::world::platform::class::Step;

const WHOSE_LUCK: Slot = Slot::named("service/whose luck");

impl Step {
    /// Draws the time that the step takes, undisturbed.
    #[inline]
    pub(super) fn service_time(&self, record: &Record) -> Nanos {
        if let Some(constant) = self.constant {
            return constant;
        }
        let own = self.luck_of_request > 0.0
            && record.attempt_key.happens(Slot(WHOSE_LUCK.0 ^ self.slot.0), self.luck_of_request);
        let key = if own { record.request } else { record.attempt_key };
        self.sampler.sample(key.draw(self.slot))
    }
}

impl World {
    /// The attempt reaches its cell.
    #[inline]
    pub(super) fn enter_cell<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &mut self.records[rid];
        let (sub, cell) = (record.sub, record.cell);
        if !self.cells[cell as usize].strikes.is_empty() {
            self.ensure_timer(rid);
            let record = &self.records[rid];
            let customer = self.setting.customer(sub);
            let strikes = &self.cells[cell as usize].strikes;
            match effects::admit(strikes, None, &record.facts(&self.platform), customer) {
                Admission::Pass => {}
                Admission::Refuse => return self.fail(rid, Cause::Refused, observer),
                Admission::Error => return self.fail(rid, Cause::Error, observer),
                Admission::Swallow => return self.swallow(rid),
            }
        }
        self.records[rid].set_in_cell(true);
        self.cells[cell as usize].entered(self.now);
        self.advance(rid, observer);
    }

    #[inline]
    pub(super) fn leave_cell(&mut self, rid: Rid) {
        self.leave_cell_at(rid, self.now);
    }

    /// The attempt leaves its cell, at an instant that may lie ahead.
    #[inline]
    pub(super) fn leave_cell_at(&mut self, rid: Rid, at: Nanos) {
        let record = &mut self.records[rid];
        if record.is_in_cell() {
            record.set_in_cell(false);
            self.cells[record.cell as usize].left(at);
        }
    }

    /// The attempt has done a step: it goes to the next, or is answered.
    #[inline]
    pub(super) fn go_on<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &mut self.records[rid];
        if self.platform.steps[record.step as usize].is_last {
            self.answer(rid, observer);
        } else {
            record.step += 1;
            self.advance(rid, observer);
        }
    }

    /// The attempt comes to the step at which it stands.
    #[inline]
    pub(super) fn advance<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &self.records[rid];
        let step = &self.platform.steps[record.step as usize];
        if step.station.is_none() {
            return self.pass_without_station(rid, observer);
        }
        let cell = record.cell as usize;
        let offset = if step.picks_by_load { self.pick_worker(rid) } else { place_of(step, record, &self.setting) };
        let record = &self.records[rid];
        if !self.cells[cell].strikes.is_empty() {
            let customer = self.setting.customer(record.sub);
            match effects::admit(&self.cells[cell].strikes, Some(offset), &record.facts(&self.platform), customer) {
                Admission::Pass => {}
                Admission::Refuse => return self.fail(rid, Cause::Refused, observer),
                Admission::Error => return self.fail(rid, Cause::Error, observer),
                Admission::Swallow => return self.swallow(rid),
            }
        }
        let index = (self.platform.cells[cell].first_station + offset) as usize;
        if self.is_direct(index, cell) {
            return self.serve_directly(rid, index, observer);
        }
        let station = &self.stations[index];
        if station.is_shared() {
            self.share(rid, index, observer);
        } else if station.busy < station.slots {
            self.stations[index].came += 1;
            self.serve(rid, index);
        } else if station.waiting < station.queue {
            self.ensure_timer(rid);
            self.records[rid].place = Place::Queue;
            let station = &mut self.stations[index];
            station.came += 1;
            station.push(&mut self.records, rid, self.now);
            observer.happened(Happening::JoinedQueue { at: self.now });
        } else {
            self.fail(rid, Cause::Full, observer);
        }
    }

    /// The attempt comes to a stage where nobody contends: a delay, or a fan-out.
    fn pass_without_station<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        let record = &self.records[rid];
        let step = &self.platform.steps[record.step as usize];
        if let Some(fan_out) = step.fan_out {
            return self.fan_out(rid, fan_out, observer);
        }
        let strikes = &self.cells[record.cell as usize].strikes;
        if !strikes.is_empty() {
            let customer = self.setting.customer(record.sub);
            match effects::admit(strikes, Some(step.place), &record.facts(&self.platform), customer) {
                Admission::Pass => {}
                Admission::Refuse => return self.fail(rid, Cause::Refused, observer),
                Admission::Error => return self.fail(rid, Cause::Error, observer),
                Admission::Swallow => {
                    self.ensure_timer(rid);
                    return self.swallow(rid);
                }
            }
        }
        self.ensure_timer(rid);
        let delay = self.service_time(rid);
        self.records[rid].place = Place::Delay;
        self.events.schedule(self.now.saturating_add(delay), Event::Delayed(rid).pack());
    }

    /// A slot begins to work on the attempt.
    #[inline]
    pub(super) fn serve(&mut self, rid: Rid, station: usize) {
        if self.stations[station].is_paced() {
            return self.progress_together(rid, station);
        }
        let end = self.now.saturating_add(self.service_time(rid));
        self.stations[station].start(self.now);
        let record = &mut self.records[rid];
        record.place = Place::Service;
        record.link = station as u32;
        // Served in time, it may never need a timer.
        if end > record.expires {
            self.ensure_timer(rid);
        }
        self.events.schedule_ahead(end, Event::Served(rid).pack());
    }

    /// Draws the time that the current step takes.
    #[inline]
    pub(super) fn service_time(&self, rid: Rid) -> Nanos {
        let record = &self.records[rid];
        let step = &self.platform.steps[record.step as usize];
        let service = step.service_time(record);
        let strikes = &self.cells[record.cell as usize].strikes;
        if strikes.is_empty() {
            return service;
        }
        effects::slowed(strikes, Some(place_of(step, record, &self.setting)), &record.facts(&self.platform), service)
    }

    #[inline]
    pub(super) fn served<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        if self.is_over(rid) {
            return;
        }
        let station = self.records[rid].link as usize;
        self.stations[station].finish(self.now);
        self.serve_waiting(station, observer);
        let drop = self.stations[station].expired == Expired::Drop && !self.records[rid].has_client();
        if drop {
            self.leave_cell(rid);
            self.records.free(rid);
            return;
        }
        self.go_on(rid, observer);
    }

    /// Gives free slots to those who wait.
    #[inline]
    pub(super) fn serve_waiting<O: Observer>(&mut self, index: usize, observer: &mut O) {
        loop {
            let station = &mut self.stations[index];
            if station.waiting == 0 || station.busy >= station.slots {
                break;
            }
            let Some(next) = station.pop(&self.records, self.now) else { break };
            observer.happened(Happening::LeftQueue { at: self.now });
            if station.expired == Expired::Drop && !self.records[next].has_client() {
                self.leave_cell(next);
                self.records.free(next);
            } else {
                self.serve(next, index);
            }
        }
    }

    /// A good answer leaves the cell.
    #[inline]
    pub(super) fn answer<O: Observer>(&mut self, rid: Rid, observer: &mut O) {
        self.leave_cell(rid);
        self.release_partner(rid);
        let record = &self.records[rid];
        if record.has_client() && !record.is_surge() {
            let Record { sub, class, arrival, .. } = *record;
            observer.happened(Happening::Resolved(Resolved { sub, class, arrival, at: self.now, failed: None }));
        }
        self.records.free(rid);
    }
}
