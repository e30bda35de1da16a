//! The summary of a run on one screen: the verdict first.

use super::table::wrap;
use super::{sections, verdict};
use crate::experiment::outcome::{Found, Outcome, Requests};
use crate::number;

/// Lines are no wider, but for the first.
pub const WIDTH: usize = 110;

/// What the summary says about this very run, which no result file may.
#[derive(Debug, Clone)]
pub struct Context {
    /// The results folder, as shown.
    pub folder: String,
    /// File names in it.
    pub files: Vec<String>,
    /// Wall-clock time.
    pub seconds: f64,
    /// Threads used.
    pub threads: usize,
    /// Whether colour may be used.
    pub colour: bool,
    /// Whether it is for a terminal: only there names are cut.
    pub terminal: bool,
}

/// Returns the summary.
pub fn render(results: &Outcome, context: &Context) -> String {
    let mut lines = vec![first_line(results, context.colour)];
    lines.push(String::new());
    lines.extend(wrap(&header(results), WIDTH));
    for section in sections::all(results) {
        lines.push(String::new());
        lines.extend(section.lines(WIDTH, context.colour, context.terminal));
    }
    lines.extend(last_lines(results, context));
    lines.join("\n") + "\n"
}

/// Returns the verdict, its word coloured: one line however long, so that `head -1` has all of it.
fn first_line(results: &Outcome, colour: bool) -> String {
    let headline = verdict::headline(results);
    let plain = headline.plain();
    match plain.strip_prefix(headline.word.as_str()) {
        Some(rest) => format!("{}{rest}", headline.style.paint(&headline.word, colour)),
        None => plain,
    }
}

/// Returns what was simulated.
pub fn header(results: &Outcome) -> String {
    let requests = match &results.found {
        Found::Years(years) => return sections::years::header(results, years),
        Found::Requests(requests) => requests,
    };
    let facts = &results.facts;
    let runs = match (verdict::interruption(results), results.replications_done) {
        (Some(runs), _) => format!("{runs} (interrupted)"),
        (None, 1) => "1 replication".to_owned(),
        (None, runs) => format!("{runs} replications"),
    };
    let faults = if requests.faults.is_empty() { "without faults" } else { "with and without faults" };
    let rate = match facts.requests_per_second {
        rate if rate >= 10.0 => number::fixed(rate, 0),
        rate => number::significant(rate, 3),
    };
    [
        results.name.clone(),
        number::of(facts.customers as f64, "customer"),
        number::of(facts.cells as f64, "cell"),
        format!("{rate} requests/s"),
        match requests.warmup_found {
            true => format!("{} after a warm-up of {}, found", number::span(results.horizon_seconds), warmup(requests)),
            false => number::span(results.horizon_seconds),
        },
        format!("{runs}, {faults}"),
    ]
    .join(" · ")
}

fn warmup(requests: &Requests) -> String {
    if requests.warmup_seconds == 0.0 { "0 s".to_owned() } else { number::span(requests.warmup_seconds) }
}

/// Returns where the files are, and what repeats the run.
fn last_lines(results: &Outcome, context: &Context) -> Vec<String> {
    let threads = if context.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", context.threads) };
    let took = format!("seed {} · {}, {threads}", results.seed, duration(context.seconds));
    let place = format!("{}/  {}", context.folder.trim_end_matches('/'), files(&context.files));
    let gap = WIDTH.saturating_sub(place.chars().count() + took.chars().count());
    if gap >= 2 {
        return vec![format!("{place}{}{}", " ".repeat(gap.min(6)), took)];
    }
    vec![place, format!("  {took}")]
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 => format!("{} s", number::fixed(s, 1)),
        s if s < 120.0 => format!("{} s", number::fixed(s, 0)),
        s => format!("{} min", number::clock(s)),
    }
}

/// Returns "summary.md, summary.csv and 5 more tables, 6 charts".
fn files(names: &[String]) -> String {
    let count = |extension: &str| names.iter().filter(|name| name.ends_with(extension)).count();
    let plural = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let mut text = format!("summary.md, summary.csv and {}", plural(count(".csv").saturating_sub(1), "more table"));
    let charts = count(".svg");
    if charts > 0 {
        text += &format!(", {}", plural(charts, "chart"));
    }
    text
}
