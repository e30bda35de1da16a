//! The incident level: years of operations in place of minutes of requests.

mod anchor;
pub mod calibration;
pub mod calibration_error;
mod cause_rows;
mod certain;
mod doubts;
pub mod groups;
mod per_year;
pub mod rare;
pub mod replication;
pub mod rows;
pub mod run;
mod tier_rows;

pub(super) use run::run;
