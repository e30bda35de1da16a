//! Why a request failed.

use crate::words::{shown_as_word, words};

words! {
    /// Why a request failed: the cause of its last attempt.
    #[derive(PartialOrd, Ord, Hash)]
    #[repr(u8)]
    pub enum Cause {
        /// Refused by a crashed cell, station or zone.
        Refused = "refused",
        /// No room in a queue.
        Full = "full",
        /// The client's timeout or deadline passed.
        TimedOut = "timed-out",
        /// Lost in flight when what served it crashed.
        Dropped = "dropped",
        /// An error by a fault.
        Error = "error",
        /// The router could not tell the cell.
        Unrouted = "unrouted",
    }
}
shown_as_word!(Cause);
