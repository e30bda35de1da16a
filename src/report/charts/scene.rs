//! What is on a chart: a list of shapes and texts in pixels, before anything is drawn.
//!
//! Charts fill it, [`super::draw`] turns it into SVG or PNG. Undefined numbers never get in: a shape with one is left out.

use super::ink::{Ink, TEXT};

/// A chart, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) title: String,
    pub(super) answer: String,
    pub(super) items: Vec<Item>,
}

/// One shape.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// Left, top, right, bottom.
    Rect(f64, f64, f64, f64, Ink),
    /// A filled polygon.
    Polygon(Vec<(f64, f64)>, Ink),
    /// A line through points, with its width.
    Line(Vec<(f64, f64)>, f64, Ink),
    /// Centre and radius, filled.
    Circle(f64, f64, f64, Ink),
    /// Position of the baseline, and the text.
    Text(f64, f64, String, Face),
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Face {
    /// Pixels per em.
    pub(super) size: f64,
    /// Semi-bold.
    pub(super) bold: bool,
    /// Colour.
    pub(super) ink: Ink,
    /// Which point of the text its position is.
    pub(super) anchor: Anchor,
}

/// Which point of a text its position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Its left end.
    Left,
    /// Its middle.
    Middle,
    /// Its right end.
    Right,
}

impl Face {
    /// Plain text, from the left.
    pub(super) const fn new(size: f64) -> Self {
        Self { size, bold: false, ink: TEXT, anchor: Anchor::Left }
    }

    /// In semi-bold.
    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// In a colour.
    pub(super) const fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    /// Ending at its position.
    pub(super) const fn right(self) -> Self {
        Self { anchor: Anchor::Right, ..self }
    }

    /// Centred on its position.
    pub(super) const fn middle(self) -> Self {
        Self { anchor: Anchor::Middle, ..self }
    }
}

/// Length of a dash and of the gap after it.
const DASH: (f64, f64) = (6.0, 4.0);

impl Scene {
    /// An empty chart.
    pub(super) fn new(width: f64, height: f64, title: &str, answer: &str) -> Self {
        Self { width, height, title: legible(title), answer: legible(answer), items: Vec::new() }
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, ink: Ink) {
        if [x, y, width, height].iter().all(|number| number.is_finite()) {
            self.items.push(Item::Rect(x, y, x + width, y + height, ink));
        }
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, points: Vec<(f64, f64)>, ink: Ink) {
        if points.len() > 2 && defined(&points) {
            self.items.push(Item::Polygon(points, ink));
        }
    }

    /// A line through points.
    pub(super) fn line(&mut self, points: &[(f64, f64)], width: f64, ink: Ink) {
        if points.len() > 1 && defined(points) {
            self.items.push(Item::Line(points.to_vec(), width, ink));
        }
    }

    /// A dashed line through points, for what was not measured but only bounded: one short line per dash, the same in every
    /// format.
    pub(super) fn dashed(&mut self, points: &[(f64, f64)], width: f64, ink: Ink) {
        if !defined(points) {
            return;
        }
        let mut drawing = true;
        let mut left = DASH.0;
        let mut dash: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
        for pair in points.windows(2) {
            let (mut from, to) = (pair[0], pair[1]);
            let mut length = libm::hypot(to.0 - from.0, to.1 - from.1);
            while length > left {
                let part = left / length;
                from = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
                length -= left;
                if drawing {
                    dash.push(from);
                    self.line(&dash, width, ink);
                }
                drawing = !drawing;
                dash = vec![from];
                left = if drawing { DASH.0 } else { DASH.1 };
            }
            left -= length;
            dash.push(to);
        }
        if drawing {
            self.line(&dash, width, ink);
        }
    }

    /// A hatched rectangle with an edge: what was not measured, but follows. One too narrow for strokes is pale.
    pub(super) fn hatched(&mut self, x: f64, y: f64, width: f64, height: f64, ink: Ink) {
        /// Between two strokes.
        const GAP: f64 = 5.0;
        if ![x, y, width, height].iter().all(|number| number.is_finite()) || width <= 0.0 || height <= 0.0 {
            return;
        }
        self.rect(x, y, width, height, ink.faint(0.2));
        if width < GAP || height < GAP {
            return;
        }
        let (right, bottom) = (x + width, y + height);
        // Strokes run upwards to the right; each is cut where it leaves the rectangle.
        let mut at = GAP;
        while at < width + height {
            let from = if at <= height { (x, y + at) } else { (x + at - height, bottom) };
            let to = if at <= width { (x + at, y) } else { (right, y + at - width) };
            self.line(&[from, to], 1.0, ink);
            at += GAP;
        }
        self.line(&[(x, y), (right, y), (right, bottom), (x, bottom), (x, y)], 1.0, ink);
    }

    /// A filled circle.
    pub(super) fn circle(&mut self, x: f64, y: f64, radius: f64, ink: Ink) {
        if x.is_finite() && y.is_finite() {
            self.items.push(Item::Circle(x, y, radius, ink));
        }
    }

    /// A text on its baseline.
    pub(super) fn text(&mut self, x: f64, y: f64, text: &str, face: Face) {
        if x.is_finite() && y.is_finite() && !text.is_empty() {
            self.items.push(Item::Text(x, y, legible(text), face));
        }
    }
}

/// Control characters are not allowed in XML, and have no shape.
fn legible(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn defined(points: &[(f64, f64)]) -> bool {
    points.iter().all(|(x, y)| x.is_finite() && y.is_finite())
}
