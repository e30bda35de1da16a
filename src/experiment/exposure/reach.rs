//! What one strike reaches, and all that a fault can strike.

use std::collections::BTreeMap;

use super::touched::Touched;
use crate::world::platform::scope::Target;

/// Customers, or subscriptions, by tier.
pub(crate) type ByTier = Vec<f64>;

/// What one strike exposes.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// Customers homed where it strikes.
    pub(crate) customers: ByTier,
    /// Their subscriptions there.
    pub(crate) subscriptions: ByTier,
    /// Customers whom it may come to reach: those of the struck cells, and of all cells that merged incidents join to them.
    pub(crate) within_reach: ByTier,
    /// Requests per second at home where it strikes, by class; empty where it is not known to stay there.
    pub(crate) requests: Vec<f64>,
}

/// Where harm may go beyond what is exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spill {
    /// Cells share nothing that a strike could use up.
    Nowhere,
    /// To the neighbours of those who are exposed, in the same cells.
    Neighbours,
    /// To everybody, by the router.
    Everywhere,
}

/// What a fault can strike.
#[derive(Debug)]
pub(crate) struct Exposure {
    /// One of these at a time, all equally likely.
    pub(crate) targets: Vec<Reach>,
    pub(super) by_id: BTreeMap<TargetId, usize>,
    /// What the targets are, in the plural: cells.
    pub(crate) noun: &'static str,
    /// Where harm may spill.
    pub(crate) spill: Spill,
    /// Minutes that a strike touches.
    pub(crate) touched: Touched,
    /// New customers in the mean, by tier: of tiers of which it strikes somebody.
    pub(crate) newcomers: ByTier,
    /// New customers of the other tiers, whom harm that spills may meet.
    pub(crate) bystanders: ByTier,
    /// Seconds in which they join: warm-up and horizon.
    pub(crate) joining: f64,
    /// All customers, by tier, new ones not included.
    pub(crate) all: ByTier,
    /// All subscriptions, by tier, new ones not included.
    pub(crate) all_subscriptions: ByTier,
    /// Strikes that may join one of its incidents, a second, in the mean.
    pub(super) joins_a_second: f64,
    /// Whether each target has a clock of its own; else one clock strikes one of them at a time.
    pub(crate) each: bool,
}

/// What tells the targets of one fault apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetId {
    first_cell: Option<u32>,
    zone: Option<usize>,
    tier: Option<usize>,
}

impl TargetId {
    /// That of a target.
    pub(crate) fn of(target: &Target) -> TargetId {
        match target {
            Target::Cells { cells, zone, tier, .. } => {
                TargetId { first_cell: cells.first().copied(), zone: *zone, tier: *tier }
            }
            Target::Router(_) => TargetId { first_cell: None, zone: None, tier: None },
            Target::Customers { tier, .. } => TargetId { first_cell: None, zone: None, tier: *tier },
        }
    }
}

impl Exposure {
    /// The target that was struck; the first where it is one of many parts of it (the waves of a release).
    pub(crate) fn index_of(&self, target: &Target) -> usize {
        self.index_at(&TargetId::of(target))
    }

    /// The same, by what tells it apart.
    pub(crate) fn index_at(&self, id: &TargetId) -> usize {
        self.by_id.get(id).copied().unwrap_or(0)
    }

    /// Probability that one of `n` of the targets is struck in a history, and how often they are, in the mean.
    pub(crate) fn chance(&self, n: usize) -> (f64, f64) {
        let share = n as f64 / (self.targets.len() as f64).max(1.0);
        let clocks = if self.each { n as f64 } else { share };
        let often = clocks * self.touched.strikes;
        let once = self.touched.chance;
        let chance = if self.each { 1.0 - libm::pow(1.0 - once, n as f64) } else { once };
        (chance.min(often), often)
    }

    /// Whether it may harm somebody of a tier.
    pub(crate) fn may_reach(&self, tier: usize) -> bool {
        self.spill == Spill::Everywhere || self.targets.iter().any(|reach| reach.within_reach[tier] > 0.0)
    }

    /// Mean strikes that join an incident in so many seconds, at most one each.
    pub(crate) fn joins(&self, seconds: f64) -> f64 {
        (self.joins_a_second * seconds).min(1.0)
    }
}

/// Number of a tier, or of all.
pub(crate) fn of_tier(by_tier: &[f64], tier: Option<usize>) -> f64 {
    tier.map_or_else(|| by_tier.iter().sum(), |tier| by_tier[tier])
}

pub(crate) fn add(sum: &mut ByTier, more: &ByTier) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}
