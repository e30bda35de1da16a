//! A comparison of designs: on a terminal, as a table, as JSON.

use serde::Serialize;

use super::json::{FORMAT_VERSION, document};
use super::section::Section;
use super::style::Style;
use super::table::{Align, Cell, Table, wrap};
use super::terminal::WIDTH;
use super::verdict::change as word;
use super::{estimate, modes};
use crate::catalogue::{Condition, Per};
use crate::engine::stats::Estimate;
use crate::experiment::compare::{Change, Comparison, Difference};
use crate::number;

fn count(comparison: &Comparison, design: usize, change: Change) -> usize {
    comparison.differences.iter().filter(|one| one.design == design && one.change == change).count()
}

/// Returns the text for a terminal.
pub fn render(comparison: &Comparison, colour: bool) -> String {
    let mut lines = Vec::new();
    let first = &comparison.designs[0];
    for design in 1..comparison.designs.len() {
        let counts = [Change::Better, Change::Worse, Change::NotSeen, Change::Same, Change::NotMeasured];
        let counts =
            counts.map(|change| format!("{} {}", count(comparison, design, change), word(change).0.to_lowercase()));
        let name = &comparison.designs[design].name;
        lines.extend(wrap(&format!("{name} against {}: {}", first.name, counts.join(" · ")), WIDTH));
    }
    lines.push(String::new());
    let runs = match (comparison.replications_done, comparison.replications_asked) {
        (done, asked) if done < asked => format!("{done} of {asked} replications each (interrupted)"),
        (done, _) => format!("{} each", number::of(f64::from(done), "replication")),
    };
    let horizon = number::span(comparison.horizon_seconds);
    lines.push(format!("{runs} on the same requests · {horizon} · seed {}", comparison.seed));
    for differs in &comparison.demand_differs {
        let text = format!("{differs}: what follows is no effect of the design alone");
        lines.extend(wrap(&text, WIDTH).iter().map(|line| Style::Doubt.paint(line, colour)));
    }
    for design in 1..comparison.designs.len() {
        lines.push(String::new());
        lines.extend(section(comparison, design).lines(WIDTH, colour, colour));
    }
    lines.join("\n") + "\n"
}

fn section(comparison: &Comparison, design: usize) -> Section {
    let (first, other) = (&comparison.designs[0], &comparison.designs[design]);
    let level = number::percent(comparison.confidence);
    let mut section = Section::new(
        other.name.to_uppercase(),
        format!(
            "{} minus {}, paired by replication; {level} interval of each, {level} for all verdicts together",
            other.name, first.name
        ),
    );
    let (left, right) = (Align::Left, Align::Right);
    let columns =
        [("", left), ("", left), (first.name.as_str(), right), (other.name.as_str(), right), ("difference", right)];
    let mut rows = Table::new(&columns).named_by(1);
    let is_shown = |one: &&Difference| one.design == design && !matches!(one.change, Change::Same | Change::NotSeen);
    for one in comparison.differences.iter().filter(is_shown) {
        let (word, style) = word(one.change);
        let value =
            |estimate: &Estimate| estimate.value.map_or("-".to_owned(), |v| estimate::quantity(v, one.subject.unit));
        rows.row(vec![
            Cell::styled(word, style),
            label(one).into(),
            value(&one.first).into(),
            value(&one.other).into(),
            estimate::at(comparison.confidence).with_unit(&one.difference, one.subject.unit).into(),
        ]);
    }
    section.table = Some(rows);
    let named = |change: Change| {
        let mut labels: Vec<String> = comparison
            .differences
            .iter()
            .filter(|one| one.design == design && one.change == change)
            .map(label)
            .collect();
        let more = labels.len().saturating_sub(8);
        if more > 0 {
            labels.truncate(8);
            labels.push(format!("and {more} more"));
        }
        labels.join("; ")
    };
    for change in [Change::NotSeen, Change::Same] {
        let labels = named(change);
        if !labels.is_empty() {
            section.note(word(change).0, labels);
        }
    }
    let is_judged = |one: &&Difference| matches!(one.change, Change::Better | Change::Worse | Change::Different);
    let rests_on_t = |one: &Difference| one.p_value.is_some() && modes::averages(&one.subject, &one.difference);
    if comparison.differences.iter().filter(|one| one.design == design).filter(is_judged).any(rests_on_t) {
        let missed = modes::missed(comparison.replications_done, comparison.confidence);
        section.notes.extend(missed.map(|text| (String::new(), text)));
    }
    section
}

/// Returns what is compared: metric, filters, statistic; "no fault" where the metric exists with faults too.
fn label(one: &Difference) -> String {
    let subject = &one.subject;
    let mut text = subject.label();
    if subject.condition == Condition::NoFault {
        text += ", no fault";
    }
    match subject.per() {
        Per::Nothing => text,
        per => format!("{text} per {}", per.text()),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    cellsim_version: &'a str,
    command: &'a str,
    exit_code: u8,
    comparison: &'a Comparison,
}

/// Returns the document of `compare --format json`, and compare.json.
pub fn json(comparison: &Comparison, command: &str, exit_code: u8) -> String {
    document(&Document {
        format_version: FORMAT_VERSION,
        cellsim_version: env!("CARGO_PKG_VERSION"),
        command,
        exit_code,
        comparison,
    })
}
