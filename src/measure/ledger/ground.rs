//! The ground of all books: what the replications of a run share.

use std::sync::Arc;

use super::exposure::Exposure;
use super::rate_class::RateClasses;
use super::reach::Reach;
use super::totals::Shape;
use crate::scenario::Scenario;
use crate::world::flow::health::Health;
use crate::world::flow::model::Model;
use crate::world::platform::Platform;

/// All that a ground rests on.
#[derive(Debug)]
pub struct Foundation {
    /// The model.
    pub model: Model,
    /// The platform in health.
    pub health: Health,
    /// The customers by rate.
    pub rates: RateClasses,
    /// Whom strikes reach.
    pub exposure: Exposure,
    /// What they reach of contract months.
    pub reach: Reach,
}

impl Foundation {
    /// Lays it for a scenario, with losses in health as theory has them.
    pub fn new(scenario: &Scenario, platform: &Arc<Platform>) -> Foundation {
        let model = Model::new(scenario, platform);
        let health = Health::new(scenario, &model, Arc::default());
        let rates = RateClasses::new(scenario, &model);
        let exposure = Exposure::new(scenario, &model, &rates);
        let reach = Reach::new(scenario, &model, &health, &rates, &exposure);
        Foundation { model, health, rates, exposure, reach }
    }

    /// Returns the ground on it.
    pub fn ground<'a>(&'a self, scenario: &'a Scenario) -> Ground<'a> {
        let Foundation { model, health, rates, exposure, reach } = self;
        Ground { scenario, model, health, rates, exposure, reach }
    }
}

/// What a replication's books need to know: shared by all replications.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The model.
    pub model: &'a Model,
    /// The platform in health.
    pub health: &'a Health,
    /// The customers by rate.
    pub rates: &'a RateClasses,
    /// Whom strikes reach.
    pub exposure: &'a Exposure,
    /// What they reach of contract months.
    pub reach: &'a Reach,
}

/// Parts of a replication that are told apart at first: a power of 2.
const PERIODS: u64 = 1_024;

impl Ground<'_> {
    /// Returns how many of what there is to add up.
    pub fn shape(&self) -> Shape {
        let most = self.reach.periods().clamp(1, PERIODS);
        Shape {
            classes: self.model.platform.classes.len(),
            tiers: self.model.platform.tiers,
            strata: self.exposure.faults.iter().map(|fault| fault.strata.len()).collect(),
            periods: 1 << most.ilog2(),
        }
    }
}
