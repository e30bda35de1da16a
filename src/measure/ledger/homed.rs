//! Who lives somewhere: customers by tier, and their seats.

use super::rate_class::RateClasses;
use super::spread;
use crate::scenario::fault::{Effect, Fault, Strikes};
use crate::world::flow::model::Model;
use crate::world::platform::population::NONE;

/// Who lives somewhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Homed {
    /// Customers, by tier.
    pub customers: Vec<f64>,
    /// The same, a customer for each workflow that it uses there: of these each minute counts.
    pub seats: f64,
}

impl Homed {
    /// Returns all customers.
    pub fn all(&self) -> f64 {
        self.customers.iter().sum()
    }

    /// Adds others, so many times.
    pub(super) fn add(&mut self, other: &Homed, times: f64) {
        self.customers.resize(other.customers.len(), 0.0);
        self.customers.iter_mut().zip(&other.customers).for_each(|(mine, other)| *mine += times * other);
        self.seats += times * other.seats;
    }
}

/// Returns the tier whose customers alone are exposed.
pub fn only_tier(strikes: &Strikes) -> Option<usize> {
    match strikes {
        Strikes::Cells(filter) => filter.tier,
        Strikes::Customers { tier, .. } => *tier,
        Strikes::Router(_) => None,
    }
}

/// Returns who lives in a cell, of one tier or all.
pub(super) fn in_cell(model: &Model, rates: &RateClasses, cell: usize, only: Option<usize>) -> Homed {
    let mut homed = Homed { customers: vec![0.0; model.platform.tiers], seats: 0.0 };
    for tenancy in model.cells[cell].tenancies.clone() {
        let tier = model.platform.classes[model.tenancies[tenancy].class as usize].tier;
        if only.is_some_and(|only| only != tier) {
            continue;
        }
        let here: f64 = rates.classes[rates.of_tenancy[tenancy].clone()].iter().map(|class| class.customers).sum();
        homed.customers[tier] += here;
        homed.seats += here;
    }
    homed
}

/// Returns the customers who ask for anything, by tier.
pub(super) fn asking(model: &Model) -> Vec<f64> {
    let population = &model.platform.population;
    let mut asks = vec![false; population.customers() as usize];
    let homed = model.platform.home.iter().zip(&population.rate).zip(&population.customer);
    for (_, &customer) in homed.filter(|((home, rate), _)| **home != NONE && **rate > 0.0) {
        asks[customer as usize] = true;
    }
    let of_tier = |bounds: &[u32]| asks[bounds[0] as usize..bounds[1] as usize].iter().filter(|asks| **asks).count();
    population.tier_start.windows(2).map(|bounds| of_tier(bounds) as f64).collect()
}

/// Returns who lives in several cells.
pub(super) fn together(model: &Model, rates: &RateClasses, cells: &[u32], only: Option<usize>) -> Homed {
    let seats = cells.iter().map(|&cell| in_cell(model, rates, cell as usize, only).seats).sum();
    Homed { customers: spread::exposed(model, rates, cells, only), seats }
}

/// Returns the most customers of several places, by tier and of all.
pub(super) fn greatest(most: (Vec<f64>, f64), here: &Homed) -> (Vec<f64>, f64) {
    let (mut by_tier, all) = most;
    by_tier.resize(here.customers.len(), 0.0);
    by_tier.iter_mut().zip(&here.customers).for_each(|(most, &here)| *most = most.max(here));
    (by_tier, all.max(here.all()))
}

/// Returns the tier whose customers alone it can harm. What makes requests slow, fewer or more takes slots from all who live in the
/// cell; what is refused at once, or vanishes, takes them from nobody.
pub fn only_harmed(fault: &Fault) -> Option<usize> {
    let takes_nothing = |effect: &Effect| matches!(effect, Effect::Crash | Effect::Blackhole);
    only_tier(&fault.strikes).filter(|_| fault.effects.iter().all(takes_nothing))
}

/// Returns the exposed of those who live where a fault strikes: of a tier, or of all.
pub fn exposed(homed: &Homed, only: Option<usize>, tier: Option<usize>) -> f64 {
    match (only, tier) {
        (None, None) => homed.all(),
        (Some(only), Some(tier)) if only != tier => 0.0,
        (_, Some(tier)) | (Some(tier), None) => homed.customers.get(tier).copied().unwrap_or(0.0),
    }
}
