//! The incident level: years of operations in place of minutes of requests.

pub mod calibration;
pub mod groups;
pub mod rare;
pub mod results;
pub mod rows;
pub mod run;

pub use run::run;
