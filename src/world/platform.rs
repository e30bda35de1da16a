//! The platform: what does not change while a scenario runs.
//!
//! Built once from a scenario (customers placed, stations sized) and shared by all replications and twins.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::{self, Cell, Station};
use super::placement::Placer;
use super::population::{NONE, Population, Process, SubId};
use super::request::Record;
use super::setting::Setting;
use super::strikes;
use super::workers::Shards;
use crate::engine::law::Sampler;
use crate::engine::rng::{Key, Slot};
use crate::scenario::Scenario;
use crate::scenario::client::Client;
use crate::scenario::demand::Profile;
use crate::scenario::fan_out::FanOut;
use crate::scenario::router::{Hits, Router};
use crate::scenario::stage::StageKind;
use crate::units::Nanos;

/// Why a platform cannot be built from a scenario: which key is to blame and what would help.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildError {
    /// Key in the scenario, "workflow.messaging.demand".
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// Said at the offending text.
    pub label: String,
    /// What would help.
    pub help: String,
}

/// One step of a class's path.
#[derive(Debug, Clone)]
pub struct Step {
    /// Slot of its service-time draws: its name's.
    pub slot: Slot,
    /// Draws the service time.
    pub sampler: Sampler,
    /// The service time if it is constant.
    pub constant: Option<Nanos>,
    /// Share of the luck that stays with the request (0: every attempt redraws).
    pub luck_of_request: f64,
    /// Whether the path ends here.
    pub is_last: bool,
    /// Offset of its station among the cell's; `None` for a delay or a fan-out.
    pub station: Option<u32>,
    /// Where faults that strike the stage meet it: at its station, or else at a place of its own.
    pub place: u32,
    /// Whom it asks, if it is a fan-out.
    pub fan_out: Option<FanOut>,
    /// Who is served by which of its workers, if it has some: their stations follow each other.
    pub workers: Option<Arc<Shards>>,
    /// Whether the worker is picked by load, when the attempt comes: then the record says which it is.
    pub picks_by_load: bool,
}

impl Step {
    /// Returns the place at which an attempt stands: its station's offset among the cell's, or that of a stage without one.
    #[inline]
    pub fn place_of(&self, record: &Record, setting: &Setting) -> u32 {
        match &self.workers {
            None => self.place,
            Some(_) if self.picks_by_load => self.place + u32::from(record.worker),
            Some(shards) => self.place + shards.pick(record, setting.newcomer_key(record.sub)),
        }
    }
}

/// Places from here on are those of stages without stations: [`Platform::places`].
pub const FIRST_PLACE: u32 = 1 << 24;

/// A workflow in a tier, ready to run.
#[derive(Debug, Clone)]
pub struct Class {
    /// "messaging/enterprise".
    pub name: String,
    /// Workflow index.
    pub workflow: usize,
    /// Tier index.
    pub tier: usize,
    /// First subscription.
    pub first: SubId,
    /// Number of subscriptions, newcomers not included.
    pub count: u32,
    /// Mean requests per second of a customer that is not named.
    pub mean_rate: f64,
    /// Share of the tier's customers that use it.
    pub adoption: f64,
    /// The callers.
    pub client: Client,
    /// First step of its path in [`Platform::steps`].
    pub first_step: u16,
    /// Number of its steps.
    pub step_count: u16,
    /// Demand over time.
    pub profile: Arc<Profile>,
    /// Requests that arrive together.
    pub batch: u32,
    /// Which placer homes its newcomers.
    pub group: usize,
}

/// What does not change while a scenario runs.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Who is served.
    pub population: Arc<Population>,
    /// Classes, as in the population.
    pub classes: Vec<Class>,
    /// The steps of all classes' paths.
    pub steps: Vec<Step>,
    /// Names of the stages without stations; their places begin at [`FIRST_PLACE`].
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
    /// Builds the platform of a scenario.
    ///
    /// # Errors
    /// If customers do not fit into their cells, a healthy station or the store would be busy at 100 % or more, or a fault strikes
    /// nothing.
    pub fn new(scenario: &Scenario) -> Result<Platform, BuildError> {
        Platform::serving(Arc::new(Population::new(scenario)), scenario)
    }

    /// Builds the platform of a scenario for a population with its demand.
    ///
    /// # Errors
    /// As those of [`Platform::new`].
    pub fn serving(population: Arc<Population>, scenario: &Scenario) -> Result<Platform, BuildError> {
        let mut steps: Vec<Step> = Vec::new();
        let mut classes: Vec<Class> = population
            .classes
            .iter()
            .map(|class| {
                let spec = scenario.class(class.workflow, class.tier).expect("a class exists where it has demand");
                let first_step = steps.len() as u16;
                steps.extend(spec.path.iter().enumerate().map(|(at, stage)| Step {
                    slot: Slot::named(&format!("service/{}", stage.name)),
                    sampler: Sampler::new(&stage.service_time),
                    constant: stage.service_time.constant().map(|value| value.round() as Nanos),
                    luck_of_request: stage.luck_of_request,
                    station: None,
                    place: FIRST_PLACE,
                    workers: None,
                    picks_by_load: false,
                    fan_out: match stage.kind {
                        StageKind::FanOut(fan_out) => Some(fan_out),
                        StageKind::Pool(_) | StageKind::Delay => None,
                    },
                    is_last: at + 1 == spec.path.len(),
                }));
                Class {
                    name: format!("{}/{}", scenario.workflows[class.workflow].name, scenario.tiers[class.tier].name),
                    workflow: class.workflow,
                    tier: class.tier,
                    first: class.first,
                    count: class.count,
                    mean_rate: class.mean_rate,
                    adoption: spec.adoption,
                    client: spec.client.clone(),
                    first_step,
                    step_count: spec.path.len() as u16,
                    profile: Arc::new(spec.profile.clone()),
                    batch: spec.arrivals.batch(),
                    group: 0,
                }
            })
            .collect();
        store_keeps_up(scenario, &population)?;
        let built = cells::build(scenario, &population, &mut classes, &mut steps)?;
        let longest_deadline = classes.iter().map(|class| class.client.deadline).max().unwrap_or(0);
        let platform = Platform {
            population,
            classes,
            steps,
            places: built.places,
            numbered: numbered(&built.cells),
            shares_cells: built.cells.iter().any(|cell| cell.tier.is_none()),
            cells: built.cells,
            stations: built.stations,
            home: built.home,
            placers: built.placers,
            router: scenario.router.clone(),
            zones: scenario.zones.len(),
            warmup: scenario.run.warmup,
            horizon: scenario.run.horizon,
            timeline: scenario.run.timeline,
            longest_deadline,
            tiers: scenario.tiers.len(),
        };
        strikes::check(scenario, &platform)?;
        Ok(platform)
    }

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
        let serves = |step: &&Step, place: u32| match &step.workers {
            None => step.place == place,
            Some(shards) => {
                place.checked_sub(step.place).is_some_and(|worker| shards.of(sub, newcomer).contains(&(worker as u16)))
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

fn numbered(cells: &[Cell]) -> BTreeMap<u32, Vec<u32>> {
    let mut numbered: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (index, cell) in (0..).zip(cells) {
        numbered.entry(cell.number).or_default().push(index);
    }
    numbered
}

/// Refuses a mapping store that is asked for more than it can do without any fault; where hits or shared misses emerge, only a run
/// can tell.
fn store_keeps_up(scenario: &Scenario, population: &Population) -> Result<(), BuildError> {
    let Some(router) = &scenario.router else { return Ok(()) };
    let (Hits::Ratio(hits), Some(capacity)) = (router.cache.hits, router.store.capacity) else { return Ok(()) };
    if router.cache.coalesce {
        return Ok(());
    }
    let misses = (1.0 - hits) * population.processes.iter().map(|process| process.rate).sum::<f64>();
    if misses < capacity {
        return Ok(());
    }
    Err(BuildError {
        key: "router.store.capacity".to_owned(),
        message: format!(
            "the mapping store is asked for {misses:.0} look-ups a second and does {capacity:.0}: busy at {:.0} % without any fault",
            100.0 * misses / capacity
        ),
        label: "too small for the misses".to_owned(),
        help: format!("give it a capacity above {misses:.0}/s, or the cache a higher `hit_ratio`"),
    })
}
