//! Bounds: what strikes may do that were seen seldom, or in no replication.

pub(crate) mod harm;
pub(crate) mod never_struck;
pub(crate) mod newcomers;
mod rare;
mod seldom;
pub(crate) mod struck;
pub(crate) mod unseen;
