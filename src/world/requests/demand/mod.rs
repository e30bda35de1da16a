//! Demand: when the next request comes, and whose it is.

pub mod arrivals;
pub mod customer_strikes;
pub mod processes;
pub mod seldom;
pub mod surges;
mod walk;
