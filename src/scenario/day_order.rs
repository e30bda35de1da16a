//! Dates of numbers alone, like 03/14/2026: what comes first, the day or the month.
//!
//! A single date may not tell; a column does as soon as one of its dates has a number above 12.

use super::times::{self, digits};

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// 14/03/2026.
    Day,
    /// 03/14/2026.
    Month,
}

impl Order {
    /// What it is called.
    pub(super) fn word(self) -> &'static str {
        match self {
            Order::Day => "day",
            Order::Month => "month",
        }
    }
}

/// A date of three numbers, the year last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberedDate<'a> {
    first: i64,
    second: i64,
    /// `None` where it has two digits: nobody knows the century.
    pub(super) year: Option<i64>,
    rest: &'a str,
}

impl<'a> NumberedDate<'a> {
    /// Reads one at the beginning of a text.
    pub(super) fn of(text: &'a str) -> Option<NumberedDate<'a>> {
        let sign = text.find(['/', '-'])?;
        let mut parts = text.splitn(3, &text[sign..=sign]);
        let mut number = || digits(parts.next()?, 1, 2);
        let (first, second) = (number()?, number()?);
        let last = parts.next()?;
        let (year, rest) = last.split_at(last.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(last.len()));
        digits(year, 2, 2).or_else(|| digits(year, 4, 4))?;
        Some(NumberedDate { first, second, year: digits(year, 4, 4), rest })
    }

    /// Returns what comes first, if this date tells.
    pub(super) fn order(self) -> Option<Order> {
        match (self.first > 12, self.second > 12) {
            (true, false) => Some(Order::Day),
            (false, true) => Some(Order::Month),
            _ => None,
        }
    }

    /// Returns the seconds from 1970, if there is such a day.
    pub(super) fn timestamp(self, order: Order) -> Option<f64> {
        let (day, month) = match order {
            Order::Day => (self.first, self.second),
            Order::Month => (self.second, self.first),
        };
        times::seconds((self.year?, month, day), self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_above_12_tells() {
        let order = |text| NumberedDate::of(text).expect("a date of numbers").order();
        assert_eq!([order("03/14/2026"), order("3-14-26 10:00")], [Some(Order::Month); 2]);
        assert_eq!([order("14/03/2026T10:00"), order("14-3-2026")], [Some(Order::Day); 2]);
        assert_eq!([order("03/04/2026"), order("13/14/2026")], [None; 2]);
        for text in
            ["2026-03-14", "2026/03/14", "14.03.2026", "03/2026", "03/14-2026", "13-Feb-2026", "12", "1/2/345", ""]
        {
            assert_eq!(NumberedDate::of(text), None, "{text}");
        }
    }

    #[test]
    fn the_day_is_that_of_the_order() {
        let at = |text, order| NumberedDate::of(text).and_then(|date| date.timestamp(order));
        let plain = times::timestamp;
        assert_eq!(at("03/04/2026 10:30", Order::Month), plain("2026-03-04 10:30"));
        assert_eq!(at("03/04/2026 10:30", Order::Day), plain("2026-04-03 10:30"));
        assert_eq!(at("3-14-2026 01:00 PM", Order::Month), plain("2026-03-14 13:00"));
        assert_eq!(
            [at("02/30/2026", Order::Month), at("03/14/2026", Order::Day), at("03/14/26", Order::Month)],
            [None; 3]
        );
    }
}
