//! Recorded incidents: those of a file that lie within the run, and what became of its rows.

use std::fmt::{self, Display};

use crate::units::Nanos;

/// One recorded incident, as far as it lies within the run.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Incident {
    /// When it begins: time 0 if it was under way then.
    pub start: Nanos,
    /// When it ends; equal to the start for an instant.
    pub end: Nanos,
    /// Scales the errors.
    pub share: Option<f64>,
    /// It began before time 0.
    pub was_under_way: bool,
}

/// The incidents of a file.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Recorded {
    /// Those within the run, in order.
    pub incidents: Vec<Incident>,
    /// What became of the rows, for whoever reads the summary.
    #[serde(skip)]
    pub rows: Rows,
}

/// What became of the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// The file.
    pub file: String,
    /// Rows in all.
    pub all: usize,
    /// Used, although under way at time 0.
    pub under_way: usize,
    /// Used, although without an end.
    pub open: usize,
    /// Left out by `where`.
    pub filtered: usize,
    /// Left out: a share of 0 says that all was well.
    pub well: usize,
    /// Left out: over before time 0.
    pub before: usize,
    /// Left out: begin at the horizon or later.
    pub after: usize,
    /// Left out: no time between start and end.
    pub empty: usize,
}

impl Rows {
    /// Returns how many are used.
    pub fn used(&self) -> usize {
        self.all - self.filtered - self.well - self.before - self.after - self.empty
    }

    /// Says why rows are left out: "3 by `where`, 1 over before time 0"; nothing if none is.
    pub fn left_out(&self) -> String {
        said(&[
            (self.filtered, "by `where`"),
            (self.well, "with a share of 0"),
            (self.before, "over before time 0"),
            (self.after, "from the horizon on"),
            (self.empty, "without length"),
        ])
    }
}

fn said(counts: &[(usize, &str)]) -> String {
    let parts: Vec<String> =
        counts.iter().filter(|count| count.0 > 0).map(|(count, why)| format!("{count} {why}")).collect();
    parts.join(", ")
}

impl Display for Rows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.all == 1 { "row" } else { "rows" };
        write!(formatter, "{} of {} {noun} of {} used", self.used(), self.all, self.file)?;
        let kept = said(&[(self.under_way, "under way at time 0"), (self.open, "open, to the horizon")]);
        if !kept.is_empty() {
            write!(formatter, " ({kept})")?;
        }
        let left_out = self.left_out();
        if left_out.is_empty() { Ok(()) } else { write!(formatter, "; left out: {left_out}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_accounted_for() {
        let rows = Rows { file: "x.csv".into(), all: 9, filtered: 3, before: 2, open: 1, ..Rows::default() };
        assert_eq!(
            rows.to_string(),
            "4 of 9 rows of x.csv used (1 open, to the horizon); left out: 3 by `where`, 2 over before time 0"
        );
        let one = Rows { file: "x.csv".into(), all: 1, ..Rows::default() };
        assert_eq!(one.to_string(), "1 of 1 row of x.csv used");
    }
}
