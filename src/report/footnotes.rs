//! What one-sided limits and intervals around 0 mean, said once, where they first appear.

use super::section::Section;
use super::table::Table;
use crate::experiment::outcome::Outcome;
use crate::number;

/// Adds the footnotes that the tables of these sections need.
pub(super) fn add(sections: &mut [Section], results: &Outcome) {
    let runs = match results.replications_done {
        1 => "one replication".to_owned(),
        runs => format!("{} replications", number::whole(u64::from(runs))),
    };
    let sure = number::percent(results.confidence);
    let one_sided = format!("\"above\", \"at most\": a one-sided bound at {sure}, where {runs} cannot show more.");
    note(sections, is_one_sided, &one_sided);
    let unseen = format!("{sure} bound: not seen in {runs}, which cannot exclude up to that many.");
    note(sections, is_unseen, &unseen);
}

/// Adds a note to the first section whose table has such a text.
fn note(sections: &mut [Section], is_meant: fn(&str) -> bool, text: &str) {
    let has = |section: &&mut Section| section.table.iter().flat_map(Table::texts).any(is_meant);
    if let Some(section) = sections.iter_mut().find(has) {
        section.note("", text);
    }
}

/// "100 % (above 98.5 %)", "at most 400 customers".
fn is_one_sided(text: &str) -> bool {
    const WORDS: [&str; 2] = ["above ", "at most "];
    WORDS.iter().any(|word| text.starts_with(word) || text.contains(&format!("({word}")))
}

/// "0 (95 % bound: 3,039)".
fn is_unseen(text: &str) -> bool {
    text.contains(" bound: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_note() {
        for text in ["100 % (above 98.5 %)", "at most 400 customers", "above 330 s", "23 (at most 50)"] {
            assert!(is_one_sided(text) && !is_unseen(text), "{text}");
        }
        for text in ["0 (95 % bound: 3,039)", "0 % (99 % bound: 9 %)"] {
            assert!(is_unseen(text) && !is_one_sided(text), "{text}");
        }
        for text in ["10 (0 to 30)", "431 ± 6", "limit 50 customers", "at least 99 %", "abovementioned"] {
            assert!(!is_unseen(text) && !is_one_sided(text), "{text}");
        }
    }
}
