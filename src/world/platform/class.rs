//! Classes: a workflow in a tier, its path and its callers. A path is a list of steps, each of which names the next.

use std::sync::Arc;

use super::population::SubId;
use super::shards::Shards;
use crate::engine::law::Sampler;
use crate::engine::rng::{Key, Slot};
use crate::scenario::client::Client;
use crate::scenario::demand::Profile;
use crate::scenario::fan_out::FanOut;
use crate::units::Nanos;

/// One step of a class's path.
#[derive(Debug, Clone)]
pub struct Step {
    /// The step after it; `None`: the request is answered.
    pub next: Option<u16>,
    /// Where in the cell it stands: there faults that strike the stage meet it.
    pub at: Where,
    /// How long it takes.
    pub time: ServiceTime,
    /// What happens there.
    pub kind: StepKind,
}

/// What happens at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum StepKind {
    /// A station serves.
    Station,
    /// Nobody contends: it takes its time.
    Delay,
    /// Several destinations are asked at once.
    FanOut(FanOut),
}

/// Where a step stands, counted from the first station of the cell.
#[derive(Debug, Clone)]
pub struct Where {
    /// The place, or the first of those among which `by` chooses.
    pub base: u32,
    /// Which one it is.
    pub by: By,
}

/// Which of the places of a stage an attempt comes to.
#[derive(Debug, Clone)]
pub enum By {
    /// The cell's only one.
    Cell,
    /// One of those of the customer's shard, in turn.
    Shard(Arc<Shards>),
    /// The least loaded of some of the customer's shard.
    Load(Arc<Shards>),
}

/// How long a step takes.
#[derive(Debug, Clone)]
pub struct ServiceTime {
    /// Slot of its draws: its name's.
    pub slot: Slot,
    /// Draws it.
    pub sampler: Sampler,
    /// It, if it is constant.
    pub constant: Option<Nanos>,
    /// Share of the luck that stays with the request (0: every attempt redraws).
    pub luck_of_request: f64,
}

const WHOSE_LUCK: Slot = Slot::named("service/whose luck");

impl ServiceTime {
    /// Draws it for an attempt of a request, undisturbed.
    #[inline]
    pub fn draw(&self, request: Key, attempt: Key) -> Nanos {
        if let Some(constant) = self.constant {
            return constant;
        }
        let own = self.luck_of_request > 0.0 && attempt.happens(Slot(WHOSE_LUCK.0 ^ self.slot.0), self.luck_of_request);
        self.sampler.sample(if own { request } else { attempt }.draw(self.slot))
    }
}

impl Where {
    /// Returns the shards that it is chosen by, if the stage has workers.
    pub fn shards(&self) -> Option<&Shards> {
        match &self.by {
            By::Cell => None,
            By::Shard(shards) | By::Load(shards) => Some(shards),
        }
    }
}

impl Step {
    /// Returns the offset of its (first) station among the cell's, if it has one.
    pub fn station(&self) -> Option<u32> {
        (self.kind == StepKind::Station).then_some(self.at.base)
    }
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
