//! Floor 5: replications in parallel, and what they add up to.

pub mod incident;
pub mod replication;
pub mod results;
