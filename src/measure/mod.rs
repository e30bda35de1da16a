//! Floor 4: what the world's reports add up to in one replication.

pub mod harm;
pub mod ledger;
pub mod meter;
pub mod plan;
pub mod recorder;
pub mod recovery;
pub mod tally;
pub mod timeline;
