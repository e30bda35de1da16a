//! What does not change while flows run: cells, stations and the tenancies in them.

use std::ops::Range;
use std::sync::Arc;

use super::caller::Caller;
use super::chains::Chains;
use super::latency::Moments;
use crate::engine::law::Law;
use crate::scenario::Scenario;
use crate::scenario::levels::Levels;
use crate::scenario::stage::Expired;
use crate::stop;
use crate::units::{SECOND, seconds};
use crate::world::platform::Platform;
use crate::world::platform::class::FIRST_PLACE;
use crate::world::platform::population::NONE;
use crate::world::platform::scope::Target;

/// The customers of one class who live in one cell: what flows are computed for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tenancy {
    /// Cell index.
    pub cell: u32,
    /// Class index.
    pub class: u16,
    /// Requests per second of all of them.
    pub rate: f64,
}

/// A station of a cell.
#[derive(Debug, Clone)]
pub struct StationModel {
    /// Slots in health.
    pub slots: u32,
    /// Slots in each zone.
    pub by_zone: Vec<u32>,
    /// Waiting places.
    pub places: f64,
    /// Work whose client has given up is dropped instead of served.
    pub drops_expired: bool,
    /// Busy share of its slots, when nothing fails and every factor is 1.
    pub load: f64,
}

/// One step of a class's path.
#[derive(Debug, Clone)]
pub struct StepModel {
    /// Offset of its station in the cell; `None` for a delay.
    pub station: Option<usize>,
    /// Offset among the stages without stations, if it is one.
    delay: usize,
    /// Service time, or delay, in seconds.
    pub law: Law,
    /// Its number among the laws of service.
    pub number: u32,
    /// Its moments.
    pub time: Moments,
}

impl StepModel {
    /// Returns its place among the stages of a cell: stations first, then the stages without.
    pub fn stage(&self, cell: &CellModel) -> usize {
        self.station.unwrap_or(cell.stations.len() + self.delay)
    }
}

/// A cell.
#[derive(Debug, Clone)]
pub struct CellModel {
    /// Its tenancies: indices of [`Model::tenancies`].
    pub tenancies: Range<usize>,
    /// Its stations.
    pub stations: Vec<StationModel>,
}

/// What does not change while flows run.
#[derive(Debug, Clone)]
pub struct Model {
    /// The platform.
    pub platform: Arc<Platform>,
    /// Tenancies, cell by cell.
    pub tenancies: Vec<Tenancy>,
    /// All cells.
    pub cells: Vec<CellModel>,
    /// Path of each class.
    pub paths: Vec<Vec<StepModel>>,
    /// Callers of each class.
    pub callers: Vec<Caller>,
    /// Levels of demand over time.
    pub levels: Levels,
    /// Pools whose services are not exponential.
    pub chains: Chains,
}

impl Model {
    /// Builds the model of a platform.
    pub fn new(scenario: &Scenario, platform: &Arc<Platform>) -> Model {
        let mut rates = vec![vec![0.0; platform.classes.len()]; platform.cells.len()];
        for (index, class) in platform.classes.iter().enumerate() {
            for sub in class.first..class.first + class.count {
                stop::point();
                let home = platform.home[sub as usize];
                if home != NONE {
                    rates[home as usize][index] += f64::from(platform.population.rate[sub as usize]);
                }
            }
        }
        let mut tenancies = Vec::new();
        let mut cells = Vec::new();
        for (index, cell) in platform.cells.iter().enumerate() {
            let first = tenancies.len();
            let present = rates[index].iter().enumerate().filter(|(_, rate)| **rate > 0.0);
            tenancies.extend(present.map(|(class, &rate)| Tenancy { cell: index as u32, class: class as u16, rate }));
            let stations = &platform.stations[cell.first_station as usize..][..cell.stations as usize];
            let stations = stations
                .iter()
                .map(|station| StationModel {
                    slots: station.size.slots,
                    by_zone: station.size.by_zone.clone(),
                    places: station.pool.queue.map_or(f64::INFINITY, f64::from),
                    drops_expired: station.pool.expired == Expired::Drop,
                    load: 0.0,
                })
                .collect();
            cells.push(CellModel { tenancies: first..tenancies.len(), stations });
        }
        let mut chains = Chains::default();
        let paths = platform.classes.iter().map(|class| {
            let spec = scenario.class(class.workflow, class.tier).expect("a class has a specification");
            let steps = &platform.steps[class.first_step as usize..][..class.step_count as usize];
            let step = |(step, stage): (&crate::world::platform::class::Step, &crate::scenario::stage::Stage)| {
                let law = stage.service_time.scaled(1.0 / SECOND as f64);
                let time = Moments::of(&law);
                let delay = step.at.base.saturating_sub(FIRST_PLACE) as usize;
                StepModel {
                    station: step.station().map(|offset| offset as usize),
                    delay,
                    number: chains.number(&law),
                    law,
                    time,
                }
            };
            steps.iter().zip(&spec.path).map(step).collect()
        });
        let paths: Vec<Vec<StepModel>> = paths.collect();
        for cell in &mut cells {
            for tenancy in &tenancies[cell.tenancies.clone()] {
                for step in &paths[tenancy.class as usize] {
                    if let Some(station) = step.station.map(|station| &mut cell.stations[station]) {
                        station.load += tenancy.rate * step.time.mean / f64::from(station.slots);
                    }
                }
            }
        }
        let profiles: Vec<_> = platform.classes.iter().map(|class| class.profile.as_ref()).collect();
        // More levels than can be are refused when the scenario is read.
        let levels =
            Levels::new(&profiles, platform.horizon).unwrap_or_else(|| Levels::constant(platform.classes.len()));
        Model {
            levels,
            chains,
            paths,
            callers: platform.classes.iter().map(|class| Caller::new(&class.client)).collect(),
            platform: Arc::clone(platform),
            tenancies,
            cells,
        }
    }

    /// Returns the cells in which a target strikes somebody.
    pub fn struck_cells(&self, target: &Target) -> Vec<u32> {
        let all = 0..self.cells.len() as u32;
        match target {
            Target::Cells { cells, .. } => cells.to_vec(),
            Target::Router(_) => all.collect(),
            Target::Customers { .. } => all
                .filter(|&cell| {
                    self.cells[cell as usize]
                        .tenancies
                        .clone()
                        .any(|tenancy| self.share_of_demand(target, tenancy) > 0.0)
                })
                .collect(),
        }
    }

    /// Returns the share of a tenancy's demand that belongs to the customers that a target strikes.
    pub fn share_of_demand(&self, target: &Target, tenancy: usize) -> f64 {
        let Target::Customers { workflow, tier, customer } = target else { return 0.0 };
        let platform = &self.platform;
        let tenancy = &self.tenancies[tenancy];
        let class = &platform.classes[tenancy.class as usize];
        if workflow.is_some_and(|only| only != class.workflow) || tier.is_some_and(|only| only != class.tier) {
            return 0.0;
        }
        let Some(customer) = customer else { return 1.0 };
        match platform.population.subscription(class.workflow, *customer) {
            Some(sub) if platform.home[sub as usize] == tenancy.cell && platform.class_of(sub) == tenancy.class => {
                f64::from(platform.population.rate[sub as usize]) / tenancy.rate
            }
            _ => 0.0,
        }
    }

    /// Returns the factor of a tenancy's demand at a level.
    pub fn factor(&self, tenancy: usize, level: usize) -> f64 {
        self.levels.factors(self.tenancies[tenancy].class as usize)[level]
    }

    /// Returns a cell's demand at a level, by tenancy, as a multiple of the usual one.
    pub fn demand(&self, cell: &CellModel, level: usize) -> Vec<f64> {
        cell.tenancies.clone().map(|tenancy| self.factor(tenancy, level)).collect()
    }

    /// Returns the busy share of the busiest station, when nothing fails and every factor is 1.
    pub fn busiest(&self) -> f64 {
        self.cells.iter().flat_map(|cell| &cell.stations).map(|station| station.load).fold(0.0, f64::max)
    }

    /// Returns the share of the horizon's years: a year has 365 days.
    pub fn years(&self) -> f64 {
        seconds(self.platform.horizon) / (365.0 * 86_400.0)
    }
}
