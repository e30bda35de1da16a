//! The windows of a contract within a run: how many, and how long.

use crate::scenario::calendar::Calendar;
use crate::units::{MINUTE, MONTH, Nanos, seconds};

/// The windows of a contract within a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// How many are whole.
    pub windows: u64,
    /// Length of one, in seconds, on average.
    pub window: f64,
    /// Minutes of the shortest and of the longest; (0, 0) without any.
    pub lengths: (u64, u64),
    /// Whether they overlap: then none is a unit of its own.
    pub overlaps: bool,
}

impl Span {
    /// Returns those of a calendar.
    pub(super) fn new(calendar: Calendar, horizon: Nanos) -> Span {
        let (mut windows, mut minutes, mut shortest, mut longest) = (0, 0, u64::MAX, 0);
        for (from, to) in whole_windows(calendar, horizon) {
            let length = (to - from) / MINUTE;
            (windows, minutes) = (windows + 1, minutes + length);
            (shortest, longest) = (shortest.min(length), longest.max(length));
        }
        let overlaps = matches!(calendar, Calendar::Rolling(_));
        match windows {
            0 => Span { windows, window: seconds(MONTH), lengths: (0, 0), overlaps },
            n => Span { windows, window: 60.0 * minutes as f64 / n as f64, lengths: (shortest, longest), overlaps },
        }
    }
}

/// The whole windows that end within the run.
pub(super) fn whole_windows(calendar: Calendar, horizon: Nanos) -> impl Iterator<Item = (Nanos, Nanos)> {
    let all = (0..).map(move |index| calendar.window(index)).take_while(move |window| window.1 <= horizon);
    all.filter(move |&window| calendar.is_whole(window))
}
