//! cellsim: a discrete-event simulator of cell-based platforms.

pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod experiment;
pub mod measure;
pub mod report;
pub mod scenario;
pub mod units;
pub mod world;
