//! Classes: a workflow in a tier, its path and its callers.

use std::sync::Arc;

use super::population::SubId;
use super::shards::Shards;
use crate::engine::law::Sampler;
use crate::engine::rng::Slot;
use crate::scenario::client::Client;
use crate::scenario::demand::Profile;
use crate::scenario::fan_out::FanOut;
use crate::units::Nanos;

/// One step of a class's path.
#[derive(Debug, Clone)]
pub struct Step {
    /// Slot of its service-time draws: its name's.
    pub slot: Slot,
    /// Draws the service time.
    pub sampler: Sampler,
    /// The service time if it is constant.
    pub constant: Option<Nanos>,
    /// Share of the luck that stays with the request (0: every attempt redraws).
    pub luck_of_request: f64,
    /// Whether the path ends here.
    pub is_last: bool,
    /// Offset of its station among the cell's; `None` for a delay or a fan-out.
    pub station: Option<u32>,
    /// Where faults that strike the stage meet it: at its station, or else at a place of its own.
    pub place: u32,
    /// Whom it asks, if it is a fan-out.
    pub fan_out: Option<FanOut>,
    /// Who is served by which of its workers, if it has some: their stations follow each other.
    pub workers: Option<Arc<Shards>>,
    /// Whether the worker is picked by load, when the attempt comes: then the record says which it is.
    pub picks_by_load: bool,
}

/// Places from here on are those of stages without stations: [`Platform::places`](super::Platform::places).
pub const FIRST_PLACE: u32 = 1 << 24;

/// A workflow in a tier, ready to run.
#[derive(Debug, Clone)]
pub struct Class {
    /// "messaging/enterprise".
    pub name: String,
    /// Workflow index.
    pub workflow: usize,
    /// Tier index.
    pub tier: usize,
    /// First subscription.
    pub first: SubId,
    /// Number of subscriptions, newcomers not included.
    pub count: u32,
    /// Mean requests per second of a customer that is not named.
    pub mean_rate: f64,
    /// Share of the tier's customers that use it.
    pub adoption: f64,
    /// The callers.
    pub client: Client,
    /// First step of its path in [`Platform::steps`](super::Platform::steps).
    pub first_step: u16,
    /// Number of its steps.
    pub step_count: u16,
    /// Demand over time.
    pub profile: Arc<Profile>,
    /// Requests that arrive together.
    pub batch: u32,
    /// Which placer homes its newcomers.
    pub group: usize,
}
