//! How far does each failure spread? Customers harmed per fault, beside what was exposed here and in the single-cell baseline.

use super::axis::{Axis, defined};
use super::font;
use super::ink::{BLUE, EDGE, Ink, MUTED, PURPLE, STRIPE};
use super::limits::{self, About};
use super::scene::{Face, Scene};
use super::style::{self, HEIGHT, LABEL, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{Metric, Statistic, Unit};
use crate::engine::stats::{Estimate, State};
use crate::experiment::outcome::{FaultSummary, Outcome, Verdict};
use crate::number;
use crate::report::estimate;

const NAMES: f64 = 250.0;
const LEFT: f64 = MARGIN + NAMES + 26.0;
const RIGHT: f64 = 730.0;
const HARMED: f64 = 956.0;
const WORST: f64 = 1030.0;
const TRAFFIC: (f64, f64) = (1052.0, 1106.0);
const TOP: f64 = 160.0;
const BELOW: f64 = 62.0;
/// Least and greatest height of a row.
const ROW: (f64, f64) = (22.0, 120.0);

/// Draws the chart; `None` without faults.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let faults = &results.requests()?.faults;
    if faults.is_empty() {
        return None;
    }
    let rows = faults.len() as f64;
    let row = ((HEIGHT - TOP - BELOW) / rows).clamp(ROW.0, ROW.1);
    let bottom = TOP + rows * row;
    let rests_on = format!("{} · {}", style::rests_on(results, "mean"), results.title);
    let mut scene =
        style::frame(bottom + BELOW, &answer(results, faults), "How far does each failure spread?", &rests_on);
    let interval = if results.replications_done > 1 { "harmed: mean and interval" } else { "harmed" };
    let entries = [
        (Mark::Dot, BLUE, interval),
        (Mark::Peak, BLUE, "worst incident"),
        (Mark::Ring, MUTED, "exposed"),
        (Mark::Diamond, PURPLE, "exposed in the single-cell baseline"),
    ];
    style::key(&mut scene, LEFT, 116.0, &entries);
    let head = Face::new(SMALL).ink(MUTED);
    scene.text(HARMED, TOP - 10.0, "harmed", head.right());
    scene.text(WORST, TOP - 10.0, "worst", head.right());
    scene.text(WIDTH - MARGIN, TOP - 10.0, "% traffic", head.right());

    for (index, _) in faults.iter().enumerate().filter(|(index, _)| index % 2 == 0) {
        scene.rect(MARGIN - 10.0, TOP + index as f64 * row, WIDTH - 2.0 * MARGIN + 20.0, row, STRIPE);
    }
    let axis = Axis::log_from_zero(&values(results, faults), 1.0, LEFT, RIGHT);
    axis.draw_below(&mut scene, TOP, bottom, 6.0, number::tick);
    scene.text(f64::midpoint(LEFT, RIGHT), bottom + 42.0, "customers", head.middle());
    for (index, fault) in faults.iter().enumerate() {
        let y = TOP + (index as f64 + 0.5) * row;
        name(&mut scene, fault, y, row);
        let mut written = limits::Written::new();
        for limit in limits(results, fault) {
            let at = (axis.at(limit.customers), y);
            let half = (0.5 * row - 2.0).min(24.0);
            limits::stroke_beside(
                &mut scene,
                limit.verdict,
                at,
                half,
                (LEFT, RIGHT, y + 0.5 * row - 4.0),
                &mut written,
            );
            if let Some(harmed) = limit.of_tier {
                scene.circle(axis.at(harmed), y, 3.0, limits::ink(limit.verdict));
            }
        }
        marks(&mut scene, &axis, fault, y);
        columns(&mut scene, results, fault, y);
    }
    Some(scene)
}

/// The fault that spreads furthest.
fn answer(results: &Outcome, faults: &[FaultSummary]) -> String {
    let harmed = |fault: &FaultSummary| defined(fault.harmed.value).unwrap_or(-1.0);
    let widest = faults.iter().reduce(|a, b| if harmed(b) > harmed(a) { b } else { a });
    match widest {
        Some(fault) if harmed(fault) > 0.0 => {
            let share = defined(fault.share_of_customers.value).map(|share| format!(" ({})", number::percent(share)));
            let first = if faults.len() > 1 { "Furthest: " } else { "" };
            format!(
                "{first}{} harms {} of {}{}",
                fault.name,
                estimate::at(results.confidence).bare(&fault.harmed),
                number::of(results.facts.customers as f64, "customer"),
                share.unwrap_or_default()
            )
        }
        Some(fault) if harmed(fault) == 0.0 => "No customer was harmed".to_owned(),
        _ => "Harm was not measured".to_owned(),
    }
}

/// A limit of how many customers a fault may harm.
struct Limit<'a> {
    verdict: &'a Verdict,
    /// In customers.
    customers: f64,
    /// Customers of its tier that are harmed, if it is of a tier.
    of_tier: Option<f64>,
}

/// Limits of how many customers a fault may harm, of all customers and of those of a tier.
fn limits<'a>(results: &'a Outcome, fault: &FaultSummary) -> Vec<Limit<'a>> {
    let tiers = results.facts.tiers.iter().map(|tier| (tier.name.as_str(), tier.customers));
    let all = [("", results.facts.customers)];
    let mut limits = Vec::new();
    for (tier, customers) in all.into_iter().chain(tiers) {
        for statistic in [Statistic::Mean, Statistic::Worst] {
            let about = About { fault: &fault.name, tier, ..About::of(Metric::BlastRadius, statistic) };
            for verdict in limits::of(results, about) {
                let scale = if verdict.subject.unit == Unit::Share { customers as f64 } else { 1.0 };
                let harmed = defined(verdict.estimate.value).filter(|_| !tier.is_empty()).map(|value| value * scale);
                limits.push(Limit { verdict, customers: verdict.limit.value() * scale, of_tier: harmed });
            }
        }
    }
    limits
}

/// All numbers that the axis has to show.
fn values(results: &Outcome, faults: &[FaultSummary]) -> Vec<f64> {
    let numbers = |fault: &FaultSummary| {
        [
            fault.harmed.value,
            fault.harmed.high,
            fault.exposed.value,
            fault.harmed_worst.map(|worst| worst as f64),
            fault.single_cell_exposed.map(|exposed| exposed as f64),
        ]
    };
    let limits = faults.iter().flat_map(|fault| limits(results, fault)).map(|limit| limit.customers);
    faults.iter().flat_map(numbers).flatten().chain(limits).collect()
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
    let single_cell = fault.single_cell_exposed.map(|exposed| exposed as f64);
    let harmed = defined(fault.harmed.value);
    if let (Some(from), Some(to)) = (exposed, single_cell) {
        // What cells keep out.
        scene.line(&[(axis.at(from.min(to)), y), (axis.at(from.max(to)), y)], 1.5, PURPLE.faint(0.4));
    }
    if let Some(single_cell) = single_cell {
        Mark::Diamond.draw(scene, axis.at(single_cell), y, PURPLE);
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

fn columns(scene: &mut Scene, results: &Outcome, fault: &FaultSummary, y: f64) {
    let base = y + 4.5;
    let harmed = estimate::at(results.confidence).bare(&fault.harmed);
    let room = HARMED - RIGHT - 12.0;
    // Both ends of an interval are worth more than the size of their letters.
    let size = [LABEL, SMALL, 12.0, 11.0].into_iter().find(|&size| font::width(&harmed, size, true) <= room);
    let size = size.unwrap_or(11.0);
    scene.text(HARMED, base, &font::fit(&harmed, size, true, room), Face::new(size).bold().right());
    let worst = fault.harmed_worst.map_or_else(|| "–".to_owned(), number::whole);
    scene.text(WORST, base, &worst, Face::new(LABEL).right());
    let Some(share) = defined(fault.share_of_traffic) else {
        scene.text(WIDTH - MARGIN, base, "–", Face::new(LABEL).right());
        return;
    };
    let width = TRAFFIC.1 - TRAFFIC.0;
    scene.rect(TRAFFIC.0, y - 4.0, width, 8.0, EDGE.faint(0.25));
    scene.rect(TRAFFIC.0, y - 4.0, width * share.clamp(0.0, 1.0), 8.0, EDGE);
    scene.text(WIDTH - MARGIN, base, &number::rough_percent(share), Face::new(LABEL).right());
}
