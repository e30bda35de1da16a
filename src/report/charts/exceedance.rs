//! How often do incidents harm how many? Incidents a year that harm at least so many customers, by cause.

use super::axis::Axis;
use super::ink::{MUTED, SERIES, TEXT};
use super::limits::{self, About};
use super::scene::{Face, Scene};
use super::style::{self, HEIGHT, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{Metric, Statistic, Unit};
use crate::experiment::outcome::years::{Exceedance, Steps, Years};
use crate::experiment::outcome::{Outcome, Verdict};
use crate::number;

const LEFT: f64 = MARGIN + 60.0;
const RIGHT: f64 = WIDTH - MARGIN;
const TOP: f64 = 156.0;
const BOTTOM: f64 = HEIGHT - 62.0;

/// Draws the chart; `None` where no incident harmed anybody.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let years = results.years()?;
    let curves = curves(years);
    let met = || curves.iter().flat_map(|(_, steps)| steps);
    let (least, most) = met().fold((f64::INFINITY, 0.0_f64), |(a, b), (_, rate)| (a.min(*rate), b.max(*rate)));
    if most <= 0.0 {
        return None;
    }
    let widest = met().fold(10.0, |most: f64, (customers, _)| most.max(*customers));
    let rests_on = format!(
        "{} years, strokes: {} intervals · {}",
        number::significant(years.years, 3),
        number::percent(results.confidence),
        results.title
    );
    let rate = |row: &Exceedance| row.a_year.value.filter(|&rate| rate > 0.0);
    let question = "How often do incidents harm how many?";
    let mut scene = style::frame(HEIGHT, &answer(&curves, years.years), question, &rests_on);
    let set = limits(results);
    let widest = set.iter().fold(widest, |most, limit| most.max(limit.limit.value()));
    let x = Axis::log(1.0, 1.2 * widest, LEFT, RIGHT);
    let low = libm::pow(10.0, libm::floor(libm::log10(least)));
    let y = Axis::log(low, libm::pow(10.0, libm::ceil(libm::log10(most))), BOTTOM, TOP);
    y.draw_left(&mut scene, LEFT, RIGHT, 6.0, number::tick);
    x.draw_below(&mut scene, TOP, BOTTOM, 6.0, number::tick);
    for (row, limit) in set.into_iter().enumerate() {
        let at = x.at(limit.limit.value());
        scene.line(&[(at, TOP), (at, BOTTOM)], 2.0, limits::ink(limit));
        let text = format!("{}: {}", limit.subject.fault(), limits::text(limit));
        let face = Face::new(SMALL).bold().ink(limits::ink(limit));
        let base = BOTTOM - 10.0 - 17.0 * row as f64;
        if at - LEFT > 0.5 * (RIGHT - LEFT) {
            scene.text(at - 6.0, base, &text, face.right());
        } else {
            scene.text(at + 6.0, base, &text, face);
        }
    }
    let mut keys = Vec::new();
    for (index, (cause, steps)) in curves.iter().enumerate() {
        let all = cause.is_none();
        let ink = if all { TEXT } else { SERIES[(index + SERIES.len() - 1) % SERIES.len()] };
        // As many a year as at the next number that was met, and none beyond the largest.
        let mut line = vec![(x.at(1.0), y.at(steps[0].1))];
        for (at, &(customers, rate)) in steps.iter().enumerate() {
            line.push((x.at(customers), y.at(rate)));
            line.push((x.at(customers), y.at(steps.get(at + 1).map_or(low, |next| next.1))));
        }
        scene.line(&line, if all { 1.5 } else { 2.5 }, ink);
        let (largest, seldom) = steps[steps.len() - 1];
        Mark::Dot.draw(&mut scene, x.at(largest), y.at(seldom), ink);
        for row in years.exceedance.iter().filter(|row| row.fault.as_deref() == *cause) {
            let (Some(_), Some(from), Some(to)) = (rate(row), row.a_year.low, row.a_year.high) else { continue };
            let at = x.at(row.customers);
            scene.line(&[(at, y.at(from.max(low))), (at, y.at(to.max(low)))], 1.5, ink.faint(0.6));
        }
        keys.push((Mark::Line, ink, cause.unwrap_or("all")));
    }
    keys.push((Mark::Dot, MUTED, "largest seen"));
    style::key(&mut scene, LEFT, 112.0, &keys);
    scene.text(MARGIN, TOP - 10.0, "incidents a year", Face::new(SMALL).ink(MUTED));
    let label = Face::new(SMALL).ink(MUTED);
    scene.text(f64::midpoint(LEFT, RIGHT), BOTTOM + 44.0, "customers harmed by one incident", label.middle());
    Some(scene)
}

/// A fault, or none for all, and its steps: customers, incidents a year that harm at least so many.
type Curve<'a> = (Option<&'a str>, Vec<(f64, f64)>);

/// The curves that have steps; each ends at the largest that was seen, as the summary has it.
fn curves(years: &Years) -> Vec<Curve<'_>> {
    let largest = |fault: &Option<String>| match fault {
        None => years.harmed[2],
        Some(fault) => years.causes.iter().find(|one| one.fault == *fault).and_then(|one| one.harmed[2]),
    };
    let curve = |(cause, steps): &Steps| {
        let mut steps = steps.clone();
        if let (Some(last), Some(largest)) = (steps.last_mut(), largest(cause)) {
            last.0 = largest;
        }
        steps
    };
    let all = years.exceedance_steps.iter().filter(|(_, steps)| !steps.is_empty());
    all.map(|one| (one.0.as_deref(), curve(one))).collect()
}

/// What happens once a year, and the largest that was seen.
fn answer(curves: &[Curve<'_>], years: f64) -> String {
    let all = curves.iter().find(|(cause, _)| cause.is_none()).map_or(&[][..], |(_, steps)| steps.as_slice());
    let largest = all.last().map_or(0.0, |(customers, _)| *customers);
    match all.iter().rfind(|(_, rate)| *rate >= 1.0) {
        Some((customers, _)) if *customers < largest => format!(
            "Once a year an incident harms some {} customers or more; the largest seen: {}",
            number::count(three_digits(*customers)),
            number::count(largest.round())
        ),
        _ => format!(
            "The largest incident of {} years harms {}",
            number::significant(years, 3),
            number::of(largest.round(), "customer")
        ),
    }
}

/// The steps of a scale of sizes are no finer.
fn three_digits(value: f64) -> f64 {
    let unit = libm::exp10((libm::log10(value).floor() - 2.0).max(0.0));
    (value / unit).round() * unit
}

/// Limits of how many customers one incident of a cause may harm at worst.
fn limits(results: &Outcome) -> Vec<&Verdict> {
    let of = |fault: &str| limits::of(results, About { fault, ..About::of(Metric::BlastRadius, Statistic::Worst) });
    let causes = results.years().into_iter().flat_map(|years| &years.causes);
    causes
        .flat_map(|cause| of(&cause.fault))
        .filter(|limit| limit.subject.unit == Unit::Customers && limit.limit.value() >= 1.0)
        .collect()
}
