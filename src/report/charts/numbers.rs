//! Numbers as a reader writes them: "22,000", "0.14 %", "2:01", "250 ms".

use crate::engine::stats::{Estimate, State};

/// A whole number with its thousands apart.
pub(super) fn whole(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0.0 && digits != "0" { format!("−{text}") } else { text }
}

/// A count or rate: whole from 100 on, else with what decimals it needs.
pub(super) fn plain(number: f64) -> String {
    let size = number.abs();
    if size >= 99.95 || number == number.round() {
        whole(number)
    } else if size >= 0.95 {
        trim(&format!("{number:.1}"))
    } else {
        let decimals = (1.0 - libm::log10(size).floor()).clamp(2.0, 8.0) as usize;
        trim(&format!("{number:.decimals$}"))
    }
}

/// A share in per cent.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let size = percent.abs();
    let digits = if size >= 9.995 {
        whole(percent)
    } else if size >= 0.995 {
        trim(&format!("{percent:.1}"))
    } else {
        plain(percent)
    };
    format!("{digits} %")
}

/// An estimate with its half-width, or what is known instead.
pub(super) fn estimate(estimate: &Estimate) -> String {
    scaled(estimate, 1.0, plain, "")
}

/// An estimated share in per cent, likewise.
pub(super) fn estimate_percent(estimate: &Estimate) -> String {
    scaled(estimate, 100.0, |number| percent(number / 100.0).trim_end_matches(" %").to_owned(), " %")
}

fn scaled(estimate: &Estimate, scale: f64, show: fn(f64) -> String, unit: &str) -> String {
    let scaled = |number: Option<f64>| defined(number).map(|number| number * scale);
    let Some(value) = scaled(estimate.value) else {
        return "not measured".to_owned();
    };
    let shown = show(value);
    match (estimate.state, scaled(estimate.low), scaled(estimate.high)) {
        // Where both sides differ, half of the whole would say of neither how far it goes.
        (State::Bound, Some(low), Some(high)) if low < value && value < high => {
            format!("{shown}{unit} ({} to {})", show(low), show(high))
        }
        (State::Estimate, Some(low), Some(high)) if (high + low - 2.0 * value).abs() > 0.2 * (high - low) => {
            format!("{shown}{unit} ({} to {})", show(low), show(high))
        }
        (State::Bound, _, Some(high)) if high > value => format!("{shown}{unit} (below {}{unit})", show(high)),
        (State::Estimate, Some(low), Some(high)) if high > low => {
            let half = (high - low) / 2.0;
            // As many decimals as the number, unless that hides the half-width.
            let decimals = shown.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let rounded = format!("{half:.decimals$}");
            let hidden = half > 0.0 && rounded.chars().all(|digit| matches!(digit, '0' | '.'));
            let half = if hidden || half >= 100.0 { show(half) } else { trim(&rounded) };
            format!("{shown} ± {half}{unit}")
        }
        _ => format!("{shown}{unit}"),
    }
}

/// A number that can be drawn.
pub(super) fn defined(number: Option<f64>) -> Option<f64> {
    number.filter(|number| number.is_finite())
}

/// An instant or length of time: "0:12", "1:02:03".
pub(super) fn clock(seconds: f64) -> String {
    let all = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A latency: milliseconds below a second.
pub(super) fn latency(seconds: f64) -> String {
    if seconds < 0.9995 { format!("{} ms", plain(seconds * 1000.0)) } else { format!("{} s", plain(seconds)) }
}

/// A count with its noun.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", whole(number as f64), if number == 1 { one } else { many })
}

fn trim(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_written() {
        for (number, text) in [(22_000.0, "22,000"), (0.0, "0"), (4.32, "4.3"), (0.035, "0.035"), (-1234.0, "−1,234")]
        {
            assert_eq!(plain(number), text);
        }
        for (share, text) in [(1.0, "100 %"), (0.0014, "0.14 %"), (0.0196, "2 %"), (0.0356, "3.6 %"), (12.5, "1,250 %")]
        {
            assert_eq!(percent(share), text);
        }
        assert_eq!((clock(121.0), clock(3723.0)), ("2:01".to_owned(), "1:02:03".to_owned()));
        assert_eq!((latency(0.25), latency(1.5)), ("250 ms".to_owned(), "1.5 s".to_owned()));
        assert_eq!(
            (count(1, "run", "runs"), count(2000, "run", "runs")),
            ("1 run".to_owned(), "2,000 runs".to_owned())
        );
    }

    #[test]
    fn estimates_carry_what_is_known() {
        let number = |value: f64, half: f64, state| Estimate {
            value: Some(value),
            low: Some(if state == State::Bound { value } else { value - half }),
            high: Some(value + half),
            n: 20,
            state,
            reason: None,
        };
        for (value, half, text) in
            [(431.2, 6.4, "431 ± 6"), (79.25, 9.2, "79.2 ± 9.2"), (30.0, 0.0, "30"), (5.0, 0.03, "5 ± 0.03")]
        {
            assert_eq!(estimate(&number(value, half, State::Estimate)), text);
        }
        let lopsided = Estimate { low: Some(0.0), high: Some(3039.0), ..number(0.0, 0.0, State::Estimate) };
        assert_eq!(estimate(&lopsided), "0 (0 to 3,039)");
        assert_eq!(estimate(&number(0.0, 1.0, State::Bound)), "0 (below 1)");
        assert_eq!(estimate_percent(&number(0.463, 0.046, State::Estimate)), "46 ± 5 %");
        assert_eq!(estimate_percent(&number(0.0, 0.032, State::Bound)), "0 % (below 3.2 %)");
        assert_eq!(estimate(&Estimate { value: None, ..number(0.0, 0.0, State::Null) }), "not measured");
    }
}
