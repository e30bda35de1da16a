//! Burn-rate alerts.

use crate::words::{shown_as_word, words};

words! {
    /// A burn-rate alert: the burn rate from which it fires, over its long stretch of time.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Alert {
        /// 14.4 times the budget's rate over an hour.
        Hour = "14.4x/1 h",
        /// 6 times over six hours.
        SixHours = "6x/6 h",
        /// 3 times over a day.
        Day = "3x/1 day",
        /// Once over three days.
        ThreeDays = "1x/3 days",
    }
}
shown_as_word!(Alert);
