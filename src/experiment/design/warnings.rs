//! Warnings: what a reader must know about a design before any fault strikes.

use std::collections::BTreeMap;

use crate::experiment::collected::Collected;
use crate::experiment::outcome::Facts;
use crate::scenario::Scenario;
use crate::scenario::client::Client;
use crate::scenario::fault::Effect;
use crate::scenario::stage::Size;
use crate::units::{DAY, HOUR, MINUTE, Nanos, SECOND};
use crate::world::platform::Platform;
use crate::world::platform::cells::Cell;

/// Returns what a scenario says in vain.
pub fn of_scenario(scenario: &Scenario) -> Vec<String> {
    let mut warnings: Vec<String> = scenario
        .faults
        .iter()
        .filter(|fault| fault.effects.iter().all(is_nothing))
        .map(|fault| format!("fault `{}` changes nothing: its effect leaves all as it is", fault.name))
        .collect();
    warnings.extend(scenario.remarks.iter().cloned());
    warnings.extend(beyond_the_horizon(scenario));
    let clients: Vec<&Client> =
        scenario.workflows.iter().flat_map(|w| &w.classes).flatten().map(|c| &c.client).collect();
    let once = clients.iter().all(|client| client.attempts == 1 && client.hedge.is_none());
    let said = [
        ("backoff", clients.iter().any(|client| client.has_own_backoff())),
        ("retry_budget", clients.iter().any(|client| client.retry_budget.is_some())),
        ("remembers_cell", clients.iter().any(|client| client.remembers_cell)),
    ];
    let idle: Vec<&str> = said.iter().filter(|(_, given)| once && *given).map(|(key, _)| *key).collect();
    if !idle.is_empty() {
        warnings.push(format!("no client tries twice (attempts = 1), so {} has no effect", idle.join(" and ")));
    }
    warnings
}

/// Recorded requests that the run is too short for.
fn beyond_the_horizon(scenario: &Scenario) -> Option<String> {
    let (last, horizon) = (scenario.trace.last()?.at, scenario.run.horizon);
    let beyond = scenario.trace.iter().filter(|row| row.at >= horizon).count();
    (beyond > 0).then(|| {
        format!(
            "{beyond} of {} recorded requests come at the horizon or later and are not played: horizon = \"{}\" would hold \
             them all",
            scenario.trace.len(),
            next_round(last)
        )
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
pub fn of_platform(platform: &Platform, facts: &Facts) -> Vec<String> {
    // A scan of all customers tells who fills a cell: only for those that are named.
    const NAMED: usize = 6;
    let too_small = |cell: &Cell| cell.min.filter(|&min| !cell.is_dedicated() && cell.customers < min);
    let mut cells = platform.cells.iter().zip(0..).filter_map(|(cell, index)| Some((cell, index, too_small(cell)?)));
    let named: Vec<(&Cell, u32, u32)> = cells.by_ref().take(NAMED).collect();
    let shares = busiest_shares(platform, &named.iter().map(|named| named.1).collect::<Vec<_>>());
    let mut warnings: Vec<String> = named
        .into_iter()
        .zip(shares)
        .map(|((cell, _, min), share)| {
            let why = if share >= 0.5 { ": its busiest customer fills it" } else { "" };
            format!("{} holds {} customers, under its min of {min}{why}", cell.name, cell.customers)
        })
        .collect();
    let more = cells.count();
    if more > 0 {
        warnings.push(format!("and {more} more cells are under their min"));
    }
    for group in &facts.groups {
        for station in group.stations.iter().filter(|station| station.utilization_zone_lost >= 1.0) {
            if facts.zones.len() > 1 {
                let left = match station.utilization_zone_lost.is_finite() {
                    true => format!(
                        "the busiest cell is asked for {:.0} % of what is left after the loss of a zone",
                        100.0 * station.utilization_zone_lost
                    ),
                    false => "all of the busiest cell stands in one zone: nothing is left after its loss".to_owned(),
                };
                warnings.push(format!("{}/{} stage {}: {left}", group.workflow, group.tier, station.stage));
            }
        }
    }
    if platform.longest_deadline > platform.horizon {
        let times = platform.longest_deadline as f64 / platform.horizon as f64;
        warnings.push(format!(
            "the longest deadline is {times:.0} times the horizon: the run goes on until every counted request is over"
        ));
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
fn storms(platform: &Platform) -> Vec<String> {
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
        let sized = match worst.pool.size {
            Size::Utilization { .. } => "",
            Size::Concurrency(_) => " of fixed concurrency",
        };
        warnings.push(format!(
            "a retry storm could hold {} down: {:.1} attempts a request make its stage {}{sized} {:.0} % busy",
            class.name,
            amplification,
            worst.stage,
            100.0 * worst.size.utilization() * amplification
        ));
    }
    warnings
}

/// Returns what is remarkable about the fault-free world of a run.
pub fn of_run(scenario: &Scenario, collected: &Collected) -> Vec<String> {
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
        warnings.push(format!(
            "without any fault {} % of requests fail, more than the strictest tier may lose ({} %)",
            short(100.0 * share),
            short(100.0 * strictest)
        ));
    }
    let all = || collected.runs.iter().flat_map(|run| &run.incidents);
    let compound = all().filter(|incident| incident.activations > 1).count();
    if compound > 0 {
        let are = if compound == 1 { "incident is" } else { "incidents are" };
        let strikes: u64 = all().map(|incident| u64::from(incident.activations)).sum();
        warnings.push(format!(
            "{compound} of {} {are} compound ({strikes} strikes in all): a fault struck before an earlier one had recovered for \
             good; counted for the first",
            all().count()
        ));
    }
    warnings
}

/// Writes a number with at most four decimals, and two digits at least: "100", "0.01", "0.000001".
fn short(value: f64) -> String {
    let decimals = (1.0 - libm::log10(value.abs().max(1e-9)).floor()).clamp(2.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_without_idle_digits() {
        for (value, text) in
            [(100.0, "100"), (0.01, "0.01"), (1.0 - 0.99999999, "0.00000001"), (12.345, "12.35"), (0.0, "0")]
        {
            assert_eq!(short(value), text);
        }
    }
}
