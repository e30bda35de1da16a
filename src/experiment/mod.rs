//! Floor 5: replications in parallel, and what they add up to.

pub mod budget;
pub mod budget_rows;
pub mod collect;
pub mod expectations;
pub mod facts;
pub mod fault_rows;
pub mod incident;
pub mod replication;
pub mod results;
pub mod rows;
pub mod run;
pub mod series;
pub mod warnings;
pub mod years;

pub use run::{Options, RunError, Watcher, facts, run};
