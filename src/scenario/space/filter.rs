//! What of the points is left: `[[where]]`.

use super::lever::Lever;
use super::quantity::{self, Dimension};
use super::values;
use crate::scenario::document::{Node, Place, Read};
use crate::scenario::unknown::unknown;

/// A condition on points.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    lever: usize,
    is: Is,
    with: With,
}

/// How two values are to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    AtMost,
    AtLeast,
    Not,
}

/// What a value is compared with.
#[derive(Debug, Clone)]
enum With {
    Lever(usize),
    Value(String, Option<(Dimension, f64)>),
}

/// A condition as somebody wrote it.
#[derive(Debug)]
pub(super) struct Written {
    /// The lever, and where it is named.
    pub(super) lever: (String, Place),
    /// The condition and what it compares with.
    pub(super) is: Is,
    /// A value, or a lever by its table ("lever.mid-cell").
    pub(super) with: Node,
}

impl Filter {
    /// Resolves a condition against the levers.
    pub(super) fn of(written: &Written, levers: &[Lever]) -> Read<Filter> {
        let find = |name: &str, place: &Place| {
            levers.iter().position(|lever| lever.name == name).ok_or_else(|| {
                let known = levers.iter().map(|lever| lever.name.as_str());
                Box::new(unknown(place, format!("there is no lever `{name}`"), name, known, "levers"))
            })
        };
        let lever = find(&written.lever.0, &written.lever.1)?;
        let node = &written.with;
        let with = match node.text().and_then(|text| text.strip_prefix("lever.")) {
            Some(name) => With::Lever(find(name, &node.place)?),
            None => With::Value(values::shown(node), quantity::of(node)),
        };
        let filter = Filter { lever, is: written.is, with };
        // What cannot be compared once cannot be compared at all.
        for choice in &levers[lever].choices {
            let other = match &filter.with {
                With::Lever(other) => levers[*other].choices.first().and_then(|choice| choice.measured),
                With::Value(_, quantity) => *quantity,
            };
            let alike = matches!((choice.measured, other), (Some(one), Some(other)) if one.0 == other.0);
            if written.is != Is::Not && !alike {
                let message = format!("{} of lever `{}` cannot be compared with this", choice.text, levers[lever].name);
                let help = "both must be numbers, durations, shares, rates, or money";
                return Err(Box::new(node.error(message, "of another kind").help(help)));
            }
        }
        Ok(filter)
    }

    /// Returns whether a point is left.
    pub(super) fn keeps(&self, levers: &[Lever], choices: &[Option<usize>]) -> bool {
        let quantity = |lever: usize| match choices[lever] {
            Some(choice) => levers[lever].choices[choice].measured,
            None => levers[lever].base,
        };
        let (other_text, other) = match &self.with {
            With::Lever(other) => (levers[*other].shown(choices[*other]), quantity(*other)),
            With::Value(text, quantity) => (text.as_str(), *quantity),
        };
        let own = quantity(self.lever);
        match (self.is, own, other) {
            (Is::AtMost, Some(own), Some(other)) => own.1 <= other.1,
            (Is::AtLeast, Some(own), Some(other)) => own.1 >= other.1,
            (Is::Not, Some(own), Some(other)) => own != other,
            (Is::Not, _, _) => levers[self.lever].shown(choices[self.lever]) != other_text,
            // What the scenario itself says there is nothing to compare.
            _ => true,
        }
    }
}
