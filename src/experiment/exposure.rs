//! What a fault can strike, whatever it did strike: known from the scenario, without running any request.

use std::collections::BTreeMap;

use super::overlaps::Overlaps;
use super::regions::Regions;
use super::touched::Touched;
use crate::scenario::Scenario;
use crate::scenario::fault::{Clock, Effect, Fault, RouterStep, Schedule, ScopeKind};
use crate::scenario::router::Hits;
use crate::stop;
use crate::units::seconds;
use crate::world::operations::faults::is_awake;
use crate::world::platform::Platform;
use crate::world::platform::class::Class;
use crate::world::platform::population::{NONE, SubId};
use crate::world::platform::scope::{self, Target};

/// Customers, or subscriptions, by tier.
pub(super) type ByTier = Vec<f64>;

/// What one strike exposes.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// Customers homed where it strikes.
    pub(super) customers: ByTier,
    /// Their subscriptions there.
    pub(super) subscriptions: ByTier,
    /// Customers whom it may come to reach: those of the struck cells, and of all cells that merged incidents join to them.
    pub(super) within_reach: ByTier,
    /// Requests per second at home where it strikes, by class; empty where it is not known to stay there.
    pub(super) requests: Vec<f64>,
}

/// Where harm may go beyond what is exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spill {
    /// Cells share nothing that a strike could use up.
    Nowhere,
    /// To the neighbours of those who are exposed, in the same cells.
    Neighbours,
    /// To everybody, by the router.
    Everywhere,
}

/// What a fault can strike.
#[derive(Debug)]
pub(super) struct Exposure {
    /// One of these at a time, all equally likely.
    pub(super) targets: Vec<Reach>,
    places: BTreeMap<Place, usize>,
    /// What the targets are, in the plural: cells.
    pub(super) noun: &'static str,
    /// Where harm may spill.
    pub(super) spill: Spill,
    /// Minutes that a strike touches.
    pub(super) touched: Touched,
    /// New customers in the mean, by tier: of tiers of which it strikes somebody.
    pub(super) newcomers: ByTier,
    /// New customers of the other tiers, whom harm that spills may meet.
    pub(super) bystanders: ByTier,
    /// Seconds in which they join: warm-up and horizon.
    pub(super) joining: f64,
    /// All customers, by tier, new ones not included.
    pub(super) all: ByTier,
    /// All subscriptions, by tier, new ones not included.
    pub(super) all_subscriptions: ByTier,
    /// Strikes that may join one of its incidents, a second, in the mean.
    joins_a_second: f64,
    /// Whether each target has a clock of its own; else one clock strikes one of them at a time.
    pub(super) each: bool,
}

/// What tells the targets of one fault apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    first_cell: Option<u32>,
    zone: Option<usize>,
    tier: Option<usize>,
}

impl Place {
    /// Where a target is.
    pub(super) fn of(target: &Target) -> Place {
        match target {
            Target::Cells { cells, zone, tier, .. } => {
                Place { first_cell: cells.first().copied(), zone: *zone, tier: *tier }
            }
            Target::Router(_) => Place { first_cell: None, zone: None, tier: None },
            Target::Customers { tier, .. } => Place { first_cell: None, zone: None, tier: *tier },
        }
    }
}

impl Exposure {
    /// The target that was struck; the first where it is one of many parts of it (the waves of a release).
    pub(super) fn index_of(&self, target: &Target) -> usize {
        self.index_at(&Place::of(target))
    }

    /// The same, by its place.
    pub(super) fn index_at(&self, place: &Place) -> usize {
        self.places.get(place).copied().unwrap_or(0)
    }

    /// Probability that one of `n` of the targets is struck in a history, and how often they are, in the mean.
    pub(super) fn chance(&self, n: usize) -> (f64, f64) {
        let share = n as f64 / (self.targets.len() as f64).max(1.0);
        let clocks = if self.each { n as f64 } else { share };
        let often = clocks * self.touched.strikes;
        let once = self.touched.chance;
        let chance = if self.each { 1.0 - libm::pow(1.0 - once, n as f64) } else { once };
        (chance.min(often), often)
    }

    /// Whether it may harm somebody of a tier.
    pub(super) fn may_reach(&self, tier: usize) -> bool {
        self.spill == Spill::Everywhere || self.targets.iter().any(|reach| reach.within_reach[tier] > 0.0)
    }

    /// Mean strikes that join an incident in so many seconds, at most one each.
    pub(super) fn joins(&self, seconds: f64) -> f64 {
        (self.joins_a_second * seconds).min(1.0)
    }
}

/// Number of a tier, or of all.
pub(super) fn of_tier(by_tier: &[f64], tier: Option<usize>) -> f64 {
    tier.map_or_else(|| by_tier.iter().sum(), |tier| by_tier[tier])
}

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
pub(super) fn exposures(scenario: &Scenario, platform: &Platform) -> Vec<Option<Exposure>> {
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
    let mut counter = Counter { platform, seen: vec![0; platform.population.customers() as usize], turn: 0 };
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

fn fault_clock(fault: &Fault) -> Option<Clock> {
    match fault.schedule {
        Schedule::Random { clock, .. } => Some(clock),
        Schedule::Scripted { .. } | Schedule::Trace(_) => None,
    }
}

/// All that a fault may strike, one at a time.
pub(super) fn targets(scenario: &Scenario, platform: &Platform, fault: &Fault) -> Vec<Target> {
    match fault_clock(fault) {
        Some(Clock::Each(scope) | Clock::OneOf(scope)) => {
            scope::instances(scenario, platform, &fault.strikes, scope).into_iter().map(|(_, target)| target).collect()
        }
        None => vec![scope::target(scenario, platform, &fault.strikes, None)],
    }
}

/// Subscriptions of the customers that are struck themselves.
pub(super) fn customers<'a>(platform: &'a Platform, target: &'a Target) -> impl Iterator<Item = SubId> + 'a {
    (0..platform.subscriptions()).filter(move |&sub| {
        platform.home[sub as usize] != NONE
            && target.is_struck(platform, platform.class_of(sub), || platform.population.customer[sub as usize])
    })
}

/// Counts customers, each once, and subscriptions.
struct Counter<'a> {
    platform: &'a Platform,
    seen: Vec<u32>,
    turn: u32,
}

impl Counter<'_> {
    /// Customers and subscriptions by tier of those that match, each customer once; `causes` is left out.
    fn count(&mut self, causes: Option<u32>, is_in: impl Fn(SubId, u32) -> bool) -> (ByTier, ByTier) {
        self.turn += 1;
        let (mut customers, mut subscriptions) = (vec![0.0; self.platform.tiers], vec![0.0; self.platform.tiers]);
        for class in &self.platform.classes {
            for sub in class.first..class.first + class.count {
                let home = self.platform.home[sub as usize];
                let customer = self.platform.population.customer[sub as usize];
                if home == NONE || causes == Some(customer) || !is_in(sub, home) {
                    continue;
                }
                subscriptions[class.tier] += 1.0;
                if std::mem::replace(&mut self.seen[customer as usize], self.turn) != self.turn {
                    customers[class.tier] += 1.0;
                }
            }
        }
        (customers, subscriptions)
    }
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
        places: targets.iter().map(Place::of).zip(0..).collect(),
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

/// Subscriptions by tier at home in each cell: as a cell is of one workflow, so many customers.
fn by_cell(platform: &Platform) -> Vec<ByTier> {
    let mut counts = vec![vec![0.0; platform.tiers]; platform.cells.len()];
    for class in &platform.classes {
        for sub in class.first..class.first + class.count {
            if let Some(cell) = counts.get_mut(platform.home[sub as usize] as usize) {
                cell[class.tier] += 1.0;
            }
        }
    }
    counts
}

/// Requests per second of each class at home in each cell.
fn requests_by_cell(platform: &Platform) -> Vec<Vec<f64>> {
    let mut rates = vec![vec![0.0; platform.classes.len()]; platform.cells.len()];
    for (at, class) in platform.classes.iter().enumerate() {
        stop::point();
        for sub in class.first..class.first + class.count {
            if let Some(cell) = rates.get_mut(platform.home[sub as usize] as usize) {
                cell[at] += platform.population.demand(sub);
            }
        }
    }
    rates
}

pub(super) fn add(sum: &mut ByTier, more: &ByTier) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Cells in which struck customers live.
fn homes(platform: &Platform, target: &Target) -> Vec<u32> {
    let mut homes: Vec<u32> = customers(platform, target).map(|sub| platform.home[sub as usize]).collect();
    homes.sort_unstable();
    homes.dedup();
    homes
}

/// Whether harm may go everywhere, by the router. A store that has room for every look-up that could ever come at once couples
/// nobody.
fn is_coupled(scenario: &Scenario, platform: &Platform) -> bool {
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

fn noun(fault: &Fault) -> &'static str {
    match fault_clock(fault) {
        Some(Clock::Each(scope) | Clock::OneOf(scope)) => match scope {
            ScopeKind::Cell => "cells",
            ScopeKind::Zone => "zones",
            ScopeKind::Tier => "tiers",
            ScopeKind::Workflow => "workflows",
            ScopeKind::Platform => "strikes",
        },
        None => "strikes",
    }
}
