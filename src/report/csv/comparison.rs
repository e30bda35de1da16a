//! compare.csv: one line per design and measure.

use super::column::{self, Column, Described, table};
use crate::experiment::compare::{Comparison, Difference};
use crate::number::exact_or_empty;
use crate::report::id;
use crate::report::verdict::change;

/// A measure of one design, and the comparison that it is of.
type Line<'a> = (&'a Comparison, &'a Difference);

/// Returns compare.csv.
pub fn comparison(comparison: &Comparison) -> Vec<u8> {
    table(&columns(), comparison.differences.iter().map(|one| (comparison, one)))
}

/// Returns its columns.
pub(super) fn described() -> Vec<Described> {
    column::described(&columns())
}

fn columns<'a>() -> [Column<Line<'a>>; 22] {
    [
        Column::text("id", "as in summary.csv", |(_, one)| id::of_subject(&one.subject)),
        Column::text("design", "", |(all, one)| all.designs[one.design].name.clone()),
        Column::text("against", "the first design", |(all, _)| all.designs[0].name.clone()),
        Column::text("metric", "", |(_, one)| one.subject.metric.to_string()),
        Column::text("statistic", "", |(_, one)| one.subject.statistic.to_string()),
        Column::text("tier", "", |(_, one)| one.subject.tier().to_owned()),
        Column::text("workflow", "", |(_, one)| one.subject.workflow().to_owned()),
        Column::text("fault", "", |(_, one)| one.subject.fault().to_owned()),
        Column::text("unit", "", |(_, one)| one.subject.unit.to_string()),
        Column::text("condition", "", |(_, one)| one.subject.condition.to_string()),
        Column::text("n", "pairs of replications", |(_, one)| one.difference.n.to_string()),
        Column::text("first", "the first design's number", |(_, one)| exact_or_empty(one.first.value)),
        Column::text("other", "this design's", |(_, one)| exact_or_empty(one.other.value)),
        Column::value("difference", "other minus first, pair by pair", |(_, one)| Some(&one.difference)),
        Column::text("p_value", "by Holm, as one of all", |(_, one)| exact_or_empty(one.p_value)),
        Column::text("change", "what that means", |(_, one)| change(one.change).0.to_lowercase()),
        Column::state("", |(_, one)| &one.difference),
        Column::text("per", "what it is a mean per", |(_, one)| one.subject.per().to_string()),
        Column::text("stage", "", |(_, one)| one.subject.field("stage")),
        Column::text("path", "", |(_, one)| one.subject.field("path")),
        Column::text("cause", "", |(_, one)| one.subject.field("cause")),
        Column::text("alert", "", |(_, one)| one.subject.field("alert")),
    ]
}
