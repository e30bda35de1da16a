//! Floor 3: customers, router, cells, stations, clients, faults; traffic as requests.
//!
//! [`platform::Platform`] is what does not change while a scenario runs and is shared by all replications;
//! [`World`](run::World) is the state of one replication at an instant, a value that can be cloned and continued.

pub mod arrivals;
pub mod build;
pub mod build_error;
pub mod cache;
pub mod cells;
pub mod cells_down;
pub mod class;
pub mod clients;
pub mod direct;
pub mod effects;
pub mod event;
pub mod fan_out;
pub mod faults;
pub mod flow;
pub mod hedges;
mod ignored;
pub mod long_run;
pub mod newcomers;
pub mod observer;
pub mod operations;
pub mod other_luck;
pub mod patience;
pub mod placement;
pub mod platform;
pub mod population;
pub mod recorded;
pub mod request;
pub mod router;
pub mod run;
pub mod service;
pub mod setting;
pub mod shards;
pub mod sharing;
pub mod sizing;
pub mod station;
pub mod store;
pub mod store_pace;
pub mod strikes;
pub mod struck_stage;
pub mod surges;
pub mod transit;
pub mod worker_choice;
