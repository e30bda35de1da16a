//! Warnings about a design before any fault strikes, and about its fault-free world.

use std::collections::BTreeMap;

use crate::experiment::collected::Collected;
use crate::experiment::outcome::{Facts, Warning};
use crate::scenario::Scenario;
use crate::scenario::client::Client;
use crate::scenario::fault::Effect;
use crate::scenario::stage::Size;
use crate::units::{DAY, HOUR, MINUTE, Nanos, SECOND};
use crate::world::platform::Platform;
use crate::world::platform::cells::Cell;

/// Returns what a scenario says in vain.
pub fn of_scenario(scenario: &Scenario) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = scenario
        .faults
        .iter()
        .filter(|fault| fault.effects.iter().all(is_nothing))
        .map(|fault| Warning::FaultWithoutEffect { fault: fault.name.clone() })
        .collect();
    warnings.extend(scenario.remarks.iter().cloned().map(Warning::Remark));
    warnings.extend(beyond_the_horizon(scenario));
    let clients: Vec<&Client> =
        scenario.workflows.iter().flat_map(|w| &w.classes).flatten().map(|c| &c.client).collect();
    let once = clients.iter().all(|client| client.attempts == 1 && client.hedge.is_none());
    let said = [
        ("backoff", clients.iter().any(|client| client.has_own_backoff())),
        ("retry_budget", clients.iter().any(|client| client.retry_budget.is_some())),
        ("remembers_cell", clients.iter().any(|client| client.remembers_cell)),
    ];
    let keys: Vec<&'static str> = said.iter().filter(|(_, given)| once && *given).map(|(key, _)| *key).collect();
    if !keys.is_empty() {
        warnings.push(Warning::NobodyTriesTwice { keys });
    }
    warnings
}

/// Recorded requests that the run is too short for.
fn beyond_the_horizon(scenario: &Scenario) -> Option<Warning> {
    let (last, horizon) = (scenario.trace.last()?.at, scenario.run.horizon);
    let beyond = scenario.trace.iter().filter(|row| row.at >= horizon).count();
    (beyond > 0).then(|| Warning::BeyondTheHorizon {
        beyond,
        recorded: scenario.trace.len(),
        horizon: next_round(last),
    })
}

/// Writes a duration longer than this one, round for its size.
fn next_round(time: Nanos) -> String {
    let units = [("s", SECOND, 2 * MINUTE), ("min", MINUTE, 3 * HOUR), ("h", HOUR, 3 * DAY), ("d", DAY, Nanos::MAX)];
    let (name, unit, _) = units.into_iter().find(|(_, _, below)| time < *below).unwrap_or(units[3]);
    format!("{}{name}", time / unit + 1)
}

fn is_nothing(effect: &Effect) -> bool {
    match *effect {
        Effect::Slow { factor, shift } => factor == 1.0 && shift == 0,
        Effect::Errors { share, .. } => share == 0.0,
        Effect::Capacity { factor } | Effect::Demand { factor } => factor == 1.0,
        Effect::Crash | Effect::Blackhole | Effect::Flush => false,
    }
}

/// Returns what is remarkable about a platform.
pub fn of_platform(platform: &Platform, facts: &Facts) -> Vec<Warning> {
    // A scan of all customers tells who fills a cell: only for those that are named.
    const NAMED: usize = 6;
    let too_small = |cell: &Cell| cell.min.filter(|&min| !cell.is_dedicated() && cell.customers < min);
    let mut cells = platform.cells.iter().zip(0..).filter_map(|(cell, index)| Some((cell, index, too_small(cell)?)));
    let named: Vec<(&Cell, u32, u32)> = cells.by_ref().take(NAMED).collect();
    let shares = busiest_shares(platform, &named.iter().map(|named| named.1).collect::<Vec<_>>());
    let mut warnings: Vec<Warning> = named
        .into_iter()
        .zip(shares)
        .map(|((cell, _, min), share)| Warning::UnderItsMin {
            cell: cell.name.clone(),
            customers: cell.customers,
            min,
            filled_by_one: share >= 0.5,
        })
        .collect();
    let more = cells.count();
    if more > 0 {
        warnings.push(Warning::MoreUnderTheirMin(more));
    }
    for group in &facts.groups {
        for station in group.stations.iter().filter(|station| station.utilization_zone_lost >= 1.0) {
            if facts.zones.len() > 1 {
                warnings.push(Warning::ZoneLoss {
                    workflow: group.workflow.clone(),
                    tier: group.tier.clone(),
                    stage: station.stage.clone(),
                    utilization: station.utilization_zone_lost,
                });
            }
        }
    }
    if platform.longest_deadline > platform.horizon {
        let times = platform.longest_deadline as f64 / platform.horizon as f64;
        warnings.push(Warning::DeadlineBeyondHorizon { times });
    }
    warnings.extend(storms(platform));
    warnings
}

/// The share of each of some cells' demand that its busiest customer has.
fn busiest_shares(platform: &Platform, cells: &[u32]) -> Vec<f64> {
    let mut busiest = vec![0.0_f64; cells.len()];
    // One look at all customers, if any: they may be millions.
    let homes = platform.home.iter().zip(0..).filter(|_| !cells.is_empty());
    for (home, sub) in homes {
        if let Some(at) = cells.iter().position(|cell| cell == home) {
            busiest[at] = busiest[at].max(platform.population.demand(sub));
        }
    }
    let rate = |&cell: &u32| platform.cells[cell as usize].rate.max(f64::MIN_POSITIVE);
    busiest.iter().zip(cells).map(|(busiest, cell)| busiest / rate(cell)).collect()
}

/// Stations that all clients retrying at once would hold at 100 % or more: once down, they may stay down.
fn storms(platform: &Platform) -> Vec<Warning> {
    let mut warnings = Vec::new();
    // By workflow and tier (`None`: all): the busiest station, of several that are alike the last.
    let mut busiest: BTreeMap<(usize, Option<usize>), usize> = BTreeMap::new();
    let utilization = |at: usize| platform.stations[at].size.utilization();
    let busier = |a: &usize, b: &usize| utilization(*a).total_cmp(&utilization(*b)).then(a.cmp(b));
    for (at, station) in platform.stations.iter().enumerate().filter(|(_, station)| !station.pool.overload) {
        let cell = &platform.cells[station.cell as usize];
        let place = busiest.entry((cell.workflow, cell.tier)).or_insert(at);
        if busier(place, &at).is_lt() {
            *place = at;
        }
    }
    for class in &platform.classes {
        let client = &class.client;
        let budget = client.retry_budget.map_or(f64::INFINITY, |budget| 1.0 + budget.ratio);
        // When all attempts are late, each of them is hedged.
        let copies = 1.0 + client.hedge.map_or(0.0, |hedge| f64::from(hedge.copies));
        let amplification = f64::from(client.attempts).min(budget) * copies;
        let of_class = [Some(class.tier), None].map(|tier| busiest.get(&(class.workflow, tier)));
        let worst = of_class.into_iter().flatten().max_by(|a, b| busier(a, b)).map(|&at| &platform.stations[at]);
        let Some(worst) = worst.filter(|station| station.size.utilization() * amplification >= 1.0) else { continue };
        warnings.push(Warning::RetryStorm {
            class: class.name.clone(),
            attempts: amplification,
            stage: worst.stage.clone(),
            is_fixed: matches!(worst.pool.size, Size::Concurrency(_)),
            utilization: worst.size.utilization() * amplification,
        });
    }
    warnings
}

/// Returns what is remarkable about the fault-free world of a run.
pub fn of_run(scenario: &Scenario, collected: &Collected) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let (mut failed, mut requests) = (0_u64, 0_u64);
    for run in &collected.runs {
        let all = &run.calm().slices[0];
        failed += all.all_failed();
        requests += all.requests;
    }
    let share = failed as f64 / requests.max(1) as f64;
    let strictest = scenario.tiers.iter().map(|tier| 1.0 - tier.contract.sla).fold(1.0, f64::min);
    if share > strictest {
        warnings.push(Warning::FailsInHealth { failed: share, allowed: strictest });
    }
    let all = || collected.runs.iter().flat_map(|run| &run.incidents);
    let compound = all().filter(|incident| incident.activations > 1).count();
    if compound > 0 {
        let strikes: u64 = all().map(|incident| u64::from(incident.activations)).sum();
        warnings.push(Warning::Compound { compound, incidents: all().count(), strikes });
    }
    warnings
}
