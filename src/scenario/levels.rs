//! Levels of demand: the profiles of all classes together, as one function of time in steps.
//!
//! # Model
//! At each instant every class has its factor of demand; a *level* is one combination of these factors that occurs. Profiles that
//! end are followed by those that repeat: from the last step of the former on, all repeat together after the least common
//! multiple of their periods.

use std::collections::{BTreeSet, HashMap};

use super::demand::Profile;
use crate::units::{MINUTE, Nanos};

/// Levels from which a run refuses: flows are found for each of them.
pub const MOST_LEVELS: usize = 1_024;
/// Steps from which it does.
const MOST_STEPS: u128 = 500_000;
/// No further step.
const NEVER: Nanos = Nanos::MAX;

/// Levels of demand over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// By class: its factor at each level.
    factors: Vec<Box<[f64]>>,
    count: usize,
    /// (from, level), rising from 0.
    steps: Vec<(Nanos, u16)>,
    cycle: Option<Cycle>,
}

/// What repeats.
#[derive(Debug, Clone, PartialEq)]
struct Cycle {
    /// From this instant on,
    from: Nanos,
    /// after this long.
    length: Nanos,
    /// Minutes of each level in it.
    minutes: Vec<u64>,
}

/// The least common multiple; none if it is beyond all time.
fn common(one: Nanos, other: Nanos) -> Option<Nanos> {
    let (mut a, mut b) = (one, other);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    (one / a.max(1)).checked_mul(other)
}

impl Levels {
    /// Returns constant demand of so many classes.
    pub fn constant(classes: usize) -> Levels {
        Levels { factors: vec![Box::new([1.0]); classes], count: 1, steps: vec![(0, 0)], cycle: None }
    }

    /// Returns the levels of these classes' profiles up to a horizon; `None` if there are too many.
    pub fn new(profiles: &[&Profile], horizon: Nanos) -> Option<Levels> {
        let varied = || profiles.iter().filter(|profile| profile.steps.iter().any(|step| step.1 != profile.steps[0].1));
        let last = |profile: &&&Profile| profile.steps.last().map_or(0, |step| step.0);
        let from = varied().filter(|profile| profile.period.is_none()).map(|profile| last(&profile)).max().unwrap_or(0);
        let mut periods = varied().filter_map(|profile| profile.period);
        let length = match periods.next() {
            None => Some(0),
            Some(first) => periods.try_fold(first, common),
        };
        let is_cut = length.and_then(|length| from.checked_add(length)).is_none_or(|end| end > horizon);
        let length = length.filter(|&length| length > 0 && !is_cut);
        let end = length.map_or(horizon, |length| from + length);
        let mut instants = BTreeSet::from([0]);
        let mut all: u128 = 0;
        for profile in varied() {
            let rounds = profile.period.map_or(1, |period| end.div_ceil(period));
            all += u128::from(rounds) * profile.steps.len() as u128;
            if all > MOST_STEPS {
                return None;
            }
            for round in 0..rounds {
                let base = round * profile.period.unwrap_or(0);
                instants.extend(profile.steps.iter().map(|step| base.saturating_add(step.0)).filter(|&at| at < end));
            }
        }
        let mut known: HashMap<Vec<u64>, u16> = HashMap::new();
        let mut combinations: Vec<Vec<f64>> = Vec::new();
        let mut steps: Vec<(Nanos, u16)> = Vec::new();
        for at in instants {
            let factors: Vec<f64> = profiles.iter().map(|profile| profile.at(at)).collect();
            let bits = factors.iter().map(|factor| factor.to_bits()).collect();
            let level = *known.entry(bits).or_insert(combinations.len() as u16);
            if level as usize == combinations.len() {
                combinations.push(factors);
            }
            if combinations.len() > MOST_LEVELS {
                return None;
            }
            if steps.last().is_none_or(|step| step.1 != level) {
                steps.push((at, level));
            }
        }
        let factors = |class: usize| combinations.iter().map(|factors| factors[class]).collect();
        let mut levels = Levels {
            factors: (0..profiles.len()).map(factors).collect(),
            count: combinations.len(),
            steps,
            cycle: None,
        };
        if let Some(length) = length {
            let minutes = levels.minutes(from, from + length);
            levels.cycle = Some(Cycle { from, length, minutes });
        }
        Some(levels)
    }

    /// Returns how many levels there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns whether demand changes.
    pub fn is_varied(&self) -> bool {
        self.count > 1
    }

    /// Returns a class's factor at each level.
    pub fn factors(&self, class: usize) -> &[f64] {
        &self.factors[class]
    }

    /// An instant within the steps that are kept, and where its round began beyond them.
    fn folded(&self, at: Nanos) -> (Nanos, Nanos) {
        match &self.cycle {
            Some(Cycle { from, length, .. }) if at >= *from => {
                let passed = (at - from) / length * length;
                (at - passed, passed)
            }
            _ => (at, 0),
        }
    }

    /// Returns the level at an instant.
    pub fn at(&self, at: Nanos) -> usize {
        if self.count == 1 {
            return 0;
        }
        let at = self.folded(at).0;
        self.steps[self.steps.partition_point(|step| step.0 <= at).max(1) - 1].1 as usize
    }

    /// Returns when the level may change next after an instant; the end of all time if it does not.
    pub fn next(&self, at: Nanos) -> Nanos {
        if self.count == 1 {
            return NEVER;
        }
        let (folded, passed) = self.folded(at);
        let next = self.steps.get(self.steps.partition_point(|step| step.0 <= folded)).map(|step| step.0);
        match (&self.cycle, next) {
            (Some(Cycle { from, length, .. }), None) => passed + from + length,
            (_, Some(next)) => passed + next,
            (None, None) => NEVER,
        }
    }

    /// Returns the minutes of each level from one instant to another.
    pub fn minutes(&self, from: Nanos, to: Nanos) -> Vec<u64> {
        let mut minutes = vec![0; self.count];
        let mut at = from;
        while at < to {
            if let Some(cycle) = self.cycle.as_ref().filter(|cycle| at >= cycle.from && to - at >= cycle.length) {
                let rounds = (to - at) / cycle.length;
                minutes.iter_mut().zip(&cycle.minutes).for_each(|(sum, each)| *sum += rounds * each);
                at += rounds * cycle.length;
                continue;
            }
            let end = self.next(at).min(to);
            minutes[self.at(at)] += (end - at) / MINUTE;
            at = end;
        }
        minutes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::units::{DAY, HOUR};

    fn steps(steps: &[(Nanos, f64)], period: Option<Nanos>) -> Profile {
        Profile { steps: steps.to_vec(), period }
    }

    #[test]
    fn a_day_and_a_week_make_a_week() {
        let day = steps(&[(0, 0.5), (8 * HOUR, 2.0), (20 * HOUR, 0.5)], Some(DAY));
        let week = steps(&[(0, 1.0), (5 * DAY, 0.1)], Some(7 * DAY));
        let flat = steps(&[(0, 1.0), (HOUR, 1.0)], Some(13 * HOUR));
        let levels = Levels::new(&[&day, &week, &flat], 3650 * DAY).unwrap();
        assert_eq!(levels.count(), 4);
        let at = |at: Nanos| (levels.factors(0)[levels.at(at)], levels.factors(1)[levels.at(at)]);
        for days in [0, 7, 700] {
            let monday = days * DAY;
            assert_eq!(at(monday + 8 * HOUR - 1), (0.5, 1.0));
            assert_eq!(at(monday + 8 * HOUR), (2.0, 1.0));
            assert_eq!(at(monday + 6 * DAY + 9 * HOUR), (2.0, 0.1));
            assert_eq!(levels.next(monday + 9 * HOUR), monday + 20 * HOUR);
            assert_eq!(levels.next(monday + 6 * DAY + 21 * HOUR), monday + 7 * DAY);
        }
        let minutes = levels.minutes(3 * DAY, 33 * DAY);
        let busy = minutes.iter().zip(levels.factors(0)).filter(|(_, factor)| **factor == 2.0);
        assert_eq!(busy.map(|(minutes, _)| minutes).sum::<u64>(), 30 * 12 * 60);
        assert_eq!(minutes.iter().sum::<u64>(), 30 * 24 * 60);
        let by_step: Vec<u64> = (0..30)
            .map(|day| levels.minutes((3 + day) * DAY, (4 + day) * DAY))
            .fold(vec![0; 4], |sum, day| sum.iter().zip(day).map(|(a, b)| a + b).collect());
        assert_eq!(minutes, by_step);
    }

    #[test]
    fn what_ends_comes_before_what_repeats() {
        let day = steps(&[(0, 0.5), (12 * HOUR, 1.5)], Some(DAY));
        let once = steps(&[(0, 1.0), (30 * HOUR, 3.0), (31 * HOUR, 1.0)], None);
        let levels = Levels::new(&[&day, &once], 365 * DAY).unwrap();
        assert_eq!(levels.count(), 3);
        assert_eq!((levels.next(29 * HOUR), levels.next(31 * HOUR)), (30 * HOUR, 36 * HOUR));
        let at = |at: Nanos| levels.factors(0)[levels.at(at)];
        assert_eq!(
            (at(30 * HOUR), at(36 * HOUR), at(100 * DAY + HOUR), at(100 * DAY + 13 * HOUR)),
            (0.5, 1.5, 0.5, 1.5)
        );
        assert_eq!(levels.minutes(0, 10 * DAY).iter().sum::<u64>(), 10 * 24 * 60);
    }

    #[test]
    fn many_levels_are_too_many() {
        let ramp: Vec<(Nanos, f64)> = (0..2_000).map(|step| (step * MINUTE, 1.0 + step as f64)).collect();
        assert_eq!(Levels::new(&[&steps(&ramp, None)], 365 * DAY), None);
        assert!(Levels::new(&[&steps(&ramp, None)], 10 * HOUR).is_some(), "those within the horizon count");
        let saw = |period| steps(&[(0, 1.0), (MINUTE, 2.0)], Some(period));
        assert_eq!(
            Levels::new(&[&saw(1_009 * MINUTE), &saw(1_013 * MINUTE)], 36_500 * DAY).map(|levels| levels.count()),
            Some(4)
        );
        assert_eq!(Levels::new(&[&steps(&[(0, 1.0)], None)], DAY), Some(Levels::constant(1)));
    }
}
