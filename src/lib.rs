//! cellsim: a discrete-event simulator of cell-based platforms.

pub mod catalogue;
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod experiment;
pub mod files;
pub mod machine;
pub mod measure;
pub mod printable;
pub mod progress;
pub mod report;
pub mod scenario;
pub mod stop;
pub mod units;
pub mod words;
pub mod world;
