//! Rows of the tidy table: every measure, each with its interval.

pub(crate) mod contracts;
pub(crate) mod faults;
pub(crate) mod last_minute;
pub(crate) mod latency;
pub(crate) mod platform;
pub(crate) mod queues;
pub(crate) mod recovery;
pub(crate) mod requests;
mod rest_of_month;
pub(crate) mod router;
pub(crate) mod series;
pub(crate) mod table;
pub(crate) mod whole_run;
