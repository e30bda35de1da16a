//! How full are the cells? Measured utilization of each, sorted, beside the target and what the loss of a zone leaves.

use super::axis::{Axis, defined};
use super::font;
use super::ink::{EDGE, Ink, MUTED, RED, SERIES, TEXT};
use super::limits::{self, About};
use super::scene::{Face, Scene};
use super::style::{self, HEIGHT, LABEL, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{Metric, Statistic};
use crate::experiment::outcome::curves::CellLoad;
use crate::experiment::outcome::{Outcome, Verdict};
use crate::number::{self, percent};

const TOP: f64 = 160.0;
const BOTTOM: f64 = HEIGHT - 62.0;
/// Up to so many cells each gets a row with its name.
const NAMED: usize = 16;
/// Up to so many utilizations asked for get a line across all columns.
const FEW_TARGETS: usize = 4;
/// Edges of the plot with one column per cell.
const LEFT: f64 = MARGIN + 52.0;
const RIGHT: f64 = WIDTH - MARGIN - 84.0;

/// A cell, its load as measured and at the profile's peak, and its colour.
struct Bar<'a> {
    cell: &'a CellLoad,
    load: f64,
    peak: f64,
    ink: Ink,
}

impl Bar<'_> {
    /// Whether the hours that were run are not the peak.
    fn grows(&self) -> bool {
        self.peak > self.load
    }
}

/// Draws the chart; `None` where no cell's load was measured.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let mut workflows: Vec<&str> = Vec::new();
    let mut bars: Vec<Bar<'_>> = Vec::new();
    for cell in results.requests().into_iter().flat_map(|requests| &requests.cells) {
        let Some(load) = defined(cell.utilization.value) else { continue };
        let index = workflows.iter().position(|name| *name == cell.workflow).unwrap_or_else(|| {
            workflows.push(&cell.workflow);
            workflows.len() - 1
        });
        let peak = load * defined(cell.peak_over_run).unwrap_or(1.0).max(1.0);
        bars.push(Bar { cell, load, peak, ink: SERIES[index % SERIES.len()] });
    }
    // Stable: equally loaded cells stay in the order of the scenario.
    bars.sort_by(|a, b| b.peak.total_cmp(&a.peak));
    let busiest = bars.first()?;
    // Few cells take a smaller picture rather than higher bars.
    let row = ((BOTTOM - TOP) / bars.len() as f64).min(64.0);
    let height = if bars.len() <= NAMED { HEIGHT - BOTTOM + TOP + bars.len() as f64 * row } else { HEIGHT };
    let hours =
        if bars.iter().any(Bar::grows) { "measured in the run, hatched: at the profile’s peak" } else { "measured" };
    let rests_on = format!("busiest station of each, no fault, {hours} · {}", results.title);
    let mut scene = style::frame(height, &answer(&bars, busiest), "How full are the cells?", &rests_on);
    legend(&mut scene, &workflows, &bars);
    let set = limits::of(results, About::of(Metric::Utilization, Statistic::Busiest));
    let most = bars.iter().flat_map(|bar| [bar.peak, bar.cell.utilization_zone_lost]);
    let most = most.chain(bars.iter().filter_map(|bar| bar.cell.target)).chain(set.iter().map(|one| one.limit.value()));
    let most = most.filter(|load| load.is_finite()).fold(1.0, f64::max) * 1.06;
    if bars.len() <= NAMED {
        rows(&mut scene, &bars, most, row, &set);
    } else {
        columns(&mut scene, &bars, most, &set);
    }
    Some(scene)
}

/// The busiest cell, and how many the loss of a zone overloads.
fn answer(bars: &[Bar<'_>], busiest: &Bar<'_>) -> String {
    let cell = busiest.cell;
    let of = number::of(bars.len() as f64, "cell");
    let overloaded = bars.iter().filter(|bar| bar.cell.utilization_zone_lost > 1.0).count();
    let peak = if busiest.grows() { format!(", {} at the peak", percent(busiest.peak)) } else { String::new() };
    let lost = if overloaded > 0 {
        format!("; {} overloaded after the loss of a zone", number::whole(overloaded as u64))
    } else if cell.utilization_zone_lost.is_finite() {
        format!(", {} after the loss of a zone", percent(cell.utilization_zone_lost))
    } else {
        String::new()
    };
    format!("Busiest of {of}: {}, {} utilized{peak}{lost}", cell.cell, percent(busiest.load))
}

/// Names of the colours and marks.
fn legend(scene: &mut Scene, workflows: &[&str], bars: &[Bar<'_>]) {
    let named = workflows.iter().enumerate().take(SERIES.len());
    let mut entries: Vec<(Mark, Ink, String)> =
        named.map(|(index, name)| (Mark::Square, SERIES[index], font::fit_name(name, SMALL, false, 150.0))).collect();
    let lost = if bars.len() <= NAMED { Mark::Tick } else { Mark::Line };
    let grows = bars.iter().any(Bar::grows);
    if grows {
        entries.push((Mark::Hatched, TEXT, "at the peak".to_owned()));
    }
    let when = if grows { "at the peak, after the loss of a zone" } else { "after the loss of a zone" };
    entries.push((lost, TEXT, when.to_owned()));
    let in_pieces = if bars.len() <= NAMED { common_target(bars).is_none() } else { targets(bars).len() > FEW_TARGETS };
    if in_pieces && bars.iter().any(|bar| bar.cell.target.is_some()) {
        entries.push((
            if bars.len() <= NAMED { Mark::Ring } else { Mark::Line },
            EDGE,
            "utilization target".to_owned(),
        ));
    }
    let entries: Vec<_> = entries.iter().map(|(mark, ink, name)| (*mark, *ink, name.as_str())).collect();
    // Two lines where one is too short.
    let half = if entries.len() > 7 { entries.len().div_ceil(2) } else { entries.len() };
    style::key(scene, MARGIN, 112.0, &entries[..half]);
    style::key(scene, MARGIN, 132.0, &entries[half..]);
}

/// The utilizations that cells were sized for, each once, ascending.
fn targets(bars: &[Bar<'_>]) -> Vec<f64> {
    let mut targets: Vec<f64> = bars.iter().filter_map(|bar| bar.cell.target).filter(|load| load.is_finite()).collect();
    targets.sort_by(f64::total_cmp);
    targets.dedup();
    targets
}

/// The one utilization that all cells were sized for.
fn common_target(bars: &[Bar<'_>]) -> Option<f64> {
    let first = bars.first()?.cell.target?;
    bars.iter().all(|bar| bar.cell.target == Some(first)).then_some(first)
}

/// Few cells: one row each, with its name.
fn rows(scene: &mut Scene, bars: &[Bar<'_>], most: f64, row: f64, set: &[&Verdict]) {
    const NAMES: f64 = 230.0;
    let (left, right) = (MARGIN + NAMES + 10.0, WIDTH - MARGIN - 120.0);
    let bottom = TOP + bars.len() as f64 * row;
    let axis = Axis::linear(0.0, most, left, right);
    axis.draw_below(scene, TOP, bottom, 8.0, percent);
    scene.text(f64::midpoint(left, right), bottom + 42.0, "utilization", Face::new(SMALL).ink(MUTED).middle());
    let full = axis.at(1.0);
    scene.line(&[(full, TOP - 4.0), (full, bottom)], 2.0, RED);
    scene.text(full, TOP - 9.0, "full", Face::new(SMALL).bold().ink(RED).middle());
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + (index as f64 + 0.5) * row;
        let thick = (row * 0.56).min(26.0);
        scene.text(
            MARGIN + NAMES,
            y + 4.5,
            &font::fit_name(&bar.cell.cell, LABEL, false, NAMES),
            Face::new(LABEL).right(),
        );
        scene.rect(left, y - thick / 2.0, (axis.at(bar.load) - left).max(1.5), thick, bar.ink.faint(0.85));
        let (from, to) = (axis.at(bar.load), axis.at(bar.peak));
        scene.hatched(from, y - thick / 2.0, to - from, thick, bar.ink);
        if bar.cell.utilization_zone_lost.is_finite() {
            let x = axis.at(bar.cell.utilization_zone_lost);
            scene.line(&[(x, y - thick / 2.0 - 2.0), (x, y + thick / 2.0 + 2.0)], 3.0, TEXT);
        }
        let customers = number::of(bar.cell.customers as f64, "customer");
        scene.text(WIDTH - MARGIN, y + 4.5, &customers, Face::new(SMALL).ink(MUTED).right());
    }
    for limit in set {
        let x = axis.at(limit.limit.value());
        scene.line(&[(x, TOP - 4.0), (x, bottom)], 2.0, limits::ink(limit));
        scene.text(x, bottom + 42.0, &limits::text(limit), Face::new(SMALL).bold().ink(limits::ink(limit)).middle());
    }
    match common_target(bars) {
        Some(target) => {
            let x = axis.at(target);
            scene.line(&[(x, TOP - 4.0), (x, bottom)], 1.5, MUTED);
            scene.text(x, TOP - 9.0, &asked(target), Face::new(SMALL).bold().ink(MUTED).middle());
        }
        None => {
            for (index, bar) in bars.iter().enumerate() {
                if let Some(target) = bar.cell.target {
                    Mark::Ring.draw(scene, axis.at(target), TOP + (index as f64 + 0.5) * row, EDGE);
                }
            }
        }
    }
}

/// Many cells: one column each, from the busiest.
fn columns(scene: &mut Scene, bars: &[Bar<'_>], most: f64, set: &[&Verdict]) {
    let axis = Axis::linear(0.0, most, BOTTOM, TOP);
    axis.draw_left(scene, LEFT, RIGHT, 8.0, percent);
    let step = (RIGHT - LEFT) / bars.len() as f64;
    let gap = if step > 5.0 { (step * 0.25).min(4.0) } else { 0.0 };
    for (index, bar) in bars.iter().enumerate() {
        let x = LEFT + index as f64 * step;
        let top = axis.at(bar.load).min(BOTTOM - 1.0);
        scene.rect(x + gap / 2.0, top, step - gap, BOTTOM - top, bar.ink.faint(0.85));
        let peak = axis.at(bar.peak);
        scene.hatched(x + gap / 2.0, peak, step - gap, top - peak, bar.ink);
    }
    // Cells are sorted by load, so a few targets would alternate from column to column: they are lines across all.
    let targets = targets(bars);
    let few = targets.len() <= FEW_TARGETS;
    for (index, bar) in bars.iter().enumerate() {
        let x = LEFT + (index as f64 + 0.5) * step;
        if let (false, Some(target)) = (few, bar.cell.target) {
            let half = (step / 2.0).max(1.0);
            scene.rect(x - half, axis.at(target) - 0.75, 2.0 * half, 1.5, EDGE);
        }
        let lost = bar.cell.utilization_zone_lost;
        if lost.is_finite() {
            let ink = if lost > 1.0 { RED } else { TEXT };
            let half = (step * 0.4).clamp(1.5, 9.0);
            scene.rect(x - half, axis.at(lost) - 1.5, 2.0 * half, 3.0, ink);
            if lost > 1.0 && step < 6.0 {
                // A stroke this short would be overlooked.
                scene.circle(x, axis.at(lost), 3.5, ink);
            }
        }
    }
    let full = axis.at(1.0);
    scene.line(&[(LEFT, full), (RIGHT, full)], 2.0, RED);
    scene.text(RIGHT + 8.0, full + 4.5, "full", Face::new(SMALL).bold().ink(RED));
    // Names from the top, each below the one before where two lines are too close.
    let mut above = full + 4.5;
    for &target in targets.iter().rev().filter(|_| few) {
        let y = axis.at(target);
        scene.line(&[(LEFT, y), (RIGHT, y)], 1.5, MUTED);
        above = (y + 4.5).max(above + 15.5);
        scene.text(RIGHT + 8.0, above, &asked(target), Face::new(SMALL).bold().ink(MUTED));
    }
    for limit in set {
        limits::across(scene, limit, axis.at(limit.limit.value()), (LEFT, RIGHT));
    }
    scene.text(
        LEFT,
        BOTTOM + 20.0,
        &font::fit_name(&bars[0].cell.cell, SMALL, false, 380.0),
        Face::new(SMALL).ink(MUTED),
    );
    let last = &bars[bars.len() - 1].cell.cell;
    scene.text(RIGHT, BOTTOM + 20.0, &font::fit_name(last, SMALL, false, 380.0), Face::new(SMALL).ink(MUTED).right());
    let label = format!("{} cells, by utilization", number::whole(bars.len() as u64));
    scene.text(f64::midpoint(LEFT, RIGHT), BOTTOM + 42.0, &label, Face::new(SMALL).ink(MUTED).middle());
}

fn asked(target: f64) -> String {
    format!("target {}", percent(target))
}
