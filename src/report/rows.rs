//! Look-ups in the tidy table of a run.

use std::collections::BTreeSet;

use crate::engine::stats::Estimate;
use crate::experiment::results::{Results, Row};

/// Which rows: an empty text asks for a row about all of them; for the last two it fits any.
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
    /// What its share is of, or anything.
    pub denominator: &'a str,
}

/// Returns the estimate of the first row that fits.
pub fn find<'a>(results: &'a Results, query: &Query<'_>) -> Option<&'a Estimate> {
    let fits = |row: &&Row| {
        row.statistic == query.statistic
            && (query.condition.is_empty() || row.condition == query.condition)
            && (query.denominator.is_empty() || row.denominator == query.denominator)
    };
    results.rows_about(query.metric, query.tier, query.workflow).find(fits).map(|row| &row.estimate)
}

/// Returns the number of the first row that fits, if it was measured.
pub fn value(results: &Results, query: &Query<'_>) -> Option<f64> {
    find(results, query)?.value
}

/// Returns the workflows, in the order of the file.
pub fn workflows(results: &Results) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let names = results.facts.groups.iter().map(|group| group.workflow.as_str());
    names.filter(|name| seen.insert(*name)).collect()
}
