//! How a lookup through the router finds its cell.

use crate::words::{shown_as_word, words};

words! {
    /// How a lookup through the router finds its cell.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum LookupPath {
        /// The cache knows it.
        Hit = "hit",
        /// The mapping store tells it.
        Miss = "miss",
        /// A new customer is placed.
        New = "new",
        /// A copy kept for the time that the store does not answer.
        LocalCopy = "local copy",
    }
}
shown_as_word!(LookupPath);
