//! Expectations, judged.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::catalogue::Subject;
use crate::engine::stats::{Estimate, Judgement};
use crate::scenario::expectation::Limit;

/// One expectation, judged.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// How it came out.
    pub outcome: Judgement,
    /// "noisy-customer, smb, mean".
    pub what: String,
    /// What it is judged on.
    pub subject: Subject,
    /// The number it was judged on.
    pub estimate: Estimate,
    /// The limit, in the number's unit.
    pub limit: Limit,
    /// The same as written: "50 customers".
    pub limit_text: String,
    /// File and line, "twilio.toml:159".
    pub place: String,
    /// For undecided: about how many more replications would decide; for not measured: why.
    pub note: String,
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let subject = &self.subject;
        let mut fields = serializer.serialize_struct("Verdict", 13)?;
        fields.serialize_field("outcome", &self.outcome)?;
        fields.serialize_field("what", &self.what)?;
        fields.serialize_field("metric", &subject.metric)?;
        fields.serialize_field("statistic", &subject.statistic)?;
        fields.serialize_field("tier", subject.tier())?;
        fields.serialize_field("workflow", subject.workflow())?;
        fields.serialize_field("fault", subject.fault())?;
        fields.serialize_field("estimate", &self.estimate)?;
        fields.serialize_field("unit", &subject.unit)?;
        fields.serialize_field("limit", &self.written())?;
        fields.serialize_field("limit_value", &self.limit.value())?;
        fields.serialize_field("place", &self.place)?;
        fields.serialize_field("note", &self.note)?;
        fields.end()
    }
}

impl Verdict {
    /// Returns the limit as written: "50 customers", "at least 99%".
    pub fn written(&self) -> String {
        match self.limit {
            Limit::AtMost(_) => self.limit_text.clone(),
            Limit::AtLeast(_) => format!("at least {}", self.limit_text),
        }
    }
}
