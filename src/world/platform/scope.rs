//! What a fault strikes: from the scenario's filters to cells, router steps and customers.

use std::sync::Arc;

use super::build_error::BuildError;
use super::cells::Cell;
use super::find_customer::find_customer;
use super::struck_stage::StruckStage;
use crate::scenario::Scenario;
use crate::scenario::fault::{CellFilter, CellRef, RouterStep, ScopeKind, StagePart, Strikes};
use crate::scenario::grammar::words::Worded as _;
use crate::world::platform::Platform;

/// What an activation strikes.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Cells, or parts of them.
    Cells {
        /// Which cells.
        cells: Arc<Vec<u32>>,
        /// Only this stage.
        stage: Option<Arc<StruckStage>>,
        /// Only the slots in this zone.
        zone: Option<usize>,
        /// Only the attempts of this tier's customers (shared cells).
        tier: Option<usize>,
    },
    /// A step of the router.
    Router(RouterStep),
    /// Customers: subscriptions of a workflow and tier (`None`: all), or of one customer.
    Customers {
        /// Workflow index.
        workflow: Option<usize>,
        /// Tier index.
        tier: Option<usize>,
        /// One customer.
        customer: Option<u32>,
    },
}

impl Target {
    /// Returns whether a subscription is among the struck customers.
    pub fn is_struck(&self, platform: &Platform, class: u16, customer: impl FnOnce() -> u32) -> bool {
        match self {
            Target::Customers { workflow, tier, customer: one } => {
                let spec = &platform.classes[class as usize];
                workflow.is_none_or(|workflow| workflow == spec.workflow)
                    && tier.is_none_or(|tier| tier == spec.tier)
                    && one.is_none_or(|one| one == customer())
            }
            Target::Cells { .. } | Target::Router(_) => false,
        }
    }
}

/// Resolves a filter; `scope` narrows it to one instance (see [`instances`]).
pub fn target(scenario: &Scenario, platform: &Platform, strikes: &Strikes, only: Option<Instance>) -> Target {
    match strikes {
        Strikes::Router(step) => Target::Router(*step),
        Strikes::Customers { workflow, tier, customer } => {
            let customer = customer.as_ref().and_then(|which| find_customer(platform, which, *workflow, *tier));
            Target::Customers { workflow: *workflow, tier: *tier, customer }
        }
        Strikes::Cells(filter) => cells(scenario, platform, filter, only),
    }
}

/// Refuses faults that strike no cell: a number that no cell has, or the cell of a customer who does not use the workflow.
///
/// # Errors
/// If there is one.
pub fn check(scenario: &Scenario, platform: &Platform) -> Result<(), BuildError> {
    for fault in &scenario.faults {
        let Target::Cells { cells, .. } = target(scenario, platform, &fault.strikes, None) else { continue };
        if cells.is_empty() {
            let has_dedicated = platform.cells.iter().any(Cell::is_dedicated);
            return Err(BuildError {
                key: format!("fault.{}.strikes", fault.name),
                message: format!("fault `{}` strikes none of the {} cells", fault.name, platform.cells.len()),
                label: "no such cell".to_owned(),
                help: if has_dedicated {
                    "dedicated cells have no number: name their customer with `cell_of`".to_owned()
                } else {
                    "`validate` lists the cells; a customer that does not use a workflow has no cell there".to_owned()
                },
            });
        }
    }
    Ok(())
}

/// One instance of a random fault's scope.
#[derive(Debug, Clone, Copy)]
pub enum Instance {
    /// A cell.
    Cell(u32),
    /// A zone.
    Zone(usize),
    /// A tier.
    Tier(usize),
    /// A workflow.
    Workflow(usize),
}

/// Lists the instances of a scope that the filter admits, each with the name that keys its clock.
pub fn instances(
    scenario: &Scenario,
    platform: &Platform,
    strikes: &Strikes,
    scope: ScopeKind,
) -> Vec<(String, Target)> {
    let narrowed = |instance: Instance| target(scenario, platform, strikes, Some(instance));
    let all = match scope {
        ScopeKind::Platform => return vec![("platform".to_owned(), target(scenario, platform, strikes, None))],
        ScopeKind::Cell => (0..platform.cells.len())
            .map(|cell| (platform.cells[cell].name.clone(), narrowed(Instance::Cell(cell as u32))))
            .collect::<Vec<_>>(),
        ScopeKind::Zone => {
            scenario.zones.iter().enumerate().map(|(z, name)| (name.clone(), narrowed(Instance::Zone(z)))).collect()
        }
        ScopeKind::Tier => scenario
            .tiers
            .iter()
            .enumerate()
            .map(|(t, tier)| (tier.name.clone(), narrowed(Instance::Tier(t))))
            .collect(),
        ScopeKind::Workflow => scenario
            .workflows
            .iter()
            .enumerate()
            .map(|(w, workflow)| (workflow.name.clone(), narrowed(Instance::Workflow(w))))
            .collect(),
    };
    all.into_iter().filter(|(_, target)| !matches!(target, Target::Cells { cells, .. } if cells.is_empty())).collect()
}

fn cells(scenario: &Scenario, platform: &Platform, filter: &CellFilter, only: Option<Instance>) -> Target {
    let mut filter = filter.clone();
    let mut only_cell = None;
    match only {
        Some(Instance::Cell(cell)) => only_cell = Some(cell),
        Some(Instance::Zone(zone)) => filter.zone = Some(zone),
        Some(Instance::Tier(tier)) if filter.tier.is_none_or(|wanted| wanted == tier) => filter.tier = Some(tier),
        Some(Instance::Workflow(workflow)) if filter.workflow.is_none_or(|wanted| wanted == workflow) => {
            filter.workflow = Some(workflow);
        }
        Some(Instance::Tier(_) | Instance::Workflow(_)) => only_cell = Some(u32::MAX),
        None => {}
    }
    let resident = match (&filter.cell, &filter.part) {
        (Some(CellRef::Of(which)), _) | (None, Some(StagePart::WorkersOf(which))) => Some(which),
        _ => None,
    };
    let home = match resident {
        Some(which) => {
            let homes: Vec<u32> = (0..scenario.workflows.len())
                .filter(|&w| filter.workflow.is_none_or(|wanted| wanted == w))
                .filter_map(|w| {
                    let customer = find_customer(platform, which, Some(w), filter.tier)?;
                    platform.population.subscription(w, customer)
                })
                .map(|sub| platform.home[sub as usize])
                .collect();
            Some(homes)
        }
        None => None,
    };
    // Where tiers share cells, a filter by tier alone strikes only that tier's attempts; naming a customer's cell strikes the cell.
    let shared = platform.shares_cells;
    let by_tier = if shared && home.is_none() { filter.tier } else { None };
    // Where cells are named, only those are looked at: there may be many faults on many cells.
    let named: Option<Vec<u32>> = match (only_cell, &filter.cell, &home) {
        (Some(cell), ..) => Some(vec![cell]),
        (None, Some(CellRef::Number(number)), _) => Some(platform.numbered.get(number).cloned().unwrap_or_default()),
        (None, _, Some(homes)) => {
            let mut homes = homes.clone();
            homes.sort_unstable();
            homes.dedup();
            Some(homes)
        }
        (None, _, None) => None,
    };
    let among = named.unwrap_or_else(|| (0..platform.cells.len() as u32).collect());
    let matching: Vec<u32> = among
        .into_iter()
        .filter(|&index| {
            let Some(cell) = platform.cells.get(index as usize) else { return false };
            filter.workflow.is_none_or(|workflow| workflow == cell.workflow)
                && (cell.tier.is_none() || home.is_some() || filter.tier.is_none_or(|tier| Some(tier) == cell.tier))
                && match (&filter.cell, &home) {
                    (Some(CellRef::Number(number)), _) => cell.number == *number,
                    (_, Some(homes)) => homes.contains(&index),
                    (_, None) => true,
                }
        })
        .collect();
    let whose = match &filter.part {
        Some(StagePart::WorkersOf(which)) => find_customer(platform, which, filter.workflow, filter.tier),
        _ => None,
    };
    let whose = whose.map(|customer| customer_name(scenario, platform, customer));
    let stage = filter
        .stage
        .map(|stage| Arc::new(StruckStage::new(platform, &stage, (filter.part.as_ref(), whose.as_deref()), &matching)));
    Target::Cells { cells: Arc::new(matching), stage, zone: filter.zone, tier: by_tier }
}

/// Returns how a scenario may write a customer: "enterprise/17".
fn customer_name(scenario: &Scenario, platform: &Platform, customer: u32) -> String {
    let tier = platform.population.tier_of(customer);
    let number = customer - platform.population.tier_start[tier] + 1;
    format!("{}/{number}", scenario.tiers[tier].name)
}

/// Describes a target in words: "messaging/enterprise/1", "zone b: all 59 cells", "router cache".
pub fn describe(scenario: &Scenario, platform: &Platform, target: &Target) -> String {
    match target {
        Target::Router(step) => format!("router {}", router_step(*step)),
        Target::Customers { workflow, tier, customer } => match customer {
            Some(customer) => format!("customer {}", customer_name(scenario, platform, *customer)),
            None => {
                let workflow = workflow.map_or("all workflows", |w| scenario.workflows[w].name.as_str());
                let tier = tier.map_or("all tiers", |t| scenario.tiers[t].name.as_str());
                format!("customers of {workflow}/{tier}")
            }
        },
        Target::Cells { cells, stage, zone, tier } => {
            let mut text = match cells.as_slice() {
                [] => "no cell".to_owned(),
                [one] => platform.cells[*one as usize].name.clone(),
                many if many.len() == platform.cells.len() => format!("all {} cells", many.len()),
                many => {
                    let first = &platform.cells[many[0] as usize];
                    let workflow = many
                        .iter()
                        .all(|&cell| platform.cells[cell as usize].workflow == first.workflow)
                        .then(|| scenario.workflows[first.workflow].name.as_str());
                    let tier = many
                        .iter()
                        .all(|&cell| platform.cells[cell as usize].tier == first.tier)
                        .then_some(first.tier)
                        .flatten()
                        .map(|tier| scenario.tiers[tier].name.as_str());
                    let whose = [workflow, tier].into_iter().flatten().collect::<Vec<_>>().join("/");
                    format!("{} cells of {whose}", many.len())
                }
            };
            if let Some(stage) = stage {
                text = format!("{} in {text}", stage.name);
            }
            if let Some(tier) = tier {
                text = format!("{text}, {} only", scenario.tiers[*tier].name);
            }
            if let Some(zone) = zone {
                text = format!("zone {}: {text}", scenario.zones[*zone]);
            }
            text
        }
    }
}

/// Returns the name of a router step.
pub fn router_step(step: RouterStep) -> &'static str {
    step.word()
}
