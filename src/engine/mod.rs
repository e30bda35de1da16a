//! Floor 1: time, events, chance and statistics. Knows no cell.

pub mod law;
pub mod special;
pub mod stats;
pub mod theory;
