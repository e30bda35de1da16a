//! Which worker an attempt comes to: its turn in the customer's shard, or the least loaded of some.

use super::board::Board;
use super::event::Rid;
use super::request::Record;
use super::setting::Setting;
use super::world::World;
use crate::world::platform::class::Step;

/// Returns the place at which an attempt stands: its station's offset among the cell's, or that of a stage without one.
#[inline]
pub fn place_of(step: &Step, record: &Record, setting: &Setting) -> u32 {
    match &step.workers {
        None => step.place,
        Some(_) if step.picks_by_load => step.place + u32::from(record.worker),
        Some(shards) => {
            let tries = u32::from(record.attempt) - 1 + u32::from(record.copy);
            step.place + shards.pick(record.request, tries, (record.sub, setting.newcomer_key(record.sub)))
        }
    }
}

impl World {
    /// Picks the worker of an attempt that comes to a stage where loads decide; returns the offset of its station in the cell. Of those
    /// drawn that have the least, the first drawn is taken.
    pub(super) fn pick_worker(&mut self, rid: Rid) -> u32 {
        let record = &self.records[rid];
        let step = &self.platform.steps[record.step as usize];
        let first = self.platform.cells[record.cell as usize].first_station + step.place;
        let Some((shards, pick)) = step.workers.as_ref().and_then(|shards| Some((shards, shards.by_load()?))) else {
            return place_of(step, record, &self.setting);
        };
        let load = |worker: u16| {
            let station = &self.stations[first as usize + usize::from(worker)];
            station.busy + station.waiting
        };
        let whose = (record.sub, self.setting.newcomer_key(record.sub));
        let choices = shards.some(record.attempt_key.part(step.slot), pick.least_loaded_of, whose);
        let worker = if pick.refresh == 0 {
            choices.min_by_key(|&worker| load(worker))
        } else {
            let read = || Board { read: self.now, loads: (0..shards.workers() as u16).map(load).collect() };
            let board = self.boards.entry(first).or_insert_with(read);
            if board.read + pick.refresh <= self.now {
                *board = read();
            }
            choices.min_by_key(|&worker| board.loads[usize::from(worker)])
        };
        let worker = worker.unwrap_or(0);
        self.records[rid].worker = worker;
        step.place + u32::from(worker)
    }
}
