//! Lookups in the tidy table of a run.

use std::collections::BTreeSet;

use crate::catalogue::{Condition, LookupPath, Metric, Statistic};
use crate::engine::stats::Estimate;
use crate::experiment::outcome::{Outcome, Row};

/// Which rows: an empty text asks for a row about all of them; for the last two it fits any.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Metric.
    pub metric: Metric,
    /// Statistic.
    pub statistic: Statistic,
    /// Tier.
    pub tier: &'a str,
    /// Workflow.
    pub workflow: &'a str,
    /// Path of lookups; `None`: all of them.
    pub path: Option<LookupPath>,
    /// In which world; `None`: in any.
    pub condition: Option<Condition>,
}

impl Query<'_> {
    /// Asks for a statistic of all.
    pub fn of(metric: Metric, statistic: Statistic) -> Query<'static> {
        Query { metric, statistic, tier: "", workflow: "", path: None, condition: None }
    }
}

/// Returns the estimate of the first row that fits.
pub fn find<'a>(results: &'a Outcome, query: &Query<'_>) -> Option<&'a Estimate> {
    let fits = |row: &&Row| {
        let subject = &row.subject;
        subject.statistic == query.statistic
            && subject.path == query.path
            && subject.cause.is_none()
            && query.condition.is_none_or(|condition| subject.condition == condition)
    };
    results.rows_about(query.metric, query.tier, query.workflow).find(fits).map(|row| &row.estimate)
}

/// Returns the number of the first row that fits, if it was measured.
pub fn value(results: &Outcome, query: &Query<'_>) -> Option<f64> {
    find(results, query)?.value
}

/// Returns the workflows, in the order of the file.
pub fn workflows(results: &Outcome) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let names = results.facts.groups.iter().map(|group| group.workflow.as_str());
    names.filter(|name| seen.insert(*name)).collect()
}
