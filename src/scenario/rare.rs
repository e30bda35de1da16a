//! Rare events: how many cells at once, and how hard to look for them.

use super::document::{Node, Read};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Switch, Text, Whole};
use super::grammar::shape::{Kind, Shape};
use super::keys::Keys;
use super::values;

/// What `[run.rare]` asks for.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Rare {
    /// The greatest number of cells down at once that is asked for.
    pub cells_down: u32,
    /// Independent histories, at least.
    pub histories: u32,
    /// Relative standard error to aim at for `cells_down` cells.
    pub error: f64,
    /// Whether histories are split; otherwise they are plain.
    pub split: bool,
}

/// Fewest histories that must contribute to a number that is shown.
pub const FEWEST: u32 = 50;

/// Fewest histories that may be asked for: not all of them contribute.
const FEWEST_ASKED: u32 = 100;

/// Shape of `[run.rare]`.
pub(super) const RARE: Shape =
    Shape::new("rare", "`run.rare`", &[CELLS_DOWN.about(), ERROR.about(), HISTORIES.about(), SPLIT.about()]);

const CELLS_DOWN: Key<u32> = key::count(
    "cells_down",
    ("cells", 1, values::MOST),
    "the greatest number of cells at once that is asked for; from 1 up to it, all are told",
)
.required("cells_down = 3");
const ERROR: Defaulted<f64> = key::by(
    "error",
    Kind::Share,
    error,
    "relative standard error to aim at for that number: 0.1 % to 50 %. What was reached is in `rare.csv`",
)
.or(Text("5%"));
const HISTORIES: Defaulted<u32> = key::count(
    "histories",
    ("histories", FEWEST_ASKED, 1_000_000),
    "independent trials, at least 100; dealt evenly to the replications, rounded up",
)
.or(Whole(200));
const SPLIT: Defaulted<bool> =
    key::switch("split", "`false`: plain trials, to see what they do not show").or(Switch(true));

fn error(node: &Node) -> Read<f64> {
    match values::positive_share(node)? {
        share if (0.001..=0.5).contains(&share) => Ok(share),
        _ => Err(Box::new(node.error("a relative error outside 0.1 % to 50 %", "write \"5%\""))),
    }
}

/// Reads `[run.rare]`.
pub(super) fn rare(keys: &Keys<'_>) -> Option<Rare> {
    let cells_down = keys.read(&CELLS_DOWN);
    let (histories, error, split) = (keys.read(&HISTORIES), keys.read(&ERROR), keys.read(&SPLIT));
    Some(Rare { cells_down: cells_down?, histories, error, split })
}

impl Rare {
    /// Returns how many histories each of so many replications follows.
    ///
    /// # Example
    /// ```
    /// use cellsim::scenario::rare::Rare;
    /// let rare = Rare { cells_down: 3, histories: 200, error: 0.05, split: true };
    /// assert_eq!((rare.of_each(20), rare.of_each(300)), (10, 1));
    /// ```
    pub fn of_each(&self, replications: u32) -> u32 {
        self.histories.div_ceil(replications.max(1))
    }
}
