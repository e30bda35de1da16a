//! Columns of a table: their names, what they say, and how a line fills them.
//!
//! Comma, line feed, one header line, numbers with at most nine significant digits. An empty cell is "there is no such number",
//! never zero.

use crate::engine::stats::{Estimate, State};
use crate::number::{exact, exact_or_empty};

/// What a column, or several of one number, says of a line.
pub struct Column<T> {
    /// Its name; of several, the first one's, or what their names begin with.
    pub name: &'static str,
    /// What it says; empty if its name does.
    pub about: &'static str,
    cells: Cells<T>,
}

/// The cells of a line.
enum Cells<T> {
    /// One.
    One(fn(&T) -> String),
    /// A number with its interval; none where there is no such number.
    Interval([&'static str; 2], fn(&T) -> Option<&Estimate>),
    /// What 10 %, half and 90 % of replications do not exceed; none where there is no such number.
    Band(fn(&T) -> Option<[f64; 3]>),
    /// What the numbers of the line are, and why not more.
    State(fn(&T) -> &Estimate),
}

impl<T> Column<T> {
    /// Any text.
    pub const fn text(name: &'static str, about: &'static str, of: fn(&T) -> String) -> Column<T> {
        Column { name, about, cells: Cells::One(of) }
    }

    /// A number, and the ends of its interval beside it.
    pub const fn interval(name: &'static str, about: &'static str, of: fn(&T) -> Option<&Estimate>) -> Column<T> {
        Column { name, about, cells: Cells::Interval([name, "_"], of) }
    }

    /// The number that a table is about, and the ends of its interval.
    pub const fn value(name: &'static str, about: &'static str, of: fn(&T) -> Option<&Estimate>) -> Column<T> {
        Column { name, about, cells: Cells::Interval([""; 2], of) }
    }

    /// A band over replications.
    pub const fn band(name: &'static str, about: &'static str, of: fn(&T) -> Option<[f64; 3]>) -> Column<T> {
        Column { name, about, cells: Cells::Band(of) }
    }

    /// State and reason.
    pub const fn state(about: &'static str, of: fn(&T) -> &Estimate) -> Column<T> {
        Column { name: "state", about, cells: Cells::State(of) }
    }

    /// Returns the names of its columns.
    pub fn names(&self) -> Vec<String> {
        let name = self.name;
        match self.cells {
            Cells::One(_) => vec![name.to_owned()],
            Cells::Interval([before, between], _) => {
                vec![name.to_owned(), format!("{before}{between}ci_low"), format!("{before}{between}ci_high")]
            }
            Cells::Band(_) => ["p10", "p50", "p90"].map(|end| format!("{name}_{end}")).into(),
            Cells::State(_) => vec![name.to_owned(), "reason".to_owned()],
        }
    }

    fn fill(&self, line: &T, cells: &mut Vec<String>) {
        match self.cells {
            Cells::One(of) => cells.push(of(line)),
            Cells::Interval(_, of) => {
                let numbers = of(line).map_or([None; 3], |one| [one.value, one.low, one.high]);
                cells.extend(numbers.map(exact_or_empty));
            }
            Cells::Band(of) => cells.extend(of(line).map_or_else(Default::default, |band| band.map(exact))),
            Cells::State(of) => {
                let estimate = of(line);
                cells.push(state(estimate.state).to_owned());
                cells.push(estimate.reason.clone().unwrap_or_default());
            }
        }
    }
}

/// Returns the name of a state.
fn state(state: State) -> &'static str {
    match state {
        State::Exact => "exact",
        State::Estimate => "estimate",
        State::Bound | State::Beyond => "bound",
        State::Null => "null",
    }
}

/// Writes a table.
pub fn table<T>(columns: &[Column<T>], lines: impl IntoIterator<Item = T>) -> Vec<u8> {
    const IN_MEMORY: &str = "a table in memory takes any row of the header's width";
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header: Vec<String> = columns.iter().flat_map(Column::names).collect();
    writer.write_record(&header).expect(IN_MEMORY);
    let mut cells = Vec::with_capacity(header.len());
    for line in lines {
        cells.clear();
        for column in columns {
            column.fill(&line, &mut cells);
        }
        writer.write_record(&cells).expect(IN_MEMORY);
    }
    writer.into_inner().expect(IN_MEMORY)
}

/// A column as documents show it: its names, and what it says.
pub type Described = (Vec<String>, &'static str);

/// Returns columns as documents show them.
pub fn described<T>(columns: &[Column<T>]) -> Vec<Described> {
    columns.iter().map(|column| (column.names(), column.about)).collect()
}
