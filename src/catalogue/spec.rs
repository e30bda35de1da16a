//! What is known of a metric without measuring it.

use super::condition::Condition;
use super::filter::Filter::{self, Alert, Cause, Fault, Path, Stage, Tier, Workflow};
use super::level::Level;
use super::metric::Metric;
use super::statistic::Statistic::{self, End, Mean, P50, P90, P95, P99, P999, Share, Under};
use super::unit::LimitUnit;
use crate::words::{shown_as_word, words};

/// What is known of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The metric.
    pub metric: Metric,
    /// Name, as in summary.csv.
    pub name: &'static str,
    /// Statistics that it has.
    pub statistics: &'static [Statistic],
    /// Those of them that only years have.
    pub(super) years: &'static [Statistic],
    /// What its limits may be written in; `share` statistics are always shares. Without any, nothing may be expected of it.
    pub units: &'static [LimitUnit],
    /// What it may be asked of.
    pub filters: Filters,
    /// Which direction is better.
    pub(super) good: Good,
    /// The world that it is judged in where nobody says which.
    pub judged: Condition,
    /// The table of the scenario without which there is nothing to measure.
    pub table: Option<&'static str>,
    /// The one level that measures it; `None`: both do.
    pub(super) level: Option<Level>,
    /// Per what its mean is.
    pub per: Per,
    /// What it is.
    pub about: &'static str,
}

/// The filters of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filters {
    /// Without these there is no number.
    pub needs: &'static [Filter],
    /// Those that it may have.
    pub takes: &'static [Filter],
}

/// Which direction is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Good {
    /// Less is better.
    Less,
    /// More is better.
    More,
    /// Neither: it is a property of the design.
    Neither,
}

words! {
    /// Per what a mean is taken.
    pub enum Per {
        /// It is no mean of incidents.
        Nothing = "",
        /// Per incident.
        Incident = "incident",
        /// Per replication.
        Replication = "replication",
        /// Per year.
        Year = "year",
    }
}
shown_as_word!(Per);

pub(super) const STRUCK: Filters = Filters { needs: &[Fault], takes: &[Fault, Tier] };
pub(super) const INCIDENT: Filters = Filters { needs: &[Fault], takes: &[Fault] };
pub(super) const BY_FAULT: Filters = Filters { needs: &[], takes: &[Fault] };
pub(super) const PROMISE: Filters = Filters { needs: &[Tier], takes: &[Tier, Workflow] };
pub(super) const BUDGET: Filters = Filters { needs: &[Tier], takes: &[Tier, Workflow, Fault] };
pub(super) const SERVICE: Filters = Filters { needs: &[], takes: &[Fault, Tier, Workflow] };
pub(super) const FAILURES: Filters = Filters { needs: &[], takes: &[Fault, Tier, Workflow, Cause] };
pub(super) const DEMAND: Filters = Filters { needs: &[], takes: &[Tier, Workflow] };
pub(super) const QUEUE: Filters = Filters { needs: &[Stage], takes: &[Tier, Workflow, Stage] };
pub(super) const LOOK_UPS: Filters = Filters { needs: &[], takes: &[Path] };
pub(super) const ALERTS: Filters = Filters { needs: &[Tier, Workflow, Alert], takes: &[Tier, Workflow, Alert] };
pub(super) const PLATFORM: Filters = Filters { needs: &[], takes: &[] };

pub(super) const LATENCY: &[Statistic] = &[P50, P90, P95, P99, P999, Mean, Share];

impl Spec {
    pub(super) const fn only(self, level: Level) -> Spec {
        Spec { level: Some(level), ..self }
    }

    /// How good the service is: what faults do to it depends on how long the drill is.
    pub(super) const fn calm(self) -> Spec {
        Spec { judged: Condition::NoFault, ..self }
    }

    pub(super) const fn of(self, table: &'static str) -> Spec {
        Spec { table: Some(table), ..self }
    }

    pub(super) const fn over_years(self, years: &'static [Statistic]) -> Spec {
        Spec { years, ..self }
    }

    pub(super) const fn per(self, per: Per) -> Spec {
        Spec { per, ..self }
    }

    /// Returns the filters of one of its statistics: the last minute is the whole platform's.
    pub fn filters_of(&self, statistic: Statistic) -> Filters {
        if statistic == End { PLATFORM } else { self.filters }
    }

    /// Returns whether it is known with and without faults, so that an expectation may say which it means.
    pub fn has_conditions(&self) -> bool {
        [SERVICE, FAILURES, DEMAND, QUEUE].contains(&self.filters)
            || self.table == Some("router")
            || self.metric == Metric::Utilization
    }

    /// Returns whether its rows by fault may be told by workflow, too.
    pub fn takes_fault_and_workflow(&self) -> bool {
        [SERVICE, FAILURES].contains(&self.filters)
    }

    /// Returns whether its statistic `share` is of requests under a latency.
    pub fn has_share_under(&self) -> bool {
        self.statistics == LATENCY
    }

    /// Returns whether it has this statistic.
    ///
    /// # Example
    /// ```
    /// use cellsim::catalogue::{Metric, Statistic};
    /// let spec = Metric::CellsDownShare.spec();
    /// assert!(spec.has(Statistic::AtLeast(3)) && !spec.has(Statistic::Mean));
    /// ```
    pub fn has(&self, statistic: Statistic) -> bool {
        self.statistics.contains(&statistic.kind())
    }

    /// Returns whether a level measures one of its statistics.
    pub fn measures(&self, statistic: Statistic, level: Level) -> bool {
        self.is_measured_at(level) && (level == Level::Incident || !self.years.contains(&statistic))
    }

    /// Returns the one level that measures it; `None`: both do.
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    /// Returns whether a level measures it.
    pub fn is_measured_at(&self, level: Level) -> bool {
        self.level.is_none_or(|only| only == level)
    }

    /// Returns which direction of a statistic is better: a share of those that recover, or are fast, is good.
    pub fn good(&self, statistic: Statistic) -> Good {
        match statistic {
            Share | Under(_) => Good::More,
            _ => self.good,
        }
    }
}
