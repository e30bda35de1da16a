//! A line of the tidy table: a subject and its estimate.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::catalogue::Subject;
use crate::engine::stats::Estimate;

/// One line of the tidy table. Empty filters mean "all".
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is of.
    pub subject: Subject,
    /// What a share is a share of ("all customers", "customers of smb", "requests", ...), or "": for readers.
    pub denominator: String,
    /// The number.
    pub estimate: Estimate,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let subject = &self.subject;
        let stage = subject.stage();
        let mut fields = serializer.serialize_struct("Row", if stage.is_empty() { 10 } else { 11 })?;
        fields.serialize_field("metric", &subject.metric)?;
        fields.serialize_field("statistic", &subject.statistic)?;
        fields.serialize_field("tier", subject.tier())?;
        fields.serialize_field("workflow", subject.workflow())?;
        fields.serialize_field("fault", subject.fault())?;
        if !stage.is_empty() {
            fields.serialize_field("stage", stage)?;
        }
        fields.serialize_field("path", subject.path())?;
        fields.serialize_field("unit", &subject.unit)?;
        fields.serialize_field("denominator", &self.denominator)?;
        fields.serialize_field("condition", &subject.condition)?;
        fields.serialize_field("estimate", &self.estimate)?;
        fields.end()
    }
}
