//! What does not change while flows run: cells, stations and the tenancies in them.

use std::ops::Range;
use std::sync::Arc;

use super::caller::Caller;
use super::latency::Moments;
use crate::scenario::Scenario;
use crate::scenario::stage::Expired;
use crate::units::{SECOND, seconds};
use crate::world::platform::Platform;
use crate::world::population::NONE;

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
}

/// One step of a class's path.
#[derive(Debug, Clone, Copy)]
pub struct StepModel {
    /// Offset of its station in the cell; `None` for a delay.
    pub station: Option<usize>,
    /// Service time, or delay.
    pub time: Moments,
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
}

impl Model {
    /// Builds the model of a platform.
    pub fn new(scenario: &Scenario, platform: &Arc<Platform>) -> Model {
        let mut rates = vec![vec![0.0; platform.classes.len()]; platform.cells.len()];
        for (index, class) in platform.classes.iter().enumerate() {
            for sub in class.first..class.first + class.count {
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
                })
                .collect();
            cells.push(CellModel { tenancies: first..tenancies.len(), stations });
        }
        let paths = platform.classes.iter().map(|class| {
            let spec = scenario.class(class.workflow, class.tier).expect("a class has a specification");
            let steps = &platform.steps[class.first_step as usize..][..class.step_count as usize];
            let step = |(step, stage): (&crate::world::platform::Step, &crate::scenario::stage::Stage)| {
                let law = stage.service_time.scaled(1.0 / SECOND as f64);
                let time = Moments { mean: law.mean(), variance: finite(law.mean(), law.variance()) };
                StepModel { station: step.station.map(|offset| offset as usize), time }
            };
            steps.iter().zip(&spec.path).map(step).collect()
        });
        Model {
            paths: paths.collect(),
            callers: platform.classes.iter().map(|class| Caller::new(&class.client)).collect(),
            platform: Arc::clone(platform),
            tenancies,
            cells,
        }
    }

    /// Returns the share of the horizon's years: a year has 365 days.
    pub fn years(&self) -> f64 {
        seconds(self.platform.horizon) / (365.0 * 86_400.0)
    }
}

/// No two moments describe a tail without a variance: it is taken for a very long one.
fn finite(mean: f64, variance: f64) -> f64 {
    if variance.is_finite() { variance } else { 100.0 * mean * mean }
}
