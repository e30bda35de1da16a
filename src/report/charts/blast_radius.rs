//! How far does each failure spread? Customers harmed per fault, beside what was exposed here and on the undivided platform.

use super::axis::Axis;
use super::font;
use super::numbers::{self, defined, percent, plain, whole};
use super::scene::{Face, Scene};
use super::style::{self, BLUE, EDGE, HEIGHT, Ink, LABEL, MARGIN, MUTED, Mark, PURPLE, SMALL, STRIPE, WIDTH};
use crate::engine::stats::{Estimate, State};
use crate::experiment::results::{FaultSummary, Results};

const NAMES: f64 = 250.0;
const LEFT: f64 = MARGIN + NAMES + 26.0;
const RIGHT: f64 = 824.0;
const HARMED: f64 = 968.0;
const WORST: f64 = 1030.0;
const TRAFFIC: (f64, f64) = (1052.0, 1106.0);
const TOP: f64 = 160.0;
const BELOW: f64 = 62.0;
/// Least and greatest height of a row.
const ROW: (f64, f64) = (22.0, 120.0);

/// Draws the chart; `None` without faults.
pub fn scene(results: &Results) -> Option<Scene> {
    if results.faults.is_empty() {
        return None;
    }
    let rows = results.faults.len() as f64;
    let row = ((HEIGHT - TOP - BELOW) / rows).clamp(ROW.0, ROW.1);
    let bottom = TOP + rows * row;
    let mut scene = style::frame(bottom + BELOW, "How far does each failure spread?", &finding(results));
    let interval = if results.replications_done > 1 { "harmed: mean and interval" } else { "harmed" };
    let entries = [
        (Mark::Dot, BLUE, interval),
        (Mark::Peak, BLUE, "worst incident"),
        (Mark::Ring, MUTED, "exposed"),
        (Mark::Diamond, PURPLE, "exposed if the platform were undivided"),
    ];
    style::key(&mut scene, LEFT, 116.0, &entries);
    let head = Face::new(SMALL).ink(MUTED);
    scene.text(HARMED, TOP - 10.0, "harmed", head.right());
    scene.text(WORST, TOP - 10.0, "worst", head.right());
    scene.text(WIDTH - MARGIN, TOP - 10.0, "share of traffic", head.right());

    for (index, _) in results.faults.iter().enumerate().filter(|(index, _)| index % 2 == 0) {
        scene.rect(MARGIN - 10.0, TOP + index as f64 * row, WIDTH - 2.0 * MARGIN + 20.0, row, STRIPE);
    }
    let axis = Axis::log_from_zero(&values(results), 1.0, LEFT, RIGHT);
    axis.draw_below(&mut scene, TOP, bottom, 6.0, plain);
    scene.text(f64::midpoint(LEFT, RIGHT), bottom + 42.0, "customers", head.middle());
    for (index, fault) in results.faults.iter().enumerate() {
        let y = TOP + (index as f64 + 0.5) * row;
        name(&mut scene, fault, y, row);
        marks(&mut scene, &axis, fault, y);
        columns(&mut scene, fault, y);
    }
    Some(scene)
}

/// The fault that spreads furthest, and what the numbers rest on.
fn finding(results: &Results) -> String {
    let harmed = |fault: &FaultSummary| defined(fault.harmed.value).unwrap_or(-1.0);
    let widest = results.faults.iter().reduce(|a, b| if harmed(b) > harmed(a) { b } else { a });
    let finding = match widest {
        Some(fault) if harmed(fault) > 0.0 => {
            let share = defined(fault.share_of_customers.value).map(|share| format!(" ({})", percent(share)));
            format!(
                "Furthest: {} harms {} of {} customers{}",
                fault.name,
                plain(harmed(fault)),
                whole(results.facts.customers as f64),
                share.unwrap_or_default()
            )
        }
        Some(fault) if harmed(fault) == 0.0 => "No customer was harmed".to_owned(),
        _ => "Harm was not measured".to_owned(),
    };
    format!("{finding} · {} · {}", style::rests_on(results, "mean"), results.title)
}

/// All numbers that the axis has to show.
fn values(results: &Results) -> Vec<f64> {
    let numbers = |fault: &FaultSummary| {
        [
            fault.harmed.value,
            fault.harmed.high,
            fault.exposed.value,
            fault.harmed_worst.map(|worst| worst as f64),
            fault.undivided_exposed.map(|exposed| exposed as f64),
        ]
    };
    results.faults.iter().flat_map(numbers).flatten().collect()
}

fn name(scene: &mut Scene, fault: &FaultSummary, y: f64, row: f64) {
    let name = font::fit_name(&fault.name, LABEL, true, NAMES);
    let under = Face::new(SMALL).ink(MUTED);
    if row >= 38.0 {
        scene.text(MARGIN, y - 3.0, &name, Face::new(LABEL).bold());
        scene.text(MARGIN, y + 15.0, &font::fit_name(&fault.strikes, SMALL, false, NAMES), under);
        return;
    }
    scene.text(MARGIN, y + 4.5, &name, Face::new(LABEL).bold());
    let used = font::width(&name, LABEL, true) + 10.0;
    if NAMES - used > 60.0 {
        scene.text(MARGIN + used, y + 4.5, &font::fit(&fault.strikes, SMALL, false, NAMES - used), under);
    }
}

fn marks(scene: &mut Scene, axis: &Axis, fault: &FaultSummary, y: f64) {
    let exposed = defined(fault.exposed.value);
    let undivided = fault.undivided_exposed.map(|exposed| exposed as f64);
    let harmed = defined(fault.harmed.value);
    if let (Some(from), Some(to)) = (exposed, undivided) {
        // What the walls keep out.
        scene.dashed(&[(axis.at(from.min(to)), y), (axis.at(from.max(to)), y)], 1.5, PURPLE.faint(0.55));
    }
    if let Some(value) = harmed {
        scene.line(&[(axis.at(0.0), y), (axis.at(value), y)], 5.0, BLUE.faint(0.22));
    }
    if let Some(undivided) = undivided {
        Mark::Diamond.draw(scene, axis.at(undivided), y, PURPLE);
    }
    if let Some(exposed) = exposed {
        Mark::Ring.draw(scene, axis.at(exposed), y, MUTED);
    }
    let Some(value) = harmed else { return };
    if let Some(worst) = fault.harmed_worst {
        Mark::Peak.draw(scene, axis.at(worst as f64), y, BLUE);
    }
    whisker(scene, axis, &fault.harmed, y, BLUE);
    Mark::Dot.draw(scene, axis.at(value), y, BLUE);
}

/// An interval with its ends; a one-sided bound is dashed, up to its end.
pub(super) fn whisker(scene: &mut Scene, axis: &Axis, estimate: &Estimate, y: f64, ink: Ink) {
    let low = defined(estimate.low).or(estimate.value.filter(|_| estimate.state == State::Bound));
    let (Some(low), Some(high)) = (low, defined(estimate.high)) else { return };
    let (low, high) = (axis.at(low), axis.at(high));
    if high - low < 1.0 {
        return;
    }
    let bound = estimate.state == State::Bound;
    if bound {
        scene.dashed(&[(low, y), (high, y)], 2.0, ink);
    } else {
        scene.line(&[(low, y), (high, y)], 2.0, ink);
    }
    for end in if bound { vec![high] } else { vec![low, high] } {
        scene.line(&[(end, y - 7.0), (end, y + 7.0)], 2.0, ink);
    }
}

fn columns(scene: &mut Scene, fault: &FaultSummary, y: f64) {
    let base = y + 4.5;
    let harmed = numbers::estimate(&fault.harmed);
    let room = HARMED - RIGHT - 12.0;
    scene.text(HARMED, base, &font::fit(&harmed, LABEL, true, room), Face::new(LABEL).bold().right());
    let worst = fault.harmed_worst.map_or_else(|| "–".to_owned(), |worst| whole(worst as f64));
    scene.text(WORST, base, &worst, Face::new(LABEL).right());
    let Some(share) = defined(fault.share_of_traffic) else {
        scene.text(WIDTH - MARGIN, base, "–", Face::new(LABEL).right());
        return;
    };
    let width = TRAFFIC.1 - TRAFFIC.0;
    scene.rect(TRAFFIC.0, y - 4.0, width, 8.0, EDGE.faint(0.25));
    scene.rect(TRAFFIC.0, y - 4.0, width * share.clamp(0.0, 1.0), 8.0, EDGE);
    scene.text(WIDTH - MARGIN, base, &percent(share), Face::new(LABEL).right());
}
