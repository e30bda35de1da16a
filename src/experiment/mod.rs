//! Floor 5: replications in parallel, and what they add up to.

pub mod incident;
pub mod replication;
pub mod results;

mod stub;
pub use stub::{Options, RunError, Watcher, facts, run};
