//! A table.

use super::column::Described;
use crate::experiment::outcome::Outcome;

/// A table of a run.
pub struct Sheet {
    /// File name.
    pub file: &'static str,
    /// What a line of it is.
    pub about: &'static str,
    /// Its columns.
    pub columns: fn() -> Vec<Described>,
    /// What writes it.
    pub write: fn(&Outcome) -> Vec<u8>,
}
