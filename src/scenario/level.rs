//! Levels: how closely traffic is looked at.

use super::grammar::words::words;

words! {
    /// How traffic is simulated.
    pub enum Level {
        /// Every request is an event: minutes to days.
        Request = "request",
        /// Traffic flows between operations events: months to millennia.
        Incident = "incident",
    }
}

impl Level {
    /// Whether it is the request level.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
    pub(super) fn is_request(&self) -> bool {
        *self == Level::Request
    }
}
