//! Days of the Gregorian calendar.

use super::document::{Node, Read};

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Date {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: i64,
    /// Day, from 1.
    pub day: i64,
}

/// The days of the week, from Monday.
pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Date {
    /// Returns the day of the week, from 0 for Monday.
    ///
    /// # Example
    /// ```
    /// use cellsim::scenario::date::{Date, WEEKDAYS};
    /// assert_eq!(WEEKDAYS[Date { year: 2026, month: 11, day: 25 }.weekday()], "Wednesday");
    /// ```
    pub fn weekday(self) -> usize {
        // 1 January 1970 was a Thursday.
        (days_from_civil(self.year, self.month, self.day) + 3).rem_euclid(7) as usize
    }

    /// Returns the seconds from 1970 to the midnight that begins it.
    pub(super) fn seconds(self) -> f64 {
        days_from_civil(self.year, self.month, self.day) as f64 * 86_400.0
    }
}

/// Returns the days from 1970-01-01 of a date of the Gregorian calendar.
///
/// # References
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Whether there is such a day.
pub(super) fn is_day(year: i64, month: i64, day: i64) -> bool {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) {
        return false;
    }
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    (1..=days_from_civil(next.0, next.1, 1) - days_from_civil(year, month, 1)).contains(&day)
}

/// Reads "2026-01-01".
pub(super) fn date(node: &Node) -> Read<Date> {
    let parse = |text: &str| {
        let numbers: Vec<i64> = text.split('-').map(str::parse).collect::<Result<_, _>>().ok()?;
        let &[year, month, day] = numbers.as_slice() else { return None };
        is_day(year, month, day).then_some(Date { year, month, day })
    };
    let Some(text) = node.text() else { return Err(Box::new(node.expected("a day", "\"2026-01-01\""))) };
    parse(text).ok_or_else(|| {
        let error = node.error(format!("`{text}` is no day of the calendar"), "no such day");
        Box::new(error.help("write \"2026-01-01\""))
    })
}
