//! Does the mapping store survive a cold cache? Lookups per second and hit ratio around the fault of the router.

use super::axis::{Axis, defined};
use super::font;
use super::ink::{BLUE, GREEN, MUTED, RED, TEXT};
use super::limits::{self, About};
use super::scene::{Face, Scene};
use super::series::{self, Bin, Labels};
use super::style::{self, HEIGHT, LABEL, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{Metric, Statistic};
use crate::experiment::outcome::curves::TimelineRow;
use crate::experiment::outcome::{FaultSummary, Outcome, Requests, Verdict};
use crate::number::{self, percent};

const LEFT: f64 = MARGIN + 56.0;
const RIGHT: f64 = WIDTH - MARGIN;
const TOP: f64 = 106.0;
const BOTTOM: f64 = HEIGHT - 58.0;
const TITLE: f64 = 34.0;
const BINS: usize = 1000;

/// Draws the chart; `None` where no lookup was ever made.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let looked_up = |row: &TimelineRow| row.hit_ratio.is_some() || row.store_load.iter().any(|load| *load > 0.0);
    let requests = results.requests()?;
    if !requests.timeline.iter().any(looked_up) {
        return None;
    }
    let fault = router_fault(&requests.faults);
    let rows = window(&requests.timeline, fault);
    let row = series::row_seconds(rows);
    let (first, last) = (rows.first()?.second, rows.last()?.second + row);
    let size = series::bin_rows(rows.len(), BINS);
    let seconds = row * size as f64;
    let load = series::bins(rows, size, series::mean, |row| Some(row.store_load));
    let hits = series::bins(rows, size, series::mean, |row| row.hit_ratio.map(|ratio| [ratio; 3]));

    let question = if fault.is_some() {
        "Does the mapping store survive a cold cache?"
    } else {
        "How loaded is the mapping store?"
    };
    let mut scene = style::frame(HEIGHT, &answer(requests, fault, &load), question, &rests_on(results, seconds));
    let x = Axis::linear(first, last, LEFT, RIGHT);
    let spans = series::spans(&requests.faults, first, last);
    let labels = Labels::place(&x, &spans, LEFT, RIGHT);
    let top = TOP + labels.height();
    let height = BOTTOM - top - 2.0 * TITLE;
    let upper = (top + TITLE, top + TITLE + 0.6 * height);
    let lower = (upper.1 + TITLE, BOTTOM);
    labels.draw(&mut scene, &x, &spans, &[upper, lower]);

    let capacity = defined(requests.store_capacity).filter(|capacity| *capacity > 0.0);
    let top_second = fault.and_then(|fault| defined(fault.store_load_peak));
    let most = series::greatest(&load).max(top_second.unwrap_or(0.0));
    // A capacity far above all load would flatten it to a line.
    let shown = capacity.filter(|capacity| *capacity < 6.0 * most);
    let set: Vec<&Verdict> = [Statistic::Mean, Statistic::Worst]
        .into_iter()
        .flat_map(|statistic| limits::of(results, About::of(Metric::StoreLoad, statistic)))
        .filter(|limit| limit.limit.value() < 6.0 * most)
        .collect();
    let highest = set.iter().map(|limit| limit.limit.value()).chain(shown).fold(most, f64::max);
    let y = Axis::up_to(highest * 1.04, upper.1, upper.0);
    y.draw_left(&mut scene, LEFT, RIGHT, 5.0, number::tick);
    let head = Face::new(LABEL).bold();
    scene.text(LEFT, TOP + 14.0, "Lookups in the mapping store, per second", head.ink(BLUE));
    if let Some(capacity) = capacity {
        let text = format!("capacity {}/s", rate(capacity));
        let base = if shown.is_some() { y.at(capacity) - 6.0 } else { TOP + 14.0 };
        if shown.is_some() {
            scene.line(&[(LEFT, y.at(capacity)), (RIGHT, y.at(capacity))], 1.75, RED);
        }
        // Clear of what may be written at the edge.
        scene.text(RIGHT - 10.0, base, &text, Face::new(SMALL).bold().ink(RED).right());
    }
    for limit in set {
        limits::across(&mut scene, limit, y.at(limit.limit.value()), (LEFT, RIGHT));
    }
    series::draw(&mut scene, &x, &y, &load, BLUE);
    if let Some(peak) = top_second {
        greatest(&mut scene, &x, &y, (&load, seconds), peak);
    }

    let y = Axis::linear(0.0, 1.0, lower.1, lower.0);
    y.draw_left(&mut scene, LEFT, RIGHT, 4.0, percent);
    scene.text(LEFT, lower.0 - 12.0, "Lookups answered by the cache", head.ink(GREEN));
    for limit in limits::of(results, About::of(Metric::HitRatio, Statistic::Mean)) {
        limits::across(&mut scene, limit, y.at(limit.limit.value()), (LEFT, RIGHT));
    }
    series::draw(&mut scene, &x, &y, &hits, GREEN);
    if let Some(fault) = fault {
        recovery(&mut scene, &x, fault, &[upper, lower]);
    }
    if hits.is_empty() {
        let none = Face::new(SMALL).ink(MUTED).middle();
        scene.text(f64::midpoint(LEFT, RIGHT), f64::midpoint(lower.0, lower.1) - 8.0, "no lookup in the cache", none);
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

/// The seconds to show: from before the onset until after recovery, or to the horizon where there was none; or all.
fn window<'a>(rows: &'a [TimelineRow], fault: Option<&FaultSummary>) -> &'a [TimelineRow] {
    let Some((start, end)) = fault.and_then(|fault| fault.span_seconds) else { return rows };
    let recovered = fault.and_then(|fault| defined(fault.recovery_median));
    let length = (end - start).max(recovered.unwrap_or(0.0)).max(5.0);
    let from = start - (0.5 * length).clamp(10.0, 600.0);
    let to = if recovered.is_some() { start + 1.5 * length + 15.0 } else { f64::INFINITY };
    let inside: Vec<usize> = (0..rows.len()).filter(|index| (from..=to).contains(&rows[*index].second)).collect();
    match (inside.first(), inside.last()) {
        (Some(first), Some(last)) if last - first >= 5 => &rows[*first..=*last],
        _ => rows,
    }
}

fn answer(requests: &Requests, fault: Option<&FaultSummary>, load: &[Bin]) -> String {
    let greatest = load.iter().map(|(_, values)| values[1]).fold(0.0, f64::max);
    let Some(fault) = fault else { return format!("At most {} lookups per second", rate(greatest)) };
    let peak = defined(fault.store_load_peak).unwrap_or(greatest);
    let capacity = match defined(requests.store_capacity) {
        Some(capacity) if capacity > 0.0 => format!(" of {}/s", rate(capacity)),
        _ => String::new(),
    };
    let end = match defined(fault.recovery_median) {
        Some(median) => format!("recovers after {}", number::clock(median)),
        None => format!("not recovered in {}", stuck(fault)),
    };
    format!("After {} up to {}/s{capacity}; {end}", fault.name, rate(peak))
}

/// How many incidents were not seen to recover: "20 of 20 incidents".
fn stuck(fault: &FaultSummary) -> String {
    let left = fault.incidents.saturating_sub(fault.recovery_seconds.len() as u64);
    format!("{} of {}", number::whole(left), number::of(fault.incidents as f64, "incident"))
}

fn rests_on(results: &Outcome, seconds: f64) -> String {
    let runs = match results.replications_done {
        0 | 1 => "1 replication".to_owned(),
        runs => format!("median of {}, band from 10 to 90 %", number::of(f64::from(runs), "replication")),
    };
    let means = if seconds > 1.0 { format!(", means of {}", number::span(seconds)) } else { String::new() };
    format!("{runs}{means} · {}", results.title)
}

/// Lookups a second, as in the summary.
fn rate(rate: f64) -> String {
    number::count(rate.round())
}

/// Marks the greatest second after the fault, mean over incidents: above the highest point of the median.
fn greatest(scene: &mut Scene, x: &Axis, y: &Axis, (load, seconds): (&[Bin], f64), peak: f64) {
    let highest = load.iter().reduce(|a, b| if b.1[1] > a.1[1] { b } else { a });
    let Some((time, _)) = highest else { return };
    let (place, height) = (x.at(*time), y.at(peak));
    Mark::Dot.draw(scene, place, height, BLUE);
    let text = format!("{}/s in the greatest second", rate(peak));
    let face = Face::new(LABEL).bold().ink(BLUE);
    let beside = (x.at(time + seconds / 2.0) - place).max(8.0) + 4.0;
    if place + beside + font::width(&text, LABEL, true) > RIGHT {
        scene.text(place - beside, height + 4.5, &text, face.right());
    } else {
        scene.text(place + beside, height + 4.5, &text, face);
    }
}

/// Marks when all was as without the fault again, or says at the edge that it never was.
fn recovery(scene: &mut Scene, x: &Axis, fault: &FaultSummary, panels: &[(f64, f64)]) {
    let Some((start, _)) = fault.span_seconds else { return };
    let face = Face::new(SMALL).bold();
    let Some(median) = defined(fault.recovery_median) else {
        for (upper, lower) in panels {
            scene.rect(RIGHT - 3.0, *upper, 6.0, lower - upper, RED);
        }
        let text = format!("not recovered: {}", stuck(fault));
        scene.text(RIGHT - 10.0, panels[1].1 - 10.0, &text, face.ink(RED).right());
        return;
    };
    let place = x.at(start + median);
    for (upper, lower) in panels {
        scene.line(&[(place, *upper), (place, *lower)], 1.5, TEXT);
    }
    let text = format!("recovers after {}", number::clock(median));
    let base = panels[1].1 - 10.0;
    if place + 6.0 + font::width(&text, SMALL, true) > RIGHT {
        scene.text(place - 6.0, base, &text, face.ink(TEXT).right());
    } else {
        scene.text(place + 6.0, base, &text, face.ink(TEXT));
    }
}
