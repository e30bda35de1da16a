//! What a number is of.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::condition::Condition;
use super::lookup_path::LookupPath;
use super::metric::Metric;
use super::spec::Per;
use super::statistic::Statistic;
use super::unit::Unit;

/// What a number is of. Two numbers of one run with equal subjects are one number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// What is measured.
    pub metric: Metric,
    /// What is told of its values.
    pub statistic: Statistic,
    /// In what.
    pub unit: Unit,
    /// In which world.
    pub condition: Condition,
    /// The tier's name; `None`: all.
    pub tier: Option<String>,
    /// The workflow's name; `None`: all.
    pub workflow: Option<String>,
    /// The fault's name; `None`: all, or none.
    pub fault: Option<String>,
    /// The stage's name.
    pub stage: Option<String>,
    /// Path of look-ups through the router; `None`: all of them.
    pub path: Option<LookupPath>,
    /// Name of an alert.
    pub alert: Option<String>,
}

impl Subject {
    /// Returns what is measured in a unit, of all.
    pub fn new(metric: Metric, statistic: Statistic, unit: Unit) -> Subject {
        Subject {
            metric,
            statistic,
            unit,
            condition: Condition::Always,
            tier: None,
            workflow: None,
            fault: None,
            stage: None,
            path: None,
            alert: None,
        }
    }

    /// Returns the tier's name, "" for all.
    pub fn tier(&self) -> &str {
        self.tier.as_deref().unwrap_or_default()
    }

    /// Returns the workflow's name, "" for all.
    pub fn workflow(&self) -> &str {
        self.workflow.as_deref().unwrap_or_default()
    }

    /// Returns the fault's name, "" for all or none.
    pub fn fault(&self) -> &str {
        self.fault.as_deref().unwrap_or_default()
    }

    /// Returns the stage's name, or "".
    pub fn stage(&self) -> &str {
        self.stage.as_deref().unwrap_or_default()
    }

    /// Returns the path's name, or "".
    pub fn path(&self) -> &'static str {
        self.path.map_or("", LookupPath::text)
    }

    /// Returns per what its mean is taken in the tables of a comparison.
    pub fn per(&self) -> Per {
        self.metric.spec().per
    }

    /// Returns metric, filters and statistic as one text: "blast_radius, cell-crash, smb, mean".
    pub fn label(&self) -> String {
        let statistic = self.statistic.to_string();
        let parts = [self.metric.name(), self.fault(), self.tier(), self.workflow(), &statistic];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Subject", 8)?;
        fields.serialize_field("metric", &self.metric)?;
        fields.serialize_field("statistic", &self.statistic)?;
        fields.serialize_field("tier", self.tier())?;
        fields.serialize_field("workflow", self.workflow())?;
        fields.serialize_field("fault", self.fault())?;
        fields.serialize_field("unit", &self.unit)?;
        fields.serialize_field("condition", &self.condition)?;
        fields.serialize_field("per", self.per().text())?;
        fields.end()
    }
}
