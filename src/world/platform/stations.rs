//! Stations of cells: which stages have one, and how large it is.

use super::build_error::BuildError;
use super::cell::{Cell, Group};
use super::class::Class;
use super::placement::Placer;
use super::population::Population;
use super::sizing::StationSize;
use crate::scenario::Scenario;
use crate::scenario::stage::{Expired, Pool, Size, Stage, StageKind};
use crate::stop;

/// One station.
#[derive(Debug, Clone)]
pub struct Station {
    /// Stage name.
    pub stage: String,
    /// Its cell.
    pub cell: u32,
    /// How large it is.
    pub size: StationSize,
    /// How it works.
    pub pool: Pool,
    /// Whether the least number of instances per zone decided its size.
    pub at_floor: bool,
}

/// Everything that building cells yields.
pub struct Built {
    /// All cells.
    pub cells: Vec<Cell>,
    /// All stations, cell by cell.
    pub stations: Vec<Station>,
    /// Home cell of each subscription.
    pub home: Vec<u32>,
    /// One placer for each group.
    pub placers: Vec<Placer>,
    /// Names of the stages without stations.
    pub places: Vec<String>,
}

/// Returns the number of stations of a stage in a cell.
pub(super) fn workers_in(stage: &Stage) -> u32 {
    match &stage.kind {
        StageKind::Pool(pool) => pool.workers.map_or(1, |workers| workers.count),
        StageKind::Delay | StageKind::FanOut(_) => 0,
    }
}

/// Returns the pool stages of a group's cells. Where tiers share a cell and differ, the strictest utilization, the largest fixed
/// concurrency, the longest queue and the most instances per zone are taken.
pub(super) fn stages(scenario: &Scenario, classes: &[Class], group: &Group) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for &class in &group.classes {
        let spec = scenario.class(classes[class].workflow, classes[class].tier).expect("a class has a specification");
        for stage in &spec.path {
            let StageKind::Pool(pool) = &stage.kind else { continue };
            match stages.iter_mut().find(|known| known.name == stage.name) {
                None => stages.push(stage.clone()),
                Some(known) => {
                    let StageKind::Pool(shared) = &mut known.kind else { continue };
                    shared.size = match (shared.size, pool.size) {
                        (Size::Utilization { utilization: a, own }, Size::Utilization { utilization: b, .. }) => {
                            Size::Utilization { utilization: a.min(b), own }
                        }
                        (Size::Concurrency(a), Size::Concurrency(b)) => Size::Concurrency(a.max(b)),
                        (Size::Concurrency(a), Size::Utilization { .. })
                        | (Size::Utilization { .. }, Size::Concurrency(a)) => Size::Concurrency(a),
                    };
                    shared.queue = shared.queue.zip(pool.queue).map(|(a, b)| a.max(b));
                    shared.overload &= pool.overload;
                    shared.slows_by = shared.slows_by.max(pool.slows_by);
                    shared.workers = shared.workers.or(pool.workers);
                    shared.min_per_zone = shared.min_per_zone.max(pool.min_per_zone);
                }
            }
        }
    }
    stages
}

/// Sizes the stations of a group's cells, the last ones from `first_cell` on, and counts who lives there.
///
/// # Errors
/// If a station cannot bear its demand.
pub(super) fn size(
    scenario: &Scenario,
    population: &Population,
    classes: &[Class],
    group: &Group,
    stages: &[Stage],
    first_cell: usize,
    built: &mut Built,
) -> Result<(), BuildError> {
    // Offered load in Erlangs at the profile's peak, by cell and stage; and what a trace adds to it on average.
    let cells = built.cells.len() - first_cell;
    let mut loads = vec![vec![0.0; stages.len()]; cells];
    let mut recorded = vec![vec![0.0; stages.len()]; cells];
    let mut means = vec![vec![0.0; stages.len()]; cells];
    for &class in &group.classes {
        let class = &classes[class];
        let spec = scenario.class(class.workflow, class.tier).expect("a class has a specification");
        let peak = spec.profile.peak();
        let at_stage = |stage: &Stage| {
            Some((stages.iter().position(|known| known.name == stage.name)?, stage.service_time.mean()))
        };
        let services: Vec<(usize, f64)> = spec.path.iter().filter_map(at_stage).collect();
        for sub in class.first..class.first + class.count {
            stop::point();
            let home = built.home[sub as usize] as usize;
            let cell = &mut built.cells[home];
            cell.customers += 1;
            cell.rate += population.demand(sub);
            let rate = f64::from(population.rate[sub as usize]) * peak / 1e9;
            let here = home - first_cell;
            for &(at, service) in &services {
                let by_trace = population.recorded_rate(sub) * service / 1e9;
                recorded[here][at] += by_trace;
                means[here][at] += f64::from(population.rate[sub as usize]) / 1e9 * service;
                loads[here][at] += rate * service + by_trace;
            }
        }
    }
    let zones = scenario.zones.len();
    let workflow = &scenario.workflows[group.workflow].name;
    let shared = || (0..cells).filter(|&cell| !built.cells[first_cell + cell].is_dedicated());
    let busiest: Vec<f64> =
        (0..stages.len()).map(|at| shared().map(|cell| loads[cell][at]).fold(0.0, f64::max)).collect();
    for (cell, loads) in loads.iter().enumerate() {
        built.cells[first_cell + cell].first_station = built.stations.len() as u32;
        built.cells[first_cell + cell].stations = stages.iter().map(workers_in).sum();
        for (at, stage) in stages.iter().enumerate() {
            let StageKind::Pool(pool) = &stage.kind else { continue };
            // Workers share the load alike; shards of busy customers may differ.
            let count = workers_in(stage);
            let load = loads[at] / f64::from(count);
            let own = matches!(pool.size, Size::Utilization { own: true, .. })
                || built.cells[first_cell + cell].is_dedicated();
            let size = StationSize::new(pool, if own { load } else { busiest[at] / f64::from(count) }, load, zones);
            // Recorded requests come and go: for a while they may be more than can be served.
            let steady = size.utilization() - recorded[cell][at] / f64::from(count * size.slots);
            let mean = means[cell][at] / f64::from(count * size.slots);
            if let Some((why, label, help)) = too_small(pool, &size, steady, mean) {
                let name = &built.cells[first_cell + cell].name;
                return Err(BuildError {
                    key: format!("workflow.{workflow}.stage.{}.size", stage.name),
                    message: format!("stage `{}` of cell {name} {why}", stage.name),
                    label: label.to_owned(),
                    help,
                });
            }
            let at_floor =
                matches!(pool.size, Size::Utilization { .. }) && size.instances == zones as u32 * pool.min_per_zone;
            let station = Station {
                stage: stage.name.clone(),
                cell: (first_cell + cell) as u32,
                size,
                pool: pool.clone(),
                at_floor,
            };
            built.stations.extend(std::iter::repeat_n(station, count as usize));
        }
    }
    Ok(())
}

/// Says why a station cannot bear its demand, if it cannot: (why, label, help). `steady` and `mean` are its load without what is
/// recorded, at the profile's peak and on average, over its slots.
fn too_small(pool: &Pool, size: &StationSize, steady: f64, mean: f64) -> Option<(String, &'static str, String)> {
    let (load, slots) = (size.load, size.slots);
    // With all slots at work, services that slow each other take so many times as long.
    let slowed = 1.0 + pool.slows_by * f64::from(slots - 1);
    let (steady, mean) = (steady * slowed, mean * slowed);
    let which = if slowed > 1.0 { ", which slow each other" } else { "" };
    let busy = format!(
        "is asked for {load:.1} slots' work and has {slots}{which}: busy at {:.0} % without any fault",
        100.0 * size.utilization() * slowed
    );
    if steady < 1.0 {
        None
    } else if !pool.overload {
        let help = format!(
            "give it a concurrency above {load:.1}, size it by utilization, or divide the demand into more cells; if a queue \
             with an end or expired = \"drop\" is to bear it: size.overload = true"
        );
        Some((busy, "too small for the demand", help))
    } else if mean >= 1.0 && pool.queue.is_none() && pool.expired == Expired::Serve {
        let why = format!("{busy}, and nothing bounds its queue, which would grow to the end");
        Some((why, "an overload that nothing bears", "add a `queue`, or expired = \"drop\"".to_owned()))
    } else {
        None
    }
}
