//! Waves: a bad release reaches cells step by step until somebody notices.

use super::document::{Node, Read, Value};
use super::fault::{Clock, Schedule, ScopeKind, Strikes};
use super::keys::Keys;
use super::law::law;
use super::values;
use crate::engine::law::Law;
use crate::units::Nanos;

/// How a fault spreads over the cells that it strikes.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Waves {
    /// Cells reached by the end of each wave, increasing; the last wave reaches all.
    pub sizes: Vec<WaveSize>,
    /// From the beginning of one wave to that of the next.
    pub bake: Nanos,
    /// Probability that a wave is noticed; the last one always is.
    pub caught: f64,
    /// How long after its wave began it is noticed.
    pub after: Law,
    /// Tiers whose cells come first (indices), in this order; the others follow. Within a tier the order is drawn.
    pub first: Vec<usize>,
}

/// How many cells have been reached by the end of a wave.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum WaveSize {
    /// So many.
    Cells(u32),
    /// This share, rounded up.
    Share(f64),
}

impl WaveSize {
    /// Returns the number of cells out of `all`: at least 1.
    pub fn of(self, all: usize) -> usize {
        match self {
            WaveSize::Cells(cells) => (cells as usize).clamp(1, all),
            WaveSize::Share(share) => ((share * all as f64 - 1e-9).ceil() as usize).clamp(1, all),
        }
    }
}

/// Reads `waves` of a fault; `None` if there is none, or if it cannot be.
pub(super) fn waves(keys: &Keys<'_>, tiers: &[&str], strikes: &Strikes, schedule: &Schedule) -> Option<Waves> {
    let node = keys.get("waves")?;
    let one_clock = matches!(schedule, Schedule::Random { clock: Clock::OneOf(ScopeKind::Platform), .. });
    if !one_clock || !matches!(strikes, Strikes::Cells(_)) {
        let error = node.error("waves go over cells, from one random clock", "this fault has none");
        keys.context.problem(error.help("give it mtbf and mttr, with one_of = \"platform\", and let it strike cells"));
        return None;
    }
    keys.context.table(node, "`waves`", |keys| read(keys, tiers)).flatten()
}

fn read(keys: &Keys<'_>, tiers: &[&str]) -> Option<Waves> {
    let example = "sizes = [\"1 cell\", \"10%\", \"100%\"]";
    let sizes = keys.required("sizes", example, |node| sizes(node, example));
    let bake = keys.required("bake", "bake = \"1h\"", values::positive_duration);
    let caught = keys.or("caught", 0.5, values::share);
    if keys.get("after").is_none() {
        keys.missing("after", "after = { p50 = \"10min\", p95 = \"40min\" }");
    }
    let after = keys.get("after").and_then(|node| law(keys.context, node));
    let tier = |node: &Node| values::reference(node, "tier", tiers);
    let first = keys.or("first", Vec::new(), |node| values::list(node, "[\"smb\"]", tier));
    Some(Waves { sizes: sizes?, bake: bake?, caught, after: after?, first })
}

fn sizes(node: &Node, example: &str) -> Read<Vec<WaveSize>> {
    let size = |node: &Node| match &node.value {
        Value::Text(text) if text.contains('%') => values::share(node).map(WaveSize::Share),
        _ => values::count(node, "cells", 1, values::MOST).map(WaveSize::Cells),
    };
    let sizes = values::list(node, example, size)?;
    let grows = |pair: &[WaveSize]| match (pair[0], pair[1]) {
        (WaveSize::Cells(a), WaveSize::Cells(b)) => a < b,
        (WaveSize::Share(a), WaveSize::Share(b)) => a < b,
        (WaveSize::Cells(_), WaveSize::Share(_)) => true,
        (WaveSize::Share(_), WaveSize::Cells(_)) => false,
    };
    if sizes.is_empty() || !sizes.windows(2).all(grows) || sizes.last() != Some(&WaveSize::Share(1.0)) {
        let error = node.error("waves grow until they reach every cell", "they do not");
        return Err(Box::new(error.help(format!("write {example}: cells first, then shares, the last one 100%"))));
    }
    Ok(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(WaveSize::Share(0.1).of(59), 6);
        assert_eq!(WaveSize::Share(0.1).of(60), 6);
        assert_eq!((WaveSize::Cells(100).of(59), WaveSize::Share(0.001).of(59)), (59, 1));
    }
}
