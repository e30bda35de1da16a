//! What faults can strike, whatever they did strike: known from the scenario, without running any request.

pub(crate) mod classes;
pub(crate) mod count;
mod exposures;
mod overlaps;
mod reach;
mod regions;
pub(crate) mod scripted;
mod targets;
pub(crate) mod touched;

pub(crate) use exposures::{exposures, is_coupled};
pub(crate) use reach::{Exposure, Reach, Spill, TargetId, of_tier};
