//! How many an incident would count as harmed if nothing had happened but other luck.

use std::sync::Arc;

use crate::measure::harm::{HARMED, HERE, Harm, TWIN};
use crate::measure::limits::Limits;
use crate::units::Nanos;
use crate::world::platform::population::SubId;
use crate::world::requests::happening::{Happening, Observer, Resolved};
use crate::world::requests::other_luck;
use crate::world::requests::world::World;

/// A world without the incident's fault and with other luck, held against the incident's twin.
#[derive(Debug)]
pub struct Luck {
    world: Box<World>,
    harm: Harm,
}

impl Luck {
    /// Copies the twin at the onset; `None` where requests carry all luck, and nobody would be counted.
    pub fn new(twin: &World, activation: u32, harm_share: f64, limits: &Arc<Limits>) -> Option<Luck> {
        let setting = twin.setting();
        if other_luck::is_carried(&setting.platform) {
            return None;
        }
        let harm = Harm::new(twin, vec![0; setting.subscriptions()], harm_share, Arc::clone(limits));
        let mut world = Box::new(twin.clone());
        other_luck::meet(&mut world, setting.key.named("other luck").nth(u64::from(activation)));
        Some(Luck { world, harm })
    }

    /// The twin is the twin of these activations alone from now on, and so is this world.
    pub fn ignore_only(&mut self, activations: &[u32]) {
        self.world.ignore_only(activations);
    }

    /// Another fault has joined the incident.
    pub fn ignore(&mut self, activation: u32) {
        self.world.ignore(activation);
    }

    /// A request arrives in the twin.
    #[inline]
    pub fn arrived_in_twin(&mut self, sub: SubId, home: u32, at: Nanos) {
        self.harm.arrived(TWIN, sub, home, at);
    }

    /// A request is over in the twin.
    #[inline]
    pub fn resolved_in_twin(&mut self, home: u32, request: &Resolved) {
        self.harm.resolved(TWIN, home, request);
    }

    /// Lets this world catch up with its twin; the incident's faults end at `end`.
    pub fn advance(&mut self, until: Nanos, end: Nanos) {
        self.world.run_while_it_counts(until, &mut Here(&mut self.harm));
        self.harm.reached_beside(until, end);
    }

    /// Closes the books where the incident's are closed; returns the subscriptions that were counted.
    pub fn close(mut self, band_end: i64) -> Vec<SubId> {
        self.harm.close_beside(band_end);
        let counted = self.harm.flags.iter().enumerate().filter(|(_, flags)| **flags & HARMED != 0);
        counted.map(|(sub, _)| sub as SubId).collect()
    }
}

/// Listens to the world with other luck.
struct Here<'a>(&'a mut Harm);

impl Observer for Here<'_> {
    // Whose unit it is does not matter: recovery is the incident's.
    fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Arrived { sub, at, .. } => self.0.arrived(HERE, sub, 0, at),
            Happening::Resolved(request) => self.0.resolved(HERE, 0, &request),
            _ => {}
        }
    }
}
