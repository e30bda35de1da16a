//! Times in recorded files: dates in their usual forms, and what bare numbers count.

use super::date::{WEEKDAYS, days_from_civil, is_day};

/// An instant, as a file gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Instant {
    /// A bare number: seconds from the scenario's time 0, unless [`Numbers`] says otherwise.
    Relative(f64),
    /// Seconds from 1970: only differences mean anything to a scenario.
    Absolute(f64),
}

/// From here on bare numbers count from 1970: 9 September 2001.
const EPOCH: f64 = 1e9;

/// What the bare numbers of a file's times count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Numbers {
    /// Seconds from the scenario's time 0.
    FromTimeZero,
    /// From 1970, in units of so many seconds.
    From1970(f64),
}

impl Numbers {
    /// Finds out from all times of a file: if none of the numbers is below 1,000,000,000, or if time 0 is a `dated` instant, they
    /// count from 1970, in seconds, or in as small a unit (ms, us, ns) as keeps them below the year 5138.
    pub(super) fn of(times: impl Iterator<Item = Instant>, dated: bool) -> Numbers {
        let numbers = times.filter_map(|time| match time {
            Instant::Relative(number) => Some(number),
            Instant::Absolute(_) => None,
        });
        let (least, greatest) = numbers.fold((f64::INFINITY, 0.0_f64), |(a, b), one| (a.min(one), b.max(one)));
        if !dated && (least < EPOCH || least.is_infinite()) {
            return Numbers::FromTimeZero;
        }
        let unit = [1.0, 1e-3, 1e-6, 1e-9].into_iter().find(|unit| greatest * unit < 1e11);
        unit.map_or(Numbers::FromTimeZero, Numbers::From1970)
    }

    /// Returns the instant that is meant.
    pub(super) fn meant(self, instant: Instant) -> Instant {
        match (self, instant) {
            (Numbers::From1970(unit), Instant::Relative(number)) => Instant::Absolute(number * unit),
            _ => instant,
        }
    }
}

/// Returns the seconds from 1970 of a date, or a date and time; without a zone it is UTC.
pub(super) fn timestamp(text: &str) -> Option<f64> {
    let (day, rest) = date(text.trim())?;
    seconds(day, rest)
}

/// Year, month, day.
type Day = (i64, i64, i64);

/// Returns the seconds from 1970 of a day and the time of day after it, if there is such a day.
pub(super) fn seconds((year, month, day): Day, time: &str) -> Option<f64> {
    if !is_day(year, month, day) {
        return None;
    }
    let (of_day, east) = clock(time)?;
    Some((days_from_civil(year, month, day) * 86_400 - east * 60) as f64 + of_day)
}

/// Reads a date at the beginning of a text; returns (year, month, day) and what follows.
fn date(text: &str) -> Option<(Day, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    if first.len() == 8 && rest.starts_with(['T', 't', ' ']) {
        return Some(((digits(&first[..4], 4, 4)?, digits(&first[4..6], 2, 2)?, digits(&first[6..], 2, 2)?), rest));
    }
    let sign = rest.chars().next().filter(|sign| matches!(sign, '-' | '/' | '.'));
    if let (Some(sign), true) = (sign, matches!(first.len(), 2 | 4) || first.len() == 1) {
        let mut parts = rest[1..].splitn(2, sign);
        let middle = parts.next()?;
        let last = parts.next().unwrap_or("");
        let end = last.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(last.len());
        let (last, after) = last.split_at(end);
        if first.len() == 4 {
            return Some(((digits(first, 4, 4)?, digits(middle, 1, 2)?, digits(last, 1, 2)?), after));
        }
        if sign == '.' {
            return Some(((digits(last, 4, 4)?, digits(middle, 1, 2)?, digits(first, 1, 2)?), after));
        }
        if digits(middle, 1, 2).is_some() {
            return None;
        }
    }
    in_words(text)
}

/// Reads "13 Feb 2026", "Feb 13, 2026", "13-Feb-2026", with the day of the week before it or without.
fn in_words(text: &str) -> Option<(Day, &str)> {
    let (mut month, mut day, mut rest) = (None, None, text);
    for _ in 0..4 {
        rest = rest.trim_start_matches([' ', ',', '-']);
        let end = rest.find([' ', ',', '-', 'T']).filter(|&end| end > 0).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if let (Some(month), Some(day), Some(year)) = (month, day, digits(word, 4, 4)) {
            return Some(((year, month, day), after.trim_start_matches(',')));
        }
        match (digits(word, 1, 2), month_of(word)) {
            (Some(number), _) if day.is_none() => day = Some(number),
            (None, Some(number)) if month.is_none() => month = Some(number),
            (None, None) if month.is_none() && day.is_none() && is_day_of_the_week(word) => {}
            _ => return None,
        }
        rest = after;
    }
    None
}

/// Whether a word is the beginning of another one, of three letters at least.
fn begins(word: &str, whole: &str) -> bool {
    word.len() >= 3 && whole.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
}

fn month_of(word: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    MONTHS.iter().position(|month| begins(word, month)).map(|index| index as i64 + 1)
}

fn is_day_of_the_week(word: &str) -> bool {
    WEEKDAYS.iter().any(|day| begins(word, day))
}

/// Reads a time of day; returns its seconds, and the minutes by which the clock is ahead of UTC.
fn clock(text: &str) -> Option<(f64, i64)> {
    if text.is_empty() {
        return Some((0.0, 0));
    }
    let text = text.strip_prefix(['T', 't', ' '])?.trim().to_ascii_uppercase();
    let utc = ["UTC", "GMT", "Z"].iter().find_map(|name| text.strip_suffix(name));
    let (time, east) = match (utc, text.rfind(['+', '-'])) {
        (Some(time), _) => (time, 0),
        (None, None) => (text.as_str(), 0),
        (None, Some(index)) => {
            let minutes = offset(&text[index + 1..])?;
            (&text[..index], if text[index..].starts_with('-') { -minutes } else { minutes })
        }
    };
    let time = time.trim();
    let half = [("AM", 0), ("PM", 12)].into_iter().find_map(|(name, add)| time.strip_suffix(name).map(|t| (t, add)));
    let time = half.map_or(time, |(time, _)| time.trim());
    let mut parts = time.splitn(3, ':');
    let hour = digits(parts.next()?, 1, 2)?;
    let hour = match half {
        None => hour,
        Some((_, add)) if (1..=12).contains(&hour) => hour % 12 + add,
        Some(_) => return None,
    };
    let minute = digits(parts.next()?, 2, 2).filter(|minute| *minute < 60)?;
    let second = parts.next().unwrap_or("00");
    digits(second.split(['.', ',']).next()?, 2, 2)?;
    let second: f64 = second.replace(',', ".").parse().ok().filter(|second| (0.0..61.0).contains(second))?;
    (hour < 24).then(|| (((hour * 60 + minute) * 60) as f64 + second, east))
}

/// Reads "02:00", "0200" or "02" as minutes.
fn offset(text: &str) -> Option<i64> {
    let (hours, minutes) = match (text.split_once(':'), text.len()) {
        (Some(parts), _) => parts,
        (None, 2) => (text, "00"),
        (None, 4) => (text.get(..2)?, text.get(2..)?),
        _ => return None,
    };
    Some(digits(hours, 2, 2)? * 60 + digits(minutes, 2, 2)?)
}

/// Reads "1:30:00" as seconds.
pub(super) fn span(text: &str) -> Option<f64> {
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let (hours, minutes) = (digits(hours, 1, 5)?, digits(minutes, 2, 2).filter(|minutes| *minutes < 60)?);
    let seconds: f64 = digits(seconds, 2, 2).filter(|seconds| *seconds < 60)? as f64;
    Some((hours * 3600 + minutes * 60) as f64 + seconds)
}

/// Reads a number of so many digits.
pub(super) fn digits(text: &str, least: usize, most: usize) -> Option<i64> {
    let plain = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_their_usual_forms() {
        assert_eq!(timestamp("1970-01-02 00:00:01"), Some(86_401.0));
        assert_eq!(timestamp("2014-04-10 00:04:00"), Some(1_397_088_240.0));
        assert_eq!(timestamp("2018-01-03T22:45:46.5+02:00"), Some(1_515_012_346.5));
        for text in [
            "2018-01-03T20:45:46Z",
            "2018-01-03 20:45:46 UTC",
            "2018-01-03 22:45:46+0200",
            "2018-01-03T15:45:46-05",
            "20180103T204546Z".replace("204546", "20:45:46").as_str(),
            "2018/1/3 20:45:46",
            "03.01.2018 20:45:46",
            "3 Jan 2018 20:45:46",
            "Wed, 03 January 2018 20:45:46 GMT",
            "Jan 3, 2018 08:45:46 PM",
            "03-Jan-2018 20:45:46",
        ] {
            assert_eq!(timestamp(text), Some(1_515_011_546.0 - 400.0 + 1_200.0), "{text}");
        }
        assert_eq!(timestamp("2014-04-10"), Some(1_397_088_000.0));
        assert_eq!(timestamp("2014-04-10T00:04"), Some(1_397_088_240.0));
        assert_eq!(timestamp("Feb 29, 2024 12:30 AM"), timestamp("2024-02-29 00:30:00"));
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2014",
            "2014-13-10 00:00:00",
            "2014-04-10 25:00:00",
            "2014-04-10 00:00:00é",
            "2023-02-29",
            "2024-02-31",
            "2024-04-31 10:00:00",
            "31.02.2024",
            "03/04/2024",
            "03/14/2024",
            "é",
            "2024-",
            "Jan",
            "Jan 3",
            "2024-01-01x",
            "13:00",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_count_from_time_0_or_from_1970() {
        let of = |numbers: &[f64], dated| Numbers::of(numbers.iter().map(|&one| Instant::Relative(one)), dated);
        assert_eq!(of(&[0.0, 2e9], false), Numbers::FromTimeZero);
        assert_eq!(of(&[1.7e9, 1.8e9], false), Numbers::From1970(1.0));
        assert_eq!(of(&[1.7e12, 1.8e12], false), Numbers::From1970(1e-3));
        assert_eq!(of(&[1.7e18], false), Numbers::From1970(1e-9));
        assert_eq!(of(&[600.0], true), Numbers::From1970(1.0));
        assert_eq!((of(&[], false), of(&[1e300], false)), (Numbers::FromTimeZero, Numbers::FromTimeZero));
        assert_eq!(span("1:30:00"), Some(5_400.0));
        assert_eq!((span("90"), span("1:75:00")), (None, None));
    }
}
