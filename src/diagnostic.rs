//! Diagnostics: what is wrong with an input, shown where it was written.
//!
//! A diagnostic owns the text it points into, so that it can be rendered long after the reader that found it is gone. Of a file
//! that is nobody's business (outside the scenario's folder) it says the line and what is wrong, and shows nothing.
//!
//! What is shown commands no terminal: see [`crate::printable`]. Everything found is counted, a hundred are shown.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::number;
use crate::printable::{self, in_a_line, printable};

/// Problems that are shown; more are only counted.
pub const MOST_SHOWN: usize = 100;

/// Characters of a message that are shown: the values in it may be as long as a file.
const LONGEST_MESSAGE: usize = 400;

/// What is said about a file whose text is not shown.
const WITHHELD: &str =
    "the file is outside the scenario's folder, so none of its text is shown: validate it by itself to see more";

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file as the user would name it; empty if it is no file's fault.
    pub file: String,
    /// Its text; empty if it could not be read.
    pub source: Arc<str>,
    /// The offending bytes of `source`.
    pub span: Option<Range<usize>>,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What stands beside the underlined text; may be empty.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// What else one should know.
    pub notes: Vec<String>,
    /// The line (from 1), where nothing of the file may be shown.
    pub withheld: Option<u32>,
}

impl Diagnostic {
    /// Returns a diagnostic about a whole file (or about no file, if the name is empty).
    pub fn file(file: impl Into<String>, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            file: file.into(),
            source: Arc::from(""),
            span: None,
            message: message.into(),
            label: String::new(),
            help: None,
            notes: Vec::new(),
            withheld: None,
        }
    }

    /// Returns a diagnostic about a line of a file of which nothing may be shown: of the message, nothing that stands in quotes.
    pub fn withheld(file: impl Into<String>, line: u32, message: &str) -> Diagnostic {
        let quote = |letter: char| matches!(letter, '`' | '"');
        let message = match (message.find(quote), message.rfind(quote)) {
            // Up to the last one: what is quoted may hold quotes itself.
            (Some(first), Some(last)) => format!("{}`..`{}", &message[..first], &message[last + 1..]),
            _ => message.to_owned(),
        };
        let help = Some(WITHHELD.to_owned());
        Diagnostic { withheld: Some(line), help, ..Diagnostic::file(file, message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        if self.withheld.is_none() {
            self.help = Some(help.into());
        }
        self
    }

    /// Adds what else one should know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        if self.withheld.is_none() {
            self.notes.push(note.into());
        }
        self
    }

    /// Returns the line (from 1) on which the offending text begins.
    pub fn line(&self) -> Option<u32> {
        let found = self.span.as_ref().map(|span| line_of(&self.source, span.start));
        self.withheld.or(found)
    }

    /// Returns the column (from 1, in characters) at which the offending text begins.
    pub fn column(&self) -> Option<u32> {
        let start = within(&self.source, self.span.as_ref()?).start;
        let line = &self.source[..start];
        let line = &line[line.rfind('\n').map_or(0, |end| end + 1)..];
        Some(line.chars().count() as u32 + 1)
    }

    /// Returns the message as it may be shown.
    pub fn shown(&self) -> String {
        let message = in_a_line(&self.message);
        match message.char_indices().nth(LONGEST_MESSAGE) {
            Some((end, _)) => format!("{}...", &message[..end]),
            None => message.into_owned(),
        }
    }

    /// Draws the diagnostic over several lines, the offending text underlined.
    pub fn render(&self, colour: bool, width: usize) -> String {
        let message = self.shown();
        let (file, label) = (in_a_line(&self.file), in_a_line(&self.label));
        let title = Level::ERROR.primary_title(message.as_str());
        let mut group = match (&self.span, self.withheld) {
            (_, Some(line)) => title.element(Origin::path(file.as_ref()).line(line as usize)),
            (Some(span), None) => {
                let span = within(&self.source, span);
                let (source, start, end) = printable::source(&self.source, span.start, span.end);
                let annotation = AnnotationKind::Primary.span(start..end);
                let annotation = if label.is_empty() { annotation } else { annotation.label(label.as_ref()) };
                title.element(Snippet::source(source).path(file.as_ref()).annotation(annotation))
            }
            (None, None) if self.file.is_empty() => Group::with_title(title),
            (None, None) => title.element(Origin::path(file.as_ref())),
        };
        let (help, notes) = (self.help.as_deref().map(printable), self.notes.iter().map(|note| printable(note)));
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_ref()));
        }
        let notes: Vec<_> = notes.collect();
        for note in &notes {
            group = group.element(Level::NOTE.message(note.as_ref()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(width).render(&[group])
    }
}

/// The short form: `file:line: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = in_a_line(&self.file);
        match (file.as_ref(), self.line()) {
            ("", _) => formatter.write_str(&self.shown()),
            (file, Some(line)) => write!(formatter, "{file}:{line}: {}", self.shown()),
            (file, None) => write!(formatter, "{file}: {}", self.shown()),
        }
    }
}

impl std::error::Error for Diagnostic {}

/// Everything that is wrong, in the order in which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Draws the first of them, with an empty line between, and says how many more there are.
    pub fn render(&self, colour: bool, width: usize) -> String {
        let drawn = self.first().iter().map(|one| one.render(colour, width));
        drawn.chain(self.more()).collect::<Vec<_>>().join("\n\n")
    }

    /// Returns those that are shown.
    pub fn first(&self) -> &[Diagnostic] {
        &self.0[..self.0.len().min(MOST_SHOWN)]
    }

    /// Says how many more there are, if any.
    pub fn more(&self) -> Option<String> {
        let more = self.0.len().saturating_sub(MOST_SHOWN);
        (more > 0).then(|| format!("and {} more", number::whole(more as u64)))
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Diagnostics {
        Diagnostics(vec![one])
    }
}

/// The short form, one line each.
impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.first().iter().map(ToString::to_string).chain(self.more());
        formatter.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

impl std::error::Error for Diagnostics {}

/// Returns the line (from 1) of a byte of a text.
pub fn line_of(text: &str, byte: usize) -> u32 {
    let end = byte.min(text.len());
    text.as_bytes()[..end].split(|&byte| byte == b'\n').count() as u32
}

/// Moves a range onto character boundaries of the text, where the renderer wants it.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Diagnostic {
        Diagnostic {
            source: Arc::from("a = 1\nzones = \"tré\"\n"),
            span: Some(14..20),
            label: "not a count".into(),
            ..Diagnostic::file("x.toml", "zones must be a count")
        }
        .help("write 3")
        .note("three is usual")
    }

    #[test]
    fn a_rendering_shows_file_line_text_and_help() {
        let text = example().render(false, 100);
        for part in [
            "error: zones must be a count",
            "x.toml:2:9",
            "\"tré\"",
            "^^^^^ not a count",
            "help: write 3",
            "note: three",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(example().render(true, 100).contains('\u{1b}'));
    }

    #[test]
    fn the_short_form_is_one_line() {
        assert_eq!(example().to_string(), "x.toml:2: zones must be a count");
        assert_eq!(Diagnostic::file("x.toml", "no such file").to_string(), "x.toml: no such file");
        assert_eq!(Diagnostic::file("", "no file").to_string(), "no file");
        let two = Diagnostics(vec![example(), Diagnostic::file("", "no file")]);
        assert_eq!(two.to_string(), "x.toml:2: zones must be a count\nno file");
    }

    #[test]
    fn a_span_outside_the_text_or_inside_a_character_is_moved() {
        for span in [0..500, 400..500, 17..18, 18..18, 23..23] {
            let one = Diagnostic { span: Some(span), ..example() };
            assert!(one.render(false, 80).contains("x.toml"));
        }
    }

    #[test]
    fn what_is_withheld_shows_its_line_only() {
        let one = Diagnostic::withheld("/else/x.ini", 3, "unknown key `a`b` in `client`").help("x").note("y");
        assert_eq!(one.to_string(), "/else/x.ini:3: unknown key `..`");
        let text = one.render(false, 200);
        assert!(text.contains("x.ini:3") && text.contains("outside the scenario's folder"), "{text}");
    }

    #[test]
    fn characters_that_command_are_shown_as_escapes() {
        let bad = "a = \"\u{1b}[2J\u{202e}\u{9b}\"\n";
        let one =
            Diagnostic { source: Arc::from(bad), span: Some(4..bad.len() - 1), ..Diagnostic::file("\u{7}x", bad) };
        let text = one.help(bad).note(bad).render(false, 100) + &Diagnostic::file("\u{7}x", bad).to_string();
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}', '\u{7}']) && text.contains("\\u{202e}"), "{text}");
    }

    #[test]
    fn a_hundred_are_shown_and_the_others_counted() {
        let many = Diagnostics((0..20_000).map(|index| Diagnostic::file("x", index.to_string())).collect());
        assert_eq!(many.to_string().lines().count(), 101);
        assert!(many.to_string().ends_with("\nand 19,900 more") && many.render(false, 80).ends_with("and 19,900 more"));
    }

    #[test]
    fn a_file_without_text_is_still_named() {
        let text = Diagnostic::file("gone.toml", "no such file").help("check the path").render(false, 80);
        assert!(text.contains("gone.toml") && text.contains("check the path"), "{text}");
        assert!(Diagnostic::file("", "nothing").render(false, 80).contains("error: nothing"));
    }
}
