//! Builds the platform of a scenario: customers drawn and placed, stations sized, faults found to strike something.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::build_error::BuildError;
use super::cells::{self, Cell};
use super::class::{By, Class, FIRST_PLACE, ServiceTime, Step, StepKind, Where};
use super::population::Population;
use super::scope;
use crate::engine::law::Sampler;
use crate::engine::rng::Slot;
use crate::scenario::Scenario;
use crate::scenario::router::Hits;
use crate::scenario::stage::StageKind;
use crate::units::Nanos;
use crate::world::platform::Platform;

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
                steps.extend((1..).zip(&spec.path).map(|(next, stage)| Step {
                    next: (usize::from(next) < spec.path.len()).then_some(first_step + next),
                    at: Where { base: FIRST_PLACE, by: By::Cell },
                    time: ServiceTime {
                        slot: Slot::named(&format!("service/{}", stage.name)),
                        sampler: Sampler::new(&stage.service_time),
                        constant: stage.service_time.constant().map(|value| value.round() as Nanos),
                        luck_of_request: stage.luck_of_request,
                    },
                    kind: match stage.kind {
                        StageKind::Pool(_) => StepKind::Station,
                        StageKind::Delay => StepKind::Delay,
                        StageKind::FanOut(fan_out) => StepKind::FanOut(fan_out),
                    },
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
        scope::check(scenario, &platform)?;
        Ok(platform)
    }
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
            "the mapping store is asked for {misses:.0} lookups a second and does {capacity:.0}: busy at {:.0} % without any fault",
            100.0 * misses / capacity
        ),
        label: "too small for the misses".to_owned(),
        help: format!("give it a capacity above {misses:.0}/s, or the cache a higher `hit_ratio`"),
    })
}

fn numbered(cells: &[Cell]) -> BTreeMap<u32, Vec<u32>> {
    let mut numbered: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (index, cell) in (0..).zip(cells) {
        numbered.entry(cell.number).or_default().push(index);
    }
    numbered
}
