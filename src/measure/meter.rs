//! Meters: bad minutes, as a contract counts them.
//!
//! A meter counts requests and failures by the minute of their arrival. A minute is closed when no request of it can still be
//! open; then it is judged in whole numbers. What is metered follows the contract: a (customer, workflow), a customer with all its
//! workflows, or a home cell on behalf of its customers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::Plan;
use super::taken::Taken;
use crate::scenario::contract::Measure;
use crate::units::{MINUTE, Nanos};
use crate::world::platform::population::SubId;

/// Minutes over which `mean-error-share` averages.
const SHARE_MINUTES: u64 = 5;

/// Counts of one minute, or of a few.
#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    all: u32,
    failed: u32,
}

/// Counts of one minute as they are kept, for there are many: modulo 2^16.
#[derive(Debug, Clone, Copy, Default)]
struct Narrow {
    all: u16,
    failed: u16,
}

/// What one meter has counted in closed minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Requests (or attempts).
    pub all: u32,
    /// What the contract's measure forgives a number of: bad minutes, or failed requests (or attempts).
    pub lost: u32,
}

/// SLA attainment in whole windows: (windows met, windows) and (windows in which all met, windows), by group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attained {
    /// (customer, workflow, window) triples that met the target.
    pub met: u64,
    /// Triples.
    pub triples: u64,
    /// Triples without any request, counted as met.
    pub silent: u64,
    /// Windows in which every customer met the target.
    pub all_met: u64,
    /// Windows.
    pub windows: u64,
}

/// All meters of one world.
#[derive(Debug, Clone)]
pub struct Meters {
    /// How they are laid out.
    pub plan: Arc<Plan>,
    /// Minute slots: `slot * meters + meter`.
    counts: Vec<Narrow>,
    /// How often a count has passed 2^16, by place in `counts`: only the greatest customers' do.
    carries: BTreeMap<usize, Counter>,
    /// Minutes below this one are closed.
    closed: u64,
    /// The latest minute seen, and where its counters begin.
    open: u64,
    open_slot: usize,
    /// By meter, over the whole horizon.
    pub used: Vec<Used>,
    /// `used` and `share_sums` as they were when the current window began; empty before the first one is over.
    before: (Vec<Used>, Vec<f64>),
    /// Sum of the failed shares of 5-minute intervals, each times its minutes, by meter; empty unless a contract asks for it.
    pub share_sums: Vec<f64>,
    five: Vec<Counter>,
    /// Bad minutes that one request fewer would have made good, by group.
    pub decided_by_one: Vec<u64>,
    /// Failed requests (or attempts), by group.
    pub failed: Vec<u64>,
    /// By group.
    pub attained: Vec<Attained>,
    /// What each fault took.
    pub taken: Taken,
}

impl Meters {
    /// Returns meters at zero.
    pub fn new(plan: Arc<Plan>) -> Meters {
        let shares = plan.groups.iter().any(|group| group.contract.measure == Measure::MeanErrorShare);
        let extra = if shares { plan.meters } else { 0 };
        Meters {
            counts: vec![Narrow::default(); plan.meters * plan.slots],
            carries: BTreeMap::new(),
            closed: 0,
            open: 0,
            open_slot: 0,
            used: vec![Used::default(); plan.meters],
            before: (Vec::new(), Vec::new()),
            share_sums: vec![0.0; extra],
            five: vec![Counter::default(); extra],
            decided_by_one: vec![0; plan.groups.len()],
            failed: vec![0; plan.groups.len()],
            attained: vec![Attained::default(); plan.groups.len()],
            taken: Taken::default(),
            plan,
        }
    }

    /// Returns the minute of a counted instant: from the end of the warm-up, within the horizon.
    #[inline]
    fn minute(&self, at: Nanos) -> Option<u64> {
        Some(at.checked_sub(self.plan.warmup)? / MINUTE).filter(|&minute| minute < self.plan.horizon_minutes)
    }

    /// Counts one request (or attempt) that begins now.
    #[inline]
    pub fn count(&mut self, sub: SubId, at: Nanos) {
        if let Some(minute) = self.minute(at) {
            if minute > self.open {
                self.open_minute(minute);
            }
            debug_assert_eq!(minute, self.open, "time does not run backwards");
            let place = self.open_slot + self.plan.meter(sub);
            let all = &mut self.counts[place].all;
            *all = all.wrapping_add(1);
            if *all == 0 {
                self.carries.entry(place).or_default().all += 1;
            }
        }
    }

    /// Counts a failure of one that began at `began`.
    #[inline]
    pub fn fail(&mut self, sub: SubId, began: Nanos) {
        if let Some(minute) = self.minute(began) {
            let slot = (minute % self.plan.slots as u64) as usize;
            let place = slot * self.plan.meters + self.plan.meter(sub);
            let failed = &mut self.counts[place].failed;
            *failed = failed.wrapping_add(1);
            if *failed == 0 {
                self.carries.entry(place).or_default().failed += 1;
            }
        }
    }

    /// Takes the counts of a minute that is over.
    fn take(&mut self, place: usize) -> Counter {
        let Narrow { all, failed } = std::mem::take(&mut self.counts[place]);
        let carried = if self.carries.is_empty() { None } else { self.carries.remove(&place) }.unwrap_or_default();
        Counter { all: carried.all << 16 | u32::from(all), failed: carried.failed << 16 | u32::from(failed) }
    }

    /// A new minute begins: those whose requests are all over are closed.
    fn open_minute(&mut self, minute: u64) {
        self.open = minute;
        self.open_slot = (minute % self.plan.slots as u64) as usize * self.plan.meters;
        while self.closed + (self.plan.slots as u64) <= minute {
            self.close_minute();
        }
    }

    /// Closes all minutes: every counted request is over.
    pub fn finish(&mut self) {
        while self.closed < self.plan.horizon_minutes {
            self.close_minute();
        }
    }

    fn close_minute(&mut self) {
        let minute = self.closed;
        self.closed += 1;
        let plan = Arc::clone(&self.plan);
        let start = (minute % plan.slots as u64) as usize * plan.meters;
        let mut noted = self.taken.close(minute);
        for (index, group) in plan.groups.iter().enumerate() {
            let range = group.first as usize..(group.first + group.count) as usize;
            let threshold = (group.contract.bad_from * 1e6).round() as u64;
            let least = group.contract.min_requests.max(1);
            let is_bad = |failed: u32, all: u32| all >= least && is_bad(failed, all, threshold);
            for meter in range.clone() {
                let counter = self.take(start + meter);
                let used = &mut self.used[meter];
                used.all = used.all.saturating_add(counter.all);
                self.failed[index] += u64::from(counter.failed);
                match group.contract.measure {
                    Measure::Requests => {
                        used.lost = used.lost.saturating_add(counter.failed);
                        self.taken.failures(&mut noted, meter);
                    }
                    Measure::BadMinutes => {
                        used.lost += u32::from(is_bad(counter.failed, counter.all));
                        let judge = |all: i64, failed: i64| is_bad(failed.max(0) as u32, all.max(0) as u32);
                        self.taken.bad_minute(&mut noted, meter, (counter.all, counter.failed), &judge);
                    }
                    Measure::MeanErrorShare => {
                        let five = &mut self.five[meter];
                        five.all += counter.all;
                        five.failed += counter.failed;
                        self.taken.of_interval(&mut noted, meter);
                        if (minute + 1).is_multiple_of(SHARE_MINUTES) || minute + 1 == plan.horizon_minutes {
                            // The last interval of a horizon may be cut short: it weighs as much as it lasts.
                            let minutes = (minute % SHARE_MINUTES + 1) as f64;
                            if five.all > 0 {
                                self.share_sums[meter] += minutes * f64::from(five.failed) / f64::from(five.all);
                            }
                            self.taken.close_interval(meter, five.all, minutes);
                            *five = Counter::default();
                        }
                    }
                }
                if is_bad(counter.failed, counter.all) && !self::is_bad(counter.failed - 1, counter.all, threshold) {
                    self.decided_by_one[index] += 1;
                }
            }
            if (minute + 1).is_multiple_of(group.window_minutes()) {
                self.close_window(index, range);
            }
        }
    }

    fn close_window(&mut self, index: usize, range: std::ops::Range<usize>) {
        let plan = Arc::clone(&self.plan);
        let group = &plan.groups[index];
        let mut all_met = true;
        for (at, meter) in range.enumerate() {
            let before = self.before.0.get(meter).copied().unwrap_or_default();
            let (all, lost) = (self.used[meter].all - before.all, self.used[meter].lost - before.lost);
            let weight = group.weights.as_ref().map_or(1, |weights| u64::from(weights[at]));
            let share = |sums: &[f64]| sums.get(meter).copied().unwrap_or(0.0);
            let share_sum = share(&self.share_sums) - share(&self.before.1);
            let met = match group.contract.measure {
                Measure::BadMinutes => f64::from(lost) <= group.allowed_minutes() + 1e-9,
                Measure::Requests => f64::from(lost) <= (1.0 - group.contract.sla) * f64::from(all) + 1e-9,
                Measure::MeanErrorShare => {
                    share_sum / group.window_minutes() as f64 <= 1.0 - group.contract.sla + 1e-15
                }
            };
            let attained = &mut self.attained[index];
            attained.triples += weight;
            attained.met += if met { weight } else { 0 };
            attained.silent += if all == 0 { weight } else { 0 };
            all_met &= met;
        }
        // The next window of the group begins with what was used until now.
        let (used, sums) = &mut self.before;
        used.resize(self.used.len(), Used::default());
        sums.resize(self.share_sums.len(), 0.0);
        let mine = group.first as usize..(group.first + group.count) as usize;
        used[mine.clone()].copy_from_slice(&self.used[mine.clone()]);
        if let (Some(sums), Some(now)) = (sums.get_mut(mine.clone()), self.share_sums.get(mine)) {
            sums.copy_from_slice(now);
        }
        self.attained[index].windows += 1;
        self.attained[index].all_met += u64::from(all_met);
    }
}

/// Judges a minute in whole numbers; `threshold` is in millionths.
#[inline]
pub fn is_bad(failed: u32, all: u32, threshold: u64) -> bool {
    failed > 0 && 1_000_000 * u64::from(failed) >= threshold * u64::from(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_a_minute_may_pass_two_to_the_sixteenth() {
        let plan = Plan {
            groups: Vec::new(),
            meter_of: None,
            meters: 2,
            counts_attempts: Vec::new(),
            slots: 2,
            warmup: 0,
            horizon_minutes: 3,
        };
        let mut meters = Meters::new(Arc::new(plan));
        for request in 0..200_000_u64 {
            meters.count(1, MINUTE + request);
            if request % 2 == 0 {
                meters.fail(1, MINUTE + request);
            }
        }
        let Counter { all, failed } = meters.take(3);
        assert_eq!((all, failed), (200_000, 100_000));
        assert_eq!(meters.take(3).all, 0);
    }

    #[test]
    fn a_minute_is_bad_from_exactly_the_threshold_on() {
        assert!(is_bad(5, 100, 50_000));
        assert!(!is_bad(4, 99, 50_000) && is_bad(5, 99, 50_000));
        assert!(is_bad(1, 20, 50_000) && !is_bad(1, 21, 50_000));
        assert!(!is_bad(0, 0, 0));
    }
}
