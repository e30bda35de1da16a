//! In which world a number holds.

use std::fmt;

/// In which world a number holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Condition {
    /// It needs none: it follows from the scenario, or is told of years.
    #[default]
    Always,
    /// If the faults of the scenario happen.
    IfTheseHappen,
    /// In the world with its faults.
    WithFaults,
    /// Of what arrives while a fault lasts, in the world with its faults.
    While,
    /// In the fault-free world.
    NoFault,
}

impl Condition {
    /// Returns the text used in files and scenarios.
    pub const fn text(self) -> &'static str {
        match self {
            Condition::Always => "",
            Condition::IfTheseHappen => "if these happen",
            Condition::WithFaults => "with faults",
            Condition::While => "while it lasts",
            Condition::NoFault => "no fault",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

super::serialized_as_text!(Condition);
