//! Random faults that struck in no replication, or in few: how likely each was by its clock, and how much it would have reached.
//!
//! What a fault can strike is divided into classes of equal reach, the share of a slice's requests that belong to where it strikes.
//! A class that was struck in fewer than [`ENOUGH`] replications is rare, as long as most replications are left without any such
//! strike: then these tell what the number is without it. Scripted faults strike in every replication; they are never rare.

use std::collections::BTreeMap;

use super::classes::classes;
use super::collect::Collected;
use super::exposure::{Exposure, Reach, Spill};
use crate::engine::stats::Guard;
use crate::scenario::Scenario;
use crate::scenario::fault::Schedule;
use crate::world::platform::Platform;

/// Replications that a class of strikes must be seen in before Student's t may speak for it: with fewer, its one-sided limits
/// missed the truth in 9 to 25 % where strikes do now little, now much (nominal: 2.5 %).
const ENOUGH: usize = 10;

/// Reasons that are written out.
const REASONS: usize = 2;

/// What the random faults of a run struck, and what they could.
pub(super) struct Unseen<'a> {
    faults: Vec<OfFault<'a>>,
    /// Requests per second of each class.
    requests: Vec<f64>,
    replications: usize,
}

/// A random fault.
struct OfFault<'a> {
    index: usize,
    name: &'a str,
    exposure: &'a Exposure,
    /// By replication: the targets that were struck, one for each strike.
    struck: Vec<Vec<usize>>,
}

/// A class of strikes.
struct Rare {
    label: String,
    /// Probability that a replication has one.
    chance: f64,
    /// The share of the whole that they reach in a replication, in the mean.
    reach: f64,
    /// Its share of the fault's strikes times the reach of one.
    of_strikes: f64,
    /// Its share of what the fault can strike.
    of_targets: f64,
    /// By replication: the share that they reached, where there were some.
    struck: BTreeMap<usize, f64>,
}

impl<'a> Unseen<'a> {
    /// Looks at what was struck.
    pub(super) fn of(
        scenario: &'a Scenario,
        platform: &Platform,
        exposures: &'a [Option<Exposure>],
        collected: &Collected,
    ) -> Unseen<'a> {
        let mut faults: Vec<OfFault<'a>> = Vec::new();
        let mut places = vec![None; exposures.len()];
        for (index, exposure) in exposures.iter().enumerate() {
            let fault = &scenario.faults[index];
            if let (Some(exposure), Schedule::Random { .. }) = (exposure, &fault.schedule) {
                places[index] = Some(faults.len());
                let struck = vec![Vec::new(); collected.runs.len()];
                faults.push(OfFault { index, name: &fault.name, exposure, struck });
            }
        }
        for (run, strikes) in collected.runs.iter().map(|run| &run.strikes).enumerate() {
            for (fault, place) in strikes {
                if let Some(at) = places[*fault] {
                    let target = faults[at].exposure.index_at(place);
                    faults[at].struck[run].push(target);
                }
            }
        }
        let demand = |class: &crate::world::platform::class::Class| {
            (class.first..class.first + class.count).map(|sub| platform.population.demand(sub)).sum()
        };
        let requests = if faults.is_empty() { Vec::new() } else { platform.classes.iter().map(demand).collect() };
        Unseen { faults, requests, replications: collected.runs.len() }
    }

    /// Returns what is rare among strikes that may reach some classes of requests: by the share of them. Without classes, any strike
    /// may reach all.
    pub(super) fn guard(&self, of: Option<&[usize]>) -> Guard {
        let mut rare: Vec<Rare> = self.faults.iter().flat_map(|fault| self.classes(fault, of)).collect();
        rare.retain(|one| one.struck.len() < ENOUGH);
        self.guard_of(rare)
    }

    /// The same while a fault lasts: its own strikes that were not seen, and those of others that were not.
    pub(super) fn guard_while(&self, fault: usize, of: Option<&[usize]>) -> Guard {
        let mut rare: Vec<Rare> = Vec::new();
        for one in &self.faults {
            let own = one.index == fault;
            rare.extend(
                self.classes(one, of)
                    .into_iter()
                    .filter(|class| class.struck.is_empty())
                    .map(|class| Rare { reach: if own { class.of_strikes } else { class.reach }, ..class }),
            );
        }
        self.guard_of(rare)
    }

    /// Returns what is rare among the strikes of a fault, or of all, counted one by one, and how many a replication has at most: the
    /// guard's shares are of so many.
    pub(super) fn strikes(&self, fault: Option<usize>) -> (Guard, f64) {
        let mine = || self.faults.iter().filter(|one| fault.is_none_or(|fault| fault == one.index));
        let often = |one: &OfFault<'_>| one.exposure.chance(one.exposure.targets.len()).1;
        let seen = mine().flat_map(|one| &one.struck).map(Vec::len).max().unwrap_or(0) as f64;
        let most = mine().map(|one| often(one) / one.exposure.chance(one.exposure.targets.len()).0.max(1e-300));
        let most = most.fold(seen.max(1.0), f64::max);
        let rare = mine().map(|one| Rare {
            label: one.name.to_owned(),
            chance: one.exposure.chance(one.exposure.targets.len()).0,
            reach: often(one) / most,
            of_strikes: 1.0,
            of_targets: 1.0,
            struck: one
                .struck
                .iter()
                .map(|run| run.len() as f64 / most)
                .zip(0..)
                .filter(|one| one.0 > 0.0)
                .map(|(share, run)| (run, share))
                .collect(),
        });
        (self.guard_of(rare.filter(|one| one.struck.len() < ENOUGH).collect()), most)
    }

    /// Returns the share of a fault's strikes that are on places of a size that was never struck.
    pub(super) fn unstruck(&self, fault: usize) -> f64 {
        let Some(fault) = self.faults.iter().find(|one| one.index == fault) else { return 0.0 };
        let all: Vec<usize> = (0..self.requests.len()).collect();
        let classes = self.classes(fault, Some(&all));
        classes.into_iter().filter(|class| class.struck.is_empty()).map(|class| class.of_targets).sum::<f64>().min(1.0)
    }

    /// Returns how often a fault, or any, strikes in a run, in the mean: by the clocks alone.
    pub(super) fn expected(&self, fault: Option<usize>) -> f64 {
        let mine = self.faults.iter().filter(|one| fault.is_none_or(|fault| fault == one.index));
        mine.map(|one| one.exposure.chance(one.exposure.targets.len()).1).sum()
    }

    fn guard_of(&self, mut rare: Vec<Rare>) -> Guard {
        rare.sort_by(|one, other| one.struck.len().cmp(&other.struck.len()).then(other.reach.total_cmp(&one.reach)));
        let mut guard = Guard { struck: vec![None; self.replications], ..Guard::default() };
        let (mut spared, mut reached) = (1.0, 0.0);
        let mut reasons = Vec::new();
        for one in rare {
            if one.struck.is_empty() {
                guard.unseen += one.reach;
                reasons.push(format!(
                    "{}: struck in none of {} replications, would be in {}",
                    one.label,
                    self.replications,
                    percent(one.chance)
                ));
                continue;
            }
            let more = one.struck.keys().filter(|&&run| guard.struck[run].is_none()).count();
            let struck = guard.struck.iter().flatten().count() + more;
            if 2 * struck > self.replications {
                break;
            }
            for (&run, &share) in &one.struck {
                guard.struck[run] = Some((guard.struck[run].unwrap_or(0.0) + share).min(1.0));
            }
            spared *= 1.0 - one.chance;
            reached += one.reach;
        }
        guard.unseen = guard.unseen.min(1.0);
        guard.chance = 1.0 - spared;
        guard.reach = if guard.chance > 0.0 { (reached / guard.chance).min(1.0) } else { 0.0 };
        let more = reasons.len().saturating_sub(REASONS);
        reasons.truncate(REASONS);
        if more > 0 {
            reasons.push(format!("and {more} more"));
        }
        guard.reason = reasons.join("; ");
        guard
    }

    /// Divides all that a fault can strike into classes of equal reach.
    fn classes(&self, fault: &OfFault<'_>, of: Option<&[usize]>) -> Vec<Rare> {
        let exposure = fault.exposure;
        let all: f64 = of.map_or(0.0, |classes| classes.iter().map(|&class| self.requests[class]).sum());
        let share = |reach: &Reach| match of {
            Some(classes) if exposure.spill != Spill::Everywhere && !reach.requests.is_empty() && all > 0.0 => {
                (classes.iter().map(|&class| reach.requests[class]).sum::<f64>() / all).min(1.0)
            }
            _ => 1.0,
        };
        let label = |low: f64, high: f64| {
            let (low, high) = (percent(low), percent(high));
            let range = if low == high { high } else { format!("{low} to {high}") };
            format!("{} with {range} of the requests", exposure.noun)
        };
        let (strata, class_of) = classes(&exposure.targets, &|reach| share(reach) > 0.0, &share, &label);
        let mut rare: Vec<Rare> = Vec::with_capacity(strata.len());
        let parts = strata.len();
        for (at, stratum) in strata.into_iter().enumerate() {
            let n = class_of.iter().filter(|class| **class == Some(at)).count();
            let (chance, often) = exposure.chance(n);
            let of_targets = n as f64 / exposure.targets.len() as f64;
            rare.push(Rare {
                label: if parts == 1 { fault.name.to_owned() } else { format!("{}, {}", fault.name, stratum.label) },
                chance,
                reach: chance.min(often * stratum.mean_exposure),
                of_strikes: of_targets * stratum.mean_exposure,
                of_targets,
                struck: BTreeMap::new(),
            });
        }
        for (run, struck) in fault.struck.iter().enumerate() {
            for &target in struck {
                if let Some(class) = class_of[target] {
                    let share = share(&exposure.targets[target]);
                    let reached = rare[class].struck.entry(run).or_insert(0.0);
                    *reached = (*reached + share).min(1.0);
                }
            }
        }
        rare
    }
}

/// Writes a share with two digits.
fn percent(share: f64) -> String {
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
