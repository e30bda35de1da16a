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
const TOP: f64 = 140.0;
const BOTTOM: f64 = HEIGHT - 62.0;

/// Draws the chart; `None` where no incident harmed anybody.
pub fn scene(results: &Results) -> Option<Scene> {
    let years = results.years.as_ref()?;
    let rate = |row: &Exceedance| row.a_year.value.filter(|&rate| rate > 0.0);
    let rates = || years.exceedance.iter().filter_map(rate);
    let (least, most) = rates().fold((f64::INFINITY, 0.0_f64), |(a, b), rate| (a.min(rate), b.max(rate)));
    if most <= 0.0 {
        return None;
    }
    let customers = years.exceedance.iter().filter(|row| rate(row).is_some()).map(|row| row.customers);
    let widest = customers.fold(10.0, f64::max);
    let subtitle = format!(
        "Incidents a year that harm at least so many customers · {} years, bands: {} intervals · {}",
        number::significant(years.years, 3),
        number::percent(results.confidence).replace(".0 %", " %"),
        results.title
    );
    let mut scene = style::frame(HEIGHT, "How often do incidents harm how many?", &subtitle);
    let x = Axis::log(1.0, widest, LEFT, RIGHT);
    let low = libm::pow(10.0, libm::floor(libm::log10(least)));
    let y = Axis::log(low, libm::pow(10.0, libm::ceil(libm::log10(most))), BOTTOM, TOP);
    y.draw_left(&mut scene, LEFT, RIGHT, 6.0, plain);
    x.draw_below(&mut scene, TOP, BOTTOM, 6.0, plain);
    let mut causes: Vec<&str> = Vec::new();
    for row in &years.exceedance {
        if !causes.contains(&row.cause.as_str()) && rate(row).is_some() {
            causes.push(&row.cause);
        }
    }
    let mut keys = Vec::new();
    for (index, cause) in causes.iter().enumerate() {
        let ink = if *cause == "all" { TEXT } else { SERIES[(index - 1) % SERIES.len()] };
        let rows: Vec<&Exceedance> =
            years.exceedance.iter().filter(|row| row.cause == *cause && rate(row).is_some()).collect();
        let at = |value: f64, row: &Exceedance| (x.at(row.customers), y.at(value.max(low)));
        let lows = rows.iter().filter_map(|row| Some(at(row.a_year.low?, row)));
        let highs = rows.iter().rev().filter_map(|row| Some(at(row.a_year.high?, row)));
        scene.polygon(lows.chain(highs).collect(), ink.faint(0.15));
        let line: Vec<(f64, f64)> = rows.iter().filter_map(|row| Some(at(rate(row)?, row))).collect();
        scene.line(&line, if *cause == "all" { 1.5 } else { 2.5 }, ink);
        for &(x, y) in &line {
            scene.circle(x, y, 3.0, ink);
        }
        keys.push((Mark::Line, ink, *cause));
    }
    style::key(&mut scene, LEFT, 116.0, &keys);
    let label = Face::new(SMALL).ink(MUTED);
    scene.text(f64::midpoint(LEFT, RIGHT), BOTTOM + 44.0, "customers harmed by one incident", label.middle());
    Some(scene)
}
