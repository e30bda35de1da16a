//! Text with units: durations, shares, rates, money, counts.
//!
//! Pure functions from text to numbers; what went wrong comes back as a label for the underlined text.

use crate::units::{DAY, HOUR, MICROSECOND, MILLISECOND, MINUTE, MONTH, Nanos, SECOND};

/// Longest duration: sums of two of them still fit.
pub(super) const LONGEST: Nanos = 36_525 * DAY;

/// What a text was read as, or why not (a label beside the text).
pub(super) type Parsed<T> = Result<T, String>;

/// Splits a number from what follows it. Digits may be grouped: `1_000`, `1,000`.
pub(super) fn number(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    let mut cleaned = String::new();
    let mut at = 0;
    if let Some(sign @ (b'-' | b'+')) = bytes.first() {
        cleaned.push(*sign as char);
        at = 1;
    }
    let first = at;
    while at < bytes.len() {
        match bytes[at] {
            digit @ b'0'..=b'9' => cleaned.push(digit as char),
            b'_' if at > first => {}
            b',' if at > first && is_group(&bytes[at + 1..]) => {}
            _ => break,
        }
        at += 1;
    }
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        cleaned.push('.');
        at += 1;
        while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit() || **byte == b'_') {
            if *digit != b'_' {
                cleaned.push(*digit as char);
            }
            at += 1;
        }
    }
    if !cleaned.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
        || (matches!(bytes.get(at + 1), Some(b'-' | b'+')) && bytes.get(at + 2).is_some_and(u8::is_ascii_digit));
    if matches!(bytes.get(at), Some(b'e' | b'E')) && exponent {
        cleaned.push_str(&text[at..at + 2]);
        at += 2;
        while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
            cleaned.push(*digit as char);
            at += 1;
        }
    }
    Some((cleaned, text[at..].trim()))
}

fn is_group(rest: &[u8]) -> bool {
    rest.len() >= 3 && rest[..3].iter().all(u8::is_ascii_digit) && !rest.get(3).is_some_and(u8::is_ascii_digit)
}

fn finite(cleaned: &str) -> Parsed<f64> {
    match cleaned.parse::<f64>() {
        Ok(number) if !number.is_finite() => Err("too large".into()),
        Ok(number) if number < 0.0 => Err("negative".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("not a number".into()),
    }
}

/// Moves the decimal point to the left: "99.99%" is the number nearest to 0.9999, which a division need not be.
fn shifted(cleaned: &str, places: i32) -> Parsed<f64> {
    let value = finite(cleaned)?;
    if cleaned.contains(['e', 'E']) {
        return Ok(value / libm::exp10(f64::from(places)));
    }
    finite(&format!("{cleaned}e-{places}"))
}

fn unit_of_time(unit: &str) -> Option<Nanos> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "min" | "minute" | "minutes" => MINUTE,
        "h" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "week" | "weeks" => 7 * DAY,
        "month" | "months" => MONTH,
        "year" | "years" => 365 * DAY,
        _ => return None,
    })
}

/// Reads a duration: "250ms", "1.5s", "1h 30min".
pub(super) fn duration(text: &str) -> Parsed<Nanos> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if matches!(rest, "inf" | "infinite" | "never" | "∞") {
        return Err("not finite".into());
    }
    if rest.is_empty() {
        return Err("empty".into());
    }
    while !rest.is_empty() {
        let (value, after) = number(rest).ok_or_else(|| wrong(text, "a duration"))?;
        let end = after.find(|letter: char| !letter.is_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        if unit.is_empty() && next.is_empty() {
            return Err(format!("`{}` of what? there is no unit", value.trim()));
        }
        if unit == "m" {
            return Err("`m` may be minutes or months: write min or month".into());
        }
        let scale = unit_of_time(unit).ok_or_else(|| wrong(text, "a duration"))?;
        total += finite(&value)? * scale as f64;
        rest = next.trim_start();
    }
    if total > LONGEST as f64 {
        return Err("longer than 100 years".into());
    }
    Ok(total.round() as Nanos)
}

/// Reads a percentage as a share, 2 for "200%".
pub(super) fn percentage(text: &str) -> Parsed<f64> {
    let (value, unit) = number(text).ok_or_else(|| wrong(text, "a share"))?;
    match unit {
        "%" | "percent" => {
            finite(&value)?;
            // Shifting the decimal point keeps "99.99%" the number nearest to 0.9999.
            if value.contains(['e', 'E']) {
                finite(&value).map(|share| share / 100.0)
            } else {
                finite(&(value + "e-2"))
            }
        }
        "" => Err("a share in quotes needs its %".into()),
        _ => Err(wrong(text, "a share")),
    }
}

/// Reads a rate as a number per second: "12/s", "40/day".
pub(super) fn rate(text: &str) -> Parsed<f64> {
    let (value, unit) = number(text).ok_or_else(|| wrong(text, "a rate"))?;
    let Some(unit) = unit.strip_prefix('/').map(str::trim) else {
        return Err(if unit.is_empty() { "per what? there is no unit".into() } else { wrong(text, "a rate") });
    };
    let scale = unit_of_time(unit).ok_or_else(|| wrong(text, "a rate"))?;
    Ok(finite(&value)? * (SECOND as f64 / scale as f64))
}

/// What a price is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    /// A month of 30 days.
    Month,
    /// A request.
    Request,
}

/// Reads money: "$1900/month", "$0.085/h", "$0.10/million".
pub(super) fn money(text: &str, per: Per) -> Parsed<f64> {
    let Some(rest) = text.trim().strip_prefix('$') else { return Err(wrong(text, "an amount of money")) };
    let (value, unit) = number(rest).ok_or_else(|| wrong(text, "an amount of money"))?;
    let unit = unit.strip_prefix('/').map(str::trim);
    match (per, unit) {
        (_, None) => Err("per what? there is no unit".into()),
        (Per::Month, Some("month")) | (Per::Request, Some("request")) => finite(&value),
        (Per::Month, Some("d" | "day")) => finite(&value).map(|value| value * 30.0),
        (Per::Month, Some("h" | "hour")) => finite(&value).map(|value| value * 720.0),
        (Per::Request, Some("thousand")) => shifted(&value, 3),
        (Per::Request, Some("million")) => shifted(&value, 6),
        (Per::Month, Some(other)) => Err(format!("per {other}, not per month")),
        (Per::Request, Some(other)) => Err(format!("per {other}, not per request")),
    }
}

/// Reads a count, with or without its noun: "50 customers", "1_000".
pub(super) fn count(text: &str, noun: &str) -> Parsed<f64> {
    let (value, unit) = number(text).ok_or_else(|| wrong(text, "a count"))?;
    let singular = noun.strip_suffix('s').unwrap_or(noun);
    if !(unit.is_empty() || unit == noun || unit == singular) {
        return Err(wrong(text, "a count"));
    }
    let value = finite(&value)?;
    if value.fract() == 0.0 { Ok(value) } else { Err("not a whole number".into()) }
}

/// Reads a plain number: "1.5", or "1.5x".
pub(super) fn plain(text: &str) -> Parsed<f64> {
    let (value, unit) = number(text).ok_or_else(|| wrong(text, "a number"))?;
    if matches!(unit, "" | "x") { finite(&value) } else { Err(wrong(text, "a number")) }
}

/// Says what a text is, when something else was meant.
fn wrong(text: &str, meant: &str) -> String {
    let is = if text.trim_start().starts_with('$') {
        Some("an amount of money")
    } else if let Some((_, unit)) = number(text) {
        if unit.starts_with('%') {
            Some("a share")
        } else if unit.strip_prefix('/').is_some_and(|unit| unit_of_time(unit.trim()).is_some()) {
            Some("a rate")
        } else if unit_of_time(unit).is_some() {
            Some("a duration")
        } else if unit.is_empty() {
            Some("a bare number")
        } else {
            return format!("`{unit}` is not a unit of {}", meant.trim_start_matches("a ").trim_start_matches("an "));
        }
    } else {
        None
    };
    match is {
        Some(is) if is != meant => format!("this is {is}, not {meant}"),
        _ => format!("this is not {meant}"),
    }
}

/// Returns the name that the user most likely meant.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for name in known {
        let likeness = strsim::jaro_winkler(&lower, &name.to_lowercase());
        let near = likeness >= 0.8 || strsim::damerau_levenshtein(&lower, &name.to_lowercase()) <= 1;
        if near && best.is_none_or(|(other, _)| likeness > other) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn durations() {
        let right = [
            ("250ms", 250 * MILLISECOND),
            ("1.5s", 1_500 * MILLISECOND),
            ("2 min", 2 * MINUTE),
            ("1h", HOUR),
            ("30d", MONTH),
            ("1 month", MONTH),
            ("7us", 7 * MICROSECOND),
            ("7µs", 7 * MICROSECOND),
            ("3ns", 3),
            ("1h 30min", 90 * MINUTE),
            ("1_000ms", SECOND),
            ("1,000ms", SECOND),
            ("1e3ms", SECOND),
        ];
        for (text, value) in right {
            assert_eq!(duration(text), Ok(value), "{text}");
        }
        for text in
            ["", "5", "5%", "5/s", "-1s", "1,5s", "5m", "5kb", "inf", "1e99h", "s", "ms5", "5s3", "e5", "1e400s"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(duration("5%"), Err("this is a share, not a duration".into()));
        assert_eq!(duration("5kb"), Err("`kb` is not a unit of duration".into()));
    }

    #[test]
    fn shares_are_the_nearest_number() {
        assert_eq!(percentage("99.99%"), Ok(0.9999));
        assert_eq!(percentage("5 %"), Ok(0.05));
        assert_eq!(percentage("1e2%"), Ok(1.0));
        for text in ["", "0.5", "5s", "-1%", "x%"] {
            assert!(percentage(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_money_and_counts() {
        assert_eq!(rate("12/s"), Ok(12.0));
        assert!((rate("40/day").unwrap() * 86_400.0 - 40.0).abs() < 1e-12);
        assert!(rate("12").is_err() && rate("12s").is_err() && rate("12/parsec").is_err());
        assert_eq!(money("$1,900/month", Per::Month), Ok(1900.0));
        assert_eq!(money("$0.10/million", Per::Request), Ok(1e-7));
        assert_eq!(money("$0.1/h", Per::Month), Ok(72.0));
        assert!(money("5/month", Per::Month).is_err() && money("$5", Per::Month).is_err());
        assert!(money("$5/request", Per::Month).is_err());
        assert_eq!(count("50 customers", "customers"), Ok(50.0));
        assert_eq!(count("1 customer", "customers"), Ok(1.0));
        assert_eq!(count("1_000", "customers"), Ok(1000.0));
        assert!(count("1.5", "customers").is_err() && count("5 cells", "customers").is_err());
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("costumers", ["customers", "cells", "sla"]), Some("customers"));
        assert_eq!(nearest("b", ["a", "c"]), Some("a"));
        assert_eq!(nearest("completely", ["sla", "zones"]), None);
    }
}
