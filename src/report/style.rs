//! Colour, by what a word means; without colour the words alone say the same.

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing special.
    Plain,
    /// A heading.
    Strong,
    /// Secondary: labels, asides.
    Faint,
    /// Kept.
    Good,
    /// Breached.
    Bad,
    /// Undecided, not measured, worth a look.
    Doubt,
}

impl Style {
    /// Wraps a text in the terminal's colour codes, or leaves it alone.
    pub fn paint(self, text: &str, colour: bool) -> String {
        let code = match self {
            Style::Plain => return text.to_owned(),
            Style::Strong => "1",
            Style::Faint => "2",
            Style::Good => "1;32",
            Style::Bad => "1;31",
            Style::Doubt => "1;33",
        };
        if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
