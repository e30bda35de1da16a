//! A table for the page: headings in words, numbers as the summary writes them, each value with its interval in one cell.

use serde::Serialize;

use super::grid::Grid;
use crate::catalogue::Unit;
use crate::engine::stats::{Estimate, State};
use crate::number;
use crate::report::estimate;

/// Most rows of a table of the page.
pub(super) const MOST_ROWS: usize = 2_000;

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sheet {
    /// Columns.
    pub heads: Vec<Head>,
    /// Rows.
    pub rows: Vec<Vec<Entry>>,
    /// Rows that there are; the page may hold fewer.
    pub total: usize,
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Head {
    /// In words.
    pub name: String,
    /// As in the file; empty if it is in none.
    pub key: String,
    /// Whether it holds numbers.
    pub numeric: bool,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    /// As shown.
    pub text: String,
    /// As in the file, where that is another text: what is sorted by.
    pub raw: String,
    /// Whether it is bad news.
    pub is_loud: bool,
}

/// What a column's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// Words.
    Word,
    /// As the other column `unit` of the row says.
    AsUnit,
    /// In this unit.
    In(Unit),
    /// An instant or a length, in seconds.
    Clock,
    /// A share that was sold, with all its digits.
    Sold,
}

/// Columns that say nothing to a reader of the page.
const HIDDEN: [&str; 3] = ["digest", "state", "n"];

/// Returns what the numbers of a column are, by its name in the file.
fn measure(name: &str, is_number: bool, has_unit: bool) -> Measure {
    match name {
        _ if !is_number => Measure::Word,
        "value" | "first" | "other" | "difference" if has_unit => Measure::AsUnit,
        "sla" => Measure::Sold,
        "credits_a_year" => Measure::In(Unit::Dollars),
        "meets_sla" | "no_sla_miss" => Measure::In(Unit::Share),
        _ if name.contains("share") || name.starts_with("utilization") => Measure::In(Unit::Share),
        _ if name.ends_with("_s") || name == "second" => Measure::Clock,
        _ => Measure::In(Unit::Plain),
    }
}

/// Returns a column's heading.
fn heading(name: &str) -> String {
    let name = name.strip_suffix("_s").unwrap_or(name);
    name.replace('_', " ")
}

impl Sheet {
    /// Makes a table of a file's: limits of an interval go into the cell of their value, columns without a word go away.
    pub(super) fn of(grid: &Grid) -> Sheet {
        let ends = |name: &str| {
            let own = (grid.column(&format!("{name}_ci_low"))?, grid.column(&format!("{name}_ci_high"))?);
            Some(own)
        };
        let difference = |name: &str| {
            let has = ["value", "difference"].contains(&name);
            has.then(|| Some((grid.column("ci_low")?, grid.column("ci_high")?))).flatten()
        };
        let is_empty = |column: usize| grid.rows.iter().all(|row| row[column].is_empty());
        let shown: Vec<usize> = (0..grid.header.len())
            .filter(|&column| {
                let name = grid.header[column].as_str();
                let is_end = name.ends_with("ci_low") || name.ends_with("ci_high");
                // What was not measured is empty too: its column stays if the interval says something.
                let silent = is_empty(column) && ends(name).is_none_or(|(low, high)| is_empty(low) && is_empty(high));
                // What is so of all rows, the caption says; numbers are written with their unit.
                let same = grid.rows.len() > 1 && grid.rows.iter().all(|row| row[column] == grid.rows[0][column]);
                let said = name == "unit" || same && ["condition", "denominator", "metric"].contains(&name);
                // Effects have no other name.
                let said = said || name == "id" && grid.column("lever").is_none();
                !HIDDEN.contains(&name) && !is_end && !silent && !said
            })
            .collect();
        let has_unit = grid.column("unit").is_some();
        let mut sheet = Sheet { total: grid.rows.len(), ..Sheet::default() };
        let mut measures = Vec::new();
        for &column in &shown {
            let name = grid.header[column].as_str();
            let is_number = grid.rows.iter().all(|row| row[column].is_empty() || row[column].parse::<f64>().is_ok());
            measures.push(measure(name, is_number, has_unit));
            sheet.heads.push(Head { name: heading(name), key: name.to_owned(), numeric: is_number });
        }
        for row in grid.rows.iter().take(MOST_ROWS) {
            let cells = shown.iter().zip(&measures).map(|(&column, &measure)| {
                let name = grid.header[column].as_str();
                let limits = ends(name).or_else(|| difference(name));
                let limits = limits.map(|(low, high)| (row[low].as_str(), row[high].as_str()));
                let entry = entry(&row[column], limits, measure, (grid.get(row, "unit"), grid.get(row, "state")));
                match entry.text.as_str() {
                    // A filter that is missing means all.
                    "" if ["tier", "workflow", "fault"].contains(&name) => Entry { text: "all".to_owned(), ..entry },
                    _ => entry,
                }
            });
            sheet.rows.push(cells.collect());
        }
        sheet
    }
}

/// Writes one cell.
fn entry(raw: &str, limits: Option<(&str, &str)>, measure: Measure, (unit, state): (&str, &str)) -> Entry {
    let value: Option<f64> = raw.parse().ok();
    let unit = match (measure, value) {
        (Measure::Word, _) => return Entry { text: raw.to_owned(), is_loud: raw == "worse", ..Entry::default() },
        (Measure::Clock, Some(seconds)) => return Entry { text: clock(seconds), raw: raw.to_owned(), is_loud: false },
        (Measure::Sold, Some(share)) => {
            return Entry { text: number::sold(share), raw: raw.to_owned(), is_loud: false };
        }
        (Measure::Clock | Measure::Sold, None) => Unit::Plain,
        (Measure::AsUnit, _) => Unit::named(unit).unwrap_or(Unit::Plain),
        (Measure::In(unit), _) => unit,
    };
    let text = match (limits, value) {
        (Some((low, high)), value) if !low.is_empty() || !high.is_empty() => {
            let (low, high) = (low.parse().ok(), high.parse().ok());
            let state = match state {
                "exact" => State::Exact,
                "bound" => State::Bound,
                _ => State::Estimate,
            };
            let state = if value.is_some() && value == low && value == high { State::Exact } else { state };
            estimate::unleveled().with_unit(&Estimate { value, low, high, n: 0, state, reason: None }, unit)
        }
        (Some(_), None) if state == "null" => "not measured".to_owned(),
        (_, Some(value)) if unit == Unit::Plain => plain(value),
        (_, Some(value)) => estimate::quantity(value, unit),
        (_, None) => String::new(),
    };
    Entry { raw: if text == raw { String::new() } else { raw.to_owned() }, text, is_loud: false }
}

/// Writes a number without a unit: whole ones as they are, others with four digits.
fn plain(value: f64) -> String {
    if value.fract() == 0.0 { number::fixed(value, 0) } else { number::significant(value, 4) }
}

/// Writes an instant of a run, or of years: "2:01", "day 1,846 12:00:05".
fn clock(seconds: f64) -> String {
    const DAY: f64 = 86_400.0;
    let (sign, size) = if seconds < 0.0 { ("-", -seconds) } else { ("", seconds) };
    if size < DAY {
        return format!("{sign}{}", number::clock(size));
    }
    let days = (size / DAY).floor();
    let rest = (size - days * DAY) as u64;
    let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{sign}day {} {hours}:{minutes:02}:{seconds:02}", number::fixed(days + 1.0, 0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn intervals_go_into_the_cell_of_their_value() {
        let text = "id,tier,meets_sla,meets_sla_ci_low,meets_sla_ci_high,onset_s,state,reason\na,smb,0.92,0.91,0.93,121,estimate,\nb,all,,,,-60,null,none\n";
        let sheet = Sheet::of(&Grid::read(text).unwrap());
        let names: Vec<&str> = sheet.heads.iter().map(|head| head.name.as_str()).collect();
        assert_eq!(names, ["tier", "meets sla", "onset", "reason"]);
        let texts: Vec<&str> = sheet.rows[0].iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(texts, ["smb", "92 % ± 1", "2:01", ""]);
        assert_eq!((sheet.rows[0][1].raw.as_str(), sheet.rows[1][1].text.as_str()), ("0.92", "not measured"));
        assert_eq!((sheet.rows[1][2].text.as_str(), clock(87_660.0).as_str()), ("-1:00", "day 2 0:21:00"));
    }
}
