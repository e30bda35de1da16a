//! Stages: the steps of a workflow.

use super::fan_out::FanOut;
use super::grammar::words::words;
use super::workers::Workers;
use crate::engine::law::Law;

/// A step of a workflow; every cell holds its own station for it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Stage {
    /// Name, as in `stage.NAME` and `path`.
    pub name: String,
    /// Time in service (or the delay itself), in nanoseconds.
    pub service_time: Law,
    /// Whether a retry meets a new service time or the request's own again: share of the draw that stays with the request,
    /// 0 ("attempt") to 1 ("request"): with this probability the request's own draw is used.
    pub luck_of_request: f64,
    /// Whether work contends for slots.
    pub kind: StageKind,
}

/// Whether work contends for slots.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum StageKind {
    /// Parallel slots and a queue.
    Pool(Pool),
    /// No contention.
    Delay,
    /// Several destinations, asked at once.
    FanOut(FanOut),
}

/// Slots and a queue.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Pool {
    /// How many slots; of each worker, if there are workers.
    pub size: Size,
    /// Whether a load above what the slots can do is meant.
    #[serde(skip_serializing_if = "is_false")]
    pub overload: bool,
    /// How much longer a service takes for each further attempt in service; of its own time.
    #[serde(skip_serializing_if = "is_none")]
    pub slows_by: f64,
    /// Whether the slots are divided among workers.
    pub workers: Option<Workers>,
    /// Waiting places; `None`: without limit.
    pub queue: Option<u32>,
    /// Who is served next.
    pub discipline: Discipline,
    /// What happens to queued work whose client has given up.
    pub expired: Expired,
    /// Slots of one instance.
    pub instance_concurrency: u32,
    /// Least number of instances per zone.
    pub min_per_zone: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
fn is_false(is: &bool) -> bool {
    !is
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
fn is_none(share: &f64) -> bool {
    *share == 0.0
}

/// How many slots.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Size {
    /// Exactly so many slots; instances are only counted for cost.
    Concurrency(u32),
    /// Sized at the profile's peak for this utilization, in whole instances.
    Utilization {
        /// Busy share wanted.
        utilization: f64,
        /// Each cell for its own demand, instead of all cells of the tier for the busiest one's.
        own: bool,
    },
}

words! {
    /// Who is served next.
    pub enum Discipline {
        /// First in, first out.
        Fifo = "fifo",
        /// Last in, first out.
        Lifo = "lifo",
        /// All at once, each at an equal part of the slots, but never more than one.
        ProcessorSharing = "processor-sharing",
    }
}

words! {
    /// What happens to queued work whose client has given up.
    pub enum Expired {
        /// Served all the same: wasted work.
        Serve = "serve",
        /// Dropped when its turn comes.
        Drop = "drop",
    }
}
