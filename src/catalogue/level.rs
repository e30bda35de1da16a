//! How traffic is simulated.

/// How traffic is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every request is an event: minutes to days.
    Request,
    /// Traffic flows between operations events: months to millennia.
    Incident,
}

impl Level {
    /// Returns whether every request is an event.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
    pub fn is_request(&self) -> bool {
        *self == Level::Request
    }
}
