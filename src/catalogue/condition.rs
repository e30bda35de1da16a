//! In which world a number holds.

use crate::words::{shown_as_word, words};

words! {
    /// In which world a number holds.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Condition {
        /// It needs none: it follows from the scenario, or is told of years.
        Always = "",
        /// If the faults of the scenario happen.
        IfTheseHappen = "if these happen",
        /// In the world with its faults.
        WithFaults = "with faults",
        /// Of what arrives while a fault lasts, in the world with its faults.
        While = "while it lasts",
        /// In the fault-free world.
        NoFault = "no fault",
    }
}
shown_as_word!(Condition);

#[allow(clippy::derivable_impls, reason = "a variant of words has nothing before it but what it means")]
impl Default for Condition {
    fn default() -> Condition {
        Condition::Always
    }
}
