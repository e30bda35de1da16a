//! Levels, as a scenario writes them.

pub use crate::catalogue::Level;

use super::grammar::words::{Word, Worded};

impl Worded for Level {
    const WORDS: &'static [Word<Level>] = &[
        Word { word: "request", value: Level::Request, sentence: " Every request is an event: minutes to days." },
        Word {
            word: "incident",
            value: Level::Incident,
            sentence: " Traffic flows between operations events: months to millennia.",
        },
    ];
}
