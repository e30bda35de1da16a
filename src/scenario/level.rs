//! Levels.

pub use crate::catalogue::Level;
