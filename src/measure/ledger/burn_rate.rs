//! Burn-rate alerts: which would have fired.
//!
//! # Model
//! An error budget of 1 - target burns at rate b while b (1 - target) of the requests fail. An alert fires when the burn rate over
//! a long and over a short stretch of time are both above its threshold; the short one ends it soon after the failure does.
//!
//! # References
//! Beyer et al. (2018), The Site Reliability Workbook, chapter 5: multiwindow, multi-burn-rate alerts.

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
pub const POLICIES: [Policy; 3] = [
    Policy { name: "14.4x over 1 h", rate: 14.4, long: HOUR, short: 5 * MINUTE },
    Policy { name: "6x over 6 h", rate: 6.0, long: 6 * HOUR, short: 30 * MINUTE },
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
    /// Notes that a share of all requests fails during a stretch.
    pub fn failed(&mut self, from: Nanos, to: Nanos, share: f64) {
        self.stretches.push((from, to, share));
    }

    /// Goes through the time from one instant to another, of which all stretches are known, against a target.
    pub fn sweep(&mut self, from: Nanos, to: Nanos, target: f64) {
        if self.stretches.is_empty() {
            self.firing = [false; POLICIES.len()];
            return;
        }
        let mut instants: Vec<Nanos> = self.stretches.iter().flat_map(|stretch| [stretch.0, stretch.1]).collect();
        instants.retain(|&at| at > from && at <= to);
        instants.sort_unstable();
        instants.dedup();
        for at in instants {
            for (policy, rule) in POLICIES.iter().enumerate() {
                let above = |span: Nanos| self.mean(at, span) >= rule.rate * (1.0 - target);
                let fires = above(rule.long) && above(rule.short);
                if fires && !self.firing[policy] {
                    self.fired[policy] += 1;
                }
                self.firing[policy] = fires;
            }
        }
        self.stretches.retain(|stretch| stretch.1 + MEMORY > to);
    }

    /// The mean failed share over so long before an instant.
    fn mean(&self, at: Nanos, span: Nanos) -> f64 {
        let begin = at.saturating_sub(span);
        let parts = self.stretches.iter().filter(|stretch| stretch.1 > begin && stretch.0 < at);
        let failed: f64 = parts.map(|&(from, to, share)| share * seconds(to.min(at) - from.max(begin))).sum();
        failed / seconds(span)
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
        alerts.sweep(0, 10 * DAY, 0.999);
        assert_eq!(alerts.fired, [1, 0, 0]);
        let mut alerts = Alerts::default();
        alerts.failed(5 * DAY, 5 * DAY + 10 * MINUTE, 1.0);
        alerts.sweep(0, 10 * DAY, 0.999);
        assert_eq!(alerts.fired, [1, 1, 1]);
        // 0.2 % for three days: twice the budget's pace.
        let mut alerts = Alerts::default();
        alerts.failed(5 * DAY, 8 * DAY, 0.002);
        alerts.sweep(0, 10 * DAY, 0.999);
        assert_eq!(alerts.fired, [0, 0, 1]);
    }
}
