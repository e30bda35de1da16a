//! CSV input: columns by name, numbers and instants with their line.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::day_order::{NumberedDate, Order};
use super::document::{Place, Read, Source};
use super::text::nearest;
use super::times::{Instant, timestamp};
use crate::diagnostic::Diagnostic;

/// A CSV file with a header.
#[derive(Debug)]
pub(super) struct CsvFile {
    source: Arc<Source>,
    headers: Vec<String>,
    rows: Vec<csv::StringRecord>,
    separator: u8,
    /// By column: what comes first in its dates of numbers, as far as they tell.
    orders: Vec<OnceCell<Option<Order>>>,
}

/// One cell of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    /// Its text, without surrounding blanks.
    pub(super) text: &'a str,
    file: &'a CsvFile,
    row: usize,
    column: usize,
}

impl CsvFile {
    /// Parses a text; every row has as many fields as the header.
    pub(super) fn parse(name: String, text: Arc<str>, shown: bool) -> Read<CsvFile> {
        let source = Source::new(name, PathBuf::new(), text, shown);
        let text = Arc::clone(&source.text);
        let separator = separator(&text);
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(separator).flexible(true).trim(csv::Trim::All);
        let mut reader = builder.from_reader(text.as_bytes());
        let headers: Vec<String> = match reader.headers() {
            Ok(headers) => headers.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect(),
            Err(error) => return Err(Box::new(Diagnostic::file(source.name.clone(), format!("not CSV: {error}")))),
        };
        let orders = vec![OnceCell::new(); headers.len()];
        let mut file = CsvFile { source, headers, rows: Vec::new(), separator, orders };
        file.refuse_doubles()?;
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let message = format!("not CSV: {error}");
                    return Err(Box::new(Diagnostic::file(file.source.name.clone(), message)));
                }
            };
            let found = record.len();
            file.rows.push(record);
            if found != file.headers.len() {
                let expected = file.headers.len();
                let message = format!("a row with {found} fields under a header with {expected}");
                let error = file.place(file.rows.len() - 1).error(message, "here");
                return Err(Box::new(error.help("the file may have been cut off; give every row all fields")));
            }
        }
        if file.rows.is_empty() {
            return Err(Box::new(Diagnostic::file(file.source.name.clone(), "no rows below the header")));
        }
        Ok(file)
    }

    /// Refuses two columns of one name: nobody could say which is meant.
    fn refuse_doubles(&self) -> Read<()> {
        let mut seen = BTreeSet::new();
        let Some(double) = self.headers.iter().find(|name| !name.is_empty() && !seen.insert(name.as_str())) else {
            return Ok(());
        };
        let end = self.source.text.find(['\r', '\n']).unwrap_or(self.source.text.len());
        let place = Place { source: Arc::clone(&self.source), span: 0..end };
        let error = place.error(format!("two columns are called `{double}`"), "which one is meant?");
        Err(Box::new(error.help("rename one of them, or leave it out")))
    }

    /// Returns the file's name.
    pub(super) fn name(&self) -> &str {
        &self.source.name
    }

    /// Returns the number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns the number of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header == name)
    }

    /// Returns the column of a name, or an error at the place that asks for it.
    pub(super) fn required(&self, name: &str, asked_by: &Place) -> Read<usize> {
        self.column(name).ok_or_else(|| {
            let columns = self.headers.join(", ");
            let error = asked_by.error(format!("\"{}\" has no column `{name}`", self.source.name), "asked for here");
            if !self.source.shown {
                return Box::new(error.note("the file is outside the scenario's folder, so its columns are not shown"));
            }
            let error = match nearest(name, self.headers.iter().map(String::as_str)) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            };
            Box::new(error.note(format!("its columns: {columns}")))
        })
    }

    /// Returns the instants of a column, as far as there are any.
    pub(super) fn instants(&self, column: usize) -> Vec<Instant> {
        (0..self.len()).filter_map(|row| self.field(row, column).instant().ok()).collect()
    }

    /// Returns a cell.
    pub(super) fn field(&self, row: usize, column: usize) -> Field<'_> {
        Field { text: self.rows[row].get(column).unwrap_or(""), file: self, row, column }
    }

    /// Returns what comes first in the dates of a column, the day or the month: the first date that tells says it for all.
    fn order(&self, column: usize) -> Option<Order> {
        let told = |row| NumberedDate::of(self.field(row, column).text)?.order();
        *self.orders.get(column)?.get_or_init(|| (0..self.len()).find_map(told))
    }

    /// Returns the place of a row.
    pub(super) fn place(&self, row: usize) -> Place {
        let start = self.rows[row].position().map_or(0, |position| position.byte() as usize);
        let rest = self.source.text.get(start..).unwrap_or("");
        // The position may be the end of the line before.
        let skipped = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let end = rest[skipped..].find(['\r', '\n']).map_or(self.source.text.len(), |length| start + skipped + length);
        Place { source: Arc::clone(&self.source), span: start + skipped..end }
    }
}

impl Field<'_> {
    /// Returns an error about the row.
    pub(super) fn error(&self, message: impl Into<String>) -> Diagnostic {
        let label = if self.text.is_empty() { "this row".to_owned() } else { format!("`{}`", self.text) };
        self.file.place(self.row).error(message, label)
    }

    /// Returns the number that the text is; with a decimal comma where fields are separated by semicolons.
    fn parsed(&self) -> Option<f64> {
        match self.text.split_once(',') {
            Some((whole, part)) if self.file.separator == b';' && !whole.contains('.') => {
                format!("{whole}.{part}").parse().ok()
            }
            _ => self.text.parse().ok(),
        }
    }

    /// Returns whether it is a number.
    pub(super) fn is_number(&self) -> bool {
        self.parsed().is_some()
    }

    /// Reads a finite number that is not negative.
    pub(super) fn number(&self) -> Read<f64> {
        match self.finite()? {
            number if number < 0.0 => Err(Box::new(self.error("a negative number"))),
            number => Ok(number),
        }
    }

    fn finite(&self) -> Read<f64> {
        match self.parsed() {
            Some(number) if number.is_nan() => Err(Box::new(self.error("NaN is not a number to work with"))),
            Some(number) if number.is_infinite() => Err(Box::new(self.error("a number that is not finite"))),
            Some(number) => Ok(number),
            None => Err(Box::new(self.error("not a number"))),
        }
    }

    /// Reads a bare number, or a date, or a date and time.
    pub(super) fn instant(&self) -> Read<Instant> {
        if self.is_number() {
            return self.finite().map(Instant::Relative);
        }
        if let Some(seconds) = timestamp(self.text) {
            return Ok(Instant::Absolute(seconds));
        }
        if let Some(date) = NumberedDate::of(self.text) {
            return self.numbered(date).map(Instant::Absolute);
        }
        let error = self.error("neither seconds nor a date and time");
        Err(Box::new(error.help("write 120.5, or \"2014-04-10 00:04:00\", or \"2014-04-10T00:04:00Z\"")))
    }

    /// Reads a date of numbers in the order of its column.
    fn numbered(&self, date: NumberedDate<'_>) -> Read<f64> {
        let problem = |message: String| {
            let error = self.error(message);
            Err(Box::new(error.help("write \"2014-04-10 00:04:00\", or \"10 Apr 2014 00:04\"")))
        };
        if date.year.is_none() {
            return problem("a date with a year of two digits".to_owned());
        }
        match (self.file.order(self.column), date.order()) {
            (None, _) => problem("a date that may begin with its day or with its month".to_owned()),
            (Some(of_column), Some(own)) if own != of_column => problem(format!(
                "a date that begins with its {}, where others in the column begin with their {}",
                own.word(),
                of_column.word()
            )),
            (Some(order), _) => match date.timestamp(order) {
                Some(seconds) => Ok(seconds),
                None => {
                    problem(format!("no date and time, with the {} first as in others of the column", order.word()))
                }
            },
        }
    }
}

/// Returns what separates the fields of a header: a comma, a semicolon or a tab, whichever there are most of.
fn separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or("");
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        counts.iter_mut().filter(|count| !quoted && count.0 == byte).for_each(|count| count.1 += 1);
    }
    // Of equally many the first.
    counts.iter().rev().max_by_key(|count| count.1).map_or(b',', |count| count.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn file(text: &str) -> Read<CsvFile> {
        CsvFile::parse("test.csv".into(), Arc::from(text), true)
    }

    #[test]
    fn fields_are_separated_by_what_the_header_says() {
        let table = file("a;b\n1,5;2\n").unwrap();
        assert_eq!((table.field(0, 0).number().unwrap(), table.field(0, 1).number().unwrap()), (1.5, 2.0));
        let table = file("a\t\"b,c,d\"\n1\t2\n").unwrap();
        assert_eq!(table.field(0, 1).number().unwrap(), 2.0);
        assert!(file("a,b\n\"1,5\",2\n").unwrap().field(0, 0).number().is_err());
        assert_eq!(file("a\n-5\n").unwrap().field(0, 0).instant().unwrap(), Instant::Relative(-5.0));
    }

    #[test]
    fn a_column_of_dates_begins_with_the_day_or_with_the_month() {
        let instants = |text: &str| -> Vec<Result<Instant, String>> {
            let file = file(text).unwrap();
            (0..file.len()).map(|row| file.field(row, 0).instant().map_err(|error| error.message)).collect()
        };
        let at = |text: &str| Ok(Instant::Absolute(timestamp(text).unwrap()));
        let american = instants("a\n03/04/2026\n03/14/2026 01:00 PM\n12/01/2026\n");
        assert_eq!(american, [at("2026-03-04"), at("2026-03-14 13:00"), at("2026-12-01")]);
        let british = instants("a\n03/04/2026\n14-03-2026 13:00\n2026-04-05\n");
        assert_eq!(british, [at("2026-04-03"), at("2026-03-14 13:00"), at("2026-04-05")]);
        let why = |text: &str, row: usize| instants(text)[row].clone().unwrap_err();
        assert_eq!(why("a\n03/04/2026\n05/06/2026\n", 0), "a date that may begin with its day or with its month");
        let mixed = "a date that begins with its day, where others in the column begin with their month";
        assert_eq!(why("a\n03/14/2026\n14/03/2026\n", 1), mixed);
        assert_eq!(why("a\n03/14/26\n", 0), "a date with a year of two digits");
        for (text, row) in [("a\n13/14/2026\n02/14/2026\n", 0), ("a\n02/28/2026\n02/30/2026\n", 1)] {
            assert_eq!(why(text, row), "no date and time, with the month first as in others of the column");
        }
        // Another column has an order of its own.
        let two = file("a,b\n03/14/2026,14/03/2026\n").unwrap();
        assert_eq!(two.field(0, 0).instant().unwrap(), two.field(0, 1).instant().unwrap());
    }

    #[test]
    fn rows_that_are_cut_off_are_errors_with_their_line() {
        let error = file("a,b\n1,2\n3\n").unwrap_err();
        assert_eq!(error.line(), Some(3));
        assert!(file("a,b\n").is_err() && file("").is_err());
    }

    #[test]
    fn numbers_are_finite_and_not_negative() {
        let file = file("a\n1.5\nNaN\n-1\ninf\nx\n").unwrap();
        assert_eq!(file.field(0, 0).number().unwrap(), 1.5);
        for row in 1..5 {
            let error = file.field(row, 0).number().unwrap_err();
            assert_eq!(error.line(), Some(row as u32 + 2));
        }
    }

    #[test]
    fn a_missing_column_suggests_the_nearest() {
        let table = file("timestamp,value\n1,2\n").unwrap();
        let error = table.required("timestap", &table.place(0)).unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `timestamp`?"));
    }
}
