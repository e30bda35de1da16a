//! Estimates for people: the number, its unit, and how far it may be off.

use crate::catalogue::Unit;
use crate::engine::stats::{Estimate, State};
use crate::number;

/// How a number of some unit is shown: multiplied by `factor`, between `prefix` and `suffix`.
struct Scale {
    factor: f64,
    prefix: &'static str,
    suffix: &'static str,
}

/// Returns the scale for a unit, for numbers about as large as `size`.
fn scale(unit: Unit, size: f64) -> Scale {
    let (factor, prefix, suffix) = match unit {
        Unit::Share => (100.0, "", " %"),
        Unit::Seconds if size.abs() < 1.0 => (1000.0, "", " ms"),
        Unit::Seconds => (1.0, "", " s"),
        Unit::Minutes => (1.0, "", " min"),
        Unit::PerSecond => (1.0, "", "/s"),
        Unit::Dollars => (1.0, "$", ""),
        Unit::Customers => (1.0, "", " customers"),
        Unit::Plain => (1.0, "", ""),
    };
    Scale { factor, prefix, suffix }
}

/// Writes a plain number in its unit: "2.2 %", "99 ms", "30 customers".
pub fn quantity(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => number::percent(value),
        Unit::Seconds => number::latency(value),
        Unit::Dollars => number::dollars(value),
        Unit::Customers => number::of(value, "customer"),
        Unit::Minutes => number::count(value) + scale(unit, value).suffix,
        Unit::PerSecond | Unit::Plain => number::significant(value, 3) + scale(unit, value).suffix,
    }
}

/// Writes a limit that somebody set, in the style of the values that it is compared with: "2 %", "250 ms", "50 customers".
pub fn exactly(value: f64, unit: Unit) -> String {
    let Scale { factor, prefix, suffix } = scale(unit, value);
    // A limit of 0.07 is not 7.000000000000001 %.
    let number = number::precise(factor * value);
    let suffix = if unit == Unit::Customers && number == "1" { " customer" } else { suffix };
    format!("{prefix}{number}{suffix}")
}

/// Writes estimates whose intervals are of one level of confidence.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    confidence: Option<f64>,
}

/// Returns a writer of estimates at a level of confidence.
pub fn at(confidence: f64) -> Writer {
    Writer { confidence: Some(confidence) }
}

/// Returns a writer of estimates whose level is said elsewhere.
pub fn unleveled() -> Writer {
    Writer { confidence: None }
}

impl Writer {
    /// Writes an estimate with its unit and interval: "431 customers ± 6", "0 customers (95 % bound: 1)", "not measured".
    pub fn with_unit(self, estimate: &Estimate, unit: Unit) -> String {
        self.write(estimate, unit, true)
    }

    /// Writes an estimate of customers or minutes without naming the unit, for a table whose heading does: "431 ± 6".
    pub fn bare(self, estimate: &Estimate) -> String {
        self.write(estimate, Unit::Customers, false)
    }

    /// Writes a sum that may be in millions: "1.11 M ± 0.02", "986 ± 141".
    pub fn large(self, estimate: &Estimate) -> String {
        match estimate.value {
            Some(value) if value >= 1e6 => {
                let text = self.bare(&estimate.scaled(1e-6));
                match text.split_once(' ') {
                    Some((number, rest)) => format!("{number} M {rest}"),
                    None => format!("{text} M"),
                }
            }
            _ => self.bare(estimate),
        }
    }

    fn write(self, estimate: &Estimate, unit: Unit, named: bool) -> String {
        let plain = |value: f64| match named {
            true => quantity(value, unit),
            false => number::count(value),
        };
        let Some(value) = estimate.value.filter(|_| estimate.state != State::Null) else {
            return match (estimate.state, estimate.low, estimate.high) {
                (State::Beyond, Some(most), _) => format!("> {} (fails)", plain(most)),
                (State::Bound, low, Some(high)) if low.unwrap_or(0.0) <= 0.0 => {
                    format!("at most {}", plain(number::up(high, 3)))
                }
                (State::Bound, Some(low), Some(high)) => {
                    let low = if named { limit(low, unit) } else { plain(low) };
                    format!("{low} to {}", plain(high))
                }
                (State::Bound, Some(0.0), None) => NOTHING_KNOWN.to_owned(),
                (State::Bound, Some(low), None) => format!("above {}", plain(low)),
                _ => "not measured".to_owned(),
            };
        };
        match (estimate.state, estimate.low, estimate.high) {
            // Less than any digit shows.
            (_, _, Some(high)) if unit == Unit::Share && value > 0.0 && value < 1e-14 && high < 1e-14 => plain(value),
            // Not seen, and not excluded.
            (State::Bound | State::Estimate, low, Some(high))
                if value == 0.0 && high > 0.0 && low.unwrap_or(0.0) >= 0.0 =>
            {
                let level = self.confidence.map_or_else(String::new, |level| number::percent(level) + " ");
                format!("{} ({level}bound: {})", plain(value), limit(beyond(high, unit), unit))
            }
            (State::Estimate, Some(low), Some(high)) => interval(value, low, high, unit, named),
            (State::Bound, Some(low), Some(high)) if low < value && value < high => {
                format!("{} ({} to {})", plain(value), limit(below(low, unit), unit), limit(beyond(high, unit), unit))
            }
            (State::Bound, _, Some(high)) if high > value => {
                format!("{} (at most {})", plain(value), limit(beyond(high, unit), unit))
            }
            (State::Bound, Some(0.0), None) if value > 0.0 => format!("{} ({NOTHING_KNOWN})", plain(value)),
            (State::Bound, Some(low), _) if low < value => {
                format!("{} (above {})", plain(value), limit(below(low, unit), unit))
            }
            _ => plain(value),
        }
    }
}

/// Returns why there is no number.
pub fn reason(estimate: &Estimate) -> &str {
    estimate.reason.as_deref().unwrap_or("no reason given")
}

/// Returns whether there is no number.
pub fn is_missing(estimate: &Estimate) -> bool {
    estimate.state == State::Null || estimate.value.is_none()
}

/// What is said of an interval from 0 without an end.
const NOTHING_KNOWN: &str = "not bounded";

/// What a difference of two shares may be off by: 1 - 0.9973 is a little less than 0.0027.
const HAIR: f64 = 1e-9;

/// Rounds the lower end of a bound down. What is missing to all is what a reader looks at.
fn below(low: f64, unit: Unit) -> f64 {
    if unit == Unit::Share && low > 0.9 {
        1.0 - number::up((1.0 - low) * (1.0 - HAIR), 2)
    } else {
        number::down(low, 2)
    }
}

/// Rounds the upper end of a bound up, but not to all of it.
fn beyond(high: f64, unit: Unit) -> f64 {
    if unit == Unit::Share && high > 0.9 && high < 1.0 {
        1.0 - number::down((1.0 - high) * (1.0 + HAIR), 2)
    } else {
        number::up(high, 2)
    }
}

/// Writes the far end of a one-sided interval, without the noun that stands before it already.
fn limit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Customers | Unit::Minutes if value.abs() < 10.0 => number::significant(value, 2),
        Unit::Customers | Unit::Minutes => number::count(value),
        _ => quantity(value, unit),
    }
}

/// Writes a number with a two-sided interval; its digits end where those of the interval do.
fn interval(value: f64, low: f64, high: f64, unit: Unit, named: bool) -> String {
    let Scale { factor, prefix, suffix } = scale(unit, value);
    let suffix = if named { suffix } else { "" };
    let half = factor * (high - low) / 2.0;
    if half <= 0.0 || !half.is_finite() {
        return if named { quantity(value, unit) } else { number::count(value) };
    }
    let (value, low, high) = (factor * value, factor * low, factor * high);
    // Shares of rare events have all their digits far behind the point.
    let most = if value.abs() < 0.001 { 12.0 } else { 4.0 };
    let decimals_of = |width: f64, most: f64| (-libm::log10(width).floor()).clamp(0.0, most) as usize;
    let decimals = decimals_of(half, most);
    let shown = |value: f64, decimals: usize| match unit {
        Unit::Share => number::part(value, decimals),
        _ => number::some(value, decimals),
    };
    // Large numbers end at most two digits behind the first one of the narrower side.
    let narrower = [value - low, high - value].into_iter().filter(|&side| side > 0.0).fold(half, f64::min);
    let step = libm::exp10((libm::log10(narrower).floor() - 2.0).max(0.0));
    let lopsided = (high + low - 2.0 * value).abs() > 0.2 * (high - low);
    if lopsided {
        // One digit of the narrower side, two if it begins with a one: it is what a limit is held against.
        let decimals = decimals_of(narrower / 2.0, most).min(decimals + 2);
        // The ends are rounded away from the value: an interval must not look narrower than it is.
        let end = |end: f64, round: fn(f64) -> f64| {
            let away = rounded(end, decimals, step, round);
            // But not to all of it.
            trimmed(shown(if unit == Unit::Share && away == 100.0 { end } else { away }, decimals))
        };
        let (low, high) = (end(low, f64::floor), end(high, f64::ceil));
        return format!("{prefix}{}{suffix} ({low} to {high})", trimmed(shown(nearest(value, step), decimals)));
    }
    // So is the half-width.
    let up = |decimals: usize| rounded(half, decimals, step, f64::ceil);
    // What is beyond chance must not be rounded until it looks as if it could be nothing.
    let reaches_zero = |decimals: &usize| {
        let unit_of_last = libm::exp10(*decimals as f64);
        up(*decimals) >= (value * unit_of_last).round().abs() / unit_of_last
    };
    let beyond_chance = low > 0.0 || high < 0.0;
    let decimals = (decimals..12).find(|decimals| !beyond_chance || !reaches_zero(decimals)).unwrap_or(decimals);
    let half = number::significant(up(decimals), 3);
    format!("{prefix}{}{suffix} ± {half}", shown(nearest(value, step), decimals))
}

/// Leaves out zeros at the end of a fraction.
fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Rounds to whole steps, where steps are larger than 1.
fn nearest(value: f64, step: f64) -> f64 {
    if step > 1.0 { rounded(value, 0, step, f64::round) } else { value }
}

/// Rounds to whole steps where steps are larger than 1, else to so many decimals; what that would make 0 stays as it is.
fn rounded(value: f64, decimals: usize, step: f64, round: fn(f64) -> f64) -> f64 {
    let unit = if step > 1.0 { 1.0 / step } else { libm::exp10(decimals as f64) };
    // A tiny step to the nearest keeps 0.3 from becoming 0.4 because 0.1 + 0.2 is a little more.
    let scaled = value * unit;
    let nearest = scaled.round();
    let rounded = if (scaled - nearest).abs() < 1e-6 { nearest } else { round(scaled) };
    if rounded == 0.0 { value } else { rounded / unit }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(estimate: &Estimate) -> String {
        at(0.95).bare(estimate)
    }

    fn with_unit(estimate: &Estimate, unit: Unit) -> String {
        at(0.95).with_unit(estimate, unit)
    }

    fn estimate(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { value: Some(value), low: Some(low), high: Some(high), n: 20, state: State::Estimate, reason: None }
    }

    #[test]
    fn intervals_end_where_the_half_width_does() {
        assert_eq!(bare(&estimate(431.4, 425.9, 436.9)), "431 ± 6");
        assert_eq!(bare(&estimate(30.0, 30.0, 30.0)), "30");
        assert_eq!(with_unit(&estimate(0.0219, 0.0216, 0.0222), Unit::Share), "2.19 % ± 0.03");
        assert_eq!(with_unit(&estimate(0.099, 0.0988, 0.0992), Unit::Seconds), "99.0 ms ± 0.2");
        assert_eq!(with_unit(&estimate(30.0, 30.0, 30.0), Unit::Customers), "30 customers");
        assert_eq!(with_unit(&estimate(0.97, 0.90, 0.98), Unit::Share), "97 % (90 to 98)");
        // 1.6 is rounded up to 2, and 2 ± 2 would look like nothing.
        assert_eq!(with_unit(&estimate(2.0, 0.4, 3.6), Unit::Minutes), "2.0 min ± 1.6");
        assert_eq!(with_unit(&estimate(-2.0, -3.6, -0.4), Unit::Minutes), "-2.0 min ± 1.6");
        assert_eq!(with_unit(&estimate(2.0, -0.1, 4.1), Unit::Minutes), "2 min ± 3");
        assert_eq!(bare(&estimate(774.2, 642.6, 4_321.2)), "774 (642 to 4,322)");
        assert_eq!(bare(&estimate(626_962.0, 566_404.0, 687_520.0)), "627,000 ± 60,600");
        assert_eq!(
            with_unit(&estimate(16_742_803.0, 15_386_986.0, 18_098_620.0), Unit::Dollars),
            "$16,740,000 ± 1,360,000"
        );
        assert_eq!(at(0.95).large(&estimate(1_110_000.0, 1_090_000.0, 1_130_000.0)), "1.11 M ± 0.02");
    }

    #[test]
    fn what_is_not_all_or_nothing_never_reads_so() {
        assert_eq!(with_unit(&estimate(0.9996, 0.994, 0.9999), Unit::Share), "99.96 % (99.4 to 99.99)");
        assert_eq!(with_unit(&estimate(0.9996, 0.94, 1.0), Unit::Share), "99.96 % (94 to 100)");
        assert_eq!(with_unit(&estimate(0.003, 0.0, 0.2), Unit::Share), "0.3 % (0 to 20)");
        assert_eq!(with_unit(&estimate(0.96, 0.4, 0.999_999), Unit::Share), "96 % (40 to over 99.999)");
        assert_eq!(bare(&estimate(0.3, 0.02, 3.2)), "0.3 (0.02 to 3.2)");
        let bound = Estimate { state: State::Bound, low: None, ..estimate(0.9, 0.0, 0.9973) };
        assert_eq!(with_unit(&bound, Unit::Share), "90 % (at most 99.73 %)");
    }

    #[test]
    fn limits_keep_all_their_digits() {
        let texts = [
            (0.02, Unit::Share),
            (0.07, Unit::Share),
            (0.9999, Unit::Share),
            (0.001_25, Unit::Share),
            (0.25, Unit::Seconds),
            (1200.0, Unit::Seconds),
        ]
        .map(|(limit, unit)| exactly(limit, unit));
        assert_eq!(texts, ["2 %", "7 %", "99.99 %", "0.125 %", "250 ms", "1,200 s"]);
        let texts = [
            (50.0, Unit::Customers),
            (1.0, Unit::Customers),
            (43.2, Unit::Minutes),
            (150_000.0, Unit::Dollars),
            (1.5, Unit::Plain),
            (400.0, Unit::PerSecond),
        ]
        .map(|(limit, unit)| exactly(limit, unit));
        assert_eq!(texts, ["50 customers", "1 customer", "43.2 min", "$150,000", "1.5", "400/s"]);
    }

    #[test]
    fn bounds_and_gaps_are_said() {
        let bound = Estimate { state: State::Bound, low: None, ..estimate(0.0, 0.0, 1.0) };
        assert_eq!(bare(&bound), "0 (95 % bound: 1)");
        let all = Estimate { state: State::Bound, high: None, ..estimate(1.0, 0.861, 1.0) };
        assert_eq!(with_unit(&all, Unit::Share), "100 % (above 86 %)");
        let alike = Estimate { state: State::Bound, ..estimate(1.0, 0.861, 2.95) };
        assert_eq!(bare(&alike), "1 (0.86 to 3)");
        let open = Estimate { state: State::Bound, high: None, ..estimate(1.0, 1.0, 1.0) };
        assert_eq!(bare(&open), "1");
        let nearly = Estimate { state: State::Bound, ..estimate(1.0, 0.985_13, 1.0) };
        assert_eq!(with_unit(&nearly, Unit::Share), "100 % (above 98.5 %)");
        let anything = Estimate { value: None, high: None, state: State::Bound, ..estimate(0.0, 0.0, 0.0) };
        assert_eq!(with_unit(&anything, Unit::Seconds), "not bounded");
        let upwards = Estimate { high: None, state: State::Bound, ..estimate(0.005, 0.0, 0.0) };
        assert_eq!(with_unit(&upwards, Unit::Seconds), "5 ms (not bounded)");
        let beyond = Estimate { value: None, high: None, state: State::Bound, ..estimate(0.0, 330.0, 0.0) };
        assert_eq!(with_unit(&beyond, Unit::Seconds), "above 330 s");
        let unseen = Estimate { value: None, state: State::Bound, ..estimate(0.0, 0.0, 400.0) };
        assert_eq!(with_unit(&unseen, Unit::Customers), "at most 400 customers");
        assert_eq!(with_unit(&Estimate { low: Some(30.0), ..unseen }, Unit::Customers), "30 to 400 customers");
        let null = Estimate { state: State::Null, value: None, reason: Some("why".into()), ..estimate(0.0, 0.0, 0.0) };
        assert_eq!(with_unit(&null, Unit::Share), "not measured");
        assert_eq!(reason(&null), "why");
        let single = Estimate { low: None, high: None, n: 1, ..estimate(431.0, 0.0, 0.0) };
        assert_eq!(bare(&single), "431");
    }
}
