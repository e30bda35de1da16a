//! Floor 5: replications in parallel, and what they add up to.
//!
//! Sub-floors, each using lower ones only: `outcome` (what was found, as data), `exposure` (what faults can strike), `replication`
//! (one history), `collected` (many), `bounds` (what may happen that was not seen), `design` (what a scenario tells without a run),
//! `measures` (rows), `judge` (expectations), `study` (how replications are run, and how many), `replay` (one history once more,
//! recorded), `years` and `requests` (the two levels), `run`, `library` (a study as others make it), `compare`, `selftest`.

mod bounds;
pub mod collected;
pub mod compare;
pub mod design;
mod exposure;
pub mod judge;
mod library;
pub mod measures;
pub mod outcome;
pub mod replay;
pub mod replication;
mod requests;
pub mod run;
pub mod selftest;
pub mod study;
pub mod years;

pub use library::{Progress, Study};
pub use run::{facts, run};
pub use study::until::Until;
pub use study::watch::{Options, RunError, Watcher};
