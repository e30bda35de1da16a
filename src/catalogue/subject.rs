//! What a number is of.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::alert::Alert;
use super::cause::Cause;
use super::condition::Condition;
use super::filter::Filter;
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
    /// Path of lookups through the router; `None`: all of them.
    pub path: Option<LookupPath>,
    /// Why requests failed; `None`: for any reason.
    pub cause: Option<Cause>,
    /// A burn-rate alert.
    pub alert: Option<Alert>,
}

/// The fields of a subject as files have them, in their order.
pub const FIELDS: [&str; 11] =
    ["metric", "statistic", "tier", "workflow", "fault", "stage", "path", "cause", "alert", "unit", "condition"];

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
            cause: None,
            alert: None,
        }
    }

    /// Returns the tier's name, "" for all.
    pub fn tier(&self) -> &str {
        self.filter(Filter::Tier)
    }

    /// Returns the workflow's name, "" for all.
    pub fn workflow(&self) -> &str {
        self.filter(Filter::Workflow)
    }

    /// Returns the fault's name, "" for all or none.
    pub fn fault(&self) -> &str {
        self.filter(Filter::Fault)
    }

    /// Returns what a filter says, or "".
    pub fn filter(&self, filter: Filter) -> &str {
        match filter {
            Filter::Alert => self.alert.map_or("", Alert::text),
            Filter::Cause => self.cause.map_or("", Cause::text),
            Filter::Fault => self.fault.as_deref().unwrap_or_default(),
            Filter::Path => self.path.map_or("", LookupPath::text),
            Filter::Stage => self.stage.as_deref().unwrap_or_default(),
            Filter::Tier => self.tier.as_deref().unwrap_or_default(),
            Filter::Workflow => self.workflow.as_deref().unwrap_or_default(),
        }
    }

    /// Returns per what its mean is taken in the tables of a comparison.
    pub fn per(&self) -> Per {
        self.metric.spec().per
    }

    /// Returns metric, filters and statistic as one text: "blast_radius, cell-crash, smb, mean".
    pub fn label(&self) -> String {
        let named = [Filter::Cause, Filter::Fault, Filter::Tier, Filter::Workflow];
        let mut parts = vec![self.metric.name()];
        parts.extend(named.map(|filter| self.filter(filter)).into_iter().filter(|part| !part.is_empty()));
        format!("{}, {}", parts.join(", "), self.statistic)
    }

    /// Returns one of its fields as files have it.
    pub fn field(&self, name: &str) -> String {
        match name {
            "metric" => self.metric.to_string(),
            "statistic" => self.statistic.to_string(),
            "unit" => self.unit.to_string(),
            "condition" => self.condition.to_string(),
            other => Filter::named(other).map_or_else(String::new, |filter| self.filter(filter).to_owned()),
        }
    }

    /// Reads a subject back from the fields of a file.
    ///
    /// # Errors
    /// The field that says nothing of the kind.
    ///
    /// # Example
    /// ```
    /// use cellsim::catalogue::{Metric, Statistic, Subject, Unit};
    /// let subject = Subject::new(Metric::Goodput, Statistic::Mean, Unit::PerSecond);
    /// assert_eq!(Subject::of_fields(|field| subject.field(field)), Ok(subject.clone()));
    /// ```
    pub fn of_fields(field: impl Fn(&str) -> String) -> Result<Subject, String> {
        fn typed<T>(name: &str, text: &str, read: fn(&str) -> Option<T>) -> Result<T, String> {
            read(text).ok_or_else(|| format!("`{text}` is no {name}"))
        }
        fn maybe<T>(name: &str, text: &str, read: fn(&str) -> Option<T>) -> Result<Option<T>, String> {
            if text.is_empty() { Ok(None) } else { typed(name, text, read).map(Some) }
        }
        let name = |filter: Filter| Some(field(filter.text())).filter(|name| !name.is_empty());
        Ok(Subject {
            metric: typed("metric", &field("metric"), Metric::named)?,
            statistic: typed("statistic", &field("statistic"), Statistic::of_text)?,
            unit: typed("unit", &field("unit"), Unit::named)?,
            condition: typed("condition", &field("condition"), Condition::named)?,
            tier: name(Filter::Tier),
            workflow: name(Filter::Workflow),
            fault: name(Filter::Fault),
            stage: name(Filter::Stage),
            path: maybe("path", &field("path"), LookupPath::named)?,
            cause: maybe("cause", &field("cause"), Cause::named)?,
            alert: maybe("alert", &field("alert"), Alert::named)?,
        })
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Subject", FIELDS.len())?;
        for name in FIELDS {
            fields.serialize_field(name, &self.field(name))?;
        }
        fields.end()
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Subject, D::Error> {
        let fields = std::collections::BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
        let field = |name: &str| fields.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        Subject::of_fields(field).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::{SPECS, Spec};

    /// Subjects of every entry of the catalogue: each statistic, unit and world.
    fn subjects(spec: &Spec, count: u32) -> Vec<Subject> {
        let mut found = Vec::new();
        for statistic in spec.statistics {
            let statistic = match *statistic {
                Statistic::AtLeast(_) => Statistic::AtLeast(count),
                Statistic::Exactly(_) => Statistic::Exactly(count),
                Statistic::Share if spec.has_share_under() => Statistic::Under(u64::from(count) * 1_000),
                other => other,
            };
            for unit in spec.units.iter().map(|unit| unit.unit()) {
                for condition in Condition::ALL {
                    found.push(Subject { condition, ..Subject::new(spec.metric, statistic, unit) });
                }
            }
        }
        found
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            tier in proptest::option::of("all|[a-z]{1,8}|[ -~]{1,8}"),
            workflow in proptest::option::of("[A-Za-z0-9_-]{1,8}"),
            fault in proptest::option::of("[A-Za-z0-9_-]{1,8}"),
            stage in proptest::option::of("[A-Za-z0-9_-]{1,8}"),
            typed in 0_usize..24,
            count in 1_u32..10_000,
        ) {
            for spec in &SPECS {
                for subject in subjects(spec, count) {
                    let subject = Subject {
                        tier: tier.clone(),
                        workflow: workflow.clone(),
                        fault: fault.clone(),
                        stage: stage.clone(),
                        path: LookupPath::ALL.get(typed % 5).copied(),
                        cause: Cause::ALL.get(typed % 7).copied(),
                        alert: Alert::ALL.get(typed % 5).copied(),
                        ..subject
                    };
                    prop_assert_eq!(Subject::of_fields(|field| subject.field(field)), Ok(subject.clone()));
                    let json = serde_json::to_string(&subject).unwrap_or_default();
                    prop_assert_eq!(serde_json::from_str::<Subject>(&json).ok(), Some(subject));
                }
            }
        }
    }

    #[test]
    fn what_says_nothing_is_an_error() {
        let subject = Subject::new(Metric::Goodput, Statistic::Mean, Unit::PerSecond);
        for field in ["metric", "statistic", "unit", "condition", "path", "cause", "alert"] {
            let read = Subject::of_fields(|name| if name == field { "odd".to_owned() } else { subject.field(name) });
            assert_eq!(read, Err(format!("`odd` is no {field}")));
        }
    }
}
