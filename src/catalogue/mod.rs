//! What can be measured: the identity of every number that the program gives, in all tables, expectations and comparisons.
//!
//! It knows no world: what is counted, and how sure it is, is told elsewhere. A new metric is a variant and a line of the table here,
//! the place that counts it, and the place that makes its row.

pub mod alert;
pub mod cause;
pub mod condition;
pub mod filter;
pub mod level;
pub mod lookup_path;
pub mod metric;
pub mod spec;
pub mod statistic;
pub mod subject;
pub mod table;
pub mod unit;

pub use alert::Alert;
pub use cause::Cause;
pub use condition::Condition;
pub use filter::Filter;
pub use level::Level;
pub use lookup_path::LookupPath;
pub use metric::Metric;
pub use spec::{Good, Per, Spec};
pub use statistic::{QUANTILES, Statistic};
pub use subject::{FIELDS, Subject};
pub use table::SPECS;
pub use unit::{LimitUnit, Unit};
