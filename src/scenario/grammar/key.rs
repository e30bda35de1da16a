//! Keys with a type: what a reader asks for, and how its value is read.

use super::shape::{About, Absent, Kind, Plain, Refusal};
use super::words::{Worded, listed};
use crate::catalogue::Level;
use crate::scenario::context::Context;
use crate::scenario::document::{Node, Place, Read, Value};
use crate::scenario::values;
use crate::units::Nanos;

/// How a value is read.
enum Reader<T> {
    /// By itself.
    Plain(fn(&Node) -> Read<T>),
    /// Within the range that its kind has.
    Ranged(fn(&Node, &str, u32, u32) -> Read<T>),
    /// By one who needs what all readers share, and reports what is wrong.
    Shared(fn(&Context, &Node) -> Option<T>),
}

impl<T> Clone for Reader<T> {
    fn clone(&self) -> Reader<T> {
        *self
    }
}

impl<T> Copy for Reader<T> {}

/// A key that may be missing: its reader gets an option.
pub(in crate::scenario) struct Key<T: 'static> {
    about: About,
    read: Reader<T>,
}

/// A key that has a value where it is missing: its reader always gets one.
pub(in crate::scenario) struct Defaulted<T: 'static> {
    about: About,
    read: Reader<T>,
}

impl<T> std::ops::Deref for Key<T> {
    type Target = About;
    fn deref(&self) -> &About {
        &self.about
    }
}

impl<T> std::ops::Deref for Defaulted<T> {
    type Target = About;
    fn deref(&self) -> &About {
        &self.about
    }
}

impl<T> Key<T> {
    const fn new(name: &'static str, kind: Kind, read: Reader<T>, sentence: &'static str) -> Key<T> {
        Key { about: About::new(name, kind, sentence), read }
    }

    /// Returns what it is, for its table's shape.
    pub(in crate::scenario) const fn about(&self) -> &About {
        &self.about
    }

    /// Must be written: an example.
    pub(in crate::scenario) const fn required(self, example: &'static str) -> Key<T> {
        Key { about: self.about.required(example), read: self.read }
    }

    /// Must be written where these words say so: an example.
    pub(in crate::scenario) const fn required_if(self, words: &'static str, example: &'static str) -> Key<T> {
        Key { about: self.about.required_if(words, example), read: self.read }
    }

    /// What holds where it is missing, in words.
    pub(in crate::scenario) const fn without(self, words: &'static str) -> Key<T> {
        Key { about: self.about.without(words), read: self.read }
    }

    /// What holds where it is missing.
    pub(in crate::scenario) const fn or(self, value: Plain) -> Defaulted<T> {
        Defaulted { about: self.about.or(value), read: self.read }
    }

    /// Known to one level only.
    pub(in crate::scenario) const fn only(self, level: Level, refusal: Refusal) -> Key<T> {
        Key { about: self.about.only(level, refusal), read: self.read }
    }

    /// What the incident level says to some of its values.
    pub(in crate::scenario) const fn not_all(self, refusal: Refusal) -> Key<T> {
        Key { about: self.about.not_all(refusal), read: self.read }
    }
}

impl<T> Defaulted<T> {
    /// Returns what it is, for its table's shape.
    pub(in crate::scenario) const fn about(&self) -> &About {
        &self.about
    }
}

impl<T> Reader<T> {
    fn read(self, context: &Context, about: &About, node: &Node) -> Option<T> {
        match (self, about.kind) {
            (Reader::Plain(read), _) => context.keep(read(node)),
            (Reader::Ranged(read), Kind::Count(noun, least, most)) => context.keep(read(node, noun, least, most)),
            (Reader::Ranged(read), _) => context.keep(read(node, about.name, 0, u32::MAX)),
            (Reader::Shared(read), _) => read(context, node),
        }
    }
}

/// What a reader may ask a table for.
pub(in crate::scenario) trait Ask {
    /// What it gets.
    type Answer;
    /// What the key is.
    fn asked(&self) -> &About;
    /// Reads what is written, or what holds without it.
    fn answer(&self, context: &Context, written: Option<&Node>, place: &Place) -> Self::Answer;
}

impl<T> Ask for Key<T> {
    type Answer = Option<T>;
    fn asked(&self) -> &About {
        &self.about
    }
    fn answer(&self, context: &Context, written: Option<&Node>, _: &Place) -> Option<T> {
        written.and_then(|node| self.read.read(context, &self.about, node))
    }
}

impl<T> Ask for Defaulted<T> {
    type Answer = T;
    fn asked(&self) -> &About {
        &self.about
    }
    fn answer(&self, context: &Context, written: Option<&Node>, place: &Place) -> T {
        // After a problem the default stands in, and nothing is run.
        written.and_then(|node| self.read.read(context, &self.about, node)).unwrap_or_else(|| {
            let node = Node { value: self.about.absent.value(), place: place.clone(), rank: 0 };
            let value = self.read.read(context, &self.about, &node);
            // A constant of the program, not of its input; a test reads them all.
            value.unwrap_or_else(|| panic!("the default of `{}` cannot be read", self.about.name))
        })
    }
}

impl Absent {
    /// Returns the value that holds where a key is missing, as if a file said so.
    pub(in crate::scenario) fn value(&self) -> Value {
        match self {
            Absent::Value(Plain::Text(text)) => Value::Text((*text).to_owned()),
            Absent::Value(Plain::Whole(number)) => Value::Integer(i128::from(*number)),
            Absent::Value(Plain::Switch(value)) => Value::Bool(*value),
            Absent::Value(Plain::Empty)
            | Absent::Required(_)
            | Absent::RequiredIf(..)
            | Absent::Words(_)
            | Absent::Nothing => Value::List(Vec::new()),
        }
    }
}

/// Any text.
pub(in crate::scenario) const fn text(name: &'static str, sentence: &'static str) -> Key<String> {
    Key::new(name, Kind::Text, Reader::Plain(values::text), sentence)
}

/// true or false.
pub(in crate::scenario) const fn switch(name: &'static str, sentence: &'static str) -> Key<bool> {
    Key::new(name, Kind::Switch, Reader::Plain(values::boolean), sentence)
}

/// A duration, maybe 0.
pub(in crate::scenario) const fn duration(name: &'static str, sentence: &'static str) -> Key<Nanos> {
    Key::new(name, Kind::Duration, Reader::Plain(values::duration), sentence)
}

/// A duration that is not 0.
pub(in crate::scenario) const fn positive_duration(name: &'static str, sentence: &'static str) -> Key<Nanos> {
    Key::new(name, Kind::Duration, Reader::Plain(values::positive_duration), sentence)
}

/// A share.
pub(in crate::scenario) const fn share(name: &'static str, sentence: &'static str) -> Key<f64> {
    Key::new(name, Kind::Share, Reader::Plain(values::share), sentence)
}

/// A share that is not 0.
pub(in crate::scenario) const fn positive_share(name: &'static str, sentence: &'static str) -> Key<f64> {
    Key::new(name, Kind::Share, Reader::Plain(values::positive_share), sentence)
}

/// A number, not negative.
pub(in crate::scenario) const fn number(name: &'static str, sentence: &'static str) -> Key<f64> {
    Key::new(name, Kind::Number, Reader::Plain(values::number), sentence)
}

/// A number greater than 0.
pub(in crate::scenario) const fn positive_number(name: &'static str, sentence: &'static str) -> Key<f64> {
    Key::new(name, Kind::Number, Reader::Plain(values::positive_number), sentence)
}

/// A number per unit of time.
pub(in crate::scenario) const fn rate(name: &'static str, sentence: &'static str) -> Key<f64> {
    Key::new(name, Kind::Rate, Reader::Plain(values::rate), sentence)
}

/// Dollars per month.
pub(in crate::scenario) const fn dollars_per_month(name: &'static str, sentence: &'static str) -> Key<f64> {
    Key::new(name, Kind::DollarsPerMonth, Reader::Plain(values::dollars_per_month), sentence)
}

/// Dollars per request.
pub(in crate::scenario) const fn dollars_per_request(name: &'static str, sentence: &'static str) -> Key<f64> {
    Key::new(name, Kind::DollarsPerRequest, Reader::Plain(values::dollars_per_request), sentence)
}

/// A whole number of things, within a range.
pub(in crate::scenario) const fn count(
    name: &'static str,
    (noun, least, most): (&'static str, u32, u32),
    sentence: &'static str,
) -> Key<u32> {
    Key::new(name, Kind::Count(noun, least, most), Reader::Ranged(values::count), sentence)
}

/// A word of an enum.
pub(in crate::scenario) const fn word<T: Worded>(name: &'static str, sentence: &'static str) -> Key<T> {
    Key::new(name, Kind::Word(listed::<T>), Reader::Plain(values::word::<T>), sentence)
}

/// A value that has a reader of its own.
pub(in crate::scenario) const fn by<T>(
    name: &'static str,
    kind: Kind,
    read: fn(&Node) -> Read<T>,
    sentence: &'static str,
) -> Key<T> {
    Key::new(name, kind, Reader::Plain(read), sentence)
}

/// A value whose reader reports what is wrong.
pub(in crate::scenario) const fn shared<T>(
    name: &'static str,
    kind: Kind,
    read: fn(&Context, &Node) -> Option<T>,
    sentence: &'static str,
) -> Key<T> {
    Key::new(name, kind, Reader::Shared(read), sentence)
}
