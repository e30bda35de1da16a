//! How often do incidents harm how many? Incidents a year that harm at least so many customers, by cause.

use super::axis::Axis;
use super::numbers::plain;
use super::scene::{Face, Scene};
use super::style::{self, HEIGHT, MARGIN, MUTED, Mark, SERIES, SMALL, TEXT, WIDTH};
use crate::experiment::results::Results;
use crate::experiment::years::results::Exceedance;
use crate::report::number;

const LEFT: f64 = MARGIN + 60.0;
const RIGHT: f64 = WIDTH - MARGIN;
const TOP: f64 = 156.0;
const BOTTOM: f64 = HEIGHT - 62.0;

/// Draws the chart; `None` where no incident harmed anybody.
pub fn scene(results: &Results) -> Option<Scene> {
    let years = results.years.as_ref()?;
    let met = || years.exceedance_steps.iter().flat_map(|(_, steps)| steps);
    let (least, most) = met().fold((f64::INFINITY, 0.0_f64), |(a, b), (_, rate)| (a.min(*rate), b.max(*rate)));
    if most <= 0.0 {
        return None;
    }
    let widest = met().fold(10.0, |most: f64, (customers, _)| most.max(*customers));
    let subtitle = format!(
        "Incidents a year that harm at least so many customers · {} years, strokes: {} intervals · {}",
        number::significant(years.years, 3),
        number::percent(results.confidence).replace(".0 %", " %"),
        results.title
    );
    let rate = |row: &Exceedance| row.a_year.value.filter(|&rate| rate > 0.0);
    let mut scene = style::frame(HEIGHT, "How often do incidents harm how many?", &subtitle);
    let x = Axis::log(1.0, 1.2 * widest, LEFT, RIGHT);
    let low = libm::pow(10.0, libm::floor(libm::log10(least)));
    let y = Axis::log(low, libm::pow(10.0, libm::ceil(libm::log10(most))), BOTTOM, TOP);
    y.draw_left(&mut scene, LEFT, RIGHT, 6.0, plain);
    x.draw_below(&mut scene, TOP, BOTTOM, 6.0, plain);
    let mut keys = Vec::new();
    let curves = years.exceedance_steps.iter().filter(|(_, steps)| !steps.is_empty());
    for (index, (cause, steps)) in curves.enumerate() {
        let all = cause == "all";
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
        for row in years.exceedance.iter().filter(|row| row.cause == *cause) {
            let (Some(_), Some(from), Some(to)) = (rate(row), row.a_year.low, row.a_year.high) else { continue };
            let at = x.at(row.customers);
            scene.line(&[(at, y.at(from.max(low))), (at, y.at(to.max(low)))], 1.5, ink.faint(0.6));
        }
        keys.push((Mark::Line, ink, cause.as_str()));
    }
    keys.push((Mark::Dot, MUTED, "largest seen"));
    style::key(&mut scene, LEFT, 112.0, &keys);
    scene.text(MARGIN, TOP - 10.0, "incidents a year", Face::new(SMALL).ink(MUTED));
    let label = Face::new(SMALL).ink(MUTED);
    scene.text(f64::midpoint(LEFT, RIGHT), BOTTOM + 44.0, "customers harmed by one incident", label.middle());
    Some(scene)
}
