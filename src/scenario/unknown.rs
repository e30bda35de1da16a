//! Words that nobody knows, and the nearest that somebody does.

use super::document::Place;
use super::text::nearest;
use crate::diagnostic::Diagnostic;

/// Returns an error about a word that is none of those known, with the nearest one.
pub(super) fn unknown<'a>(
    place: &Place,
    message: String,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    called: &str,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let list = if known.is_empty() { format!("{called}: none") } else { format!("{called}: {}", known.join(", ")) };
    let error = place.error(message, "not known");
    match nearest(word, known.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")).note(list),
        None => error.help(list),
    }
}
