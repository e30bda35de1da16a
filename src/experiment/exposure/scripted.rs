//! Strikes that the scenario counts: how often scripted and recorded faults strike in a run, and whether each is an incident of its own.
//!
//! Strikes on shared units before recovery make one incident, and recovery is left to chance. So the number of incidents follows
//! from the scenario where a fault strikes once, and no other fault can strike what it strikes.

use super::targets::targets;
use crate::scenario::Scenario;
use crate::scenario::fault::{Fault, Schedule};
use crate::units::Nanos;
use crate::world::operations::faults::is_awake;
use crate::world::platform::Platform;
use crate::world::platform::scope::Target;

/// Strikes of the faults of a run, as far as they are no matter of chance.
pub(crate) struct Scripted {
    /// By fault: least and most strikes in a run; `None` for random faults.
    strikes: Vec<Option<(u64, u64)>>,
    /// By fault: whether none of its strikes can join another incident, nor another one its own.
    apart: Vec<bool>,
    awake: Vec<usize>,
}

impl Scripted {
    /// Counts them.
    pub(crate) fn of(scenario: &Scenario, platform: &Platform) -> Scripted {
        let faults = &scenario.faults;
        let awake: Vec<usize> =
            (0..faults.len()).filter(|&fault| is_awake(&faults[fault], scenario.run.faults)).collect();
        let strikes: Vec<_> = faults.iter().map(|fault| strikes(fault, platform.horizon)).collect();
        let mut apart = vec![false; faults.len()];
        let once = |fault: &usize| strikes[*fault].is_some_and(|(_, most)| most <= 1);
        if awake.iter().any(once) {
            let units = Units::of(scenario, platform, &awake);
            for (at, &fault) in awake.iter().enumerate().filter(|(_, fault)| once(fault)) {
                apart[fault] = units.are_its_own(at);
            }
        }
        Scripted { strikes, apart, awake }
    }

    fn all(&self, fault: Option<usize>) -> impl Iterator<Item = usize> {
        self.awake.iter().copied().filter(move |one| fault.is_none_or(|fault| fault == *one))
    }

    /// Returns the incidents of a fault (of all) in every run, if they follow from the scenario.
    pub(crate) fn incidents(&self, fault: Option<usize>) -> Option<u64> {
        self.all(fault)
            .map(|fault| {
                let (least, most) = self.strikes[fault]?;
                (least == most && self.apart[fault]).then_some(most)
            })
            .sum()
    }

    /// Returns the most strikes of a fault (of all) in a run; random ones not counted.
    pub(crate) fn most(&self, fault: Option<usize>) -> u64 {
        self.all(fault).filter_map(|fault| self.strikes[fault]).map(|strikes| strikes.1).sum()
    }

    /// Returns whether chance strikes, too.
    pub(crate) fn is_random(&self, fault: Option<usize>) -> bool {
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

/// The cells that each of some faults may strike.
struct Units {
    /// By fault; `None`: all.
    of: Vec<Option<Vec<u32>>>,
    /// By cell: how many of the faults may strike it.
    faults: Vec<u32>,
    /// Whether one of them may strike all.
    everywhere: bool,
}

impl Units {
    fn of(scenario: &Scenario, platform: &Platform, faults: &[usize]) -> Units {
        let mut units =
            Units { of: Vec::with_capacity(faults.len()), faults: vec![0; platform.cells.len()], everywhere: false };
        for &fault in faults {
            let of = units.cells(&targets(scenario, platform, &scenario.faults[fault]));
            units.everywhere |= of.is_none();
            units.of.push(of);
        }
        units
    }

    fn cells(&mut self, targets: &[Target]) -> Option<Vec<u32>> {
        let mut all = Vec::new();
        for target in targets {
            match target {
                Target::Cells { cells, .. } => all.extend_from_slice(cells),
                Target::Router(_) | Target::Customers { .. } => return None,
            }
        }
        all.sort_unstable();
        all.dedup();
        for &cell in &all {
            self.faults[cell as usize] += 1;
        }
        Some(all)
    }

    /// Whether no other of the faults may strike what this one may.
    fn are_its_own(&self, fault: usize) -> bool {
        match &self.of[fault] {
            None => self.of.len() == 1,
            Some(cells) => !self.everywhere && cells.iter().all(|&cell| self.faults[cell as usize] == 1),
        }
    }
}
