//! What a fault can strike, whatever it did strike: known from the scenario, without running any request.

use std::collections::BTreeMap;

use super::touched::Touched;
use crate::scenario::Scenario;
use crate::scenario::fault::{Clock, Effect, Fault, RouterStep, Schedule, ScopeKind};
use crate::scenario::router::Hits;
use crate::units::{Nanos, seconds};
use crate::world::faults::is_awake;
use crate::world::platform::Platform;
use crate::world::population::{NONE, SubId};
use crate::world::strikes::{self, Target};

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
    /// New customers in the mean, by tier.
    pub(super) newcomers: ByTier,
    /// All customers, by tier, new ones not included.
    pub(super) all: ByTier,
    /// All subscriptions, by tier, new ones not included.
    pub(super) all_subscriptions: ByTier,
    /// Strikes that may join one of its incidents, a second, in the mean.
    joins_a_second: f64,
}

/// What tells the targets of one fault apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    first_cell: Option<u32>,
    zone: Option<usize>,
    tier: Option<usize>,
}

impl Place {
    fn of(target: &Target) -> Place {
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
        self.places.get(&Place::of(target)).copied().unwrap_or(0)
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

/// Works out what each fault can strike; `None` for those that are asleep.
pub(super) fn exposures(scenario: &Scenario, platform: &Platform) -> Vec<Option<Exposure>> {
    let targets: Vec<Vec<Target>> = scenario
        .faults
        .iter()
        .map(|fault| if is_awake(fault, scenario.run.faults) { targets(scenario, platform, fault) } else { Vec::new() })
        .collect();
    let awake = |index: usize| is_awake(&scenario.faults[index], scenario.run.faults);
    let touched: Vec<Option<Touched>> = (0..scenario.faults.len())
        .map(|index| awake(index).then(|| Touched::by(&scenario.faults[index], platform)))
        .collect();
    let by_cell = by_cell(platform);
    let mut exposures = Vec::new();
    for (index, fault) in scenario.faults.iter().enumerate() {
        let Some(mine) = touched[index] else {
            exposures.push(None);
            continue;
        };
        let may_join = |other: &usize| {
            awake(*other) && {
                let horizon = platform.horizon;
                overlap(fault, &scenario.faults[*other], index == *other, horizon)
            }
        };
        let joining: Vec<usize> = (0..scenario.faults.len()).filter(may_join).collect();
        let regions = Regions::joined(platform, joining.iter().flat_map(|&other| &targets[other]));
        let joins_a_second = joining
            .iter()
            .map(|&other| {
                // Of clocks that each have a cell only the struck cell's own can join.
                let single = |target: &&Target| matches!(target, Target::Cells { cells, .. } if cells.len() == 1);
                let all = targets[other].len() as f64;
                let clocks = match fault_clock(&scenario.faults[other]) {
                    Some(Clock::Each(_)) => {
                        all - targets[other].iter().filter(single).count() as f64
                            + f64::from(u8::from(targets[other].iter().any(|target| single(&target))))
                    }
                    _ => 1.0,
                };
                clocks * touched[other].as_ref().map_or(0.0, |touched| touched.strikes) / seconds(platform.horizon)
            })
            .sum();
        exposures.push(Some(exposure(
            scenario,
            platform,
            fault,
            (&targets[index], &regions, &by_cell),
            (mine, joins_a_second),
        )));
    }
    exposures
}

fn fault_clock(fault: &Fault) -> Option<Clock> {
    match fault.schedule {
        Schedule::Random { clock, .. } => Some(clock),
        Schedule::Scripted { .. } | Schedule::Trace(_) => None,
    }
}

/// All that a fault may strike, one at a time.
fn targets(scenario: &Scenario, platform: &Platform, fault: &Fault) -> Vec<Target> {
    match fault_clock(fault) {
        Some(Clock::Each(scope) | Clock::OneOf(scope)) => strikes::instances(scenario, platform, &fault.strikes, scope)
            .into_iter()
            .map(|(_, target)| target)
            .collect(),
        None => vec![strikes::target(scenario, platform, &fault.strikes, None)],
    }
}

/// Whether strikes of two faults (or two strikes of one) may last at the same time.
fn overlap(one: &Fault, other: &Fault, same: bool, horizon: Nanos) -> bool {
    let (Some(one), Some(other)) = (spans(one, horizon), spans(other, horizon)) else { return true };
    // In order of their starts: the first of the other's that ends late enough decides.
    one.iter().enumerate().any(|(i, a)| {
        let first = other.partition_point(|b| b.1 < a.0);
        other.iter().enumerate().skip(first).take_while(|(_, b)| b.0 <= a.1).any(|(j, _)| !(same && i == j))
    })
}

/// When strikes last, if that is known, in order of their starts; each with all that its onset may be shifted by.
fn spans(fault: &Fault, horizon: Nanos) -> Option<Vec<(Nanos, Nanos)>> {
    match &fault.schedule {
        Schedule::Scripted { at, spread, lasts, every } => {
            let times = every.map_or(1, |every| horizon.saturating_sub(at - spread).div_ceil(every));
            let start = |serial: u64| at - spread + serial * every.unwrap_or(0);
            // Strikes of one fault are all shifted alike.
            Some((0..times).map(|serial| (start(serial), start(serial) + 2 * spread + lasts)).collect())
        }
        Schedule::Trace(recorded) => Some(recorded.incidents.iter().map(|one| (one.start, one.end)).collect()),
        Schedule::Random { .. } => None,
    }
}

/// Cells that strikes on several of them at once may join to one incident.
struct Regions(Vec<u32>);

impl Regions {
    fn joined<'a>(platform: &Platform, targets: impl Iterator<Item = &'a Target>) -> Regions {
        let mut regions = Regions((0..platform.cells.len() as u32).collect());
        for target in targets {
            match target {
                Target::Cells { cells, .. } => {
                    for pair in cells.windows(2) {
                        regions.join(pair[0], pair[1]);
                    }
                }
                // The router and customers of any cell are shared by all.
                Target::Router(_) => (1..platform.cells.len() as u32).for_each(|cell| regions.join(0, cell)),
                Target::Customers { .. } => {
                    let mut homes = customers(platform, target).map(|sub| platform.home[sub as usize]);
                    let first = homes.next();
                    homes.for_each(|home| regions.join(first.unwrap_or(home), home));
                }
            }
        }
        regions
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.of(one), self.of(other));
        self.0[one.max(other) as usize] = one.min(other);
    }

    fn of(&mut self, cell: u32) -> u32 {
        let mut root = cell;
        while self.0[root as usize] != root {
            root = self.0[root as usize];
        }
        let mut at = cell;
        while self.0[at as usize] != root {
            at = std::mem::replace(&mut self.0[at as usize], root);
        }
        root
    }
}

/// Subscriptions of the customers that are struck themselves.
fn customers<'a>(platform: &'a Platform, target: &'a Target) -> impl Iterator<Item = SubId> + 'a {
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
    scenario: &Scenario,
    platform: &Platform,
    fault: &Fault,
    (targets, regions, by_cell): (&[Target], &Regions, &[ByTier]),
    (touched, joins_a_second): (Touched, f64),
) -> Exposure {
    let mut regions = Regions(regions.0.clone());
    let mut counter = Counter { platform, seen: vec![0; platform.population.customers() as usize], turn: 0 };
    let (all, all_subscriptions) = counter.count(None, |_, _| true);
    let mut by_region = vec![vec![0.0; platform.tiers]; platform.cells.len()];
    for (cell, customers) in (0..).zip(by_cell) {
        add(&mut by_region[regions.of(cell) as usize], customers);
    }
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
            let mut joined: Vec<u32> = struck.iter().map(|&cell| regions.of(cell)).collect();
            joined.sort_unstable();
            joined.dedup();
            let mut within = vec![0.0; platform.tiers];
            for &region in &joined {
                add(&mut within, &by_region[region as usize]);
            }
            if let Some(customer) = cause {
                within[platform.population.tier_of(customer)] -= 1.0;
            }
            // Who has several workflows lives in several cells, and is one customer.
            within.iter_mut().zip(&all).for_each(|(within, all)| *within = within.clamp(0.0, *all));
            Reach { customers: exposed.0, subscriptions: exposed.1, within_reach: within }
        })
        .collect();
    let time = seconds(platform.warmup + platform.horizon);
    // New customers live where the others of their tier do; all of them ask the router.
    let on_router = targets.iter().any(|target| matches!(target, Target::Router(_)));
    let meets = |tier: usize| on_router || reaches.iter().any(|reach| reach.customers[tier] > 0.0);
    let newcomers = scenario.tiers.iter().enumerate();
    let newcomers = newcomers.map(|(at, tier)| if meets(at) { tier.new_customers * time } else { 0.0 }).collect();
    Exposure {
        places: targets.iter().map(Place::of).zip(0..).collect(),
        targets: reaches,
        noun: noun(fault),
        spill: spill(scenario, platform, targets, causing),
        touched,
        newcomers,
        all,
        all_subscriptions,
        joins_a_second,
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

fn add(sum: &mut ByTier, more: &ByTier) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Cells in which struck customers live.
fn homes(platform: &Platform, target: &Target) -> Vec<u32> {
    let mut homes: Vec<u32> = customers(platform, target).map(|sub| platform.home[sub as usize]).collect();
    homes.sort_unstable();
    homes.dedup();
    homes
}

/// Where harm may go beyond what is exposed. The store of a router that has room for every look-up that could ever come at once
/// couples nobody.
fn spill(scenario: &Scenario, platform: &Platform, targets: &[Target], causing: bool) -> Spill {
    if let Some(router) = &scenario.router {
        let miss = match router.cache.hits {
            Hits::Ratio(ratio) => 1.0 - ratio,
            Hits::Ttl(_) | Hits::Lru(_) => 1.0,
        };
        let demand: f64 = platform
            .classes
            .iter()
            .map(|class| {
                let rate: f64 =
                    (class.first..class.first + class.count).map(|sub| platform.population.demand(sub)).sum();
                let copies = 1.0 + class.client.hedge.map_or(0.0, |hedge| f64::from(hedge.copies));
                rate * class.profile.peak() * f64::from(class.client.attempts) * copies
            })
            .sum();
        let shared = matches!(router.cache.hits, Hits::Lru(_));
        let short = router.store.capacity.is_some_and(|capacity| demand * miss >= capacity);
        if shared || short {
            return Spill::Everywhere;
        }
    }
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
