//! What the run of one scenario found, as text.
//!
//! The table is that of summary.csv, with its nine digits. A sweep reads its numbers from there whether they come from a run or from
//! the journal, so that both come to the same bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::stats::{Estimate, Judgement, State};
use crate::experiment::outcome::{Outcome, Verdict};
use crate::report::csv::sheets;
use crate::report::{id, verdict};
use crate::scenario::expectation::Limit;

/// What the run of one scenario found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Replications done.
    pub replications: u32,
    /// summary.csv.
    pub summary: String,
    /// Its expectations, in their order.
    pub judged: Vec<Judged>,
}

/// An expectation, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// "kept", "breached", "undecided" or "not measured".
    pub outcome: String,
    /// Identifier of the number.
    pub id: String,
    /// "cell-outage, enterprise, worst".
    pub what: String,
    /// "limit 50 customers".
    pub limit: String,
    /// The limit in the number's unit, with all its digits.
    pub value: String,
    /// Whether it is a least.
    pub at_least: bool,
    /// "share".
    pub unit: String,
    /// File and line.
    pub place: String,
}

/// The words of outcomes, in the order in which they are counted.
pub const OUTCOMES: [(Judgement, &str); 4] = [
    (Judgement::Kept, "kept"),
    (Judgement::Breached, "breached"),
    (Judgement::Undecided, "undecided"),
    (Judgement::NotMeasured, "not measured"),
];

impl Found {
    /// Returns what an outcome says.
    pub fn of(outcome: &Outcome) -> Found {
        let summary = sheets(outcome).iter().find(|sheet| sheet.file == "summary.csv");
        let summary = summary.map_or_else(Vec::new, |sheet| (sheet.write)(outcome));
        Found {
            replications: outcome.replications_done,
            summary: String::from_utf8_lossy(&summary).into_owned(),
            judged: outcome.verdicts.iter().map(Judged::of).collect(),
        }
    }

    /// Returns the table, line by line.
    pub fn table(&self) -> Table {
        Table::of(&self.summary)
    }
}

impl Judged {
    fn of(one: &Verdict) -> Judged {
        let word = OUTCOMES.iter().find(|(outcome, _)| *outcome == one.outcome).map_or("", |found| found.1);
        Judged {
            outcome: word.to_owned(),
            id: id::of_subject(&one.subject),
            what: one.what.clone(),
            limit: verdict::limit(one),
            value: format!("{:?}", one.limit.value()),
            at_least: matches!(one.limit, Limit::AtLeast(_)),
            unit: one.subject.unit.text().to_owned(),
            place: verdict::place(one).to_owned(),
        }
    }

    /// Returns how it came out.
    pub fn judgement(&self) -> Judgement {
        let found = OUTCOMES.iter().find(|(_, word)| *word == self.outcome);
        found.map_or(Judgement::NotMeasured, |found| found.0)
    }
}

/// summary.csv, read.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Names of the columns.
    pub header: Vec<String>,
    /// The lines.
    pub lines: Vec<Vec<String>>,
    by_id: BTreeMap<String, usize>,
}

impl Table {
    fn of(text: &str) -> Table {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = reader.headers().map(cells).unwrap_or_default();
        let lines: Vec<Vec<String>> = reader.records().flatten().map(|record| cells(&record)).collect();
        let mut table = Table { header, lines, by_id: BTreeMap::new() };
        if let Some(column) = table.column("id") {
            table.by_id = table.lines.iter().enumerate().map(|(at, line)| (line[column].clone(), at)).collect();
        }
        table
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// Returns the identifiers of its lines, in their order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let column = self.column("id").unwrap_or(0);
        self.lines.iter().map(move |line| line[column].as_str())
    }

    /// Returns a cell of the line with this identifier.
    pub fn cell(&self, id: &str, column: &str) -> Option<&str> {
        let line = &self.lines[*self.by_id.get(id)?];
        Some(line[self.column(column)?].as_str())
    }

    /// Returns the number with this identifier.
    pub fn estimate(&self, id: &str) -> Option<Estimate> {
        let cell = |column| self.cell(id, column);
        let number = |column| cell(column).and_then(|text| text.parse().ok());
        let state = match cell("state")? {
            "exact" => State::Exact,
            "estimate" => State::Estimate,
            "bound" => State::Bound,
            _ => State::Null,
        };
        let reason = cell("reason").filter(|reason| !reason.is_empty()).map(str::to_owned);
        let n = cell("n").and_then(|text| text.parse().ok()).unwrap_or(0);
        Some(Estimate { value: number("value"), low: number("ci_low"), high: number("ci_high"), n, state, reason })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn numbers_are_found_by_their_identifier() {
        let text = "id,unit,n,value,ci_low,ci_high,state,reason\n\"a{x=1,y=2}\",s,5,1.5,1,2,estimate,\nb,,0,,3,,bound,\"why, then\"\n";
        let table = Table::of(text);
        assert_eq!(table.ids().collect::<Vec<_>>(), ["a{x=1,y=2}", "b"]);
        assert_eq!(table.estimate("a{x=1,y=2}").unwrap(), Estimate::between(1.5, 1.0, 2.0, 5));
        let bound = table.estimate("b").unwrap();
        assert_eq!((bound.value, bound.low, bound.high, bound.state), (None, Some(3.0), None, State::Bound));
        assert_eq!(bound.reason.as_deref(), Some("why, then"));
        assert!(table.estimate("c").is_none());
    }
}
