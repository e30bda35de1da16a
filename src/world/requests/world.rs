//! The world: one replication at an instant, a value that can be cloned and continued.
//!
//! # What is conserved
//! Every request that arrives ends exactly once, ok or failed with a cause. A slot works on one attempt at a time. An attempt is
//! in one place: router, queue, service, delay, pause, or lost.
//!
//! # Ties
//! Of events at one instant, faults come first (they are scheduled before the world starts), then in the order in which they
//! were scheduled; all of them before an arrival at that instant.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::arrivals::{Arrival, Arrivals, NEVER};
use super::board::Board;
use super::cell_state::CellState;
use super::event::Rid;
use super::ignored::Ignored;
use super::partners::Partners;
use super::request::Records;
use super::router::Router;
use super::setting::Setting;
use super::sharing::Sharing;
use super::station::StationState;
use crate::engine::event_list::{EventList, LaneId};
use crate::units::Nanos;
use crate::world::platform::Platform;
use crate::world::platform::placement::Placer;
use crate::world::platform::population::{NONE, SubId};

/// One replication at an instant.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) setting: Arc<Setting>,
    /// The setting's platform, one pointer nearer.
    pub(super) platform: Arc<Platform>,
    /// Now.
    pub now: Nanos,
    pub(super) events: EventList,
    pub(super) arrivals: Arrivals,
    pub(super) records: Records,
    /// First attempts on their way to their cells: see [`super::transit`].
    pub(super) in_transit: VecDeque<Arrival>,
    /// Whether a first attempt of each class may travel like that.
    pub(super) may_travel: Vec<bool>,
    /// Further copies of attempts.
    pub(super) partners: Partners,
    /// What was last read of the loads of workers, by the first of their stations.
    pub(super) boards: BTreeMap<u32, Board>,
    /// Stations whose attempts all progress at one pace.
    pub(super) sharing: BTreeMap<u32, Sharing>,
    /// Stations, as in the platform.
    pub stations: Vec<StationState>,
    /// Cells, as in the platform.
    pub cells: Vec<CellState>,
    /// The router.
    pub router: Option<Router>,
    /// Where the current run ends.
    pub(super) end: Nanos,
    /// Up to here attempts may be settled ahead: see [`super::direct`].
    pub(super) limit: Nanos,
    /// Stations with attempts that cross the limit.
    pub(super) crossed: Vec<u32>,
    /// Whether stations may be arrival-driven at all.
    pub(super) settles_ahead: bool,
    /// Time-out lanes of each class: from the start of an attempt, and from its arrival in the cell after a hit.
    pub(super) timeouts: Vec<LaneId>,
    pub(super) timeouts_after_hit: Vec<Option<LaneId>>,
    /// Retry tokens of each subscription; empty if no client has a budget.
    pub(super) tokens: Vec<f64>,
    /// Home of each newcomer's subscription, `NONE` before its placement, and when it was placed.
    pub(super) newcomer_homes: Vec<(u32, Nanos)>,
    pub(super) placers: Vec<Placer>,
    /// Activations that are active.
    pub(super) active: Vec<u32>,
    /// Activations whose onset is past: they are in order of onset.
    pub(super) onsets_past: u32,
    /// Events of activations that have been scheduled.
    pub(super) operations_past: u32,
    /// Activations that this world does not suffer.
    pub(super) ignored: Ignored,
    /// Faults that bear on customers.
    pub(super) customer_strikes: Vec<u32>,
}

impl World {
    /// Makes this world a twin: from now on it does not suffer this activation.
    pub fn ignore(&mut self, activation: u32) {
        self.ignored.add(activation);
    }

    /// Makes this world the twin of these activations alone: it suffers all others that are still to come.
    pub fn ignore_only(&mut self, activations: &[u32]) {
        self.ignored = Ignored::only(activations);
    }

    /// Makes this world the one without any fault.
    pub fn ignore_all(&mut self) {
        self.ignored = Ignored::all();
    }

    /// Returns the home of a subscription; `NONE` for a newcomer that has not been placed.
    pub fn home_of(&self, sub: SubId) -> u32 {
        self.home(sub)
    }

    /// Returns what does not change during the replication.
    pub fn setting(&self) -> &Arc<Setting> {
        &self.setting
    }

    /// Returns the requests under way that are somebody's demand: (subscription, arrival).
    pub fn under_way(&self) -> impl Iterator<Item = (SubId, Nanos)> + '_ {
        let alive = |rid: &Rid| {
            let record = &self.records[*rid];
            record.has_client() && !record.is_surge() && !self.is_second(*rid)
        };
        let travelling = self.in_transit.iter().filter(|arrival| !arrival.surge);
        let kept = self.records.in_use().filter(alive).map(|rid| (self.records[rid].sub, self.records[rid].arrival));
        kept.chain(travelling.map(|arrival| (arrival.sub, arrival.at)))
    }

    /// Makes all stations work by events: slower, with the same results.
    pub fn work_by_events_only(&mut self) {
        self.settles_ahead = false;
    }

    /// Returns when a fault strikes cells of this world next. What is active already does not count: struck stations work by events.
    pub(super) fn next_onset(&self) -> Nanos {
        let mut index = self.onsets_past;
        if self.ignored.is_all() {
            return NEVER;
        }
        loop {
            match self.setting.next_on_cells.get(index as usize) {
                None | Some(&NONE) => return NEVER,
                Some(&next) if self.ignored.contains(next) => index = next + 1,
                Some(&next) => return self.setting.activations[next as usize].onset,
            }
        }
    }

    /// Returns the home of a subscription; `NONE` for a newcomer that has not been placed.
    #[inline]
    pub(super) fn home(&self, sub: SubId) -> u32 {
        match self.platform.home.get(sub as usize) {
            Some(&home) => home,
            None => self.newcomer_homes[sub as usize - self.platform.home.len()].0,
        }
    }
}
