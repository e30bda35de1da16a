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

use crate::catalogue::Alert;
use crate::scenario::demand::Profile;
use crate::units::{DAY, HOUR, MINUTE, Nanos, seconds};

/// One alert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Which.
    pub alert: Alert,
    /// Burn rate from which it fires.
    pub rate: f64,
    /// The long stretch.
    pub long: Nanos,
    /// The short one.
    pub short: Nanos,
}

/// The alerts of the book.
pub const POLICIES: [Policy; 4] = [
    Policy { alert: Alert::Hour, rate: 14.4, long: HOUR, short: 5 * MINUTE },
    Policy { alert: Alert::SixHours, rate: 6.0, long: 6 * HOUR, short: 30 * MINUTE },
    Policy { alert: Alert::Day, rate: 3.0, long: DAY, short: 2 * HOUR },
    Policy { alert: Alert::ThreeDays, rate: 1.0, long: 3 * DAY, short: 6 * HOUR },
];

/// The longest look back.
const MEMORY: Nanos = 3 * DAY;

/// What is this close to a limit has come to it.
const CLOSE: f64 = 1e-9;
/// Shares that differ by less are the same: rounding.
const SAME: f64 = 1e-12;

/// The alerts of one workflow in one tier.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    /// Stretches of (from, to, failed share of all requests), not in order.
    stretches: Vec<(Nanos, Nanos, f64)>,
    /// All before this instant has been gone through.
    swept: Nanos,
    firing: [bool; POLICIES.len()],
    /// How often each has fired.
    pub fired: [u64; POLICIES.len()],
}

impl Alerts {
    /// Notes that requests fail during a stretch, as a share of those of mean demand.
    pub fn failed(&mut self, from: Nanos, to: Nanos, share: f64) {
        self.stretches.push((from, to, share));
    }

    /// Goes on through the time up to an instant, of which all stretches are known, against a target; what begins or ends at that
    /// very instant is left to the next time. How often it is called, and when, makes no difference.
    /// `profile` is how demand changes, if it does.
    pub fn sweep(&mut self, to: Nanos, target: f64, profile: Option<&Profile>) {
        let from = self.swept;
        self.swept = to.max(from);
        if self.stretches.is_empty() {
            self.firing = [false; POLICIES.len()];
            return;
        }
        let lost = Lost::new(&self.stretches);
        let mut now = Cursor::default();
        let mut back = [[Cursor::default(); 2]; POLICIES.len()];
        for (place, &(at, _, share)) in lost.0.iter().enumerate() {
            let before = place.checked_sub(1).map_or((0, 0.0), |before| (lost.0[before].0, lost.0[before].2));
            // Where a stretch was cut in two nothing changes.
            if at < from || at >= to || (share - before.1).abs() < SAME {
                continue;
            }
            let until_now = now.lost(&lost, at);
            for (policy, rule) in POLICIES.iter().enumerate() {
                let mut limit = Limit { rule, burn: rule.rate * (1.0 - target), profile };
                // What fails in between at a steady share may come to the limit, and fall below it again, as what failed long ago
                // is no longer looked at.
                if before.1 > SAME {
                    for then in lost.echoes((before.0, at), rule) {
                        let fires = limit.above(&lost, then);
                        self.fired[policy] += u64::from(fires && !self.firing[policy]);
                        self.firing[policy] = fires;
                    }
                }
                let mut above = |length: usize, span: Nanos| {
                    limit.is_reached(until_now - back[policy][length].lost(&lost, at.saturating_sub(span)), at, span)
                };
                // Mostly the short stretch alone tells that it does not fire.
                let fires = above(1, rule.short) && above(0, rule.long);
                self.fired[policy] += u64::from(fires && !self.firing[policy]);
                self.firing[policy] = fires;
            }
        }
        self.stretches.retain(|stretch| stretch.1 + MEMORY > to);
    }
}

/// What an alert fires at.
struct Limit<'a> {
    rule: &'a Policy,
    /// Failed share of the usual requests.
    burn: f64,
    profile: Option<&'a Profile>,
}

impl Limit<'_> {
    /// Returns whether so much lost in the time before an instant is enough.
    fn is_reached(&mut self, lost: f64, at: Nanos, span: Nanos) -> bool {
        let enough = self.burn * (1.0 - CLOSE) * seconds(span);
        match self.profile {
            None => lost >= enough,
            // Of requests that there are none, none can fail.
            Some(profile) => lost > 0.0 && lost >= enough * profile.mean_before(at as f64, span as f64),
        }
    }

    /// Returns whether the alert fires at an instant.
    fn above(&mut self, lost: &Lost, at: Nanos) -> bool {
        let within = |span: Nanos| lost.until(at) - lost.until(at.saturating_sub(span));
        let (short, long) = (self.rule.short, self.rule.long);
        self.is_reached(within(short), at, short) && self.is_reached(within(long), at, long)
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
                    let share = if share.abs() < SAME { 0.0 } else { share };
                    steps.push((at, lost + share * seconds(at - before), share + change));
                }
                None => steps.push((at, 0.0, change)),
            }
        }
        Lost(steps)
    }

    /// Returns what has been lost until an instant.
    fn until(&self, at: Nanos) -> f64 {
        let passed = self.0.partition_point(|step| step.0 <= at);
        Cursor { passed }.lost(self, at)
    }

    /// Returns the instants within a time at which a change drops out of what an alert looks back at, in order.
    fn echoes(&self, (from, to): (Nanos, Nanos), rule: &Policy) -> Vec<Nanos> {
        let of = |span: Nanos| {
            let first = self.0.partition_point(|step| step.0 + span <= from);
            self.0[first..].iter().map(move |step| step.0 + span).take_while(move |&at| at < to)
        };
        let mut instants: Vec<Nanos> = of(rule.short).chain(of(rule.long)).collect();
        instants.sort_unstable();
        instants
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
                lost + if share.abs() < SAME { 0.0 } else { share * seconds(at - from) }
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
        alerts.sweep(10 * DAY, 0.999, None);
        assert_eq!(alerts.fired, [1, 0, 0, 0]);
        let mut alerts = Alerts::default();
        alerts.failed(5 * DAY, 5 * DAY + 10 * MINUTE, 1.0);
        alerts.sweep(10 * DAY, 0.999, None);
        assert_eq!(alerts.fired, [1, 1, 1, 1]);
        // The same ten minutes at night, when a tenth of the usual is asked for: over a day and more they are a tenth as much.
        let night = Profile { steps: vec![(0, 0.1), (12 * HOUR, 1.9)], period: Some(DAY) };
        let mut alerts = Alerts::default();
        alerts.failed(5 * DAY + 9 * HOUR, 5 * DAY + 9 * HOUR + 10 * MINUTE, 0.1);
        alerts.sweep(10 * DAY, 0.999, Some(&night));
        assert_eq!(alerts.fired, [1, 1, 0, 0]);
        // 0.2 % for three days: twice the budget's pace.
        let mut alerts = Alerts::default();
        alerts.failed(5 * DAY, 8 * DAY, 0.002);
        alerts.sweep(10 * DAY, 0.999, None);
        assert_eq!(alerts.fired, [0, 0, 0, 1]);
    }

    #[test]
    fn how_often_it_is_swept_makes_no_difference() {
        // Twelve crashes of two hours, each from the beginning of a day on which the sweep ends; one across it.
        let fired = |every: Nanos| {
            let mut alerts = Alerts::default();
            for day in 1..=120 {
                let (from, to) = (day * DAY, (day + 1) * DAY);
                if day % 10 == 0 {
                    alerts.failed(from, from + 2 * HOUR, 1.0);
                }
                if day == 55 {
                    alerts.failed(to - HOUR, to, 1.0);
                    alerts.failed(to, to + HOUR, 1.0);
                }
                if to % every == 0 {
                    alerts.sweep(to, 0.999, None);
                }
            }
            alerts.sweep(121 * DAY + 1, 0.999, None);
            alerts.fired
        };
        assert_eq!(fired(200 * DAY), [13, 13, 13, 13]);
        assert_eq!([fired(DAY), fired(10 * DAY), fired(56 * DAY)], [fired(200 * DAY); 3]);
    }

    #[test]
    fn an_alert_ends_and_comes_again_while_a_steady_share_fails() {
        // 12 s of total failure and 0.9 budgets' pace ever since: over three days the first makes it fire, leaves, and is gone.
        let mut alerts = Alerts::default();
        alerts.failed(10 * DAY, 10 * DAY + 200 * crate::units::SECOND, 1.0);
        alerts.failed(11 * DAY, 16 * DAY, 0.001_05);
        alerts.sweep(30 * DAY, 0.999, None);
        // Fires at 3 days' worth of it with the first, ends as that is no longer looked at, and comes again by itself.
        assert_eq!(alerts.fired[3], 2);
    }
}
