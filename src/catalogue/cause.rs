//! Why a request failed.

/// Why a request failed: the cause of its last attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Cause {
    /// Refused by a crashed cell, station or zone.
    Refused,
    /// No room in a queue.
    Full,
    /// The client's time-out or deadline passed.
    TimedOut,
    /// Lost in flight when what served it crashed.
    Dropped,
    /// An error by a fault.
    Error,
    /// The router could not tell the cell.
    Unrouted,
}

impl Cause {
    /// All causes.
    pub const ALL: [Cause; 6] =
        [Cause::Refused, Cause::Full, Cause::TimedOut, Cause::Dropped, Cause::Error, Cause::Unrouted];

    /// Returns the name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Refused => "refused",
            Cause::Full => "full",
            Cause::TimedOut => "timed-out",
            Cause::Dropped => "dropped",
            Cause::Error => "error",
            Cause::Unrouted => "unrouted",
        }
    }
}
