//! Numbers for people: thousands separators, few digits, never more than is known.

/// Writes a number with this many decimals and thousands separators: `fixed(1234.5, 1)` is "1,234.5".
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return if value > 0.0 { "infinite".to_owned() } else { "undefined".to_owned() };
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::with_capacity(text.len() + text.len() / 3 + 1);
    // What rounds to 0 has no sign.
    if value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        grouped.push('-');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// Writes a number with so many significant digits, but all digits of its whole part: `significant(0.1364, 2)` is "0.14".
///
/// What is not 0 never reads 0.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return fixed(value, 0);
    }
    let text = trimmed(fixed(value, decimals_for(value, digits)));
    match text.as_str() {
        "0" if value > 0.0 => format!("under {}", fixed(LEAST, 12)),
        "0" => format!("over -{}", fixed(LEAST, 12)),
        _ => text,
    }
}

/// The least number that is written with its digits.
const LEAST: f64 = 1e-12;

/// Leaves out zeros at the end of a fraction.
fn trimmed(text: String) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Writes a number of a scale: "0.15", "22,000".
pub fn tick(value: f64) -> String {
    significant(value, 3)
}

/// Writes a limit that somebody set, with all its digits: "0.125", "150,000".
pub fn precise(value: f64) -> String {
    significant(value, 9)
}

/// Returns how many decimals show so many significant digits.
fn decimals_for(value: f64, digits: i32) -> usize {
    let leading = libm::log10(value.abs()).floor() as i32;
    (digits - 1 - leading).clamp(0, 12) as usize
}

/// Rounds a number up to so many significant digits, but not beyond its whole part: a bound must not look tighter than it is.
pub fn up(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let unit = libm::exp10(decimals_for(value, digits) as f64);
    // The tiny step back keeps 0.3 from becoming 0.31 because 0.1 + 0.2 is a little more.
    (value * unit * (1.0 - 1e-12)).ceil() / unit
}

/// Rounds down to so many significant digits: the near end of a bound must not look higher than it is.
pub fn down(value: f64, digits: i32) -> f64 {
    -up(-value, digits)
}

/// Writes how many there are of something: "1 customer", "431 customers", "0.5 customers".
pub fn of(value: f64, noun: &str) -> String {
    let number = count(value);
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Writes a whole number with thousands separators.
pub fn whole(value: u64) -> String {
    fixed(value as f64, 0)
}

/// Writes a number of customers, cells or minutes: whole if it is whole or at least 100, else with one decimal.
pub fn count(value: f64) -> String {
    if value == value.round() || value.abs() >= 100.0 {
        fixed(value, 0)
    } else if value.abs() >= 0.1 {
        fixed(value, 1)
    } else {
        significant(value, 1)
    }
}

/// Writes the bad minutes that a contract allows: "4.3", "43.2", "403".
pub fn minutes(allowed: f64) -> String {
    fixed(allowed, usize::from(allowed < 100.0))
}

/// Writes a share in per cent, with two or three digits, and more near 100 %: "0.14 %", "46 %", "99.95 %"; 0 is "0".
///
/// What is not quite 100 % never reads as if it were: it is "over 99.999 %" at least.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if share == 0.0 {
        return "0".to_owned();
    }
    let text = match percent {
        p if is_all(p) => fixed(p, 0),
        p if p.abs() < 1.0 => significant(p, 2),
        p if p.abs() < 10.0 => significant(p, 3),
        // What is missing to 100 % is what a reader looks at.
        p if p > 90.0 && p < 100.0 => trimmed(part(p, decimals_for(100.0 - p, 2).clamp(1, 3))),
        p => trimmed(part(p, 0)),
    };
    text + " %"
}

/// Returns whether per cent are 100: a sum of shares misses that by rounding.
fn is_all(percent: f64) -> bool {
    (percent - 100.0).abs() < 1e-7
}

/// Writes per cent with so many decimals, or as many more as keep what is not 0 from reading 0, and what is not 100 from
/// reading 100.
pub fn part(percent: f64, decimals: usize) -> String {
    const MOST: usize = 3;
    let near_all = !is_all(percent) && (percent - 100.0).abs() < 1.0;
    if near_all {
        let all = |decimals: &usize| trimmed(fixed(percent, *decimals)) == "100";
        return match (decimals..=MOST.max(decimals)).find(|decimals| !all(decimals)) {
            Some(decimals) => fixed(percent, decimals),
            None if percent < 100.0 => "over 99.999".to_owned(),
            None => "over 100".to_owned(),
        };
    }
    some(percent, decimals)
}

/// Writes a number with so many decimals, or as many more as keep what is not 0 from reading 0.
pub fn some(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let nothing = value != 0.0 && !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) && value.is_finite();
    if nothing { significant(value, 1) } else { text }
}

/// Writes a share in per cent where nobody looks at what is missing to 100 %, as in a share of traffic: "3.6 %", "100 %".
pub fn rough_percent(share: f64) -> String {
    match share {
        // What is not quite all never reads as if it were.
        share if share < 0.1 || (0.995..1.0).contains(&share) => percent(share),
        share => fixed(100.0 * share, 0) + " %",
    }
}

/// Writes an availability as it is sold: all its digits, "99.99 %".
pub fn sold(availability: f64) -> String {
    let text = format!("{:.6}", 100.0 * availability);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Writes dollars with at most four significant digits from a thousand on, cents below a hundred.
pub fn dollars(value: f64) -> String {
    let (sign, size) = if value < 0.0 { ("-", -value) } else { ("", value) };
    let text = if size >= 1000.0 {
        let unit = libm::exp10(libm::log10(size).floor() - 3.0);
        fixed((size / unit).round() * unit, 0)
    } else if size >= 100.0 || size == size.round() {
        fixed(size, 0)
    } else {
        fixed(size, 2)
    };
    format!("{sign}${text}")
}

/// Writes a length of time as minutes and seconds, "2:01", or hours, "1:02:01".
pub fn clock(seconds: f64) -> String {
    let total = seconds.round().max(0.0) as u64;
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Writes a length of time in its largest fitting unit: "15 min", "90 s", "30 days".
pub fn span(seconds: f64) -> String {
    for (unit, name) in [(86400.0, "days"), (3600.0, "h"), (60.0, "min")] {
        let amount = seconds / unit;
        if amount >= 1.0 && (amount - amount.round()).abs() < 1e-9 && (unit < 86400.0 || amount > 1.0) {
            return format!("{} {name}", fixed(amount, 0));
        }
    }
    format!("{} s", significant(seconds, 3))
}

/// Writes a latency: milliseconds below a second.
pub fn latency(seconds: f64) -> String {
    let milliseconds = 1000.0 * seconds;
    match seconds {
        0.0 => "0 ms".to_owned(),
        s if s.abs() < 0.01 => format!("{} ms", significant(milliseconds, 2)),
        s if s.abs() < 1.0 => format!("{} ms", fixed(milliseconds, 0)),
        s => format!("{} s", significant(s, 3)),
    }
}

/// Writes a number for a file: at most nine significant digits, the shortest text that gives them back; never an exponent.
pub fn exact(value: f64) -> String {
    if value.is_finite() { format!("{}", rounded(value)) } else { String::new() }
}

/// Rounds a number for a file to nine significant digits.
pub fn rounded(value: f64) -> f64 {
    // Adding 0 makes a negative zero positive.
    format!("{value:.8e}").parse().unwrap_or(value) + 0.0
}

/// Writes a number for a file, or nothing.
pub fn exact_or_empty(value: Option<f64>) -> String {
    value.map(exact).unwrap_or_default()
}

/// Writes a number with two digits at least and no idle ones: "100", "0.01", "0.000001".
pub fn short(value: f64) -> String {
    let decimals = (1.0 - libm::log10(value.abs().max(1e-9)).floor()).clamp(2.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Writes bytes in gigabytes.
pub fn gigabytes(bytes: f64) -> String {
    rough_to(bytes / 1e9, 2)
}

/// Writes a number so that it is read at a glance: "16 billion".
pub fn rough(number: f64) -> String {
    let names = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")];
    match names.into_iter().find(|(unit, _)| number >= 0.9995 * unit) {
        Some((unit, _)) if number >= 1e15 => format!("{} trillion", rough_to(number / unit, 1)),
        Some((unit, name)) => format!("{} {name}", rough_to(number / unit, 2)),
        None => rough_to(number, 2),
    }
}

/// Rounds to so many digits, without an exponent below a million.
fn rough_to(number: f64, digits: i32) -> String {
    if number == 0.0 || !number.is_finite() {
        return "0".to_owned();
    }
    if number >= 1e6 {
        return format!("{number:.0e}");
    }
    let decimals = (digits - 1 - libm::log10(number).floor() as i32).clamp(0, 6);
    let scale = libm::exp10(f64::from(digits - 1) - libm::log10(number).floor());
    format!("{:.*}", decimals as usize, (number * scale).round() / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(fixed(1234567.891, 2), "1,234,567.89");
        assert_eq!(fixed(-0.001, 1), "0.0");
        assert_eq!(fixed(-1234.0, 0), "-1,234");
        assert_eq!((of(1.0, "customer"), of(0.5, "customer")), ("1 customer".to_owned(), "0.5 customers".to_owned()));
        assert_eq!(whole(999), "999");
        assert_eq!(whole(1000), "1,000");
    }

    #[test]
    fn shares_keep_the_digits_that_matter() {
        let cases = [
            (0.0, "0"),
            (0.00136, "0.14 %"),
            (0.036, "3.6 %"),
            (0.02, "2 %"),
            (0.0196, "1.96 %"),
            (0.463, "46 %"),
            (0.95, "95 %"),
            (0.954, "95.4 %"),
            (0.9999, "99.99 %"),
            (0.999996, "over 99.999 %"),
            (0.99999, "99.999 %"),
            (1.004, "100.4 %"),
            (1.0 + 1e-7, "over 100 %"),
            (1e-20, "under 0.000000000001 %"),
            (1e-7, "0.00001 %"),
            (0.99999999, "over 99.999 %"),
            (1.0, "100 %"),
            (1.0 - 1e-12, "100 %"),
            (1.25, "125 %"),
        ];
        for (share, text) in cases {
            assert_eq!(percent(share), text);
        }
        assert_eq!((rough_percent(0.99999999), rough_percent(1.0)), ("over 99.999 %".to_owned(), "100 %".to_owned()));
        assert_eq!(rough_percent(0.953), "95 %");
        assert_eq!(rough_percent(0.0364), "3.64 %");
        assert_eq!(rough_percent(0.0), "0");
        assert_eq!((part(99.96, 0), part(99.9, 2), part(0.04, 0)), ("99.96".into(), "99.90".into(), "0.04".into()));
        assert_eq!((tick(0.15), tick(22_000.0), precise(0.125)), ("0.15".into(), "22,000".into(), "0.125".into()));
        assert_eq!(sold(0.9999), "99.99 %");
        assert_eq!(sold(0.999), "99.9 %");
    }

    #[test]
    fn money_and_time() {
        assert_eq!(dollars(157541.2), "$157,500");
        assert_eq!(dollars(5.9636), "$5.96");
        assert_eq!(dollars(350.4), "$350");
        assert_eq!(dollars(-1200.0), "-$1,200");
        assert_eq!(clock(121.2), "2:01");
        assert_eq!(clock(3721.0), "1:02:01");
        assert_eq!(span(900.0), "15 min");
        assert_eq!(span(90.0), "90 s");
        assert_eq!(span(86400.0), "24 h");
        assert_eq!(span(30.0 * 86400.0), "30 days");
        assert_eq!(latency(0.0331), "33 ms");
        assert_eq!(latency(0.00061), "0.61 ms");
        assert_eq!(latency(2.5), "2.5 s");
    }

    #[test]
    fn file_numbers_have_nine_digits_and_no_exponent() {
        assert_eq!(exact(0.1 + 0.2), "0.3");
        assert_eq!(exact(1.0 / 3.0), "0.333333333");
        assert_eq!(exact(1e-7), "0.0000001");
        assert_eq!(exact(-0.0), "0");
        assert_eq!(exact(123456789012.0), "123456789000");
        assert_eq!(exact(f64::INFINITY), "");
        assert_eq!(exact_or_empty(None), "");
    }

    #[test]
    fn shares_without_idle_digits() {
        for (value, text) in
            [(100.0, "100"), (0.01, "0.01"), (1.0 - 0.99999999, "0.00000001"), (12.345, "12.35"), (0.0, "0")]
        {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn numbers_are_read_at_a_glance() {
        let cases = [(0.0, "0"), (7.0, "7.0"), (12_345.0, "12 thousand"), (9_552_000.0, "9.6 million")];
        for (number, text) in cases {
            assert_eq!(rough(number), text);
        }
        assert_eq!(
            (rough(1.6e10), rough(2e12), rough(4e16)),
            ("16 billion".into(), "2.0 trillion".into(), "40000 trillion".into())
        );
    }
}
