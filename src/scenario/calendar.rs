//! The calendar of contract windows: some days each, rolling days, or the months and quarters of the Gregorian calendar.

use super::date::{Date, days_from_civil};
use crate::units::{DAY, MINUTE, Nanos};

/// What a contract is judged over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// So many days, one window after the other from time 0.
    Days(u32),
    /// A month of the calendar.
    Month,
    /// A quarter of the calendar.
    Quarter,
    /// The last so many days, at the end of every day.
    Rolling(u32),
}

impl Window {
    /// Returns the window of a contract that says none.
    pub fn usual(starts_on: Option<Date>) -> Window {
        if starts_on.is_some() { Window::Month } else { Window::Days(30) }
    }

    /// Writes it: "30 days", "calendar month".
    pub fn text(self) -> String {
        match self {
            Window::Days(days) => format!("{days} days"),
            Window::Month => "calendar month".to_owned(),
            Window::Quarter => "calendar quarter".to_owned(),
            Window::Rolling(days) => format!("{days} rolling days"),
        }
    }

    /// Returns how many minutes the shortest has, and the longest.
    pub fn minutes(self) -> (u64, u64) {
        let (least, most) = match self {
            Window::Days(days) | Window::Rolling(days) => (u64::from(days), u64::from(days)),
            Window::Month => (28, 31),
            Window::Quarter => (90, 92),
        };
        (least * DAY / MINUTE, most * DAY / MINUTE)
    }
}

/// Where contract windows begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    /// One after the other, each so long.
    Even(Nanos),
    /// At the end of each day, so long before it.
    Rolling(Nanos),
    /// At midnight (UTC) of the first of so many months; time 0 is the midnight that begins this day.
    Months(Date, i64),
}

impl Calendar {
    /// Returns the calendar of a window; a run without a date has no months.
    pub fn new(window: Window, starts_on: Option<Date>) -> Calendar {
        match (window, starts_on) {
            (Window::Days(days), _) => Calendar::Even(Nanos::from(days) * DAY),
            (Window::Rolling(days), _) => Calendar::Rolling(Nanos::from(days) * DAY),
            (Window::Month, Some(date)) => Calendar::Months(date, 1),
            (Window::Quarter, Some(date)) => Calendar::Months(date, 3),
            (Window::Month, None) => Calendar::Even(30 * DAY),
            (Window::Quarter, None) => Calendar::Even(90 * DAY),
        }
    }

    /// Returns where window `index` (from 0) begins and ends; rolling ones begin at time 0 until they are whole.
    ///
    /// # Example
    /// ```
    /// use cellsim::scenario::calendar::Calendar;
    /// use cellsim::scenario::date::Date;
    /// use cellsim::units::DAY;
    /// let months = Calendar::Months(Date { year: 2024, month: 1, day: 15 }, 1);
    /// assert_eq!(months.window(0), (17 * DAY, 46 * DAY)); // February: the rest of January is no whole window
    /// ```
    pub fn window(self, index: u64) -> (Nanos, Nanos) {
        match self {
            Calendar::Even(length) => (index * length, (index + 1) * length),
            Calendar::Rolling(length) => {
                let to = (index + 1) * DAY;
                (to.saturating_sub(length), to)
            }
            Calendar::Months(from, step) => (first_of(from, step, index), first_of(from, step, index + 1)),
        }
    }

    /// Returns whether a window is whole.
    pub fn is_whole(self, (from, to): (Nanos, Nanos)) -> bool {
        match self {
            Calendar::Rolling(length) => to - from == length,
            Calendar::Even(_) | Calendar::Months(..) => true,
        }
    }
}

/// The calendars of all tiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendars {
    /// Each once.
    pub all: Vec<Calendar>,
    /// By tier: which of them.
    pub of_tier: Vec<usize>,
}

impl Calendars {
    /// Returns the calendars of these windows, one for each tier.
    pub fn new(windows: impl Iterator<Item = Window>, starts_on: Option<Date>) -> Calendars {
        let mut calendars = Calendars { all: Vec::new(), of_tier: Vec::new() };
        for window in windows {
            let calendar = Calendar::new(window, starts_on);
            let known = calendars.all.iter().position(|other| *other == calendar);
            calendars.of_tier.push(known.unwrap_or(calendars.all.len()));
            if known.is_none() {
                calendars.all.push(calendar);
            }
        }
        calendars
    }
}

/// Returns when the first day comes of a month whose number is a multiple of `step` after January; the first such is `index` 0.
fn first_of(from: Date, step: i64, index: u64) -> Nanos {
    // The month that has begun already is no whole one.
    let begun = 12 * from.year + from.month - 1 + i64::from(from.day > 1);
    let months = begun.div_euclid(step) * step + i64::from(begun.rem_euclid(step) > 0) * step + step * index as i64;
    let days = days_from_civil(months.div_euclid(12), months.rem_euclid(12) + 1, 1)
        - days_from_civil(from.year, from.month, from.day);
    days as Nanos * DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(calendar: Calendar, windows: u64) -> Vec<u64> {
        let length = |(from, to): (Nanos, Nanos)| (to - from) / DAY;
        (0..windows).map(|index| length(calendar.window(index))).collect()
    }

    #[test]
    fn a_year_of_months_and_quarters() {
        let january = Date { year: 2026, month: 1, day: 1 };
        let year = Calendar::new(Window::Month, Some(january));
        assert_eq!(days(year, 12), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
        assert_eq!(year.window(0).0, 0);
        assert_eq!(days(Calendar::new(Window::Quarter, Some(january)), 4), [90, 91, 92, 92]);
        // From a day in February: the second quarter is the first that is whole.
        let quarters = Calendar::new(Window::Quarter, Some(Date { year: 2024, month: 2, day: 10 }));
        assert_eq!((quarters.window(0).0 / DAY, days(quarters, 3)), (51, vec![91, 92, 92]));
        assert_eq!(Calendar::new(Window::Days(30), None).window(3), (90 * DAY, 120 * DAY));
    }

    #[test]
    fn rolling_days_end_every_day() {
        let rolling = Calendar::new(Window::Rolling(7), None);
        let whole = |index| rolling.is_whole(rolling.window(index));
        assert_eq!((whole(5), whole(6), rolling.window(6)), (false, true, (0, 7 * DAY)));
        assert_eq!(rolling.window(9), (3 * DAY, 10 * DAY));
        let both = Calendars::new([Window::Month, Window::Rolling(7), Window::Days(30)].into_iter(), None);
        assert_eq!((both.all.len(), both.of_tier), (2, vec![0, 1, 0]));
    }
}
