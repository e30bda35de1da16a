//! Draws the customers of a scenario: who uses what, and how much each asks for.

use std::sync::Arc;

use super::population::{ClassPopulation, Population, Process, SubId};
use super::recorded;
use crate::engine::alias::Alias;
use crate::engine::draws;
use crate::engine::rng::{Key, Slot};
use crate::scenario::Scenario;
use crate::scenario::demand::{Demand, Skew};

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

    /// Named customers are the last of their tier.
    fn name_customers(&mut self, scenario: &Scenario) {
        let mut end: Vec<u32> = self.tier_start[1..].to_vec();
        for (cohort, named) in scenario.cohorts.iter().enumerate().rev() {
            end[named.tier] -= named.count;
            self.named.extend((0..named.count).map(|i| (end[named.tier] + i, cohort)));
        }
        self.named.sort_unstable();
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
