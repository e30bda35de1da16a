//! Aligned tables, as text for a terminal and as Markdown.

use super::style::Style;
use crate::printable::{commands, in_a_line};

/// Side to which a column's cells lean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A cell: its text and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    style: Style,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell { text: text.into(), style: Style::Plain }
    }
}

impl Cell {
    /// Returns a cell whose text has a meaning of its own.
    pub fn styled(text: impl Into<String>, style: Style) -> Cell {
        Cell { text: text.into(), style }
    }
}

/// A table: columns with headings, rows of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<Cell>>,
    names: Option<usize>,
}

/// Columns stand this far apart.
const GAP: usize = 2;
/// No column is cut to fewer characters.
const LEAST_WIDTH: usize = 12;

impl Table {
    /// Returns an empty table.
    pub fn new(columns: &[(&str, Align)]) -> Table {
        let columns = columns.iter().map(|&(name, align)| (name.to_owned(), align)).collect();
        Table { columns, rows: Vec::new(), names: None }
    }

    /// Says which column holds names: they are cut last where the table is too wide.
    #[must_use]
    pub fn named_by(mut self, column: usize) -> Table {
        self.names = Some(column);
        self
    }

    /// Adds a row, which has one cell per column.
    pub fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "one cell per column");
        self.rows.push(cells);
    }

    /// Returns the texts of all cells.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().flatten().map(|cell| cell.text.as_str())
    }

    /// Returns whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the lines for a terminal, at most `width` wide where cutting the widest words allows it.
    ///
    /// Headings are left out if all of them are empty.
    pub fn lines(&self, width: usize, colour: bool) -> Vec<String> {
        let widths = self.widths(width);
        let mut lines = Vec::new();
        if self.columns.iter().any(|(name, _)| !name.is_empty()) {
            let heading: Vec<Cell> =
                self.columns.iter().map(|(name, _)| Cell::styled(name.as_str(), Style::Faint)).collect();
            lines.push(self.line(&heading, &widths, colour));
        }
        lines.extend(self.rows.iter().map(|row| self.line(row, &widths, colour)));
        lines
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|(name, _)| length(name)).collect();
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(length(&cell.text));
            }
        }
        let gaps = GAP * widths.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        while excess > 0 {
            let widest = (0..widths.len())
                .filter(|&index| self.columns[index].1 == Align::Left && widths[index] > LEAST_WIDTH)
                .max_by_key(|&index| (self.names != Some(index), widths[index]));
            let Some(widest) = widest else { break };
            widths[widest] -= 1;
            excess -= 1;
        }
        widths
    }

    fn line(&self, cells: &[Cell], widths: &[usize], colour: bool) -> String {
        let mut line = String::new();
        let mut owed = 0;
        for ((cell, &width), &(_, align)) in cells.iter().zip(widths).zip(&self.columns) {
            let text = cut(&cell.text, width);
            let space = width - length(&text).min(width);
            let (before, after) = if align == Align::Right { (space, 0) } else { (0, space) };
            if text.is_empty() {
                owed += width + GAP;
            } else {
                line.extend(std::iter::repeat_n(' ', owed + before));
                line.push_str(&cell.style.paint(&text, colour));
                owed = after + GAP;
            }
        }
        line
    }

    /// Returns the table as Markdown.
    pub fn markdown(&self) -> String {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = row(self.columns.iter().map(|(name, _)| escape(name)).collect());
        let rule = |&(_, align): &(String, Align)| if align == Align::Right { "---:" } else { "---" }.to_owned();
        text += &row(self.columns.iter().map(rule).collect());
        for cells in &self.rows {
            let cell = |cell: &Cell| match cell.style {
                Style::Bad | Style::Doubt => format!("**{}**", escape(&cell.text)),
                Style::Plain | Style::Strong | Style::Faint | Style::Good => escape(&cell.text),
            };
            text += &row(cells.iter().map(cell).collect());
        }
        text
    }
}

/// Returns the number of characters.
fn length(text: &str) -> usize {
    text.chars().count()
}

/// Cuts a text to a width in its middle, as names of one kind differ at their ends; three dots say so.
fn cut(text: &str, width: usize) -> String {
    if length(text) <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(3);
    let end = text.chars().skip(length(text) - kept / 2);
    text.chars().take(kept.div_ceil(2)).chain("...".chars()).chain(end).collect()
}

/// Keeps a text from meaning something in Markdown: no link, image, tag, table or emphasis that is not cellsim's.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match character {
            '|' | '*' | '_' | '`' | '<' | '>' | '\\' | '[' | ']' | '!' | '#' | '~' | '&' => {
                escaped.extend(['\\', character]);
            }
            // Nobody is called by a title: a mention is found in what is rendered, so that a backslash does not help.
            '@' => escaped.push_str("@&#8203;"),
            // A bare address would become a link.
            ':' if text[at..].starts_with("://") => escaped.push_str("\\:"),
            control if control.is_control() => escaped.push(' '),
            other if commands(other) => escaped.push_str(&in_a_line(&text[at..at + other.len_utf8()])),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Returns a text as code in Markdown, whatever stands in it.
pub fn code(text: &str) -> String {
    let text = in_a_line(text);
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Breaks a text into lines of at most `width` characters at spaces; a text that fits keeps all its spaces.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    if length(text) <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a line from the start");
        if line.is_empty() {
            line.push_str(word);
        } else if length(line) + 1 + length(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lean_and_lines_have_no_trailing_space() {
        let mut table = Table::new(&[("name", Align::Left), ("n", Align::Right), ("", Align::Left)]);
        table.row(vec!["a".into(), "10".into(), "".into()]);
        table.row(vec!["longer".into(), "7".into(), "end".into()]);
        assert_eq!(table.lines(80, false), ["name     n", "a       10", "longer   7  end"]);
        assert_eq!(table.markdown(), "| name | n |  |\n| --- | ---: | --- |\n| a | 10 |  |\n| longer | 7 | end |\n");
    }

    #[test]
    fn a_wide_table_is_cut_in_its_widest_words() {
        let mut table = Table::new(&[("", Align::Left), ("", Align::Right)]);
        table.row(vec!["a-name-of-thirty-characters-xy".into(), "123,456".into()]);
        assert_eq!(table.lines(30, false), ["a-name-of...acters-xy  123,456"]);
    }

    #[test]
    fn names_are_cut_last() {
        let mut table = Table::new(&[("name", Align::Left), ("strikes", Align::Left)]).named_by(0);
        table.row(vec!["sla_attainment, enterprise".into(), "a-cell-with-a-rather-long-name-of-its-own".into()]);
        assert_eq!(table.lines(46, false)[1], "sla_attainment, enterprise  a-cell-w...its-own");
        assert_eq!(table.lines(30, false)[1], "sla_att...rprise  a-cel...-own");
    }

    #[test]
    fn text_wraps_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(escape("a|b_c"), "a\\|b\\_c");
        assert_eq!(escape("![x](http://y) a: b"), "\\!\\[x\\](http\\://y) a: b");
        assert_eq!(escape("ask @everyone"), "ask @&#8203;everyone");
        assert_eq!(escape("\u{202e}\u{7}"), "\\u{202e} ");
        assert_eq!((code("a b"), code("a ``b")), ("`a b`".to_owned(), "``` a ``b ```".to_owned()));
    }
}
