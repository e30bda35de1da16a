//! Rows of one fault over years: whom it harms, how often, and whether more cells would help.

use super::anchor::{Struck, mean_and_beyond, unless_alone};
use super::certain::{is_certain, roughly};
use super::groups::{Group, Groups};
use super::per_year::times_a_year;
use crate::catalogue::{Metric, Statistic, Unit};
use crate::engine::stats::{Estimate, State};
use crate::experiment::measures::table::{About, Rows};
use crate::experiment::outcome::years::{CauseYears, Cells};
use crate::measure::ledger::books::Ground;
use crate::measure::ledger::scale::Scale;
use crate::measure::ledger::totals::{FaultTotals, Totals};
use crate::scenario::fault::{CellFilter, Clock, Fault, Schedule, ScopeKind, Strikes};
use crate::units::seconds;

/// Expected incidents from which on a size counts as seen.
const LIKELY: f64 = 0.5;
const NOBODY: &str = "the fault can strike nobody there";

/// Customers harmed by one incident: half of incidents, 95 % of them, the largest.
pub(super) fn quantiles(scale: &Scale) -> [Option<f64>; 3] {
    [scale.quantile(0.5), scale.quantile(0.95), (scale.total > 0.0).then(|| scale.reached(LIKELY))]
}

/// What is known of one fault's incidents.
struct Cause<'a> {
    ground: &'a Ground<'a>,
    done: &'a Groups,
    fault: usize,
    struck: Struck<'a>,
    confidence: f64,
}

impl<'a> Cause<'a> {
    fn totals(&self) -> impl Iterator<Item = &'a FaultTotals> {
        let fault = self.fault;
        self.done.totals().map(move |totals| &totals.faults[fault])
    }

    fn incidents(&self) -> u64 {
        self.totals().map(|totals| totals.incidents).sum()
    }

    /// Names why there are no incidents that strike anybody of a tier, or at all, if there are none.
    fn told(&self, tier: Option<usize>, estimate: Estimate) -> Estimate {
        if self.struck.incidents(tier) > 0 {
            return unless_alone(self.done, estimate);
        }
        let strikes: u64 = self.totals().map(|totals| totals.strikes).sum();
        let reason = match strikes {
            _ if self.incidents() > 0 => {
                "the fault did not strike anybody of it in this horizon: run more years".to_owned()
            }
            0 => "the fault did not strike in this horizon: run more years".to_owned(),
            n => format!("all {n} of its strikes fell into incidents that are counted for other faults: run it alone"),
        };
        let known = match estimate.state {
            State::Exact => return estimate,
            _ => estimate.high.filter(|high| high.is_finite()),
        };
        match known {
            Some(high) => Estimate { value: None, ..Estimate::bound(0.0, 0.0, high, 0, reason) },
            None => Estimate::null(reason),
        }
    }

    /// How often it strikes in a year: by construction, but where the phase of a script may carry a strike over an end of the run.
    fn a_year(&self, each: f64) -> Estimate {
        let known = self.struck.a_year(each);
        let of = |totals: &Totals| totals.faults[self.fault].strikes as f64;
        let is_drawn =
            matches!(self.ground.scenario.faults[self.fault].schedule, Schedule::Scripted { spread, .. } if spread > 0);
        let years = |group: &Group| each * f64::from(group.count);
        let is_alike = |group: &Group| {
            let expected = known.value.unwrap_or(0.0) * years(group);
            (of(&group.totals) - expected).abs() < 1e-6 * expected.max(1.0)
        };
        match is_drawn && !self.done.groups.iter().all(is_alike) {
            true => times_a_year(self.done, each, self.confidence, of),
            false => known,
        }
    }

    /// Mean customers harmed by an incident that strikes a cell of the tier, or any.
    fn harmed(&self, tier: Option<usize>) -> Estimate {
        let beyond = |totals: &FaultTotals| tier.map_or(totals.beyond.1, |tier| totals.beyond.0[tier]);
        let beyond: Vec<(f64, f64)> = self.totals().map(|totals| (beyond(totals), totals.incidents as f64)).collect();
        let found = mean_and_beyond(&self.struck.customers(tier), &beyond, self.confidence);
        let most = self.ground.exposure.most(self.fault, tier);
        let found = self.struck.widened(found);
        self.told(
            tier,
            Estimate { high: found.high.map(|high| high.min(most.max(found.value.unwrap_or(0.0)))), ..found },
        )
    }

    /// Mean customers who live where it strikes: by construction.
    fn exposed(&self, tier: Option<usize>) -> Estimate {
        let Some(mean) = self.struck.exposed(tier) else { return Estimate::null(NOBODY) };
        match (&self.struck.exposure.followed, tier) {
            (None, _) => Estimate::exact(mean),
            (Some(followed), Some(tier)) => followed.by_tier[tier].clone(),
            (Some(followed), None) => followed.all.clone(),
        }
    }

    /// The most customers of one incident, up to what is possible.
    fn worst(&self, tier: Option<usize>) -> Estimate {
        let seen = match tier {
            None => self.harmed_by_one().reached(LIKELY),
            Some(tier) => self.totals().map(|totals| totals.worst[tier]).fold(0.0, f64::max),
        };
        let most = self.ground.exposure.most(self.fault, tier);
        match is_certain(self.ground.scenario) && self.is_drawn() && self.struck.incidents(tier) > 0 {
            true => roughly(Estimate::exact(seen), (seen, most)),
            false => self.told_largest(tier, seen, most),
        }
    }

    /// What an incident harms at p of them, as found.
    fn quantile(&self, tier: Option<usize>, p: f64) -> Estimate {
        let found = self.struck.quantile(tier, p, self.confidence);
        if !is_certain(self.ground.scenario) || self.struck.incidents(tier) == 0 {
            return self.told(tier, found);
        }
        // A customer more or less, where they are struck by chance.
        let value = found.value.unwrap_or(0.0);
        let half = self.struck.half_step(tier, value).max(if self.is_drawn() { 1.0 } else { 0.0 });
        let most = self.ground.exposure.most(self.fault, tier);
        roughly(Estimate::exact(value), (value - half, (value + half).min(most)))
    }

    /// Whether an incident may harm more customers or fewer by their luck.
    fn is_drawn(&self) -> bool {
        self.totals().any(|totals| totals.is_drawn)
    }

    /// Incidents by the customers they harmed.
    fn harmed_by_one(&self) -> Scale {
        let mut harmed = Scale::default();
        self.totals().for_each(|totals| harmed.merge(&totals.by_harmed));
        harmed
    }

    fn told_largest(&self, tier: Option<usize>, seen: f64, most: f64) -> Estimate {
        let incidents = self.struck.incidents(tier);
        let largest = Estimate::largest(seen, Some(most), incidents);
        if incidents == 0 { self.told(tier, largest) } else { largest }
    }

    /// Harmed minutes of a strike, with what it has of those of incidents of several.
    fn minutes(&self) -> Estimate {
        let pair = |totals: &FaultTotals| (totals.minutes_beyond, totals.strikes as f64);
        let beyond: Vec<(f64, f64)> = self.totals().map(pair).collect();
        let strata = self.struck.minutes(self.struck.strikes(None));
        let found = self.struck.widened(mean_and_beyond(&strata, &beyond, self.confidence));
        match self.totals().any(|totals| totals.strikes > 0) {
            true => unless_alone(self.done, found),
            false => self.told(None, found),
        }
    }

    /// The most minutes of one incident, up to everybody's for as long as the run.
    fn worst_minutes(&self) -> Estimate {
        let seen = self.totals().map(|totals| totals.worst_minutes).fold(0.0, f64::max);
        let seats = self.ground.exposure.most_seats(self.fault);
        let most = seats * seconds(self.ground.scenario.run.horizon) / 60.0;
        self.told_largest(None, seen, most)
    }
}

/// Adds the rows of a fault, and returns its line of the table.
pub(super) fn cause(
    rows: &mut Rows<'_>,
    ground: &Ground<'_>,
    done: &Groups,
    fault: usize,
    each: f64,
    all_minutes: f64,
) -> CauseYears {
    let scenario = rows.scenario;
    let spec = &scenario.faults[fault];
    let confidence = rows.confidence;
    let struck = Struck::new(ground.exposure, done, fault);
    let mine = Cause { ground, done, fault, struck, confidence };
    let mut harmed_mean = Estimate::null(NOBODY);
    for tier in std::iter::once(None).chain((0..scenario.tiers.len()).map(Some)) {
        let about = About { tier, fault: &spec.name, ..About::default() };
        let (all, denominator) = match tier {
            Some(tier) => {
                (f64::from(scenario.tiers[tier].customers), format!("customers of {}", scenario.tiers[tier].name))
            }
            None => (scenario.tiers.iter().map(|tier| f64::from(tier.customers)).sum(), "all customers".to_owned()),
        };
        let reaches = struck.strikes(tier) > 0.0;
        let or_nobody = |of: &dyn Fn() -> Estimate| if reaches { of() } else { Estimate::null(NOBODY) };
        let most_exposed = match struck.exposed(tier) {
            Some(_) => Estimate::exact(ground.exposure.most_exposed(fault, tier)),
            None => Estimate::null(NOBODY),
        };
        let quantile = |p: f64| or_nobody(&|| mine.quantile(tier, p));
        let measured = [
            (Metric::BlastRadius, Statistic::P50, quantile(0.5)),
            (Metric::BlastRadius, Statistic::P95, quantile(0.95)),
            (Metric::BlastRadius, Statistic::P99, quantile(0.99)),
            (Metric::BlastRadius, Statistic::Mean, or_nobody(&|| mine.harmed(tier))),
            (Metric::BlastRadius, Statistic::Worst, or_nobody(&|| mine.worst(tier))),
            (Metric::Exposed, Statistic::Mean, mine.exposed(tier)),
            (Metric::Exposed, Statistic::Worst, most_exposed),
        ];
        for (metric, statistic, estimate) in measured {
            rows.add((metric, statistic), (Unit::Customers, ""), about, estimate.clone());
            rows.add((metric, statistic), (Unit::Share, &denominator), about, estimate.scaled(1.0 / all.max(1.0)));
            if (metric, statistic, tier) == (Metric::BlastRadius, Statistic::Mean, None) {
                harmed_mean = estimate;
            }
        }
    }
    let about = About { fault: &spec.name, ..About::default() };
    let minutes: f64 = mine.totals().map(|totals| totals.minutes).sum();
    let share = if all_minutes > 0.0 { minutes / all_minutes } else { 0.0 };
    let strikes = struck.strikes(None);
    // Its own strikes: those that are part of another fault's incident too.
    let incidents = mine.totals().map(|totals| totals.strikes).sum();
    let a_year = mine.a_year(each);
    let minutes = match strikes > 0.0 {
        true => unless_alone(done, yearly_minutes(ground, done, &[fault], each, confidence)),
        false => Estimate::null(NOBODY),
    };
    let per = match strikes > 0.0 {
        true => mine.minutes(),
        false => Estimate::null(NOBODY),
    };
    let worst = if strikes > 0.0 { mine.worst_minutes() } else { Estimate::null(NOBODY) };
    rows.add((Metric::YearlyMinutes, Statistic::Mean), (Unit::Minutes, "a year"), about, minutes.clone());
    rows.add((Metric::CustomerMinutes, Statistic::Mean), (Unit::Minutes, "an incident"), about, per);
    rows.add((Metric::CustomerMinutes, Statistic::Worst), (Unit::Minutes, "an incident"), about, worst);
    rows.add((Metric::Incidents, Statistic::Mean), (Unit::Plain, "a year"), about, a_year.clone());
    CauseYears {
        fault: spec.name.clone(),
        incidents,
        a_year,
        harmed: quantiles(&mine.harmed_by_one()),
        harmed_mean,
        minutes,
        share,
        with_more_cells: with_more_cells(ground, spec),
        stuck: mine.totals().map(|totals| totals.stuck).sum(),
    }
}

/// Harmed customer-minutes a year of some faults together.
pub(super) fn yearly_minutes(
    ground: &Ground<'_>,
    done: &Groups,
    faults: &[usize],
    each: f64,
    confidence: f64,
) -> Estimate {
    let struck = faults.iter().flat_map(|&fault| Struck::new(ground.exposure, done, fault).minutes(each));
    let strata: Vec<_> = struck.collect();
    let beyond = |group: &Group| -> f64 { faults.iter().map(|&fault| group.totals.faults[fault].minutes_beyond).sum() };
    let beyond: Vec<(f64, f64)> =
        done.groups.iter().map(|group| (beyond(group), each * f64::from(group.count))).collect();
    let found = mean_and_beyond(&strata, &beyond, confidence);
    faults.iter().fold(found, |found, &fault| Struck::new(ground.exposure, done, fault).widened(found))
}

/// Decides by what a fault strikes at once whether more cells contain it.
fn with_more_cells(ground: &Ground<'_>, fault: &Fault) -> Cells {
    let of_a_cell = |filter: &CellFilter| filter.cell.is_some();
    match (&fault.strikes, &fault.schedule) {
        (_, Schedule::Random { clock: Clock::Each(ScopeKind::Cell) | Clock::OneOf(ScopeKind::Cell), .. }) => {
            Cells::FewerPerIncident
        }
        (Strikes::Cells(filter), _) if of_a_cell(filter) && ground.model.cells.len() > 1 => Cells::FewerPerIncident,
        (Strikes::Customers { customer: Some(_), .. }, _) => Cells::FewerNeighbours,
        _ => Cells::Nothing,
    }
}
