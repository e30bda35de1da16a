//! New customers: how many come, and whom of them harm may meet.
//!
//! Those of tiers of which a fault strikes somebody are struck with them. The others are bystanders, whom harm meets where it
//! spills to their tier.

use super::struck::Struck;
use crate::engine::special::gamma;
use crate::experiment::exposure::{Spill, of_tier};
use crate::experiment::replication::incident::Incident;
use crate::units::seconds;

/// So many new customers, who are Poisson with this mean, are exceeded in one history in a million at most.
pub(crate) fn most_newcomers(mean: f64) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (mean.floor(), (mean + 8.0 * mean.sqrt() + 20.0).ceil());
    while high - low > 1.0 {
        let middle = (0.5 * (low + high)).floor();
        let more =
            if mean > 1e4 { gamma::below_of_large(middle + 1.0, mean) } else { gamma::below(middle + 1.0, mean) };
        if more > 1e-6 { low = middle } else { high = middle }
    }
    high
}

impl Struck<'_> {
    /// The share of those who join until the end that joins after the onset of an incident, in the mean.
    pub(crate) fn after(&self, incident: &Incident) -> f64 {
        ((seconds(self.horizon) - incident.onset) / self.exposure.joining).clamp(0.0, 1.0)
    }

    /// New customers until the end, in the mean, if any of them may be exposed.
    pub(crate) fn newcomers(&self, tier: Option<usize>) -> f64 {
        of_tier(&self.exposure.newcomers, tier)
    }

    /// New customers until the end, in the mean, whom harm may meet: of other tiers where it may spill to them.
    pub(crate) fn joining(&self, tier: Option<usize>) -> f64 {
        let mine = |at: &usize| tier.is_none_or(|tier| tier == *at);
        let spills = |at: &usize| match self.exposure.spill {
            Spill::Everywhere => true,
            Spill::Neighbours => self.exposure.may_reach(*at) || self.has_spilled(Some(*at)),
            Spill::Nowhere => self.has_spilled(Some(*at)),
        };
        let others = (0..self.exposure.bystanders.len()).filter(mine).filter(spills);
        self.newcomers(tier) + others.map(|at| self.exposure.bystanders[at]).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_customers_are_seldom_more_than_their_bound() {
        assert_eq!(most_newcomers(0.0), 0.0);
        // P(more than 4 of 0.2) = 2.3e-6, more than 5: 7.3e-8.
        assert_eq!(most_newcomers(0.2), 5.0);
        let of = most_newcomers(20.0);
        assert!(gamma::below(of + 1.0, 20.0) <= 1e-6 && gamma::below(of, 20.0) > 1e-6, "{of}");
        let many = most_newcomers(1e6);
        assert!((many - 1e6 - 4753.0).abs() < 30.0, "{many}");
    }
}
