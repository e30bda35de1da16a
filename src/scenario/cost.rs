//! Prices, in dollars per month unless said otherwise.

use super::keys::Keys;
use super::values::{dollars_per_month, dollars_per_request};

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

/// Reads `[cost]`.
pub(super) fn cost(keys: &Keys<'_>) -> Cost {
    Cost {
        cell: keys.or("cell", 0.0, dollars_per_month),
        operations: keys.or("operations", 0.0, dollars_per_month),
        load: keys.or("load", 0.0, dollars_per_month),
        instance: keys.or("instance", 0.0, dollars_per_month),
        request: keys.or("request", 0.0, dollars_per_request),
        router: keys.or("router", 0.0, dollars_per_month),
    }
}
