//! All charts.

use super::scene::Scene;
use super::{
    attainment_strip, blast_radius, budget_burn, cell_load, exceedance, latency_tail, month_budget, store_load,
    timeline, yearly_minutes,
};
use crate::experiment::outcome::Outcome;

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
