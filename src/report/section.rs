//! A section of a report: a question, a table, and notes; drawn for a terminal or as Markdown.

use super::style::Style;
use super::table::{Table, escape, wrap};

/// One section.
#[derive(Debug, Clone)]
pub struct Section {
    /// The question it answers, or its name.
    pub title: String,
    /// What the numbers are: units, conditions.
    pub aside: String,
    /// The numbers.
    pub table: Option<Table>,
    /// What else must be said: (label, text); the label may be empty.
    pub notes: Vec<(String, String)>,
}

/// Notes and tables are indented by this much.
const INDENT: usize = 2;

impl Section {
    /// Returns a section without table and notes.
    pub fn new(title: impl Into<String>, aside: impl Into<String>) -> Section {
        Section { title: title.into(), aside: aside.into(), table: None, notes: Vec::new() }
    }

    /// Adds a note.
    pub fn note(&mut self, label: impl Into<String>, text: impl Into<String>) {
        self.notes.push((label.into(), text.into()));
    }

    /// Returns whether there is nothing under the title.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.table.as_ref().is_none_or(Table::is_empty)
    }

    /// Returns the lines of this width; only for a terminal tables are cut to it.
    pub fn lines(&self, width: usize, colour: bool, terminal: bool) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.title.is_empty() {
            let title = Style::Strong.paint(&self.title, colour);
            let taken = self.title.chars().count() + 2 + self.aside.chars().count() + 2;
            match self.aside.as_str() {
                "" => lines.push(title),
                aside if taken <= width => {
                    lines.push(format!("{title}  {}", Style::Faint.paint(&format!("({aside})"), colour)));
                }
                aside => {
                    lines.push(title);
                    let aside = wrap(&format!("({aside})"), width - INDENT);
                    lines.extend(aside.iter().map(|line| format!("  {}", Style::Faint.paint(line, colour))));
                }
            }
        }
        let indented = |line: String| format!("{:INDENT$}{line}", "");
        if let Some(table) = self.table.as_ref().filter(|table| !table.is_empty()) {
            let room = if terminal { width - INDENT } else { usize::MAX };
            lines.extend(table.lines(room, colour).into_iter().map(indented));
        }
        let labels = self.notes.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        let hanging = if labels == 0 { 0 } else { labels + 2 };
        for (label, text) in &self.notes {
            // A note without a label may use the whole line.
            let hanging = if label.is_empty() { 0 } else { hanging };
            for (index, line) in wrap(text, width - INDENT - hanging).into_iter().enumerate() {
                let label = if index == 0 { label.as_str() } else { "" };
                let space = hanging - label.chars().count();
                let label = if label.is_empty() { String::new() } else { Style::Faint.paint(label, colour) };
                lines.push(format!("{:INDENT$}{label}{:space$}{line}", "", ""));
            }
        }
        lines
    }

    /// Returns the section as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        if !self.title.is_empty() {
            text += &format!("## {}\n\n", escape(&self.title));
        }
        if !self.aside.is_empty() {
            text += &format!("({})\n\n", escape(&self.aside));
        }
        if let Some(table) = self.table.as_ref().filter(|table| !table.is_empty()) {
            text += &table.markdown();
            text.push('\n');
        }
        for (label, note) in &self.notes {
            let label = if label.is_empty() { String::new() } else { format!("**{}**: ", escape(label)) };
            text += &format!("- {label}{}\n", escape(note));
        }
        if !self.notes.is_empty() {
            text.push('\n');
        }
        text
    }
}
