//! Floor 6: results as texts, tables and charts.

pub mod charts;
