//! The tidy table in the making.

use crate::catalogue::{Alert, Cause, Condition, LookupPath, Metric, Statistic, Subject, Unit};
use crate::engine::stats::Estimate;
use crate::experiment::outcome::Row;
use crate::scenario::Scenario;
use crate::world::operations::faults::is_awake;

/// Why a fault without an incident has no numbers.
pub(crate) const NEVER_STRUCK: &str = "the fault did not strike in this horizon";

/// The tidy table in the making.
pub(crate) struct Rows<'a> {
    /// The scenario, for its names.
    pub(crate) scenario: &'a Scenario,
    /// Level of confidence.
    pub(crate) confidence: f64,
    /// The rows so far.
    pub(crate) rows: Vec<Row>,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About<'a> {
    /// Workflow index.
    pub(crate) workflow: Option<usize>,
    /// Tier index.
    pub(crate) tier: Option<usize>,
    /// Fault name.
    pub(crate) fault: &'a str,
    /// Stage name.
    pub(crate) stage: &'a str,
    /// A burn-rate alert.
    pub(crate) alert: Option<Alert>,
    /// Why requests failed.
    pub(crate) cause: Option<Cause>,
    /// Path of look-ups through the router.
    pub(crate) path: Option<LookupPath>,
    /// In which world.
    pub(crate) condition: Condition,
}

impl Rows<'_> {
    /// Adds a row; `denominator` says what a share is of, or per what a number is.
    pub(crate) fn add(
        &mut self,
        (metric, statistic): (Metric, Statistic),
        (unit, denominator): (Unit, &str),
        about: About<'_>,
        estimate: Estimate,
    ) {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        let subject = Subject {
            metric,
            statistic,
            unit,
            condition: about.condition,
            tier: about.tier.map(|tier| self.scenario.tiers[tier].name.clone()),
            workflow: about.workflow.map(|workflow| self.scenario.workflows[workflow].name.clone()),
            fault: named(about.fault),
            stage: named(about.stage),
            path: about.path,
            cause: about.cause,
            alert: about.alert,
        };
        self.rows.push(Row { subject, denominator: denominator.to_owned(), estimate });
    }
}

/// Whether some fault is awake.
pub(crate) fn has_faults(scenario: &Scenario) -> bool {
    scenario.faults.iter().any(|fault| is_awake(fault, scenario.run.faults))
}
