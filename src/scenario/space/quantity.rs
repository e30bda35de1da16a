//! Values as quantities: what can be compared, multiplied, and spaced.

use crate::scenario::document::{Node, Value};
use crate::scenario::text::{self, Per};
use crate::units::{DAY, HOUR, MICROSECOND, MILLISECOND, MINUTE, Nanos, SECOND};

/// What kind of quantity a value is; only those of one kind can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    /// A bare number, or a count.
    Number,
    /// A duration.
    Time,
    /// A share.
    Share,
    /// A number per second.
    Rate,
    /// An amount of money.
    Money,
}

/// Returns the quantity that a value is, if it is one.
pub(super) fn of(node: &Node) -> Option<(Dimension, f64)> {
    match &node.value {
        Value::Integer(number) => Some((Dimension::Number, *number as f64)),
        Value::Float(number) => Some((Dimension::Number, *number)),
        Value::Text(written) => of_text(written),
        Value::Bool(_) | Value::List(_) | Value::Table(_) => None,
    }
}

fn of_text(written: &str) -> Option<(Dimension, f64)> {
    let kinds = [
        (Dimension::Time, text::duration(written).map(|nanos| nanos as f64)),
        (Dimension::Share, text::percentage(written)),
        (Dimension::Rate, text::rate(written)),
        (Dimension::Money, text::money(written, Per::Month)),
        (Dimension::Money, text::money(written, Per::Request)),
    ];
    if let Some(found) = kinds.into_iter().find_map(|(kind, read)| Some((kind, read.ok()?))) {
        return Some(found);
    }
    // "50 customers"
    let (number, _) = parts(written)?;
    Some((Dimension::Number, number))
}

/// Divides a text into its number and what follows it: "15", "min"; the sign of money stays out.
pub(super) fn parts(written: &str) -> Option<(f64, &str)> {
    let (cleaned, unit) = text::number(written)?;
    cleaned.parse().ok().map(|number| (number, unit))
}

/// Returns a multiple of a value; `None` if it cannot be multiplied. Whole numbers stay whole.
pub(super) fn times(node: &Node, factor: f64) -> Option<Value> {
    Some(match &node.value {
        Value::Integer(number) => Value::Integer((*number as f64 * factor).round() as i128),
        Value::Float(number) => Value::Float(rounded(number * factor)),
        Value::Text(written) => Value::Text(text_times(written, factor)?),
        Value::Table(table) => {
            // A distribution: its times are multiplied, its shape stays.
            let mut table = table.clone();
            let mut any = false;
            for entry in &mut table.entries {
                match entry.node.value {
                    Value::Text(_) | Value::Table(_) => {
                        entry.node.value = times(&entry.node, factor)?;
                        any = true;
                    }
                    Value::Integer(_) | Value::Float(_) => {}
                    Value::Bool(_) | Value::List(_) => return None,
                }
            }
            if !any {
                return None;
            }
            Value::Table(table)
        }
        Value::Bool(_) | Value::List(_) => return None,
    })
}

fn text_times(written: &str, factor: f64) -> Option<String> {
    let (sign, bare) = match written.trim().strip_prefix('$') {
        Some(rest) => ("$", rest),
        None => ("", written.trim()),
    };
    let (number, unit) = parts(bare)?;
    let is_count = unit.chars().all(char::is_alphabetic) && text::duration(bare).is_err();
    if unit.chars().any(|letter| letter.is_ascii_digit()) {
        // "1h 30min"
        return text::duration(bare).ok().map(|nanos| duration((nanos as f64 * factor).round() as Nanos));
    }
    let product = number * factor;
    let number = if is_count && number.fract() == 0.0 { product.round() } else { rounded(product) };
    let space = if is_count && !unit.is_empty() { " " } else { "" };
    Some(format!("{sign}{number}{space}{unit}"))
}

/// Writes a duration in the largest unit of which it is a multiple.
fn duration(nanos: Nanos) -> String {
    let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (MILLISECOND, "ms"), (MICROSECOND, "us")];
    let whole = units.into_iter().find(|(unit, _)| nanos > 0 && nanos.is_multiple_of(*unit));
    let (unit, name) = whole.unwrap_or((1, "ns"));
    format!("{}{name}", nanos / unit)
}

/// Rounds to nine significant digits: 0.1 times 3 is 0.3.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::scenario::document::tests::parsed;

    fn value(text: &str) -> Node {
        parsed(&format!("x = {text}")).child("x").unwrap().clone()
    }

    #[test]
    fn quantities_of_one_kind_compare() {
        assert_eq!(of(&value("\"90s\"")), Some((Dimension::Time, 90e9)));
        assert_eq!(of(&value("\"1.5min\"")), Some((Dimension::Time, 90e9)));
        assert_eq!(of(&value("12")), Some((Dimension::Number, 12.0)));
        assert_eq!(of(&value("\"50 customers\"")), Some((Dimension::Number, 50.0)));
        assert_eq!(of(&value("\"5%\"")), Some((Dimension::Share, 0.05)));
        assert_eq!(of(&value("\"$10/month\"")), Some((Dimension::Money, 10.0)));
        assert_eq!(of(&value("\"fifo\"")), None);
        assert_eq!(of(&value("true")), None);
    }

    #[test]
    fn multiples_keep_the_unit() {
        let written = |text: &str, factor| match times(&value(text), factor) {
            Some(Value::Text(text)) => text,
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Float(number)) => number.to_string(),
            other => format!("{other:?}"),
        };
        for (text, factor, expected) in [
            ("\"15min\"", 0.5, "7.5min"),
            ("\"1h 30min\"", 0.5, "45min"),
            ("\"12/s\"", 2.0, "24/s"),
            ("\"$1,900/month\"", 0.5, "$950/month"),
            ("\"1%\"", 3.0, "3%"),
            ("\"51 customers\"", 0.5, "26 customers"),
            ("7", 0.5, "4"),
            ("0.1", 3.0, "0.3"),
            ("\"fifo\"", 2.0, "None"),
            ("true", 2.0, "None"),
        ] {
            assert_eq!(written(text, factor), expected, "{text} x{factor}");
        }
        let law = times(&value("{ p50 = \"5min\", p95 = \"20min\" }"), 2.0);
        let Some(Value::Table(law)) = law else { panic!("no table") };
        assert_eq!(law.get("p95").unwrap().node.text(), Some("40min"));
        let law = times(&value("{ mean = \"5ms\", cv = 2 }"), 2.0);
        let Some(Value::Table(law)) = law else { panic!("no table") };
        assert!(matches!(law.get("cv").unwrap().node.value, Value::Integer(2)));
        assert!(times(&value("{ empirical = \"a.csv\" }"), 2.0).is_none());
    }
}
