//! What a sweep would do: its points, what is out without simulating it, and how long the rest takes.

use serde_json::{Value, json};

use super::points::Tried;
use crate::number;
use crate::report::json::{FORMAT_VERSION, document};
use crate::report::table::{Align, Cell, Table};
use crate::report::terminal::WIDTH;
use crate::report::work;
use crate::scenario::space::Space;

/// Returns the text for a terminal.
pub fn text(space: &Space, tried: &[Tried], scenarios: usize, seconds: f64, threads: usize) -> String {
    let pruned = tried.iter().filter(|one| one.pruned.is_some()).count();
    let mut text = format!(
        "{}: {} to simulate as {}, {pruned} pruned · about {} on {threads} thread{}\n\n",
        number::of(tried.len() as f64, "point"),
        tried.len() - pruned,
        number::of(scenarios as f64, "different scenario"),
        work::time(seconds),
        if threads == 1 { "" } else { "s" },
    );
    let mut columns = vec![("point", Align::Right)];
    columns.extend(space.levers.iter().map(|lever| (lever.name.as_str(), Align::Right)));
    columns.extend([("cells", Align::Right), ("per month", Align::Right), ("pruned", Align::Left)]);
    let mut table = Table::new(&columns);
    for one in tried {
        let mut cells: Vec<Cell> = vec![one.point.number.to_string().into()];
        let pairs = space.levers.iter().zip(&one.point.choices);
        cells.extend(pairs.map(|(lever, choice)| Cell::from(lever.shown(*choice))));
        let known = one.known.as_ref();
        cells.push(known.map_or_else(|| "-".to_owned(), |known| number::whole(known.cells)).into());
        cells.push(known.and_then(|known| known.cost).map_or_else(|| "-".to_owned(), number::dollars).into());
        cells.push(one.pruned.as_deref().unwrap_or_default().into());
        table.row(cells);
    }
    for line in table.lines(WIDTH.max(200), false) {
        text += &line;
        text.push('\n');
    }
    for remark in &space.remarks {
        text += &format!("note  {remark}\n");
    }
    text
}

/// Returns the document for programs.
pub fn json(space: &Space, tried: &[Tried], scenarios: usize, seconds: f64) -> String {
    let point = |one: &Tried| {
        let pairs = space.levers.iter().zip(&one.point.choices);
        let levers: serde_json::Map<String, Value> =
            pairs.map(|(lever, choice)| (lever.name.clone(), json!(lever.shown(*choice)))).collect();
        let known = one.known.as_ref();
        json!({
            "point": one.point.number,
            "levers": levers,
            "pruned": one.pruned,
            "cells": known.map(|known| known.cells),
            "cost": known.and_then(|known| known.cost),
        })
    };
    document(&json!({
        "format_version": FORMAT_VERSION,
        "cellsim_version": env!("CARGO_PKG_VERSION"),
        "name": space.name,
        "scenarios": scenarios,
        "seconds": seconds,
        "points": tried.iter().map(point).collect::<Vec<Value>>(),
        "remarks": space.remarks,
    }))
}
