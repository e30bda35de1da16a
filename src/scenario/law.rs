//! Laws of chance: how a distribution of durations is written.
//!
//! `"250ms"` is a constant; every other law is a table, whose keys say which one it is.

use super::context::Context;
use super::document::{Entry, Node, Value};
use super::keys::{Keys, unknown};
use super::text::{self, LONGEST};
use super::values;
use crate::engine::law::Law;
use crate::engine::special::normal;
use crate::units::{MILLISECOND, Nanos};

/// The keys that say which law a table is, and the law's number.
const NAMES: [(&str, Form); 14] = [
    ("mean", Form::Moments),
    ("cv", Form::Moments),
    ("deviation", Form::Moments),
    ("exponential", Form::Exponential),
    ("uniform", Form::Uniform),
    ("triangular", Form::Triangular),
    ("normal", Form::Normal),
    ("gamma", Form::Gamma),
    ("erlang", Form::Erlang),
    ("weibull", Form::Weibull),
    ("pareto", Form::Pareto),
    ("hyperexponential", Form::Hyperexponential),
    ("prior", Form::Prior),
    ("of_incidents_every", Form::Prior),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Quantiles,
    Moments,
    Exponential,
    Uniform,
    Triangular,
    Normal,
    Gamma,
    Erlang,
    Weibull,
    Pareto,
    Hyperexponential,
    Empirical,
    Prior,
}

/// Reads a law of durations, in nanoseconds.
pub(super) fn law(context: &Context, node: &Node) -> Option<Law> {
    let Value::Table(table) = &node.value else {
        if matches!(node.value, Value::Text(_)) {
            return context.keep(values::duration(node)).map(|value| Law::Constant(value as f64));
        }
        let error = node.expected("a duration or a distribution", "\"250ms\", or { p50 = \"8ms\", p99 = \"40ms\" }");
        context.problem(error);
        return None;
    };
    let form = form(context, node, &table.entries)?;
    let law = match form {
        Form::Quantiles => return quantiles(context, node, &table.entries),
        Form::Moments => moments(context, node),
        Form::Exponential => part(context, node, "exponential", exponential),
        Form::Uniform => part(context, node, "uniform", |context, node| fields(context, node, "`uniform`", uniform)),
        Form::Triangular => {
            part(context, node, "triangular", |context, node| fields(context, node, "`triangular`", triangular))
        }
        Form::Normal => part(context, node, "normal", |context, node| fields(context, node, "`normal`", normal)),
        Form::Gamma => part(context, node, "gamma", |context, node| fields(context, node, "`gamma`", gamma)),
        Form::Erlang => part(context, node, "erlang", |context, node| fields(context, node, "`erlang`", erlang)),
        Form::Weibull => part(context, node, "weibull", |context, node| fields(context, node, "`weibull`", weibull)),
        Form::Pareto => part(context, node, "pareto", |context, node| fields(context, node, "`pareto`", pareto)),
        Form::Hyperexponential => part(context, node, "hyperexponential", hyperexponential),
        Form::Empirical => part(context, node, "empirical", super::empirical::empirical),
        Form::Prior => super::priors::law(context, node),
    };
    law.and_then(|law| sane(context, node, law))
}

/// Says which law a table is: by the keys of its latest layer, so that an override may choose another law.
fn form(context: &Context, node: &Node, entries: &[Entry]) -> Option<Form> {
    let form_of = |key: &str| match key {
        "empirical" => Some(Form::Empirical),
        _ if probability_of(key).is_some() => Some(Form::Quantiles),
        _ => NAMES.iter().find(|name| name.0 == key).map(|name| name.1),
    };
    let known = ["p50", "p99"].into_iter().chain(NAMES.iter().map(|name| name.0)).chain(["empirical"]);
    let mut bad = false;
    for entry in entries.iter().filter(|entry| form_of(&entry.key).is_none()) {
        let message = format!("unknown key `{}` in a distribution", entry.key);
        context.problem(unknown(&entry.key_place, message, &entry.key, known.clone(), "distributions"));
        bad = true;
    }
    if bad {
        return None;
    }
    let Some(top) = entries.iter().map(|entry| entry.node.top_rank()).max() else {
        context.problem(node.error("an empty distribution", "nothing in it").help("write { p50 = .., p99 = .. }"));
        return None;
    };
    let mut leading = entries.iter().filter(|entry| entry.node.top_rank() == top);
    let first = leading.next()?;
    let form = form_of(&first.key)?;
    if let Some(other) = leading.find(|entry| form_of(&entry.key) != Some(form)) {
        let message = format!("`{}` and `{}` belong to different distributions", first.key, other.key);
        context.problem(other.key_place.error(message, "of another distribution").help("keep one of them"));
        return None;
    }
    Some(form)
}

fn part(context: &Context, node: &Node, key: &str, read: impl FnOnce(&Context, &Node) -> Option<Law>) -> Option<Law> {
    node.child(key).and_then(|inner| read(context, inner))
}

fn fields(context: &Context, node: &Node, what: &str, read: impl FnOnce(&Keys<'_>) -> Option<Law>) -> Option<Law> {
    context.table(node, what, read).flatten()
}

/// Returns the probability of a key like p50 or p99.9.
fn probability_of(key: &str) -> Option<f64> {
    let digits = key.strip_prefix('p')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| format!("{digits}e-2").parse().ok()).flatten()
}

/// Unpacks p99.9, which TOML takes for the key 9 in the table p99.
pub(super) fn dotted_quantile(entry: &Entry) -> (String, &Node) {
    if let Some([inner]) = entry.node.table().map(|table| table.entries.as_slice()) {
        let is_fraction = !inner.key.is_empty() && inner.key.bytes().all(|byte| byte.is_ascii_digit());
        if is_fraction && probability_of(&entry.key).is_some() {
            return (format!("{}.{}", entry.key, inner.key), &inner.node);
        }
    }
    (entry.key.clone(), &entry.node)
}

fn quantiles(context: &Context, node: &Node, entries: &[Entry]) -> Option<Law> {
    let mut points = Vec::new();
    for entry in entries.iter().filter(|entry| probability_of(&entry.key).is_some()) {
        let (key, value) = dotted_quantile(entry);
        let probability = probability_of(&key)?;
        if !(probability > 0.0 && probability < 1.0) {
            let error = entry.key_place.error(format!("`{key}` is no quantile"), "not between p0 and p100");
            context.problem(error.help("write p50, p95, p99 or p99.9"));
            return None;
        }
        let duration = context.keep(values::positive_duration(value))?;
        points.push((probability, duration as f64, value, value.top_rank()));
    }
    // A layer that names two other quantiles replaces the inherited two.
    points.sort_by(|one, other| other.3.cmp(&one.3).then(one.0.total_cmp(&other.0)));
    if points.len() < 2 || (points.len() > 2 && points[1].3 == points[2].3) {
        let found = points.len();
        let error = node.error(format!("a log-normal law goes through two quantiles, found {found}"), "here");
        context.problem(error.help("write { p50 = \"8ms\", p99 = \"40ms\" }"));
        return None;
    }
    points.truncate(2);
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (low, high) = (points[0], points[1]);
    if low.1 >= high.1 || low.0 >= high.0 {
        let (p, q) = (low.0 * 100.0, high.0 * 100.0);
        let error = high.2.error(format!("p{p} must be less than p{q}"), format!("not more than p{p}"));
        context.problem(error.help("a value that never changes is a plain duration: \"8ms\""));
        return None;
    }
    let (z_low, z_high) = (normal::quantile(low.0), normal::quantile(high.0));
    let sigma = (libm::log(high.1) - libm::log(low.1)) / (z_high - z_low);
    sane(context, node, Law::LogNormal { mu: libm::log(low.1) - sigma * z_low, sigma })
}

fn moments(context: &Context, node: &Node) -> Option<Law> {
    context
        .table(node, "a distribution", |keys| {
            // Inherited keys of another law are not this one's; all were checked already.
            keys.all().iter().for_each(|entry| keys.allow(&entry.key));
            let mean = keys.required("mean", "mean = \"10ms\"", values::positive_duration);
            let Some((key, spread)) = keys.alternative(&["cv", "deviation"]) else {
                keys.missing("cv", "cv = 1.5, or deviation = \"15ms\"");
                return None;
            };
            let mean = mean? as f64;
            let cv = if key == "cv" {
                keys.context.keep(values::positive_number(spread))?
            } else {
                keys.context.keep(values::positive_duration(spread))? as f64 / mean
            };
            let variance = libm::log1p(cv * cv);
            Some(Law::LogNormal { mu: libm::log(mean) - variance / 2.0, sigma: libm::sqrt(variance) })
        })
        .flatten()
}

fn exponential(context: &Context, node: &Node) -> Option<Law> {
    if node.table().is_some() {
        return fields(context, node, "`exponential`", |keys| {
            let mean = keys.required("mean", "mean = \"10ms\"", values::positive_duration)?;
            Some(Law::Exponential { mean: mean as f64 })
        });
    }
    context.keep(values::positive_duration(node)).map(|mean| Law::Exponential { mean: mean as f64 })
}

fn uniform(keys: &Keys<'_>) -> Option<Law> {
    let low = keys.required("from", "from = \"5ms\"", values::duration);
    let high = keys.required("to", "to = \"15ms\"", values::duration);
    let (low, high) = (low?, high?);
    if low >= high {
        keys.context.problem(keys.place.error("`from` must be less than `to`", "an empty range"));
        return None;
    }
    Some(Law::Uniform { low: low as f64, high: high as f64 })
}

fn triangular(keys: &Keys<'_>) -> Option<Law> {
    let low = keys.required("from", "from = \"5ms\"", values::duration);
    let mode = keys.required("mode", "mode = \"8ms\"", values::duration);
    let high = keys.required("to", "to = \"30ms\"", values::duration);
    let (low, mode, high) = (low?, mode?, high?);
    if low >= high || !(low..=high).contains(&mode) {
        let error = keys.place.error("the corners of a triangular law must come in order", "not in order");
        keys.context.problem(error.help("write `from` <= `mode` <= `to`, with `from` less than `to`"));
        return None;
    }
    Some(Law::Triangular { low: low as f64, mode: mode as f64, high: high as f64 })
}

fn normal(keys: &Keys<'_>) -> Option<Law> {
    let mean = keys.required("mean", "mean = \"10ms\"", values::duration);
    let deviation = keys.required("deviation", "deviation = \"2ms\"", values::positive_duration);
    let low = keys.or("min", 0, values::duration) as f64;
    let high = keys.optional("max", values::duration).map_or(f64::INFINITY, |max| max as f64);
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

fn gamma(keys: &Keys<'_>) -> Option<Law> {
    let mean = keys.required("mean", "mean = \"10ms\"", values::positive_duration);
    let shape = keys.required("shape", "shape = 2", values::positive_number)?;
    Some(Law::Gamma { shape, scale: mean? as f64 / shape })
}

fn erlang(keys: &Keys<'_>) -> Option<Law> {
    let mean = keys.required("mean", "mean = \"10ms\"", values::positive_duration);
    let stages = keys.required("stages", "stages = 3", |node| values::count(node, "stages", 1, 10_000))?;
    Some(Law::Gamma { shape: stages as f64, scale: mean? as f64 / stages as f64 })
}

fn weibull(keys: &Keys<'_>) -> Option<Law> {
    let shape = keys.required("shape", "shape = 0.7", values::positive_number);
    let Some((key, node)) = keys.alternative(&["mean", "scale"]) else {
        keys.missing("mean", "mean = \"10ms\"");
        return None;
    };
    let (value, shape) = (keys.context.keep(values::positive_duration(node))? as f64, shape?);
    let scale = if key == "scale" { value } else { value / libm::tgamma(1.0 + 1.0 / shape) };
    if !(scale >= 1e-3 && scale.is_finite()) {
        let error = keys.place.error("a Weibull law that cannot be computed with", "the shape is too small");
        keys.context.problem(error.help("shapes below 0.1 have no practical mean"));
        return None;
    }
    Some(Law::Weibull { shape, scale })
}

fn pareto(keys: &Keys<'_>) -> Option<Law> {
    let low = keys.required("min", "min = \"5ms\"", values::positive_duration);
    let shape = keys.required("shape", "shape = 1.5", values::positive_number)?;
    if shape <= 1.0 {
        let place = keys.get("shape").map_or(keys.place, |node| &node.place);
        let error = place.error("a Pareto law of shape 1 or less has no mean", "must be greater than 1");
        keys.context.problem(error);
        return None;
    }
    Some(Law::Pareto { low: low? as f64, shape })
}

fn hyperexponential(context: &Context, node: &Node) -> Option<Law> {
    let Value::List(items) = &node.value else {
        let example = "[{ share = \"90%\", mean = \"5ms\" }, { share = \"10%\", mean = \"50ms\" }]";
        context.problem(node.expected("a list of branches", example));
        return None;
    };
    let branch = |item: &Node| {
        context.table(item, "a branch", |keys| {
            let share = keys.required("share", "share = \"10%\"", values::share);
            let mean = keys.required("mean", "mean = \"5ms\"", values::positive_duration);
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

/// Refuses laws whose mean is beyond all durations.
fn sane(context: &Context, node: &Node, law: Law) -> Option<Law> {
    if mean(&law) <= LONGEST as f64 {
        return Some(law);
    }
    context.problem(node.error("a distribution whose mean is longer than 100 years", "spread too widely"));
    None
}

/// The mean, near enough for a check of its size.
fn mean(law: &Law) -> f64 {
    match law {
        Law::Constant(mean) | Law::Exponential { mean } => *mean,
        Law::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
        Law::Pareto { low, shape } => low * shape / (shape - 1.0),
        Law::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
        Law::Uniform { low, high } => f64::midpoint(*low, *high),
        Law::TruncatedNormal { mean, low, high, .. } => mean.clamp(*low, *high),
        Law::Gamma { shape, scale } => shape * scale,
        Law::Hyperexponential(branches) => branches.iter().map(|branch| branch.0 * branch.1).sum(),
        Law::Triangular { .. } | Law::Measured(_) => law.mean(),
        Law::Empirical(points) => {
            points.windows(2).map(|pair| (pair[1].0 - pair[0].0) * f64::midpoint(pair[0].1, pair[1].1)).sum()
        }
    }
}

/// Reads the unit of a column of numbers ("ms").
pub(super) fn unit(node: &Node) -> super::document::Read<Nanos> {
    let written = values::text(node)?;
    text::duration(&format!("1{written}")).map_err(|label| {
        Box::new(
            node.error(format!("expected a unit of time, found \"{written}\""), label).help("write \"ms\" or \"s\""),
        )
    })
}

/// Reads the mean up time of a fault: a bare duration is the mean of an exponential.
pub(super) fn time_between(context: &Context, node: &Node) -> Option<Law> {
    let law = match law(context, node)? {
        Law::Constant(mean) if node.text().is_some() => Law::Exponential { mean },
        other => other,
    };
    if mean(&law) < MILLISECOND as f64 {
        let error = node.error("faults that happen without a pause", "must be at least 1ms");
        context.problem(error.help("write something like \"180d\""));
        return None;
    }
    Some(law)
}
