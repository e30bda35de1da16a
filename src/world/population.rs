//! Who is served: customers, what they use, how much they ask for.
//!
//! The population depends on the master seed and the scenario's demand alone, never on cells: two designs serve the same
//! customers. It is the same in every replication, so intervals are conditional on it; another seed draws another population.

use std::sync::Arc;

use super::recorded;
use crate::engine::alias::Alias;
use crate::engine::draws;
use crate::engine::rng::{Key, Slot};
use crate::scenario::Scenario;
use crate::scenario::demand::{Demand, Skew};
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
    tier_keys: Vec<Key>,
}

const RANK: Slot = Slot::named("rank");
const ADOPTION: Slot = Slot::named("adoption");

impl Population {
    /// Draws the population of a scenario.
    pub fn new(scenario: &Scenario) -> Population {
        let key = Key(scenario.run.seed).named("population");
        let mut tier_start = vec![0_u32];
        for tier in &scenario.tiers {
            tier_start.push(tier_start[tier_start.len() - 1] + tier.customers);
        }
        let mut population = Population {
            tier_start,
            classes: Vec::new(),
            class_of: vec![vec![None; scenario.tiers.len()]; scenario.workflows.len()],
            processes: Vec::new(),
            customer: Vec::new(),
            rate: Vec::new(),
            recorded: Vec::new(),
            named: Vec::new(),
            key,
            tier_keys: scenario.tiers.iter().map(|tier| key.named(&tier.name)).collect(),
        };
        population.name_customers(scenario);
        for workflow in 0..scenario.workflows.len() {
            for tier in 0..scenario.tiers.len() {
                population.add_class(scenario, workflow, tier);
            }
        }
        population.recorded = recorded::rates(scenario, &population);
        population
    }

    /// Returns the requests per second of a subscription, drawn and recorded; 0 for newcomers.
    pub fn demand(&self, sub: SubId) -> f64 {
        self.rate.get(sub as usize).map_or(0.0, |&rate| f64::from(rate)) + self.recorded_rate(sub)
    }

    /// Returns the recorded requests per second of a subscription.
    pub fn recorded_rate(&self, sub: SubId) -> f64 {
        self.recorded.get(sub as usize).copied().unwrap_or(0.0)
    }

    /// Named customers are the last of their tier.
    fn name_customers(&mut self, scenario: &Scenario) {
        let mut end: Vec<u32> = self.tier_start[1..].to_vec();
        for (cohort, named) in scenario.cohorts.iter().enumerate().rev() {
            end[named.tier] -= named.count;
            self.named.extend((0..named.count).map(|i| (end[named.tier] + i, cohort)));
        }
        self.named.sort_unstable();
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

    fn add_class(&mut self, scenario: &Scenario, workflow: usize, tier: usize) {
        let Some(spec) = scenario.class(workflow, tier) else { return };
        let (start, end) = (self.tier_start[tier], self.tier_start[tier + 1]);
        let name = format!("{}/{}", scenario.workflows[workflow].name, scenario.tiers[tier].name);
        let tier_key = self.tier_keys[tier];
        let adoption = ADOPTION.0 ^ Slot::named(&scenario.workflows[workflow].name).0;

        let index = self.classes.len() as u16;
        self.class_of[workflow][tier] = Some(index);
        let first = self.customer.len() as SubId;
        let mean_rate = match spec.demand {
            Demand::Rate(rate) => rate,
            Demand::Trace => 0.0,
        };

        let cohorts: Vec<usize> =
            (0..scenario.cohorts.len()).filter(|&c| scenario.cohorts[c].workflows.contains(&workflow)).collect();
        let members: Vec<Vec<u32>> = cohorts
            .iter()
            .map(|&c| {
                self.named
                    .iter()
                    .filter(|named| named.1 == c && (start..end).contains(&named.0))
                    .map(|named| named.0)
                    .collect()
            })
            .collect();
        let taken: usize = members.iter().map(Vec::len).sum();

        // The adopters: a fixed number of them, chosen by draws of their own, ranked by a draw that all workflows share. Named
        // customers are the last of their tier.
        let others =
            self.named.iter().map(|named| named.0).find(|named| (start..end).contains(named)).unwrap_or(end) - start;
        let wanted = ((spec.adoption * f64::from(end - start)).round() as usize).saturating_sub(taken) as u32;
        let adopters = draws::least(others, wanted, |at| tier_key.nth(u64::from(at)).draw(Slot(adoption)));
        let mut weights = weights(&spec.skew, adopters.len());
        if spec.skew != Skew::Equal {
            let rank = |at: u32| (tier_key.nth(u64::from(adopters[at as usize])).draw(RANK), ());
            let ranked = draws::in_order(0..adopters.len() as u32, rank);
            let by_rank = std::mem::replace(&mut weights, vec![0.0; adopters.len()]);
            ranked.zip(by_rank).for_each(|((at, ()), weight)| weights[at as usize] = weight);
        }
        self.customer.extend(adopters.iter().map(|at| start + at));
        self.add_process(index, format!("{name}/"), &weights, mean_rate);
        for (&cohort, members) in cohorts.iter().zip(&members) {
            let rate = scenario.cohorts[cohort].demand.unwrap_or(mean_rate);
            self.customer.extend(members);
            self.add_process(
                index,
                format!("{name}/{}", scenario.cohorts[cohort].name),
                &vec![1.0; members.len()],
                rate,
            );
        }
        let count = self.customer.len() as u32 - first;
        self.classes.push(ClassPopulation { workflow, tier, first, count, mean_rate });
    }

    /// Adds the process of the customers that came last, by their weights (of mean 1): each sends `mean` x weight requests per
    /// second.
    fn add_process(&mut self, class: u16, name: String, weights: &[f64], mean: f64) {
        if weights.is_empty() {
            return;
        }
        let first = self.rate.len() as SubId;
        self.rate.extend(weights.iter().map(|weight| (weight * mean) as f32));
        self.processes.push(Process {
            class,
            name,
            first,
            count: weights.len() as u32,
            alias: Arc::new(Alias::new(weights)),
            rate: mean * weights.len() as f64,
        });
    }
}

/// Returns the weights by rank, scaled to a mean of 1.
fn weights(skew: &Skew, n: usize) -> Vec<f64> {
    let raw: Vec<f64> = match skew {
        Skew::Equal => vec![1.0; n],
        Skew::Zipf(s) => (1..=n).map(|rank| libm::pow(rank as f64, -s)).collect(),
        Skew::Pareto(shape) => (0..n).map(|rank| libm::pow((rank as f64 + 0.5) / n as f64, -1.0 / shape)).collect(),
        Skew::List(shares) => (0..n).map(|rank| shares[rank.min(shares.len() - 1)]).collect(),
    };
    let total: f64 = raw.iter().sum();
    raw.into_iter().map(|weight| weight * n as f64 / total).collect()
}

/// Returns how many minutes a request can stay open, rounded up: meters need so many slots more than one.
pub fn open_minutes(scenario: &Scenario) -> u64 {
    let deadline =
        scenario.workflows.iter().flat_map(|w| &w.classes).flatten().map(|class| class.client.deadline).max();
    deadline.unwrap_or(0).div_ceil(MINUTE)
}
