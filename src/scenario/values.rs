//! Typed values: one function for each kind of value that a key may have.

use super::document::{Node, Read, Value};
use super::grammar::words::Worded;
use super::text::{self, Per};
use super::unknown::unknown;
use crate::number::whole;
use crate::units::Nanos;

/// Most customers of a tier, cells, slots, places in a queue.
pub(super) const MOST: u32 = 100_000_000;

fn parsed<T>(node: &Node, what: &str, example: &str, parse: impl FnOnce(&str) -> text::Parsed<T>) -> Read<T> {
    let Some(written) = node.text() else {
        let error = node.expected(what, example);
        let bare = matches!(node.value, Value::Integer(_) | Value::Float(_));
        return Err(Box::new(if bare { error.note("everything with a unit is text in quotes") } else { error }));
    };
    parse(written).map_err(|label| {
        Box::new(node.error(format!("expected {what}, found \"{written}\""), label).help(format!("write {example}")))
    })
}

/// Any text.
pub(super) fn text(node: &Node) -> Read<String> {
    node.text().map(str::to_owned).ok_or_else(|| Box::new(node.expected("text", "it in quotes")))
}

/// true or false.
pub(super) fn boolean(node: &Node) -> Read<bool> {
    if let Value::Bool(value) = node.value { Ok(value) } else { Err(Box::new(node.expected("true or false", "true"))) }
}

/// A duration, maybe 0.
pub(super) fn duration(node: &Node) -> Read<Nanos> {
    parsed(
        node,
        "a duration",
        "a number with ns, us, ms, s, min, h, d, week, month or year, like \"250ms\"",
        text::duration,
    )
}

/// A duration that is not 0.
pub(super) fn positive_duration(node: &Node) -> Read<Nanos> {
    match duration(node)? {
        0 => Err(Box::new(node.error("a duration that must not be 0", "is 0"))),
        duration => Ok(duration),
    }
}

/// Reads the unit of a column of numbers ("ms").
pub(super) fn unit(node: &Node) -> Read<Nanos> {
    let written = text(node)?;
    text::duration(&format!("1{written}")).map_err(|label| {
        Box::new(
            node.error(format!("expected a unit of time, found \"{written}\""), label).help("write \"ms\" or \"s\""),
        )
    })
}

/// A share: a percentage in quotes, or a bare number from 0 to 1.
pub(super) fn share(node: &Node) -> Read<f64> {
    let share = match node.value {
        Value::Float(number) => number,
        Value::Integer(number @ (0 | 1)) => number as f64,
        Value::Integer(_) => {
            let error = node.error("a share outside 0 to 1", "is this a percentage?");
            return Err(Box::new(error.help("write \"5%\", or a bare number from 0 to 1")));
        }
        Value::Text(_) | Value::Bool(_) | Value::List(_) | Value::Table(_) => {
            parsed(node, "a share", "\"95%\"", text::percentage)?
        }
    };
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        let error = node.error("a share outside 0 to 1", "not between 0 % and 100 %");
        Err(Box::new(error.help("write it like \"95%\", or as a bare number from 0 to 1")))
    }
}

/// A share that is not 0.
pub(super) fn positive_share(node: &Node) -> Read<f64> {
    match share(node)? {
        0.0 => Err(Box::new(node.error("a share that must not be 0", "is 0"))),
        share => Ok(share),
    }
}

/// A number per second, maybe 0.
pub(super) fn rate(node: &Node) -> Read<f64> {
    let rate = parsed(node, "a rate", "a number with /s, /min, /h or /day, like \"12/s\"", text::rate)?;
    if rate <= 1e9 { Ok(rate) } else { Err(Box::new(node.error("a rate above 1,000,000,000/s", "too large"))) }
}

/// Dollars per month.
pub(super) fn dollars_per_month(node: &Node) -> Read<f64> {
    parsed(node, "dollars per month", "\"$150/month\" (or /day, /h)", |written| text::money(written, Per::Month))
}

/// Dollars per request.
pub(super) fn dollars_per_request(node: &Node) -> Read<f64> {
    let example = "\"$0.005/request\" (or /thousand, /million)";
    parsed(node, "dollars per request", example, |written| text::money(written, Per::Request))
}

/// A whole number in a range; text may name what is counted.
pub(super) fn count(node: &Node, noun: &str, least: u32, most: u32) -> Read<u32> {
    let number = match &node.value {
        Value::Integer(number) => *number,
        Value::Text(_) => {
            let example = format!("a bare whole number, or \"50 {noun}\"");
            parsed(node, "a count", &example, |written| text::count(written, noun))? as i128
        }
        Value::Float(_) => {
            let error = node.error("expected a whole number", "not a whole number");
            return Err(Box::new(error.help(format!("a count of {noun} is a bare whole number"))));
        }
        Value::Bool(_) | Value::List(_) | Value::Table(_) => {
            return Err(Box::new(node.expected("a whole number", "a bare number like 3")));
        }
    };
    if (least as i128..=most as i128).contains(&number) {
        Ok(number as u32)
    } else {
        let label = match number {
            number if number < 0 => "negative",
            number if number < least as i128 => "too small",
            _ => "too large",
        };
        Err(Box::new(node.error(format!("expected {} to {} {noun}", whole(least.into()), whole(most.into())), label)))
    }
}

/// A number of places, or none where there is no limit.
pub(super) fn places(node: &Node) -> Read<Option<u32>> {
    if node.text() == Some("unlimited") { Ok(None) } else { count(node, "places", 0, MOST).map(Some) }
}

/// A finite number, not negative.
pub(super) fn number(node: &Node) -> Read<f64> {
    let number = match &node.value {
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(_) => return parsed(node, "a number", "a bare number like 1.5", text::plain),
        Value::Bool(_) | Value::List(_) | Value::Table(_) => {
            return Err(Box::new(node.expected("a number", "a bare number like 1.5")));
        }
    };
    if number.is_nan() {
        Err(Box::new(node.error("NaN is not a number to work with", "not a number")))
    } else if !(0.0..=1e15).contains(&number) {
        let label = if number < 0.0 { "negative" } else { "too large" };
        Err(Box::new(node.error("expected a number from 0 to 1e15", label)))
    } else {
        Ok(number)
    }
}

/// A finite number greater than 0.
pub(super) fn positive_number(node: &Node) -> Read<f64> {
    match number(node)? {
        0.0 => Err(Box::new(node.error("a number that must be greater than 0", "is 0"))),
        number => Ok(number),
    }
}

/// One of several words.
pub(super) fn choice<T: Copy>(node: &Node, choices: &[(&str, T)]) -> Read<T> {
    let words = || choices.iter().map(|choice| choice.0);
    let Some(written) = node.text() else {
        let words: Vec<String> = words().map(|word| format!("\"{word}\"")).collect();
        return Err(Box::new(node.expected("a word", &words.join(" or "))));
    };
    choices.iter().find(|choice| choice.0 == written).map(|choice| choice.1).ok_or_else(|| {
        let message = format!("\"{written}\" is not one of the words allowed here");
        Box::new(unknown(&node.place, message, written, words(), "allowed"))
    })
}

/// A word of an enum.
pub(super) fn word<T: Worded>(node: &Node) -> Read<T> {
    let choices: Vec<(&str, T)> = T::WORDS.iter().map(|word| (word.word, word.value)).collect();
    choice(node, &choices)
}

/// A list of things.
pub(super) fn list<'a, T>(node: &'a Node, example: &str, read: impl Fn(&'a Node) -> Read<T>) -> Read<Vec<T>> {
    match &node.value {
        Value::List(items) => items.iter().map(read).collect(),
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Table(_) => {
            Err(Box::new(node.expected("a list", example)))
        }
    }
}

/// A name that must be one of those declared elsewhere; returns its number.
pub(super) fn reference<S: AsRef<str>>(node: &Node, what: &str, names: &[S]) -> Read<usize> {
    let written =
        node.text().ok_or_else(|| Box::new(node.expected(&format!("the name of a {what}"), "it in quotes")))?;
    named(node, written, what, names)
}

/// The same for a name inside a value.
pub(super) fn named<S: AsRef<str>>(node: &Node, written: &str, what: &str, names: &[S]) -> Read<usize> {
    names.iter().position(|name| name.as_ref() == written).ok_or_else(|| {
        let message = format!("there is no {what} `{written}`");
        let known = names.iter().map(AsRef::as_ref);
        Box::new(unknown(&node.place, message, written, known, &format!("{what}s here")))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::document::tests::parsed;
    use super::*;

    fn value(text: &str) -> Node {
        parsed(&format!("x = {text}")).child("x").unwrap().clone()
    }

    #[test]
    fn shares_are_percentages_or_numbers_up_to_one() {
        for (text, expected) in [("\"95%\"", 0.95), ("0.5", 0.5), ("1", 1.0), ("0", 0.0)] {
            assert_eq!(share(&value(text)).unwrap(), expected);
        }
        for text in ["\"101%\"", "1.5", "-0.1", "5", "nan", "inf", "\"5s\"", "true", "[1]", "\"0.5\""] {
            assert!(share(&value(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_are_whole_and_in_range() {
        assert_eq!(count(&value("1_000"), "customers", 1, MOST).unwrap(), 1000);
        assert_eq!(count(&value("\"50 customers\""), "customers", 1, MOST).unwrap(), 50);
        for text in ["0", "-1", "1.5", "99999999999999999999", "\"1e30\"", "\"x\"", "1979-05-27"] {
            assert!(count(&value(text), "customers", 1, MOST).is_err(), "{text}");
        }
    }

    #[test]
    fn a_wrong_unit_says_what_was_meant() {
        let error = duration(&value("\"5%\"")).unwrap_err();
        assert_eq!(error.message, "expected a duration, found \"5%\"");
        assert_eq!(error.label, "this is a share, not a duration");
        assert!(duration(&value("250")).unwrap_err().notes[0].contains("quotes"));
    }

    #[test]
    fn words_and_names_suggest_the_nearest() {
        let error = choice(&value("\"fif\""), &[("fifo", 1), ("lifo", 2)]).unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `fifo`?"));
        let error = reference(&value("\"enterprize\""), "tier", &["smb", "enterprise"]).unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `enterprise`?"));
    }
}
