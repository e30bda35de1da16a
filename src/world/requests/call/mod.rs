//! Calls: work that is asked of several at once, and who waits for which of it.

pub mod fan_out;
pub mod join;
