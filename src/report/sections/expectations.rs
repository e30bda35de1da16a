//! How the expectations came out.

use crate::experiment::outcome::{Judgement, Outcome, Verdict};
use crate::report::section::Section;
use crate::report::table::{Align, Cell, Table};
use crate::report::{estimate, modes, verdict};

/// Returns the section.
pub fn section(results: &Outcome) -> Section {
    let mut section = Section::new("EXPECTATIONS", "");
    if results.verdicts.is_empty() {
        section.note("", "none in the scenario: write what must hold as [[expect]]");
        return section;
    }
    let tally = |outcome: Judgement| {
        format!("{} {}", verdict::word(outcome).0.to_lowercase(), verdict::tally(results, outcome))
    };
    section.aside = verdict::OUTCOMES.map(tally).join(" · ");
    let left = Align::Left;
    let mut reasons: Vec<(String, String)> = Vec::new();
    let mut table = Table::new(&[("", left), ("", left), ("", left), ("", left), ("", left)]).named_by(1);
    for one in &results.verdicts {
        let (word, style) = verdict::word(one.outcome);
        table.row(vec![
            Cell::styled(word, style),
            what(one).into(),
            estimate::at(results.confidence).with_unit(&one.estimate, one.subject.unit).into(),
            verdict::limit(one).into(),
            verdict::place(one).into(),
        ]);
        let why = match (one.outcome, one.note.as_str()) {
            (Judgement::NotMeasured, "") => estimate::reason(&one.estimate),
            (_, note) => note,
        };
        if !why.is_empty() {
            match reasons.iter_mut().find(|(_, known)| known == why) {
                Some((places, _)) => places.extend([", ", verdict::place(one)]),
                None => reasons.push((verdict::place(one).to_owned(), why.to_owned())),
            }
        }
    }
    for (places, why) in reasons {
        section.note("", format!("{places}: {why}"));
    }
    let is_decided = |one: &&Verdict| matches!(one.outcome, Judgement::Kept | Judgement::Breached);
    let rests_on_t = |one: &Verdict| modes::averages(&one.subject, &one.estimate);
    if results.requests().is_some() && results.verdicts.iter().filter(is_decided).any(rests_on_t) {
        section
            .notes
            .extend(modes::missed(results.replications_done, results.confidence).map(|text| (String::new(), text)));
    }
    section.table = Some(table);
    section
}

/// Returns what an expectation is about, in the words of the results.
fn what(one: &Verdict) -> String {
    if one.what.is_empty() { verdict::label(one) } else { one.what.clone() }
}
