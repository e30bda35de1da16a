//! Which failures cost most? Harmed customer-minutes a year by cause, stacked by whether more cells help.

use super::axis::Axis;
use super::font;
use super::ink::{BLUE, GREEN, Ink, MUTED, RED, TEXT};
use super::limits::{self, About};
use super::scene::{Face, Scene};
use super::style::{self, HEIGHT, LABEL, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{Metric, Statistic};
use crate::engine::stats::Estimate;
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::years::{CauseYears, Cells};
use crate::number;
use crate::report::estimate;

const LEFT: f64 = MARGIN + 250.0;
const RIGHT: f64 = WIDTH - MARGIN - 190.0;
const TOP: f64 = 150.0;
const BOTTOM: f64 = HEIGHT - 62.0;

/// The bars: what more cells do, the colour, in words.
const BARS: [(Cells, Ink, &str); 3] = [
    (Cells::FewerPerIncident, BLUE, "more cells: fewer customers per incident, the same sum"),
    (Cells::FewerNeighbours, GREEN, "more cells: fewer neighbours"),
    (Cells::Nothing, RED, "reaches every cell: more cells do not help"),
];

/// Draws the chart; `None` where nobody was harmed.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let years = results.years()?;
    let minutes = |cause: &CauseYears| cause.minutes.value.unwrap_or(0.0);
    let total: f64 = years.causes.iter().map(minutes).sum();
    if total <= 0.0 {
        return None;
    }
    let everywhere: f64 =
        years.causes.iter().filter(|cause| cause.with_more_cells == Cells::Nothing).map(minutes).sum();
    let share = number::rough_percent(everywhere / total);
    let answer = format!("{share} of the customer-minutes come from faults that no number of cells contains");
    let rests_on = format!("{} years · {}", number::significant(years.years, 3), results.title);
    let mut scene = style::frame(HEIGHT, &answer, "Which failures cost most?", &rests_on);
    let keys: Vec<_> = BARS
        .iter()
        .filter(|(kind, ..)| years.causes.iter().any(|cause| cause.with_more_cells == *kind))
        .map(|&(_, ink, text)| (Mark::Square, ink, text))
        .collect();
    style::key(&mut scene, MARGIN, 116.0, &keys);
    let bars: Vec<_> = BARS
        .iter()
        .map(|&(kind, ink, _)| {
            let mut causes: Vec<&CauseYears> =
                years.causes.iter().filter(|cause| cause.with_more_cells == kind && minutes(cause) > 0.0).collect();
            causes.sort_by(|a, b| minutes(b).total_cmp(&minutes(a)));
            (ink, causes)
        })
        .filter(|(_, causes)| !causes.is_empty())
        .collect();
    let sum = |causes: &[&CauseYears]| causes.iter().map(|cause| minutes(cause)).sum::<f64>();
    let most = bars.iter().map(|(_, causes)| sum(causes)).fold(0.0, f64::max);
    let x = Axis::up_to(most, LEFT, RIGHT);
    x.draw_below(&mut scene, TOP, BOTTOM, 6.0, number::tick);
    let height = (BOTTOM - TOP) / bars.len() as f64;
    for (row, (ink, causes)) in bars.iter().enumerate() {
        let (top, thick) = (TOP + (row as f64 + 0.2) * height, 0.6 * height);
        let mut from = 0.0;
        for (index, cause) in causes.iter().enumerate() {
            let to = from + minutes(cause);
            let shade = ink.faint(1.0 - 0.22 * index.min(3) as f64);
            scene.rect(x.at(from), top, (x.at(to) - x.at(from) - 1.0).max(0.5), thick, shade);
            let about = About { fault: &cause.fault, ..About::of(Metric::YearlyMinutes, Statistic::Mean) };
            for limit in limits::of(results, about) {
                let at = (x.at(from + limit.limit.value()), top + thick + 10.0);
                limits::stroke(&mut scene, limit, at, 8.0, (LEFT, WIDTH - MARGIN));
            }
            from = to;
        }
        let line = 20.0;
        for (index, cause) in causes.iter().enumerate().take(((thick / line) as usize).max(1)) {
            let share = format!("  {}", number::rough_percent(cause.share));
            let room = LEFT - 12.0 - MARGIN - font::width(&share, LABEL, false);
            let text = font::fit_name(&cause.fault, LABEL, false, room) + &share;
            scene.text(LEFT - 12.0, top + 16.0 + line * index as f64, &text, Face::new(LABEL).ink(TEXT).right());
        }
        scene.text(
            x.at(from) + 8.0,
            top + thick / 2.0 + 5.0,
            &sum_text(results.confidence, causes, from),
            Face::new(LABEL).bold().ink(TEXT),
        );
    }
    let label = Face::new(SMALL).ink(MUTED).middle();
    scene.text(f64::midpoint(LEFT, RIGHT), BOTTOM + 44.0, "harmed customer-minutes a year", label);
    Some(scene)
}

/// What is written beside a bar: of one cause with its interval, of several their sum.
fn sum_text(confidence: f64, causes: &[&CauseYears], sum: f64) -> String {
    match causes {
        [cause] => estimate::at(confidence).large(&cause.minutes),
        _ => estimate::at(confidence).large(&Estimate::exact(sum)),
    }
}
