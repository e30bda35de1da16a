//! What one-sided limits and intervals around 0 mean, said once, where they first appear.

use super::section::Section;
use super::table::Table;
use crate::experiment::outcome::Outcome;
use crate::number;

/// Adds the footnotes that the tables of these sections need.
pub(super) fn add(sections: &mut [Section], results: &Outcome) {
    let runs = match results.replications_done {
        1 => "one run".to_owned(),
        runs => format!("{} runs", number::whole(u64::from(runs))),
    };
    let sure = number::percent(results.confidence);
    let one_sided =
        format!("\"below\", \"above\", \"at most\": what {runs} cannot show is bounded to one side, at {sure}.");
    note(sections, is_one_sided, &one_sided);
    let unseen = format!("0 with an interval: not seen in {runs}, which cannot exclude more than that, at {sure}.");
    note(sections, is_unseen, &unseen);
}

/// Adds a note to the first section whose table has such a text.
fn note(sections: &mut [Section], is_meant: fn(&str) -> bool, text: &str) {
    let has = |section: &&mut Section| section.table.iter().flat_map(Table::texts).any(is_meant);
    if let Some(section) = sections.iter_mut().find(has) {
        section.note("", text);
    }
}

/// "0 (below 1)", "100 % (above 98.5 %)", "at most 400 customers".
fn is_one_sided(text: &str) -> bool {
    const WORDS: [&str; 3] = ["below ", "above ", "at most "];
    WORDS.iter().any(|word| text.starts_with(word) || text.contains(&format!("({word}")))
}

/// "0 (0 to 3,039)".
fn is_unseen(text: &str) -> bool {
    text.split_once(" (0 to ").is_some_and(|(value, _)| value.split(' ').next() == Some("0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_note() {
        for text in ["0 (below 1)", "100 % (above 98.5 %)", "at most 400 customers", "above 330 s", "23 (at most 50)"] {
            assert!(is_one_sided(text) && !is_unseen(text), "{text}");
        }
        for text in ["0 (0 to 3,039)", "0 % (0 to 9)", "0 customers (0 to 3)"] {
            assert!(is_unseen(text) && !is_one_sided(text), "{text}");
        }
        for text in ["10 (0 to 30)", "431 ± 6", "limit 50 customers", "at least 99 %", "abovementioned"] {
            assert!(!is_unseen(text) && !is_one_sided(text), "{text}");
        }
    }
}
