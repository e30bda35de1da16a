//! What stands on the page, section by section: one part for each folder.

use serde::Serialize;

use super::chart;
use super::grid::Grid;
use super::replay::view::View;
use super::sealed::{Kind, Sealed};
use super::sheet::{MOST_ROWS, Sheet};
use super::shown::Shown;
use super::summary::{Summary, Told};
use crate::catalogue::Unit;
use crate::number;
use crate::report::estimate;

/// One folder.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    /// What it is about.
    pub(super) title: String,
    id: String,
    name: String,
    is_run: bool,
    answer: Summary,
    /// Numbers that everybody asks for first: (number, what it is).
    tiles: Vec<(String, String)>,
    sections: Vec<Section>,
}

/// One section.
#[derive(Debug, Default, Serialize)]
struct Section {
    id: &'static str,
    title: &'static str,
    /// What must be known to read it.
    lead: String,
    told: Vec<Told>,
    /// Charts, as SVG that was written anew.
    charts: Vec<String>,
    sheets: Vec<Named>,
    /// Files and other texts: (name, text).
    texts: Vec<(String, String)>,
    /// What was said of the run: (what, text).
    facts: Vec<(&'static str, String)>,
    replay: Option<View>,
}

/// A table with its name.
#[derive(Debug, Serialize)]
struct Named {
    id: String,
    caption: String,
    /// The file that has all of it.
    file: String,
    /// Whether it gets fields to filter by.
    filters: bool,
    /// Rows left out because there are too many.
    left_out: String,
    sheet: Sheet,
}

impl Section {
    fn new(id: &'static str, title: &'static str) -> Section {
        Section { id, title, ..Section::default() }
    }

    fn lead(mut self, text: &str) -> Section {
        text.clone_into(&mut self.lead);
        self
    }

    fn charts(mut self, folder: &Sealed, at: usize, names: &[&str]) -> Result<Section, String> {
        for name in names {
            let Some(svg) = folder.text(&format!("{name}.svg")) else { continue };
            let own = format!("p{at}-{name}");
            let drawn = chart::themed(svg, &own)
                .map_err(|problem| format!("{}/{name}.svg is no chart: {problem}", folder.name))?;
            self.charts.push(drawn);
        }
        Ok(self)
    }

    /// Adds a table of the folder, if it has it.
    fn table(self, folder: &Sealed, file: &str, caption: &str) -> Section {
        match folder.table(file) {
            Some(grid) => self.grid(grid, file, caption),
            None => self,
        }
    }

    fn grid(mut self, grid: Grid, file: &str, caption: &str) -> Section {
        if grid.rows.is_empty() {
            return self;
        }
        let sheet = Sheet::of(&grid);
        let left_out = match grid.rows.len() {
            rows if rows > MOST_ROWS => {
                format!(
                    "{} of {} rows; all of them are in {file}",
                    number::whole(MOST_ROWS as u64),
                    number::whole(rows as u64)
                )
            }
            _ => String::new(),
        };
        self.sheets.push(Named {
            id: format!("{}-{}", self.id, file.replace('.', "-")),
            caption: caption.to_owned(),
            file: file.to_owned(),
            filters: grid.rows.len() > 8,
            left_out,
            sheet,
        });
        self
    }

    fn is_empty(&self) -> bool {
        let shown = [self.told.len(), self.charts.len(), self.sheets.len(), self.texts.len(), self.facts.len()];
        shown.iter().sum::<usize>() == 0 && self.replay.is_none() && self.lead.is_empty()
    }
}

impl Part {
    /// Makes the part of one folder; `at` tells it from others.
    pub(super) fn of(shown: &Shown, at: usize) -> Result<Part, String> {
        let mut part = match shown.folder.kind {
            Kind::Run => run(shown, at)?,
            Kind::Comparison => comparison(&shown.folder),
            Kind::Sweep => sweep(&shown.folder),
        };
        part.sections.retain(|section| !section.is_empty());
        part.id = if at == 0 { String::new() } else { format!("p{}-", at + 1) };
        for section in &mut part.sections {
            for sheet in &mut section.sheets {
                sheet.id = format!("{}{}", part.id, sheet.id);
            }
        }
        Ok(part)
    }
}

fn run(shown: &Shown, at: usize) -> Result<Part, String> {
    let folder = &shown.folder;
    let mut answer = Summary::read(folder.text("summary.md").unwrap_or_default());
    let told = std::mem::take(&mut answer.sections);
    let is_years = folder.text("causes.csv").is_some();
    let first = Section { told, ..Section::new("answer", "Answer").charts(folder, at, &["blast-radius"])? };
    let replay = Section {
        replay: shown.replay.clone(),
        ..Section::new("replay", "Replay").lead(if shown.replay.is_some() { "" } else { &shown.no_replay })
    };
    let mut incidents = folder.table("incidents.csv").unwrap_or_default();
    if incidents.rows.len() > MOST_ROWS {
        // Those that cost most, as there is no room for all.
        let minutes = |row: &Vec<String>| incidents.number(row, "customer_minutes").unwrap_or(0.0);
        let mut rows = incidents.rows.clone();
        rows.sort_by(|a, b| minutes(b).total_cmp(&minutes(a)));
        incidents.rows = rows;
    }
    let lead = match is_years {
        true => "The incidents with the most customer-minutes.",
        false => "Every incident of every replication, against its twin: the same replication without that fault.",
    };
    let incidents = match incidents.rows.len() {
        0 => Section::new("incidents", "Incidents").lead("No incident began in this run."),
        _ => Section::new("incidents", "Incidents").lead(lead).grid(incidents, "incidents.csv", "Incidents"),
    };
    let causes = Section::new("causes", "Causes")
        .charts(folder, at, &["exceedance"])?
        .table(folder, "causes.csv", "What each cause does in a year")
        .table(folder, "exceedance.csv", "Incidents a year that harm at least so many customers")
        .table(folder, "rare.csv", "Cells down at once");
    let sla = Section::new("sla", "SLA")
        .charts(folder, at, &["month-budget", "attainment", "budget-burn", "yearly-minutes"])?
        .table(folder, "windows.csv", if is_years { "Contract months" } else { "Use of a contract month" })
        .table(folder, "alerts.csv", "Burn-rate alerts a year");
    let time = Section::new("time", "Time").charts(folder, at, &["timeline", "store-load"])?;
    let summary = folder.table("summary.csv").unwrap_or_default();
    let latency = Section::new("latency", "Latency").charts(folder, at, &["latency-tail"])?.grid(
        metrics(&summary, &["latency"], "no fault"),
        "summary.csv",
        "Latency without faults",
    );
    let money = ["cost", "credits", "instances", "cells"];
    let cost =
        Section::new("cost", "Cost").grid(metrics(&summary, &money, ""), "summary.csv", "What it costs, and what for");
    let cells = Section::new("cells", "Cells").charts(folder, at, &["cell-load"])?.table(
        folder,
        "cells.csv",
        "Cells without faults",
    );
    let scenario =
        Section { texts: shown.sources.clone(), facts: inputs(folder), ..Section::new("scenario", "Scenario") };
    let sections = vec![first, replay, incidents, causes, sla, time, latency, cost, cells, scenario, method(folder)];
    Ok(Part {
        title: if answer.title.is_empty() { folder.said("title").to_owned() } else { answer.title.clone() },
        id: String::new(),
        name: folder.said("name").to_owned(),
        is_run: true,
        tiles: tiles(&summary, is_years),
        answer,
        sections,
    })
}

/// The rows of these metrics, without columns that their identifier has to have.
fn metrics(summary: &Grid, names: &[&str], condition: &str) -> Grid {
    let is_meant = |grid: &Grid, row: &[String]| {
        let metric = grid.get(row, "metric");
        let named = names.iter().any(|name| *name == metric || metric.starts_with(&format!("{name}_")));
        // Tiers by workflow are many: they are in the file.
        let by_both = !grid.get(row, "tier").is_empty() && !grid.get(row, "workflow").is_empty();
        named
            && !by_both
            && (condition.is_empty() || grid.get(row, "condition") == condition)
            && grid.get(row, "stage").is_empty()
    };
    summary.clone().only(is_meant)
}

/// Numbers that everybody asks for first.
fn tiles(summary: &Grid, is_years: bool) -> Vec<(String, String)> {
    let mut tiles = Vec::new();
    let is = |row: &[String], metric: &str, statistic: &str| {
        summary.get(row, "metric") == metric && summary.get(row, "statistic") == statistic
    };
    let alone = |row: &[String]| summary.get(row, "workflow").is_empty() && summary.get(row, "fault").is_empty();
    for row in summary.rows.iter().filter(|row| alone(row)) {
        let tier = summary.get(row, "tier");
        let Some(value) = summary.number(row, "value") else { continue };
        let label = match (is_years, tier) {
            (_, "") if is(row, "cost", "mean") => "a month for the platform".to_owned(),
            (_, "") => continue,
            (false, tier) if is(row, "month_budget_used", "worst") => format!("of a month used, {tier}"),
            (true, tier) if is(row, "sla_attainment", "mean") => format!("of months kept, {tier}"),
            _ => continue,
        };
        let unit = Unit::named(summary.get(row, "unit")).unwrap_or(Unit::Plain);
        tiles.push((estimate::quantity(value, unit), label));
    }
    // Money first, whatever the order of the file.
    tiles.sort_by_key(|(_, label)| !label.starts_with("a month"));
    tiles
}

/// What went in, with digests.
fn inputs(folder: &Sealed) -> Vec<(&'static str, String)> {
    let inputs = folder.seal["inputs"].as_array().into_iter().flatten();
    inputs
        .filter_map(|input| {
            Some(("input", format!("{}  sha256 {}", input["name"].as_str()?, input["sha256"].as_str()?)))
        })
        .collect()
}

/// How the numbers came about.
fn method(folder: &Sealed) -> Section {
    let seal = &folder.seal;
    let number = |key: &str| seal[key].as_f64();
    let mut facts = vec![("command", folder.said("command").to_owned())];
    facts.push(("program", format!("cellsim {}", folder.said("cellsim_version"))));
    facts.push(("seed", seal["seed"].to_string()));
    if let (Some(warmup), Some(horizon)) = (number("warmup_seconds"), number("horizon_seconds")) {
        let found = if seal["warmup_found"] == true { ", found by the program" } else { "" };
        facts.push((
            "measured",
            format!("{} after a warm-up of {}{found}", number::span(horizon), number::span(warmup)),
        ));
    }
    let (asked, done) = (&seal["replications_asked"], &seal["replications_done"]);
    facts.push((
        "replications",
        if asked == done { done.to_string() } else { format!("{done} of {asked}: interrupted") },
    ));
    for (key, what) in [("priors", "prior"), ("calibration", "calibration")] {
        let said = seal[key].as_array().into_iter().flatten().filter_map(|text| text.as_str());
        facts.extend(said.map(|text| (what, text.to_owned())));
    }
    facts.push(("results", format!("sha256 {}", folder.said("result_digest"))));
    let texts = [
        ("exposed", "customers homed where the fault strikes; idle: those of them that sent nothing meanwhile"),
        (
            "harmed",
            "customers with a minute in which at least the harm share (5 % unless the scenario says otherwise) of their requests failed that succeed in the twin",
        ),
        ("twin", "the same replication without that fault, met with the same luck"),
        (
            "interval",
            "reaches as far as these replications cannot exclude, at the scenario's confidence; more of them make it narrower",
        ),
        ("if these happen", "a run of minutes says what its faults take, not how often they come"),
        ("not measured", "is said with its reason, and is never 0"),
    ];
    facts.extend(texts.map(|(what, text)| (what, text.to_owned())));
    Section { facts, ..Section::new("method", "Method") }
}

/// A sweep, as it is.
fn sweep(folder: &Sealed) -> Part {
    let mut answer = Summary::read(folder.text("summary.md").unwrap_or_default());
    let first = Section { told: std::mem::take(&mut answer.sections), ..Section::new("answer", "Answer") };
    let points = Section::new("points", "Points").table(folder, "points.csv", "Points of the design");
    let effects = Section::new("effects", "Effects").table(folder, "effects.csv", "What each lever moves");
    let measures = Section::new("measures", "Measures").table(folder, "sweep.csv", "Measures of each point");
    let scenario = Section { facts: inputs(folder), ..Section::new("scenario", "Scenario") };
    Part {
        title: if answer.title.is_empty() { folder.said("title").to_owned() } else { answer.title.clone() },
        id: String::new(),
        name: folder.said("name").to_owned(),
        is_run: false,
        answer,
        tiles: Vec::new(),
        sections: vec![first, points, effects, measures, scenario, method(folder)],
    }
}

/// A comparison, as it is.
fn comparison(folder: &Sealed) -> Part {
    let told = &folder.seal["comparison"];
    let designs: Vec<&str> =
        told["designs"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    let grid = folder.table("compare.csv").unwrap_or_default();
    let count = |design: &str, change: &str| {
        let is = |row: &&Vec<String>| grid.get(row, "design") == design && grid.get(row, "change") == change;
        grid.rows.iter().filter(is).count()
    };
    let against = designs.first().copied().unwrap_or_default();
    let mut facts = vec![("command", folder.said("command").to_owned())];
    let mut answer = Summary { mood: "plain", ..Summary::default() };
    for design in designs.iter().skip(1) {
        let counts = ["better", "worse", "not significant", "the same", "not compared"];
        let counts: Vec<String> = counts.iter().map(|change| format!("{} {change}", count(design, change))).collect();
        let line = format!("{design} against {against}: {}", counts.join(" · "));
        if answer.answer.is_empty() {
            answer.answer = line;
        } else {
            facts.push(("also", line));
        }
    }
    for differs in told["demand_differs"].as_array().into_iter().flatten().filter_map(|text| text.as_str()) {
        answer.mood = "doubt";
        facts.push(("demand differs", format!("{differs}: what follows is no effect of the design alone")));
    }
    facts.push((
        "replications",
        format!("{} of {} each, seed {}", told["replications_done"], told["replications_asked"], told["seed"]),
    ));
    facts.push(("program", format!("cellsim {}", folder.said("cellsim_version"))));
    for design in told["designs"].as_array().into_iter().flatten() {
        let text = |key: &str| design[key].as_str().unwrap_or_default();
        facts.push(("design", format!("{}: {} ({})", text("name"), text("title"), text("file"))));
    }
    let beyond_chance =
        |grid: &Grid, row: &[String]| !["the same", "not significant"].contains(&grid.get(row, "change"));
    let first = Section::new("answer", "Answer")
        .lead("Differences beyond chance: the other design minus the first one, run by run.")
        .grid(grid.clone().only(beyond_chance), "compare.csv", "Beyond chance");
    let rest = Section::new("rest", "All differences").grid(grid, "compare.csv", "All differences");
    let method = Section { facts, ..Section::new("method", "Method") };
    Part {
        title: format!("{} compared", designs.join(" and ")),
        id: String::new(),
        name: designs.join("-"),
        is_run: false,
        answer,
        tiles: Vec::new(),
        sections: vec![first, rest, method],
    }
}
