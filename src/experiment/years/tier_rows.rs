//! Rows of the contracts over years: which tier keeps what it was sold, and what it owes if not.

use super::anchor::{Months, anchor, kept, unless_alone};
use super::certain::{is_certain, roughly};
use super::groups::Groups;
use super::per_year::YEAR;
use crate::catalogue::{Metric, Statistic, Unit};
use crate::engine::stats::anchored;
use crate::engine::stats::{Estimate, State};
use crate::experiment::measures::table::{About, Rows};
use crate::experiment::outcome::years::TierYears;
use crate::measure::ledger::books::Ground;
use crate::measure::ledger::calm::calm_minutes;
use crate::measure::ledger::reach::Reached;
use crate::measure::ledger::scale::{Scale, half_step};
use crate::measure::ledger::span::Span;
use crate::measure::ledger::totals::{Anchored, Period, Totals};
use crate::measure::plan::allowed_minutes;
use crate::scenario::calendar::Window;
use crate::scenario::run::FaultChoice;
use crate::units::{MINUTE, MONTH, Nanos, seconds};

/// Dollars that are rounding and nothing else.
const DUST: f64 = 1e-12;
const NO_WINDOW: &str = "the horizon holds no whole contract window";

/// Contract months of some classes that have the same windows, period by period.
struct Contracts<'a> {
    ground: &'a Ground<'a>,
    done: &'a Groups,
    classes: Vec<usize>,
    confidence: f64,
}

impl<'a> Contracts<'a> {
    fn new(ground: &'a Ground<'a>, done: &'a Groups, wanted: impl Fn(usize) -> bool) -> Contracts<'a> {
        let classes = (0..ground.model.platform.classes.len()).filter(|&class| wanted(class)).collect();
        Contracts { ground, done, classes, confidence: ground.scenario.run.confidence }
    }

    /// The windows of these contracts.
    fn span(&self) -> Span {
        let tier = self.classes.first().map_or(0, |&class| self.ground.model.platform.classes[class].tier);
        self.ground.reach.spans[tier]
    }

    /// Where windows overlap, a replication is one unit; else each period of it.
    fn in_units<T: Default>(&self, periods: Vec<T>, add: impl Fn(&mut T, T)) -> Vec<T> {
        if !self.span().overlaps {
            return periods;
        }
        let mut whole = T::default();
        for period in periods {
            add(&mut whole, period);
        }
        vec![whole]
    }

    /// The periods of a group, of all classes together; the windows are the same for all of them.
    fn periods(&self, totals: &Totals) -> Vec<Period> {
        let one = |at: usize| {
            let mut sum = Period::default();
            for &class in &self.classes {
                let period = &totals.classes[class].periods[at];
                sum.add(period);
                sum.windows = period.windows;
            }
            sum
        };
        self.in_units((0..totals.periods()).map(one).collect(), |sum, period| {
            sum.add(&period);
            sum.windows += period.windows;
        })
    }

    fn months(&self, of: impl Fn(&Period) -> (Anchored, f64)) -> Months {
        Months { groups: self.done.totals().map(|totals| self.periods(totals).iter().map(&of).collect()).collect() }
    }

    /// Windows of 30 days in one window.
    fn length(&self) -> f64 {
        self.span().window / seconds(MONTH)
    }

    /// Reach of these classes together.
    fn reached(&self) -> Reached {
        let classes = &self.ground.model.platform.classes;
        match self.classes.as_slice() {
            &[one] => self.ground.reach.classes[one],
            several => {
                let tier = several.first().map_or(0, |&class| classes[class].tier);
                self.ground.reach.tiers[tier]
            }
        }
    }

    /// Dollars that would be due for a window of 30 days if all promises were broken.
    fn at_stake(&self) -> f64 {
        let tenancies = self.ground.model.tenancies.iter().zip(&self.ground.reach.stakes);
        let mine = tenancies.filter(|(tenancy, _)| self.classes.contains(&(tenancy.class as usize)));
        mine.map(|(_, stake)| stake).sum()
    }

    /// Dollars of credits in a window.
    fn credits(&self, confidence: f64) -> Estimate {
        let months = self.months(|period| (period.credits, period.windows));
        let stake: f64 = self.classes.iter().map(|&class| self.ground.reach.classes[class].stake).sum();
        let taken = months.taken("credits", (stake * self.length(), self.at_stake() * self.length()), confidence);
        let calm = months.calm();
        let dust = |dollars: f64| if dollars < DUST { 0.0 } else { dollars };
        let sum = anchored::added(&[calm, taken]);
        Estimate { value: sum.value.map(dust), low: sum.low.map(dust), ..sum }
    }

    /// Whether customers to whom the same happened may come to different numbers of bad minutes.
    fn is_drawn(&self) -> bool {
        self.done.totals().any(|totals| self.classes.iter().any(|&class| totals.classes[class].is_drawn))
    }

    /// Bad minutes over all minutes: mean, what 95 % of windows do not exceed, and the worst, each by its own window's length.
    fn rates(&self, bad: &Estimate, p95: &Estimate, worst_share: f64) -> [f64; 3] {
        let mut by_rate = Scale::default();
        for totals in self.done.totals() {
            self.classes.iter().for_each(|&class| by_rate.merge(&totals.classes[class].by_rate));
        }
        let p95 = match by_rate.quantile(0.95) {
            Some(rate) => rate / (MONTH / MINUTE) as f64,
            None => p95.value.unwrap_or(0.0) / self.span().lengths.1.max(1) as f64,
        };
        [bad.value.unwrap_or(0.0) / (self.span().window / 60.0), p95, worst_share]
    }

    /// What 95 % of contract months do not exceed: the share above, turned round.
    fn p95(&self, reach: f64) -> Estimate {
        const P: f64 = 0.95;
        let unit = |period: &Period| {
            // Share of months at a place or beyond it.
            let mut share = 0.0;
            let mut shares: Vec<f64> = (0..period.by_bad_minutes.places())
                .rev()
                .map(|place| {
                    share += period.by_bad_minutes.at_place(place) / period.months;
                    share
                })
                .collect();
            shares.reverse();
            (shares, period.touched / period.months)
        };
        let of_group = |totals: &Totals| -> Vec<(Vec<f64>, f64)> {
            self.periods(totals).iter().filter(|period| period.months > 0.0).map(unit).collect()
        };
        let units: Vec<Vec<(Vec<f64>, f64)>> = self.done.totals().map(of_group).collect();
        let mut all = Scale::default();
        self.done.totals().flat_map(|totals| self.periods(totals)).for_each(|period| all.merge(&period.by_bad_minutes));
        let Some(value) = all.quantile(P) else { return Estimate::null(NO_WINDOW) };
        let calm = calm_minutes(self.ground, &self.classes);
        let most = self.span().lengths.1 as f64;
        let above = |place: usize| {
            let base = calm.from_place(place) / calm.total.max(1.0);
            let share = |(shares, reached): &(Vec<f64>, f64)| {
                let share = (shares.get(place).copied().unwrap_or(0.0) - base).max(0.0);
                (share, reached.max(share))
            };
            let shares: Vec<_> = units.iter().map(|group| group.iter().map(share).collect()).collect();
            let stratum = anchor("months", &shares, (reach, 1.0));
            let found = anchored::mean(&[stratum], self.confidence);
            (base + found.low.unwrap_or(0.0), base + found.high.unwrap_or(1.0))
        };
        let places = all.places().max(calm.places());
        let rest = 1.0 - P + 1e-9;
        let (mut least, mut last) = (0, places);
        // From this place on no more than 5 % with confidence: shares fall as places rise.
        while least < last {
            let middle = usize::midpoint(least, last);
            if above(middle).1 <= rest { last = middle } else { least = middle + 1 }
        }
        let high = match (least, above(least.min(places)).1 <= rest) {
            (0, true) => 0.0,
            (place, true) => Scale::size_at(place - 1) + half_step(Scale::size_at(place - 1)),
            _ => most,
        };
        let (mut first, mut beyond) = (0, places);
        while first < beyond {
            let middle = usize::midpoint(first, beyond);
            if above(middle).0 > rest { first = middle + 1 } else { beyond = middle }
        }
        let low = first.checked_sub(1).map_or(0.0, |place| Scale::size_at(place) - half_step(Scale::size_at(place)));
        if is_certain(self.ground.scenario) {
            // A minute more or less, where they are counted by chance.
            let half = all.half_step(value).max(if self.is_drawn() { 1.0 } else { 0.0 });
            let exact = Estimate::exact(value);
            return roughly(exact, (value - half, (value + half).min(most)));
        }
        let (low, high) = (low.max(0.0).min(value), high.min(most).max(value));
        let estimate = Estimate::between(value, low, high, units.iter().map(Vec::len).sum::<usize>() as u64);
        match high >= most && value < most {
            true => Estimate {
                state: State::Bound,
                reason: Some("too few to bound it: the interval reaches up to all minutes of a month".to_owned()),
                ..estimate
            },
            false => estimate,
        }
    }
}

/// Dollars of credits a year of the tiers wanted; `None` if none promises any, or no window was judged.
pub(super) fn credits_of(ground: &Ground<'_>, done: &Groups, wanted: impl Fn(usize) -> bool) -> Option<Estimate> {
    let scenario = ground.scenario;
    let any = scenario.tiers.iter().enumerate().any(|(tier, spec)| wanted(tier) && !spec.contract.credits.is_empty());
    let classes = &ground.model.platform.classes;
    // Tiers of the same windows are judged together; the others by themselves, all at once with the confidence asked for.
    let calendars = scenario.calendars();
    let judged = |calendar: &usize| {
        let of_tier = |tier: usize| wanted(tier) && calendars.of_tier[tier] == *calendar;
        (0..scenario.tiers.len()).any(|tier| of_tier(tier) && ground.reach.spans[tier].windows > 0)
    };
    let judged: Vec<usize> = (0..calendars.all.len()).filter(judged).collect();
    let confidence = 1.0 - (1.0 - scenario.run.confidence) / judged.len().max(1) as f64;
    let parts = judged.iter().map(|&calendar| {
        let mine = |class: usize| wanted(classes[class].tier) && calendars.of_tier[classes[class].tier] == calendar;
        let contracts = Contracts::new(ground, done, mine);
        contracts.credits(confidence).scaled(YEAR / contracts.span().window)
    });
    (any && !judged.is_empty()).then(|| unless_alone(done, anchored::added(&parts.collect::<Vec<_>>())))
}

/// Adds the rows of all contracts, and returns their table.
pub(super) fn tiers(rows: &mut Rows<'_>, ground: &Ground<'_>, done: &Groups) -> Vec<TierYears> {
    let scenario = rows.scenario;
    let classes = &ground.model.platform.classes;
    let mut table = Vec::new();
    for (tier, spec) in scenario.tiers.iter().enumerate() {
        let used = classes.iter().filter(|class| class.tier == tier).map(|class| Some(class.workflow));
        for workflow in std::iter::once(None).chain(used) {
            let about = About { tier: Some(tier), workflow, ..About::default() };
            let mine = Contracts::new(ground, done, |class| {
                classes[class].tier == tier && workflow.is_none_or(|workflow| workflow == classes[class].workflow)
            });
            let credits = match workflow {
                None => credits_of(ground, done, |other| other == tier),
                Some(_) => None,
            };
            let row = tier_row(rows, about, &mine, tier);
            if let Some(credits) = &credits {
                let month = credits.scaled(30.0 / 365.0);
                rows.add((Metric::Credits, Statistic::Mean), (Unit::Dollars, "month"), about, month);
            }
            table.push(TierYears {
                tier: spec.name.clone(),
                workflow: workflow.map(|workflow| scenario.workflows[workflow].name.clone()),
                sla: spec.contract.sla,
                window: spec.contract.window(scenario.run.starts_on).text(),
                days_apart: days_apart(spec.contract.window(scenario.run.starts_on)),
                allowed: row
                    .allowed
                    .map(|lengths| lengths.map(|minutes| allowed_minutes(spec.contract.sla, minutes as u64))),
                used: row.used.map(|rate| rate / (1.0 - spec.contract.sla)),
                credits,
                ..row
            });
        }
    }
    table
}

/// Days from one window to the next, on average.
fn days_apart(window: Window) -> f64 {
    match window {
        Window::Days(days) => f64::from(days),
        Window::Rolling(_) => 1.0,
        Window::Month => 365.0 / 12.0,
        Window::Quarter => 365.0 / 4.0,
    }
}

fn tier_row(rows: &mut Rows<'_>, about: About<'_>, mine: &Contracts<'_>, tier: usize) -> TierYears {
    let confidence = rows.confidence;
    let (ground, done) = (mine.ground, mine.done);
    let span = mine.span();
    let scripted = rows.scenario.run.faults == FaultChoice::Scripted && !rows.scenario.faults.is_empty();
    let reason = if span.windows == 0 {
        Some(NO_WINDOW)
    } else if scripted {
        Some("scripted faults say what happens if, not how often: give faults an mtbf and an mttr")
    } else {
        None
    };
    let measured = |estimate: Estimate| reason.map_or_else(|| unless_alone(done, estimate), Estimate::null);
    let reached = mine.reached();
    let months = mine.months(|period| (period.kept, period.months));
    let by_month = kept(&months.calm(), &months.taken("months", (reached.breakable, 1.0), confidence));
    // A tier keeps all its workflows at once.
    let all = match about.workflow {
        Some(_) => mine.months(|period| (period.all_kept, period.windows)),
        None => Months {
            groups: done
                .totals()
                .map(|totals| {
                    let kept = mine.in_units(totals.all_kept[tier].clone(), |sum, period| sum.add(&period));
                    kept.into_iter().zip(mine.periods(totals).into_iter().map(|period| period.windows)).collect()
                })
                .collect(),
        },
    };
    let any = match about.workflow {
        Some(_) => reached.any,
        None => ground.reach.tiers[tier].any,
    };
    let by_all = kept(&all.calm(), &all.taken("months", (any, 1.0), confidence));
    let (by_month, by_all) = coherent(by_month, by_all);
    let (kept, all) = (measured(by_month), measured(by_all));
    let minutes = mine.months(|period| (period.bad_minutes, period.months));
    let window = span.window / 60.0;
    let (bad, p95) = match span.windows {
        0 => (Estimate::null(NO_WINDOW), Estimate::null(NO_WINDOW)),
        _ => {
            let taken = minutes.taken("minutes of months", (reached.minutes, f64::INFINITY), confidence);
            let bad = anchored::added(&[minutes.calm(), taken]);
            let bad = Estimate { high: bad.high.map(|high| high.min(window)), ..bad };
            (
                unless_alone(done, bad),
                match mine.p95(reached.months) {
                    certain if is_certain(rows.scenario) => certain,
                    found => unless_alone(done, found),
                },
            )
        }
    };
    let denominator = "customers, workflows and windows";
    rows.add((Metric::SlaAttainment, Statistic::Mean), (Unit::Share, denominator), about, kept.clone());
    rows.add((Metric::SlaAttainmentOfAll, Statistic::Mean), (Unit::Share, "windows"), about, all.clone());
    rows.add((Metric::BadMinutes, Statistic::Mean), (Unit::Minutes, "window"), about, bad.clone());
    rows.add((Metric::BadMinutes, Statistic::P95), (Unit::Minutes, "window"), about, p95.clone());
    let availability = |bad: &Estimate| match bad.state {
        State::Null => bad.clone(),
        _ => bad.scaled(1.0 / window).complement(),
    };
    rows.add((Metric::Availability, Statistic::Mean), (Unit::Share, "windows"), about, availability(&bad));
    let classes = || done.totals().flat_map(|totals| mine.classes.iter().map(|&class| &totals.classes[class]));
    let worst = classes().map(|class| class.worst);
    let worst = worst.fold((0.0, 0), |a: (f64, Nanos), b| if b.0 > a.0 { b } else { a });
    let worst_share = classes().map(|class| class.worst_share).fold(0.0, f64::max);
    let largest = |seen: f64, most: f64| match span.windows {
        0 => Estimate::null(NO_WINDOW),
        // One customer may come to more than another by chances of its own.
        _ if mine.is_drawn() && is_certain(rows.scenario) => roughly(Estimate::exact(seen), (seen, most)),
        // Where no strike comes, all months are alike.
        _ if any == 0.0 && !mine.is_drawn() => Estimate::exact(seen),
        _ => Estimate::largest(seen, Some(most), u64::from(done.done)),
    };
    rows.add(
        (Metric::BadMinutes, Statistic::Worst),
        (Unit::Minutes, "window"),
        about,
        largest(worst.0, span.lengths.1 as f64),
    );
    // Of windows of unlike lengths another one may be the least available.
    let least = match largest(worst_share, 1.0) {
        share if share.state == State::Null => share,
        share => share.complement(),
    };
    rows.add((Metric::Availability, Statistic::Worst), (Unit::Share, "windows"), about, least);
    TierYears {
        tier: String::new(),
        workflow: None,
        sla: 0.0,
        meets_sla: kept,
        no_sla_miss: all,
        window: String::new(),
        days_apart: 0.0,
        allowed: (span.windows > 0).then_some([span.lengths.0 as f64, span.lengths.1 as f64]),
        used: mine.rates(&bad, &p95, worst_share),
        bad_minutes: bad,
        bad_minutes_p95: p95,
        credits: None,
        worst: (worst.0, seconds(worst.1) / YEAR),
    }
}

/// Of all customers no more months are kept than of any: that holds for the limits of both numbers too.
fn coherent(kept: Estimate, all: Estimate) -> (Estimate, Estimate) {
    let wider = |one: Option<f64>, other: Option<f64>, pick: fn(f64, f64) -> f64| Some(pick(one?, other?));
    let high = wider(kept.high, all.high, f64::max);
    let low = wider(kept.low, all.low, f64::min);
    (Estimate { high: high.or(kept.high), ..kept }, Estimate { low: low.or(all.low), ..all })
}
