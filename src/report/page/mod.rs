//! The page: what a results folder holds, as one HTML file that needs nothing else.
//!
//! Text of scenarios is data: the template escapes it, charts are written anew, and the policy in the page's head lets nothing run but
//! the one script whose digest it names. Nothing is fetched. The same inputs give the same bytes.

mod chart;
pub mod grid;
pub mod render;
pub mod replay;
pub mod sealed;
mod sections;
mod sheet;
pub mod shown;
mod summary;
