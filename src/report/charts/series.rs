//! Numbers over time: binned to what the plot can show, drawn as line and band, with the faults shaded.

use super::axis::{Axis, round_time};
use super::font;
use super::ink::{AMBER, Ink, MUTED, TEXT};
use super::scene::{Face, Scene};
use super::style::SMALL;
use crate::experiment::outcome::FaultSummary;
use crate::experiment::outcome::curves::TimelineRow;
use crate::number::clock;

/// One bin: its middle, and (lower band, median, upper band).
pub(super) type Bin = (f64, [f64; 3]);

/// A fault's name, start and end in seconds.
pub(super) type Span<'a> = (&'a str, f64, f64);

/// Seconds that one row holds: more than one where the horizon is long.
pub(super) fn row_seconds(rows: &[TimelineRow]) -> f64 {
    rows.get(1).map_or(1.0, |second| second.second - rows[0].second)
}

/// Rows that one bin holds, so that there are at most about `most` bins.
pub(super) fn bin_rows(rows: usize, most: usize) -> usize {
    round_time(rows as f64 / most as f64).max(1.0) as usize
}

/// Summaries of bins of `size` rows each; where a row has nothing to say it is left out.
pub(super) fn bins(
    rows: &[TimelineRow],
    size: usize,
    summary: fn(&[[f64; 3]], usize) -> f64,
    pick: impl Fn(&TimelineRow) -> Option<[f64; 3]>,
) -> Vec<Bin> {
    let row = row_seconds(rows);
    let bin = |chunk: &[TimelineRow]| {
        let first = chunk.first()?.second;
        let last = chunk.last()?.second;
        let picked: Vec<[f64; 3]> =
            chunk.iter().filter_map(&pick).filter(|values| values.iter().all(|value| value.is_finite())).collect();
        if picked.is_empty() {
            return None;
        }
        Some((f64::midpoint(first, last + row), [0, 1, 2].map(|index| summary(&picked, index))))
    };
    rows.chunks(size.max(1)).filter_map(bin).collect()
}

/// The mean of one of the three values.
pub(super) fn mean(values: &[[f64; 3]], index: usize) -> f64 {
    values.iter().map(|values| values[index]).sum::<f64>() / values.len() as f64
}

/// The greatest of one of the three values: for what a mean would hide.
pub(super) fn most(values: &[[f64; 3]], index: usize) -> f64 {
    values.iter().map(|values| values[index]).fold(0.0, f64::max)
}

/// The greatest value of any band, or of the median only.
pub(super) fn greatest(bins: &[Bin]) -> f64 {
    bins.iter().flat_map(|(_, values)| *values).fold(0.0, f64::max)
}

/// Draws the band, then the median: as steps where a bin is wide enough to be seen.
pub(super) fn draw(scene: &mut Scene, x: &Axis, y: &Axis, bins: &[Bin], ink: Ink) {
    let wide = bins.windows(2).map(|pair| pair[1].0 - pair[0].0).fold(f64::INFINITY, f64::min);
    let half = if wide.is_finite() { wide / 2.0 } else { 0.5 };
    let steps = bins.first().is_some_and(|(time, _)| x.at(time + half) - x.at(time - half) > 4.0);
    let shifts: &[f64] = if steps { &[-1.0, 1.0] } else { &[0.0] };
    let points = |index: usize| {
        let mut points = Vec::with_capacity(bins.len() * shifts.len());
        for (time, values) in bins {
            points.extend(shifts.iter().map(|shift| (x.at(time + shift * half), y.at(values[index]))));
        }
        points
    };
    if bins.iter().any(|(_, values)| values[2] > values[0]) {
        scene.polygon(points(0).into_iter().chain(points(2).into_iter().rev()).collect(), ink.faint(0.22));
    }
    scene.line(&points(1), 1.75, ink);
}

/// Draws the axis of time below the last panel, from `from` to `to` seconds.
pub(super) fn time_axis(scene: &mut Scene, x: &Axis, from: f64, to: f64, bottom: f64) {
    let step = round_time((to - from) / 12.0);
    // No seconds where all ticks are on the minute of a long time.
    let hours = to >= 7200.0 && step >= 60.0;
    let show = |time: f64| {
        let text = clock(time);
        match text.rsplit_once(':') {
            Some((minutes, _)) if hours => {
                if time < 3600.0 {
                    format!("0:{minutes:0>2}")
                } else {
                    minutes.to_owned()
                }
            }
            _ => text,
        }
    };
    let mut time = (from / step).ceil() * step;
    while time <= to {
        let place = x.at(time);
        scene.line(&[(place, bottom), (place, bottom + 5.0)], 1.0, MUTED);
        scene.text(place, bottom + 19.0, &show(time), Face::new(SMALL).ink(MUTED).middle());
        time += step;
    }
    let unit = if hours {
        "time since the end of the warm-up, h:min"
    } else if to >= 3600.0 {
        "time since the end of the warm-up, h:min:s"
    } else {
        "time since the end of the warm-up, min:s"
    };
    scene.text(f64::midpoint(x.at(from), x.at(to)), bottom + 40.0, unit, Face::new(SMALL).ink(MUTED).middle());
}

/// The scripted faults' spans that lie at least partly within `from` to `to`.
pub(super) fn spans(faults: &[FaultSummary], from: f64, to: f64) -> Vec<Span<'_>> {
    let span = |fault: &'_ FaultSummary| {
        let (start, end) = fault.span_seconds?;
        (start.is_finite() && start <= to && end.max(start) >= from).then_some((start, end))
    };
    faults.iter().filter_map(|fault| span(fault).map(|(start, end)| (fault.name.as_str(), start, end))).collect()
}

/// A label's lane and left end.
struct Place {
    lane: usize,
    x: f64,
    text: String,
}

/// Names of faults above a plot, in as many lanes as they need.
pub(super) struct Labels {
    places: Vec<Place>,
    lanes: usize,
}

/// Height of a lane.
const LANE: f64 = 17.0;
/// More lanes than this push the plot off the slide: further names are left out.
const LANES: usize = 7;

impl Labels {
    /// Finds places for the names of `spans`.
    pub(super) fn place(x: &Axis, spans: &[Span<'_>], left: f64, right: f64) -> Self {
        let mut free = [left - 20.0; LANES];
        let mut lanes = 0;
        let mut order: Vec<&Span<'_>> = spans.iter().collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut places = Vec::new();
        for (name, start, _) in order {
            let text = font::fit_name(name, SMALL, true, 260.0);
            let width = font::width(&text, SMALL, true);
            let x = (x.at(*start) + 1.0).min(right - width).max(left);
            if let Some(lane) = (0..LANES).find(|lane| free[*lane] + 12.0 <= x) {
                free[lane] = x + width;
                lanes = lanes.max(lane + 1);
                places.push(Place { lane, x, text });
            }
        }
        Self { places, lanes }
    }

    /// Height of all lanes.
    pub(super) fn height(&self) -> f64 {
        self.lanes as f64 * LANE
    }

    /// Shades the spans in all panels, and writes the names above the first.
    pub(super) fn draw(&self, scene: &mut Scene, x: &Axis, spans: &[Span<'_>], panels: &[(f64, f64)]) {
        let Some((first, _)) = panels.first() else { return };
        // Many that overlap would add up to a wall.
        let shade = if spans.len() > 6 { 0.1 } else { 0.2 };
        for (_, start, end) in spans {
            let from = x.at(*start);
            let width = x.at(end.max(*start)) - from;
            // A fault of an instant is a line.
            let ink = if width < 2.0 { AMBER } else { AMBER.faint(shade) };
            for (upper, lower) in panels {
                scene.rect(from - if width < 2.0 { 0.75 } else { 0.0 }, *upper, width.max(1.5), lower - upper, ink);
            }
            let short = if width < 4.0 { 2.0 - width / 2.0 } else { 0.0 };
            scene.rect(from - short, first - 4.0, width + 2.0 * short, 4.0, AMBER);
        }
        for place in &self.places {
            let y = first - 10.0 - place.lane as f64 * LANE;
            scene.text(place.x, y, &place.text, Face::new(SMALL).bold().ink(TEXT));
        }
    }
}
