//! Two levers, one measure: a square for each pair of values, its number in it, and the limit as the border between what keeps it and
//! what does not.

use super::font;
use super::ink::{Ink, MUTED, PAPER, TEXT};
use super::scene::{Face, Scene};
use super::style::{self, HEIGHT, LABEL, MARGIN, Mark, SMALL, WIDTH};

/// What the chart shows.
#[derive(Debug, Clone)]
pub struct Heat {
    /// The first line.
    pub answer: String,
    /// What is asked.
    pub question: String,
    /// What the answer rests on.
    pub rests_on: String,
    /// Name and values of the lever from left to right.
    pub across: (String, Vec<String>),
    /// Name and values of the lever from below to above.
    pub up: (String, Vec<String>),
    /// The squares, row by row from below.
    pub squares: Vec<Vec<Square>>,
    /// The limit of the measure: "at least 99 %"; empty if there is none.
    pub limit: String,
}

/// A point.
#[derive(Debug, Clone, PartialEq)]
pub struct Square {
    /// The number, for its colour.
    pub value: Option<f64>,
    /// The number as it is shown.
    pub text: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It keeps the limit, or there is none.
    Kept,
    /// It does not.
    Breached,
    /// That is undecided.
    Undecided,
    /// It was left out without a run.
    Pruned,
    /// It is not run, or there is no such number.
    Missing,
}

/// The least number, and the largest: the scale is darker throughout.
const LEAST: Ink = Ink::opaque(229, 239, 247);
const MOST: Ink = Ink::opaque(16, 60, 110);
/// Above this share of the scale letters are light.
const DARK: f64 = 0.5;

const TOP: f64 = 136.0;
const BOTTOM: f64 = HEIGHT - 78.0;
const RIGHT: f64 = WIDTH - MARGIN;
/// Width of the border between what keeps the limit and what does not.
const BORDER: f64 = 5.0;

/// Draws the chart.
pub fn scene(heat: &Heat) -> Scene {
    let mut scene = style::frame(HEIGHT, &heat.answer, &heat.question, &heat.rests_on);
    let widest = heat.up.1.iter().map(|text| font::width(text, LABEL, false)).fold(40.0, f64::max);
    let left = MARGIN + widest.min(260.0) + 16.0;
    let (columns, rows) = (heat.across.1.len().max(1), heat.up.1.len().max(1));
    let (wide, high) = ((RIGHT - left) / columns as f64, (BOTTOM - TOP) / rows as f64);
    let corner = |column: usize, row: usize| (left + wide * column as f64, BOTTOM - high * (row + 1) as f64);
    let values = || heat.squares.iter().flatten().filter_map(|square| square.value);
    let (least, most) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| (a.min(value), b.max(value)));
    for (row, squares) in heat.squares.iter().enumerate() {
        for (column, square) in squares.iter().enumerate() {
            let (x, y) = corner(column, row);
            let share =
                square.value.map_or(0.0, |value| if most > least { (value - least) / (most - least) } else { 0.0 });
            draw(&mut scene, square, share, (x + 1.0, y + 1.0, wide - 2.0, high - 2.0));
        }
    }
    let squares = scene.items.len();
    border(&mut scene, heat, corner, (wide, high));
    let has_border = scene.items.len() > squares && !heat.limit.is_empty();
    let label = Face::new(LABEL).ink(TEXT);
    for (row, text) in heat.up.1.iter().enumerate() {
        let middle = corner(0, row).1 + 0.5 * high + 5.0;
        scene.text(left - 10.0, middle, &font::fit(text, LABEL, false, left - MARGIN - 10.0), label.right());
    }
    for (column, text) in heat.across.1.iter().enumerate() {
        let middle = corner(column, 0).0 + 0.5 * wide;
        scene.text(middle, BOTTOM + 22.0, &font::fit(text, LABEL, false, wide - 6.0), label.middle());
    }
    let named = Face::new(SMALL).ink(MUTED);
    scene.text(MARGIN, TOP - 10.0, &heat.up.0, named);
    scene.text(f64::midpoint(left, RIGHT), BOTTOM + 44.0, &heat.across.0, named.middle());
    let mut keys = vec![(Mark::Square, LEAST.mixed(MOST, 0.15), "low"), (Mark::Square, MOST, "high")];
    let has = |fate: Fate| heat.squares.iter().flatten().any(|square| square.fate == fate);
    let bound = format!("border: {}", heat.limit);
    if has_border {
        keys.push((Mark::Line, TEXT, &bound));
    }
    if has(Fate::Undecided) {
        keys.push((Mark::Hatched, TEXT, "undecided"));
    }
    style::key(&mut scene, MARGIN, HEIGHT - 14.0, &keys);
    scene
}

fn draw(scene: &mut Scene, square: &Square, share: f64, (x, y, wide, high): (f64, f64, f64, f64)) {
    let paint = LEAST.mixed(MOST, share);
    let ink = if share > DARK && square.value.is_some() { PAPER } else { TEXT };
    match square.fate {
        Fate::Pruned => {
            scene.rect(x, y, wide, high, MUTED.faint(0.12));
            scene.line(&[(x, y), (x + wide, y + high)], 1.0, MUTED);
            scene.line(&[(x, y + high), (x + wide, y)], 1.0, MUTED);
        }
        Fate::Missing => scene.rect(x, y, wide, high, MUTED.faint(0.12)),
        Fate::Kept | Fate::Breached | Fate::Undecided => scene.rect(x, y, wide, high, paint),
    }
    let (middle, base) = (x + 0.5 * wide, y + 0.5 * high + 5.0);
    let face = Face::new(LABEL).middle();
    if square.fate == Fate::Undecided {
        scene.hatched(x, y, wide, high, ink.faint(0.35));
    }
    // Letters on strokes need a ground of their own.
    if matches!(square.fate, Fate::Undecided | Fate::Pruned) {
        let room = font::width(&square.text, LABEL, false).min(wide - 4.0) + 10.0;
        scene.rect(middle - 0.5 * room, base - 15.0, room, 21.0, if square.value.is_some() { paint } else { PAPER });
    }
    let words = if square.fate == Fate::Breached { face.bold().ink(ink) } else { face.ink(ink) };
    scene.text(middle, base, &font::fit(&square.text, LABEL, square.fate == Fate::Breached, wide - 8.0), words);
}

/// Draws the edges between squares that keep the limit and those that do not.
fn border(scene: &mut Scene, heat: &Heat, corner: impl Fn(usize, usize) -> (f64, f64), (wide, high): (f64, f64)) {
    let fate = |column: usize, row: usize| heat.squares.get(row).and_then(|row| row.get(column)).map(|one| one.fate);
    let differ = |one: Option<Fate>, other: Option<Fate>| {
        matches!((one, other), (Some(Fate::Kept), Some(Fate::Breached)) | (Some(Fate::Breached), Some(Fate::Kept)))
    };
    for row in 0..heat.squares.len() {
        for column in 0..heat.squares[row].len() {
            let (x, y) = corner(column, row);
            if differ(fate(column, row), fate(column + 1, row)) {
                scene.line(&[(x + wide, y), (x + wide, y + high)], BORDER, TEXT);
            }
            if differ(fate(column, row), fate(column, row + 1)) {
                scene.line(&[(x, y), (x + wide, y)], BORDER, TEXT);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn heat() -> Heat {
        let square = |value: f64, fate| Square { value: Some(value), text: format!("{value} %"), fate };
        Heat {
            answer: "x".to_owned(),
            question: "y".to_owned(),
            rests_on: "z".to_owned(),
            across: ("cell".to_owned(), vec!["30".to_owned(), "<50>".to_owned()]),
            up: ("repair".to_owned(), vec!["45min".to_owned(), "8min".to_owned()]),
            squares: vec![
                vec![square(60.0, Fate::Breached), square(61.0, Fate::Undecided)],
                vec![square(99.0, Fate::Kept), Square { value: None, text: "pruned".to_owned(), fate: Fate::Pruned }],
            ],
            limit: "at least 99 %".to_owned(),
        }
    }

    #[test]
    fn every_square_has_its_number_and_text_is_no_markup() {
        let svg = scene(&heat()).svg().unwrap();
        for text in ["60 %", "99 %", "pruned", "45min", "undecided", "border: at least 99 %"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(!svg.contains("<50>"), "{svg}");
    }

    #[test]
    fn one_border_between_what_keeps_and_what_does_not() {
        let mut scene = Scene::new(10.0, 10.0, "", "");
        border(&mut scene, &heat(), |column, row| (column as f64, row as f64), (1.0, 1.0));
        assert_eq!(scene.items.len(), 1);
    }

    #[test]
    fn larger_is_darker() {
        let light = |share: f64| {
            let (red, green, blue) = LEAST.mixed(MOST, share).rgb;
            f64::from(red) * 0.2126 + f64::from(green) * 0.7152 + f64::from(blue) * 0.0722
        };
        assert!((0..10).all(|step| light(f64::from(step) / 10.0) > light(f64::from(step + 1) / 10.0)));
    }
}
