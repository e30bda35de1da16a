//! One replication: its worlds, its twins, its incidents.

pub mod budget;
pub mod busy;
pub mod incident;
mod listeners;
mod luck;
mod runner;
mod twin;

pub(crate) use runner::simulated_seconds;
pub use runner::{Counted, Replication, run, run_by_events_only};
