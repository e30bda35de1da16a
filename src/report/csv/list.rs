//! All tables.

use super::column::Described;
use super::sheet::Sheet;
use super::{comparison, requests, summary, years};
use crate::catalogue::Level;
use crate::experiment::outcome::Outcome;

/// Tables of a run at the request level.
const REQUESTS: [Sheet; 6] =
    [summary::SUMMARY, requests::INCIDENTS, requests::WINDOWS, requests::TIMELINE, requests::LATENCY, requests::CELLS];

/// Tables of a run at the incident level; the last one if it is asked how many cells are down at once.
const YEARS: [Sheet; 7] =
    [summary::SUMMARY, years::INCIDENTS, years::WINDOWS, years::CAUSES, years::EXCEEDANCE, years::ALERTS, years::RARE];

/// Returns all tables that a level has.
pub fn tables_of(level: Level) -> &'static [Sheet] {
    match level {
        Level::Request => &REQUESTS,
        Level::Incident => &YEARS,
    }
}

/// Returns the tables of a run, in the order in which they are listed.
pub fn sheets(results: &Outcome) -> &'static [Sheet] {
    match results.years() {
        None => &REQUESTS,
        Some(years) if years.at_once.is_some() => &YEARS,
        Some(_) => &YEARS[..YEARS.len() - 1],
    }
}

/// Returns the names of all tables that there are.
pub fn names() -> impl Iterator<Item = &'static str> {
    YEARS.iter().chain(&REQUESTS).map(|sheet| sheet.file)
}

/// Returns the columns of a comparison's table.
pub fn comparison_columns() -> Vec<Described> {
    comparison::described()
}
