//! Expectations, judged.

use serde::{Serialize, Serializer};

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

/// A verdict as documents have it.
#[derive(Serialize)]
struct Written<'a> {
    outcome: Judgement,
    what: &'a str,
    #[serde(flatten)]
    subject: &'a Subject,
    estimate: &'a Estimate,
    limit: String,
    limit_value: f64,
    place: &'a str,
    note: &'a str,
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Verdict { outcome, what, subject, estimate, limit, limit_text: _, place, note } = self;
        let (limit, limit_value) = (self.written(), limit.value());
        Written { outcome: *outcome, what, subject, estimate, limit, limit_value, place, note }.serialize(serializer)
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
