//! Random faults that struck in no replication, or in few, and demand that came in none, or in few: how likely each was by its
//! clock, and how much it would have reached.
//!
//! What a fault can strike is divided into classes of equal reach, the share of a slice's requests that belong to where it strikes.
//! A class that was struck in fewer than [`ENOUGH`] replications is rare, as long as most replications are left without any such
//! strike: then these tell what the number is without it. Scripted faults strike in every replication; they are never rare.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::never_struck::NeverStruck;
use super::rare::{Does, Rare, percent, seldom_demand, written_out};
use super::seldom::{Seldom, Window};
use crate::catalogue::Condition;
use crate::engine::stats::Guard;
use crate::experiment::collected::Collected;
use crate::experiment::exposure::classes::classes;
use crate::experiment::exposure::{Exposure, Reach, Spill};
use crate::scenario::Scenario;
use crate::scenario::fault::Schedule;
use crate::units::{MINUTE, Nanos};
use crate::world::platform::Platform;

/// Replications that a class of strikes must be seen in before Student's t may speak for it: with fewer, its one-sided limits
/// missed the truth in 9 to 25 % where strikes do now little, now much (nominal: 2.5 %).
const ENOUGH: usize = 10;

/// The end of a horizon.
const END: Nanos = MINUTE;

/// What the random faults of a run struck, and what they could; and what demand came, and could.
pub(crate) struct Unseen<'a> {
    faults: Vec<OfFault<'a>>,
    /// Seldom demand: without faults, and with them.
    seldom: [Seldom; 2],
    /// The same of the end of the horizon.
    seldom_at_end: [Seldom; 2],
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

impl<'a> Unseen<'a> {
    /// Looks at what was struck.
    pub(crate) fn of(
        scenario: &'a Scenario,
        platform: &Arc<Platform>,
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
        let seldom = |window| Seldom::of_both((scenario, platform), exposures, collected, window);
        let (seldom, seldom_at_end) = (seldom(Window::Horizon), seldom(Window::End(END)));
        Unseen { faults, seldom, seldom_at_end, requests, replications: collected.runs.len() }
    }

    /// Returns what is rare in a world among strikes and demand that may reach some classes of requests: by the share of them. Without
    /// classes, any strike may reach all.
    pub(crate) fn guard(&self, condition: Condition, of: Option<&[usize]>) -> Guard {
        self.guard_with(condition, of, Vec::new())
    }

    /// The same of all that is asked about the last minute: what comes then is rarer than what comes at all.
    pub(crate) fn guard_at_end(&self, condition: Condition) -> Guard {
        self.guard_with(condition, None, seldom_demand(&self.seldom_at_end, condition, None))
    }

    fn guard_with(&self, condition: Condition, of: Option<&[usize]>, mut rare: Vec<Rare>) -> Guard {
        rare.extend(seldom_demand(&self.seldom, condition, of));
        if condition != Condition::NoFault {
            rare.extend(self.faults.iter().flat_map(|fault| self.classes(fault, of)));
        }
        rare.retain(|one| one.struck.len() < ENOUGH);
        self.guard_of(rare)
    }

    /// Returns what is rare among the demand of some classes alone.
    pub(crate) fn seldom(&self, condition: Condition, of: &[usize]) -> Guard {
        let mut rare = seldom_demand(&self.seldom, condition, Some(of));
        rare.retain(|one| one.struck.len() < ENOUGH && one.brings > 0.0);
        self.guard_of(rare)
    }

    /// Returns what was struck in no replication, of all random faults, for guards while each of the faults lasts.
    pub(crate) fn never_struck(&self, of: Option<&[usize]>) -> NeverStruck {
        let by_fault: Vec<(usize, Vec<Rare>)> = self
            .faults
            .iter()
            .map(|fault| {
                let mut classes = self.classes(fault, of);
                classes.retain(|class| class.struck.is_empty());
                (fault.index, classes)
            })
            .collect();
        let mut seldom = seldom_demand(&self.seldom, Condition::While, of);
        seldom.retain(|one| one.struck.is_empty());
        NeverStruck::of(by_fault, seldom, self.replications)
    }

    /// Returns what is rare among the strikes of a fault, or of all, counted one by one, and how many a replication has at most: the
    /// guard's shares are of so many.
    pub(crate) fn strikes(&self, fault: Option<usize>) -> (Guard, f64) {
        let mine = || self.faults.iter().filter(|one| fault.is_none_or(|fault| fault == one.index));
        let often = |one: &OfFault<'_>| one.exposure.chance(one.exposure.targets.len()).1;
        let seen = mine().flat_map(|one| &one.struck).map(Vec::len).max().unwrap_or(0) as f64;
        let most = mine().map(|one| often(one) / one.exposure.chance(one.exposure.targets.len()).0.max(1e-300));
        let most = most.fold(seen.max(1.0), f64::max);
        let rare = mine().map(|one| Rare {
            label: one.name.to_owned(),
            does: Does::Strike,
            brings: 0.0,
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
    pub(crate) fn unstruck(&self, fault: usize) -> f64 {
        let Some(fault) = self.faults.iter().find(|one| one.index == fault) else { return 0.0 };
        let all: Vec<usize> = (0..self.requests.len()).collect();
        let classes = self.classes(fault, Some(&all));
        classes.into_iter().filter(|class| class.struck.is_empty()).map(|class| class.of_targets).sum::<f64>().min(1.0)
    }

    /// Returns how often a fault, or any, strikes in a run, in the mean: by the clocks alone.
    pub(crate) fn expected(&self, fault: Option<usize>) -> f64 {
        let mine = self.faults.iter().filter(|one| fault.is_none_or(|fault| fault == one.index));
        mine.map(|one| one.exposure.chance(one.exposure.targets.len()).1).sum()
    }

    fn guard_of(&self, mut rare: Vec<Rare>) -> Guard {
        rare.sort_by(|one, other| one.struck.len().cmp(&other.struck.len()).then(other.reach.total_cmp(&one.reach)));
        let mut guard = Guard { struck: vec![None; self.replications], ..Guard::default() };
        let (mut spared, mut reached, mut whole) = (1.0, 0.0, 1.0_f64);
        let mut brought = [0.0; 2];
        let mut reasons = Vec::new();
        for one in rare {
            if one.struck.is_empty() {
                guard.unseen += one.reach;
                brought[0] += one.brings;
                reasons.push(one.reason(self.replications));
                continue;
            }
            let more = one.struck.keys().filter(|&&run| guard.struck[run].is_none()).count();
            let struck = guard.struck.iter().flatten().count() + more;
            if 2 * struck > self.replications {
                break;
            }
            for (&run, &share) in &one.struck {
                guard.struck[run] = Some((guard.struck[run].unwrap_or(0.0) + share).min(share.max(1.0)));
                whole = whole.max(share);
            }
            brought[1] += one.brings;
            spared *= 1.0 - one.chance;
            reached += one.reach;
        }
        guard.unseen = guard.unseen.min(1.0);
        guard.chance = 1.0 - spared;
        guard.reach = if guard.chance > 0.0 { (reached / guard.chance).min(whole) } else { 0.0 };
        // So much that both parts make up what comes in the mean.
        let parts = [guard.unseen, guard.chance * guard.reach];
        let of_part = |(brought, part): (f64, f64)| if brought > 0.0 { brought / part } else { 0.0 };
        guard.brings = brought.into_iter().zip(parts).map(of_part).fold(0.0, f64::max);
        let all = reasons.len();
        guard.reason = written_out(reasons, all);
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
                does: Does::Strike,
                brings: 0.0,
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
