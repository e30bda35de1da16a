//! Expectations: what must hold.

/// One `[[expect]]`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Expectation {
    /// File as the user would name it.
    pub file: String,
    /// Line of its limit.
    pub line: u32,
    /// Metric, as in summary.csv.
    pub metric: String,
    /// Statistic, as in summary.csv: mean, worst, p99, ...
    pub statistic: String,
    /// Fault name.
    pub fault: Option<String>,
    /// Tier name.
    pub tier: Option<String>,
    /// Workflow name.
    pub workflow: Option<String>,
    /// The limit.
    pub limit: Limit,
    /// The limit's text as written ("50 customers").
    pub limit_text: String,
    /// Unit that the limit is in, which selects among rows of one metric: "customers", "share", "s", "min", "/s", "$", "".
    pub unit: String,
}

/// A limit, in the unit of the row (seconds, shares, counts).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Limit {
    /// Not above.
    AtMost(f64),
    /// Not below.
    AtLeast(f64),
}
