//! The platform: what does not change while a scenario runs.
//!
//! Built once from a scenario (customers placed, stations sized) and shared by all replications and twins.

use std::collections::BTreeMap;
pub mod build;
pub mod build_error;
pub mod cell;
pub mod cells;
pub mod class;
pub mod customers;
pub mod find_customer;
pub mod newcomers;
pub mod placement;
pub mod population;
pub mod recorded;
pub mod scope;
pub mod shards;
pub mod sizing;
pub mod stations;
pub mod struck_stage;

use std::sync::Arc;

use crate::engine::rng::Key;
use crate::scenario::router::Router;
use crate::units::Nanos;
use cells::{Cell, Station};
use class::{Class, Step};
use placement::Placer;
use population::{NONE, Population, Process, SubId};

/// What does not change while a scenario runs.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Who is served.
    pub population: Arc<Population>,
    /// Classes, as in the population.
    pub classes: Vec<Class>,
    /// The steps of all classes' paths.
    pub steps: Vec<Step>,
    /// Names of the stages without stations; their places begin at [`FIRST_PLACE`](class::FIRST_PLACE).
    pub places: Vec<String>,
    /// All cells.
    pub cells: Vec<Cell>,
    /// Cells by their number, which those of every workflow and tier have.
    pub numbered: BTreeMap<u32, Vec<u32>>,
    /// Whether some cell serves several tiers.
    pub shares_cells: bool,
    /// All stations, cell by cell.
    pub stations: Vec<Station>,
    /// Home cell of each subscription.
    pub home: Vec<u32>,
    /// Placement state after the initial population, one for each group of cells.
    pub placers: Vec<Placer>,
    /// The router.
    pub router: Option<Router>,
    /// Number of zones.
    pub zones: usize,
    /// Length of the warm-up.
    pub warmup: Nanos,
    /// Measured time.
    pub horizon: Nanos,
    /// Length of a bin of the time line, if one is asked for.
    pub timeline: Option<Nanos>,
    /// Longest deadline of any client.
    pub longest_deadline: Nanos,
    /// Placement failures of named things are errors; of newcomers, rejections.
    pub tiers: usize,
}

impl Platform {
    /// Returns the number of subscriptions, newcomers not included.
    pub fn subscriptions(&self) -> u32 {
        self.home.len() as u32
    }

    /// Returns the class of a subscription.
    pub fn class_of(&self, sub: SubId) -> u16 {
        (self.classes.partition_point(|class| class.first <= sub) - 1) as u16
    }

    /// Returns which of the stations at these offsets serve a subscription of this class, a newcomer with its own key; they are of
    /// one stage.
    pub fn workers_of(&self, class: u16, (sub, newcomer): (SubId, Option<Key>), at: &[u32]) -> Vec<u32> {
        let class = &self.classes[class as usize];
        let steps = &self.steps[class.first_step as usize..][..class.step_count as usize];
        let serves = |step: &&Step, place: u32| match step.at.shards() {
            None => step.at.base == place,
            Some(shards) => {
                let worker = place.checked_sub(step.at.base);
                worker.is_some_and(|worker| shards.of(sub, newcomer).contains(&(worker as u16)))
            }
        };
        at.iter().copied().filter(|&place| steps.iter().any(|step| serves(&step, place))).collect()
    }

    /// Returns the requests per second of all customers, before the profiles (whose mean may differ from 1 only by surges).
    pub fn requests_per_second(&self) -> f64 {
        let drawn: f64 = self.population.processes.iter().map(|process: &Process| process.rate).sum();
        drawn + self.population.recorded.iter().sum::<f64>()
    }

    /// Returns the subscription with most demand in a class.
    pub fn busiest(&self, class: u16) -> Option<SubId> {
        let class = &self.classes[class as usize];
        let rate = |sub: SubId| self.population.demand(sub);
        let mut best = NONE;
        for sub in class.first..class.first + class.count {
            if best == NONE || rate(sub) > rate(best) {
                best = sub;
            }
        }
        (best != NONE).then_some(best)
    }
}
