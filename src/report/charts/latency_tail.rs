//! How slow are the slowest requests? Complementary distributions per workflow, with and without the faults.

use super::axis::Axis;
use super::font;
use super::ink::{Ink, MUTED, PAPER, SERIES, TEXT};
use super::limits;
use super::scene::{Face, Scene};
use super::style::{self, HEIGHT, LABEL, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{Condition, Metric, Statistic, Unit};
use crate::engine::stats::{Estimate, State};
use crate::experiment::outcome::curves::LatencyCurve;
use crate::experiment::outcome::{Outcome, Verdict};
use crate::number::{latency, percent};
use crate::report::estimate;
use crate::report::rows::{self, Query};

const LEFT: f64 = MARGIN + 92.0;
const RIGHT: f64 = 930.0;
const TOP: f64 = 138.0;
const BOTTOM: f64 = HEIGHT - 58.0;
const NAMES: f64 = RIGHT + 34.0;

/// One workflow's (or workflow and tier's) curves.
struct Pair<'a> {
    name: String,
    ink: Ink,
    with: Option<&'a LatencyCurve>,
    without: Option<&'a LatencyCurve>,
    /// Its 99th percentile in the tidy table, with faults and without.
    p99: [Option<&'a Estimate>; 2],
    /// Of the intervals.
    confidence: f64,
}

impl Pair<'_> {
    /// The curve that carries the name.
    fn named(&self) -> Option<&LatencyCurve> {
        self.with.or(self.without)
    }

    /// The 99th percentile, with and without faults where they differ.
    fn percentile(&self) -> String {
        match self.p99.map(|p99| p99.and_then(|found| quantile(self.confidence, found))) {
            [Some(with), Some(without)] if with != without => format!("p99 {with}, no fault {without}"),
            [Some(p99), _] | [None, Some(p99)] => format!("p99 {p99}"),
            [None, None] => String::new(),
        }
    }
}

/// Draws the chart; `None` without any curve.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let pairs = pairs(results);
    let points = || pairs.iter().flat_map(|pair| [pair.with, pair.without]).flatten().flat_map(shares);
    // Where nearly all requests are still beyond there is nothing to tell apart.
    let nearly_all = points().filter(|(_, share)| *share < 0.98).map(|(latency, _)| latency);
    let fastest = nearly_all.chain(points().map(|(latency, _)| latency).reduce(f64::max)).fold(f64::INFINITY, f64::min);
    let slowest = points().map(|(latency, _)| latency).fold(0.0, f64::max);
    let rarest = points().map(|(_, share)| share).fold(1.0, f64::min);
    if !fastest.is_finite() {
        return None;
    }
    let x = Axis::log(fastest * 0.8, slowest * 1.1, LEFT, RIGHT);
    let y = Axis::log(libm::exp10(libm::log10(0.8 * rarest).floor()).min(0.01), 1.0, BOTTOM, TOP);
    let both = pairs.iter().any(|pair| pair.with.is_some()) && pairs.iter().any(|pair| pair.without.is_some());
    let rests_on =
        format!("share of requests that take longer or fail; lines end where 10 are left · {}", results.title);
    let mut scene = style::frame(HEIGHT, &answer(&pairs), "How slow are the slowest requests?", &rests_on);
    if both {
        let entries = [(Mark::Line, TEXT, "with faults"), (Mark::Thin, TEXT, "no fault")];
        style::key(&mut scene, LEFT, 116.0, &entries);
    }
    x.draw_below(&mut scene, TOP, BOTTOM, 8.0, latency);
    y.draw_left(&mut scene, LEFT, RIGHT, 8.0, share_name);
    scene.text(
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 42.0,
        "request latency, as the client sees it",
        Face::new(SMALL).ink(MUTED).middle(),
    );
    for pair in &pairs {
        if let Some(curve) = pair.without {
            scene.line(&thinned(curve, &x, &y), 1.25, pair.ink);
        }
        if let Some(curve) = pair.with {
            scene.line(&thinned(curve, &x, &y), 2.5, pair.ink);
        }
    }
    for (limit, beyond) in limits(results, &pairs) {
        bound(&mut scene, limit, (x.at(limit.limit.value()), y.at(beyond)));
    }
    names(&mut scene, &pairs, &x, &y);
    Some(scene)
}

/// The slowest workflow.
fn answer(pairs: &[Pair<'_>]) -> String {
    // Beyond every number is slower than any.
    let p99 = |pair: &Pair<'_>| {
        let found = pair.p99[0].or(pair.p99[1]);
        found.map_or(-1.0, |found| {
            found.value.unwrap_or(if found.state == State::Beyond { f64::INFINITY } else { -1.0 })
        })
    };
    match pairs.iter().reduce(|a, b| if p99(b) > p99(a) { b } else { a }) {
        Some(pair) if p99(pair) > 0.0 => format!("Slowest: {}, {}", pair.name, pair.percentile()),
        _ => "Quantiles were not measured".to_owned(),
    }
}

/// Limits of quantiles of the workflows that are drawn, with the share of requests beyond.
fn limits<'a>(results: &'a Outcome, pairs: &[Pair<'_>]) -> Vec<(&'a Verdict, f64)> {
    let drawn = |one: &Verdict| {
        let (workflow, tier) = (one.subject.workflow(), one.subject.tier());
        let name = if tier.is_empty() { workflow.to_owned() } else { format!("{workflow}/{tier}") };
        pairs.iter().any(|pair| pair.name == name)
    };
    let of = |one: &'a Verdict| {
        let subject = &one.subject;
        let quantile = subject.statistic.probability()?;
        let is_latency = subject.metric == Metric::Latency && subject.fault.is_none();
        (is_latency && one.limit.value() > 0.0 && drawn(one)).then_some((one, 1.0 - quantile))
    };
    results.verdicts.iter().filter_map(of).collect()
}

/// Draws the limit of a quantile: a curve that passes above or to the right of the corner is too slow.
fn bound(scene: &mut Scene, limit: &Verdict, (x, y): (f64, f64)) {
    let ink = limits::ink(limit);
    scene.line(&[(x, y - 12.0), (x, y), (x - 12.0, y)], 2.0, ink);
    let text = format!("{} {}: {}", limit.subject.workflow(), limit.subject.statistic, limits::text(limit));
    let face = Face::new(SMALL).bold().ink(ink);
    let width = font::width(&text, SMALL, true);
    let left = if x + 6.0 + width <= RIGHT { x + 6.0 } else { x - 6.0 - width };
    // Curves would run through the letters.
    scene.rect(left - 2.0, y + 2.0, width + 4.0, 17.0, PAPER);
    scene.text(left, y + 15.0, &text, face);
}

/// The curves over all tiers, or else each tier's own, two and two.
fn pairs(results: &Outcome) -> Vec<Pair<'_>> {
    let curves = || results.requests().into_iter().flat_map(|requests| &requests.latencies);
    let pooled = curves().any(|curve| curve.tier.is_none());
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for curve in curves().filter(|curve| !pooled || curve.tier.is_none()) {
        if shares(curve).next().is_none() {
            continue;
        }
        let name = curve.tier.as_ref().map_or(curve.workflow.clone(), |tier| format!("{}/{tier}", curve.workflow));
        let index = pairs.iter().position(|pair| pair.name == name).unwrap_or_else(|| {
            let tier = curve.tier.as_deref().unwrap_or_default();
            let p99 = [Condition::WithFaults, Condition::NoFault].map(|condition| {
                let (workflow, condition) = (curve.workflow.as_str(), Some(condition));
                let query = Query { tier, workflow, condition, ..Query::of(Metric::Latency, Statistic::P99) };
                rows::find(results, &query)
            });
            let (ink, confidence) = (SERIES[pairs.len() % SERIES.len()], results.confidence);
            pairs.push(Pair { name, ink, with: None, without: None, p99, confidence });
            pairs.len() - 1
        });
        let side =
            if curve.condition == Condition::NoFault { &mut pairs[index].without } else { &mut pairs[index].with };
        side.get_or_insert(curve);
    }
    pairs
}

/// Points of a curve as (latency, share of requests beyond).
fn shares(curve: &LatencyCurve) -> impl Iterator<Item = (f64, f64)> {
    let all = curve.requests.max(1) as f64;
    let points = curve.points.iter().filter(|(latency, beyond)| latency.is_finite() && *latency > 0.0 && *beyond > 0);
    points.map(move |(latency, beyond)| (*latency, (*beyond as f64 / all).min(1.0)))
}

/// A quantile as the summary writes it.
fn quantile(confidence: f64, found: &Estimate) -> Option<String> {
    match found.state {
        State::Beyond => Some(estimate::at(confidence).with_unit(found, Unit::Seconds)),
        _ => found.value.map(latency),
    }
}

/// A share, and the quantile that it belongs to.
fn share_name(share: f64) -> String {
    let name = percent(share);
    let decades = libm::log10(share);
    if (decades - decades.round()).abs() > 1e-6 {
        return name;
    }
    match (decades.round() as i32).abs() {
        0 => "all".to_owned(),
        1 => format!("{name} · p90"),
        5.. => name,
        digits => format!("{name} · p99{}{}", if digits > 2 { "." } else { "" }, "9".repeat(digits as usize - 2)),
    }
}

/// Points on the screen, leaving out those that nobody can tell from the one before.
fn thinned(curve: &LatencyCurve, x: &Axis, y: &Axis) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut last = None;
    for (latency, share) in shares(curve) {
        let point = (x.at(latency), y.at(share));
        last = Some(point);
        if points.last().is_none_or(|before| (before.0 - point.0).abs() + (before.1 - point.1).abs() > 1.0) {
            points.push(point);
        }
    }
    if let Some(last) = last.filter(|last| points.last() != Some(last)) {
        points.push(last);
    }
    points
}

/// Names beside the ends of the curves, apart from each other.
fn names(scene: &mut Scene, pairs: &[Pair<'_>], x: &Axis, y: &Axis) {
    let mut ends: Vec<(&Pair<'_>, (f64, f64))> = Vec::new();
    for pair in pairs {
        if let Some(end) = pair.named().and_then(|curve| thinned(curve, x, y).last().copied()) {
            ends.push((pair, end));
        }
    }
    ends.sort_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let step = ((BOTTOM - TOP) / ends.len().max(1) as f64).min(44.0);
    let heights = spread(&ends.iter().map(|(_, end)| end.1).collect::<Vec<_>>(), step, TOP + 8.0, BOTTOM - 8.0);
    for ((pair, end), height) in ends.into_iter().zip(heights) {
        scene.circle(end.0, end.1, 3.5, pair.ink);
        let bend = RIGHT + 8.0;
        scene.line(&[(end.0, end.1), (bend, height), (NAMES - 6.0, height)], 1.0, pair.ink.faint(0.5));
        let room = WIDTH - MARGIN + 12.0 - NAMES;
        let name = Face::new(LABEL).bold().ink(pair.ink);
        scene.text(NAMES, height + 4.5, &font::fit_name(&pair.name, LABEL, true, room), name);
        if step >= 36.0 {
            let text = font::fit(&pair.percentile(), SMALL, false, room);
            scene.text(NAMES, height + 21.0, &text, Face::new(SMALL).ink(MUTED));
        }
    }
}

/// Moves sorted places apart to at least `step`, within `top` and `bottom`.
fn spread(places: &[f64], step: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut spread = places.to_vec();
    let mut least = top;
    for place in &mut spread {
        *place = place.max(least);
        least = *place + step;
    }
    let mut most = bottom;
    for place in spread.iter_mut().rev() {
        *place = place.min(most);
        most = *place - step;
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn names_keep_their_distance() {
        assert_eq!(spread(&[10.0, 10.0, 11.0], 20.0, 0.0, 100.0), [10.0, 30.0, 50.0]);
        assert_eq!(spread(&[95.0, 96.0], 20.0, 0.0, 100.0), [80.0, 100.0]);
    }
}
