//! What does each failure take from the SLA? The worst customer's share of a contract month, and what is allowed against what is used.

use super::axis::{Axis, defined};
use super::blast_radius::whisker;
use super::budget_rows::{BAD_MINUTES, Group, Line, groups};
use super::font;
use super::ink::{BLUE, EDGE, GREEN, Ink, MUTED, PAPER, RED, STRIPE, TEXT};
use super::limits::{self, About};
use super::scene::{Face, Scene};
use super::style::{self, HEIGHT, LABEL, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{self, Metric, Statistic};
use crate::experiment::outcome::{Outcome, Verdict};
use crate::number;
use crate::report::{estimate, period};

const NAMES: f64 = 168.0;
const LEFT: f64 = MARGIN + NAMES + 12.0;
const RIGHT: f64 = 540.0;
const VALUES: f64 = 724.0;
const KEPT: (f64, f64) = (790.0, WIDTH - MARGIN - 10.0);
const TOP: f64 = 150.0;
const BELOW: f64 = 62.0;
/// Least and greatest height of a row; a tier's head takes `HEAD` rows.
const ROW: (f64, f64) = (17.0, 36.0);
const HEAD: f64 = 1.4;
/// Least height of a tier in the right panel.
const BLOCK: f64 = 92.0;

/// Draws the chart; `None` without budgets.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let tiers = results.facts.tiers.len().max(1) as f64;
    let room = (HEIGHT - TOP - BELOW) / ROW.0;
    let most = ((room / tiers - HEAD).floor() as usize).max(3);
    let groups = groups(results, most);
    if groups.is_empty() {
        return None;
    }
    let units: f64 = groups.iter().map(|group| HEAD + group.lines.len().max(1) as f64).sum();
    let row = ((HEIGHT - TOP - BELOW) / units).clamp(ROW.0, ROW.1).max(BLOCK * groups.len() as f64 / units);
    let bottom = TOP + units * row;
    let rests_on = format!("only these faults · {} · {}", style::rests_on(results, "mean"), results.title);
    let period = period::of_all(&results.facts);
    let question = "What does each failure take from the SLA?";
    let mut scene = style::frame(bottom + BELOW, &answer(results, &groups, period), question, &rests_on);
    shares(&mut scene, results, &groups, row, bottom);
    kept(&mut scene, results, &groups, bottom);
    Some(scene)
}

/// The tier that comes closest to its limit.
fn answer(results: &Outcome, groups: &[Group<'_>], period: &str) -> String {
    let used = |group: &Group<'_>| group.used().unwrap_or(-1.0);
    let closest = groups.iter().reduce(|a, b| if used(b) > used(a) { b } else { a });
    let share = |group: &Group<'_>| {
        let share =
            group.run.map(|row| estimate::at(results.confidence).with_unit(&row.share_worst, catalogue::Unit::Share));
        format!("{}’s worst customer uses {} of its {}", group.tier, share.unwrap_or_default(), group.period())
    };
    match closest {
        Some(group) if used(group) > 1.0 => format!("SLA missed: {}", share(group)),
        Some(group) if used(group) > 0.0 => format!("At most, {}", share(group)),
        Some(group) if used(group) == 0.0 => format!("No tier uses any of its {period}"),
        _ => format!("Use of the {period} was not measured"),
    }
}

/// Limits of the share of its month that the worst customer of a tier may use, by one fault or ("") by all.
fn limits<'a>(results: &'a Outcome, tier: &str, fault: &str) -> Vec<&'a Verdict> {
    limits::of(results, About { fault, tier, ..About::of(Metric::MonthBudgetUsed, Statistic::Worst) })
}

/// The left panel: shares of a month, tier by tier and fault by fault.
fn shares(scene: &mut Scene, results: &Outcome, groups: &[Group<'_>], row: f64, bottom: f64) {
    let lines = || groups.iter().flat_map(|group| &group.lines);
    let numbers = |line: &Line<'_>| [line.share().value, line.share().high];
    let values: Vec<f64> = lines().filter(|line| !line.is_rest()).flat_map(numbers).flatten().collect();
    let most = values.iter().copied().filter(|value| value.is_finite()).fold(1.0, f64::max);
    let axis = if most <= 2.5 {
        Axis::linear(0.0, (most * 1.08).max(1.1), LEFT, RIGHT)
    } else {
        Axis::log_from_zero(&values, 0.01, LEFT, RIGHT)
    };
    let head = Face::new(LABEL).bold();
    let period = period::of_all(&results.facts);
    scene.text(MARGIN, TOP - 32.0, &format!("Allowance of a {period} used by the worst customer"), head);

    axis.draw_below(scene, TOP, bottom, 5.0, number::percent);
    let limit = axis.at(1.0);
    scene.line(&[(limit, TOP - 6.0), (limit, bottom)], 2.0, RED);
    scene.text(limit, TOP - 11.0, &format!("the whole {period}"), Face::new(SMALL).ink(RED).middle());

    let mut y = TOP;
    for group in groups {
        let base = y + HEAD * row / 2.0 + 4.5;
        scene.rect(MARGIN - 10.0, y + 0.15 * row, VALUES - MARGIN + 20.0, (HEAD - 0.3) * row, STRIPE);
        scene.text(MARGIN, base, &font::fit(&group.title(), LABEL, true, VALUES - MARGIN), head);
        y += HEAD * row;
        if group.lines.is_empty() {
            scene.text(MARGIN + 12.0, y + row / 2.0 + 4.5, "no fault uses any of it", Face::new(SMALL).ink(MUTED));
        }
        for (index, line) in group.lines.iter().enumerate() {
            let middle = y + (index as f64 + 0.5) * row;
            share(scene, results.confidence, &axis, line, middle, row);
            for limit in limits(results, &group.tier, line.fault()).into_iter().filter(|_| !line.is_rest()) {
                let place = (axis.at(limit.limit.value()), middle);
                limits::stroke(scene, limit, place, 0.5 * row - 1.0, (LEFT, RIGHT));
            }
        }
        y += group.lines.len().max(1) as f64 * row;
    }
}

fn share(scene: &mut Scene, confidence: f64, axis: &Axis, line: &Line<'_>, y: f64, row: f64) {
    let size = if row < 20.0 { SMALL } else { LABEL };
    let base = y + 4.5;
    if let Line::Rest(text) = line {
        // Wider than a name: lines of the axis would run through the letters.
        scene.rect(MARGIN + 12.0, y - 8.0, font::width(text, SMALL, false) + 4.0, 16.0, PAPER);
        scene.text(MARGIN + 12.0, base, text, Face::new(SMALL).ink(MUTED));
        return;
    }
    scene.text(MARGIN + 12.0, base, &font::fit_name(line.fault(), size, false, NAMES - 12.0), Face::new(size));
    let share = line.share();
    if let Some(value) = defined(share.value) {
        let ink = if value > 1.0 { RED } else { BLUE };
        if !axis.is_log() {
            let thick = (row * 0.5).min(14.0);
            scene.rect(axis.at(0.0), y - thick / 2.0, axis.at(value) - axis.at(0.0), thick, ink.faint(0.75));
        }
        // What might be all the same is written beside.
        if value > 0.0 {
            whisker(scene, axis, share, y, TEXT);
            if axis.is_log() {
                Mark::Dot.draw(scene, axis.at(value), y, ink);
            }
        }
    }
    let uses = defined(share.value).is_some_and(|value| value > 0.0);
    let (text, room) = (estimate::at(confidence).with_unit(share, catalogue::Unit::Share), VALUES - RIGHT - 4.0);
    let size = [size, 12.0, 11.0].into_iter().find(|&size| font::width(&text, size, uses) <= room).unwrap_or(11.0);
    let face = Face::new(size).right();
    let text = font::fit(&text, size, uses, room);
    scene.text(VALUES, base, &text, if uses { face.bold() } else { face.ink(MUTED) });
}

/// The unit of the right panel: minutes, unless some tier's contract does not count them.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Minutes,
    Share,
}

impl Unit {
    fn of(self, minutes: f64, group: &Group<'_>) -> f64 {
        match self {
            Unit::Minutes => minutes,
            Unit::Share => minutes / group.window_minutes,
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Unit::Minutes => number::tick(value),
            Unit::Share => number::percent(value),
        }
    }

    /// What is allowed, as everywhere.
    fn allowance(self, group: &Group<'_>) -> String {
        match self {
            Unit::Minutes => number::minutes(group.allowed),
            Unit::Share => number::percent(group.allowed_share()),
        }
    }

    /// What was used, as everywhere: minutes with their interval.
    fn used(self, confidence: f64, group: &Group<'_>, used: f64) -> String {
        match (self, group.run) {
            (Unit::Minutes, Some(row)) => estimate::at(confidence).bare(&row.used_worst),
            _ => number::percent(used * group.allowed_share()),
        }
    }
}

/// The right panel: what each tier's promise allows, and what its worst customer used.
fn kept(scene: &mut Scene, results: &Outcome, groups: &[Group<'_>], bottom: f64) {
    let alike = groups.windows(2).all(|pair| pair[0].measure == pair[1].measure);
    let (unit, what) = match groups[0].measure {
        BAD_MINUTES if alike => (Unit::Minutes, "bad minutes of the worst customer"),
        "requests" if alike => (Unit::Share, "failed requests of the worst customer"),
        "mean-error-share" if alike => (Unit::Share, "mean error share of the worst customer"),
        _ => (Unit::Share, "bad minutes, or what else a contract counts"),
    };
    let of = |group: &Group<'_>| {
        let minutes = group.used().map(|share| share * group.allowed);
        [Some(group.allowed), minutes].map(|minutes| minutes.map(|minutes| unit.of(minutes, group)))
    };
    let values: Vec<f64> = groups.iter().flat_map(of).flatten().collect();
    let axis = Axis::log_from_zero(&values, unit.of(1.0, &groups[0]), KEPT.0, KEPT.1);
    let period = period::of_all(&results.facts);
    let title = match unit {
        Unit::Minutes => format!("Allowed and used, minutes of a {period}"),
        Unit::Share => format!("Allowed and used, share of a {period}"),
    };
    scene.text(KEPT.0 - 10.0, TOP - 32.0, &title, Face::new(LABEL).bold());
    axis.draw_below(scene, TOP, bottom, 5.0, |value| unit.text(value));
    let below = Face::new(SMALL).ink(MUTED).middle();
    scene.text(f64::midpoint(KEPT.0, KEPT.1), bottom + 42.0, what, below);
    let block = (bottom - TOP) / groups.len() as f64;
    for (index, group) in groups.iter().enumerate() {
        let edge = TOP + index as f64 * block;
        let y = edge + (0.5 * block + 6.0).max(58.0);
        let allowed = axis.at(unit.of(group.allowed, group));
        let allowance = format!("{} allowed", unit.allowance(group));
        let name = font::fit_name(&group.tier, LABEL, true, KEPT.1 - KEPT.0);
        if index > 0 {
            scene.line(&[(KEPT.0 - 10.0, edge), (KEPT.1 + 10.0, edge)], 1.0, EDGE.faint(0.5));
        }
        scene.text(KEPT.0 + 8.0, edge + 22.0, &name, Face::new(LABEL).bold());
        let Some(used) = group.used() else {
            Mark::Diamond.draw(scene, allowed, y, EDGE);
            note(scene, allowed, y - 14.0, &allowance, MUTED);
            note(scene, allowed, y + 23.0, "use not measured", MUTED);
            continue;
        };
        let kept = used <= 1.0;
        let ink = if kept { GREEN } else { RED };
        let place = axis.at(unit.of(used * group.allowed, group));
        scene.line(&[(place, y), (allowed, y)], 4.0, ink.faint(0.35));
        Mark::Diamond.draw(scene, allowed, y, EDGE);
        Mark::Dot.draw(scene, place, y, ink);
        note(scene, allowed, y - 14.0, &allowance, MUTED);
        let verdict = if kept { "used" } else { "used: SLA missed" };
        note(scene, place, y + 23.0, &format!("{} {verdict}", unit.used(results.confidence, group, used)), ink);
        for limit in limits(results, &group.tier, "") {
            let x = axis.at(unit.of(limit.limit.value() * group.allowed, group));
            scene.line(&[(x, y - 9.0), (x, y + 9.0)], 2.0, limits::ink(limit));
            note(scene, x, y + 39.0, &limits::text(limit), limits::ink(limit));
        }
    }
}

/// A small text centred on `x`, moved inwards where it would leave the panel.
fn note(scene: &mut Scene, x: f64, y: f64, text: &str, ink: Ink) {
    let half = font::width(text, SMALL, true) / 2.0;
    let x = x.min(KEPT.1 + 10.0 - half).max(KEPT.0 + 5.0 + half);
    // Lines of the axis would run through the letters.
    scene.rect(x - half - 2.0, y - 12.0, 2.0 * half + 4.0, 15.0, PAPER);
    scene.text(x, y, text, Face::new(SMALL).bold().ink(ink).middle());
}
