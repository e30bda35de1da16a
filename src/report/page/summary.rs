//! summary.md read back: what it says, freed of Markdown. It is this program's own text, and the manifest seals it.

use serde::Serialize;

use super::sheet::{Entry, Head, Sheet};

/// What a run's summary says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    /// The scenario's title.
    pub title: String,
    /// The verdict's first word: "BREACHED 1 of 4".
    pub word: String,
    /// What it means: "bad", "doubt", "good", "plain".
    pub mood: &'static str,
    /// The answer.
    pub answer: String,
    /// Where in the scenario that was asked: "twilio.toml:164".
    pub place: String,
    /// What was simulated, fact by fact.
    pub facts: Vec<String>,
    /// The tables, with what must be said besides.
    pub sections: Vec<Told>,
}

/// One section of the summary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Told {
    /// The question, without its number.
    pub title: String,
    /// What the numbers are.
    pub aside: String,
    /// The numbers.
    pub table: Option<Sheet>,
    /// What else must be said: (label, text).
    pub notes: Vec<(String, String)>,
}

/// Marks of the verdict line, and what they mean.
const MOODS: [(&str, &str); 4] = [("❌", "bad"), ("❔", "doubt"), ("✅", "good"), ("ℹ️", "plain")];

impl Summary {
    /// Reads a summary.md.
    pub(super) fn read(text: &str) -> Summary {
        let mut summary = Summary { mood: "plain", ..Summary::default() };
        let mut facts_follow = false;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let verdict = MOODS.iter().find_map(|(mark, mood)| Some((line.strip_prefix(*mark)?, mood)));
            if let Some(title) = line.strip_prefix("# ") {
                summary.title = plain(title);
            } else if let Some((rest, mood)) = verdict {
                summary.mood = mood;
                summary.judge(rest.trim());
                facts_follow = true;
            } else if let Some(title) = line.strip_prefix("## ") {
                let title = plain(title);
                let number =
                    title.split_once(' ').filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
                let title = number.map_or(title.as_str(), |(_, rest)| rest).to_owned();
                summary.sections.push(Told { title, ..Told::default() });
                facts_follow = false;
            } else if facts_follow {
                summary.facts = plain(line).split(" · ").map(str::to_owned).collect();
                facts_follow = false;
            } else if line.starts_with("![") || line.starts_with("Made by ") {
                // The charts stand in sections of their own, and so does what made them.
            } else {
                summary.tell(line);
            }
        }
        summary
    }

    /// Reads the verdict: "**word**: answer `place`".
    fn judge(&mut self, line: &str) {
        let (word, answer) = line.strip_prefix("**").and_then(|rest| rest.split_once("**: ")).unwrap_or(("", line));
        self.word = plain(word);
        let place = answer.strip_suffix('`').and_then(|rest| rest.rsplit_once(" `"));
        let (answer, place) = place.unwrap_or((answer, ""));
        (self.answer, self.place) = (plain(answer), place.to_owned());
    }

    /// Reads a line of a section.
    fn tell(&mut self, line: &str) {
        if self.sections.is_empty() {
            self.sections.push(Told::default());
        }
        let Some(section) = self.sections.last_mut() else { return };
        if let Some(note) = line.strip_prefix("- ") {
            let label = note.strip_prefix("**").and_then(|rest| rest.split_once("**: "));
            let (label, text) = label.unwrap_or(("", note));
            section.notes.push((plain(label), plain(text)));
        } else if line.starts_with("| ") {
            let cells = cells(line);
            match &mut section.table {
                None => {
                    section.table =
                        Some(Sheet { heads: cells.iter().map(|cell| head(cell)).collect(), ..Sheet::default() });
                }
                Some(table) if cells.iter().all(|cell| cell.trim_end_matches(':') == "---") => {
                    for (head, cell) in table.heads.iter_mut().zip(&cells) {
                        head.numeric = cell.ends_with(':');
                    }
                }
                Some(table) => {
                    table.rows.push(cells.iter().map(|cell| entry(cell)).collect());
                    table.total = table.rows.len();
                }
            }
        } else if let Some(aside) = line.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            section.aside = plain(aside);
        } else {
            section.notes.push((String::new(), plain(line)));
        }
    }
}

fn head(cell: &str) -> Head {
    Head { name: plain(cell), ..Head::default() }
}

fn entry(cell: &str) -> Entry {
    match cell.strip_prefix("**").and_then(|rest| rest.strip_suffix("**")) {
        Some(loud) => Entry { text: plain(loud), is_loud: true, ..Entry::default() },
        None => Entry { text: plain(cell), ..Entry::default() },
    }
}

/// Splits a row of a table at the strokes that are not escaped.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').strip_suffix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        let last = cells.last_mut().expect("there is a cell from the start");
        match letter {
            '\\' => last.extend(std::iter::once('\\').chain(letters.next())),
            '|' => cells.push(String::new()),
            other => last.push(other),
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// Takes the escapes away that keep a text from meaning something in Markdown.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let escapes = letter == '\\' && letters.peek().is_some_and(char::is_ascii_punctuation);
        plain.push(if escapes { letters.next().unwrap_or(letter) } else { letter });
    }
    plain
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::report::section::Section;
    use crate::report::style::Style;
    use crate::report::table::{Align, Cell, Table, escape};

    #[test]
    fn what_sections_write_is_read_back() {
        let mut section = Section::new("3 WHAT | <b>?", "per [month]");
        let mut table = Table::new(&[("name", Align::Left), ("a*b", Align::Right)]);
        table.row(vec!["x|y".into(), Cell::styled("BREACHED_", Style::Bad)]);
        section.table = Some(table);
        section.note("a_label", "1 ** 2 : 3 \\ 4");
        section.note("", "no label");
        let text = format!(
            "# {}\n\n❌ **{}**: {} `f.toml:3`\n\na · b\n\n{}",
            escape("</script>"),
            "BAD 1",
            escape("5 * 6 (a)"),
            section.markdown()
        );
        let read = Summary::read(&text);
        assert_eq!((read.title.as_str(), read.word.as_str(), read.mood), ("</script>", "BAD 1", "bad"));
        assert_eq!((read.answer.as_str(), read.place.as_str()), ("5 * 6 (a)", "f.toml:3"));
        assert_eq!(read.facts, ["a", "b"]);
        let told = &read.sections[0];
        assert_eq!((told.title.as_str(), told.aside.as_str()), ("WHAT | <b>?", "per [month]"));
        let table = told.table.as_ref().unwrap();
        assert_eq!((table.heads[1].name.as_str(), table.heads[1].numeric), ("a*b", true));
        assert_eq!((table.rows[0][0].text.as_str(), table.rows[0][1].is_loud), ("x|y", true));
        assert_eq!(told.notes[0], ("a_label".to_owned(), "1 ** 2 : 3 \\ 4".to_owned()));
        assert_eq!(told.notes[1], (String::new(), "no label".to_owned()));
    }
}
