//! Diagnostics: what is wrong with an input, shown where it was written.
//!
//! A diagnostic owns the text it points into, so that it can be rendered long after the reader that found it is gone.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

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
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds what else one should know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Returns the line (from 1) on which the offending text begins.
    pub fn line(&self) -> Option<u32> {
        let start = self.span.as_ref()?.start;
        Some(line_of(&self.source, start))
    }

    /// Draws the diagnostic over several lines, the offending text underlined.
    pub fn render(&self, colour: bool, width: usize) -> String {
        let title = Level::ERROR.primary_title(self.message.as_str());
        let mut group = match &self.span {
            Some(span) => {
                let annotation = AnnotationKind::Primary.span(within(&self.source, span));
                let annotation = if self.label.is_empty() { annotation } else { annotation.label(self.label.as_str()) };
                let snippet = Snippet::source(&*self.source).path(self.file.as_str()).annotation(annotation);
                title.element(snippet)
            }
            None if self.file.is_empty() => Group::with_title(title),
            None => title.element(annotate_snippets::Origin::path(self.file.as_str())),
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        for note in &self.notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(width).render(&[group])
    }
}

/// The short form: `file:line: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line()) {
            ("", _) => formatter.write_str(&self.message),
            (file, Some(line)) => write!(formatter, "{file}:{line}: {}", self.message),
            (file, None) => write!(formatter, "{file}: {}", self.message),
        }
    }
}

impl std::error::Error for Diagnostic {}

/// Everything that is wrong, in the order in which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Draws all of them, with an empty line between.
    pub fn render(&self, colour: bool, width: usize) -> String {
        self.0.iter().map(|one| one.render(colour, width)).collect::<Vec<_>>().join("\n\n")
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
        for (index, one) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{one}")?;
        }
        Ok(())
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
    fn a_file_without_text_is_still_named() {
        let text = Diagnostic::file("gone.toml", "no such file").help("check the path").render(false, 80);
        assert!(text.contains("gone.toml") && text.contains("check the path"), "{text}");
        assert!(Diagnostic::file("", "nothing").render(false, 80).contains("error: nothing"));
    }
}
