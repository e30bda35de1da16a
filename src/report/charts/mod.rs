//! Charts as SVG and PNG, from the results alone, with the font that is shipped here.
//!
//! Each chart is one file: a function from an outcome to a [`Scene`], or to nothing where there is nothing to show. The
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
pub mod heat;
mod ink;
pub mod latency_tail;
mod limits;
mod list;
pub mod month_budget;
mod scene;
mod series;
pub mod store_load;
mod style;
pub mod timeline;
mod write;
pub mod yearly_minutes;

pub use list::{CHARTS, Chart};
pub use scene::Scene;
pub use write::{ChartError, svgs, write_all};
