//! Reading `waves` of a fault.

use super::document::{Node, Read, Value};
use super::fault::{Clock, Schedule, ScopeKind, Strikes};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Empty, Text};
use super::grammar::shape::{About, Kind, Shape};
use super::keys::Keys;
use super::waves::{WaveSize, Waves};
use super::{law, values};
use crate::engine::law::Law;
use crate::units::Nanos;

/// Cells reached step by step.
pub(super) const WAVES: About = About::new(
    "waves",
    Kind::Table(&WAVES_SHAPE),
    "random: it reaches its cells step by step until somebody notices: [waves](#waves)",
)
.without("all at once");

const WAVES_SHAPE: Shape =
    Shape::new("waves", "`waves`", &[SIZES.about(), BAKE.about(), CAUGHT.about(), AFTER.about(), &FIRST]);
const EXAMPLE: &str = "sizes = [\"1 cell\", \"10%\", \"100%\"]";
const SIZES: Key<Vec<WaveSize>> = key::by(
    "sizes",
    Kind::List(&Kind::Any(&[Kind::Count("cells", 1, values::MOST), Kind::Share])),
    sizes,
    "cells reached by the end of each wave: counts first, then shares, the last one `\"100%\"`",
)
.required(EXAMPLE);
const BAKE: Key<Nanos> =
    key::positive_duration("bake", "from the beginning of a wave to that of the next").required("bake = \"1h\"");
const CAUGHT: Defaulted<f64> =
    key::share("caught", "probability that a wave is noticed; the last one always is. After a notice no wave begins")
        .or(Text("50%"));
const AFTER: Key<Law> =
    key::shared("after", law::LAW, law::law, "distribution: how long after its wave began it is noticed")
        .required("after = { p50 = \"10min\", p95 = \"40min\" }");
const FIRST: About = About::new(
    "first",
    Kind::List(&Kind::Name("tier")),
    "tiers whose cells come first, in this order: `[\"smb\"]`; within a tier the order is drawn",
)
.or(Empty);

/// Reads `waves` of a fault; `None` if there is none, or if it cannot be.
pub(super) fn waves(keys: &Keys<'_>, tiers: &[&str], strikes: &Strikes, schedule: &Schedule) -> Option<Waves> {
    let node = keys.get(&WAVES)?;
    let one_clock = matches!(schedule, Schedule::Random { clock: Clock::OneOf(ScopeKind::Platform), .. });
    if !one_clock || !matches!(strikes, Strikes::Cells(_)) {
        let (why, help) = match schedule {
            Schedule::Random { .. } if one_clock => {
                ("this fault strikes none", "let it strike cells, with all in them")
            }
            Schedule::Random { .. } => ("this fault has another", "give it one_of = \"platform\""),
            _ => ("this fault has none", "give it mtbf and mttr, with one_of = \"platform\", and let it strike cells"),
        };
        keys.context.problem(node.error("waves go over cells, from one random clock", why).help(help));
        return None;
    }
    keys.table(&WAVES, |keys| read(keys, tiers)).flatten()
}

fn read(keys: &Keys<'_>, tiers: &[&str]) -> Option<Waves> {
    let (sizes, bake, caught, after) = (keys.read(&SIZES), keys.read(&BAKE), keys.read(&CAUGHT), keys.read(&AFTER));
    let tier = |node: &Node| values::reference(node, "tier", tiers);
    let first = keys.or(&FIRST, Vec::new(), |node| values::list(node, "[\"smb\"]", tier));
    Some(Waves { sizes: sizes?, bake: bake?, caught, after: after?, first })
}

fn sizes(node: &Node) -> Read<Vec<WaveSize>> {
    let size = |node: &Node| match &node.value {
        Value::Text(text) if text.contains('%') => values::share(node).map(WaveSize::Share),
        _ => values::count(node, "cells", 1, values::MOST).map(WaveSize::Cells),
    };
    let sizes = values::list(node, EXAMPLE, size)?;
    let grows = |pair: &[WaveSize]| match (pair[0], pair[1]) {
        (WaveSize::Cells(a), WaveSize::Cells(b)) => a < b,
        (WaveSize::Share(a), WaveSize::Share(b)) => a < b,
        (WaveSize::Cells(_), WaveSize::Share(_)) => true,
        (WaveSize::Share(_), WaveSize::Cells(_)) => false,
    };
    if sizes.is_empty() || !sizes.windows(2).all(grows) || sizes.last() != Some(&WaveSize::Share(1.0)) {
        let error = node.error("waves grow until they reach every cell", "they do not");
        return Err(Box::new(error.help(format!("write {EXAMPLE}: cells first, then shares, the last one 100%"))));
    }
    Ok(sizes)
}
