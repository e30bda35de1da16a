//! Charts as SVG and PNG, from the results alone, with the font that is shipped here.
//!
//! Each chart is one file: a function from [`Outcome`] to a [`Scene`], or to nothing where there is nothing to show. The
//! same results give the same bytes on every machine.

pub mod attainment_strip;
mod axis;
pub mod blast_radius;
pub mod budget_burn;
mod budget_rows;
pub mod cell_load;
mod draw;
pub mod exceedance;
mod font;
pub mod latency_tail;
mod limits;
pub mod month_budget;
mod scene;
mod series;
pub mod store_load;
mod style;
pub mod timeline;
mod write;
pub mod yearly_minutes;

use crate::experiment::outcome::Outcome;

pub use scene::Scene;
pub use write::{ChartError, svgs, write_all};

/// A chart's file name without extension, and the function that draws it.
pub type Chart = (&'static str, fn(&Outcome) -> Option<Scene>);

/// All charts, in the order of the questions they answer.
pub const CHARTS: [Chart; 10] = [
    ("blast-radius", blast_radius::scene),
    ("timeline", timeline::scene),
    ("month-budget", month_budget::scene),
    ("latency-tail", latency_tail::scene),
    ("cell-load", cell_load::scene),
    ("store-load", store_load::scene),
    ("exceedance", exceedance::scene),
    ("attainment", attainment_strip::scene),
    ("budget-burn", budget_burn::scene),
    ("yearly-minutes", yearly_minutes::scene),
];
