//! Customers, subscriptions and requests per second, counted by tier, cell and class.

use super::reach::ByTier;
use crate::stop;
use crate::world::platform::Platform;
use crate::world::platform::population::{NONE, SubId};

/// Counts customers, each once, and subscriptions.
pub(crate) struct Counter<'a> {
    platform: &'a Platform,
    seen: Vec<u32>,
    turn: u32,
}

impl<'a> Counter<'a> {
    pub(crate) fn new(platform: &'a Platform) -> Counter<'a> {
        Counter { platform, seen: vec![0; platform.population.customers() as usize], turn: 0 }
    }

    /// Customers and subscriptions by tier of those that match, each customer once; `causes` is left out.
    pub(crate) fn count(&mut self, causes: Option<u32>, is_in: impl Fn(SubId, u32) -> bool) -> (ByTier, ByTier) {
        self.turn += 1;
        let (mut customers, mut subscriptions) = (vec![0.0; self.platform.tiers], vec![0.0; self.platform.tiers]);
        for class in &self.platform.classes {
            for sub in class.first..class.first + class.count {
                let home = self.platform.home[sub as usize];
                let customer = self.platform.population.customer[sub as usize];
                if home == NONE || causes == Some(customer) || !is_in(sub, home) {
                    continue;
                }
                subscriptions[class.tier] += 1.0;
                if std::mem::replace(&mut self.seen[customer as usize], self.turn) != self.turn {
                    customers[class.tier] += 1.0;
                }
            }
        }
        (customers, subscriptions)
    }
}

/// Subscriptions by tier at home in each cell: as a cell is of one workflow, so many customers.
pub(crate) fn by_cell(platform: &Platform) -> Vec<ByTier> {
    let mut counts = vec![vec![0.0; platform.tiers]; platform.cells.len()];
    for class in &platform.classes {
        for sub in class.first..class.first + class.count {
            if let Some(cell) = counts.get_mut(platform.home[sub as usize] as usize) {
                cell[class.tier] += 1.0;
            }
        }
    }
    counts
}

/// Requests per second of each class at home in each cell.
pub(crate) fn requests_by_cell(platform: &Platform) -> Vec<Vec<f64>> {
    let mut rates = vec![vec![0.0; platform.classes.len()]; platform.cells.len()];
    for (at, class) in platform.classes.iter().enumerate() {
        stop::point();
        for sub in class.first..class.first + class.count {
            if let Some(cell) = rates.get_mut(platform.home[sub as usize] as usize) {
                cell[at] += platform.population.demand(sub);
            }
        }
    }
    rates
}
