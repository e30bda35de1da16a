//! What a fault struck beside what it can strike: its incidents, whom they could reach, and who joins meanwhile.

use crate::experiment::exposure::touched::all_minutes;
use crate::experiment::exposure::{Exposure, Reach, Spill, of_tier};
use crate::experiment::replication::incident::{Harmed, Incident};
use crate::units::{Nanos, seconds};

/// A fault's incidents beside what it can strike.
pub(crate) struct Struck<'a> {
    pub(crate) exposure: &'a Exposure,
    /// By replication.
    pub(crate) incidents: &'a [Vec<&'a Incident>],
    pub(crate) confidence: f64,
    pub(crate) horizon: Nanos,
    pub(crate) workflows: usize,
}

/// Customers of a tier, or of all, that an incident harmed.
pub(crate) fn in_tier(incident: &Incident, tier: Option<usize>) -> Harmed {
    match tier {
        Some(tier) => incident.by_tier[tier],
        None => incident.by_tier.iter().copied().fold(Harmed::default(), |a, b| a + b),
    }
}

impl Struck<'_> {
    /// Customers in a tier, or in all, in the mean over incidents: what shares are shares of.
    pub(crate) fn customers(&self, tier: Option<usize>) -> f64 {
        let counts: Vec<f64> = self.incidents.iter().flatten().map(|one| customers_in(one, tier)).collect();
        match counts.len() {
            0 => of_tier(&self.exposure.all, tier),
            n => counts.iter().sum::<f64>() / n as f64,
        }
    }

    /// Whether a strike on it exposes somebody of the tier.
    pub(crate) fn reaches(tier: Option<usize>) -> impl Fn(&Reach) -> bool {
        move |reach| tier.is_none() || of_tier(&reach.customers, tier) > 0.0
    }

    /// By replication: incidents that struck a cell of the tier; all, where the fault cannot.
    pub(crate) fn of_tier(&self, tier: Option<usize>) -> Vec<Vec<&Incident>> {
        let reaches = Self::reaches(tier);
        let any = self.exposure.targets.iter().any(&reaches);
        let mine = |one: &&Incident| !any || reaches(&self.exposure.targets[self.exposure.index_of(&one.target)]);
        self.incidents.iter().map(|run| run.iter().copied().filter(mine).collect()).collect()
    }

    /// By replication: a sum over incidents that struck a cell of the tier, and their number.
    pub(crate) fn per_replication(&self, tier: Option<usize>, of: impl Fn(&Incident) -> u64) -> Vec<(f64, f64)> {
        let pair = |run: &Vec<&Incident>| (run.iter().map(|one| of(one) as f64).sum(), run.len() as f64);
        self.of_tier(tier).iter().map(pair).collect()
    }

    /// All (customer, workflow) minutes of a run.
    pub(crate) fn all_minutes(&self) -> f64 {
        everybody(self.exposure, self.horizon)
    }

    /// Mean over targets that expose somebody of the tier; over all, if none does.
    pub(crate) fn mean_over(&self, tier: Option<usize>, of: impl Fn(&Reach) -> f64) -> f64 {
        let reaches = Self::reaches(tier);
        let any = self.exposure.targets.iter().any(&reaches);
        let values: Vec<f64> = self.exposure.targets.iter().filter(|reach| !any || reaches(reach)).map(of).collect();
        values.iter().sum::<f64>() / (values.len() as f64).max(1.0)
    }

    /// Whether harm may go beyond what is exposed: by construction, or as was seen.
    pub(crate) fn spills(&self, tier: Option<usize>) -> bool {
        self.exposure.spill != Spill::Nowhere || self.has_spilled(tier)
    }

    /// Whether harm was seen to go beyond what was exposed.
    pub(crate) fn has_spilled(&self, tier: Option<usize>) -> bool {
        self.incidents.iter().flatten().any(|incident| in_tier(incident, tier).spillover > 0)
    }

    /// Customers of the tier among whom harm may spread, of `all` there are.
    pub(crate) fn domain(&self, reach: &Reach, tier: Option<usize>, all: f64) -> f64 {
        match self.exposure.spill {
            Spill::Neighbours => {
                let near = of_tier(&reach.within_reach, tier);
                let seen = |one: &Incident| one.by_tier.iter().map(|tier| tier.harmed).sum::<u64>() as f64;
                let far = self.incidents.iter().flatten().any(|one| seen(one) > of_tier(&reach.within_reach, None));
                if far { all } else { near }
            }
            Spill::Nowhere | Spill::Everywhere => all,
        }
    }

    /// Seconds during which another strike would join an incident, in the mean.
    pub(crate) fn window(&self) -> f64 {
        let horizon = seconds(self.horizon);
        let length =
            |one: &Incident| one.recovery.as_twin().map_or(horizon, |second| (second as f64).max(one.end)) - one.onset;
        let lengths: Vec<f64> = self.incidents.iter().flatten().map(|one| length(one)).collect();
        let mean = match lengths.len() {
            0 => self.exposure.touched.seconds,
            n => lengths.iter().sum::<f64>() / n as f64,
        };
        (mean + 60.0).min(horizon)
    }

    /// Names targets of these sizes.
    pub(crate) fn label(&self, low: f64, high: f64, of: &str) -> String {
        let (low, high) = (low.round() as u64, high.round() as u64);
        let noun = self.exposure.noun;
        if low == high { format!("{noun} of {low} {of}") } else { format!("{noun} of {low} to {high} {of}") }
    }
}

/// All (customer, workflow) minutes of a run.
pub(crate) fn everybody(exposure: &Exposure, horizon: Nanos) -> f64 {
    of_tier(&exposure.all_subscriptions, None) * all_minutes(horizon)
}

/// Customers in a tier, or in all, at the onset of an incident.
pub(crate) fn customers_in(incident: &Incident, tier: Option<usize>) -> f64 {
    match tier {
        Some(tier) => incident.customers[tier] as f64,
        None => incident.customers.iter().sum::<u64>() as f64,
    }
}
