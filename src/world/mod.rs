//! Floor 3: customers, router, cells, stations, clients, faults; traffic as requests, or as flows.
//!
//! [`platform::Platform`] is what does not change while a scenario runs and is shared by all replications. What goes wrong is
//! in [`operations`]. [`requests`] follows every request, [`flow`] the mean of many; neither knows of the other.

pub mod cells_down;
pub mod flow;
pub mod operations;
pub mod platform;
pub mod requests;
