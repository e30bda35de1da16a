//! Fan-out: a stage that asks several destinations at once.

use super::document::Node;
use super::grammar::key::{self, Key};
use super::grammar::shape::Plain::Text;
use super::grammar::shape::{About, Kind, Shape};
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
pub(super) const MOST: u32 = 10_000;

/// Keys of a fan-out, among those of a stage.
pub(super) const FAN_OUT: Shape = Shape::new("fan-out", "a fan-out", &[TO.about(), &NEEDS, HEDGE.about()]);

const TO: Key<u32> = key::count("to", ("destinations", 1, MOST), "destinations, each asked once").required("to = 100");
const NEEDS: About = About::new(
    "needs",
    Kind::Any(&[Kind::Count("answers", 1, MOST), Kind::Fixed("all"), Kind::Fixed("none")]),
    "answers without which the stage does not go on: how many, or `\"none\"`: it goes on at once. When too few can still come \
     it fails",
)
.or(Text("all"));
const HEDGE: Key<Nanos> = key::positive_duration(
    "hedge",
    "a destination that has not answered after this long is asked a second time; the first answer counts",
)
.without("none");

/// Reads the keys of a fan-out stage.
pub(super) fn fan_out(keys: &Keys<'_>) -> Option<FanOut> {
    let destinations = keys.read(&TO);
    let most = destinations.unwrap_or(MOST);
    let needed = keys.optional(&NEEDS, |node| match node.text() {
        Some("all") => Ok(None),
        Some("none") => Ok(Some(0)),
        _ => values::count(node, "answers", 1, most)
            .map(Some)
            .map_err(|error| Box::new(error.help("write \"all\", \"none\", or how many of the destinations"))),
    });
    let hedge = keys.read(&HEDGE);
    let destinations = destinations?;
    Some(FanOut { destinations, needed: needed.flatten().unwrap_or(destinations), hedge })
}

/// Refuses the keys of a fan-out on other stages, unless they are inherited from a more general table than `kind`.
pub(super) fn none(keys: &Keys<'_>, kind: &About) {
    for key in FAN_OUT.keys() {
        let Some(entry) = keys.entry(key).filter(|_| !keys.is_older(key, kind)) else { continue };
        let error =
            entry.key_place.error(format!("`{}` has no effect here", key.name), "only a fan-out has destinations");
        keys.context.problem(error.help("add `kind = \"fan-out\"`"));
    }
}

/// Reads the number of a destination, from 1.
pub(super) fn destination(node: &Node) -> super::document::Read<u32> {
    values::count(node, "destinations", 1, MOST)
}
