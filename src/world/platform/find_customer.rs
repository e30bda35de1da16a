//! Finds the customer that a scenario means.

use super::population::SubId;
use crate::scenario::fault::CustomerRef;
use crate::world::platform::Platform;

/// Finds the customer that a reference means, within a workflow and tier if they are given.
pub fn find_customer(
    platform: &Platform,
    which: &CustomerRef,
    workflow: Option<usize>,
    tier: Option<usize>,
) -> Option<u32> {
    let population = &platform.population;
    match which {
        CustomerRef::Number { tier, number } => Some(population.tier_start[*tier] + number - 1),
        CustomerRef::Named { cohort, number } => {
            let mut members = population.named.iter().filter(|named| named.1 == *cohort).map(|named| named.0);
            members.nth(*number as usize - 1)
        }
        CustomerRef::Busiest => {
            let classes = (0..platform.classes.len() as u16).filter(|&class| {
                let spec = &platform.classes[class as usize];
                workflow.is_none_or(|w| w == spec.workflow) && tier.is_none_or(|t| t == spec.tier)
            });
            let rate = |sub: SubId| population.demand(sub);
            classes
                .filter_map(|class| platform.busiest(class))
                .max_by(|&a, &b| rate(a).total_cmp(&rate(b)).then(b.cmp(&a)))
                .map(|sub| population.customer[sub as usize])
        }
    }
    .filter(|&customer| customer < population.customers())
}
