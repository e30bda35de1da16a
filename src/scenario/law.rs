//! Laws of chance: how a distribution of durations is written.
//!
//! `"250ms"` is a constant; every other law is a table, whose keys say which one it is.

use super::context::Context;
use super::document::{Entry, Node, Value};
use super::grammar::key::{self, Key};
use super::grammar::shape::{About, Kind, Others, Shape};
use super::keys::Keys;
use super::text::LONGEST;
use super::unknown::unknown;
use super::values;
use super::{empirical, law_forms, read_prior};
use crate::engine::law::Law;
use crate::engine::special::normal;
use crate::units::{MILLISECOND, Nanos};

/// What a distribution may be.
pub(super) const LAW: Kind = Kind::Any(&[Kind::Duration, Kind::Table(&DISTRIBUTION)]);

/// Shape of a distribution: its keys say which law it is.
const DISTRIBUTION: Shape = Shape {
    others: Some(Others {
        called: "pNN",
        pattern: "^p[0-9]+([.][0-9]+)?$",
        kind: Kind::Any(&[Kind::Duration, Kind::Table(&FRACTION)]),
    }),
    ..Shape::new(
        "distribution",
        "a distribution",
        &[
            MEAN.about(),
            CV.about(),
            DEVIATION.about(),
            EXPONENTIAL.about(),
            &UNIFORM,
            &TRIANGULAR,
            &NORMAL,
            &GAMMA,
            &ERLANG,
            &WEIBULL,
            &PARETO,
            HYPEREXPONENTIAL.about(),
            EMPIRICAL.about(),
            &read_prior::PRIOR,
            read_prior::OF_INCIDENTS_EVERY.about(),
        ],
    )
};
/// What TOML makes of `p99.9 = "1s"`: the key 9 in the table p99.
const FRACTION: Shape = Shape {
    others: Some(Others { called: "N", pattern: "^[0-9]+$", kind: Kind::Duration }),
    ..Shape::new("quantile", "a quantile", &[])
};

const MEAN: Key<Nanos> = key::positive_duration("mean", "with `cv` or `deviation`: log-normal by moments")
    .required_if("required with `cv` and `deviation`", "mean = \"10ms\"");
const CV: Key<f64> = key::positive_number("cv", "deviation over mean")
    .required_if("this or `deviation`, with `mean`", "cv = 1.5, or deviation = \"15ms\"");
const DEVIATION: Key<Nanos> = key::positive_duration("deviation", "standard deviation");
const EXPONENTIAL: Key<Law> = key::shared(
    "exponential",
    Kind::Any(&[Kind::Duration, Kind::Table(&law_forms::EXPONENTIALS)]),
    law_forms::exponential,
    "exponential with this mean",
);
const UNIFORM: About = About::new("uniform", Kind::Table(&law_forms::UNIFORMS), "uniform");
const TRIANGULAR: About =
    About::new("triangular", Kind::Table(&law_forms::TRIANGULARS), "triangular: at least, most often, at most");
const NORMAL: About = About::new("normal", Kind::Table(&law_forms::NORMALS), "normal, conditioned to lie in a range");
const GAMMA: About = About::new("gamma", Kind::Table(&law_forms::GAMMAS), "gamma");
const ERLANG: About = About::new("erlang", Kind::Table(&law_forms::ERLANGS), "sum of equal exponentials");
const WEIBULL: About = About::new("weibull", Kind::Table(&law_forms::WEIBULLS), "Weibull");
const PARETO: About = About::new("pareto", Kind::Table(&law_forms::PARETOS), "Pareto (type I)");
const HYPEREXPONENTIAL: Key<Law> = key::shared(
    "hyperexponential",
    Kind::List(&Kind::Table(&law_forms::BRANCH)),
    law_forms::hyperexponential,
    "mixture of exponentials: `[{ share = \"90%\", mean = \"5ms\" }, ...]`",
);
const EMPIRICAL: Key<Law> = key::shared(
    "empirical",
    Kind::Table(&empirical::EMPIRICAL),
    empirical::empirical,
    "a table of quantiles, or measured values",
);

/// The laws that tables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Quantiles,
    Moments,
    Prior,
    /// The one of this key.
    Of(&'static str),
}

/// Who reads a law, in the table around its key.
type ReadLaw = fn(&Keys<'_>) -> Option<Law>;

/// Keys that are a law each, and who reads it.
const OF_KEYS: [(&About, ReadLaw); 9] = [
    (EXPONENTIAL.about(), |keys| keys.read(&EXPONENTIAL)),
    (&UNIFORM, |keys| keys.table(&UNIFORM, law_forms::uniform).flatten()),
    (&TRIANGULAR, |keys| keys.table(&TRIANGULAR, law_forms::triangular).flatten()),
    (&NORMAL, |keys| keys.table(&NORMAL, law_forms::normal).flatten()),
    (&GAMMA, |keys| keys.table(&GAMMA, law_forms::gamma).flatten()),
    (&ERLANG, |keys| keys.table(&ERLANG, law_forms::erlang).flatten()),
    (&WEIBULL, |keys| keys.table(&WEIBULL, law_forms::weibull).flatten()),
    (&PARETO, |keys| keys.table(&PARETO, law_forms::pareto).flatten()),
    (EMPIRICAL.about(), |keys| keys.read(&EMPIRICAL)),
];

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
    let law = match form(context, node, &table.entries)? {
        Form::Quantiles => return quantiles(context, node, &table.entries),
        form => context.shaped(node, &DISTRIBUTION, |keys| of_form(keys, form)).flatten(),
    };
    law.and_then(|law| sane(context, node, law))
}

fn of_form(keys: &Keys<'_>, form: Form) -> Option<Law> {
    match form {
        Form::Quantiles => None,
        Form::Moments => moments(keys),
        Form::Prior => read_prior::prior(keys),
        Form::Of(name) => match OF_KEYS.iter().find(|law| law.0.name == name) {
            Some((_, read)) => read(keys),
            None => keys.read(&HYPEREXPONENTIAL),
        },
    }
}

/// Says which law a key belongs to.
fn form_of(key: &str) -> Option<Form> {
    if probability_of(key).is_some() {
        return Some(Form::Quantiles);
    }
    let key = DISTRIBUTION.key(key)?;
    let of_moments = [MEAN.about(), CV.about(), DEVIATION.about()];
    let of_priors = [&read_prior::PRIOR, read_prior::OF_INCIDENTS_EVERY.about()];
    Some(match key {
        key if of_moments.iter().any(|other| other.is(key)) => Form::Moments,
        key if of_priors.iter().any(|other| other.is(key)) => Form::Prior,
        key => Form::Of(key.name),
    })
}

/// Says which law a table is: by the keys of its latest layer, so that an override may choose another law.
fn form(context: &Context, node: &Node, entries: &[Entry]) -> Option<Form> {
    let known = ["p50", "p99"].into_iter().chain(DISTRIBUTION.keys().map(|key| key.name));
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

fn moments(keys: &Keys<'_>) -> Option<Law> {
    let mean = keys.read(&MEAN);
    let Some((key, _)) = keys.alternative(&[CV.about(), DEVIATION.about()]) else {
        keys.missing(&CV);
        return None;
    };
    let mean = mean? as f64;
    let cv = if key.is(&CV) { keys.read(&CV)? } else { keys.read(&DEVIATION)? as f64 / mean };
    let variance = libm::log1p(cv * cv);
    Some(Law::LogNormal { mu: libm::log(mean) - variance / 2.0, sigma: libm::sqrt(variance) })
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
