//! A study: how replications are run, how many, and who watches.

pub(crate) mod job;
mod precision;
pub(crate) mod stopping;
pub(crate) mod tasks;
pub mod until;
pub(crate) mod warmup;
pub mod watch;
