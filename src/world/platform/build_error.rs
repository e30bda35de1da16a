//! Why a platform cannot be built.

/// Why a platform cannot be built from a scenario: which key is to blame and what would help.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildError {
    /// Key in the scenario, "workflow.messaging.demand".
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// Said at the offending text.
    pub label: String,
    /// What would help.
    pub help: String,
}
