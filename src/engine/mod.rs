//! Floor 1: time, events, chance and statistics. Knows no cell.

pub mod alias;
pub mod draws;
pub mod event_list;
pub mod histogram;
pub mod law;
pub mod rng;
pub mod special;
pub mod splitting;
pub mod stats;
pub mod theory;
