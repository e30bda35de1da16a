//! Floor 4: what the world's reports add up to in one replication.

pub mod harm;
pub mod ledger;
pub mod limits;
pub mod meter;
pub mod plan;
pub mod recorder;
pub mod recovery;
pub mod spells;
pub mod taken;
pub mod tally;
pub mod timeline;
