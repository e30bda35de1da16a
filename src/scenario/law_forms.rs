//! Forms of laws: the tables within a distribution.

use super::context::Context;
use super::document::{Node, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::Text;
use super::grammar::shape::Shape;
use super::keys::Keys;
use super::values;
use crate::engine::law::Law;
use crate::units::Nanos;

const MEAN: Key<Nanos> = key::positive_duration("mean", "mean").required("mean = \"10ms\"");
const SHAPE: Key<f64> = key::positive_number("shape", "shape").required("shape = 2");
const FROM: Key<Nanos> = key::duration("from", "at least").required("from = \"5ms\"");
const TO: Key<Nanos> = key::duration("to", "at most").required("to = \"15ms\"");

pub(super) const EXPONENTIALS: Shape = Shape::new("exponential", "`exponential`", &[MEAN.about()]);

/// Reads an exponential law: its mean, or a table of it.
pub(super) fn exponential(context: &Context, node: &Node) -> Option<Law> {
    let law = |mean: Nanos| Law::Exponential { mean: mean as f64 };
    if node.table().is_some() {
        return context.shaped(node, &EXPONENTIALS, |keys| keys.read(&MEAN).map(law)).flatten();
    }
    context.keep(values::positive_duration(node)).map(law)
}

pub(super) const UNIFORMS: Shape = Shape::new("uniform", "`uniform`", &[FROM.about(), TO.about()]);

pub(super) fn uniform(keys: &Keys<'_>) -> Option<Law> {
    let (low, high) = (keys.read(&FROM), keys.read(&TO));
    let (low, high) = (low?, high?);
    if low >= high {
        keys.context.problem(keys.place.error("`from` must be less than `to`", "an empty range"));
        return None;
    }
    Some(Law::Uniform { low: low as f64, high: high as f64 })
}

pub(super) const TRIANGULARS: Shape =
    Shape::new("triangular", "`triangular`", &[FROM.about(), MODE.about(), TRIANGULAR_TO.about()]);
const MODE: Key<Nanos> = key::duration("mode", "most often").required("mode = \"8ms\"");
const TRIANGULAR_TO: Key<Nanos> = key::duration("to", "at most").required("to = \"30ms\"");

pub(super) fn triangular(keys: &Keys<'_>) -> Option<Law> {
    let (low, mode, high) = (keys.read(&FROM), keys.read(&MODE), keys.read(&TRIANGULAR_TO));
    let (low, mode, high) = (low?, mode?, high?);
    if low >= high || !(low..=high).contains(&mode) {
        let error = keys.place.error("the corners of a triangular law must come in order", "not in order");
        keys.context.problem(error.help("write `from` <= `mode` <= `to`, with `from` less than `to`"));
        return None;
    }
    Some(Law::Triangular { low: low as f64, mode: mode as f64, high: high as f64 })
}

pub(super) const NORMALS: Shape =
    Shape::new("normal", "`normal`", &[NORMAL_MEAN.about(), DEVIATION.about(), MIN.about(), MAX.about()]);
const NORMAL_MEAN: Key<Nanos> = key::duration("mean", "mean of the whole bell").required("mean = \"10ms\"");
const DEVIATION: Key<Nanos> =
    key::positive_duration("deviation", "standard deviation of the whole bell").required("deviation = \"2ms\"");
const MIN: Defaulted<Nanos> = key::duration("min", "at least").or(Text("0s"));
const MAX: Key<Nanos> = key::duration("max", "at most").without("none");

pub(super) fn normal(keys: &Keys<'_>) -> Option<Law> {
    let (mean, deviation) = (keys.read(&NORMAL_MEAN), keys.read(&DEVIATION));
    let low = keys.read(&MIN) as f64;
    let high = keys.read(&MAX).map_or(f64::INFINITY, |max| max as f64);
    let (mean, deviation) = (mean? as f64, deviation? as f64);
    if low >= high {
        keys.context.problem(keys.place.error("`min` must be less than `max`", "an empty range"));
        return None;
    }
    // Beyond that nothing of the bell is left, and drawing from the rest is no longer exact.
    if low > mean + 6.0 * deviation || high < mean - 6.0 * deviation {
        let error =
            keys.place.error("a normal law without anything between `min` and `max`", "the range is too far out");
        keys.context.problem(error.help("keep the range within 6 deviations of the mean"));
        return None;
    }
    Some(Law::TruncatedNormal { mean, deviation, low, high })
}

pub(super) const GAMMAS: Shape = Shape::new("gamma", "`gamma`", &[MEAN.about(), SHAPE.about()]);

pub(super) fn gamma(keys: &Keys<'_>) -> Option<Law> {
    let mean = keys.read(&MEAN);
    let shape = keys.read(&SHAPE)?;
    Some(Law::Gamma { shape, scale: mean? as f64 / shape })
}

pub(super) const ERLANGS: Shape = Shape::new("erlang", "`erlang`", &[MEAN.about(), STAGES.about()]);
const STAGES: Key<u32> =
    key::count("stages", ("stages", 1, 10_000), "so many equal exponentials").required("stages = 3");

pub(super) fn erlang(keys: &Keys<'_>) -> Option<Law> {
    let mean = keys.read(&MEAN);
    let stages = f64::from(keys.read(&STAGES)?);
    Some(Law::Gamma { shape: stages, scale: mean? as f64 / stages })
}

pub(super) const WEIBULLS: Shape =
    Shape::new("weibull", "`weibull`", &[MEAN.about(), SCALE.about(), WEIBULL_SHAPE.about()]);
const SCALE: Key<Nanos> = key::positive_duration("scale", "in place of the mean");
const WEIBULL_SHAPE: Key<f64> =
    key::positive_number("shape", "below 1: mostly short, sometimes very long").required("shape = 0.7");

pub(super) fn weibull(keys: &Keys<'_>) -> Option<Law> {
    let shape = keys.read(&WEIBULL_SHAPE);
    let Some((key, node)) = keys.alternative(&[MEAN.about(), SCALE.about()]) else {
        keys.missing(&MEAN);
        return None;
    };
    let (value, shape) = (keys.context.keep(values::positive_duration(node))? as f64, shape?);
    let scale = if key.is(&SCALE) { value } else { value / libm::tgamma(1.0 + 1.0 / shape) };
    if !(scale >= 1e-3 && scale.is_finite()) {
        let error = keys.place.error("a Weibull law that cannot be computed with", "the shape is too small");
        keys.context.problem(error.help("shapes below 0.1 have no practical mean"));
        return None;
    }
    Some(Law::Weibull { shape, scale })
}

pub(super) const PARETOS: Shape = Shape::new("pareto", "`pareto`", &[MIN_VALUE.about(), PARETO_SHAPE.about()]);
const MIN_VALUE: Key<Nanos> = key::positive_duration("min", "at least").required("min = \"5ms\"");
const PARETO_SHAPE: Key<f64> = key::positive_number("shape", "above 1, so that it has a mean").required("shape = 1.5");

pub(super) fn pareto(keys: &Keys<'_>) -> Option<Law> {
    let low = keys.read(&MIN_VALUE);
    let shape = keys.read(&PARETO_SHAPE)?;
    if shape <= 1.0 {
        let place = keys.get(&PARETO_SHAPE).map_or(keys.place, |node| &node.place);
        let error = place.error("a Pareto law of shape 1 or less has no mean", "must be greater than 1");
        keys.context.problem(error);
        return None;
    }
    Some(Law::Pareto { low: low? as f64, shape })
}

pub(super) const BRANCH: Shape = Shape::new("branch", "a branch", &[SHARE.about(), BRANCH_MEAN.about()]);
const SHARE: Key<f64> =
    key::share("share", "how often it is this one; all add up to 100 %").required("share = \"10%\"");
const BRANCH_MEAN: Key<Nanos> = key::positive_duration("mean", "mean of its exponential").required("mean = \"5ms\"");

pub(super) fn hyperexponential(context: &Context, node: &Node) -> Option<Law> {
    let Value::List(items) = &node.value else {
        let example = "[{ share = \"90%\", mean = \"5ms\" }, { share = \"10%\", mean = \"50ms\" }]";
        context.problem(node.expected("a list of branches", example));
        return None;
    };
    let branch = |item: &Node| {
        context.shaped(item, &BRANCH, |keys| {
            let (share, mean) = (keys.read(&SHARE), keys.read(&BRANCH_MEAN));
            Some((share?, mean? as f64))
        })?
    };
    let branches: Option<Vec<(f64, f64)>> = items.iter().map(branch).collect();
    let branches = branches?;
    let sum: f64 = branches.iter().map(|branch| branch.0).sum();
    if (sum - 1.0).abs() > 1e-9 {
        let label = format!("they add up to {} %", (sum * 1e4).round() / 100.0);
        context.problem(node.error("the shares of the branches must add up to 100 %", label));
        return None;
    }
    Some(Law::Hyperexponential(branches))
}
