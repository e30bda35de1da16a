//! The result tables as CSV: each is a list of columns, written here and described in docs/results.md.

pub mod column;
mod comparison;
mod list;
mod requests;
mod sheet;
mod summary;
mod years;

pub use comparison::comparison;
pub use list::{comparison_columns, names, sheets, tables_of};
pub use requests::{cells, timeline};
pub use sheet::Sheet;
