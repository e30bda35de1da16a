//! Sizes and the frame that all charts share.

use super::font;
use super::ink::{Ink, MUTED, PAPER, TEXT};
use super::scene::{Face, Scene};
use crate::experiment::outcome::Outcome;
use crate::number;

/// Width of all charts.
pub(super) const WIDTH: f64 = 1200.0;
/// Height of all charts that need no more: 16 to 9, a slide.
pub(super) const HEIGHT: f64 = 675.0;
/// Free space at the edges.
pub(super) const MARGIN: f64 = 40.0;
/// Numbers and names in the plot.
pub(super) const LABEL: f64 = 14.0;
/// Axis labels, column heads.
pub(super) const SMALL: f64 = 13.0;

/// An empty chart: its first line is the answer, the second the question and what the answer rests on.
pub(super) fn frame(height: f64, answer: &str, question: &str, rests_on: &str) -> Scene {
    let room = WIDTH - 2.0 * MARGIN;
    let mut scene = Scene::new(WIDTH, height, question, &format!("{answer} · {rests_on}"));
    scene.rect(0.0, 0.0, WIDTH, height, PAPER);
    let mut line = |y: f64, text: &str, sizes: &[f64], bold: bool, ink: Ink| {
        // A long line is set smaller before its end is cut off.
        let least = sizes[sizes.len() - 1];
        let size = sizes.iter().copied().find(|&size| font::width(text, size, bold) <= room).unwrap_or(least);
        scene.text(MARGIN, y, &font::fit(text, size, bold, room), Face { bold, ..Face::new(size).ink(ink) });
    };
    line(52.0, answer, &[28.0, 25.0, 22.0, 20.0, 18.0, 16.0], true, TEXT);
    line(80.0, &format!("{question} · {rests_on}"), &[15.0, 14.0, SMALL], false, MUTED);
    scene
}

/// A key: coloured marks with their names, from `x` on, at one height.
pub(super) fn key(scene: &mut Scene, mut x: f64, y: f64, entries: &[(Mark, Ink, &str)]) {
    for &(mark, ink, name) in entries {
        let wide = if matches!(mark, Mark::Line | Mark::Thin) { 24.0 } else { 12.0 };
        let lift = if mark == Mark::Peak { 6.0 } else { -4.5 };
        mark.draw(scene, x + wide / 2.0, y + lift, ink);
        scene.text(x + wide + 6.0, y, name, Face::new(SMALL).ink(MUTED));
        x += wide + 6.0 + font::width(name, SMALL, false) + 24.0;
    }
}

/// A marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A filled circle: measured.
    Dot,
    /// A hollow circle: by construction.
    Ring,
    /// A hollow diamond: of another design.
    Diamond,
    /// A triangle above the line: a single extreme.
    Peak,
    /// A short upright stroke.
    Tick,
    /// A filled square: an area or bar.
    Square,
    /// A piece of line.
    Line,
    /// A piece of thin line.
    Thin,
    /// A hatched square.
    Hatched,
}

impl Mark {
    /// Draws the marker around a point.
    pub(super) fn draw(self, scene: &mut Scene, x: f64, y: f64, ink: Ink) {
        let diamond = |r: f64| vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
        match self {
            Mark::Dot => {
                scene.circle(x, y, 6.0, PAPER);
                scene.circle(x, y, 5.0, ink);
            }
            Mark::Ring => {
                scene.circle(x, y, 5.0, ink);
                scene.circle(x, y, 3.25, PAPER);
            }
            Mark::Diamond => {
                scene.polygon(diamond(8.5), ink);
                scene.polygon(diamond(6.0), PAPER);
            }
            Mark::Peak => scene.polygon(vec![(x - 4.5, y - 13.0), (x + 4.5, y - 13.0), (x, y - 6.0)], ink),
            Mark::Tick => scene.line(&[(x, y - 7.0), (x, y + 7.0)], 2.0, ink),
            Mark::Square => scene.rect(x - 5.0, y - 5.0, 10.0, 10.0, ink),
            Mark::Line => scene.line(&[(x - 12.0, y), (x + 12.0, y)], 2.5, ink),
            Mark::Thin => scene.line(&[(x - 12.0, y), (x + 12.0, y)], 1.25, ink),
            Mark::Hatched => scene.hatched(x - 5.0, y - 5.0, 10.0, 10.0, ink),
        }
    }
}

/// What the numbers rest on: "mean of 20 replications, 95 % intervals".
pub(super) fn rests_on(results: &Outcome, what: &str) -> String {
    match results.replications_done {
        0 | 1 => "1 replication, so without intervals".to_owned(),
        replications => {
            let replications = number::of(f64::from(replications), "replication");
            format!("{what} of {replications}, {} intervals", number::percent(results.confidence))
        }
    }
}
