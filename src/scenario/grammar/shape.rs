//! Shapes: the keys of a table as data. What a key is, and what its value may be.

use crate::catalogue::Level;

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) enum Kind {
    /// Any text.
    Text,
    /// Text in a form of its own, as in this example.
    Written(&'static str),
    /// The path of a CSV file.
    File,
    /// true or false.
    Switch,
    /// A duration, maybe 0.
    Duration,
    /// A share of something.
    Share,
    /// A number per unit of time.
    Rate,
    /// Dollars per month.
    DollarsPerMonth,
    /// Dollars per request.
    DollarsPerRequest,
    /// A finite number, not negative.
    Number,
    /// A whole number, however large.
    Whole,
    /// A whole number, of what, and its range.
    Count(&'static str, u32, u32),
    /// One word of an enum: all of them, each with what it means.
    Word(fn() -> Vec<(&'static str, &'static str)>),
    /// This word.
    Fixed(&'static str),
    /// The name of one of these: a tier, a workflow, ...
    Name(&'static str),
    /// A list of these.
    List(&'static Kind),
    /// A table.
    Table(&'static Shape),
    /// Any value.
    Anything,
    /// One of these.
    Any(&'static [Kind]),
}

/// A value as it stands in a file.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) enum Plain {
    /// Text in quotes.
    Text(&'static str),
    /// A bare whole number.
    Whole(u32),
    /// true or false.
    Switch(bool),
    /// A list of nothing.
    Empty,
}

/// What holds where a key is not written.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) enum Absent {
    /// It must be written: an example.
    Required(&'static str),
    /// It must be written where these words say so: an example.
    RequiredIf(&'static str, &'static str),
    /// This value.
    Value(Plain),
    /// What these words say.
    Words(&'static str),
    /// Nothing to speak of.
    Nothing,
}

/// What is said where a level has no use for a key.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct Refusal {
    /// What is wrong.
    pub(in crate::scenario) message: &'static str,
    /// Beside the key.
    pub(in crate::scenario) label: &'static str,
    /// What to do.
    pub(in crate::scenario) help: &'static str,
}

/// What to do with what only the request level knows.
pub(in crate::scenario) const REQUEST_LEVEL: &str = "leave it to a run with level = \"request\"";

/// A key.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct About {
    /// As it is written.
    pub(in crate::scenario) name: &'static str,
    /// What its value may be.
    pub(in crate::scenario) kind: Kind,
    /// What holds without it.
    pub(in crate::scenario) absent: Absent,
    /// The only level that knows it; `None`: both do.
    pub(in crate::scenario) level: Option<Level>,
    /// What the other level says, or one that knows only some of its values.
    pub(in crate::scenario) refusal: Option<Refusal>,
    /// Whether its table is laid over others, or its entries exclude each other, so that each entry counts by itself.
    pub(in crate::scenario) is_layered: bool,
    /// What it means; empty if the keys in its table say it all.
    pub(in crate::scenario) sentence: &'static str,
}

/// The keys of a table.
#[derive(Debug)]
pub(in crate::scenario) struct Shape {
    /// Its name in documents: "run", "backoff".
    pub(in crate::scenario) name: &'static str,
    /// What messages call it: "`run`".
    pub(in crate::scenario) what: &'static str,
    /// Keys that it shares with another one.
    pub(in crate::scenario) base: Option<&'static Shape>,
    /// Its own keys.
    pub(in crate::scenario) own: &'static [&'static About],
    /// What all other keys are, if there may be others.
    pub(in crate::scenario) others: Option<Others>,
}

/// Keys of a table that are not known beforehand.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct Others {
    /// What they stand for in a path: "NAME".
    pub(in crate::scenario) called: &'static str,
    /// What they look like (a regular expression).
    pub(in crate::scenario) pattern: &'static str,
    /// What their values may be.
    pub(in crate::scenario) kind: Kind,
}

impl Others {
    /// Returns the entries of a table whose keys are names.
    pub(in crate::scenario) const fn names(called: &'static str, kind: Kind) -> Others {
        Others { called, pattern: "^[A-Za-z0-9_-]+$", kind }
    }
}

impl About {
    /// Returns a key that may be missing.
    pub(in crate::scenario) const fn new(name: &'static str, kind: Kind, sentence: &'static str) -> About {
        About { name, kind, absent: Absent::Nothing, level: None, refusal: None, is_layered: false, sentence }
    }

    /// Must be written: an example.
    pub(in crate::scenario) const fn required(mut self, example: &'static str) -> About {
        self.absent = Absent::Required(example);
        self
    }

    /// Must be written where these words say so: an example.
    pub(in crate::scenario) const fn required_if(mut self, words: &'static str, example: &'static str) -> About {
        self.absent = Absent::RequiredIf(words, example);
        self
    }

    /// What holds where it is missing, in words.
    pub(in crate::scenario) const fn without(mut self, words: &'static str) -> About {
        self.absent = Absent::Words(words);
        self
    }

    /// What holds where it is missing, as one would write it; its reader does the same.
    pub(in crate::scenario) const fn or(mut self, value: Plain) -> About {
        self.absent = Absent::Value(value);
        self
    }

    /// Known to one level only: what the other one says.
    pub(in crate::scenario) const fn only(mut self, level: Level, refusal: Refusal) -> About {
        self.level = Some(level);
        self.refusal = Some(refusal);
        self
    }

    /// What the incident level says to some of its values.
    pub(in crate::scenario) const fn not_all(mut self, refusal: Refusal) -> About {
        self.refusal = Some(refusal);
        self
    }

    /// Has entries of its own where tables are laid over each other: not met whole.
    pub(in crate::scenario) const fn layered(mut self) -> About {
        self.is_layered = true;
        self
    }

    /// Whether it is this key, of two in one table.
    pub(in crate::scenario) fn is(&self, other: &About) -> bool {
        self.name == other.name
    }

    /// Returns the shape of its table, if it may be a table, or a list of tables.
    pub(in crate::scenario) fn table(&self) -> Option<&'static Shape> {
        self.kind.table()
    }
}

impl Kind {
    /// Returns the shape of its table, if it may be a table, or a list of tables.
    pub(in crate::scenario) fn table(&self) -> Option<&'static Shape> {
        match self {
            Kind::Table(shape) => Some(shape),
            Kind::List(inner) => inner.table(),
            Kind::Any(kinds) => kinds.iter().find_map(Kind::table),
            _ => None,
        }
    }
}

impl Shape {
    /// Returns a table of these keys.
    pub(in crate::scenario) const fn new(
        name: &'static str,
        what: &'static str,
        own: &'static [&'static About],
    ) -> Shape {
        Shape { name, what, base: None, own, others: None }
    }

    /// Returns a table whose keys are names, all of one kind.
    pub(in crate::scenario) const fn of_names(name: &'static str, called: &'static str, kind: Kind) -> Shape {
        Shape { name, what: name, base: None, own: &[], others: Some(Others::names(called, kind)) }
    }

    /// Returns all keys, shared ones last.
    pub(in crate::scenario) fn keys(&self) -> impl Iterator<Item = &'static About> + Clone {
        let shared = self.base.map_or(&[][..], |base| base.own);
        self.own.iter().chain(shared).copied()
    }

    /// Returns the key of this name.
    pub(in crate::scenario) fn key(&self, name: &str) -> Option<&'static About> {
        self.keys().find(|key| key.name == name)
    }
}
