//! New customers: who joins while the scenario runs.
//!
//! Only they ever reach placement. When they join, what they use and how much they ask for depends on their own keys; each asks
//! for its tier's mean. They are known before the run starts, as demand depends on nothing else.

use super::population::SubId;
use crate::engine::rng::{Key, Slot, Stream};
use crate::scenario::Scenario;
use crate::units::Nanos;
use crate::world::platform::Platform;

/// A subscription of a new customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Newcomer {
    /// Customer number, after all that were there.
    pub customer: u32,
    /// Class index.
    pub class: u16,
    /// When it joins.
    pub joins: Nanos,
    /// Draws its placement.
    pub key: Key,
}

/// The newcomers of one replication, by class.
#[derive(Debug, Clone, Default)]
pub struct Newcomers {
    /// Subscriptions, after the platform's, grouped by class.
    pub subs: Vec<Newcomer>,
    /// Per class with newcomers: (class, first subscription, count).
    pub groups: Vec<(u16, SubId, u32)>,
    /// Number of new customers.
    pub customers: u32,
}

/// Draws the newcomers of a replication.
pub fn draw(scenario: &Scenario, platform: &Platform, replication: Key) -> Newcomers {
    let mut newcomers = Newcomers::default();
    let end = (platform.warmup + platform.horizon) as f64;
    let mut joined = Vec::new();
    for (tier, spec) in scenario.tiers.iter().enumerate() {
        if spec.new_customers <= 0.0 {
            continue;
        }
        let key = replication.named("newcomers").named(&spec.name);
        let mut stream = Stream::new(key.named("gaps"));
        let mut at = 0.0;
        for serial in 0.. {
            at += stream.exponential() * 1e9 / spec.new_customers;
            if at >= end {
                break;
            }
            joined.push((
                tier,
                at.round() as Nanos,
                key.nth(serial),
                platform.population.customers() + newcomers.customers,
            ));
            newcomers.customers += 1;
        }
    }
    for (index, class) in platform.classes.iter().enumerate() {
        let first = platform.subscriptions() + newcomers.subs.len() as u32;
        let adopts = Slot::named(&format!("adopts {}", scenario.workflows[class.workflow].name));
        for &(tier, joins, key, customer) in &joined {
            if tier == class.tier && class.mean_rate > 0.0 && key.happens(adopts, class.adoption) {
                newcomers.subs.push(Newcomer { customer, class: index as u16, joins, key });
            }
        }
        let count = platform.subscriptions() + newcomers.subs.len() as u32 - first;
        if count > 0 {
            newcomers.groups.push((index as u16, first, count));
        }
    }
    newcomers
}
