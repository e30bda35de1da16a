//! Look-ups in the tidy table of a run.

use crate::engine::stats::Estimate;
use crate::experiment::results::{Results, Row};

/// Which rows: an empty text asks for a row about all of them, except for the condition, where it fits any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// Metric.
    pub metric: &'a str,
    /// Statistic.
    pub statistic: &'a str,
    /// Tier.
    pub tier: &'a str,
    /// Workflow.
    pub workflow: &'a str,
    /// "with faults", "no fault", or anything.
    pub condition: &'a str,
}

/// Returns the estimate of the first row that fits.
pub fn find<'a>(results: &'a Results, query: &Query<'_>) -> Option<&'a Estimate> {
    let fits = |row: &&Row| {
        row.metric == query.metric
            && row.statistic == query.statistic
            && row.tier == query.tier
            && row.workflow == query.workflow
            && row.fault.is_empty()
            && (query.condition.is_empty() || row.condition == query.condition)
    };
    results.rows.iter().find(fits).map(|row| &row.estimate)
}

/// Returns the number of the first row that fits, if it was measured.
pub fn value(results: &Results, query: &Query<'_>) -> Option<f64> {
    find(results, query)?.value
}

/// Returns the workflows, in the order of the file.
pub fn workflows(results: &Results) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for group in &results.facts.groups {
        if !names.contains(&group.workflow.as_str()) {
            names.push(&group.workflow);
        }
    }
    names
}
