//! Prices, in dollars per month unless said otherwise.

/// The price list.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Cost {
    /// A cell, however small.
    pub cell: f64,
    /// People, per cell.
    pub operations: f64,
    /// Per request/s of mean demand.
    pub load: f64,
    /// An instance.
    pub instance: f64,
    /// Per request (dollars, not per month).
    pub request: f64,
    /// The router, as a whole.
    pub router: f64,
}
