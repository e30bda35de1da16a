//! Reading when a fault happens: scripted, random, or as recorded.

use super::context::Context;
use super::csv_file::{CsvFile, Instant, timestamp};
use super::document::{Node, Read, Value};
use super::fault::{Clock, Schedule, ScopeKind};
use super::keys::Keys;
use super::law::{law, time_between};
use super::run::Run;
use super::{text, values};
use crate::engine::law::Law;
use crate::units::{self, Nanos};

/// Reads the one of the three schedules that is given. An `instant` effect needs no `for`.
pub(super) fn schedule(keys: &Keys<'_>, run: &Run, instant: bool) -> Option<Schedule> {
    const GROUPS: [&[&str]; 3] = [&["at", "for"], &["mtbf", "mttr", "each", "one_of"], &["csv", "where", "from"]];
    match keys.group(&GROUPS) {
        None => {
            let error = keys.place.error(format!("{} never happens", keys.what), "needs a schedule");
            let help = "add `at` and `for` (if this happens), `mtbf` and `mttr` (how often), or `csv` (as recorded)";
            keys.context.problem(error.help(help));
            None
        }
        Some(0) => scripted(keys, run, instant),
        Some(1) => random(keys, instant),
        Some(_) => recorded(keys, run),
    }
}

fn scripted(keys: &Keys<'_>, run: &Run, instant: bool) -> Option<Schedule> {
    let at = keys.required("at", "at = \"2min\"", |node| onset(node, run));
    let lasts = match (instant, keys.entry("for")) {
        (true, None) => Some(0),
        (true, Some(entry)) => {
            let error = entry.key_place.error("a flush is an instant", "`for` has no effect here");
            keys.context.problem(error.help("leave `for` out"));
            None
        }
        (false, _) => keys.required("for", "for = \"2min\"", values::positive_duration),
    };
    let (at, spread) = at?;
    Some(Schedule::Scripted { at, spread, lasts: lasts? })
}

/// Reads "2min", or "2min ± 30s".
fn onset(node: &Node, run: &Run) -> Read<(Nanos, Nanos)> {
    let written = node.text().unwrap_or("").trim();
    if written.starts_with('-') {
        let error = node.error("a fault that begins before the end of the warm-up", "before time 0");
        return Err(Box::new(error.help("`at` counts from the end of the warm-up, which is time 0")));
    }
    let halves = ["±", "+-", "+/-"].iter().find_map(|sign| written.split_once(sign));
    let (at, spread) = match halves {
        None => (values::duration(node)?, 0),
        Some((at, spread)) => {
            let read = |part: &str| {
                text::duration(part).map_err(|label| {
                    let error = node.error(format!("expected a time and its spread, found \"{written}\""), label);
                    Box::new(error.help("write \"2min ± 30s\""))
                })
            };
            (read(at)?, read(spread)?)
        }
    };
    if spread > at {
        let error =
            node.error("a fault that may begin before the end of the warm-up", "the spread is larger than the time");
        return Err(Box::new(error.help("`at` counts from the end of the warm-up, which is time 0")));
    }
    if at.saturating_add(spread) >= run.horizon {
        let horizon = units::seconds(run.horizon);
        let error = node.error("a fault that begins after the end of the run", format!("the horizon is {horizon} s"));
        return Err(Box::new(error.help("raise `run.horizon`, or let the fault begin earlier")));
    }
    Ok((at, spread))
}

fn random(keys: &Keys<'_>, instant: bool) -> Option<Schedule> {
    let scopes = [
        ("cell", ScopeKind::Cell),
        ("zone", ScopeKind::Zone),
        ("tier", ScopeKind::Tier),
        ("workflow", ScopeKind::Workflow),
        ("platform", ScopeKind::Platform),
    ];
    if keys.get("mtbf").is_none() {
        keys.missing("mtbf", "mtbf = \"180d\"");
    }
    let up = keys.get("mtbf").and_then(|node| time_between(keys.context, node));
    let down = match (instant, keys.entry("mttr")) {
        (true, None) => Some(Law::Constant(0.0)),
        (true, Some(entry)) => {
            let error = entry.key_place.error("a flush is an instant", "`mttr` has no effect here");
            keys.context.problem(error.help("leave `mttr` out"));
            None
        }
        (false, None) => {
            keys.missing("mttr", "mttr = { p50 = \"10min\", p95 = \"45min\" }");
            None
        }
        (false, Some(entry)) => match law(keys.context, &entry.node)? {
            Law::Constant(0.0) => {
                keys.context.problem(entry.node.error("a repair that takes no time", "must not be 0"));
                None
            }
            law => Some(law),
        },
    };
    let clock = match keys.alternative(&["each", "one_of"]) {
        None => Some(Clock::OneOf(ScopeKind::Platform)),
        Some((key, node)) => keys.context.keep(values::choice(node, &scopes)).map(|scope| match key {
            "each" => Clock::Each(scope),
            _ => Clock::OneOf(scope),
        }),
    };
    Some(Schedule::Random { up: up?, down: down?, clock: clock? })
}

fn recorded(keys: &Keys<'_>, run: &Run) -> Option<Schedule> {
    let context = keys.context;
    let node = keys.get("csv");
    let file = keys.required("csv", "csv = \"incidents.csv\"", |node| context.read_csv(node));
    let from = keys.optional("from", |node| {
        let instant = node.text().and_then(timestamp);
        instant.ok_or_else(|| Box::new(node.expected("a date and time", "\"2019-01-01T00:00:00Z\"")))
    });
    let (file, node) = (file?, node?);
    let filters = filters(context, keys.get("where"), &file)?;
    let column = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| file.column(name));
        found.map_or_else(|| file.required(names[0], &node.place), Ok)
    };
    let (start, end) = (context.keep(column(["start", "start_time"])), context.keep(column(["end", "end_time"])));
    let (start, end) = (start?, end?);
    let share = file.column("share").or_else(|| file.column("status"));
    let mut rows = Vec::new();
    let mut origin = from;
    for row in 0..file.len() {
        let read = || -> Read<(Instant, Instant, Option<f64>)> {
            let (start, end) = (file.field(row, start).instant()?, file.field(row, end));
            let instant = end.instant()?;
            let backwards = match (start, instant) {
                (Instant::Relative(start), Instant::Relative(end))
                | (Instant::Absolute(start), Instant::Absolute(end)) => end < start,
                _ => return Err(Box::new(end.error("seconds and dates in one row"))),
            };
            if backwards {
                return Err(Box::new(end.error("an incident that ends before it starts")));
            }
            let share = share.map(|column| file.field(row, column)).filter(|field| !field.text.is_empty());
            let share = share.map(|field| match field.number()? {
                share if share > 1.0 => Err(Box::new(field.error("a share above 1"))),
                share => Ok(share),
            });
            Ok((start, instant, share.transpose()?))
        };
        let (start, end, share) = context.keep(read())?;
        if let (None, Instant::Absolute(seconds)) = (from, start) {
            // Over the whole file, so that faults reading different rows of it keep their distance.
            origin = Some(origin.map_or(seconds, |origin| seconds.min(origin)));
        }
        let matches =
            filters.iter().all(|(column, words)| words.iter().any(|word| word == file.field(row, *column).text));
        // A share of 0 says that all was well.
        if matches && share != Some(0.0) {
            rows.push((start, end, share));
        }
    }
    let relative = |instant| match instant {
        Instant::Relative(seconds) => seconds,
        Instant::Absolute(seconds) => seconds - origin.unwrap_or(seconds),
    };
    let within = |(start, end, share): (Instant, Instant, Option<f64>)| {
        let (start, end) = (relative(start), relative(end));
        let fits = start >= 0.0 && start < units::seconds(run.horizon) && end > start;
        let end = end.min(units::seconds(text::LONGEST));
        fits.then(|| (units::nanos(start), units::nanos(end), share))
    };
    let mut incidents: Vec<_> = rows.into_iter().filter_map(within).collect();
    if incidents.is_empty() {
        let horizon = units::seconds(run.horizon);
        let error = node.error("no recorded incident begins within the run", format!("the horizon is {horizon} s"));
        context.problem(error.help("raise `run.horizon`, or set `from` to the date that is to be time 0"));
        return None;
    }
    incidents.sort_by_key(|incident| (incident.0, incident.1));
    Some(Schedule::Trace(incidents))
}

/// Reads `where = { vendor = "AWS", service = ["ec2", "elb"] }`: columns and the words allowed in them.
fn filters(context: &Context, node: Option<&Node>, file: &CsvFile) -> Option<Vec<(usize, Vec<String>)>> {
    let Some(node) = node else { return Some(Vec::new()) };
    let Some(table) = node.table() else {
        context.problem(node.expected("a table of columns and their values", "{ vendor = \"AWS\" }"));
        return None;
    };
    let read = |entry: &super::document::Entry| -> Read<(usize, Vec<String>)> {
        let column = file.required(&entry.key, &entry.key_place)?;
        let words = match &entry.node.value {
            Value::List(_) => values::list(&entry.node, "[\"AWS\"]", values::text)?,
            _ => vec![values::text(&entry.node)?],
        };
        Ok((column, words))
    };
    table.entries.iter().map(|entry| context.keep(read(entry))).collect()
}
