//! Reach: which share of contract months, and how many of their minutes, strikes touch by construction.
//!
//! # Model
//! A clock in equilibrium touches a window of length L unless it is up at its beginning and stays so: with up times of mean U
//! and down times of mean D, P(none) = U / (U + D) (1 - E[min(up, L)] / U). One clock over n places strikes each with
//! probability 1 / n: the probability that one of them is touched is at most that of any strike, at most the expected number,
//! and, if up times are exponential, at most 1 - (1 - r D / (U + D)) e^(-r L / U) with r = 1 / n. Clocks are independent of each
//! other. The minutes of a window that strikes touch are the time down and, of each, the rest of a minute. In equilibrium all of
//! this depends on the length of a window alone, not on where it begins: it holds for rolling windows too. Of unlike ones it is
//! taken at their mean length: the probability is concave in L, so that the mean over them is no more.
//!
//! # References
//! Cox (1962), Renewal Theory, chapter 7 (alternating renewal processes in equilibrium).

use std::collections::BTreeSet;

use super::enough::{self, shares};
use super::exposure::Exposure;
use super::rate_class::{RateClass, RateClasses};
use super::span::{Span, whole_windows};
use crate::engine::law::Law;
use crate::scenario::Scenario;
use crate::scenario::calendar::Calendar;
use crate::scenario::contract::{Contract, Measure};
use crate::scenario::fault::Schedule;
use crate::units::{MINUTE, Nanos, SECOND, seconds};
use crate::world::flow::health::Health;
use crate::world::flow::model::Model;
use crate::world::operations::faults;

/// What strikes reach of the contract months of a class, or of a tier.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reached {
    /// Share of (customer, month) in whose cell a fault strikes.
    pub months: f64,
    /// Share of them that strikes can take: those of which they touch more minutes than are allowed, where that is what counts.
    pub breakable: f64,
    /// Share of months in which a fault strikes one of its cells.
    pub any: f64,
    /// Minutes of a customer's month that strikes touch, on average.
    pub minutes: f64,
    /// Dollars of credits at stake in a month, of all customers.
    pub stake: f64,
}

/// What strikes reach, for all contracts.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// By class.
    pub classes: Vec<Reached>,
    /// By tier, over its workflows.
    pub tiers: Vec<Reached>,
    /// Dollars at stake in a window of 30 days if a strike comes, by tenancy.
    pub stakes: Vec<f64>,
    /// By tenancy: a month can be lost only if strikes touch more minutes than it allows.
    pub by_minutes: Vec<bool>,
    /// By tier: its contract's windows.
    pub spans: Vec<Span>,
    /// By class: what a minute of a window counts at most. Where requests are counted, minutes of more demand weigh more.
    pub weights: Vec<f64>,
}

/// Returns how much more is asked for at the peak than on average, in the window in which that is most.
fn heaviest(model: &Model, class: usize, calendar: Calendar) -> f64 {
    let levels = &model.levels;
    if !levels.is_varied() {
        return 1.0;
    }
    let factors = levels.factors(class);
    let mean = |(from, to): (Nanos, Nanos)| {
        let minutes = levels.minutes(from, to);
        let asked: f64 = minutes.iter().zip(factors).map(|(&minutes, factor)| minutes as f64 * factor).sum();
        asked / minutes.iter().sum::<u64>() as f64
    };
    let means = whole_windows(calendar, model.platform.horizon).map(mean).filter(|&mean| mean > 0.0);
    let least = means.fold(f64::INFINITY, f64::min);
    let peak = factors.iter().copied().fold(0.0, f64::max);
    if least.is_finite() { (peak / least).max(1.0) } else { 1.0 }
}

/// Returns the dollars that a class of customers gets at most for a window of 30 days.
pub fn stake(contract: &Contract, rate: &RateClass) -> f64 {
    let most = contract.credits.iter().map(|credit| credit.share).fold(0.0, f64::max);
    most * contract.claimed * rate.fees * rate.customers
}

/// Probability that one clock's strikes touch a window, if each does with probability `share`.
struct Touch<'a> {
    up: &'a Law,
    /// Means, in seconds.
    means: (f64, f64),
    /// Length of the window and what is added to a strike, in seconds.
    window: f64,
    margin: f64,
    any: f64,
}

impl<'a> Touch<'a> {
    fn new(up: &'a Law, down: f64, window: f64, margin: f64) -> Touch<'a> {
        let mean = up.mean() / SECOND as f64;
        let length = window + margin;
        let any = match (mean.is_finite(), down.is_finite()) {
            (_, false) => 1.0,
            (false, true) => 0.0,
            _ => 1.0 - mean / (mean + down) * (1.0 - mean_up_to(up, length * SECOND as f64) / (mean * SECOND as f64)),
        };
        Touch { up, means: (mean, down), window, margin, any: any.clamp(0.0, 1.0) }
    }

    /// Strikes that touch the window, on average.
    fn strikes(&self) -> f64 {
        let (up, down) = self.means;
        if down.is_finite() { (self.window + self.margin + down) / (up + down) } else { 1.0 }
    }

    /// Minutes that they touch, if each lasts so many seconds on average.
    fn minutes(&self, lasts: f64) -> f64 {
        let (up, down) = self.means;
        let down_share = if down.is_finite() { lasts / (up + down) } else { 1.0 };
        (down_share * self.window + self.strikes() * self.margin) / 60.0
    }

    fn probability(&self, share: f64) -> f64 {
        if share >= 1.0 {
            return self.any;
        }
        let (up, down) = self.means;
        let most = self.any.min(share * self.strikes());
        match self.up {
            Law::Exponential { .. } if down.is_finite() => {
                let idle = 1.0 - share * down / (up + down);
                most.min(1.0 - idle * libm::exp(-share * (self.window + self.margin) / up))
            }
            _ => most,
        }
    }
}

impl Reach {
    /// Returns how many parts of a run may be units of their own.
    pub fn periods(&self) -> u64 {
        self.spans.iter().filter(|span| !span.overlaps).map(|span| span.windows).max().unwrap_or(1)
    }

    /// Finds out what the faults of a scenario reach of its contract months.
    pub fn new(scenario: &Scenario, model: &Model, health: &Health, rates: &RateClasses, exposure: &Exposure) -> Reach {
        let classes = &model.platform.classes;
        let calendars = scenario.calendars();
        let spans: Vec<Span> =
            calendars.all.iter().map(|&calendar| Span::new(calendar, model.platform.horizon)).collect();
        let calendar_of = |class: usize| calendars.of_tier[classes[class].tier];
        let margin = seconds(exposure.margin);
        // What no strike touches: of each tenancy's months, of each class's and each tier's.
        let mut calm = vec![1.0; model.tenancies.len()];
        let mut minutes = vec![0.0; model.tenancies.len()];
        let mut calm_class = vec![1.0; classes.len()];
        let mut calm_tier = vec![1.0; model.platform.tiers];
        for (index, fault) in exposure.faults.iter().enumerate() {
            let spec = &scenario.faults[index];
            let excluded = |class: usize| scenario.tiers[classes[class].tier].contract.excludes.contains(&spec.name);
            let class_of = |tenancy: usize| model.tenancies[tenancy].class as usize;
            let tenancies_of = |cell: u32| model.cells[cell as usize].tenancies.clone();
            match &spec.schedule {
                Schedule::Random { up, .. } => {
                    let touches: Vec<Touch<'_>> =
                        spans.iter().map(|span| Touch::new(up, fault.lasts, span.window, margin)).collect();
                    for clock in &fault.clocks {
                        // How often each tenancy, class and tier is among what is struck.
                        let share = 1.0 / clock.places.len() as f64;
                        let mut of_class = vec![0.0; classes.len()];
                        let mut of_tier = vec![0.0; calm_tier.len()];
                        let mut once = BTreeSet::new();
                        for &place in &clock.places {
                            let place = &fault.places[place as usize];
                            once.clear();
                            for (at, &cell) in place.cells.iter().enumerate() {
                                let (often, lasts) = fault.reached.get(at).copied().unwrap_or((1.0, fault.lasts));
                                let reached = share * often;
                                for tenancy in tenancies_of(cell).filter(|&tenancy| !excluded(class_of(tenancy))) {
                                    let touch = &touches[calendar_of(class_of(tenancy))];
                                    if clock.places.len() == 1 {
                                        calm[tenancy] *= 1.0 - touch.probability(reached);
                                    }
                                    minutes[tenancy] += reached * touch.minutes(lasts);
                                    once.insert(class_of(tenancy));
                                }
                            }
                            let mut tiers: Vec<usize> = once.iter().map(|&class| classes[class].tier).collect();
                            tiers.sort_unstable();
                            tiers.dedup();
                            for &class in &once {
                                of_class[class] += share;
                            }
                            for tier in tiers {
                                of_tier[tier] += share;
                            }
                        }
                        if clock.places.len() > 1 {
                            for (tenancy, share) in shares(fault, &clock.places, model) {
                                if !excluded(class_of(tenancy)) {
                                    let touch = &touches[calendar_of(class_of(tenancy))];
                                    calm[tenancy] *= 1.0 - touch.probability(share);
                                }
                            }
                        }
                        if let Some(followed) = &fault.followed {
                            let less = |shares: &mut [f64], reached: &[f64]| {
                                shares.iter_mut().zip(reached).for_each(|(share, reached)| *share *= reached);
                            };
                            less(&mut of_class, &followed.classes);
                            less(&mut of_tier, &followed.tiers);
                        }
                        let untouched = |calendar: usize, share: f64| {
                            1.0 - touches[calendar].probability(if share > 1.0 - 1e-9 { 1.0 } else { share })
                        };
                        for (class, &share) in of_class.iter().enumerate() {
                            calm_class[class] *= untouched(calendar_of(class), share);
                        }
                        for (tier, &share) in of_tier.iter().enumerate() {
                            calm_tier[tier] *= untouched(calendars.of_tier[tier], share);
                        }
                    }
                }
                Schedule::Scripted { .. } | Schedule::Trace(_) => {
                    // By calendar: share of windows that it touches, and minutes of one.
                    let touched = fixed_windows(scenario, model, exposure, index, &calendars.all);
                    let mut once = BTreeSet::new();
                    for tenancy in
                        fault.places.iter().flat_map(|place| &place.cells).flat_map(|&cell| tenancies_of(cell))
                    {
                        if excluded(class_of(tenancy)) {
                            continue;
                        }
                        // Of known times the union is no more than the sum.
                        let (share, touched) = touched[calendar_of(class_of(tenancy))];
                        calm[tenancy] = (calm[tenancy] - share).max(0.0);
                        minutes[tenancy] += touched;
                        once.insert(class_of(tenancy));
                    }
                    let mut tiers = BTreeSet::new();
                    for class in once {
                        let share = touched[calendar_of(class)].0;
                        calm_class[class] = (calm_class[class] - share).max(0.0);
                        if tiers.insert(classes[class].tier) {
                            let calm = &mut calm_tier[classes[class].tier];
                            *calm = (*calm - share).max(0.0);
                        }
                    }
                }
            }
        }
        let of_tier: Vec<Span> = calendars.of_tier.iter().map(|&calendar| spans[calendar]).collect();
        let enough = enough::odds(scenario, model, health, rates, exposure, &of_tier);
        let mut reach = Reach {
            classes: vec![Reached::default(); classes.len()],
            tiers: vec![Reached::default(); calm_tier.len()],
            stakes: vec![0.0; model.tenancies.len()],
            by_minutes: enough.iter().map(Option::is_some).collect(),
            spans: of_tier,
            weights: (0..classes.len())
                .map(|class| {
                    let by_requests = scenario.tiers[classes[class].tier].contract.measure == Measure::Requests;
                    if by_requests { heaviest(model, class, calendars.all[calendar_of(class)]) } else { 1.0 }
                })
                .collect(),
        };
        let (mut of_class, mut of_tier) = (vec![0.0; classes.len()], vec![0.0; calm_tier.len()]);
        for (index, tenancy) in model.tenancies.iter().enumerate() {
            let class = tenancy.class as usize;
            let tier = classes[class].tier;
            let rates = &rates.classes[rates.of_tenancy[index].clone()];
            let customers: f64 = rates.iter().map(|rate| rate.customers).sum();
            reach.stakes[index] = rates.iter().map(|rate| stake(&scenario.tiers[tier].contract, rate)).sum();
            for (sums, all) in
                [(&mut reach.classes[class], &mut of_class[class]), (&mut reach.tiers[tier], &mut of_tier[tier])]
            {
                *all += customers;
                sums.months += customers * (1.0 - calm[index]);
                sums.breakable += customers * enough[index].unwrap_or(1.0).min(1.0 - calm[index]);
                sums.minutes += customers * minutes[index] * reach.weights[class];
                sums.stake += reach.stakes[index] * (1.0 - calm[index]);
            }
        }
        let finish = |reached: &mut [Reached], of: &[f64], calm: &[f64]| {
            for ((reached, &of), &calm) in reached.iter_mut().zip(of).zip(calm) {
                if of > 0.0 {
                    (reached.months, reached.minutes) = (reached.months / of, reached.minutes / of);
                    reached.breakable /= of;
                }
                reached.any = 1.0 - calm;
            }
        };
        finish(&mut reach.classes, &of_class, &calm_class);
        finish(&mut reach.tiers, &of_tier, &calm_tier);
        reach
    }
}

/// By calendar: share of windows that a scripted or recorded fault touches, and minutes that it touches of one.
fn fixed_windows(
    scenario: &Scenario,
    model: &Model,
    exposure: &Exposure,
    fault: usize,
    calendars: &[Calendar],
) -> Vec<(f64, f64)> {
    let key = crate::engine::rng::Key(scenario.run.seed);
    let strikes = faults::fixed(scenario, &model.platform, key).into_iter().filter(|strike| strike.fault == fault);
    let strikes: Vec<(Nanos, Nanos)> = strikes.map(|strike| (strike.onset, strike.end)).collect();
    let of = |&calendar: &Calendar| {
        let (mut windows, mut some, mut minutes) = (0_u64, 0_u64, 0.0);
        for window in whole_windows(calendar, model.platform.horizon) {
            let mut seconds = strikes.iter().filter_map(|&strike| touched(strike, exposure.margin, window)).peekable();
            windows += 1;
            some += u64::from(seconds.peek().is_some());
            minutes += seconds.sum::<f64>() / 60.0;
        }
        let windows = windows.max(1) as f64;
        (some as f64 / windows, minutes / windows)
    };
    calendars.iter().map(of).collect()
}

/// Returns the seconds of a window that a strike touches, what lies around it included; `None` if it does not.
pub fn touched((onset, end): (Nanos, Nanos), margin: Nanos, (from, to): (Nanos, Nanos)) -> Option<f64> {
    // Requests that wait when it comes, and the rest of the minute in which it ends.
    let before = onset.saturating_sub(margin - MINUTE);
    if before >= to || end.saturating_add(MINUTE) <= from {
        return None;
    }
    Some(seconds(end.min(to).saturating_sub(onset.max(from)) + margin))
}

/// Returns E[min(x, limit)] of a law.
pub fn mean_up_to(law: &Law, limit: f64) -> f64 {
    const PANELS: usize = 2_000;
    match law {
        Law::Constant(value) => value.min(limit),
        Law::Exponential { mean } => -mean * libm::expm1(-limit / mean),
        _ => {
            // The integral of what lies above, by Simpson's rule on a grid that is fine near 0.
            let at = |step: usize| {
                let t = step as f64 / PANELS as f64;
                law.above(limit * t * t * t * t) * 4.0 * limit * t * t * t
            };
            let inner: f64 = (1..PANELS).map(|step| if step % 2 == 1 { 4.0 * at(step) } else { 2.0 * at(step) }).sum();
            (at(0) + inner + at(PANELS)) / (3.0 * PANELS as f64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_up_to_a_limit() {
        let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-3, "{found} {expected}");
        close(mean_up_to(&Law::Uniform { low: 0.0, high: 2.0 }, 1.0), 0.75);
        close(mean_up_to(&Law::Gamma { shape: 1.0, scale: 3.0 }, 2.0), 3.0 * (1.0 - libm::exp(-2.0 / 3.0)));
        // Pareto of 1.5 from 1: 3 - 2 / sqrt(limit).
        close(mean_up_to(&Law::Pareto { low: 1.0, shape: 1.5 }, 1e4), 3.0 - 0.02);
    }

    #[test]
    fn one_clock_over_many_places_reaches_each_of_them_less_often() {
        let law = Law::Exponential { mean: 30.0 * SECOND as f64 };
        let touch = Touch::new(&law, 0.001, 30.0, 0.0);
        assert!((touch.any - (1.0 - libm::exp(-1.0))).abs() < 1e-3);
        assert!((touch.probability(0.5) - (1.0 - libm::exp(-0.5))).abs() < 1e-3);
        assert!(touch.probability(0.01) <= 0.01 * touch.strikes());
    }
}
