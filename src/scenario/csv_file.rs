//! CSV input: columns by name, numbers and instants with their line.

use std::path::PathBuf;
use std::sync::Arc;

use super::calendar;
use super::document::{Place, Read, Source};
use super::text::nearest;
use crate::diagnostic::Diagnostic;

/// A CSV file with a header.
#[derive(Debug)]
pub(super) struct CsvFile {
    source: Arc<Source>,
    headers: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

/// One cell of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    /// Its text, without surrounding blanks.
    pub(super) text: &'a str,
    file: &'a CsvFile,
    row: usize,
}

/// An instant, as a file gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Instant {
    /// Seconds from the scenario's time 0.
    Relative(f64),
    /// Seconds from 1970: only differences mean anything to a scenario.
    Absolute(f64),
}

impl CsvFile {
    /// Parses a text; every row has as many fields as the header.
    pub(super) fn parse(name: String, text: Arc<str>) -> Read<CsvFile> {
        let source = Arc::new(Source { name, folder: PathBuf::new(), text });
        let text = Arc::clone(&source.text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let headers: Vec<String> = match reader.headers() {
            Ok(headers) => headers.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect(),
            Err(error) => return Err(Box::new(Diagnostic::file(source.name.clone(), format!("not CSV: {error}")))),
        };
        let mut file = CsvFile { source, headers, rows: Vec::new() };
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
            let error = asked_by.error(format!("{} has no column `{name}`", self.source.name), "asked for here");
            let error = match nearest(name, self.headers.iter().map(String::as_str)) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            };
            Box::new(error.note(format!("its columns: {columns}")))
        })
    }

    /// Returns a cell.
    pub(super) fn field(&self, row: usize, column: usize) -> Field<'_> {
        Field { text: self.rows[row].get(column).unwrap_or(""), file: self, row }
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

    /// Reads a finite number that is not negative.
    pub(super) fn number(&self) -> Read<f64> {
        match self.text.parse::<f64>() {
            Ok(number) if number.is_nan() => Err(Box::new(self.error("NaN is not a number to work with"))),
            Ok(number) if number < 0.0 => Err(Box::new(self.error("a negative number"))),
            Ok(number) if number.is_infinite() => Err(Box::new(self.error("a number that is not finite"))),
            Ok(number) => Ok(number),
            Err(_) => Err(Box::new(self.error("not a number"))),
        }
    }

    /// Reads seconds, or a date and time ("2014-04-10 00:04:00", RFC 3339).
    pub(super) fn instant(&self) -> Read<Instant> {
        if self.text.parse::<f64>().is_ok() {
            return self.number().map(Instant::Relative);
        }
        timestamp(self.text).map(Instant::Absolute).ok_or_else(|| {
            let error = self.error("neither seconds nor a date and time");
            Box::new(error.help("write 120.5, or \"2014-04-10 00:04:00\", or \"2014-04-10T00:04:00Z\""))
        })
    }
}

/// Returns the seconds from 1970 of a date and time; without a zone it is UTC.
pub(super) fn timestamp(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-');
    let year: i64 = digits(parts.next()?, 4)?;
    let month: i64 = digits(parts.next()?, 2).filter(|month| (1..=12).contains(month))?;
    let day: i64 = digits(parts.next()?, 2).filter(|day| (1..=31).contains(day))?;
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        None => (time, 0),
        Some(index) if time[index..].eq_ignore_ascii_case("z") => (&time[..index], 0),
        Some(index) => {
            let (hours, minutes) = time[index + 1..].split_once(':')?;
            let minutes = digits(hours, 2)? * 60 + digits(minutes, 2)?;
            (&time[..index], if time[index..].starts_with('-') { -minutes } else { minutes })
        }
    };
    let mut parts = clock.splitn(3, ':');
    let hour = digits(parts.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = digits(parts.next()?, 2).filter(|minute| *minute < 60)?;
    let second = parts.next().unwrap_or("00");
    let whole = second.split('.').next()?;
    digits(whole, 2)?;
    let second: f64 = second.parse().ok().filter(|second| (0.0..61.0).contains(second))?;
    let minutes = (calendar::days_from_civil(year, month, day) * 24 + hour) * 60 + minute - offset;
    Some(minutes as f64 * 60.0 + second)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn file(text: &str) -> Read<CsvFile> {
        CsvFile::parse("test.csv".into(), Arc::from(text))
    }

    #[test]
    fn instants_are_seconds_or_dates() {
        assert_eq!(timestamp("1970-01-02 00:00:01"), Some(86_401.0));
        assert_eq!(timestamp("2014-04-10 00:04:00"), Some(1_397_088_240.0));
        assert_eq!(timestamp("2018-01-03T20:45:46Z"), Some(1_515_012_346.0));
        assert_eq!(timestamp("2018-01-03T22:45:46.5+02:00"), Some(1_515_012_346.5));
        for text in ["", "2014", "2014-04-10", "2014-13-10 00:00:00", "2014-04-10 25:00:00", "2014-04-10 00:00:00é"] {
            assert_eq!(timestamp(text), None, "{text}");
        }
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
