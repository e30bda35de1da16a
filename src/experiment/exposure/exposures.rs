//! The exposure of every fault, worked out.

use super::count::{Counter, by_cell, requests_by_cell};
use super::overlaps::Overlaps;
use super::reach::{ByTier, Exposure, Reach, Spill, TargetId, add};
use super::regions::Regions;
use super::targets::{fault_clock, homes, noun, targets};
use super::touched::Touched;
use crate::scenario::Scenario;
use crate::scenario::fault::{Clock, Effect, Fault, RouterStep, Schedule};
use crate::scenario::router::Hits;
use crate::stop;
use crate::units::seconds;
use crate::world::operations::faults::is_awake;
use crate::world::platform::Platform;
use crate::world::platform::class::Class;
use crate::world::platform::population::SubId;
use crate::world::platform::scope::Target;

/// What is common to all faults.
struct Common<'a> {
    scenario: &'a Scenario,
    platform: &'a Platform,
    by_cell: Vec<ByTier>,
    all: ByTier,
    all_subscriptions: ByTier,
    /// Requests per second of each class in each cell, where they follow from the population and somebody asks.
    requests: Vec<Vec<f64>>,
    /// Whether look-ups couple cells.
    is_coupled: bool,
}

/// Works out what each fault can strike; `None` for those that are asleep.
pub(crate) fn exposures(scenario: &Scenario, platform: &Platform) -> Vec<Option<Exposure>> {
    let awake: Vec<usize> =
        (0..scenario.faults.len()).filter(|&index| is_awake(&scenario.faults[index], scenario.run.faults)).collect();
    let faults: Vec<&Fault> = awake.iter().map(|&index| &scenario.faults[index]).collect();
    let targets: Vec<Vec<Target>> = faults.iter().map(|fault| targets(scenario, platform, fault)).collect();
    let touched = Touched::by_all(&faults, platform);
    let clocks: Vec<f64> = faults.iter().zip(&targets).map(|(fault, targets)| joining_clocks(fault, targets)).collect();
    let rates: Vec<f64> = touched
        .iter()
        .zip(clocks)
        .map(|(touched, clocks)| clocks * touched.strikes / seconds(platform.horizon))
        .collect();
    let mut counter = Counter::new(platform);
    let (all, all_subscriptions) = counter.count(None, |_, _| true);
    let is_coupled = is_coupled(scenario, platform);
    let is_random = |fault: &&Fault| matches!(fault.schedule, Schedule::Random { .. });
    let follows = scenario.trace.is_empty() && scenario.tiers.iter().all(|tier| tier.new_customers == 0.0);
    let requests = match follows && !is_coupled && faults.iter().any(is_random) {
        true => requests_by_cell(platform),
        false => Vec::new(),
    };
    let common =
        Common { scenario, platform, by_cell: by_cell(platform), all, all_subscriptions, requests, is_coupled };
    let overlaps = Overlaps::of(&faults, platform.horizon);
    let mut exposures: Vec<Option<Exposure>> = scenario.faults.iter().map(|_| None).collect();
    let links: Vec<bool> = targets.iter().map(|targets| !targets.iter().all(is_within_a_cell)).collect();
    let met = |at: usize| -> (f64, Vec<usize>) {
        let joining = overlaps.with(at);
        let joins_a_second = joining.iter().map(|&other| rates[other]).sum();
        (joins_a_second, joining.into_iter().filter(|&other| links[other]).collect())
    };
    let everybody = (0..faults.len()).find(|&at| overlaps.is_at_any_time(at)).map(met);
    // Faults that are alike in time have the same regions.
    let mut last: Option<(Vec<usize>, Regions)> = None;
    for (at, &index) in awake.iter().enumerate() {
        stop::point();
        let (joins_a_second, linking) = match &everybody {
            Some(all) if overlaps.is_at_any_time(at) => all.clone(),
            _ => met(at),
        };
        if last.as_ref().is_none_or(|(of, _)| *of != linking) {
            let regions = Regions::joined(platform, &common.by_cell, linking.iter().flat_map(|&other| &targets[other]));
            last = Some((linking, regions));
        }
        let Some((_, regions)) = &last else { continue };
        let clock = (touched[at], joins_a_second);
        exposures[index] = Some(exposure(&common, &mut counter, faults[at], (&targets[at], regions), clock));
    }
    exposures
}

/// Clocks of a fault that may join an incident: of those that each have a cell only the struck cell's own can.
fn joining_clocks(fault: &Fault, targets: &[Target]) -> f64 {
    match fault_clock(fault) {
        Some(Clock::Each(_)) => {
            let single = targets.iter().filter(|target| is_within_a_cell(target)).count();
            (targets.len() - single) as f64 + f64::from(u8::from(single > 0))
        }
        _ => 1.0,
    }
}

fn is_within_a_cell(target: &Target) -> bool {
    matches!(target, Target::Cells { cells, .. } if cells.len() == 1)
}

fn exposure(
    common: &Common<'_>,
    counter: &mut Counter<'_>,
    fault: &Fault,
    (targets, regions): (&[Target], &Regions),
    (touched, joins_a_second): (Touched, f64),
) -> Exposure {
    let Common { scenario, platform, by_cell, all, .. } = common;
    let causing = fault.effects.iter().any(|effect| matches!(effect, Effect::Demand { .. }));
    let singles = targets.iter().all(is_one_cell);
    let reaches: Vec<Reach> = targets
        .iter()
        .map(|target| {
            let (cause, struck) = match target {
                Target::Customers { customer, .. } if causing => (*customer, homes(platform, target)),
                Target::Customers { .. } => (None, homes(platform, target)),
                Target::Cells { cells, .. } => (None, cells.to_vec()),
                Target::Router(_) => (None, (0..platform.cells.len() as u32).collect()),
            };
            let exposed = match struck[..] {
                [cell] if singles => (by_cell[cell as usize].clone(), by_cell[cell as usize].clone()),
                _ => {
                    let mut is_struck = vec![false; platform.cells.len()];
                    for &cell in &struck {
                        is_struck[cell as usize] = true;
                    }
                    counter.count(cause, |sub, home| {
                        is_struck[home as usize] && exposes(platform, target, causing, sub, home)
                    })
                }
            };
            let mut joined: Vec<u32> = struck.iter().map(|&cell| regions.of[cell as usize]).collect();
            joined.sort_unstable();
            joined.dedup();
            let mut within = vec![0.0; platform.tiers];
            for &region in &joined {
                add(&mut within, &regions.customers[region as usize]);
            }
            if let Some(customer) = cause {
                within[platform.population.tier_of(customer)] -= 1.0;
            }
            // Who has several workflows lives in several cells, and is one customer.
            within.iter_mut().zip(all).for_each(|(within, all)| *within = within.clamp(0.0, *all));
            // Scripted faults strike always: nobody asks.
            let asked = common.requests.first().filter(|_| matches!(fault.schedule, Schedule::Random { .. }));
            let mut requests = asked.map_or_else(Vec::new, |classes| vec![0.0; classes.len()]);
            if asked.is_some() {
                for &cell in &struck {
                    add(&mut requests, &common.requests[cell as usize]);
                }
            }
            Reach { customers: exposed.0, subscriptions: exposed.1, within_reach: within, requests }
        })
        .collect();
    let time = seconds(platform.warmup + platform.horizon);
    // New customers live where the others of their tier do; all of them ask the router.
    let on_router = targets.iter().any(|target| matches!(target, Target::Router(_)));
    let meets = |tier: usize| on_router || reaches.iter().any(|reach| reach.customers[tier] > 0.0);
    let joining = |met: bool| -> ByTier {
        let tiers = scenario.tiers.iter().enumerate();
        tiers.map(|(at, tier)| if meets(at) == met { tier.new_customers * time } else { 0.0 }).collect()
    };
    let (newcomers, bystanders) = (joining(true), joining(false));
    Exposure {
        by_id: targets.iter().map(TargetId::of).zip(0..).collect(),
        targets: reaches,
        noun: noun(fault),
        spill: if common.is_coupled { Spill::Everywhere } else { spill(targets, causing) },
        touched,
        newcomers,
        bystanders,
        joining: time,
        all: all.clone(),
        all_subscriptions: common.all_subscriptions.clone(),
        joins_a_second,
        each: matches!(fault_clock(fault), Some(Clock::Each(_))),
    }
}

/// Whether a subscription at home in a struck cell is exposed.
fn exposes(platform: &Platform, target: &Target, causing: bool, sub: SubId, home: u32) -> bool {
    let class = platform.class_of(sub);
    match target {
        Target::Customers { .. } => {
            causing || target.is_struck(platform, class, || platform.population.customer[sub as usize])
        }
        // Only newcomers ever meet placement.
        Target::Router(step) => *step != RouterStep::Placement,
        Target::Cells { stage, tier, .. } => {
            tier.is_none_or(|tier| tier == platform.classes[class as usize].tier)
                && stage.as_ref().is_none_or(|stage| stage.serves(platform, class, (sub, None), home))
        }
    }
}

/// Whether all that a target strikes is one whole cell.
fn is_one_cell(target: &Target) -> bool {
    match target {
        Target::Cells { cells, stage, tier, .. } => {
            cells.len() == 1 && tier.is_none() && stage.as_ref().is_none_or(|stage| !stage.is_part)
        }
        Target::Router(_) | Target::Customers { .. } => false,
    }
}

/// Whether harm may go everywhere, by the router. A store that has room for every look-up that could ever come at once couples
/// nobody.
pub(crate) fn is_coupled(scenario: &Scenario, platform: &Platform) -> bool {
    let Some(router) = &scenario.router else { return false };
    let miss = match router.cache.hits {
        Hits::Ratio(ratio) => 1.0 - ratio,
        Hits::Ttl(_) | Hits::Lru(_) => 1.0,
    };
    let demand = |class: &Class| {
        let rate: f64 = (class.first..class.first + class.count).map(|sub| platform.population.demand(sub)).sum();
        let copies = 1.0 + class.client.hedge.map_or(0.0, |hedge| f64::from(hedge.copies));
        rate * class.profile.peak() * f64::from(class.client.attempts) * copies
    };
    let shared = matches!(router.cache.hits, Hits::Lru(_));
    let demanded = || platform.classes.iter().map(demand).sum::<f64>() * miss;
    shared || router.store.capacity.is_some_and(|capacity| demanded() >= capacity)
}

/// Where harm may go beyond what is exposed, where the router couples nobody.
fn spill(targets: &[Target], causing: bool) -> Spill {
    let part = |target: &Target| match target {
        Target::Cells { stage, tier, .. } => tier.is_some() || stage.as_ref().is_some_and(|stage| stage.is_part),
        Target::Customers { .. } => !causing,
        Target::Router(_) => false,
    };
    if targets.iter().any(part) { Spill::Neighbours } else { Spill::Nowhere }
}
