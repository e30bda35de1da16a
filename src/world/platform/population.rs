//! Who is served: customers, what they use, how much they ask for.
//!
//! The population depends on the master seed and the scenario's demand alone, never on cells: two designs serve the same
//! customers. It is the same in every replication, so intervals are conditional on it; another seed draws another population.

use std::sync::Arc;

use crate::engine::alias::Alias;
use crate::engine::rng::Key;
use crate::scenario::Scenario;
use crate::units::MINUTE;

/// A (customer, workflow) pair is a subscription: the unit that is homed, metered and harmed.
pub type SubId = u32;
/// No subscription, no cell, no record.
pub const NONE: u32 = u32::MAX;

/// A workflow in a tier: where its subscriptions are, who calls.
#[derive(Debug, Clone)]
pub struct ClassPopulation {
    /// Workflow index.
    pub workflow: usize,
    /// Tier index.
    pub tier: usize,
    /// First subscription.
    pub first: SubId,
    /// Number of subscriptions.
    pub count: u32,
    /// Mean requests per second of a customer that is not named (0 for a trace).
    pub mean_rate: f64,
}

/// An arrival process: the requests of some subscriptions of one class.
#[derive(Debug, Clone)]
pub struct Process {
    /// Class index.
    pub class: u16,
    /// Name that keys its stream: "workflow/tier/cohort".
    pub name: String,
    /// First subscription.
    pub first: SubId,
    /// Number of subscriptions.
    pub count: u32,
    /// Which of them sends the next request.
    pub alias: Arc<Alias>,
    /// Requests per second of all of them, before the profile.
    pub rate: f64,
}

/// All customers and subscriptions.
#[derive(Debug, Clone)]
pub struct Population {
    /// First customer of each tier, and at the end the number of all.
    pub tier_start: Vec<u32>,
    /// Classes, workflow by workflow.
    pub classes: Vec<ClassPopulation>,
    /// Class of (workflow, tier).
    pub class_of: Vec<Vec<Option<u16>>>,
    /// Arrival processes.
    pub processes: Vec<Process>,
    /// Customer of each subscription.
    pub customer: Vec<u32>,
    /// Requests per second of each subscription that are drawn, before the profile.
    pub rate: Vec<f32>,
    /// Recorded requests per second of each subscription; empty without a trace.
    pub recorded: Vec<f64>,
    /// Cohort of each named customer: (customer, cohort index).
    pub named: Vec<(u32, usize)>,
    /// Key of everything that is drawn about customers.
    pub key: Key,
    /// The same for each tier's.
    pub(super) tier_keys: Vec<Key>,
}

impl Population {
    /// Returns the requests per second of a subscription, drawn and recorded; 0 for newcomers.
    pub fn demand(&self, sub: SubId) -> f64 {
        self.rate.get(sub as usize).map_or(0.0, |&rate| f64::from(rate)) + self.recorded_rate(sub)
    }

    /// Returns the recorded requests per second of a subscription.
    pub fn recorded_rate(&self, sub: SubId) -> f64 {
        self.recorded.get(sub as usize).copied().unwrap_or(0.0)
    }

    /// Returns the key of a customer.
    pub fn customer_key(&self, customer: u32) -> Key {
        let tier = self.tier_of(customer);
        self.tier_keys[tier].nth(u64::from(customer - self.tier_start[tier]))
    }

    /// Returns the tier of a customer.
    pub fn tier_of(&self, customer: u32) -> usize {
        self.tier_start.partition_point(|&start| start <= customer) - 1
    }

    /// Returns the number of all customers.
    pub fn customers(&self) -> u32 {
        self.tier_start[self.tier_start.len() - 1]
    }

    /// Returns the subscription of a customer to a workflow, if it has one.
    pub fn subscription(&self, workflow: usize, customer: u32) -> Option<SubId> {
        let class = self.class_of[workflow][self.tier_of(customer)]?;
        // Within a process customers are in order.
        self.processes.iter().filter(|process| process.class == class).find_map(|process| {
            let customers = &self.customer[process.first as usize..][..process.count as usize];
            customers.binary_search(&customer).ok().map(|at| process.first + at as SubId)
        })
    }
}

/// Returns how many minutes a request can stay open, rounded up: meters need so many slots more than one.
pub fn open_minutes(scenario: &Scenario) -> u64 {
    let deadline =
        scenario.workflows.iter().flat_map(|w| &w.classes).flatten().map(|class| class.client.deadline).max();
    deadline.unwrap_or(0).div_ceil(MINUTE)
}
