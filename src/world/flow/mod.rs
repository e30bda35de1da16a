//! Traffic as flows: the incident level.
//!
//! Between operations events nothing is drawn: the attempts that reach a station, the share of them that fails and the backlog
//! that builds up follow from rates. Operations events (onset, detection, end of faults) are those of the request level.

pub mod again;
pub mod caller;
pub mod chains;
mod change;
pub mod condition;
pub mod doubt;
pub mod entries;
pub mod health;
pub mod incidents;
pub mod latency;
pub mod lookup;
pub mod losses;
pub mod model;
pub mod observer;
pub mod pauses;
pub mod run;
pub mod solve;
pub mod state;
mod steps;
mod storm;
pub mod surroundings;
pub mod wait;
mod windows;
pub mod work;
