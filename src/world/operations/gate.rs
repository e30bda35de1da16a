//! A gate: what stands before a cell, a stage or a step of the router, and bears on every attempt that comes there.
//!
//! Nearly always nothing bears on anybody: the gate is quiet, which costs one branch. A gate belongs to a place, not to a class.

use super::effects::{self, Admission, Facts, Strike};
use crate::units::Nanos;

/// Faults that bear on attempts at one place.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    /// Them.
    pub strikes: Vec<Strike>,
}

impl Gate {
    /// Returns whether nothing bears on anybody.
    #[inline(always)]
    pub fn is_quiet(&self) -> bool {
        self.strikes.is_empty()
    }

    /// Decides what happens to an attempt that comes; `stage` is where it stands in its cell, if it is in one.
    #[inline(always)]
    pub fn admit(&self, stage: Option<u32>, who: impl FnOnce() -> Facts) -> Admission {
        if self.is_quiet() { Admission::Pass } else { effects::admit(&self.strikes, stage, &who()) }
    }

    /// Returns how long a service takes here that would take so long; at a stage of a cell, or else at a step of the router.
    #[inline(always)]
    pub fn slowed(&self, stage: impl FnOnce() -> Option<u32>, service: Nanos, who: impl FnOnce() -> Facts) -> Nanos {
        if self.is_quiet() { service } else { effects::slowed(&self.strikes, stage(), &who(), service) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Key;
    use crate::scenario::fault::Effect;

    fn strike(place: Option<u32>, effect: Effect) -> Strike {
        let (key, destination, zone, tier) = (Key(1), None, None, None);
        Strike { activation: 0, key, place, destination, zone, tier, detected: false, effects: vec![effect] }
    }

    fn who() -> Facts {
        Facts { request: Key(2), attempt: Key(3), tier: 0, zones: 1, customer: 0 }
    }

    #[test]
    fn a_quiet_gate_asks_nobody_who_he_is() {
        let gate = Gate::default();
        assert!(gate.is_quiet());
        assert_eq!(gate.admit(None, || panic!("asked")), Admission::Pass);
        assert_eq!(gate.slowed(|| panic!("asked"), 7, || panic!("asked")), 7);
    }

    #[test]
    fn the_worst_wins_at_its_own_place() {
        let strikes = vec![strike(Some(1), Effect::Crash), strike(Some(1), Effect::Blackhole)];
        let gate = Gate { strikes };
        assert_eq!(gate.admit(Some(1), who), Admission::Swallow);
        assert_eq!((gate.admit(Some(2), who), gate.admit(None, who)), (Admission::Pass, Admission::Pass));
    }

    #[test]
    fn what_strikes_the_cell_slows_every_stage() {
        let slow = |factor| Effect::Slow { factor, shift: 1 };
        let gate = Gate { strikes: vec![strike(None, slow(2.0)), strike(Some(1), slow(3.0))] };
        assert_eq!((gate.slowed(|| Some(1), 10, who), gate.slowed(|| Some(2), 10, who)), (62, 21));
    }
}
