//! Who listens to which world of a replication: the books, and the incidents that are open.

use super::incident::OpenIncident;
use super::twin::TwinOf;
use crate::measure::harm::{HERE, TWIN};
use crate::measure::recorder::Recorder;
use crate::units::Nanos;
use crate::world::platform::population::{NONE, SubId};
use crate::world::requests::happening::{Happening, Observer, Resolved};
use crate::world::requests::setting::Setting;

/// Listens to the world with faults.
pub(crate) struct WorldObserver<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) recorder: &'a mut Recorder,
    pub(crate) incidents: &'a mut [(OpenIncident, TwinOf)],
    pub(crate) homes: &'a [u32],
    /// Whether contracts count attempts, by class.
    pub(crate) counts_attempts: &'a [bool],
}

impl WorldObserver<'_> {
    #[inline(never)]
    fn resolved_in_incidents(&mut self, request: &Resolved) {
        for (incident, _) in self.incidents.iter_mut().filter(|(incident, _)| incident.harm.is_bad(request)) {
            incident.harm.resolved(HERE, home(self.setting, self.homes, request.sub), request);
        }
    }

    #[inline]
    fn arrived_in_incidents(&mut self, sub: SubId, at: Nanos) {
        let home = home(self.setting, self.homes, sub);
        self.incidents.iter_mut().for_each(|(incident, _)| incident.harm.arrived(HERE, sub, home, at));
    }
}

impl Observer for WorldObserver<'_> {
    #[inline(always)]
    fn happened(&mut self, happening: Happening) {
        self.recorder.happened(happening);
        // Without incidents, which is most of the time, this is all: the rest stays out of the way.
        if self.incidents.is_empty() {
            return;
        }
        match happening {
            Happening::Arrived { sub, at, .. } => self.arrived_in_incidents(sub, at),
            Happening::Resolved(request) => self.resolved_in_incidents(&request),
            Happening::Attempt { sub, class, started, .. } if self.counts_attempts[class as usize] => {
                self.incidents.iter_mut().for_each(|(incident, _)| incident.harm.attempted(HERE, sub, started));
            }
            Happening::AttemptFailed { sub, class, started } if self.counts_attempts[class as usize] => {
                self.incidents.iter_mut().for_each(|(incident, _)| incident.harm.attempt_failed(HERE, sub, started));
            }
            _ => {}
        }
    }
}

/// Listens to a twin; the fault-free world has a recorder too.
pub(crate) struct TwinObserver<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) recorder: Option<&'a mut Recorder>,
    pub(crate) incident: Option<&'a mut OpenIncident>,
    pub(crate) homes: &'a [u32],
    /// Whether contracts count attempts, by class.
    pub(crate) counts_attempts: &'a [bool],
}

impl Observer for TwinObserver<'_> {
    #[inline(always)]
    fn happened(&mut self, happening: Happening) {
        if let Some(recorder) = &mut self.recorder {
            recorder.happened(happening);
        }
        let Some(incident) = &mut self.incident else { return };
        match happening {
            Happening::Arrived { sub, at, .. } => {
                let home = home(self.setting, self.homes, sub);
                incident.harm.arrived(TWIN, sub, home, at);
                if let Some(luck) = &mut incident.luck {
                    luck.arrived_in_twin(sub, home, at);
                }
            }
            Happening::Resolved(request) if incident.harm.is_bad(&request) => {
                let home = home(self.setting, self.homes, request.sub);
                incident.harm.resolved(TWIN, home, &request);
                if let Some(luck) = &mut incident.luck {
                    luck.resolved_in_twin(home, &request);
                }
            }
            Happening::Attempt { sub, class, started, .. } if self.counts_attempts[class as usize] => {
                incident.harm.attempted(TWIN, sub, started);
            }
            Happening::AttemptFailed { sub, class, started } if self.counts_attempts[class as usize] => {
                incident.harm.attempt_failed(TWIN, sub, started);
            }
            _ => {}
        }
    }
}

/// The unit that a subscription's requests count for: its first home; a newcomer's is not known when it arrives.
#[inline]
fn home(setting: &Setting, homes: &[u32], sub: SubId) -> u32 {
    debug_assert_eq!(homes.len(), setting.platform.home.len());
    homes.get(sub as usize).copied().unwrap_or(NONE)
}
