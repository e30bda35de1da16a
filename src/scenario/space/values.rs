//! The values of a lever as they are written: lists, equally spaced ones, ratios, multiples.

use super::quantity::{self, rounded};
use crate::scenario::document::{Node, Place, Read, Source, Value, parse, plain};

/// Most values of one range.
const MOST: usize = 10_000;

/// Returns the values that a study file lists, or a range in quotes.
pub(super) fn listed(node: &Node) -> Read<Vec<Node>> {
    match &node.value {
        Value::List(items) => Ok(items.clone()),
        Value::Text(text) => match range(text) {
            Some(range) => spaced(&node.place, range),
            None => Err(Box::new(expected(node))),
        },
        _ => Err(Box::new(expected(node))),
    }
}

fn expected(node: &Node) -> crate::diagnostic::Diagnostic {
    node.expected(
        "the values of a lever",
        "[10, 20, 40], \"10..40/4\" (equally spaced) or \"10..80*4\" (in equal ratios)",
    )
}

/// Returns the values right of the `=` of a `--vary`: (where they begin in the text, they).
pub(super) fn typed(source: &std::sync::Arc<Source>, begin: usize) -> Read<Vec<Node>> {
    let text = &source.text[begin..];
    let mut values = Vec::new();
    let items = divided(text);
    for (start, item) in &items {
        let from = begin + start + (item.len() - item.trim_start().len());
        let place = Place { source: std::sync::Arc::clone(source), span: from..from + item.trim().len() };
        let item = item.trim();
        plain(&place, item)?;
        if item.is_empty() {
            return Err(Box::new(place.error("a value is missing", "nothing here").help("write PATH=10,20,40")));
        }
        match range(item) {
            Some(range) if items.len() == 1 => values.extend(spaced(&place, range)?),
            Some(_) => {
                let error = place.error("a range stands alone", "beside other values");
                return Err(Box::new(error.help("write a list, or one range: 1000..5000/5")));
            }
            None => values.push(value(&place, item)),
        }
    }
    Ok(values)
}

/// Reads one value: as TOML would, else as text without its quotes.
fn value(place: &Place, text: &str) -> Node {
    let read = parse(&Source::set(format!("v={text}")), 0).ok();
    let entries = read.and_then(|node| match node.value {
        Value::Table(mut table) if table.entries.len() == 1 => table.entries.pop(),
        _ => None,
    });
    let value = match entries {
        Some(entry) if entry.key == "v" => entry.node.value,
        _ => Value::Text(text.to_owned()),
    };
    let mut node = Node { value, place: place.clone(), rank: 0 };
    placed(&mut node, place);
    node
}

/// Says of a value and all in it that it stands here.
pub(super) fn placed(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| placed(item, place)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.key_place = place.clone();
                placed(&mut entry.node, place);
            }
        }
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) => {}
    }
}

/// Divides at commas that stand in no quotes and no brackets: (where each part begins, the part).
fn divided(text: &str) -> Vec<(usize, &str)> {
    let (mut depth, mut quote, mut start, mut parts) = (0_usize, None, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push((start, &text[start..at]));
                start = at + 1;
            }
            (Some(_) | None, _) => {}
        }
    }
    parts.push((start, &text[start..]));
    parts
}

/// How the values of a range follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Equal,
    Ratio,
}

/// Reads `a..b/n` or `a..b*n`: (a, b, steps, n as written).
fn range(text: &str) -> Option<(&str, &str, Step, &str)> {
    let (from, rest) = text.split_once("..").filter(|(from, _)| !from.trim().is_empty())?;
    let at = rest.rfind(['/', '*'])?;
    let (to, count) = (&rest[..at], &rest[at + 1..]);
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let step = if rest.as_bytes()[at] == b'/' { Step::Equal } else { Step::Ratio };
    Some((from.trim(), to.trim(), step, count))
}

fn spaced(place: &Place, (from, to, step, count): (&str, &str, Step, &str)) -> Read<Vec<Node>> {
    let refuse = |message: String, help: &str| Err(Box::new(place.error(message, "this range").help(help)));
    let example = "write 1000..5000/5 (five equally spaced values) or 10..320*6 (six in equal ratios)";
    let (Some((a, unit_a)), Some((b, unit_b))) = (quantity::parts(from), quantity::parts(to)) else {
        return refuse(format!("`{from}` to `{to}` is no range of numbers"), example);
    };
    let unit = if unit_a.is_empty() { unit_b } else { unit_a };
    if !unit_a.is_empty() && unit_a != unit_b {
        return refuse(format!("a range from {unit_a} to {unit_b}"), "write both ends in one unit: 5min..20min/4");
    }
    let Some(count) = count.parse::<usize>().ok().filter(|count| (2..=MOST).contains(count)) else {
        return refuse(format!("a range has 2 to {MOST} values, not {count}"), example);
    };
    if step == Step::Ratio && !(a > 0.0 && b > 0.0) {
        return refuse("equal ratios need ends above 0".to_owned(), example);
    }
    let whole = unit.is_empty() && a.fract() == 0.0 && b.fract() == 0.0;
    let node = |index: usize| {
        let share = index as f64 / (count - 1) as f64;
        let value = match step {
            Step::Equal => a + share * (b - a),
            Step::Ratio => a * libm::exp(share * libm::log(b / a)),
        };
        let value = match (unit.is_empty(), whole) {
            (true, true) => Value::Integer(value.round() as i128),
            (true, false) => Value::Float(rounded(value)),
            (false, _) => Value::Text(format!("{}{unit}", short(value))),
        };
        Node { value, place: place.clone(), rank: 0 }
    };
    Ok((0..count).map(node).collect())
}

/// Writes a number of a range with at most four significant digits, but all digits of its whole part.
fn short(value: f64) -> f64 {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    if value.abs() >= 1e4 { value.round() } else { rounded }
}

/// Returns the factor of a multiple: 0.5 of "x0.5".
pub(super) fn factor(node: &Node) -> Option<f64> {
    let factor = node.text()?.strip_prefix('x')?;
    let digits = factor.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    factor.parse().ok().filter(|_| digits)
}

/// Writes a value as it would stand in a file, on one line.
pub(super) fn shown(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => text.clone(),
        _ => inline(node),
    }
}

fn inline(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => format!("\"{text}\""),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let entries: Vec<String> =
                table.entries.iter().map(|entry| format!("{} = {}", entry.key, inline(&entry.node))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::path::PathBuf;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let source = Source::new("--vary", PathBuf::new(), text.into(), true);
        typed(&source, 0).map(|nodes| nodes.iter().map(shown).collect()).map_err(|error| error.message)
    }

    #[test]
    fn values_are_lists_and_ranges() {
        assert_eq!(read("1000,2500,5000").unwrap(), ["1000", "2500", "5000"]);
        assert_eq!(read("1000..5000/5").unwrap(), ["1000", "2000", "3000", "4000", "5000"]);
        assert_eq!(read("10..320*6").unwrap(), ["10", "20", "40", "80", "160", "320"]);
        assert_eq!(read("5min..20min/4").unwrap(), ["5min", "10min", "15min", "20min"]);
        assert_eq!(read("0.1..0.5/5").unwrap(), ["0.1", "0.2", "0.3", "0.4", "0.5"]);
        assert_eq!(read("10%..40%*3").unwrap(), ["10%", "20%", "40%"]);
        assert_eq!(read("x0.5, x1,x2").unwrap(), ["x0.5", "x1", "x2"]);
        assert_eq!(read("\"a, b\",c").unwrap(), ["a, b", "c"]);
        assert_eq!(read("true,{ p50 = \"5min\", p95 = \"20min\" }").unwrap()[1], "{ p50 = \"5min\", p95 = \"20min\" }");
    }

    #[test]
    fn what_is_no_range_is_said() {
        assert!(read("1000..5000/1").unwrap_err().contains("2 to 10000"));
        assert!(read("5min..20s/3").unwrap_err().contains("from min to s"));
        assert!(read("0..10*3").unwrap_err().contains("above 0"));
        assert!(read("a..b/3").unwrap_err().contains("no range"));
        assert!(read("1,1..5/3").unwrap_err().contains("alone"));
        assert!(read("1,,2").unwrap_err().contains("missing"));
        assert!(read("").unwrap_err().contains("missing"));
    }
}
