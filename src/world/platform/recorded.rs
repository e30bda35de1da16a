//! Recorded demand: how much the rows of a trace ask for.
//!
//! Nothing is drawn here: a trace's requests come when they were recorded. This is what they amount to, for all that is said
//! about the size of a platform: requests per second, shares of traffic, cost.

use super::population::Population;
use crate::scenario::Scenario;
use crate::units::seconds;

/// Returns the recorded requests per second of each subscription, over the horizon; none without a trace. A row that names only a
/// tier counts for all whom it may fall to, by their shares.
pub fn rates(scenario: &Scenario, population: &Population) -> Vec<f64> {
    if scenario.trace.is_empty() {
        return Vec::new();
    }
    let each = 1.0 / seconds(scenario.run.horizon);
    let mut rates = vec![0.0; population.customer.len()];
    let mut of_anyone = vec![0.0; population.classes.len()];
    for row in scenario.trace.iter().filter(|row| row.at < scenario.run.horizon) {
        let Some(class) = population.class_of[row.workflow][row.tier] else { continue };
        match row.customer {
            None => of_anyone[class as usize] += each,
            Some(number) => {
                let customer = population.tier_start[row.tier] + number;
                if let Some(sub) = population.subscription(row.workflow, customer) {
                    rates[sub as usize] += each;
                }
            }
        }
    }
    for (class, rate) in of_anyone.into_iter().enumerate().filter(|(_, rate)| *rate > 0.0) {
        let Some(process) = population.processes.iter().find(|process| process.class as usize == class) else {
            continue;
        };
        for (sub, share) in rates[process.first as usize..].iter_mut().zip(process.alias.shares()) {
            *sub += rate * share;
        }
    }
    rates
}
