//! Facts: what follows from a scenario without running it.

use std::sync::Arc;

use crate::catalogue::Level;
use crate::experiment::outcome::{CostSplit, Facts, GroupFacts, SingleCellFacts, StationFacts, TierFacts};
use crate::measure::plan::{allowed_minutes, window_minutes};
use crate::scenario::Scenario;
use crate::scenario::cells::Layout;
use crate::scenario::fault::{Fault, Schedule};
use crate::scenario::stage::Size;
use crate::scenario::tier::Home;
use crate::units::{MONTH, seconds};
use crate::world::operations::faults::is_awake;
use crate::world::platform::Platform;
use crate::world::platform::build_error::BuildError;
use crate::world::platform::cells::{Cell, Station};

/// Derives the facts of a scenario whose platform has been built.
pub fn facts(scenario: &Scenario, platform: &Platform) -> Facts {
    let stations = &platform.stations;
    let instances = instances(platform);
    let (load, slots) = stations
        .iter()
        .fold((0.0, 0_u64), |(load, slots), station| (load + station.size.load, slots + u64::from(station.size.slots)));
    let mut asked: Vec<f64> = stations.iter().filter_map(asked).collect();
    asked.dedup();
    let (single_cell, why_no_single_cell) = match single_cell(scenario, platform) {
        Ok(single_cell) => (Some(single_cell), None),
        Err(error) => (None, Some(error.message)),
    };
    let at_floor = stations.iter().filter(|station| station.at_floor).count();
    // At the request level a date only says when faults come: its windows are so many days.
    let date = scenario.run.starts_on.filter(|_| scenario.run.level == Level::Incident);
    Facts {
        customers: u64::from(platform.population.customers()),
        cells: platform.cells.len() as u64,
        requests_per_second: platform.requests_per_second(),
        inactive: scenario
            .faults
            .iter()
            .filter(|fault| !is_awake(fault, scenario.run.faults))
            .map(|fault| fault.name.clone())
            .collect(),
        recorded: recorded(scenario),
        instances,
        zones: scenario.zones.clone(),
        tiers: scenario
            .tiers
            .iter()
            .map(|tier| TierFacts {
                name: tier.name.clone(),
                customers: u64::from(tier.customers),
                sla: tier.contract.sla,
                bad_from: tier.contract.bad_from,
                window: tier.contract.window(date).text(),
                window_minutes: tier.contract.window(date).minutes(),
                allowed_minutes: allowed_minutes(tier.contract.sla, window_minutes(&tier.contract)),
            })
            .collect(),
        groups: groups(scenario, platform),
        cost: cost(scenario, platform, true),
        single_cell,
        why_no_single_cell,
        utilization_mean: (slots > 0).then(|| load / slots as f64),
        utilization_target: (asked.len() == 1).then(|| asked[0]).or_else(|| most_common(&asked)),
        floor_decides: !stations.is_empty() && 2 * at_floor > stations.len(),
    }
}

/// What became of the rows of recorded faults and requests.
fn recorded(scenario: &Scenario) -> Vec<String> {
    let of_fault = |fault: &Fault| match &fault.schedule {
        Schedule::Trace(recorded) => Some(format!("fault {}: {}", fault.name, recorded.rows)),
        Schedule::Scripted { .. } | Schedule::Random { .. } => None,
    };
    let mut lines: Vec<String> = scenario.faults.iter().filter_map(of_fault).collect();
    if !scenario.trace.is_empty() {
        let played = scenario.trace.partition_point(|row| row.at < scenario.run.horizon);
        lines.push(format!("requests: {played} of {} played", scenario.trace.len()));
    }
    lines
}

/// Returns the utilization that a station is sized for.
pub fn asked(station: &Station) -> Option<f64> {
    match station.pool.size {
        Size::Utilization { utilization, .. } => Some(utilization),
        Size::Concurrency(_) => None,
    }
}

/// The value that most stations ask for, if it is more than half of them.
fn most_common(values: &[f64]) -> Option<f64> {
    // If there is one, it stands in the middle.
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = *sorted.get(sorted.len() / 2)?;
    let count = values.iter().filter(|&&value| value == middle).count();
    (2 * count > values.len()).then_some(middle)
}

fn instances(platform: &Platform) -> u64 {
    platform.stations.iter().map(|station| u64::from(station.size.instances)).sum()
}

fn groups(scenario: &Scenario, platform: &Platform) -> Vec<GroupFacts> {
    let mut groups: Vec<GroupFacts> = Vec::new();
    let key = |cell: &Cell| (cell.workflow, cell.tier);
    // Cells are built group by group.
    for cells in platform.cells.chunk_by(|a, b| key(a) == key(b)) {
        let (workflow, tier) = key(&cells[0]);
        let cells: Vec<&Cell> = cells.iter().collect();
        let shared: Vec<&Cell> = cells.iter().copied().filter(|cell| !cell.is_dedicated()).collect();
        let customers = |cells: &[&Cell]| cells.iter().map(|cell| u64::from(cell.customers)).collect::<Vec<_>>();
        let busiest = cells.iter().copied().max_by(|a, b| a.rate.total_cmp(&b.rate));
        let of_cell = |cell: &Cell| {
            let first = cell.first_station as usize;
            &platform.stations[first..first + cell.stations as usize]
        };
        // A stage with workers has several stations in each cell.
        let mut stages: Vec<&str> = of_cell(cells[0]).iter().map(|station| station.stage.as_str()).collect();
        stages.dedup();
        let stations = stages
            .into_iter()
            .map(|stage| {
                let of_stage = |cell: &Cell| of_cell(cell).iter().filter(|station| station.stage == stage);
                let all: Vec<&Station> = cells.iter().flat_map(|cell| of_stage(cell)).collect();
                let worst = |of: fn(&Station) -> f64| all.iter().map(|station| of(station)).fold(0.0, f64::max);
                let slots: f64 = all.iter().map(|station| f64::from(station.size.slots)).sum();
                StationFacts {
                    stage: stage.to_owned(),
                    slots: busiest.map_or(0, |cell| of_stage(cell).map(|station| u64::from(station.size.slots)).sum()),
                    instances: all.iter().map(|station| u64::from(station.size.instances)).sum(),
                    utilization_mean: all.iter().map(|station| station.size.load).sum::<f64>() / slots.max(1.0),
                    utilization_busiest: worst(|station| station.size.utilization()),
                    utilization_zone_lost: worst(|station| station.size.utilization_zone_lost()),
                }
            })
            .collect();
        groups.push(GroupFacts {
            workflow: scenario.workflows[workflow].name.clone(),
            tier: tier.map(|tier| scenario.tiers[tier].name.clone()),
            cells: cells.len() as u64,
            customers: customers(&cells).iter().sum(),
            smallest: customers(&shared).into_iter().min().unwrap_or(0),
            largest: customers(&shared).into_iter().max().unwrap_or(0),
            requests_per_second: cells.iter().map(|cell| cell.rate).sum(),
            busiest_requests_per_second: busiest.map_or(0.0, |cell| cell.rate),
            stations,
        });
    }
    groups
}

/// Prices a platform; one without walls needs no cell router.
fn cost(scenario: &Scenario, platform: &Platform, with_router: bool) -> Option<CostSplit> {
    let price = scenario.cost.as_ref()?;
    let cells = platform.cells.len() as f64;
    let rate = platform.requests_per_second();
    let requests = rate * seconds(MONTH) * price.request;
    let split = CostSplit {
        total: 0.0,
        cells: cells * price.cell,
        people: cells * price.operations,
        instances: instances(platform) as f64 * price.instance,
        data: rate * price.load,
        other: requests + if with_router { price.router } else { 0.0 },
    };
    Some(CostSplit { total: split.cells + split.people + split.instances + split.data + split.other, ..split })
}

/// Returns the same scenario without walls: one cell for each workflow. No fault is left, as the cells that faults name are gone.
fn without_walls(scenario: &Scenario) -> Scenario {
    let mut single_cell = scenario.clone();
    single_cell.layout = Layout::Shared { count: 1 };
    single_cell.faults.clear();
    for cohort in &mut single_cell.cohorts {
        cohort.home = Home::Placed;
    }
    single_cell
}

fn single_cell(scenario: &Scenario, platform: &Platform) -> Result<SingleCellFacts, BuildError> {
    let built = Platform::serving(Arc::clone(&platform.population), &without_walls(scenario))?;
    Ok(SingleCellFacts {
        cost: cost(scenario, &built, false),
        instances: instances(&built),
        cells: built.cells.len() as u64,
    })
}
