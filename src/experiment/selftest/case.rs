//! A case: a scenario, and what theory says of it.

use crate::catalogue::{Cause, Metric, Statistic};

/// A scenario of which theory knows the answers.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name, for `--case`.
    pub name: &'static str,
    /// What theory it is held against.
    pub theory: &'static str,
    /// The scenario.
    pub text: String,
    /// What theory says.
    pub checks: Vec<Check>,
}

/// One number that theory knows.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Metric, as in summary.csv.
    pub metric: Metric,
    /// Statistic, as in summary.csv.
    pub statistic: Statistic,
    /// Why requests failed; `None`: for any reason.
    pub cause: Option<Cause>,
    /// Filters: fault and tier; empty for the whole platform.
    pub filters: (&'static str, &'static str),
    /// What theory says, in the unit of the row.
    pub theory: f64,
    /// Chance plays no part: the simulated number is this very one.
    pub is_exact: bool,
}

impl Check {
    /// Returns a check of the whole platform's number.
    pub fn of(metric: Metric, statistic: Statistic, theory: f64) -> Check {
        Check { metric, statistic, filters: ("", ""), theory, is_exact: false, cause: None }
    }
}
