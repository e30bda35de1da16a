//! Rare events: how many cells at once, and how hard to look for them.

use super::document::Node;
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

/// Reads `[run.rare]`.
pub(super) fn rare(keys: &Keys<'_>) -> Option<Rare> {
    let most = values::MOST;
    let error = |node: &Node| match values::positive_share(node)? {
        share if (0.001..=0.5).contains(&share) => Ok(share),
        _ => Err(Box::new(node.error("a relative error outside 0.1 % to 50 %", "write \"5%\""))),
    };
    let cells_down = keys.required("cells_down", "cells_down = 3", |node| values::count(node, "cells", 1, most));
    let histories = keys.or("histories", 200, |node| values::count(node, "histories", FEWEST_ASKED, 1_000_000));
    let error = keys.or("error", 0.05, error);
    let split = keys.or("split", true, values::boolean);
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
