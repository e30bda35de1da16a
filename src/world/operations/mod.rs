//! Operations: what goes wrong, when, and what it does to what it strikes.

pub mod effects;
pub mod faults;
pub mod gate;
pub mod timetable;
