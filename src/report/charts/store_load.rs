//! Does the mapping store survive a cold cache? Look-ups per second and hit ratio around the fault of the router.

use super::axis::Axis;
use super::font;
use super::numbers::{count, defined, percent, plain, whole};
use super::scene::{Face, Scene};
use super::series::{self, Bin, Labels};
use super::style::{self, BLUE, GREEN, HEIGHT, LABEL, MARGIN, MUTED, RED, SMALL, WIDTH};
use crate::experiment::results::{FaultSummary, Results, TimelineRow};
use crate::report::number;

const LEFT: f64 = MARGIN + 56.0;
const RIGHT: f64 = WIDTH - MARGIN;
const TOP: f64 = 106.0;
const BOTTOM: f64 = HEIGHT - 58.0;
const TITLE: f64 = 34.0;
const BINS: usize = 1000;

/// Draws the chart; `None` where no look-up was ever made.
pub fn scene(results: &Results) -> Option<Scene> {
    let looked_up = |row: &TimelineRow| row.hit_ratio.is_some() || row.store_load.iter().any(|load| *load > 0.0);
    if !results.timeline.iter().any(looked_up) {
        return None;
    }
    let fault = router_fault(&results.faults);
    let rows = window(results, fault);
    let row = series::row_seconds(rows);
    let (first, last) = (rows.first()?.second, rows.last()?.second + row);
    let size = series::bin_rows(rows.len(), BINS);
    let seconds = row * size as f64;
    let load = series::bins(rows, size, series::mean, |row| Some(row.store_load));
    let hits = series::bins(rows, size, series::mean, |row| row.hit_ratio.map(|ratio| [ratio; 3]));

    let title =
        if fault.is_some() { "Does the mapping store survive a cold cache?" } else { "How busy is the mapping store?" };
    let mut scene = style::frame(HEIGHT, title, &subtitle(results, fault, &load, seconds));
    let x = Axis::linear(first, last, LEFT, RIGHT);
    let spans = series::spans(&results.faults, first, last);
    let labels = Labels::place(&x, &spans, LEFT, RIGHT);
    let top = TOP + labels.height();
    let height = BOTTOM - top - 2.0 * TITLE;
    let upper = (top + TITLE, top + TITLE + 0.6 * height);
    let lower = (upper.1 + TITLE, BOTTOM);
    labels.draw(&mut scene, &x, &spans, &[upper, lower]);

    let capacity = defined(results.store_capacity).filter(|capacity| *capacity > 0.0);
    let most = series::greatest(&load);
    // A capacity far above all load would flatten it to a line.
    let shown = capacity.filter(|capacity| *capacity < 6.0 * most);
    let y = Axis::up_to(most.max(shown.unwrap_or(0.0)) * 1.04, upper.1, upper.0);
    y.draw_left(&mut scene, LEFT, RIGHT, 5.0, plain);
    let head = Face::new(LABEL).bold();
    scene.text(LEFT, TOP + 14.0, "Look-ups in the mapping store, per second", head.ink(BLUE));
    if let Some(capacity) = capacity {
        let text = format!("capacity {}/s", whole(capacity));
        let base = if shown.is_some() { y.at(capacity) - 6.0 } else { TOP + 14.0 };
        if shown.is_some() {
            scene.line(&[(LEFT, y.at(capacity)), (RIGHT, y.at(capacity))], 1.75, RED);
        }
        scene.text(RIGHT, base, &text, Face::new(SMALL).bold().ink(RED).right());
    }
    series::draw(&mut scene, &x, &y, &load, BLUE);
    peak(&mut scene, &x, &y, &load, seconds);

    let y = Axis::linear(0.0, 1.0, lower.1, lower.0);
    y.draw_left(&mut scene, LEFT, RIGHT, 4.0, percent);
    scene.text(LEFT, lower.0 - 12.0, "Look-ups answered by the cache", head.ink(GREEN));
    series::draw(&mut scene, &x, &y, &hits, GREEN);
    if hits.is_empty() {
        let none = Face::new(SMALL).ink(MUTED).middle();
        scene.text(f64::midpoint(LEFT, RIGHT), f64::midpoint(lower.0, lower.1) - 8.0, "no look-up in the cache", none);
    }
    series::time_axis(&mut scene, &x, first, last, BOTTOM);
    Some(scene)
}

/// The fault of the router that loads the store most.
fn router_fault(faults: &[FaultSummary]) -> Option<&FaultSummary> {
    let peak = |fault: &FaultSummary| defined(fault.store_load_peak);
    let of_router = faults.iter().filter(|fault| peak(fault).is_some() && fault.span_seconds.is_some());
    of_router.reduce(|a, b| if peak(b) > peak(a) { b } else { a })
}

/// The seconds to show: around the fault until well after recovery, or all.
fn window<'a>(results: &'a Results, fault: Option<&FaultSummary>) -> &'a [TimelineRow] {
    let rows = &results.timeline;
    let Some((start, end)) = fault.and_then(|fault| fault.span_seconds) else { return rows };
    let recovery = fault.and_then(|fault| defined(fault.recovery_median)).unwrap_or(0.0);
    let length = (end - start).max(recovery).max(5.0);
    let from = start - (0.5 * length).clamp(10.0, 600.0);
    let to = start + 3.0 * length + 15.0;
    let inside: Vec<usize> = (0..rows.len()).filter(|index| (from..=to).contains(&rows[*index].second)).collect();
    match (inside.first(), inside.last()) {
        (Some(first), Some(last)) if last - first >= 5 => &rows[*first..=*last],
        _ => rows,
    }
}

fn subtitle(results: &Results, fault: Option<&FaultSummary>, load: &[Bin], seconds: f64) -> String {
    let peak = load.iter().map(|(_, values)| values[1]).fold(0.0, f64::max);
    let finding = match (fault, defined(results.store_capacity)) {
        (Some(fault), Some(capacity)) if capacity > 0.0 => {
            format!("After {}: {} look-ups a second, capacity {}", fault.name, plain(peak), whole(capacity))
        }
        (Some(fault), _) => format!("After {}: up to {} look-ups a second", fault.name, plain(peak)),
        (None, _) => format!("At most {} look-ups a second", plain(peak)),
    };
    let runs = match results.replications_done {
        0 | 1 => "1 run".to_owned(),
        runs => format!("median of {}, band from 10 to 90 %", count(u64::from(runs), "run", "runs")),
    };
    let means = if seconds > 1.0 { format!(", means of {}", number::span(seconds)) } else { String::new() };
    format!("{finding} · {runs}{means} · {}", results.title)
}

/// Names the highest point of the median.
fn peak(scene: &mut Scene, x: &Axis, y: &Axis, load: &[Bin], seconds: f64) {
    let highest = load.iter().reduce(|a, b| if b.1[1] > a.1[1] { b } else { a });
    let usual = load.iter().map(|(_, values)| values[1]).sum::<f64>() / load.len().max(1) as f64;
    let Some((time, values)) = highest.filter(|(_, values)| values[1] > 1.5 * usual) else { return };
    let height = y.at(values[1]) - 4.0;
    let (from, to) = (x.at(time - seconds / 2.0), x.at(time + seconds / 2.0));
    let text = format!("{} a second", plain(values[1]));
    let face = Face::new(LABEL).bold().ink(BLUE);
    if to + 8.0 + font::width(&text, LABEL, true) > RIGHT {
        scene.text(from - 8.0, height, &text, face.right());
    } else {
        scene.text(to + 8.0, height, &text, face);
    }
}
