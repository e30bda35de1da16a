//! The platform in health, at each level of demand.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::condition::Condition;
use super::doubt::Doubt;
use super::entries::Entries;
use super::lookup::{CacheKeys, Lookup};
use super::losses::Losses;
use super::model::Model;
use super::solve::{Flow, solve};
use super::surroundings::{State, Surroundings};
use crate::scenario::Scenario;

/// The platform in health: shared by all replications.
#[derive(Debug)]
pub struct Health {
    /// What look-ups meet, by level of demand.
    pub lookups: Vec<Arc<Lookup>>,
    /// Entries of the router's cache, by level of demand.
    pub entries: Vec<Entries>,
    /// What the router's cache is asked for.
    pub(super) keys: CacheKeys,
    /// What strikes no cell does to it.
    pub(super) conditions: Vec<Condition>,
    /// Flow of each cell, level by level. All are found once, for what fails; of many levels, those are kept that somebody asks for.
    flows: Vec<OnceLock<Arc<Flow>>>,
    /// Failed share of each tenancy at each level, tenancy by tenancy.
    failed: Vec<f64>,
    levels: usize,
    /// Flows that stand between two states.
    pub unsettled: usize,
    /// Stations of which something is known roughly only.
    pub doubts: BTreeSet<(u32, Doubt)>,
    /// What corrects theory.
    pub losses: Arc<Losses>,
}

impl Health {
    /// Finds the flows of a platform without faults.
    pub fn new(scenario: &Scenario, model: &Model, losses: Arc<Losses>) -> Health {
        let levels = model.levels.count();
        let router = scenario.router.as_ref();
        let keys = CacheKeys::new(model, router);
        let lookups: Vec<Arc<Lookup>> =
            (0..levels).map(|level| Arc::new(Lookup::new(model, router, &keys, level))).collect();
        let mut health = Health {
            entries: lookups.iter().map(|lookup| lookup.entries).collect(),
            lookups,
            keys,
            conditions: model.cells.iter().map(|cell| Condition::new(model, cell, &[])).collect(),
            flows: vec![OnceLock::new(); levels * model.cells.len()],
            failed: vec![0.0; levels * model.tenancies.len()],
            levels,
            unsettled: 0,
            doubts: BTreeSet::new(),
            losses,
        };
        for level in 0..levels {
            for cell in 0..model.cells.len() {
                let flow = health.solved(model, level, cell);
                health.unsettled += usize::from(!flow.settled);
                let first = model.platform.cells[cell].first_station;
                health.doubts.extend(flow.doubts.iter().map(|&(at, doubt)| (first + at as u32, doubt)));
                for (tenancy, failed) in model.cells[cell].tenancies.clone().zip(&flow.failed) {
                    health.failed[tenancy * levels + level] = *failed;
                }
                if levels == 1 {
                    health.flows[cell] = OnceLock::from(Arc::new(flow));
                }
            }
        }
        health
    }

    fn solved(&self, model: &Model, level: usize, cell: usize) -> Flow {
        let (lookup, condition, cell) = (&self.lookups[level], &self.conditions[cell], &model.cells[cell]);
        let (demand, backlog) = (model.demand(cell, level), vec![0.0; cell.stations.len()]);
        let late = vec![false; cell.tenancies.len()];
        let attempts = lookup.attempts_in(model, cell, condition, |class, slow| {
            Arc::new(lookup.attempt(model, class, |step| slow[step.stage(cell)]))
        });
        let (attempts, losses, demand) = (&attempts, &self.losses, &demand);
        let around = Surroundings { model, cell, condition, lookup, attempts, losses, demand };
        solve(&State { around, backlog: &backlog, late: &late })
    }

    /// Returns the flow of a cell at a level of demand.
    pub fn flow(&self, model: &Model, level: usize, cell: u32) -> &Arc<Flow> {
        let cell = cell as usize;
        let kept = &self.flows[level * self.conditions.len() + cell];
        kept.get_or_init(|| Arc::new(self.solved(model, level, cell)))
    }

    /// Returns how many flows there are: cells at levels of demand.
    pub fn flows(&self) -> usize {
        self.flows.len()
    }

    /// Returns the failed share of a tenancy's requests at each level.
    pub fn failed(&self, tenancy: usize) -> &[f64] {
        &self.failed[tenancy * self.levels..][..self.levels]
    }

    /// Returns the largest share of a tenancy's requests that fails at any level.
    pub fn most_failed(&self) -> f64 {
        self.failed.iter().copied().fold(0.0, f64::max)
    }
}
