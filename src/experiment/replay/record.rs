//! Recording: a replication once more, the world without its faults beside it, and both films put together.

use std::sync::Arc;

use super::film::{Bands, Film};
use super::harmed;
use super::history::{Moment, Replay, Span, State, Unit};
use crate::experiment::replication::incident::Incident;
use crate::experiment::replication::run;
use crate::experiment::study::job::build;
use crate::experiment::study::warmup;
use crate::experiment::study::watch::{RunError, spared};
use crate::measure::recovery::UnitSecond;
use crate::scenario::Scenario;
use crate::units::{Nanos, SECOND};
use crate::world::platform::cell::Cell;
use crate::world::platform::population::SubId;
use crate::world::platform::scope::Target;
use crate::world::requests::setting::Setting;

/// Runs a replication (from 0) once more and records it.
///
/// # Errors
/// No platform can be built, or the run is ended.
pub fn record(scenario: &Scenario, index: u32) -> Result<Replay, RunError> {
    spared(|| {
        let mut scenario = scenario.clone();
        scenario.run.warmup = warmup::of(&scenario).map_err(RunError::Scenario)?;
        let scenario = &scenario;
        let platform = Arc::new(build(scenario).map_err(RunError::Scenario)?);
        let incidents = run(scenario, &platform, index).incidents;
        let setting = Arc::new(Setting::new(scenario, &platform, index));
        let bands = Arc::new(Bands::of(&incidents, &setting));
        let here = Film::of(scenario, &setting, &bands, true);
        let twin = Film::of(scenario, &setting, &bands, false);
        Ok(replay((scenario, &setting), [&here, &twin], &incidents, index))
    })
}

/// Puts two films together.
fn replay((scenario, setting): (&Scenario, &Setting), films: [&Film; 2], incidents: &[Incident], index: u32) -> Replay {
    let platform = &setting.platform;
    let here = films[0];
    let (frames, cells) = (here.frames, platform.cells.len());
    let mut units: Vec<Unit> = platform.cells.iter().map(|cell| unit(scenario, cell)).collect();
    units.push(Unit {
        name: "router".to_owned(),
        workflow: String::new(),
        tier: String::new(),
        customers: u64::from(setting.customers()),
        moments: Vec::new(),
    });
    let struck = struck(setting, here);
    let harmed = harmed::harmed((scenario, setting), films);
    let mut all = Vec::with_capacity(frames);
    for frame in 0..frames {
        let length = here.length(frame);
        let mut sum = UnitSecond::default();
        for (at, unit) in units.iter_mut().enumerate() {
            let second = here.against(films[1], frame, at);
            for which in 0..2 {
                sum.all[which] += if at == cells { 0 } else { second.all[which] };
                sum.failed[which] += second.failed[which];
                sum.occupancy[which] += second.occupancy[which];
            }
            let moment = moment(&second, length);
            unit.moments.push(Moment {
                struck: struck[frame * (cells + 1) + at],
                harmed: harmed.of_unit(at, frame),
                ..moment
            });
        }
        // Of those who had no cell yet, the router alone knows.
        let router = here.against(films[1], frame, cells);
        sum.all = router.all;
        let any = (0..=cells).any(|at| struck[frame * (cells + 1) + at]);
        all.push(Moment { struck: any, harmed: harmed.of_all(frame), ..moment(&sum, length) });
    }
    if platform.router.is_none() {
        units.pop();
    }
    Replay {
        replication: index + 1,
        frame_seconds: here.width as f64 / SECOND as f64,
        horizon_seconds: platform.horizon as f64 / SECOND as f64,
        frames,
        units,
        all,
        lookups: here.lookups.clone(),
        incidents: incidents.iter().map(|incident| span(scenario, incident)).collect(),
    }
}

fn unit(scenario: &Scenario, cell: &Cell) -> Unit {
    Unit {
        name: cell.name.clone(),
        workflow: scenario.workflows[cell.workflow].name.clone(),
        tier: cell.tier.map_or_else(String::new, |tier| scenario.tiers[tier].name.clone()),
        customers: u64::from(cell.customers),
        moments: Vec::new(),
    }
}

fn moment(second: &UnitSecond, length: Nanos) -> Moment {
    Moment {
        state: State::of(second, length),
        requests: second.all[0],
        failed: second.failed[0],
        in_system: second.occupancy[0] as f64 / length.max(1) as f64,
        ..Moment::default()
    }
}

fn span(scenario: &Scenario, incident: &Incident) -> Span {
    let names: Vec<&str> = incident.faults.iter().map(|&fault| scenario.faults[fault].name.as_str()).collect();
    Span {
        fault: names.join("+"),
        strikes: incident.strikes.clone(),
        onset: incident.onset,
        end: incident.end,
        harmed: incident.by_tier.iter().map(|tier| tier.harmed).sum(),
    }
}

/// Returns by frame and unit whether a fault strikes it.
fn struck(setting: &Setting, film: &Film) -> Vec<bool> {
    let router = setting.platform.cells.len();
    let mut struck = vec![false; film.frames * (router + 1)];
    for activation in &setting.activations {
        let units: Vec<usize> = match &activation.target {
            Target::Cells { cells, .. } => cells.iter().map(|&cell| cell as usize).collect(),
            Target::Router(_) => vec![router],
            target @ Target::Customers { .. } => {
                let all = 0..setting.subscriptions() as SubId;
                let hit =
                    |&sub: &SubId| target.is_struck(&setting.platform, setting.class_of(sub), || setting.customer(sub));
                all.filter(hit).map(|sub| film.home(sub)).filter(|&home| home != router).collect()
            }
        };
        for frame in film.touched(activation.onset, activation.end) {
            for &unit in &units {
                struck[frame * (router + 1) + unit] = true;
            }
        }
    }
    struck
}
