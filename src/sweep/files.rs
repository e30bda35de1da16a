//! The folder of a sweep: tables, sweep.json, summary.md, and manifest.json as the seal.

use std::path::Path;

use serde_json::{Value, json};

use super::entry::{Entry, State, Tables};
use super::outcome::Sweep;
use super::{heat, tables, text};
use crate::engine::stats::Estimate;
use crate::report::charts::ChartError;
use crate::report::folder::{Charts, FolderError, write_set};
use crate::report::json::{FORMAT_VERSION, document};
use crate::report::manifest::{self, Provenance};
use crate::report::style::Style;
use crate::report::table::{code, escape};

/// Files besides the tables.
const JSON: &str = "sweep.json";
const SUMMARY: &str = "summary.md";
const HEAT: [&str; 2] = ["heat.svg", "heat.png"];

/// Returns the names of all files that a sweep writes.
pub fn names() -> impl Iterator<Item = &'static str> {
    tables::NAMES.into_iter().chain([JSON, SUMMARY, HEAT[0], HEAT[1], manifest::NAME])
}

/// Writes all files; returns their names.
///
/// # Errors
/// The first that could not be drawn or written; those of an earlier sweep are then untouched.
pub fn write(
    sweep: &Sweep,
    provenance: &Provenance,
    folder: &Path,
    charts: Charts,
) -> Result<Vec<String>, FolderError> {
    let tables = [tables::points, tables::measures, tables::effects];
    let mut files: Vec<(String, Vec<u8>)> =
        tables::NAMES.into_iter().zip(tables).map(|(name, table)| (name.to_owned(), table(sweep))).collect();
    files.push((JSON.to_owned(), document(&summary(sweep, &provenance.command)).into_bytes()));
    let heat = if charts == Charts::None { None } else { heat::chart(sweep) };
    let is_drawn = heat.is_some();
    files.push((SUMMARY.to_owned(), markdown(sweep, &provenance.command, is_drawn).into_bytes()));
    if let Some(scene) = heat {
        let failed = |reason| FolderError::Chart(ChartError::Draw { chart: "heat", reason });
        files.push((HEAT[0].to_owned(), scene.svg().map_err(failed)?.into_bytes()));
        if charts == Charts::SvgAndPng {
            files.push((HEAT[1].to_owned(), scene.png().map_err(failed)?));
        }
    }
    let facts = json!({
        "name": sweep.space.name,
        "seed": sweep.seed,
        "replications": sweep.replications,
        "points": sweep.points.len(),
        "points_left": sweep.count(|state| matches!(state, State::Left)),
    });
    let seal = manifest::of_set(&facts, provenance, &files);
    files.push((manifest::NAME.to_owned(), seal.into_bytes()));
    Ok(write_set(folder, &files, |name| names().any(|own| own == name))?)
}

/// Returns the document for programs.
pub fn json(sweep: &Sweep, command: &str, folder: &str, files: &[String]) -> String {
    let mut value = summary(sweep, command);
    value["folder"] = json!(folder);
    value["files"] = json!(files);
    document(&value)
}

/// Returns the last line for a pipeline: the verdict.
pub fn line(sweep: &Sweep, folder: &str) -> String {
    let line = json!({
        "verdict": text::headline(sweep).line(sweep, false),
        "exit_code": sweep.exit_code().number(),
        "cheapest_that_keeps_all": sweep.winner.map(|at| sweep.points[at].tried.point.number),
        "folder": folder,
    });
    format!("{line}\n")
}

fn summary(sweep: &Sweep, command: &str) -> Value {
    let levers: Vec<Value> = sweep
        .space
        .levers
        .iter()
        .map(|lever| {
            let values: Vec<&str> = lever.choices.iter().map(|choice| choice.text.as_str()).collect();
            json!({ "name": lever.name, "path": lever.path, "values": values, "as_written": lever.as_written })
        })
        .collect();
    let tables = Tables::of(&sweep.points);
    let points: Vec<Value> = (0..sweep.points.len()).map(|at| point(sweep, &tables, at)).collect();
    let trials: Vec<Value> = sweep
        .trials
        .found
        .iter()
        .map(|(measure, base, moves)| {
            let moves: Vec<Value> = moves.iter().map(|(what, one)| json!({ "what": what, "estimate": one })).collect();
            json!({ "id": measure.id, "estimate": base, "moved_by": moves })
        })
        .collect();
    let number = |at: Option<usize>| at.map(|at| sweep.points[at].tried.point.number);
    let again = sweep.again.as_ref().map(|again| {
        json!({ "kept": again.counts[0], "breached": again.counts[1], "undecided": again.counts[2], "not_measured": again.counts[3], "cost_total": again.total })
    });
    json!({
        "format_version": FORMAT_VERSION,
        "cellsim_version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "exit_code": sweep.exit_code().number(),
        "verdict": text::headline(sweep).line(sweep, false),
        "interrupted": sweep.interrupted(),
        "name": sweep.space.name,
        "seed": sweep.seed,
        "replications": sweep.replications,
        "levers": levers,
        "points": points,
        "cheapest_that_keeps_all": number(sweep.winner),
        "measured_again": again,
        "compared_with": number(sweep.reference),
        "moved_by_no_lever": trials,
        "remarks": sweep.remarks,
    })
}

fn point(sweep: &Sweep, tables: &Tables<'_>, at: usize) -> Value {
    let entry: &Entry = &sweep.points[at];
    let pairs = sweep.space.levers.iter().zip(&entry.tried.point.choices);
    let levers: serde_json::Map<String, Value> =
        pairs.map(|(lever, choice)| (lever.name.clone(), json!(lever.shown(*choice)))).collect();
    let (state, why) = match &entry.state {
        State::Done(_) => ("done", None),
        State::Pruned(why) => ("pruned", Some(why)),
        State::Left => ("left", None),
    };
    let expectations: Vec<Value> = entry.found().map_or_else(Vec::new, |found| {
        let all = found.iter().enumerate().flat_map(|(file, found)| found.judged.iter().map(move |one| (file, one)));
        all.map(|(file, one)| {
            let estimate: Option<Estimate> = tables.get(at, file).and_then(|table| table.estimate(&one.id));
            json!({ "outcome": one.outcome, "id": one.id, "what": one.what, "limit": one.limit, "place": one.place, "estimate": estimate })
        })
        .collect()
    });
    let judged = entry.judgements();
    json!({
        "point": entry.tried.point.number,
        "levers": levers,
        "state": state,
        "why": why,
        "cost": entry.cost(),
        "cost_total": judged.and_then(|judged| judged.total),
        "taken_from": entry.taken_from,
        "expectations": expectations,
    })
}

fn markdown(sweep: &Sweep, command: &str, has_chart: bool) -> String {
    let headline = text::headline(sweep);
    let mark = match headline.style {
        Style::Bad => "❌",
        Style::Doubt => "❔",
        Style::Good => "✅",
        Style::Plain | Style::Strong | Style::Faint => "ℹ️",
    };
    let mut document = format!("# {}\n\n", escape(&sweep.space.scenarios[0].title));
    document += &format!("{mark} **{}**: {}\n\n", escape(&headline.word), escape(&headline.text));
    document += &format!("{}\n\n", escape(&text::header(sweep)));
    for section in text::sections(sweep).iter().filter(|section| !section.is_empty()) {
        document += &section.markdown();
    }
    if has_chart {
        document += &format!("![heat]({})\n\n", HEAT[0]);
    }
    document + &format!("Made by {}, seed {}. All points: points.csv.\n", code(command), sweep.seed)
}
