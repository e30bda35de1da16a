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

fn columns<'a>() -> [Column<&'a Row>; 16] {
    [
        Column::text("id", "unique, and the same in every run", |row| id::of_row(row)),
        Column::text("metric", "see below", |row| row.subject.metric.to_string()),
        Column::text("statistic", "see below", |row| row.subject.statistic.to_string()),
        Column::text("tier", "empty: all", |row| row.subject.tier().to_owned()),
        Column::text("workflow", "empty: all", |row| row.subject.workflow().to_owned()),
        Column::text("fault", "empty: all, or none", |row| row.subject.fault().to_owned()),
        Column::text(
            "unit",
            "`customers`, `share` (0.02 is 2 %), `s`, `min`, `/s`, `$`, or empty for a plain number",
            |row| row.subject.unit.to_string(),
        ),
        Column::text("denominator", "what a share is a share of, or another remark on what is counted", |row| {
            row.denominator.clone()
        }),
        Column::text("condition", "in which world: see below", |row| row.subject.condition.to_string()),
        Column::text("n", "independent units that the number rests on: see below", |row| row.estimate.n.to_string()),
        Column::value("value", "the number and its interval at `run.confidence` (95 % by default)", |row| {
            Some(&row.estimate)
        }),
        Column::state(
            "`exact`, `estimate`, `bound` or `null`, see below; why there is no number, or no two-sided interval",
            |row| &row.estimate,
        ),
        Column::text("stage", "of `wait` and `queue_length`", |row| row.subject.field("stage")),
        Column::text("path", "of `router_latency`; empty: all lookups", |row| row.subject.field("path")),
        Column::text("cause", "of `error_share`: why requests failed; empty: for any reason", |row| {
            row.subject.field("cause")
        }),
        Column::text("alert", "of `burn_rate_alerts`", |row| row.subject.field("alert")),
    ]
}
