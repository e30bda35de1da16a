//! Prices, in dollars per month unless said otherwise.

use super::grammar::key::{self, Defaulted};
use super::grammar::shape::Plain::Text;
use super::grammar::shape::Shape;
use super::keys::Keys;

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

/// Shape of `[cost]`.
pub(super) const COST: Shape = Shape::new(
    "cost",
    "`cost`",
    &[CELL.about(), OPERATIONS.about(), LOAD.about(), INSTANCE.about(), REQUEST.about(), ROUTER.about()],
);

const CELL: Defaulted<f64> = key::dollars_per_month("cell", "a cell, however small").or(Text("$0/month"));
const OPERATIONS: Defaulted<f64> = key::dollars_per_month("operations", "people, per cell").or(Text("$0/month"));
const LOAD: Defaulted<f64> = key::dollars_per_month("load", "per request/s of mean demand").or(Text("$0/month"));
const INSTANCE: Defaulted<f64> = key::dollars_per_month("instance", "an instance").or(Text("$0/month"));
const REQUEST: Defaulted<f64> = key::dollars_per_request("request", "a request").or(Text("$0/request"));
const ROUTER: Defaulted<f64> = key::dollars_per_month("router", "the router, as a whole").or(Text("$0/month"));

/// Reads `[cost]`.
pub(super) fn cost(keys: &Keys<'_>) -> Cost {
    Cost {
        cell: keys.read(&CELL),
        operations: keys.read(&OPERATIONS),
        load: keys.read(&LOAD),
        instance: keys.read(&INSTANCE),
        request: keys.read(&REQUEST),
        router: keys.read(&ROUTER),
    }
}
