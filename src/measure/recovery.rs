//! Recovery: when each unit (cell, router) is back to what it would have been.
//!
//! # Model
//! A unit is *normal* in a second if its failed share (by arrival) is at most one point above the twin's and its mean number in
//! system at most 1.1 times the twin's plus 1. It has recovered at the start of the normal stretch that lasts; the incident has
//! when its last unit has. A second without a request is normal; where none came while the fault lasted, nothing was measured.

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

/// How an incident's recovery came out. Seconds count bins from the end of the warm-up; each is one before which it certainly had
/// not recovered: the one from which all has been normal, for as long as it was watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Back to normal from this second on.
    Recovered(i64),
    /// As its twin from this second on, but the twin is down itself: nothing came back.
    TwinDown(i64),
    /// As its twin throughout, but nobody asked for anything there while the fault lasted: nothing that could have failed was seen.
    NoRequests(i64),
    /// The horizon came before the fault's end.
    StillFaulted(i64),
    /// The horizon came before the hold was over.
    Censored(i64),
    /// Still outside long after the fault's end: metastable.
    NotRecovered(i64),
}

impl Recovery {
    /// Returns the second before which it certainly had not recovered.
    pub fn not_before(self) -> i64 {
        match self {
            Recovery::Recovered(second)
            | Recovery::TwinDown(second)
            | Recovery::NoRequests(second)
            | Recovery::StillFaulted(second)
            | Recovery::Censored(second)
            | Recovery::NotRecovered(second) => second,
        }
    }

    /// Returns the second from which the world is as its twin for good; `None` if that was not seen.
    pub fn as_twin(self) -> Option<i64> {
        match self {
            Recovery::Recovered(second) | Recovery::TwinDown(second) | Recovery::NoRequests(second) => Some(second),
            Recovery::StillFaulted(_) | Recovery::Censored(_) | Recovery::NotRecovered(_) => None,
        }
    }
}

/// Follows the units of an incident.
#[derive(Debug, Clone)]
pub struct Units {
    /// For each unit, the second from which it has been normal.
    normal_since: Vec<i64>,
    /// For each unit, requests in the twin and failed ones since all units have been normal.
    twin: Vec<[u64; 2]>,
    /// For each unit, the second of its first request, here or in the twin.
    asked: Vec<i64>,
    /// Seconds below this one have been judged.
    pub judged: i64,
}

impl Units {
    /// Starts at the second of the onset.
    pub fn new(units: usize, onset: i64) -> Units {
        Units {
            normal_since: vec![onset; units],
            twin: vec![[0; 2]; units],
            asked: vec![i64::MAX; units],
            judged: onset,
        }
    }

    /// Judges the next second.
    pub fn judge(&mut self, seconds: &[UnitSecond], nanos: u64) {
        for (asked, second) in self.asked.iter_mut().zip(seconds) {
            if *asked == i64::MAX && second.all != [0, 0] {
                *asked = self.judged;
            }
        }
        self.judged += 1;
        for (since, second) in self.normal_since.iter_mut().zip(seconds) {
            if !second.is_normal(nanos) {
                *since = self.judged;
            }
        }
        let all_normal = self.normal_since() < self.judged;
        for (sum, second) in self.twin.iter_mut().zip(seconds) {
            let [requests, failed] = if all_normal { *sum } else { [0, 0] };
            let second = if all_normal { [second.all[1], second.failed[1]] } else { [0, 0] };
            *sum = [requests + u64::from(second[0]), failed + u64::from(second[1])];
        }
    }

    /// Returns whether the twin itself is down: since all has been normal, at least half of the requests of one of these units
    /// failed in it. To be as it is then is no recovery.
    pub fn twin_is_down(&self, of: impl Fn(usize) -> bool) -> bool {
        let down = |&[requests, failed]: &[u64; 2]| requests > 0 && 2 * failed >= requests;
        self.twin.iter().enumerate().any(|(unit, sum)| of(unit) && down(sum))
    }

    /// Returns whether a request came to one of these units before a second.
    pub fn was_asked(&self, before: i64, of: impl Fn(usize) -> bool) -> bool {
        self.asked.iter().enumerate().any(|(unit, &asked)| asked < before && of(unit))
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
        let (since_end, since) = (self.judged - end, self.normal_since());
        // A stretch as long as would do before the next strike was cut short, not broken.
        let under_way = self.judged - since >= SHORTENED_HOLD_SECONDS as i64;
        if since_end < 0 {
            Recovery::StillFaulted(since)
        } else if self.has_held(end, HOLD_SECONDS) {
            Recovery::Recovered(since)
        } else if since_end >= (5 * (end - onset)).max(300) && !under_way {
            Recovery::NotRecovered(since)
        } else {
            Recovery::Censored(since)
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
        assert_eq!(units.at_horizon(0, 500), Recovery::StillFaulted(400));
        assert_eq!(units.at_horizon(0, 10), Recovery::NotRecovered(400));
        assert_eq!(units.at_horizon(0, 150), Recovery::Censored(400));
        // Normal at last, but the horizon comes before that has lasted.
        for _ in 0..45 {
            units.judge(&[second(0, 1.0)], 1_000_000_000);
        }
        assert_eq!(units.at_horizon(0, 10), Recovery::Censored(400));
    }

    #[test]
    fn as_a_twin_that_is_down() {
        let alike = |failed: u32| UnitSecond { all: [100, 100], failed: [failed, failed], occupancy: [0, 0] };
        let mut units = Units::new(2, 0);
        units.judge(&[second(50, 1.0), alike(0)], 1_000_000_000);
        for _ in 0..60 {
            units.judge(&[alike(60), alike(0)], 1_000_000_000);
        }
        assert!(units.has_held(1, HOLD_SECONDS));
        assert!(units.twin_is_down(|_| true) && units.twin_is_down(|unit| unit == 0));
        assert!(!units.twin_is_down(|unit| unit == 1), "it goes by what was struck");
        // Only the stretch counts: what the twin did before does not.
        units.judge(&[second(50, 1.0), alike(0)], 1_000_000_000);
        units.judge(&[alike(10), alike(0)], 1_000_000_000);
        assert!(!units.twin_is_down(|_| true));
    }
}
