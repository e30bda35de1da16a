//! Limits of expectations.

/// A limit, in the unit of the row (seconds, shares, counts).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Limit {
    /// Not above.
    AtMost(f64),
    /// Not below.
    AtLeast(f64),
}

impl Limit {
    /// Returns the number.
    pub fn value(self) -> f64 {
        match self {
            Limit::AtMost(value) | Limit::AtLeast(value) => value,
        }
    }
}
