//! What goes into a page, folder by folder.

use super::replay::view::View;
use super::sealed::Sealed;

/// What is shown of one folder.
#[derive(Debug)]
pub struct Shown {
    /// The folder.
    pub folder: Sealed,
    /// The scenario's files: (name, text); empty if they are not as they were.
    pub sources: Vec<(String, String)>,
    /// One of its histories.
    pub replay: Option<View>,
    /// Why there is none.
    pub no_replay: String,
}
