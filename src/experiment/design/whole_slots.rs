//! Whole slots: what a share of few slots amounts to when a fault takes it away.

use std::collections::BTreeSet;

use crate::experiment::outcome::Warning;
use crate::scenario::Scenario;
use crate::scenario::fault::{Clock, Effect, Fault, Schedule, ScopeKind, SharePer};
use crate::world::operations::effects::{Strike, slots_left};
use crate::world::platform::Platform;
use crate::world::platform::scope::{self, Target};

/// A share is worth a word if what is taken differs by more than this share of the slots.
const WORTH_A_WORD: f64 = 0.01;

/// What a fault takes of a station.
struct Taken<'a> {
    stage: &'a str,
    /// Slots of the station, and those in the struck zone.
    slots: u32,
    in_zone: Option<(usize, u32)>,
    asked: f64,
    taken: u32,
}

impl Taken<'_> {
    fn off(&self) -> f64 {
        (f64::from(self.taken) / f64::from(self.slots) - self.asked).abs()
    }
}

/// Returns what becomes of each share of slots that is not a whole number of them: of every fault the station where it differs most.
pub fn warnings(scenario: &Scenario, platform: &Platform) -> Vec<Warning> {
    let worst = |fault: &Fault| {
        let taken =
            targets(scenario, platform, fault).into_iter().flat_map(|target| of_target(platform, fault, target));
        let worst = taken.max_by(|a, b| a.off().total_cmp(&b.off())).filter(|taken| taken.off() > WORTH_A_WORD)?;
        let Taken { stage, slots, in_zone, asked, taken } = worst;
        Some(Warning::WholeSlots {
            fault: fault.name.clone(),
            stage: stage.to_owned(),
            slots,
            taken,
            meant: asked,
            in_zone: in_zone.map(|(zone, there)| (scenario.zones[zone].clone(), there)),
        })
    };
    scenario.faults.iter().filter_map(worst).collect()
}

/// What a fault may strike, one zone at a time.
fn targets(scenario: &Scenario, platform: &Platform, fault: &Fault) -> Vec<Target> {
    match fault.schedule {
        Schedule::Random { clock: Clock::Each(ScopeKind::Zone) | Clock::OneOf(ScopeKind::Zone), .. } => {
            let zones = scope::instances(scenario, platform, &fault.strikes, ScopeKind::Zone);
            zones.into_iter().map(|(_, target)| target).collect()
        }
        _ => vec![scope::target(scenario, platform, &fault.strikes, None)],
    }
}

/// What a fault takes of each station that it strikes; of several that are alike only the first.
fn of_target<'a>(platform: &'a Platform, fault: &Fault, target: Target) -> Vec<Taken<'a>> {
    let Target::Cells { cells, stage, zone, tier: None } = target else { return Vec::new() };
    let left = left(fault, zone.is_some());
    if left >= 1.0 {
        return Vec::new();
    }
    let stations: Vec<u32> = match &stage {
        Some(stage) => {
            let first = |cell: u32| platform.cells[cell as usize].first_station;
            let has = |&&(cell, place): &&(u32, u32)| place < platform.cells[cell as usize].stations;
            stage.places.iter().filter(has).map(|&(cell, place)| first(cell) + place).collect()
        }
        None => cells
            .iter()
            .flat_map(|&cell| {
                let cell = &platform.cells[cell as usize];
                cell.first_station..cell.first_station + cell.stations
            })
            .collect(),
    };
    let strike = Strike {
        activation: 0,
        key: crate::engine::rng::Key(0),
        place: None,
        destination: None,
        zone,
        tier: None,
        detected: fault.detected_after.is_some(),
        effects: fault.effects.clone(),
    };
    let share = zone.map_or(1.0, |_| 1.0 / platform.zones as f64);
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for station in stations.into_iter().map(|station| &platform.stations[station as usize]) {
        let size = &station.size;
        if size.slots == 0 || !seen.insert((station.stage.as_str(), size.slots, size.by_zone.clone())) {
            continue;
        }
        all.push(Taken {
            stage: &station.stage,
            slots: size.slots,
            in_zone: zone.map(|zone| (zone, size.by_zone[zone])),
            asked: share * (1.0 - left),
            taken: size.slots - slots_left(std::slice::from_ref(&strike), 0, size.slots, &size.by_zone).min(size.slots),
        });
    }
    all
}

/// The share of what it strikes that a fault leaves.
fn left(fault: &Fault, in_zone: bool) -> f64 {
    let of_effect = |effect: &Effect| match *effect {
        Effect::Capacity { factor } => factor,
        Effect::Crash | Effect::Blackhole if in_zone => 0.0,
        Effect::Errors { share, per: SharePer::Slot } if fault.detected_after.is_some() => 1.0 - share,
        _ => 1.0,
    };
    fault.effects.iter().map(of_effect).product()
}
