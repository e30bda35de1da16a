//! How a look-up through the router finds its cell.

use std::fmt;

/// How a look-up through the router finds its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LookupPath {
    /// The cache knows it.
    Hit,
    /// The mapping store tells it.
    Miss,
    /// A new customer is placed.
    New,
    /// A copy kept for the time that the store does not answer.
    LocalCopy,
}

impl LookupPath {
    /// All of them.
    pub const ALL: [LookupPath; 4] = [LookupPath::Hit, LookupPath::Miss, LookupPath::New, LookupPath::LocalCopy];

    /// Returns the text used in files and scenarios.
    pub const fn text(self) -> &'static str {
        match self {
            LookupPath::Hit => "hit",
            LookupPath::Miss => "miss",
            LookupPath::New => "new",
            LookupPath::LocalCopy => "local copy",
        }
    }
}

impl fmt::Display for LookupPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

super::serialized_as_text!(LookupPath);
