//! Rates over years: ratios of sums over replications, or groups of them.

use super::anchor::poisson;
use super::groups::{Group, Groups};
use crate::engine::stats::{self, Estimate};
use crate::measure::ledger::totals::Totals;

/// Seconds of a year of 365 days.
pub(super) const YEAR: f64 = 365.0 * 86_400.0;

/// Replications in which something happened, from which on Student's t is believed.
const MANY: usize = 30;

/// Mean per year of `each` replication's years: of what happened to the years in which it did.
pub(super) fn a_year(done: &Groups, each: f64, confidence: f64, of: impl Fn(&Totals) -> f64) -> Estimate {
    let pair = |group: &Group| (of(&group.totals), each * f64::from(group.count));
    let pairs: Vec<(f64, f64)> = done.groups.iter().map(pair).collect();
    stats::ratio_within(&pairs, (0.0, f64::INFINITY), confidence)
}

/// The same of what is counted one by one: none in so many years still has an upper limit.
pub(super) fn times_a_year(done: &Groups, each: f64, confidence: f64, of: impl Fn(&Totals) -> f64) -> Estimate {
    let events: f64 = done.totals().map(&of).sum();
    if events > 0.0 {
        let found = a_year(done, each, confidence, &of);
        let seen = done.totals().filter(|totals| of(totals) != 0.0).count();
        let (Some(low), Some(high)) = (found.low, found.high) else { return found };
        if seen >= MANY {
            return found;
        }
        // Few of them: no less than what their number alone leaves open.
        let years = f64::from(done.done) * each;
        let (least, most) = poisson(events, confidence);
        return Estimate { low: Some(low.min(least / years)), high: Some(high.max(most / years)), ..found };
    }
    let years = f64::from(done.done) * each;
    let high = -libm::log(1.0 - confidence) / years;
    let why = format!("none in {years:.0} years: the upper limit if they come one by one (rule of three)");
    Estimate::bound(0.0, 0.0, high, done.groups.len() as u64, why)
}
