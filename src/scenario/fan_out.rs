//! Fan-out: a stage that asks several destinations at once.

use super::document::Node;
use super::keys::Keys;
use super::values;
use crate::units::Nanos;

/// Whom a fan-out stage asks, and how many answers it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct FanOut {
    /// Destinations, each asked once.
    pub destinations: u32,
    /// Answers without which the stage does not go on; 0: it goes on at once.
    pub needed: u32,
    /// A destination that has not answered after this long is asked a second time.
    pub hedge: Option<Nanos>,
}

/// More destinations than anybody asks at once.
const MOST: u32 = 10_000;

/// Reads the keys of a fan-out stage.
pub(super) fn fan_out(keys: &Keys<'_>) -> Option<FanOut> {
    let destinations = keys.required("to", "to = 100", |node| values::count(node, "destinations", 1, MOST));
    let most = destinations.unwrap_or(MOST);
    let needed = keys.optional("needs", |node| match node.text() {
        Some("all") => Ok(None),
        Some("none") => Ok(Some(0)),
        _ => values::count(node, "answers", 1, most)
            .map(Some)
            .map_err(|error| Box::new(error.help("write \"all\", \"none\", or how many of the destinations"))),
    });
    let hedge = keys.optional("hedge", values::positive_duration);
    let destinations = destinations?;
    Some(FanOut { destinations, needed: needed.flatten().unwrap_or(destinations), hedge })
}

/// Refuses the keys of a fan-out on other stages, unless they are inherited from a more general table.
pub(super) fn none(keys: &Keys<'_>) {
    for key in ["to", "needs", "hedge"] {
        let Some(entry) = keys.entry(key).filter(|_| !keys.is_older(key, "kind")) else { continue };
        let error = entry.key_place.error(format!("`{key}` has no effect here"), "only a fan-out has destinations");
        keys.context.problem(error.help("add `kind = \"fan-out\"`"));
    }
}

/// Reads the number of a destination, from 1.
pub(super) fn destination(node: &Node) -> super::document::Read<u32> {
    values::count(node, "destinations", 1, MOST)
}
