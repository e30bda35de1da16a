//! Text that may be shown: characters that command a terminal, or turn the order of what stands around them, as escapes.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns whether a character commands rather than shows: control characters, and those that end a line or turn its direction.
pub fn commands(character: char) -> bool {
    let turns =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}');
    character.is_control() || turns
}

/// Returns the text with each such character as an escape: `\u{1b}`. Lines stay lines.
pub fn printable(text: &str) -> Cow<'_, str> {
    shown(text, |character| character == '\n')
}

/// Returns the text as it may stand within a line.
pub fn in_a_line(text: &str) -> Cow<'_, str> {
    shown(text, |_| false)
}

fn shown(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hidden = |character: char| commands(character) && !stays(character);
    if !text.chars().any(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if hidden(character) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", character as u32);
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Shows a source as [`printable`] does, and finds the place of a range again in what is shown.
pub fn source(text: &str, start: usize, end: usize) -> (Cow<'_, str>, usize, usize) {
    // Tabs and ends of lines are the renderer's business.
    let stays = |character: char| matches!(character, '\n' | '\r' | '\t');
    let shown_text = shown(text, stays);
    let Cow::Owned(_) = shown_text else { return (shown_text, start, end) };
    let moved = |at: usize| shown(text.get(..at).unwrap_or(text), stays).len();
    let (start, end) = (moved(start), moved(end));
    (shown_text, start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_is_shown_as_an_escape() {
        assert_eq!(printable("plain é 中\nnext"), "plain é 中\nnext");
        assert_eq!(printable("\u{1b}[2J\u{7}\u{9b}\u{202e}x"), "\\u{1b}[2J\\u{7}\\u{9b}\\u{202e}x");
        assert_eq!(in_a_line("a\nb\tc"), "a\\u{a}b\\u{9}c");
    }

    #[test]
    fn a_range_is_found_again() {
        let text = "a = \"\u{1b}x\"\nb = 1\n";
        let (shown, start, end) = source(text, 4, 8);
        assert_eq!(&shown[start..end], "\"\\u{1b}x\"");
        assert_eq!(source("a = 1", 4, 5), (Cow::Borrowed("a = 1"), 4, 5));
    }
}
