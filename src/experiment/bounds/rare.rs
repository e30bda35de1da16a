//! What is rare: a class of strikes, or of demand, that few replications had, or none.

use std::collections::BTreeMap;

use super::seldom::{Seldom, Source};
use crate::catalogue::Condition;
use crate::number;

/// Reasons that are written out.
pub(super) const REASONS: usize = 2;

/// A class of strikes, or of demand.
pub(super) struct Rare {
    pub(super) label: String,
    /// What it does.
    pub(super) does: Does,
    /// Probability that a replication has one.
    pub(super) chance: f64,
    /// The share of the whole that they reach in a replication, in the mean.
    pub(super) reach: f64,
    /// Requests that come with it in a replication, in the mean over all.
    pub(super) brings: f64,
    /// Its share of the fault's strikes times the reach of one.
    pub(super) of_strikes: f64,
    /// Its share of what the fault can strike.
    pub(super) of_targets: f64,
    /// By replication: the share that they reached, where there were some.
    pub(super) struck: BTreeMap<usize, f64>,
}

/// What is rare about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Strike,
    Come,
}

impl Rare {
    pub(super) fn reason(&self, replications: usize) -> String {
        let (chance, replications) = (percent(self.chance), number::whole(replications as u64));
        match self.does {
            Does::Strike => {
                format!("{}: struck in none of {replications} replications, would be in {chance}", self.label)
            }
            Does::Come => format!("{}: in none of {replications} replications, would be in {chance}", self.label),
        }
    }
}

/// Seldom demand of a world that may reach some classes.
pub(super) fn seldom_demand(of_worlds: &[Seldom; 2], condition: Condition, of: Option<&[usize]>) -> Vec<Rare> {
    let seldom = &of_worlds[usize::from(condition != Condition::NoFault)];
    let rare = |source: &Source| {
        let share = seldom.share(source, of);
        let struck = source.came.iter().enumerate().filter(|(_, came)| **came).map(|(run, _)| (run, share));
        (share > 0.0).then(|| Rare {
            label: source.label.clone(),
            does: Does::Come,
            chance: source.chance,
            reach: source.chance * share,
            brings: if source.is_among(of) { source.chance * source.brings } else { 0.0 },
            of_strikes: 0.0,
            of_targets: 0.0,
            struck: struck.collect(),
        })
    };
    seldom.sources.iter().filter_map(rare).collect()
}

/// Joins the first of `all` reasons.
pub(super) fn written_out(mut reasons: Vec<String>, all: usize) -> String {
    reasons.truncate(REASONS);
    let more = all - reasons.len();
    if more > 0 {
        reasons.push(format!("and {more} more"));
    }
    reasons.join("; ")
}

/// Writes a share with two digits.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let decimals = match percent {
        p if p >= 10.0 || p == 0.0 => 0,
        p if p >= 1.0 => 1,
        p => (1.0 - libm::log10(p).floor()).min(12.0) as usize,
    };
    format!("{percent:.decimals$} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_with_two_digits() {
        assert_eq!([0.5, 0.0165, 0.000_123, 0.0, 1.0].map(percent), ["50 %", "1.7 %", "0.012 %", "0 %", "100 %"]);
    }
}
