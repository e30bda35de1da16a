//! Groups of replications: beyond a number they are folded, so that memory does not grow with the years.
//!
//! An interval needs values that are independent and alike. Sums over equally many neighbouring replications are both, and a
//! thousand of them serve as well as a million. The last group may be smaller: rates are ratios of what happened to the years in
//! which it did.

use std::collections::{BTreeMap, BTreeSet};

use super::replication::Replication;
use crate::engine::splitting::Tally;
use crate::measure::ledger::totals::{NOTABLE, Notable, StratumTotals, Totals, take_strikes};
use crate::world::flow::doubt::Doubt;

/// With so many groups, neighbours are folded into one.
const MOST: usize = 2_048;

/// Units of contract months, periods of replications, at most: beyond, neighbouring periods become one.
const UNITS: usize = 2_048;

/// Totals of neighbouring replications.
#[derive(Debug)]
pub struct Group {
    /// Replications in it.
    pub count: u32,
    /// What their books hold together; the incidents that cost most are with [`Groups::notable`].
    pub totals: Totals,
}

/// All replications so far.
#[derive(Debug)]
pub struct Groups {
    /// In their order; all but the last of the same size.
    pub groups: Vec<Group>,
    /// The incidents that cost most, with their replication, the worst first.
    pub notable: Vec<(u32, Notable)>,
    /// All histories of cells that are down at once.
    pub rare: Vec<Tally>,
    /// All strikes, one by one, by fault and stratum.
    pub strikes: Vec<Vec<StratumTotals>>,
    /// Operations events.
    pub events: u64,
    /// Flows that stand between two states.
    pub unsettled: u64,
    /// Stations of which something was known roughly only.
    pub doubts: BTreeSet<(u32, Doubt)>,
    of_each: u32,
    most: usize,
    /// Replications folded so far: all below this number.
    pub done: u32,
    /// Done before their turn: threads finish in any order, sums are made in one.
    waiting: BTreeMap<u32, Replication>,
}

impl Default for Groups {
    fn default() -> Groups {
        Groups::with_most(MOST)
    }
}

impl Groups {
    fn with_most(most: usize) -> Groups {
        Groups {
            groups: Vec::new(),
            notable: Vec::new(),
            rare: Vec::new(),
            strikes: Vec::new(),
            events: 0,
            unsettled: 0,
            doubts: BTreeSet::new(),
            of_each: 1,
            most,
            done: 0,
            waiting: BTreeMap::new(),
        }
    }

    /// Returns the totals of each group.
    pub fn totals(&self) -> impl Iterator<Item = &Totals> {
        self.groups.iter().map(|group| &group.totals)
    }

    /// Replications in each group but the last.
    pub fn of_each(&self) -> u32 {
        self.of_each
    }

    /// Takes a replication, whichever comes first. Returns how many have come.
    pub fn take(&mut self, replication: Replication) -> u32 {
        self.waiting.insert(replication.index, replication);
        while let Some(next) = self.waiting.remove(&self.done) {
            self.fold(next);
            self.done += 1;
        }
        self.done + self.waiting.len() as u32
    }

    fn fold(&mut self, mut replication: Replication) {
        self.events += replication.events;
        self.unsettled += replication.unsettled;
        self.doubts.append(&mut replication.doubts);
        self.rare.append(&mut replication.rare);
        for incident in replication.totals.notable.drain(..) {
            let place = self.notable.partition_point(|(_, other)| other.minutes >= incident.minutes);
            if place < NOTABLE {
                self.notable.insert(place, (replication.index, incident));
                self.notable.truncate(NOTABLE);
            }
        }
        take_strikes(&mut self.strikes, &std::mem::take(&mut replication.totals.strikes));
        let periods = self.groups.first().map_or(usize::MAX, |group| group.totals.periods());
        while replication.totals.periods() > periods {
            replication.totals.halve_periods();
        }
        match self.groups.last_mut() {
            Some(last) if last.count < self.of_each => {
                last.count += 1;
                last.totals.merge(&replication.totals);
            }
            _ => self.groups.push(Group { count: 1, totals: replication.totals }),
        }
        if self.groups.len() == self.most && self.groups.last().is_some_and(|last| last.count == self.of_each) {
            self.halve();
        }
        // Many periods of few replications, or few of many.
        while self.groups.len() * self.groups[0].totals.periods() > UNITS && self.groups[0].totals.periods() > 1 {
            self.groups.iter_mut().for_each(|group| group.totals.halve_periods());
        }
    }

    fn halve(&mut self) {
        let mut pairs = std::mem::take(&mut self.groups).into_iter();
        while let Some(mut first) = pairs.next() {
            if let Some(second) = pairs.next() {
                first.count += second.count;
                first.totals.merge(&second.totals);
            }
            self.groups.push(first);
        }
        self.of_each *= 2;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::stats::anchored::{Stratum, mean};
    use crate::measure::ledger::totals::Shape;
    use crate::units::SECOND;
    use crate::world::flow::observer::Ending;

    fn replication(index: u32) -> Replication {
        let mut totals = Totals::new(&Shape { classes: 1, tiers: 1, strata: vec![1], periods: 4 });
        totals.classes[0].windows = 12;
        totals.classes[0].periods[index as usize % 4].bad_minutes.take(0.0, f64::from(index), f64::from(index));
        totals.strikes[0][0].minutes.add(1.0, 2.0);
        totals.faults[0].incidents = 1;
        totals.faults[0].by_harmed.add(f64::from(index), 1.0);
        let span = (0, SECOND);
        let ending = Ending::Recovered;
        totals.note(Notable { fault: 0, span, customers: (1.0, 1.0), minutes: f64::from(index % 500), ending });
        Replication { index, totals, events: 2, unsettled: 0, doubts: BTreeSet::new(), rare: Vec::new() }
    }

    #[test]
    fn neighbours_are_folded_and_nothing_is_lost() {
        let mut groups = Groups::with_most(8);
        for index in 0..1_003 {
            groups.take(replication(index));
        }
        let counts: Vec<u32> = groups.groups.iter().map(|group| group.count).collect();
        assert_eq!((groups.done, groups.of_each()), (1_003, 128));
        assert_eq!(counts, [128, 128, 128, 128, 128, 128, 128, 107]);
        let totals = || groups.totals();
        assert_eq!(totals().map(|totals| totals.classes[0].windows).sum::<u64>(), 12 * 1_003);
        let bad = |totals: &Totals| totals.classes[0].periods.iter().map(|period| period.bad_minutes.harm).sum::<f64>();
        assert_eq!(totals().map(bad).sum::<f64>(), 501.0 * 1_003.0);
        assert_eq!(groups.strikes[0][0].minutes.units(), 1_003);
        assert_eq!(totals().map(|totals| totals.faults[0].by_harmed.total).sum::<f64>(), 1_003.0);
        // 499 twice, 498 twice, ...: of equal ones the first.
        assert_eq!(groups.notable.len(), NOTABLE);
        let first: Vec<u32> = groups.notable.iter().take(3).map(|one| one.0).collect();
        assert_eq!(first, [499, 999, 498]);
    }

    #[test]
    fn strikes_of_one_replication_that_are_alike_count_for_less() {
        // 20 replications of 30 strikes: all of one do the same harm, 1 or 3 minutes of 4, or each does what it may.
        let width = |alike: bool| {
            let mut groups = Groups::default();
            for index in 0..20 {
                let mut totals = Totals::new(&Shape { classes: 1, tiers: 1, strata: vec![1], periods: 1 });
                for strike in 0..30 {
                    let more = if alike { index % 2 == 0 } else { strike % 2 == 0 };
                    totals.strikes[0][0].minutes.add(if more { 3.0 } else { 1.0 }, 4.0);
                }
                groups.take(Replication {
                    index,
                    totals,
                    events: 0,
                    unsettled: 0,
                    doubts: BTreeSet::new(),
                    rare: Vec::new(),
                });
            }
            let sample = groups.strikes[0][0].minutes.clone();
            let found = mean(&[Stratum { label: String::new(), weight: 1.0, mean_exposure: 4.0, sample }], 0.95);
            found.high.unwrap() - found.low.unwrap()
        };
        // As 20 units instead of 600.
        assert!(width(true) > 4.5 * width(false), "{} {}", width(true), width(false));
    }

    #[test]
    fn the_order_in_which_threads_finish_does_not_show() {
        let mut straight = Groups::with_most(8);
        for index in 0..40 {
            straight.take(replication(index));
        }
        let mut mixed = Groups::with_most(8);
        for index in [3, 1, 2, 0].into_iter().chain((4..40).rev()) {
            mixed.take(replication(index));
        }
        assert_eq!(format!("{straight:?}"), format!("{mixed:?}"));
    }
}
