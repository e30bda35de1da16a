//! Empirical laws: a table of quantiles, or measured values, of a column or listed.

use super::context::Context;
use super::document::{Node, Read, Table};
use super::grammar::key::{self, Key};
use super::grammar::shape::{About, Kind, Others, Shape};
use super::keys::Keys;
use super::unknown::unknown;
use super::{text, values};
use crate::engine::law::{Law, Measured};
use crate::units::Nanos;

/// Shape of an empirical law.
pub(super) const EMPIRICAL: Shape = Shape {
    others: Some(Others { called: "NN%", pattern: "^[0-9.]+ ?%$", kind: Kind::Duration }),
    ..Shape::new("empirical", "`empirical`", &[&CSV, COLUMN.about(), UNIT.about(), VALUES.about()])
};

const CSV: About = About::new("csv", Kind::File, "file of measured values, one a row")
    .required_if("this or `values`", "csv = \"measured.csv\"");
const COLUMN: Key<String> = key::text("column", "its column").required_if("required with `csv`", "column = \"ms\"");
const UNIT: Key<Nanos> = key::by("unit", Kind::Written("ms"), values::unit, "what the numbers in it count")
    .required_if("required with `csv`", "unit = \"ms\"");
const VALUES: Key<Vec<f64>> = key::by(
    "values",
    Kind::List(&Kind::Duration),
    listed,
    "measured values in place of a file: these very values are drawn, each as often as every other one",
)
.required_if("this or `csv`", EXAMPLE);

/// Reads `{ "0%" = "1ms", ..., "100%" = "9s" }`, `{ csv, column, unit }` or `{ values = ["8ms", "9ms"] }`.
pub(super) fn empirical(context: &Context, node: &Node) -> Option<Law> {
    let Some(table) = node.table() else {
        let example = "{ \"0%\" = \"1ms\", \"50%\" = \"8ms\", \"100%\" = \"90ms\" }, or { csv, column, unit }";
        context.problem(node.expected("a table of quantiles", example));
        return None;
    };
    if !EMPIRICAL.keys().any(|key| table.get(key.name).is_some()) {
        return context.keep(quantiles(node, table));
    }
    let read = |keys: &Keys<'_>| {
        for entry in table.entries.iter().filter(|entry| EMPIRICAL.key(&entry.key).is_none()) {
            let message = format!("unknown key `{}` in `empirical`", entry.key);
            let known = EMPIRICAL.keys().map(|key| key.name);
            context.problem(unknown(&entry.key_place, message, &entry.key, known, "known keys"));
        }
        match keys.group(&[&[&CSV, COLUMN.about(), UNIT.about()], &[VALUES.about()]])? {
            0 => column(keys, node),
            _ => keys.read(&VALUES),
        }
    };
    context.shaped(node, &EMPIRICAL, read).flatten().map(|values| {
        let law = Law::Measured(Measured::new(values));
        law.constant().map_or(law, Law::Constant)
    })
}

fn quantiles(node: &Node, table: &Table) -> Read<Law> {
    let mut points = Vec::new();
    for entry in &table.entries {
        let probability = text::percentage(&entry.key).ok().filter(|share| *share <= 1.0).ok_or_else(|| {
            let error = entry.key_place.error(format!("`{}` is no quantile", entry.key), "not a percentage up to 100%");
            Box::new(error.help("write \"50%\" = \"8ms\", or { csv, column, unit }"))
        })?;
        points.push((probability, values::duration(&entry.node)? as f64, &entry.node));
    }
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    for pair in points.windows(2) {
        if pair[0].0 >= pair[1].0 {
            return Err(Box::new(pair[1].2.error("one quantile, two values", "given twice")));
        }
        if pair[0].1 > pair[1].1 {
            let error = pair[1].2.error("quantiles must not decrease", "less than that of a lower percentage");
            return Err(Box::new(error));
        }
    }
    match (points.first(), points.last()) {
        (Some(first), Some(last)) if first.0 == 0.0 && last.0 == 1.0 => {}
        _ => {
            let error = node.error("a table of quantiles goes from \"0%\" to \"100%\"", "has not both");
            return Err(Box::new(error.help("add the least and the greatest value")));
        }
    }
    Ok(table_law(points.iter().map(|point| (point.0, point.1)).collect()))
}

const EXAMPLE: &str = "values = [\"8ms\", \"12ms\", \"250ms\"]";

fn listed(node: &Node) -> Read<Vec<f64>> {
    let values = values::list(node, "[\"8ms\", \"250ms\"]", values::duration)?;
    if values.is_empty() {
        return Err(Box::new(node.error("a law of no values", "empty").help(format!("write `{EXAMPLE}`"))));
    }
    Ok(values.into_iter().map(|value| value as f64).collect())
}

fn column(keys: &Keys<'_>, node: &Node) -> Option<Vec<f64>> {
    let file = keys.required(&CSV, |node| keys.context.read_csv(node));
    let name = keys.read(&COLUMN);
    let unit = keys.read(&UNIT)? as f64;
    let (file, name) = (file?, name?);
    let place = keys.get(&COLUMN).map_or(&node.place, |node| &node.place);
    let column = keys.context.keep(file.required(&name, place))?;
    let read = |row| {
        let field = file.field(row, column);
        let value = field.number()? * unit;
        let too_long = value > text::LONGEST as f64;
        if too_long { Err(Box::new(field.error("a duration of more than 100 years"))) } else { Ok(value) }
    };
    keys.context.keep((0..file.len()).map(read).collect::<Read<Vec<f64>>>())
}

fn table_law(points: Vec<(f64, f64)>) -> Law {
    match (points.first(), points.last()) {
        (Some(first), Some(last)) if first.1 == last.1 => Law::Constant(first.1),
        _ => Law::Empirical(points),
    }
}
