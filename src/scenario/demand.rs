//! Demand: how much, by whom, when.

use super::context::Context;
use super::document::{Node, Read, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::Text;
use super::grammar::shape::{About, Kind, REQUEST_LEVEL, Refusal, Shape};
use super::keys::Keys;
use super::unknown::unknown;
use super::values;
use crate::units::Nanos;

/// Where a class's requests come from.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Demand {
    /// Mean requests per second of an adopting customer; Poisson arrivals.
    Rate(f64),
    /// Only those of the recorded trace.
    Trace,
}

/// How the requests of a class follow each other, at the same mean rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArrivalProcess {
    /// Each at an instant of its own: a Poisson process.
    Poisson,
    /// So many at the same instant; the batches are a Poisson process.
    Batch(u32),
}

impl ArrivalProcess {
    /// Returns how many requests arrive at an instant.
    pub fn batch(self) -> u32 {
        match self {
            ArrivalProcess::Poisson => 1,
            ArrivalProcess::Batch(size) => size,
        }
    }
}

/// How demand differs between the adopting customers; weights are scaled to the given mean.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Skew {
    /// All alike.
    Equal,
    /// The customer of rank k has weight k^-s.
    Zipf(f64),
    /// Weights at the quantiles (k - 1/2)/n of a Pareto law with this tail index.
    Pareto(f64),
    /// Shares by rank; the last one holds for all further ranks.
    List(Vec<f64>),
}

/// How demand changes over time: a multiplier that is constant between steps.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Profile {
    /// (start in nanoseconds from the end of the warm-up, multiplier), increasing from 0; before 0 (the warm-up) a repeating profile
    /// runs backwards in time as it repeats, any other has its first multiplier.
    pub steps: Vec<(Nanos, f64)>,
    /// Repeats after this long; without it the last multiplier stays.
    pub period: Option<Nanos>,
}

impl Profile {
    /// The profile of constant demand.
    pub fn constant() -> Profile {
        Profile { steps: vec![(0, 1.0)], period: None }
    }

    /// Returns the multiplier at an instant from time 0 on.
    pub fn at(&self, at: Nanos) -> f64 {
        let at = self.period.map_or(at, |period| at % period);
        self.steps[self.steps.partition_point(|step| step.0 <= at).max(1) - 1].1
    }

    /// Returns the profile from a later instant on, which becomes time 0.
    #[must_use]
    pub(super) fn from(&self, start: Nanos) -> Profile {
        let later = |at: Nanos| match self.period {
            Some(period) => Some((at + period - start % period) % period),
            None => at.checked_sub(start),
        };
        let step = |&(at, factor): &(Nanos, f64)| Some((later(at)?, factor)).filter(|step| step.0 > 0);
        let mut steps: Vec<_> = self.steps.iter().filter_map(step).collect();
        steps.push((0, self.at(start)));
        steps.sort_by_key(|step| step.0);
        Profile { steps, period: self.period }
    }

    /// Returns the mean multiplier over the last `span` nanoseconds before an instant, counted from time 0 and not negative spans;
    /// before time 0 a profile without a period is as at time 0.
    pub fn mean_before(&self, at: f64, span: f64) -> f64 {
        (self.sum_until(at) - self.sum_until(at - span)) / span
    }

    /// The integral of the multiplier from time 0 to an instant; negative before it.
    fn sum_until(&self, at: f64) -> f64 {
        let within = |until: f64| {
            let ends = self.steps.iter().skip(1).map(|step| step.0 as f64).chain([f64::INFINITY]);
            let part = |((from, factor), end): (&(Nanos, f64), f64)| factor * (until.min(end) - *from as f64).max(0.0);
            self.steps.iter().zip(ends).map(part).sum::<f64>()
        };
        match self.period {
            Some(period) => {
                let cycles = (at / period as f64).floor();
                cycles * within(period as f64) + within(at - cycles * period as f64)
            }
            None if at < 0.0 => at * self.steps[0].1,
            None => within(at),
        }
    }

    /// Returns the greatest multiplier.
    pub fn peak(&self) -> f64 {
        self.steps.iter().map(|step| step.1).fold(0.0, f64::max)
    }
}

/// One recorded request.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct TraceRow {
    /// When, from the end of the warm-up.
    pub at: Nanos,
    /// Workflow index.
    pub workflow: usize,
    /// Tier index.
    pub tier: usize,
    /// Customer number within the tier, from 0; `None`: drawn by the class's skew.
    pub customer: Option<u32>,
}

/// A class's demand.
pub(super) const DEMAND: About = About::new(
    "demand",
    Kind::Any(&[Kind::Rate, Kind::Fixed("trace"), Kind::Table(&DEMAND_BY_TIER)]),
    "mean rate of an adopting customer: `\"5/s\"` for all tiers, or `{ enterprise = \"12/s\", smb = \"0.1/s\" }`: tiers not named \
     do not use it. `\"trace\"`: only the requests of [trace](#trace)",
)
.required("demand = \"5/s\", or demand = { enterprise = \"12/s\" }")
.not_all(Refusal {
    message: "the incident level knows flows, not single requests",
    label: "recorded",
    help: REQUEST_LEVEL,
});
const DEMAND_BY_TIER: Shape = Shape::of_names("demand by tier", "TIER", Kind::Any(&[Kind::Rate, Kind::Fixed("trace")]));

/// Share of customers that use a workflow.
pub(super) const ADOPTION: About = About::new(
    "adoption",
    Kind::Any(&[Kind::Share, Kind::Table(&ADOPTION_BY_TIER)]),
    "share of each tier's customers that use it; also `{ smb = \"40%\" }`",
)
.or(Text("100%"));
const ADOPTION_BY_TIER: Shape = Shape::of_names("adoption by tier", "TIER", Kind::Share);

/// How requests follow each other.
pub(super) const ARRIVALS: Defaulted<ArrivalProcess> = key::shared(
    "arrivals",
    Kind::Any(&[Kind::Fixed("poisson"), Kind::Table(&BATCHES)]),
    arrivals,
    "how requests follow each other, at the same mean rate: `{ batch = 50 }`: 50 at the same instant, the batches being a \
     Poisson process; not with `demand = \"trace\"`",
)
.not_all(Refusal {
    message: "the incident level knows requests that come one by one",
    label: "come in batches",
    help: "write arrivals = \"poisson\"",
})
.or(Text("poisson"));
const BATCHES: Shape = Shape::new("arrivals", "`arrivals`", &[BATCH.about()]);
const BATCH: Key<u32> =
    key::count("batch", ("requests", 1, 1_000_000), "so many at the same instant").required("batch = 50");

/// How demand differs between customers.
pub(super) const SKEW: Defaulted<Skew> = key::shared(
    "skew",
    Kind::Any(&[Kind::Fixed("equal"), Kind::Table(&SKEWS)]),
    skew,
    "how demand differs between customers, at the same mean: `{ zipf = 1.0 }`, `{ pareto = 1.2 }`, `{ list = [5, 3, 1] }`",
)
.or(Text("equal"));
const SKEWS: Shape = Shape::new("skew", "`skew`", &[ZIPF.about(), PARETO.about(), LIST.about()]);
const ZIPF: Key<f64> =
    key::by("zipf", Kind::Number, exponent, "the customer of rank k has weight k to the power of minus this")
        .required_if("this, `pareto` or `list`", "zipf = 1.0");
const PARETO: Key<f64> =
    key::by("pareto", Kind::Number, tail_index, "weights as of a Pareto law with this tail index, above 1");
const LIST: Key<Vec<f64>> = key::by(
    "list",
    Kind::List(&Kind::Any(&[Kind::Number, Kind::Share])),
    shares,
    "weight of each rank, the last one for all others",
);

/// Reads a class's demand: one for all tiers, or one for each; `None` where the tier is not named.
pub(super) fn demand(context: &Context, node: &Node, tiers: &[String], tier: &str) -> Option<Demand> {
    let node = of_tier(context, node, tiers, tier)?;
    context.keep(one_demand(node))
}

fn one_demand(node: &Node) -> Read<Demand> {
    if node.text() == Some("trace") {
        return Ok(Demand::Trace);
    }
    values::rate(node).map(Demand::Rate)
}

/// Of a value that may differ between tiers, returns the tier's; `None` where the tier is not named.
pub(super) fn of_tier<'a>(context: &Context, node: &'a Node, tiers: &[String], tier: &str) -> Option<&'a Node> {
    let Some(table) = node.table() else { return Some(node) };
    for entry in table.entries.iter().filter(|entry| !tiers.contains(&entry.key)) {
        let message = format!("there is no tier `{}`", entry.key);
        let known = tiers.iter().map(String::as_str);
        context.problem(unknown(&entry.key_place, message, &entry.key, known, "tiers here"));
    }
    node.child(tier)
}

/// Reads `arrivals = "poisson"`, or `{ batch = 50 }`.
fn arrivals(context: &Context, node: &Node) -> Option<ArrivalProcess> {
    if node.text().is_some() {
        let words = values::choice(node, &[("poisson", ArrivalProcess::Poisson)]);
        return context.keep(words.map_err(|error| Box::new(error.note("or a table: { batch = 50 }"))));
    }
    context.shaped(node, &BATCHES, |keys| keys.read(&BATCH).map(ArrivalProcess::Batch)).flatten()
}

/// Reads a skew.
fn skew(context: &Context, node: &Node) -> Option<Skew> {
    if node.text().is_some() {
        return context.keep(values::choice(node, &[("equal", ())])).map(|()| Skew::Equal);
    }
    let read = |keys: &Keys<'_>| match keys.alternative(&[ZIPF.about(), PARETO.about(), LIST.about()]) {
        None => {
            keys.missing(&ZIPF);
            None
        }
        Some((key, _)) if key.is(&ZIPF) => keys.read(&ZIPF).map(Skew::Zipf),
        Some((key, _)) if key.is(&PARETO) => keys.read(&PARETO).map(Skew::Pareto),
        Some(_) => keys.read(&LIST).map(Skew::List),
    };
    context.shaped(node, &SKEWS, read).flatten()
}

fn exponent(node: &Node) -> Read<f64> {
    match values::number(node)? {
        exponent if exponent > 20.0 => Err(Box::new(node.error("a Zipf exponent above 20", "too large"))),
        exponent => Ok(exponent),
    }
}

fn tail_index(node: &Node) -> Read<f64> {
    match values::number(node)? {
        index if index <= 1.0 => {
            let error = node.error("a Pareto law of tail index 1 or less has no mean", "must be greater than 1");
            Err(Box::new(error.help("1.16 is the 80-20 rule")))
        }
        index => Ok(index),
    }
}

fn shares(node: &Node) -> Read<Vec<f64>> {
    let weight = |node: &Node| match node.value {
        Value::Text(_) => values::share(node),
        _ => values::number(node),
    };
    let shares = values::list(node, "[5, 3, 1]: the weight of each rank, the last one for all others", weight)?;
    if shares.iter().all(|share| *share == 0.0) {
        return Err(Box::new(node.error("a list of weights without any", "nothing but 0")));
    }
    Ok(shares)
}
