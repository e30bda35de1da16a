//! Limits of expectations.

use std::path::PathBuf;

use super::document::{Node, Place, Read, Source, Value};
use super::grammar::shape::{About, Kind, Shape};
use super::keys::Keys;
use super::text::{self, Per};
use super::values;
use crate::catalogue::{LimitUnit, Metric, Spec, Statistic, Unit};
use crate::units;

/// A limit, in the unit of the row (seconds, shares, counts).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Limit {
    /// Not above.
    AtMost(f64),
    /// Not below.
    AtLeast(f64),
}

impl Limit {
    /// Returns the number.
    pub fn value(self) -> f64 {
        match self {
            Limit::AtMost(value) | Limit::AtLeast(value) => value,
        }
    }

    /// Reads a limit back as it is written in results: "50 customers", "at least 99%"; with the unit of the number that it limits.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_text(text: &str, metric: Metric, statistic: Statistic) -> Result<(Limit, Unit), String> {
        let (limit, written): (fn(f64) -> Limit, &str) = match text.strip_prefix("at least ") {
            Some(rest) => (Limit::AtLeast, rest),
            None => (Limit::AtMost, text),
        };
        let bare: Option<f64> = written.replace('_', "").parse().ok();
        let value = match (bare, written.replace('_', "").parse()) {
            (Some(_), Ok(whole)) => Value::Integer(whole),
            (Some(number), Err(_)) => Value::Float(number),
            (None, _) => Value::Text(written.to_owned()),
        };
        let source = Source::new("limit", PathBuf::new(), written.into(), true);
        let node = Node { value, place: Place { source, span: 0..written.len() }, rank: 0 };
        let (value, unit) = quantity(&node, units_of(metric.spec(), statistic)).map_err(|error| error.message)?;
        Ok((limit(value), unit.unit()))
    }
}

/// Returns what limits of a statistic may be written in.
fn units_of(metric: &Spec, statistic: Statistic) -> &'static [LimitUnit] {
    match statistic {
        Statistic::Share | Statistic::Under(_) => &[LimitUnit::Share],
        _ => metric.units,
    }
}

/// Shape of a limit on a statistic.
pub(super) const LIMITS: Shape = Shape::new("limit", "a limit", &[&AT_LEAST, &AT_MOST]);
const AT_LEAST: About = About::new("at_least", Kind::Any(&[Kind::Number, Kind::Text]), "not below this");
const AT_MOST: About = About::new("at_most", Kind::Any(&[Kind::Number, Kind::Text]), "not above this")
    .required_if("this or `at_least`", "at_most = ..");

/// Reads a lower limit, an upper one, or both: (limit, as written, unit of the row).
pub(super) fn limits(keys: &Keys<'_>, metric: &Spec, statistic: Statistic) -> Vec<(Limit, String, Unit)> {
    let units = units_of(metric, statistic);
    let given = [(AT_LEAST.name, keys.get(&AT_LEAST)), (AT_MOST.name, keys.get(&AT_MOST))];
    let given: Vec<(&str, &Node)> = given.into_iter().filter_map(|(key, node)| Some((key, node?))).collect();
    if given.is_empty() {
        keys.missing(&AT_MOST);
    }
    let mut found = Vec::new();
    for (key, node) in given {
        let Some((value, unit)) = keys.context.keep(quantity(node, units)) else { continue };
        let written = match &node.value {
            Value::Text(text) => text.clone(),
            _ => written(node).to_owned(),
        };
        let limit = if key == AT_MOST.name { Limit::AtMost(value) } else { Limit::AtLeast(value) };
        found.push((limit, written, unit.unit()));
    }
    if let [(Limit::AtLeast(low), _, low_unit), (Limit::AtMost(high), _, high_unit)] = found.as_slice()
        && low_unit == high_unit
        && low > high
    {
        let error = keys.place.error("`at_least` is above `at_most`", "nothing can keep both");
        keys.context.problem(error.help("swap them"));
    }
    found
}

/// A value as it stands in the file.
pub(super) fn written(node: &Node) -> &str {
    node.place.source.text.get(node.place.span.clone()).unwrap_or("")
}

/// Reads a limit in the first of the units that its text fits.
fn quantity(node: &Node, units: &[LimitUnit]) -> Read<(f64, LimitUnit)> {
    let mut first = None;
    for unit in units {
        match one(node, *unit) {
            Ok(value) => return Ok((value, *unit)),
            // A percentage out of range is a better message than "this is no count".
            Err(error) if node.text().is_some_and(|text| text.contains('%')) => first = Some(error),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| Box::new(node.error("a limit that cannot be read", "here"))))
}

/// Reads "15min", "2h", "500 minutes", as minutes.
fn minutes(written: &str) -> text::Parsed<f64> {
    match text::count(written, "minutes") {
        Ok(count) => Ok(count),
        Err(_) => text::duration(written).map(|length| length as f64 / units::MINUTE as f64),
    }
}

fn one(node: &Node, unit: LimitUnit) -> Read<f64> {
    let is_text = node.text().is_some();
    let by = |parse: &dyn Fn(&str) -> text::Parsed<f64>, what: &str, example: &str| {
        let written = node.text().ok_or_else(|| Box::new(node.expected(what, example)))?;
        parse(written).map_err(|label| {
            Box::new(
                node.error(format!("expected {what}, found \"{written}\""), label).help(format!("write {example}")),
            )
        })
    };
    match unit {
        LimitUnit::Customers if is_text => {
            by(&|text| text::count(text, "customers"), "a count of customers", "\"50 customers\"")
        }
        LimitUnit::CustomerMinutes if is_text => {
            by(&|text| text::count(text, "minutes"), "customer-minutes", "\"500 minutes\"")
        }
        LimitUnit::Minutes if is_text => by(&minutes, "minutes", "\"15min\""),
        LimitUnit::Customers if matches!(node.value, Value::Float(_)) => Err(Box::new(
            node.error("a count of customers is a whole number", "not whole").help("or a share, like \"2%\""),
        )),
        LimitUnit::Share => values::share(node),
        LimitUnit::OpenShare if is_text => by(&text::percentage, "a share", "\"75%\""),
        LimitUnit::Customers
        | LimitUnit::CustomerMinutes
        | LimitUnit::Minutes
        | LimitUnit::Plain
        | LimitUnit::OpenShare => values::number(node),
        LimitUnit::Duration => values::duration(node).map(units::seconds),
        LimitUnit::Rate => values::rate(node),
        LimitUnit::Dollars => {
            let parse = |text: &str| {
                let month = text.contains('/');
                text::money(&if month { text.to_owned() } else { format!("{text}/month") }, Per::Month)
            };
            by(&parse, "dollars per month", "\"$150000/month\"")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_back() {
        let read = |text, metric| Limit::of_text(text, metric, Statistic::Mean).unwrap();
        for (text, metric, limit, unit) in [
            ("50 customers", Metric::BlastRadius, Limit::AtMost(50.0), Unit::Customers),
            ("1_000", Metric::BlastRadius, Limit::AtMost(1000.0), Unit::Customers),
            ("2%", Metric::BlastRadius, Limit::AtMost(0.02), Unit::Share),
            ("at least 99.99%", Metric::SlaAttainment, Limit::AtLeast(0.9999), Unit::Share),
            ("250ms", Metric::Latency, Limit::AtMost(0.25), Unit::Seconds),
            ("at least 400/s", Metric::Goodput, Limit::AtLeast(400.0), Unit::PerSecond),
            ("$150000", Metric::Cost, Limit::AtMost(150_000.0), Unit::Dollars),
            ("1.5", Metric::RetryAmplification, Limit::AtMost(1.5), Unit::Plain),
            ("15min", Metric::BadMinutes, Limit::AtMost(15.0), Unit::Minutes),
        ] {
            assert_eq!(read(text, metric), (limit, unit), "{text}");
        }
        let share = Limit::of_text("at least 95%", Metric::Latency, Statistic::Under(1)).unwrap();
        assert_eq!(share, (Limit::AtLeast(0.95), Unit::Share));
        assert!(Limit::of_text("soon", Metric::Latency, Statistic::Mean).is_err());
    }
}
