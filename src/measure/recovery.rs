//! Recovery: when each unit (cell, router) is back to what it would have been.
//!
//! # Model
//! A unit is *normal* in a second if its failed share (by arrival) is at most one point above the twin's and its mean number in
//! system at most 1.1 times the twin's plus 1. It has recovered at the start of the normal stretch that lasts; the incident has
//! when its last unit has.

/// Seconds for which a unit must stay normal.
pub const HOLD_SECONDS: u64 = 60;
/// When the next fault strikes the same units, so many normal seconds suffice: the stretch was cut short, not broken.
pub const SHORTENED_HOLD_SECONDS: u64 = 30;
/// Seconds after the fault's end that the stretch must at least cover.
pub const AFTER_END_SECONDS: u64 = 10;

/// One unit in one second, here and in the twin.
#[derive(Debug, Clone, Copy, Default)]
pub struct UnitSecond {
    /// Requests that arrived: here, in the twin.
    pub all: [u32; 2],
    /// Those of them that failed.
    pub failed: [u32; 2],
    /// Time integral of the number in system, in nanoseconds.
    pub occupancy: [u64; 2],
}

impl UnitSecond {
    /// Returns whether the unit is normal.
    pub fn is_normal(&self, nanos: u64) -> bool {
        let share = |i: usize| if self.all[i] == 0 { 0.0 } else { f64::from(self.failed[i]) / f64::from(self.all[i]) };
        let number = |i: usize| self.occupancy[i] as f64 / nanos.max(1) as f64;
        share(0) <= share(1) + 0.01 + 1e-12 && number(0) <= 1.1 * number(1) + 1.0 + 1e-9
    }
}

/// How an incident's recovery came out. Seconds count bins from the end of the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Back to normal from this second on.
    Recovered(i64),
    /// The horizon came before the fault's end.
    StillFaulted,
    /// The horizon came before the hold was over.
    Censored,
    /// Still outside long after the fault's end: metastable.
    NotRecovered,
}

/// Follows the units of an incident.
#[derive(Debug, Clone)]
pub struct Units {
    /// For each unit, the second from which it has been normal.
    normal_since: Vec<i64>,
    /// Seconds below this one have been judged.
    pub judged: i64,
}

impl Units {
    /// Starts at the second of the onset.
    pub fn new(units: usize, onset: i64) -> Units {
        Units { normal_since: vec![onset; units], judged: onset }
    }

    /// Judges the next second.
    pub fn judge(&mut self, seconds: &[UnitSecond], nanos: u64) {
        self.judged += 1;
        for (since, second) in self.normal_since.iter_mut().zip(seconds) {
            if !second.is_normal(nanos) {
                *since = self.judged;
            }
        }
    }

    /// Returns the second from which all units have been normal.
    pub fn normal_since(&self) -> i64 {
        self.normal_since.iter().copied().max().unwrap_or(self.judged)
    }

    /// Returns whether all units have been normal for a hold that reaches beyond the fault's end.
    pub fn has_held(&self, end: i64, hold: u64) -> bool {
        self.judged - self.normal_since() >= hold as i64 && self.judged >= end + AFTER_END_SECONDS as i64
    }

    /// Returns how it stands when the horizon comes.
    pub fn at_horizon(&self, onset: i64, end: i64) -> Recovery {
        let since_end = self.judged - end;
        if since_end < 0 {
            Recovery::StillFaulted
        } else if self.has_held(end, HOLD_SECONDS) {
            Recovery::Recovered(self.normal_since())
        } else if since_end >= (5 * (end - onset)).max(300) {
            Recovery::NotRecovered
        } else {
            Recovery::Censored
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(failed: u32, number: f64) -> UnitSecond {
        let occupancy = (number * 1e9) as u64;
        UnitSecond { all: [100, 100], failed: [failed, 0], occupancy: [occupancy, 1_000_000_000] }
    }

    #[test]
    fn normal_within_a_point_and_a_tenth_plus_one() {
        assert!(second(1, 2.1).is_normal(1_000_000_000));
        assert!(!second(2, 2.1).is_normal(1_000_000_000));
        assert!(!second(1, 2.2).is_normal(1_000_000_000));
    }

    #[test]
    fn recovery_is_the_start_of_the_stretch_that_lasts() {
        let mut units = Units::new(2, 10);
        let (bad, good) = (second(50, 1.0), second(0, 1.0));
        for step in 0..200 {
            units.judge(&[if step < 30 || step == 50 { bad } else { good }, good], 1_000_000_000);
            if units.has_held(40, HOLD_SECONDS) {
                break;
            }
        }
        assert_eq!(units.normal_since(), 61);
        assert_eq!(units.judged, 121);
        assert_eq!(units.at_horizon(10, 40), Recovery::Recovered(61));
    }

    #[test]
    fn three_outcomes_are_no_numbers() {
        let mut units = Units::new(1, 0);
        for _ in 0..400 {
            units.judge(&[second(50, 1.0)], 1_000_000_000);
        }
        assert_eq!(units.at_horizon(0, 500), Recovery::StillFaulted);
        assert_eq!(units.at_horizon(0, 10), Recovery::NotRecovered);
        assert_eq!(units.at_horizon(0, 150), Recovery::Censored);
    }
}
