//! The windows of contracts, in order of their ends.

use crate::scenario::calendar::{Calendar, Calendars};
use crate::units::Nanos;

/// The windows that come next, one of each calendar.
pub(super) struct Windows {
    calendars: Vec<Calendar>,
    /// Number, start and end of each one's next window.
    next: Vec<(u64, Nanos, Nanos)>,
}

impl Windows {
    pub(super) fn new(calendars: Calendars) -> Windows {
        let first = |calendar: &Calendar| {
            let (from, to) = calendar.window(0);
            (0, from, to)
        };
        Windows { next: calendars.all.iter().map(first).collect(), calendars: calendars.all }
    }

    /// Takes the next window that ends by then: which calendar's, start and end.
    pub(super) fn next_until(&mut self, at: Nanos) -> Option<(usize, Nanos, Nanos)> {
        let (calendar, next) = self.next.iter_mut().enumerate().min_by_key(|(_, next)| next.2)?;
        let (index, from, to) = *next;
        if to > at {
            return None;
        }
        let after = self.calendars[calendar].window(index + 1);
        *next = (index + 1, after.0, after.1);
        Some((calendar, from, to))
    }
}
