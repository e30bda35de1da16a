//! summary.csv: every measure, tidy.

use super::column::{Column, described, table};
use super::sheet::Sheet;
use crate::experiment::outcome::Row;
use crate::report::id;

/// summary.csv.
pub(super) const SUMMARY: Sheet = Sheet {
    file: "summary.csv",
    about: "a measure: everything that the run found",
    columns: || described(&columns()),
    write: |results| table(&columns(), &results.rows),
};

fn columns<'a>() -> [Column<&'a Row>; 14] {
    [
        Column::text("id", "unique, and the same in every run", |row| id::of_row(row)),
        Column::text("metric", "see below", |row| row.subject.metric.to_string()),
        Column::text("statistic", "see below", |row| row.subject.statistic.to_string()),
        Column::text("tier", "empty: all", |row| row.subject.tier().to_owned()),
        Column::text("workflow", "empty: all", |row| row.subject.workflow().to_owned()),
        Column::text("fault", "empty: all, or none", |row| row.subject.fault().to_owned()),
        Column::text("unit", "customers, share, s, min, /s, $, or empty", |row| row.subject.unit.to_string()),
        Column::text("denominator", "what a share is a share of", |row| row.denominator.clone()),
        Column::text("condition", "in which world", |row| row.subject.condition.to_string()),
        Column::text("n", "what the interval rests on: replications, incidents, requests, ..", |row| {
            row.estimate.n.to_string()
        }),
        Column::value("value", "", |row| Some(&row.estimate)),
        Column::state("exact, estimate, bound or null; why it is not more", |row| &row.estimate),
        Column::text("stage", "of `wait` and `queue_length`", |row| row.subject.stage().to_owned()),
        Column::text("path", "of `router_latency`; empty: all look-ups", |row| row.subject.path().to_owned()),
    ]
}
