//! Cells: which there are, who lives in them, what stations they hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::build_error::BuildError;
use super::class::{Class, FIRST_PLACE, Step};
use super::placement::{Placer, Room};
use super::population::{NONE, Population, SubId};
use super::shards;
use super::sizing::StationSize;
use crate::engine::draws;
use crate::engine::rng::Slot;
use crate::scenario::Scenario;
use crate::scenario::cells::{CellRule, Layout};
use crate::scenario::router::{PlacementBy, PlacementPolicy};
use crate::scenario::stage::{Expired, Pool, Size, Stage, StageKind};
use crate::scenario::tier::Home;
use crate::scenario::workers::Workers;
use crate::stop;

/// One cell.
#[derive(Debug, Clone)]
pub struct Cell {
    /// "messaging/enterprise/1", "messaging/enterprise/whale-1", or "messaging/1" when tiers share cells.
    pub name: String,
    /// Workflow index.
    pub workflow: usize,
    /// Tier index; `None` when tiers share cells.
    pub tier: Option<usize>,
    /// Number within its group, from 1; 0 for a dedicated cell.
    pub number: u32,
    /// Customers placed at the start.
    pub customers: u32,
    /// Their requests per second.
    pub rate: f64,
    /// Below this many customers the cell is reported as too small.
    pub min: Option<u32>,
    /// First of its stations.
    pub first_station: u32,
    /// Number of its stations.
    pub stations: u32,
}

impl Cell {
    /// Returns whether the cell belongs to one named customer.
    pub fn is_dedicated(&self) -> bool {
        self.number == 0
    }
}

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

/// A group of cells among which the customers of some classes are placed: one class, or with shared cells a workflow.
struct Group {
    classes: Vec<usize>,
    workflow: usize,
    tier: Option<usize>,
}

const ORDER: Slot = Slot::named("placement/order");

/// Builds all cells: places every subscription, then sizes every station.
///
/// # Errors
/// Where the customers do not fit into the cells, or a station cannot be sized.
pub fn build(
    scenario: &Scenario,
    population: &Population,
    classes: &mut [Class],
    steps: &mut [Step],
) -> Result<Built, BuildError> {
    let mut built = Built {
        cells: Vec::new(),
        stations: Vec::new(),
        home: vec![NONE; population.customer.len()],
        placers: Vec::new(),
        places: Vec::new(),
    };
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    for group in groups(scenario, classes) {
        let first_cell = built.cells.len();
        place(scenario, population, classes, &group, &mut built)?;
        let stages = stages(scenario, classes, &group);
        let shards: Vec<_> = stages.iter().map(|stage| deal(population, classes, &group, stage, &built)).collect();
        for &class in &group.classes {
            let spec =
                scenario.class(classes[class].workflow, classes[class].tier).expect("a class has a specification");
            let first = classes[class].first_step as usize;
            for (step, stage) in steps[first..].iter_mut().zip(&spec.path) {
                let at = stages.iter().position(|known| known.name == stage.name);
                let at = at.filter(|_| matches!(stage.kind, StageKind::Pool(_)));
                step.station = at.map(|at| stages[..at].iter().map(workers_in).sum());
                step.workers = at.and_then(|at| shards[at].as_ref()).map(|(workers, hands)| {
                    let class = &classes[class];
                    Arc::new(shards::of_class(*workers, hands, class.first, class.count))
                });
                step.picks_by_load = step.workers.as_ref().is_some_and(|shards| shards.by_load().is_some());
                step.place = step.station.unwrap_or_else(|| {
                    let next = places.len() as u32;
                    FIRST_PLACE + *places.entry(&stage.name).or_insert(next)
                });
                if places.len() > built.places.len() {
                    built.places.push(stage.name.clone());
                }
            }
            classes[class].group = built.placers.len() - 1;
        }
        size(scenario, population, classes, &group, &stages, first_cell, &mut built)?;
    }
    Ok(built)
}

/// Returns the number of stations of a stage in a cell.
fn workers_in(stage: &Stage) -> u32 {
    match &stage.kind {
        StageKind::Pool(pool) => pool.workers.map_or(1, |workers| workers.count),
        StageKind::Delay | StageKind::FanOut(_) => 0,
    }
}

/// Deals the workers of a stage to all subscriptions of a group, if it has workers.
fn deal(
    population: &Population,
    classes: &[Class],
    group: &Group,
    stage: &Stage,
    built: &Built,
) -> Option<(Workers, BTreeMap<SubId, Vec<u16>>)> {
    let StageKind::Pool(Pool { workers: Some(workers), .. }) = &stage.kind else { return None };
    let slot = Slot::named(&format!("workers/{}", stage.name));
    let subs = group.classes.iter().flat_map(|&c| classes[c].first..classes[c].first + classes[c].count);
    let dealt: Vec<_> = subs
        .map(|sub| {
            let key = population.customer_key(population.customer[sub as usize]).part(slot);
            (sub, built.home[sub as usize], key)
        })
        .collect();
    Some((*workers, shards::deal(*workers, &dealt)))
}

fn groups(scenario: &Scenario, classes: &[Class]) -> Vec<Group> {
    match scenario.layout {
        Layout::PerTier => (0..classes.len())
            .map(|c| Group { classes: vec![c], workflow: classes[c].workflow, tier: Some(classes[c].tier) })
            .collect(),
        Layout::Shared { .. } => {
            let mut of_workflow: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (index, class) in classes.iter().enumerate() {
                of_workflow.entry(class.workflow).or_default().push(index);
            }
            let groups = of_workflow.into_iter();
            groups.map(|(workflow, classes)| Group { classes, workflow, tier: None }).collect()
        }
    }
}

fn place(
    scenario: &Scenario,
    population: &Population,
    classes: &[Class],
    group: &Group,
    built: &mut Built,
) -> Result<(), BuildError> {
    let workflow = &scenario.workflows[group.workflow].name;
    let prefix = match group.tier {
        Some(tier) => format!("{workflow}/{}", scenario.tiers[tier].name),
        None => workflow.clone(),
    };
    let home_of = |customer: u32| {
        let at = population.named.binary_search_by_key(&customer, |named| named.0).ok()?;
        Some((population.named[at].1, &scenario.cohorts[population.named[at].1].home))
    };
    let customer = |sub: u32| population.customer[sub as usize];
    // Some are told where to live, some have a cell of their own; all others are placed.
    let (mut told, mut dedicated, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for sub in group.classes.iter().flat_map(|&c| classes[c].first..classes[c].first + classes[c].count) {
        match home_of(customer(sub)) {
            Some((_, Home::Dedicated)) => dedicated.push(sub),
            Some((_, Home::Cell { workflow, number })) if *workflow == group.workflow => told.push((sub, number - 1)),
            _ => others.push(sub),
        }
    }
    let placed = told.len() + others.len();

    let (count, min, max) = match (&scenario.layout, group.tier) {
        (Layout::Shared { count }, _) => (*count, None, u32::MAX),
        (Layout::PerTier, tier) => match &scenario.tiers[tier.unwrap_or(0)].cells[group.workflow] {
            CellRule::Count(count) => (*count, None, u32::MAX),
            CellRule::Target { target, min, max } => {
                ((placed as u32).div_ceil(*target).max(1), *min, max.unwrap_or(u32::MAX))
            }
        },
    };
    let first_cell = built.cells.len() as u32;
    let new_cell = |name: String, number: u32, min: Option<u32>| Cell {
        name,
        workflow: group.workflow,
        tier: group.tier,
        number,
        customers: 0,
        rate: 0.0,
        min,
        first_station: 0,
        stations: 0,
    };
    built.cells.extend((1..=count).map(|number| new_cell(format!("{prefix}/{number}"), number, min)));
    let rooms = (0..count).map(|i| Room { cell: first_cell + i, customers: 0, load: 0.0, max }).collect();
    let names: Vec<String> = (1..=count).map(|number| format!("{prefix}/{number}")).collect();
    let (policy, by) =
        scenario.router.as_ref().map_or((PlacementPolicy::LeastLoaded, PlacementBy::Customers), |router| {
            (router.placement.policy, router.placement.by)
        });
    let mut placer = Placer::new(policy, by, rooms, &names);

    // Customers told where to live come first, then all others in an order drawn from their own keys: which means nothing to one
    // cell alone.
    let rate = |sub: u32| population.rate[sub as usize];
    for (sub, number) in told {
        built.home[sub as usize] = first_cell + number;
        placer.put(first_cell + number, f64::from(rate(sub)));
    }
    let key = |sub: u32| population.customer_key(customer(sub));
    let mut settle = |(sub, rate): (u32, f32)| {
        stop::point();
        built.home[sub as usize] = placer.place(|| key(sub), f64::from(rate)).ok_or_else(|| {
            let tier = group.tier.map_or("", |tier| scenario.tiers[tier].name.as_str());
            BuildError {
                key: format!("tier.{tier}.customers_per_cell.max"),
                message: format!("{count} cells of at most {max} customers cannot hold the {placed} of {prefix}"),
                label: "all cells are full".to_owned(),
                help: "raise max, or lower target so that there are more cells".to_owned(),
            }
        })?;
        Ok(())
    };
    match count {
        1 => others.into_iter().map(|sub| (sub, rate(sub))).try_for_each(&mut settle)?,
        _ => draws::in_order(others.iter().copied(), |sub| (key(sub).draw(ORDER), rate(sub)))
            .try_for_each(&mut settle)?,
    }
    for sub in dedicated {
        let (cohort, _) = home_of(customer(sub)).expect("only named customers have a dedicated cell");
        let first = population.named.iter().position(|named| named.1 == cohort).unwrap_or(0);
        let at = population.named.iter().position(|named| named.0 == customer(sub)).unwrap_or(0);
        let name = format!("{prefix}/{}-{}", scenario.cohorts[cohort].name, at - first + 1);
        built.home[sub as usize] = built.cells.len() as u32;
        built.cells.push(new_cell(name, 0, None));
    }
    built.placers.push(placer);
    Ok(())
}

/// The pool stages of a group's cells. Where tiers share a cell and differ, the strictest utilization, the largest fixed
/// concurrency, the longest queue and the most instances per zone are taken.
fn stages(scenario: &Scenario, classes: &[Class], group: &Group) -> Vec<Stage> {
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

fn size(
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
