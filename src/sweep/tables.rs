//! The tables of a sweep as CSV: points.csv, sweep.csv, effects.csv.
//!
//! As all tables: numbers have at most nine significant digits, and an empty cell is "there is no such number".

use super::entry::{Entry, State, Tables};
use super::outcome::Sweep;
use crate::number::{exact, exact_or_empty};

/// File names, in the order in which they are listed.
pub const NAMES: [&str; 3] = ["points.csv", "sweep.csv", "effects.csv"];

const IN_MEMORY: &str = "a table in memory takes any row of the header's width";

fn written(header: &[String], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).expect(IN_MEMORY);
    for row in rows {
        writer.write_record(row).expect(IN_MEMORY);
    }
    writer.into_inner().expect(IN_MEMORY)
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The value of each lever at a point.
fn choices(sweep: &Sweep, entry: &Entry) -> Vec<String> {
    let pairs = sweep.space.levers.iter().zip(&entry.tried.point.choices);
    pairs.map(|(lever, choice)| lever.shown(*choice).to_owned()).collect()
}

fn lever_names(sweep: &Sweep) -> Vec<String> {
    sweep.space.levers.iter().map(|lever| lever.name.clone()).collect()
}

/// points.csv: a line per point.
pub fn points(sweep: &Sweep) -> Vec<u8> {
    let tiers: Vec<String> = sweep
        .points
        .iter()
        .find_map(|entry| entry.tried.known.as_ref())
        .map_or_else(Vec::new, |known| known.largest.iter().map(|(tier, _)| tier.clone()).collect());
    let mut header = texts(&["point", "digest"]);
    header.extend(lever_names(sweep));
    header.extend(texts(&[
        "state",
        "why",
        "cells",
        "instances",
        "cost",
        "cost_total",
        "cost_total_ci_low",
        "cost_total_ci_high",
    ]));
    header.extend(tiers.iter().map(|tier| format!("largest_cell_{tier}")));
    header.extend(texts(&[
        "kept",
        "breached",
        "undecided",
        "not_measured",
        "first_breached",
        "replications",
        "taken_from",
    ]));
    header.extend(texts(&[
        "again_kept",
        "again_of",
        "again_cost_total",
        "again_cost_total_ci_low",
        "again_cost_total_ci_high",
    ]));
    let row = |(at, entry): (usize, &Entry)| {
        let (state, why) = match &entry.state {
            State::Done(_) => ("done", ""),
            State::Pruned(why) => ("pruned", why.as_str()),
            State::Left => ("left", ""),
        };
        let known = entry.tried.known.as_ref();
        let judged = entry.judgements();
        let mut row = vec![entry.tried.point.number.to_string(), entry.tried.keys().join(" ")];
        row.extend(choices(sweep, entry));
        row.extend([state.to_owned(), why.to_owned()]);
        row.push(known.map_or_else(String::new, |known| known.cells.to_string()));
        row.push(known.map_or_else(String::new, |known| known.instances.to_string()));
        row.push(exact_or_empty(entry.cost()));
        let triple = |estimate: Option<&crate::engine::stats::Estimate>| {
            estimate.map_or_else(Default::default, |one| [one.value, one.low, one.high].map(exact_or_empty))
        };
        row.extend::<[String; 3]>(triple(judged.as_ref().and_then(|one| one.total.as_ref())));
        for tier in &tiers {
            let largest = known.and_then(|known| known.largest.iter().find(|(name, _)| name == tier));
            row.push(largest.map_or_else(String::new, |(_, customers)| customers.to_string()));
        }
        match &judged {
            Some(judged) => row.extend(judged.counts.map(|count| count.to_string())),
            None => row.extend(vec![String::new(); 4]),
        }
        let breached = judged.as_ref().filter(|judged| judged.counts[1] > 0).and_then(|judged| judged.first.as_ref());
        row.push(breached.map_or_else(String::new, |one| one.id.clone()));
        let replications = entry.found().and_then(|found| found.first()).map(|found| found.replications.to_string());
        row.push(replications.unwrap_or_default());
        row.push(entry.taken_from.map_or_else(String::new, |number| number.to_string()));
        match sweep.again.as_ref().filter(|_| sweep.winner == Some(at)) {
            Some(again) => {
                row.extend([again.counts[0].to_string(), again.all().to_string()]);
                row.extend::<[String; 3]>(triple(again.total.as_ref()));
            }
            None => row.extend(vec![String::new(); 5]),
        }
        row
    };
    written(&header, sweep.points.iter().enumerate().map(row))
}

/// sweep.csv: a line per point and measure.
pub fn measures(sweep: &Sweep) -> Vec<u8> {
    let tables = Tables::of(&sweep.points);
    let several = sweep.space.scenarios.len() > 1;
    let done = || (0..sweep.points.len()).filter(|&at| sweep.points[at].found().is_some());
    let columns = done().find_map(|at| tables.get(at, 0)).map_or_else(Vec::new, |table| table.header.clone());
    let mut header = texts(&["point"]);
    header.extend(several.then(|| "scenario".to_owned()));
    header.extend(lever_names(sweep));
    header.extend(columns);
    let rows = done().flat_map(|at| {
        let entry = &sweep.points[at];
        let before: Vec<String> = choices(sweep, entry);
        let lines = |file: usize| {
            // Not from `tables`: of many points they would fill the memory.
            let table = entry.found().and_then(|found| found.get(file)).map(|found| found.table()).unwrap_or_default();
            let name = sweep.space.scenarios[file].name.clone();
            let (before, number) = (before.clone(), entry.tried.point.number);
            table.lines.into_iter().map(move |line| {
                let mut row = vec![number.to_string()];
                row.extend(several.then(|| name.clone()));
                row.extend(before.iter().cloned());
                row.extend(line);
                row
            })
        };
        (0..sweep.space.scenarios.len()).flat_map(lines).collect::<Vec<_>>()
    });
    written(&header, rows)
}

/// effects.csv: a line per lever, measure, and pair of neighbouring values.
pub fn effects(sweep: &Sweep) -> Vec<u8> {
    let several = sweep.space.scenarios.len() > 1;
    let mut header = texts(&["lever", "from", "to", "point_from", "point_to"]);
    header.extend(several.then(|| "scenario".to_owned()));
    header.extend(texts(&["id", "before", "after", "difference", "ci_low", "ci_high", "change"]));
    let rows = sweep.effects.iter().map(|effect| {
        let lever = &sweep.space.levers[effect.lever];
        let number = |at: usize| sweep.points[at].tried.point.number.to_string();
        let mut row =
            vec![lever.name.clone(), lever.shown(effect.values.0).to_owned(), lever.shown(effect.values.1).to_owned()];
        row.extend([number(effect.points.0), number(effect.points.1)]);
        row.extend(several.then(|| sweep.space.scenarios[effect.file].name.clone()));
        row.push(effect.id.clone());
        row.extend([effect.estimates.0.value, effect.estimates.1.value].map(exact_or_empty));
        let difference = &effect.difference;
        row.extend(
            [difference.value, difference.low, difference.high].map(|number| number.map_or_else(String::new, exact)),
        );
        row.push(effect.change.text().to_owned());
        row
    });
    written(&header, rows)
}
