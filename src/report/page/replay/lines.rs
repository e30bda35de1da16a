//! replay.csv: one line per frame and cell.

use crate::experiment::replay::history::{Moment, Replay};
use crate::number::exact;
use crate::report::csv::column::{Column, table};

/// The table beside the page.
pub const TABLE: &str = "replay.csv";

/// A line of replay.csv: when, which unit, how it is.
type Line<'a> = (f64, &'a str, &'a Moment);

/// Columns of replay.csv.
pub fn columns<'a>() -> [Column<Line<'a>>; 7] {
    [
        Column::text("frame_s", "seconds from the end of the warm-up at which the frame begins", |line| exact(line.0)),
        Column::text("cell", "its name; `router`; `all`: everything together", |line| line.1.to_owned()),
        Column::text("state", "against the twin: `normal`, `slow`, `failing`, `down`", |line| {
            line.2.state.name().to_owned()
        }),
        Column::text("struck", "`true` while a fault strikes it", |line| line.2.struck.to_string()),
        Column::text("failed_share", "of the requests that arrived in the frame; empty if none did", |line| {
            exact(f64::from(line.2.failed) / f64::from(line.2.requests))
        }),
        Column::text("in_system", "mean number of requests in it", |line| exact(line.2.in_system)),
        Column::text("harmed_so_far", "its customers", |line| line.2.harmed.to_string()),
    ]
}

/// replay.csv: one line per frame and cell.
pub fn csv(replay: &Replay) -> Vec<u8> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for frame in 0..replay.frames {
        let time = frame as f64 * replay.frame_seconds;
        lines.push((time, "all", &replay.all[frame]));
        lines.extend(replay.units.iter().map(|unit| (time, unit.name.as_str(), &unit.moments[frame])));
    }
    table(&columns(), lines)
}
