//! The tables of a run at the request level.

use super::column::{Column, described, table};
use super::sheet::Sheet;
use crate::catalogue::Metric;
use crate::experiment::outcome::curves::{CellLoad, LatencyCurve, TimelineRow};
use crate::experiment::outcome::{BudgetRow, IncidentRow, Outcome, Requests};
use crate::number::{exact, exact_or_empty};
use crate::report::id;

/// What a line is of; nothing for all.
pub(super) fn of(name: Option<&String>) -> &str {
    name.map(String::as_str).unwrap_or_default()
}

/// Returns a table of a study of requests.
fn list<T>(results: &Outcome, of: fn(&Requests) -> &[T]) -> &[T] {
    results.requests().map_or(&[], of)
}

/// incidents.csv.
pub(super) const INCIDENTS: Sheet = Sheet {
    file: "incidents.csv",
    about: "an incident of a replication",
    columns: || described(&incident_columns()),
    write: |results| table(&incident_columns(), list(results, |requests| &requests.incidents)),
};

fn incident_columns<'a>() -> [Column<&'a IncidentRow>; 15] {
    [
        Column::text("replication", "from 1", |one| one.replication.to_string()),
        Column::text("fault", "names, each once, joined by `+` where incidents merged", |one| one.fault.clone()),
        Column::text("strikes", "what was struck", |one| one.strikes.clone()),
        Column::text("onset_s", "seconds from the end of the warm-up", |one| exact(one.onset_seconds)),
        Column::text("end_s", "of the last fault", |one| exact(one.end_seconds)),
        Column::text("exposed", "customers", |one| one.exposed.to_string()),
        Column::text("idle", "customers that sent nothing meanwhile", |one| one.idle.to_string()),
        Column::text("harmed", "customers", |one| one.harmed.to_string()),
        Column::text("down", "customers", |one| one.down.to_string()),
        Column::text("spillover", "customers", |one| one.spillover.to_string()),
        Column::text("customer_minutes", "harmed minutes, summed over customers", |one| {
            one.customer_minutes.to_string()
        }),
        Column::text(
            "recovery",
            "`recovered`, `still faulted`, `censored`: the horizon came first, `not recovered`: metastable, `no requests`: \
             nobody asked for anything there while the fault lasted, `as its twin that is down`: in the end both worlds fail \
             alike, which is no recovery",
            |one| one.recovery.clone(),
        ),
        Column::text("recovery_from_onset_s", "empty unless recovered", |one| {
            exact_or_empty(one.recovery_from_onset_seconds)
        }),
        Column::text("recovery_from_end_s", "the same; negative where all was well before the fault ended", |one| {
            exact_or_empty(one.recovery_from_end_seconds)
        }),
        Column::text("activations", "how often faults struck: more than once in a compound incident", |one| {
            one.activations.to_string()
        }),
    ]
}

/// windows.csv: what the run takes from each tier's contract month, by workflow and fault.
pub(super) const WINDOWS: Sheet = Sheet {
    file: "windows.csv",
    about: "what the run takes from a tier's contract month, by workflow and fault",
    columns: || described(&window_columns()),
    write: |results| table(&window_columns(), list(results, |requests| &requests.budgets)),
};

fn window_columns<'a>() -> [Column<&'a BudgetRow>; 13] {
    [
        Column::text("id", "unique in this table", |row| {
            id::line(
                "window",
                &[("fault", of(row.fault.as_ref())), ("tier", &row.tier), ("workflow", of(row.workflow.as_ref()))],
            )
        }),
        Column::text("tier", "", |row| row.tier.clone()),
        Column::text("workflow", "empty: the worst over workflows", |row| of(row.workflow.as_ref()).to_owned()),
        Column::text("fault", "empty: the whole run", |row| of(row.fault.as_ref()).to_owned()),
        Column::text("measure", "`bad-minutes`, `requests`, `mean-error-share`", |row| row.measure.clone()),
        Column::text("allowed", "by a contract month", |row| exact(row.allowed)),
        Column::interval("used_worst", "by the worst customer, mean over replications", |row| Some(&row.used_worst)),
        Column::interval("share_worst", "of what is allowed: the worst customer's", |row| Some(&row.share_worst)),
        Column::interval("share_mean", "of what is allowed: the mean customer's", |row| Some(&row.share_mean)),
        Column::interval("months_within_sla", "customers", |row| Some(&row.months_within_sla)),
        Column::text("customers", "out of so many", |row| row.customers.to_string()),
        Column::text(
            "good_with_one_failure_fewer",
            "bad minutes that would be good with one failed request fewer",
            |row| exact_or_empty(row.good_with_one_failure_fewer),
        ),
        Column::state("of `share_worst`", |row| &row.share_worst),
    ]
}

/// timeline.csv.
pub(super) const TIMELINE: Sheet = Sheet {
    file: "timeline.csv",
    about: "a second, or a bin of `run.timeline`; rates are a second's",
    columns: || described(&timeline_columns()),
    write: timeline,
};

/// Returns timeline.csv: one line per second, the middle and a band over replications.
pub fn timeline(results: &Outcome) -> Vec<u8> {
    // Nothing is looked up where there is no router: that is no load of 0.
    let has_store = results.rows.iter().any(|row| row.subject.metric == Metric::StoreLoad);
    table(&timeline_columns(), list(results, |requests| &requests.timeline).iter().map(|row| (row, has_store)))
}

fn timeline_columns<'a>() -> [Column<(&'a TimelineRow, bool)>; 8] {
    [
        Column::text("second", "where it begins, from the end of the warm-up", |(row, _)| exact(row.second)),
        Column::band("ok", "requests that succeed", |(row, _)| Some(row.ok)),
        Column::band("failed", "requests that fail, by arrival", |(row, _)| Some(row.failed)),
        Column::band("retries", "", |(row, _)| Some(row.retries)),
        Column::band("faulted_cells", "cells that a fault strikes", |(row, _)| Some(row.faulted_cells)),
        Column::band("store_load", "lookups at the mapping store; empty without a router", |&(row, has_store)| {
            has_store.then_some(row.store_load)
        }),
        Column::text("hit_ratio", "over all replications; empty where nothing was looked up", |(row, _)| {
            exact_or_empty(row.hit_ratio)
        }),
        Column::band("waiting", "attempts in the queues of all stations, mean over the second", |(row, _)| {
            Some(row.waiting)
        }),
    ]
}

/// latency.csv: complementary distributions of request latency.
pub(super) const LATENCY: Sheet = Sheet {
    file: "latency.csv",
    about: "a latency: 40 in a decade, each exact, until fewer than ten requests are left",
    columns: || described(&latency_columns()),
    write: |results| {
        let points = list(results, |requests| &requests.latencies)
            .iter()
            .flat_map(|curve| curve.points.iter().map(move |&(latency, longer)| Point { curve, latency, longer }));
        table(&latency_columns(), points)
    },
};

/// A point of a curve.
struct Point<'a> {
    curve: &'a LatencyCurve,
    latency: f64,
    longer: u64,
}

fn latency_columns<'a>() -> [Column<Point<'a>>; 7] {
    [
        Column::text("workflow", "", |point| point.curve.workflow.clone()),
        Column::text("tier", "empty: all", |point| of(point.curve.tier.as_ref()).to_owned()),
        Column::text("condition", "in which world", |point| point.curve.condition.to_string()),
        Column::text("latency_s", "", |point| exact(point.latency)),
        Column::text("requests_longer", "requests that took longer, or failed", |point| point.longer.to_string()),
        Column::text("share_longer", "", |point| exact(point.longer as f64 / point.curve.requests.max(1) as f64)),
        Column::text("requests", "in all", |point| point.curve.requests.to_string()),
    ]
}

/// cells.csv: the load of each cell without faults.
pub(super) const CELLS: Sheet =
    Sheet { file: "cells.csv", about: "a cell, without faults", columns: || described(&cell_columns()), write: cells };

/// Returns cells.csv.
pub fn cells(results: &Outcome) -> Vec<u8> {
    table(&cell_columns(), list(results, |requests| &requests.cells))
}

fn cell_columns<'a>() -> [Column<&'a CellLoad>; 10] {
    [
        Column::text("id", "unique in this table", |one| id::line("cell", &[("cell", &one.cell)])),
        Column::text("cell", "", |one| one.cell.clone()),
        Column::text("workflow", "", |one| one.workflow.clone()),
        Column::text("tier", "empty: all", |one| of(one.tier.as_ref()).to_owned()),
        Column::text("customers", "homed there", |one| one.customers.to_string()),
        Column::text("requests_per_second", "by the scenario", |one| exact(one.requests_per_second)),
        Column::interval("utilization", "of its busiest station, measured", |one| Some(&one.utilization)),
        Column::text(
            "utilization_zone_lost",
            "the same by the scenario, at the profile's peak, with one zone lost; empty where nothing is left",
            |one| exact_or_empty(Some(one.utilization_zone_lost).filter(|lost| !lost.is_nan())),
        ),
        Column::text("utilization_target", "", |one| exact_or_empty(one.target)),
        Column::state("`null` where no stage has slots, with the reason", |one| &one.utilization),
    ]
}
