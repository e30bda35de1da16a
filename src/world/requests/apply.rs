//! What operations do to this world: onset, detection and end of faults.

use std::sync::Arc;

use super::attempt::{Attempt, AttemptId, Phase};
use super::demand::customer_strikes::CustomerStrikes;
use super::demand::surges;
use super::event::Event;
use super::happening::{Happening, Observer};
use super::setting::Setting;
use super::world::World;
use crate::scenario::fault::{Effect, RouterStep};
use crate::units::NEVER;
use crate::world::operations::effects::{self, Strike};
use crate::world::operations::timetable::{DETECTION, ONSET};
use crate::world::platform::class::By;
use crate::world::platform::scope::Target;
use crate::world::platform::struck_stage::StruckStage;

/// Every step of the router that a fault may strike.
const ROUTER_STEPS: [RouterStep; 4] =
    [RouterStep::Cache, RouterStep::Store, RouterStep::Placement, RouterStep::Network];

/// An entry of the timetable is due.
pub(super) fn happens<O: Observer>(world: &mut World, payload: u32, observer: &mut O) {
    let (index, kind) = (payload / 3, payload % 3);
    world.schedule_operation();
    if kind == ONSET {
        world.onsets_past = index + 1;
    }
    if !world.ignored.contains(index) {
        let setting = Arc::clone(&world.setting);
        if let Target::Cells { cells, .. } = &setting.activations[index as usize].target {
            cells.iter().for_each(|&cell| world.work_by_events(cell, observer));
        }
        match kind {
            ONSET => onset(world, &setting, index, observer),
            DETECTION => rebuild(world, &setting, index, observer),
            _ => {
                world.active.retain(|&active| active != index);
                rebuild(world, &setting, index, observer);
            }
        }
    }
    world.move_limit(observer);
}

fn onset<O: Observer>(world: &mut World, setting: &Setting, index: u32, observer: &mut O) {
    let activation = &setting.activations[index as usize];
    if activation.end > activation.onset {
        world.active.push(index);
        rebuild(world, setting, index, observer);
    }
    for effect in setting.effects(activation) {
        match effect {
            Effect::Crash => lose_in_flight(world, setting, &activation.target, observer),
            Effect::Flush => {
                if let Some(router) = &mut world.router {
                    router.content.flush();
                }
            }
            Effect::Demand { factor } if factor > 1.0 => surges::add(&mut world.arrivals, setting, activation, factor),
            Effect::Demand { .. }
            | Effect::Blackhole
            | Effect::Slow { .. }
            | Effect::Errors { .. }
            | Effect::Capacity { .. } => {}
        }
    }
    serve_everywhere(world, setting, &activation.target, observer);
}

/// Brings the state of everything that an activation strikes in line with what is active now.
fn rebuild<O: Observer>(world: &mut World, setting: &Setting, index: u32, observer: &mut O) {
    let target = &setting.activations[index as usize].target;
    match target {
        Target::Cells { cells, .. } => cells.iter().for_each(|&cell| rebuild_cell(world, setting, cell)),
        Target::Router(_) => {
            for step in ROUTER_STEPS {
                let is_struck = |&&active: &&u32| match setting.activations[active as usize].target {
                    Target::Router(struck) => struck == step,
                    Target::Cells { .. } | Target::Customers { .. } => false,
                };
                let active = world.active.iter().filter(is_struck);
                let strikes = active.map(|&active| setting.strike(active, world.now)).collect();
                if let Some(router) = &mut world.router {
                    router.struck(step, strikes);
                }
            }
            change_store_pace(world);
        }
        Target::Customers { .. } => {
            let active = world.active.iter().map(|&active| setting.strike(active, world.now));
            world.customers = CustomerStrikes::among(setting, active);
        }
    }
    serve_everywhere(world, setting, target, observer);
}

fn rebuild_cell(world: &mut World, setting: &Setting, cell: u32) {
    let platform = &setting.platform;
    let (first, count) = (platform.cells[cell as usize].first_station, platform.cells[cell as usize].stations);
    let mut strikes = Vec::new();
    for &active in &world.active {
        let activation = &setting.activations[active as usize];
        let Target::Cells { cells, stage, zone, tier } = &activation.target else { continue };
        if cells.binary_search(&cell).is_err() {
            continue;
        }
        let everywhere = Strike { zone: *zone, tier: *tier, ..setting.strike(active, world.now) };
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
        world.stations[index].set_slots(effects::slots_left(&strikes, offset, size.slots, &size.by_zone));
    }
    world.cells[cell as usize].gate.strikes = strikes;
}

/// Faults on the store have begun or ended: lookups that wait are put off.
fn change_store_pace(world: &mut World) {
    let Some(router) = &mut world.router else { return };
    let attempts = &world.attempts;
    let mut moved = router.change_pace(world.now, |id| attempts[id].phase == Phase::Dead);
    moved.sort_by_key(|(asked, id)| {
        let request = attempts[*id].request;
        (asked.start, request.arrival, request.key.0)
    });
    for (asked, id) in moved.iter().filter(|(asked, _)| asked.ready != NEVER) {
        world.events.schedule(asked.ready, Event::StoreAnswered(*id).pack());
    }
}

/// Capacity may have come back: those who wait get it.
fn serve_everywhere<O: Observer>(world: &mut World, setting: &Setting, target: &Target, observer: &mut O) {
    let Target::Cells { cells, .. } = target else { return };
    for &cell in cells.iter() {
        let cell = &setting.platform.cells[cell as usize];
        for station in cell.first_station..cell.first_station + cell.stations {
            world.serve_waiting(station as usize, observer);
            let next = world.stations[station as usize].repace(world.now);
            world.step_on(station as usize, next);
        }
    }
}

/// A crash: what is in flight in the struck part is lost.
fn lose_in_flight<O: Observer>(world: &mut World, setting: &Setting, target: &Target, observer: &mut O) {
    match target {
        Target::Router(RouterStep::Store) => store_crashes(world, observer),
        Target::Router(_) | Target::Customers { .. } => {}
        // Calls that were sent are not lost.
        Target::Cells { stage: Some(stage), .. } if stage.destination.is_some() => {}
        Target::Cells { cells, stage, zone, tier } => {
            let platform = &setting.platform;
            let is_struck = |attempt: &Attempt| {
                let class = &platform.classes[attempt.request.class as usize];
                attempt.is_in_cell()
                    && cells.binary_search(&attempt.cell).is_ok()
                    && tier.is_none_or(|tier| tier == class.tier)
                    && zone.is_none_or(|zone| effects::zone_of(attempt.key, platform.zones) == zone)
                    && stage.as_ref().is_none_or(|stage| stands_at(attempt, stage, setting))
            };
            let lost = world.attempts.in_order_of_arrival(is_struck);
            // First out of the queues and slots, then the clients learn: a retry must not meet half a crash.
            let mut in_lost = vec![false; lost.iter().max().map_or(0, |last| last.0 as usize + 1)];
            for id in &lost {
                in_lost[id.0 as usize] = true;
            }
            let stays = |id: AttemptId| !in_lost.get(id.0 as usize).copied().unwrap_or(false);
            for &cell in cells.iter() {
                let cell = &platform.cells[cell as usize];
                for station in cell.first_station..cell.first_station + cell.stations {
                    let dropped = world.stations[station as usize].drop_where(world.now, stays);
                    world.step_on(station as usize, dropped.next);
                    for _ in 0..dropped.waited {
                        observer.happened(Happening::LeftQueue { at: world.now });
                    }
                }
            }
            for &id in &lost {
                let Attempt { phase, station, .. } = world.attempts[id];
                if phase == Phase::Service {
                    world.stations[station as usize].done(world.now);
                }
            }
            for id in lost {
                world.drop_inside(id, observer);
            }
        }
    }
}

/// Returns whether an attempt in a cell stands at a struck stage.
fn stands_at(attempt: &Attempt, stage: &StruckStage, setting: &Setting) -> bool {
    let step = &setting.platform.steps[attempt.step as usize];
    let place = match &step.at.by {
        By::Cell => step.at.base,
        By::Shard(_) | By::Load(_) => attempt.station - setting.platform.cells[attempt.cell as usize].first_station,
    };
    stage.places.binary_search(&(attempt.cell, place)).is_ok()
}

/// The store crashes: lookups under way are lost.
fn store_crashes<O: Observer>(world: &mut World, observer: &mut O) {
    let lost = world.attempts.in_order_of_arrival(|attempt| attempt.phase == Phase::Store);
    let Some(router) = &mut world.router else { return };
    router.store_crashes(world.now);
    for id in lost {
        // What stands still has no event to wait for.
        if world.router.as_mut().is_some_and(|router| router.lose(id, world.now)) {
            world.attempts[id].phase = Phase::Queue;
        }
        world.drop_inside(id, observer);
    }
}
