//! How traffic is simulated.

use crate::words::{shown_as_word, words};

words! {
    /// How traffic is simulated.
    pub enum Level {
        /// Every request is an event: minutes to days.
        Request = "request",
        /// Traffic flows between operations events: months to millennia.
        Incident = "incident",
    }
}
shown_as_word!(Level);

impl Level {
    /// Returns whether every request is an event.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
    pub fn is_request(&self) -> bool {
        *self == Level::Request
    }
}
