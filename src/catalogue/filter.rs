//! What numbers are told apart by, beside metric and statistic.

use crate::words::{shown_as_word, words};

words! {
    /// What numbers are told apart by, beside metric and statistic.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Filter {
        /// Which burn-rate alert.
        Alert = "alert",
        /// Why requests failed.
        Cause = "cause",
        /// Which fault.
        Fault = "fault",
        /// How a lookup found its cell.
        Path = "path",
        /// Which stage of a workflow.
        Stage = "stage",
        /// Customers of which tier.
        Tier = "tier",
        /// Which workflow.
        Workflow = "workflow",
    }
}
shown_as_word!(Filter);
