//! How the number of replications came about, if a rule decided it.

use crate::experiment::outcome::Outcome;
use crate::number;
use crate::report::estimate;
use crate::report::section::Section;
use crate::report::style::Style;
use crate::report::table::{Align, Cell, Table};

/// Returns the section; empty without a rule.
pub fn section(results: &Outcome) -> Section {
    let mut section = Section::new("", "");
    let Some(stopping) = &results.stopping else { return section };
    let runs = number::of(f64::from(results.replications_done), "replication");
    let rule = match stopping.precision {
        Some(share) => format!("held to a precision of {}", number::percent(share)),
        None => match stopping.judged_at {
            Some(level) => {
                format!(
                    "run until every expectation is kept or breached, each evaluation judged at {}",
                    number::percent(level)
                )
            }
            None => "run until every expectation is kept or breached".to_owned(),
        },
    };
    section.title = if stopping.reached { format!("ENOUGH AFTER {runs}") } else { format!("NOT ENOUGH AFTER {runs}") }
        .to_uppercase();
    section.aside = format!("{rule}; evaluated after 30, 45, 68, ... replications, {} at most", stopping.at_most);
    let left = Align::Left;
    let mut table = Table::new(&[("", left), ("", left), ("", left)]).named_by(1);
    for one in &stopping.held {
        let (word, style) = if one.reached { ("reached", Style::Good) } else { ("NOT REACHED", Style::Doubt) };
        table.row(vec![
            Cell::styled(word, style),
            one.what.as_str().into(),
            estimate::at(results.confidence).with_unit(&one.estimate, one.unit).into(),
        ]);
    }
    section.table = Some(table);
    if !stopping.left_out.is_empty() {
        section.note(
            "",
            format!("not held to it, since a largest value has no precision: {}", stopping.left_out.join("; ")),
        );
    }
    section
}
