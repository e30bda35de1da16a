//! Who listens to which world of a replication: the books, and the incidents that are open.

use super::incident::OpenIncident;
use super::replication::TwinOf;
use crate::measure::harm::{HERE, TWIN};
use crate::measure::recorder::Recorder;
use crate::units::Nanos;
use crate::world::platform::population::{NONE, SubId};
use crate::world::requests::observer::{Observer, Resolved};
use crate::world::requests::request::Path;
use crate::world::requests::setting::Setting;

/// Listens to the world with faults.
pub(super) struct WorldObserver<'a> {
    pub(super) setting: &'a Setting,
    pub(super) recorder: &'a mut Recorder,
    pub(super) incidents: &'a mut [(OpenIncident, TwinOf)],
    pub(super) homes: &'a [u32],
    /// Whether contracts count attempts, by class.
    pub(super) counts_attempts: &'a [bool],
}

impl WorldObserver<'_> {
    #[inline(never)]
    fn resolved_in_incidents(&mut self, request: &Resolved) {
        for (incident, _) in self.incidents.iter_mut().filter(|(incident, _)| incident.harm.is_bad(request)) {
            incident.harm.resolved(HERE, home(self.setting, self.homes, request.sub), request);
        }
    }
}

impl Observer for WorldObserver<'_> {
    #[inline]
    fn arrived(&mut self, sub: SubId, class: u16, at: Nanos) {
        self.recorder.arrived(sub, class, at);
        for (incident, _) in self.incidents.iter_mut() {
            incident.harm.arrived(HERE, sub, home(self.setting, self.homes, sub), at);
        }
    }
    #[inline]
    fn resolved(&mut self, request: &Resolved) {
        self.recorder.resolved(request);
        // Without incidents, which is most of the time, this is all: the rest stays out of the way.
        if !self.incidents.is_empty() {
            self.resolved_in_incidents(request);
        }
    }
    #[inline]
    fn attempt(&mut self, sub: SubId, class: u16, number: u8, arrival: Nanos, started: Nanos) {
        self.recorder.attempt(sub, class, number, arrival, started);
        if self.counts_attempts[class as usize] {
            for (incident, _) in self.incidents.iter_mut() {
                incident.harm.attempted(HERE, sub, started);
            }
        }
    }
    fn hedged(&mut self, class: u16, arrival: Nanos, started: Nanos) {
        self.recorder.hedged(class, arrival, started);
    }
    fn called(&mut self, class: u16, arrival: Nanos, calls: u32, hedges: u32) {
        self.recorder.called(class, arrival, calls, hedges);
    }
    #[inline]
    fn attempt_failed(&mut self, sub: SubId, class: u16, started: Nanos) {
        self.recorder.attempt_failed(sub, class, started);
        if self.counts_attempts[class as usize] {
            for (incident, _) in self.incidents.iter_mut() {
                incident.harm.attempt_failed(HERE, sub, started);
            }
        }
    }
    #[inline]
    fn looked_up(&mut self, at: Nanos, hit: bool) {
        self.recorder.looked_up(at, hit);
    }
    #[inline]
    fn store_asked(&mut self, at: Nanos) {
        self.recorder.store_asked(at);
    }
    fn look_up_lost(&mut self, started: Nanos) {
        self.recorder.look_up_lost(started);
    }
    #[inline]
    fn joined_queue(&mut self, at: Nanos) {
        self.recorder.joined_queue(at);
    }
    #[inline]
    fn left_queue(&mut self, at: Nanos) {
        self.recorder.left_queue(at);
    }
    #[inline]
    fn waited(&mut self, from: Nanos, until: Nanos) {
        self.recorder.waited(from, until);
    }
    #[inline]
    fn routed(&mut self, path: Path, started: Nanos, took: Nanos) {
        self.recorder.routed(path, started, took);
    }
}

/// Listens to a twin; the fault-free world has a recorder too.
pub(super) struct TwinObserver<'a> {
    pub(super) setting: &'a Setting,
    pub(super) recorder: Option<&'a mut Recorder>,
    pub(super) incident: Option<&'a mut OpenIncident>,
    pub(super) homes: &'a [u32],
    /// Whether contracts count attempts, by class.
    pub(super) counts_attempts: &'a [bool],
}

impl Observer for TwinObserver<'_> {
    #[inline]
    fn arrived(&mut self, sub: SubId, class: u16, at: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.arrived(sub, class, at);
        }
        if let Some(incident) = &mut self.incident {
            let home = home(self.setting, self.homes, sub);
            incident.harm.arrived(TWIN, sub, home, at);
            if let Some(luck) = &mut incident.luck {
                luck.arrived_in_twin(sub, home, at);
            }
        }
    }
    #[inline]
    fn resolved(&mut self, request: &Resolved) {
        if let Some(recorder) = &mut self.recorder {
            recorder.resolved(request);
        }
        if let Some(incident) = &mut self.incident
            && incident.harm.is_bad(request)
        {
            let home = home(self.setting, self.homes, request.sub);
            incident.harm.resolved(TWIN, home, request);
            if let Some(luck) = &mut incident.luck {
                luck.resolved_in_twin(home, request);
            }
        }
    }
    #[inline]
    fn attempt(&mut self, sub: SubId, class: u16, number: u8, arrival: Nanos, started: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.attempt(sub, class, number, arrival, started);
        }
        if let Some(incident) = self.incident.as_mut().filter(|_| self.counts_attempts[class as usize]) {
            incident.harm.attempted(TWIN, sub, started);
        }
    }
    fn hedged(&mut self, class: u16, arrival: Nanos, started: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.hedged(class, arrival, started);
        }
    }
    fn called(&mut self, class: u16, arrival: Nanos, calls: u32, hedges: u32) {
        if let Some(recorder) = &mut self.recorder {
            recorder.called(class, arrival, calls, hedges);
        }
    }
    #[inline]
    fn attempt_failed(&mut self, sub: SubId, class: u16, started: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.attempt_failed(sub, class, started);
        }
        if let Some(incident) = self.incident.as_mut().filter(|_| self.counts_attempts[class as usize]) {
            incident.harm.attempt_failed(TWIN, sub, started);
        }
    }
    #[inline]
    fn looked_up(&mut self, at: Nanos, hit: bool) {
        if let Some(recorder) = &mut self.recorder {
            recorder.looked_up(at, hit);
        }
    }
    #[inline]
    fn store_asked(&mut self, at: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.store_asked(at);
        }
    }
    fn look_up_lost(&mut self, started: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.look_up_lost(started);
        }
    }
    #[inline]
    fn joined_queue(&mut self, at: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.joined_queue(at);
        }
    }
    #[inline]
    fn left_queue(&mut self, at: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.left_queue(at);
        }
    }
    #[inline]
    fn waited(&mut self, from: Nanos, until: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.waited(from, until);
        }
    }
    #[inline]
    fn routed(&mut self, path: Path, started: Nanos, took: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder.routed(path, started, took);
        }
    }
}

/// The unit that a subscription's requests count for: its first home; a newcomer's is not known when it arrives.
#[inline]
fn home(setting: &Setting, homes: &[u32], sub: SubId) -> u32 {
    debug_assert_eq!(homes.len(), setting.platform.home.len());
    homes.get(sub as usize).copied().unwrap_or(NONE)
}
