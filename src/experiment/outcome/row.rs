//! A line of the tidy table: a subject and its estimate.

use serde::Serialize;

use crate::catalogue::Subject;
use crate::engine::stats::Estimate;

/// One line of the tidy table. Empty filters mean "all".
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What it is of.
    #[serde(flatten)]
    pub subject: Subject,
    /// What a share is a share of ("all customers", "customers of smb", "requests", ...), or "": for readers.
    pub denominator: String,
    /// The number.
    pub estimate: Estimate,
}
