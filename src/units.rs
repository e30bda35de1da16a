//! Time, and the names of its parts.
//!
//! Instants and durations are whole nanoseconds. Inside the program an instant counts from the start of the
//! warm-up, so that it is never negative; what an architect writes and reads counts from the warm-up's end.

/// Nanoseconds: an instant since the start of the warm-up, or a duration.
pub type Nanos = u64;

/// After every instant.
pub const NEVER: Nanos = Nanos::MAX;

/// One microsecond.
pub const MICROSECOND: Nanos = 1_000;
/// One millisecond.
pub const MILLISECOND: Nanos = 1_000_000;
/// One second.
pub const SECOND: Nanos = 1_000_000_000;
/// One minute.
pub const MINUTE: Nanos = 60 * SECOND;
/// One hour.
pub const HOUR: Nanos = 60 * MINUTE;
/// One day.
pub const DAY: Nanos = 24 * HOUR;
/// A contract month: 30 days.
pub const MONTH: Nanos = 30 * DAY;

/// Returns a duration as one number with the largest unit in which it is whole: "300ms", "1500us".
///
/// # Example
/// ```
/// use cellsim::units::{MILLISECOND, MINUTE, exact_text};
/// assert_eq!(exact_text(300 * MILLISECOND), "300ms");
/// assert_eq!(exact_text(90 * MINUTE), "90min");
/// ```
pub fn exact_text(nanos: Nanos) -> String {
    let whole = NAMES.into_iter().find(|(unit, _)| nanos >= *unit && nanos.is_multiple_of(*unit));
    let (unit, name) = whole.unwrap_or((1, "ns"));
    format!("{}{name}", nanos / unit)
}

/// Units that durations are written in, the largest first.
const NAMES: [(Nanos, &str); 6] =
    [(HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (MILLISECOND, "ms"), (MICROSECOND, "us"), (1, "ns")];

/// Reads what [`exact_text`] has written.
///
/// # Example
/// ```
/// use cellsim::units::{MINUTE, of_exact_text};
/// assert_eq!(of_exact_text("90min"), Some(90 * MINUTE));
/// assert_eq!(of_exact_text("90"), None);
/// ```
pub fn of_exact_text(text: &str) -> Option<Nanos> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (unit, _) = NAMES.into_iter().find(|(_, name)| *name == unit)?;
    number.parse::<Nanos>().ok()?.checked_mul(unit)
}

/// Returns a duration in seconds.
pub fn seconds(nanos: Nanos) -> f64 {
    nanos as f64 / SECOND as f64
}

/// Returns the whole number of nanoseconds nearest to `seconds`; negative and undefined values give 0.
pub fn nanos(seconds: f64) -> Nanos {
    (seconds * SECOND as f64).round() as Nanos
}
