//! Rows of one fault over years: whom it harms, how often, and whether more cells would help.

use super::groups::Groups;
use super::per_year::{a_year, times_a_year};
use super::results::{CauseYears, Cells};
use crate::engine::stats::{self, Estimate, State};
use crate::experiment::rows::{About, Rows};
use crate::measure::ledger::books::Ground;
use crate::measure::ledger::scale::{Scale, half_step};
use crate::measure::ledger::totals::FaultTotals;
use crate::scenario::fault::{CellFilter, Clock, Fault, Schedule, ScopeKind, Strikes};

const NEVER_STRUCK: &str = "the fault did not strike in this horizon";

/// Customers harmed by one incident: half of incidents, 95 % of them, the largest.
pub(super) fn quantiles(scale: &Scale) -> [Option<f64>; 3] {
    [scale.quantile(0.5), scale.quantile(0.95), (scale.total > 0.0).then_some(scale.most)]
}

/// Mean per incident, over replications.
fn per_incident(done: &Groups, fault: usize, of: impl Fn(&FaultTotals) -> f64, most: f64, confidence: f64) -> Estimate {
    let totals = done.totals().map(|totals| &totals.faults[fault]);
    let pairs: Vec<(f64, f64)> = totals.map(|totals| (of(totals), totals.incidents as f64)).collect();
    match pairs.iter().all(|pair| pair.1 == 0.0) {
        true => Estimate::null(NEVER_STRUCK),
        false => stats::ratio_within(&pairs, (0.0, most), confidence),
    }
}

/// Who lives where a fault strikes follows from the design: alike in all replications, it is exact.
fn exposed_by(done: &Groups, fault: usize, of: impl Fn(&FaultTotals) -> f64, confidence: f64) -> Estimate {
    let alike = per_incident(done, fault, &of, f64::INFINITY, confidence);
    match (alike.state, alike.value) {
        (State::Bound, Some(value)) => Estimate::exact(value),
        _ => alike,
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
    let sizes: Vec<f64> = scenario.tiers.iter().map(|tier| f64::from(tier.customers)).collect();
    let mine = || done.totals().map(|totals| &totals.faults[fault]);
    for tier in std::iter::once(None).chain((0..scenario.tiers.len()).map(Some)) {
        let about = About { tier, fault: &spec.name, ..About::default() };
        let in_tier = |by_tier: &[f64]| tier.map_or_else(|| by_tier.iter().sum(), |tier| by_tier[tier]);
        let (all, denominator) = match tier {
            Some(tier) => (sizes[tier], format!("customers of {}", scenario.tiers[tier].name)),
            None => (sizes.iter().sum(), "all customers".to_owned()),
        };
        let harmed = per_incident(done, fault, |totals| in_tier(&totals.harmed), all, confidence);
        let exposed = exposed_by(done, fault, |totals| in_tier(&totals.exposed), confidence);
        for (metric, mean) in [("blast_radius", &harmed), ("exposed", &exposed)] {
            rows.add((metric, "mean"), ("customers", ""), about, mean.clone());
            rows.add((metric, "mean"), ("share", &denominator), about, mean.scaled(1.0 / all.max(1.0)));
        }
        let worst = mine().map(|totals| tier.map_or(totals.by_harmed.most, |tier| totals.worst[tier]));
        let worst = worst.fold(0.0, f64::max);
        let reach = match tier {
            None => mine().map(|totals| totals.exposed_most).fold(worst, f64::max),
            Some(tier) => sizes[tier].max(worst),
        };
        let incidents: u64 = mine().map(|totals| totals.incidents).sum();
        let largest = match incidents {
            0 => Estimate::null(NEVER_STRUCK),
            n => Estimate::largest(worst, Some(reach), n),
        };
        rows.add(("blast_radius", "worst"), ("customers", ""), about, largest.clone());
        rows.add(("blast_radius", "worst"), ("share", &denominator), about, largest.scaled(1.0 / all.max(1.0)));
    }
    let about = About { fault: &spec.name, ..About::default() };
    let minutes: f64 = mine().flat_map(|totals| &totals.minutes).sum();
    let share = if all_minutes > 0.0 { minutes / all_minutes } else { 0.0 };
    let minutes = a_year(done, each, confidence, |totals| totals.faults[fault].minutes.iter().sum());
    rows.add(("yearly_minutes", "mean"), ("min", "a year"), about, minutes.clone());
    let per = per_incident(done, fault, |totals| totals.minutes.iter().sum(), f64::INFINITY, confidence);
    rows.add(("customer_minutes", "mean"), ("min", "an incident"), about, per);
    // Its own strikes: those that are part of another fault's incident too.
    let incidents = mine().map(|totals| totals.strikes).sum();
    let a_year = times_a_year(done, each, confidence, |totals| totals.faults[fault].strikes as f64);
    rows.add(("incidents", "mean"), ("", "a year"), about, a_year.clone());
    let customers: f64 = sizes.iter().sum();
    let mut harmed = Scale::default();
    mine().for_each(|totals| harmed.merge(&totals.by_harmed));
    for (statistic, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        let sections: Vec<f64> = mine().filter_map(|totals| totals.by_harmed.quantile(p)).collect();
        let estimate = match harmed.quantile(p) {
            None => Estimate::null(NEVER_STRUCK),
            Some(value) => {
                let found = stats::sectioned(value, &sections, half_step(value), confidence);
                Estimate { high: found.high.map(|high| high.min(customers).max(value)), ..found }
            }
        };
        rows.add(("blast_radius", statistic), ("customers", ""), about, estimate);
    }
    CauseYears {
        cause: spec.name.clone(),
        incidents,
        a_year,
        harmed: quantiles(&harmed),
        harmed_mean: per_incident(done, fault, |totals| totals.harmed.iter().sum(), customers, confidence),
        minutes,
        share,
        with_more_cells: with_more_cells(ground, spec),
        stuck: mine().map(|totals| totals.stuck).sum(),
    }
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
