//! Numbers that are known roughly, as they are read at a glance.

/// Writes bytes in gigabytes.
pub(crate) fn gigabytes(bytes: f64) -> String {
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
