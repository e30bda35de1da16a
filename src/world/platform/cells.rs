//! Builds all cells: places every subscription, then sizes every station.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::build_error::BuildError;
pub use super::cell::Cell;
use super::cell::{Group, groups};
use super::class::{By, Class, FIRST_PLACE, Step, Where};
use super::placement::{Placer, Room};
use super::population::{NONE, Population, SubId};
use super::shards;
pub use super::stations::{Built, Station};
use super::stations::{size, stages, workers_in};
use crate::engine::draws;
use crate::engine::rng::Slot;
use crate::scenario::Scenario;
use crate::scenario::cells::{CellRule, Layout};
use crate::scenario::router::{PlacementBy, PlacementPolicy};
use crate::scenario::stage::{Pool, Stage, StageKind};
use crate::scenario::tier::Home;
use crate::scenario::workers::Workers;
use crate::stop;

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
                step.at = match stage.kind {
                    StageKind::Pool(_) => {
                        let at = stages.iter().position(|known| known.name == stage.name);
                        let at = at.expect("the stations of a group are those of its classes");
                        let base = stages[..at].iter().map(workers_in).sum();
                        Where { base, by: by(shards[at].as_ref(), &classes[class]) }
                    }
                    StageKind::Delay | StageKind::FanOut(_) => {
                        let next = places.len() as u32;
                        Where { base: FIRST_PLACE + *places.entry(&stage.name).or_insert(next), by: By::Cell }
                    }
                };
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

/// Returns how the station of an attempt of a class is found among those of a stage.
fn by(dealt: Option<&(Workers, BTreeMap<SubId, Vec<u16>>)>, class: &Class) -> By {
    let Some((workers, hands)) = dealt else { return By::Cell };
    let shards = Arc::new(shards::of_class(*workers, hands, class.first, class.count));
    if shards.by_load().is_some() { By::Load(shards) } else { By::Shard(shards) }
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
