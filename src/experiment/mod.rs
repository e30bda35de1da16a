//! Floor 5: replications in parallel, and what they add up to.

pub mod budget;
pub mod budget_rows;
pub mod busy;
pub mod collect;
pub mod compare;
pub mod compare_measures;
pub mod end_rows;
pub mod expectations;
pub mod facts;
pub mod fault_rows;
mod in_order;
pub mod incident;
pub mod latency_rows;
mod listeners;
mod luck;
pub mod queue_rows;
mod recovery_rows;
pub mod replication;
pub mod results;
pub mod rows;
pub mod run;
mod run_rows;
pub mod sections;
pub mod selftest;
pub mod series;
pub mod stopping;
pub mod warmup;
pub mod warnings;
pub mod whole_slots;
pub mod work;
pub mod years;

pub use run::{Options, RunError, Watcher, facts, run};
pub use stopping::Until;
