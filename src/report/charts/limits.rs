//! Limits of expectations: which of them a chart shows, what is written there, and where.

use super::font;
use super::ink::{Ink, MUTED, RED};
use super::scene::{Face, Scene};
use super::style::SMALL;
use crate::catalogue::{Metric, Statistic};
use crate::experiment::outcome::{Judgement, Outcome, Verdict};
use crate::report::verdict;

/// What an expectation is about, as a chart asks for it; workflow and tier are "" where the chart is of all.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) metric: Metric,
    pub(super) statistic: Statistic,
    pub(super) fault: &'a str,
    pub(super) tier: &'a str,
    pub(super) workflow: &'a str,
}

impl About<'_> {
    /// Asks for limits of all.
    pub(super) fn of(metric: Metric, statistic: Statistic) -> About<'static> {
        About { metric, statistic, fault: "", tier: "", workflow: "" }
    }
}

/// The expectations about something, in the order of the file.
pub(super) fn of<'a>(results: &'a Outcome, about: About<'_>) -> Vec<&'a Verdict> {
    let fits = |one: &&Verdict| {
        let subject = &one.subject;
        (subject.metric, subject.statistic) == (about.metric, about.statistic)
            && (subject.fault(), subject.tier(), subject.workflow()) == (about.fault, about.tier, about.workflow)
            && one.limit.value().is_finite()
    };
    results.verdicts.iter().filter(fits).collect()
}

/// What is written at a limit: "limit 2 %", "at least 99 %: BREACHED".
pub(super) fn text(limit: &Verdict) -> String {
    let text = verdict::limit(limit);
    if limit.outcome == Judgement::Breached { format!("{text}: BREACHED") } else { text }
}

/// Its colour.
pub(super) fn ink(limit: &Verdict) -> Ink {
    if limit.outcome == Judgement::Breached { RED } else { MUTED }
}

/// What is written in a row of marks already: from, to, and the base line.
pub(super) type Written = Vec<(f64, f64, f64)>;

/// Height of a line of text.
const LINE: f64 = 15.0;

/// Draws a limit in a row of marks: a stroke, and its text beside it within `left` and `right`.
pub(super) fn stroke(scene: &mut Scene, limit: &Verdict, at: (f64, f64), half: f64, ends: (f64, f64)) {
    stroke_beside(scene, limit, at, half, (ends.0, ends.1, at.1 + half), &mut Written::new());
}

/// The same of several limits of one row, which reaches down to `bottom`: a text goes where there is none yet, at the foot of the
/// stroke, below or above, to its right or to its left; where no room is left, the stroke stands alone.
pub(super) fn stroke_beside(
    scene: &mut Scene,
    limit: &Verdict,
    (x, y): (f64, f64),
    half: f64,
    (left, right, bottom): (f64, f64, f64),
    written: &mut Written,
) {
    let ink = ink(limit);
    scene.line(&[(x, y - half), (x, y + half)], 2.0, ink);
    let tier = if limit.subject.metric == Metric::BlastRadius { limit.subject.tier() } else { "" };
    let text = if tier.is_empty() { text(limit) } else { format!("{tier}: {}", text(limit)) };
    let face = Face::new(SMALL).bold().ink(ink);
    let width = font::width(&text, SMALL, true);
    let starts = match x + 5.0 + width <= right {
        true => [x + 5.0, x - 5.0 - width],
        false => [(x - 5.0 - width).max(left); 2],
    };
    let foot = y + half - 1.0;
    let lines = |room: f64| (room.max(0.0) / LINE) as u32;
    let below = (0..=lines(bottom - foot)).map(|line| foot + LINE * f64::from(line));
    let above = (1..=lines(2.0 * half - LINE)).map(|line| foot - LINE * f64::from(line));
    let mut places = below.chain(above).flat_map(|base| starts.map(|start| (start, base)));
    let is_free = |&(start, base): &(f64, f64)| {
        start >= left
            && written.iter().all(|&(from, to, other)| {
                (base - other).abs() >= LINE - 0.5 || start > to + 4.0 || start + width + 4.0 < from
            })
    };
    let free = places.find(is_free);
    if let Some((start, base)) = free {
        scene.text(start, base, &text, face);
        written.push((start, start + width, base));
    }
}

/// Draws a limit across a panel, between `left` and `right` at the height `y`, its text above the right end.
pub(super) fn across(scene: &mut Scene, limit: &Verdict, y: f64, (left, right): (f64, f64)) {
    scene.line(&[(left, y), (right, y)], 1.75, ink(limit));
    scene.text(right, y - 6.0, &text(limit), Face::new(SMALL).bold().ink(ink(limit)).right());
}
