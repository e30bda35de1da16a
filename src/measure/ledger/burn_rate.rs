//! Burn-rate alerts: which would have fired.
//!
//! # Model
//! An error budget of 1 - target burns at rate b while b (1 - target) of the requests fail. An alert fires when the burn rate over
//! a long and over a short stretch of time are both at or above its threshold; the short one ends it soon after the failure does.
//! Shares are of the usual traffic of a workflow in a tier at that time, all its customers together: a stretch without requests
//! burns nothing.
//! What the contract excludes does not count. An alert that is still firing does not fire again.
//!
//! # References
//! Beyer et al. (2018), The Site Reliability Workbook, chapter 5: multiwindow, multi-burn-rate alerts.

use crate::scenario::demand::Profile;
use crate::units::{DAY, HOUR, MINUTE, Nanos, seconds};

/// One alert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Name, as in the tables.
    pub name: &'static str,
    /// Burn rate from which it fires.
    pub rate: f64,
    /// The long stretch.
    pub long: Nanos,
    /// The short one.
    pub short: Nanos,
}

/// The alerts of the book.
pub const POLICIES: [Policy; 4] = [
    Policy { name: "14.4x over 1 h", rate: 14.4, long: HOUR, short: 5 * MINUTE },
    Policy { name: "6x over 6 h", rate: 6.0, long: 6 * HOUR, short: 30 * MINUTE },
    Policy { name: "3x over 1 day", rate: 3.0, long: DAY, short: 2 * HOUR },
    Policy { name: "1x over 3 days", rate: 1.0, long: 3 * DAY, short: 6 * HOUR },
];

/// The longest look back.
const MEMORY: Nanos = 3 * DAY;

/// The alerts of one workflow in one tier.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    /// Stretches of (from, to, failed share of all requests), not in order.
    stretches: Vec<(Nanos, Nanos, f64)>,
    firing: [bool; POLICIES.len()],
    /// How often each has fired.
    pub fired: [u64; POLICIES.len()],
}

impl Alerts {
    /// Notes that requests fail during a stretch, as a share of those of mean demand.
    pub fn failed(&mut self, from: Nanos, to: Nanos, share: f64) {
        self.stretches.push((from, to, share));
    }

    /// Goes through the time from one instant to another, of which all stretches are known, against a target.
    /// `profile` is how demand changes, if it does.
    pub fn sweep(&mut self, from: Nanos, to: Nanos, target: f64, profile: Option<&Profile>) {
        if self.stretches.is_empty() {
            self.firing = [false; POLICIES.len()];
            return;
        }
        let lost = Lost::new(&self.stretches);
        let mut now = Cursor::default();
        let mut back = [[Cursor::default(); 2]; POLICIES.len()];
        for &(at, ..) in lost.0.iter().filter(|&&(at, ..)| at > from && at <= to) {
            let until_now = now.lost(&lost, at);
            for (policy, rule) in POLICIES.iter().enumerate() {
                let limit = rule.rate * (1.0 - target);
                let mut above = |length: usize, span: Nanos| {
                    let lost = until_now - back[policy][length].lost(&lost, at.saturating_sub(span));
                    match profile {
                        None => lost / seconds(span) >= limit,
                        // Of requests that there are none, none can fail.
                        Some(profile) => {
                            lost > 0.0 && lost / seconds(span) >= limit * profile.mean_before(at as f64, span as f64)
                        }
                    }
                };
                // Mostly the short stretch alone tells that it does not fire.
                let fires = above(1, rule.short) && above(0, rule.long);
                if fires && !self.firing[policy] {
                    self.fired[policy] += 1;
                }
                self.firing[policy] = fires;
            }
        }
        self.stretches.retain(|stretch| stretch.1 + MEMORY > to);
    }
}

/// What has been lost by each instant at which the failed share changes: (instant, failed share times seconds so far, failed
/// share from then on), in order.
struct Lost(Vec<(Nanos, f64, f64)>);

impl Lost {
    fn new(stretches: &[(Nanos, Nanos, f64)]) -> Lost {
        let mut changes: Vec<(Nanos, f64)> =
            stretches.iter().flat_map(|&(from, to, share)| [(from, share), (to, -share)]).collect();
        changes.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let mut steps: Vec<(Nanos, f64, f64)> = Vec::with_capacity(changes.len());
        for (at, change) in changes {
            match steps.last_mut() {
                Some(last) if last.0 == at => last.2 += change,
                Some(&mut (before, lost, share)) => {
                    // What rounding leaves of a share that is over must not add up over days.
                    let share = if share.abs() < 1e-12 { 0.0 } else { share };
                    steps.push((at, lost + share * seconds(at - before), share + change));
                }
                None => steps.push((at, 0.0, change)),
            }
        }
        Lost(steps)
    }
}

/// A place among the steps that only moves on: instants are asked for in order.
#[derive(Debug, Clone, Copy, Default)]
struct Cursor {
    /// Steps at or before the last instant.
    passed: usize,
}

impl Cursor {
    /// Returns what has been lost until an instant.
    fn lost(&mut self, lost: &Lost, at: Nanos) -> f64 {
        while lost.0.get(self.passed).is_some_and(|step| step.0 <= at) {
            self.passed += 1;
        }
        match self.passed.checked_sub(1) {
            None => 0.0,
            Some(index) => {
                let (from, lost, share) = lost.0[index];
                lost + if share.abs() < 1e-12 { 0.0 } else { share * seconds(at - from) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_failure_fires_fast_and_a_slow_burn_late() {
        // 99.9 %: 14.4 x over an hour are 52 seconds of total failure, 1 x over three days 260 seconds.
        let mut alerts = Alerts::default();
        alerts.failed(DAY, DAY + 60 * crate::units::SECOND, 1.0);
        alerts.sweep(0, 10 * DAY, 0.999, None);
        assert_eq!(alerts.fired, [1, 0, 0, 0]);
        let mut alerts = Alerts::default();
        alerts.failed(5 * DAY, 5 * DAY + 10 * MINUTE, 1.0);
        alerts.sweep(0, 10 * DAY, 0.999, None);
        assert_eq!(alerts.fired, [1, 1, 1, 1]);
        // The same ten minutes at night, when a tenth of the usual is asked for: over a day and more they are a tenth as much.
        let night = Profile { steps: vec![(0, 0.1), (12 * HOUR, 1.9)], period: Some(DAY) };
        let mut alerts = Alerts::default();
        alerts.failed(5 * DAY + 9 * HOUR, 5 * DAY + 9 * HOUR + 10 * MINUTE, 0.1);
        alerts.sweep(0, 10 * DAY, 0.999, Some(&night));
        assert_eq!(alerts.fired, [1, 1, 0, 0]);
        // 0.2 % for three days: twice the budget's pace.
        let mut alerts = Alerts::default();
        alerts.failed(5 * DAY, 8 * DAY, 0.002);
        alerts.sweep(0, 10 * DAY, 0.999, None);
        assert_eq!(alerts.fired, [0, 0, 0, 1]);
    }
}
