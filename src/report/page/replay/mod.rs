//! A recorded history for the page: one square per cell, each frame coded by its runs; and the same as a table, replay.csv.

mod data;
pub mod lines;
pub mod view;
pub mod which;
