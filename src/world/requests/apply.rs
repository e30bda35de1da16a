//! Operations events: onset, detection and end of faults, and what each changes in the world.

use std::sync::Arc;

use super::event::{Event, Rid};
use super::happening::{Happening, Observer};
use super::request::Place;
use super::router::step_index;
use super::worker_choice::place_of;
use super::world::World;
use crate::scenario::fault::{Effect, RouterStep};
use crate::world::operations::effects::{self, Strike};
use crate::world::operations::faults::Activation;
use crate::world::operations::timetable::{DETECTION, ONSET};
use crate::world::platform::scope::Target;

impl World {
    /// Schedules the next event of an activation. Only one is in the event list at a time: a world is cloned at every incident, and
    /// must not carry all that is still to come.
    pub(super) fn schedule_operation(&mut self) {
        if let Some(&(at, payload)) = self.setting.operations.get(self.operations_past as usize) {
            self.operations_past += 1;
            self.events.schedule_first(at, Event::Fault(payload).pack());
        }
    }

    /// One event of an activation.
    pub(super) fn fault_event<O: Observer>(&mut self, payload: u32, observer: &mut O) {
        let (index, kind) = (payload / 3, payload % 3);
        self.schedule_operation();
        if kind == ONSET {
            self.onsets_past = index + 1;
        }
        if self.ignored.contains(index) {
            return;
        }
        let setting = Arc::clone(&self.setting);
        if let Target::Cells { cells, .. } = &setting.activations[index as usize].target {
            cells.iter().for_each(|&cell| self.work_by_events(cell, observer));
        }
        match kind {
            ONSET => self.onset(index, observer),
            DETECTION => self.rebuild(index, observer),
            _ => {
                self.active.retain(|&active| active != index);
                self.rebuild(index, observer);
            }
        }
    }

    fn onset<O: Observer>(&mut self, index: u32, observer: &mut O) {
        let setting = Arc::clone(&self.setting);
        let activation = &setting.activations[index as usize];
        let effects = setting.effects(activation);
        if activation.end > activation.onset {
            self.active.push(index);
            self.rebuild(index, observer);
        }
        for effect in &effects {
            match *effect {
                Effect::Crash => self.lose_in_flight(&activation.target, observer),
                Effect::Flush => {
                    if let Some(router) = &mut self.router {
                        router.content.flush();
                    }
                }
                Effect::Demand { factor } if factor > 1.0 => self.add_surge(activation, factor),
                Effect::Demand { .. }
                | Effect::Blackhole
                | Effect::Slow { .. }
                | Effect::Errors { .. }
                | Effect::Capacity { .. } => {}
            }
        }
        self.serve_everywhere(&activation.target, observer);
    }

    /// Brings the state of everything that an activation strikes in line with what is active now.
    fn rebuild<O: Observer>(&mut self, index: u32, observer: &mut O) {
        let setting = Arc::clone(&self.setting);
        let target = &setting.activations[index as usize].target;
        match target {
            Target::Cells { cells, .. } => {
                for &cell in cells.iter() {
                    self.rebuild_cell(cell);
                }
            }
            Target::Router(_) => {
                let mut strikes = [const { Vec::new() }; 4];
                for &active in &self.active {
                    let activation = &setting.activations[active as usize];
                    if let Target::Router(step) = activation.target {
                        strikes[step_index(step)].push(self.strike(active, activation, None, None));
                    }
                }
                if let Some(router) = &mut self.router {
                    router.strikes = strikes;
                    router.struck_anew();
                }
                self.change_store_pace();
            }
            Target::Customers { .. } => {
                let on_customers =
                    |&index: &u32| matches!(setting.activations[index as usize].target, Target::Customers { .. });
                self.customer_strikes = self.active.iter().copied().filter(on_customers).collect();
            }
        }
        self.serve_everywhere(target, observer);
    }

    fn rebuild_cell(&mut self, cell: u32) {
        let setting = Arc::clone(&self.setting);
        let platform = &setting.platform;
        let (first, count) = (platform.cells[cell as usize].first_station, platform.cells[cell as usize].stations);
        let mut strikes = Vec::new();
        for &active in &self.active {
            let activation = &setting.activations[active as usize];
            let Target::Cells { cells, stage, zone, tier } = &activation.target else { continue };
            if cells.binary_search(&cell).is_err() {
                continue;
            }
            let everywhere = self.strike(active, activation, *zone, *tier);
            match stage {
                None => strikes.push(everywhere),
                Some(stage) => strikes.extend(stage.in_cell(cell).map(|place| Strike {
                    place: Some(place),
                    destination: stage.destination,
                    ..everywhere.clone()
                })),
            }
        }
        for offset in 0..count {
            let index = (first + offset) as usize;
            let size = &platform.stations[index].size;
            self.stations[index].slots = effects::slots_left(&strikes, offset, size.slots, &size.by_zone);
        }
        self.cells[cell as usize].strikes = strikes;
    }

    fn strike(&self, index: u32, activation: &Activation, zone: Option<usize>, tier: Option<usize>) -> Strike {
        Strike {
            activation: index,
            key: activation.key,
            place: None,
            destination: None,
            zone,
            tier,
            detected: activation.detected.is_some_and(|at| at <= self.now),
            effects: self.setting.effects(activation),
        }
    }

    /// Capacity may have come back: those who wait get it.
    fn serve_everywhere<O: Observer>(&mut self, target: &Target, observer: &mut O) {
        let Target::Cells { cells, .. } = target else { return };
        for &cell in cells.iter() {
            let cell = &self.setting.platform.cells[cell as usize];
            for station in cell.first_station..cell.first_station + cell.stations {
                self.serve_waiting(station as usize, observer);
                self.reshare(station as usize);
            }
        }
    }

    /// A crash: what is in flight in the struck part is lost.
    fn lose_in_flight<O: Observer>(&mut self, target: &Target, observer: &mut O) {
        match target {
            Target::Router(RouterStep::Store) => self.store_crashes(observer),
            Target::Router(_) | Target::Customers { .. } => {}
            // Calls that were sent are not lost.
            Target::Cells { stage: Some(stage), .. } if stage.destination.is_some() => {}
            Target::Cells { cells, stage, zone, tier } => {
                let setting = Arc::clone(&self.setting);
                let platform = &setting.platform;
                let struck = |world: &World, rid: Rid| {
                    let record = &world.records[rid];
                    let class = &platform.classes[record.class as usize];
                    let place = || (record.cell, place_of(&platform.steps[record.step as usize], record, &setting));
                    record.is_in_cell()
                        && cells.binary_search(&record.cell).is_ok()
                        && tier.is_none_or(|tier| tier == class.tier)
                        && zone.is_none_or(|zone| effects::zone_of(record.attempt_key, platform.zones) == zone)
                        && stage.as_ref().is_none_or(|stage| stage.places.binary_search(&place()).is_ok())
                };
                let lost = self.records.in_order_of_arrival(|rid| struck(self, rid));
                // First out of the queues and slots, then the clients learn: a retry must not meet half a crash.
                let mut in_lost = vec![false; lost.iter().max().map_or(0, |&last| last as usize + 1)];
                for &rid in &lost {
                    in_lost[rid as usize] = true;
                }
                let stays = |rid: Rid| !in_lost.get(rid as usize).copied().unwrap_or(false);
                for &cell in cells.iter() {
                    let cell = &platform.cells[cell as usize];
                    for station in cell.first_station..cell.first_station + cell.stations {
                        self.empty_shared(station as usize, stays);
                        let station = &mut self.stations[station as usize];
                        if !station.is_shared() {
                            let gone = station.drain(&mut self.records, self.now, |_, rid| stays(rid));
                            for _ in gone {
                                observer.happened(Happening::LeftQueue { at: self.now });
                            }
                        }
                    }
                }
                for &rid in &lost {
                    if self.records[rid].place == Place::Service {
                        let station = self.records[rid].link as usize;
                        self.stations[station].finish(self.now);
                    }
                }
                for rid in lost {
                    self.drop_inside(rid, observer);
                }
            }
        }
    }

    /// Returns whether an error fault on customers strikes this attempt.
    pub(super) fn has_customer_error(&self, rid: Rid) -> bool {
        let record = &self.records[rid];
        let customer = self.setting.customer(record.sub);
        self.customer_strikes.iter().any(|&index| {
            let activation = &self.setting.activations[index as usize];
            activation.target.is_struck(&self.setting.platform, record.class, || customer) && {
                let strike = self.strike(index, activation, None, None);
                let strikes = std::slice::from_ref(&strike);
                effects::admit(strikes, None, &record.facts(&self.setting.platform), customer)
                    == effects::Admission::Error
            }
        })
    }
}
