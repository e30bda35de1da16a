//! The recorder: listens to one world for a whole replication.

use std::sync::Arc;

use super::limits::Limits;
use super::meter::Meters;
use super::plan::Plan;
use super::spells::Spells;
use super::tally::{RouterTally, Tally};
use super::timeline::Timeline;
use crate::units::Nanos;
use crate::world::platform::population::SubId;
use crate::world::requests::attempt::Path;
use crate::world::requests::happening::{Happening, Observer, Resolved};
use crate::world::requests::setting::Setting;

/// Everything that is counted about one world.
#[derive(Debug, Clone)]
pub struct Recorder {
    from: Nanos,
    until: Nanos,
    /// By class.
    pub tallies: Vec<Tally>,
    /// The router.
    pub router: RouterTally,
    /// Contract meters.
    pub meters: Meters,
    /// By second.
    pub timeline: Timeline,
    /// Requests that arrived while a fault lasted: by fault, then by class; empty without faults that last.
    pub while_faults: Vec<Tally>,
    limits: Arc<Limits>,
    spells: Spells,
    /// Whether neither limits nor faults ask for more than the usual.
    is_plain: bool,
}

impl Recorder {
    /// Returns a recorder for a replication.
    pub fn new(setting: &Setting, plan: Arc<Plan>, limits: Arc<Limits>, spells: Spells) -> Recorder {
        let platform = &setting.platform;
        let faults = setting.activations.iter().map(|activation| activation.fault + 1).max().unwrap_or(0);
        let whiles = if spells.is_empty() { 0 } else { faults * platform.classes.len() };
        Recorder {
            from: platform.warmup,
            until: platform.warmup + platform.horizon,
            tallies: vec![Tally::default(); platform.classes.len()],
            router: RouterTally::default(),
            meters: Meters::new(plan),
            timeline: Timeline::new(platform.warmup, platform.horizon, platform.timeline),
            while_faults: vec![Tally::default(); whiles],
            is_plain: limits.are_none() && spells.is_empty(),
            limits,
            spells,
        }
    }

    /// Returns these books for a world that goes on without faults.
    pub fn without_faults(&self) -> Recorder {
        let is_plain = self.limits.are_none();
        Recorder { spells: Spells::default(), while_faults: Vec::new(), is_plain, ..self.clone() }
    }

    /// Counts a request for what is asked beyond the usual: limits of latency, the contract's too, and faults that lasted when it arrived.
    #[inline(never)]
    fn count_more(&mut self, request: &Resolved) {
        let latency = request.at - request.arrival;
        if request.failed.is_none() {
            self.tallies[request.class as usize].hold(latency, &self.limits.asked);
            if self.limits.is_late(request.class, latency) {
                self.meters.fail(request.sub, request.arrival);
            }
        }
        let classes = self.tallies.len();
        for &fault in self.spells.at(request.arrival) {
            let tally = &mut self.while_faults[fault as usize * classes + usize::from(request.class)];
            tally.requests += 1;
            match request.failed {
                Some(cause) => tally.failed[cause as usize] += 1,
                None => {
                    tally.latency.record(latency);
                    tally.hold(latency, &self.limits.asked);
                }
            }
        }
    }

    #[inline]
    fn counts(&self, arrival: Nanos) -> bool {
        self.from <= arrival && arrival < self.until
    }
}

impl Observer for Recorder {
    #[inline(always)]
    fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Arrived { sub, class, at } => self.arrived(sub, class, at),
            Happening::Resolved(request) => self.resolved(&request),
            Happening::Attempt { sub, class, number, arrival, started } => {
                self.attempt(sub, class, number, arrival, started);
            }
            Happening::AttemptFailed { sub, class, started } => self.attempt_failed(sub, class, started),
            Happening::Hedged { class, arrival, started } => self.hedged(class, arrival, started),
            Happening::Called { class, arrival, calls, hedges } => self.called(class, arrival, calls, hedges),
            Happening::LookedUp { at, hit } => self.looked_up(at, hit),
            Happening::StoreAsked { at } => self.timeline.store_asked(at),
            Happening::LookUpLost { started } => self.router.lost += u64::from(self.counts(started)),
            Happening::Routed { path, started, took } => self.routed(path, started, took),
            Happening::JoinedQueue { at } => self.timeline.change_queues(at, 1),
            Happening::LeftQueue { at } => self.timeline.change_queues(at, -1),
            Happening::Waited { from, until } => self.timeline.add_wait(from, until),
        }
    }
}

impl Recorder {
    #[inline]
    fn arrived(&mut self, sub: SubId, class: u16, at: Nanos) {
        if self.counts(at) {
            self.tallies[class as usize].requests += 1;
            if let Some(bin) = self.timeline.at(at) {
                bin.requests += 1;
            }
            if !self.meters.plan.counts_attempts[class as usize] {
                self.meters.count(sub, at);
            }
        }
    }

    #[inline]
    fn resolved(&mut self, request: &Resolved) {
        if !self.counts(request.arrival) {
            return;
        }
        let tally = &mut self.tallies[request.class as usize];
        if let Some(cause) = request.failed {
            tally.failed[cause as usize] += 1;
            if !self.meters.plan.counts_attempts[request.class as usize] {
                self.meters.fail(request.sub, request.arrival);
            }
            if let Some(bin) = self.timeline.at(request.arrival) {
                bin.failed += 1;
            }
        } else {
            // What is ok is all that has not failed: nothing to count but how long it took.
            tally.latency.record(request.at - request.arrival);
        }
        if !self.is_plain {
            self.count_more(request);
        }
    }

    #[inline]
    fn attempt(&mut self, sub: SubId, class: u16, number: u8, arrival: Nanos, started: Nanos) {
        if number > 1 {
            if self.counts(arrival) {
                self.tallies[class as usize].retries += 1;
            }
            if let Some(bin) = self.timeline.at(started) {
                bin.retries += 1;
            }
        }
        if self.meters.plan.counts_attempts[class as usize] && self.counts(started) {
            self.meters.count(sub, started);
        }
    }

    fn hedged(&mut self, class: u16, arrival: Nanos, started: Nanos) {
        if self.counts(arrival) {
            self.tallies[class as usize].hedges += 1;
        }
        if let Some(bin) = self.timeline.at(started) {
            bin.retries += 1;
        }
    }

    fn called(&mut self, class: u16, arrival: Nanos, calls: u32, hedges: u32) {
        if self.counts(arrival) {
            let tally = &mut self.tallies[class as usize];
            tally.calls += u64::from(calls);
            tally.second_calls += u64::from(hedges);
        }
    }

    #[inline]
    fn attempt_failed(&mut self, sub: SubId, class: u16, started: Nanos) {
        if self.meters.plan.counts_attempts[class as usize] && self.counts(started) {
            self.meters.fail(sub, started);
        }
    }

    #[inline]
    fn looked_up(&mut self, at: Nanos, hit: bool) {
        if let Some(bin) = self.timeline.at(at) {
            bin.lookups += 1;
            bin.hits += u32::from(hit);
        }
    }

    #[inline]
    fn routed(&mut self, path: Path, started: Nanos, took: Nanos) {
        let index = match path {
            Path::Hit => 0,
            Path::Miss => 1,
            Path::New => 2,
            Path::LocalCopy => 3,
            Path::Direct => return,
        };
        if self.counts(started) {
            self.router.latency[index].record(took);
        }
    }
}
