//! Requests: what happens to each of them, event by event.
//!
//! [`World`](world::World) is the state of one replication at an instant; [`journey`] moves it.

pub mod apply;
pub mod arrivals;
pub mod board;
pub mod cache;
pub mod cell_state;
pub mod clients;
pub mod direct;
pub mod event;
pub mod fan_out;
pub mod happening;
pub mod hedges;
pub mod ignored;
pub mod journey;
pub mod long_run;
pub mod lookup;
pub mod other_luck;
pub mod partners;
pub mod patience;
pub mod request;
pub mod router;
pub mod seldom;
pub mod service;
pub mod setting;
pub mod shared_service;
pub mod sharing;
pub mod start;
pub mod station;
pub mod store;
pub mod store_pace;
pub mod store_slowed;
pub mod surges;
pub mod transit;
mod walk;
pub mod worker_choice;
pub mod world;
