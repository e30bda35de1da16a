//! The result tables as CSV: one header line, comma, line feed, numbers with at most nine significant digits.
//!
//! Empty cells are "there is no such number", never zero. Columns are documented in docs/results.md.

use super::csv_years;
use super::id;
use super::number::{exact, exact_or_empty};
use crate::catalogue::Metric;
use crate::engine::stats::{Estimate, State};
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::curves::ALL;

/// A file name and what writes its content.
pub type ResultTable = (&'static str, fn(&Outcome) -> Vec<u8>);

/// Returns the tables of a run, in the order in which they are listed.
pub fn tables(results: &Outcome) -> &'static [ResultTable] {
    match &results.years {
        None => &REQUESTS,
        Some(years) if years.at_once.is_some() => &YEARS,
        Some(_) => &YEARS[..YEARS.len() - 1],
    }
}

/// Returns the names of all tables that there are.
pub fn names() -> impl Iterator<Item = &'static str> {
    YEARS.iter().chain(&REQUESTS).map(|(name, _)| *name)
}

/// Tables of a run at the incident level; the last one if it is asked how many cells are down at once.
const YEARS: [ResultTable; 7] = [
    ("summary.csv", summary),
    ("incidents.csv", csv_years::incidents),
    ("windows.csv", csv_years::windows),
    ("causes.csv", csv_years::causes),
    ("exceedance.csv", csv_years::exceedance),
    ("alerts.csv", csv_years::alerts),
    ("rare.csv", csv_years::rare),
];

/// Tables of a run at the request level.
const REQUESTS: [ResultTable; 6] = [
    ("summary.csv", summary),
    ("incidents.csv", incidents),
    ("windows.csv", windows),
    ("timeline.csv", timeline),
    ("latency.csv", latency),
    ("cells.csv", cells),
];

/// Writes a table.
pub(super) fn table<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Vec<u8> {
    const IN_MEMORY: &str = "a table in memory takes any row of the header's width";
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).expect(IN_MEMORY);
    for row in rows {
        writer.write_record(row).expect(IN_MEMORY);
    }
    writer.into_inner().expect(IN_MEMORY)
}

/// Returns the name of a state.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Exact => "exact",
        State::Estimate => "estimate",
        State::Bound | State::Beyond => "bound",
        State::Null => "null",
    }
}

/// Returns value and interval.
pub(super) fn triple(estimate: &Estimate) -> [String; 3] {
    [estimate.value, estimate.low, estimate.high].map(exact_or_empty)
}

pub(super) fn whole(value: u64) -> String {
    value.to_string()
}

/// summary.csv: every measure, tidy.
pub fn summary(results: &Outcome) -> Vec<u8> {
    let header = [
        "id",
        "metric",
        "statistic",
        "tier",
        "workflow",
        "fault",
        "unit",
        "denominator",
        "condition",
        "n",
        "value",
        "ci_low",
        "ci_high",
        "state",
        "reason",
        "stage",
        "path",
    ];
    let rows = results.rows.iter().map(|row| {
        let [value, low, high] = triple(&row.estimate);
        let subject = &row.subject;
        [
            id::of_row(row),
            subject.metric.to_string(),
            subject.statistic.to_string(),
            subject.tier().to_owned(),
            subject.workflow().to_owned(),
            subject.fault().to_owned(),
            subject.unit.to_string(),
            row.denominator.clone(),
            subject.condition.to_string(),
            whole(row.estimate.n),
            value,
            low,
            high,
            state(row.estimate.state).to_owned(),
            row.estimate.reason.clone().unwrap_or_default(),
            subject.stage().to_owned(),
            subject.path().to_owned(),
        ]
    });
    table(header, rows)
}

/// incidents.csv: one line per incident and replication.
pub fn incidents(results: &Outcome) -> Vec<u8> {
    let header = [
        "replication",
        "fault",
        "strikes",
        "onset_s",
        "end_s",
        "exposed",
        "quiet",
        "harmed",
        "down",
        "spillover",
        "customer_minutes",
        "recovery",
        "recovery_from_onset_s",
        "recovery_from_end_s",
        "activations",
    ];
    let rows = results.incidents.iter().map(|one| {
        [
            one.replication.to_string(),
            one.fault.clone(),
            one.strikes.clone(),
            exact(one.onset_seconds),
            exact(one.end_seconds),
            whole(one.exposed),
            whole(one.quiet),
            whole(one.harmed),
            whole(one.down),
            whole(one.spillover),
            whole(one.customer_minutes),
            one.recovery.clone(),
            exact_or_empty(one.recovery_from_onset_seconds),
            exact_or_empty(one.recovery_from_end_seconds),
            one.activations.to_string(),
        ]
    });
    table(header, rows)
}

/// windows.csv: what the run takes from each tier's contract month, by workflow and fault.
pub fn windows(results: &Outcome) -> Vec<u8> {
    let header = [
        "id",
        "tier",
        "workflow",
        "fault",
        "measure",
        "allowed",
        "used_worst",
        "used_worst_ci_low",
        "used_worst_ci_high",
        "share_worst",
        "share_worst_ci_low",
        "share_worst_ci_high",
        "share_mean",
        "share_mean_ci_low",
        "share_mean_ci_high",
        "months_still_kept",
        "months_still_kept_ci_low",
        "months_still_kept_ci_high",
        "customers",
        "decided_by_one_request",
        "state",
        "reason",
    ];
    let rows = results.budgets.iter().map(|row| {
        let [used, used_low, used_high] = triple(&row.used_worst);
        let [worst, worst_low, worst_high] = triple(&row.share_worst);
        let [mean, mean_low, mean_high] = triple(&row.share_mean);
        let [kept, kept_low, kept_high] = triple(&row.months_still_kept);
        [
            id::line("window", &[("fault", &row.fault), ("tier", &row.tier), ("workflow", &row.workflow)]),
            row.tier.clone(),
            row.workflow.clone(),
            row.fault.clone(),
            row.measure.clone(),
            exact(row.allowed),
            used,
            used_low,
            used_high,
            worst,
            worst_low,
            worst_high,
            mean,
            mean_low,
            mean_high,
            kept,
            kept_low,
            kept_high,
            whole(row.customers),
            exact_or_empty(row.decided_by_one_request),
            state(row.share_worst.state).to_owned(),
            row.share_worst.reason.clone().unwrap_or_default(),
        ]
    });
    table(header, rows)
}

/// timeline.csv: one line per second, the middle and a band over replications.
pub fn timeline(results: &Outcome) -> Vec<u8> {
    let header = [
        "second",
        "ok_p10",
        "ok_p50",
        "ok_p90",
        "failed_p10",
        "failed_p50",
        "failed_p90",
        "retries_p10",
        "retries_p50",
        "retries_p90",
        "faulted_cells_p10",
        "faulted_cells_p50",
        "faulted_cells_p90",
        "store_load_p10",
        "store_load_p50",
        "store_load_p90",
        "hit_ratio",
        "waiting_p10",
        "waiting_p50",
        "waiting_p90",
    ];
    // Nothing is looked up where there is no router: that is no load of 0.
    let has_store = results.rows.iter().any(|row| row.subject.metric == Metric::StoreLoad);
    let rows = results.timeline.iter().map(|row| {
        let bands = [row.ok, row.failed, row.retries, row.faulted_cells, row.store_load];
        let mut cells = [const { String::new() }; 20];
        cells[0] = exact(row.second);
        for (cell, &value) in cells[1..].iter_mut().zip(bands.as_flattened()) {
            *cell = exact(value);
        }
        if !has_store {
            cells[13..16].fill(String::new());
        }
        cells[16] = exact_or_empty(row.hit_ratio);
        for (cell, &value) in cells[17..].iter_mut().zip(&row.waiting) {
            *cell = exact(value);
        }
        cells
    });
    table(header, rows)
}

/// latency.csv: complementary distributions of request latency.
pub fn latency(results: &Outcome) -> Vec<u8> {
    let header = ["workflow", "tier", "condition", "latency_s", "requests_longer", "share_longer", "requests"];
    let rows = results.latencies.iter().flat_map(|curve| {
        curve.points.iter().map(|&(latency, longer)| {
            [
                curve.workflow.clone(),
                curve.tier.clone().unwrap_or_else(|| ALL.to_owned()),
                curve.condition.to_string(),
                exact(latency),
                whole(longer),
                exact(longer as f64 / curve.requests.max(1) as f64),
                whole(curve.requests),
            ]
        })
    });
    table(header, rows)
}

/// cells.csv: the load of each cell without faults.
pub fn cells(results: &Outcome) -> Vec<u8> {
    let header = [
        "id",
        "cell",
        "workflow",
        "tier",
        "customers",
        "requests_per_second",
        "utilization",
        "utilization_ci_low",
        "utilization_ci_high",
        "utilization_zone_lost",
        "utilization_asked",
        "state",
        "reason",
    ];
    let rows = results.cells.iter().map(|cell| {
        let [value, low, high] = triple(&cell.utilization);
        [
            id::line("cell", &[("cell", &cell.cell)]),
            cell.cell.clone(),
            cell.workflow.clone(),
            cell.tier.clone(),
            whole(cell.customers),
            exact(cell.requests_per_second),
            value,
            low,
            high,
            exact_or_empty(Some(cell.utilization_zone_lost).filter(|lost| !lost.is_nan())),
            exact_or_empty(cell.target),
            state(cell.utilization.state).to_owned(),
            cell.utilization.reason.clone().unwrap_or_default(),
        ]
    });
    table(header, rows)
}
