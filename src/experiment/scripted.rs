//! Strikes that the scenario counts: how often scripted and recorded faults strike in a run, and whether each is an incident of its own.
//!
//! Strikes on shared units before recovery make one incident, and recovery is left to chance. So the number of incidents follows
//! from the scenario where a fault strikes once, and no other fault can strike what it strikes.

use std::collections::BTreeSet;

use super::exposure::targets;
use crate::scenario::Scenario;
use crate::scenario::fault::{Fault, Schedule};
use crate::units::Nanos;
use crate::world::operations::faults::is_awake;
use crate::world::platform::Platform;
use crate::world::platform::scope::Target;

/// Strikes of the faults of a run, as far as they are no matter of chance.
pub(super) struct Scripted {
    /// By fault: least and most strikes in a run; `None` for random faults.
    strikes: Vec<Option<(u64, u64)>>,
    /// By fault: whether none of its strikes can join another incident, nor another one its own.
    apart: Vec<bool>,
    awake: Vec<usize>,
}

impl Scripted {
    /// Counts them.
    pub(super) fn of(scenario: &Scenario, platform: &Platform) -> Scripted {
        let faults = &scenario.faults;
        let awake: Vec<usize> =
            (0..faults.len()).filter(|&fault| is_awake(&faults[fault], scenario.run.faults)).collect();
        let strikes: Vec<_> = faults.iter().map(|fault| strikes(fault, platform.horizon)).collect();
        let mut apart = vec![false; faults.len()];
        let once = |fault: &usize| strikes[*fault].is_some_and(|(_, most)| most <= 1);
        if awake.iter().any(once) {
            let units: Vec<Units> = awake.iter().map(|&fault| Units::of(scenario, platform, &faults[fault])).collect();
            for (at, &fault) in awake.iter().enumerate().filter(|(_, fault)| once(fault)) {
                let others = units.iter().enumerate().filter(|(other, _)| *other != at);
                apart[fault] = others.into_iter().all(|(_, other)| !other.share(&units[at]));
            }
        }
        Scripted { strikes, apart, awake }
    }

    fn all(&self, fault: Option<usize>) -> impl Iterator<Item = usize> {
        self.awake.iter().copied().filter(move |one| fault.is_none_or(|fault| fault == *one))
    }

    /// Returns the incidents of a fault (of all) in every run, if they follow from the scenario.
    pub(super) fn incidents(&self, fault: Option<usize>) -> Option<u64> {
        self.all(fault)
            .map(|fault| {
                let (least, most) = self.strikes[fault]?;
                (least == most && self.apart[fault]).then_some(most)
            })
            .sum()
    }

    /// Returns the most strikes of a fault (of all) in a run; random ones not counted.
    pub(super) fn most(&self, fault: Option<usize>) -> u64 {
        self.all(fault).filter_map(|fault| self.strikes[fault]).map(|strikes| strikes.1).sum()
    }

    /// Returns whether chance strikes, too.
    pub(super) fn is_random(&self, fault: Option<usize>) -> bool {
        self.all(fault).any(|fault| self.strikes[fault].is_none())
    }
}

/// Least and most strikes within the horizon.
fn strikes(fault: &Fault, horizon: Nanos) -> Option<(u64, u64)> {
    match &fault.schedule {
        Schedule::Scripted { at, spread, every, .. } => {
            let from = |first: Nanos| match every {
                Some(every) => horizon.saturating_sub(first).div_ceil(*every),
                None => u64::from(first < horizon),
            };
            Some((from(at + spread), from(at - spread)))
        }
        Schedule::Trace(recorded) => {
            let inside = recorded.incidents.iter().filter(|one| one.start < horizon).count() as u64;
            Some((inside, inside))
        }
        Schedule::Random { .. } => None,
    }
}

/// The cells that a fault may strike; `None`: all.
struct Units(Option<BTreeSet<u32>>);

impl Units {
    fn of(scenario: &Scenario, platform: &Platform, fault: &Fault) -> Units {
        let mut cells = BTreeSet::new();
        for target in targets(scenario, platform, fault) {
            match target {
                Target::Cells { cells: struck, .. } => cells.extend(struck.iter().copied()),
                Target::Router(_) | Target::Customers { .. } => return Units(None),
            }
        }
        Units(Some(cells))
    }

    fn share(&self, other: &Units) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => !one.is_disjoint(other),
            _ => true,
        }
    }
}
