//! Limits of latency: those that are asked about, and those beyond which a contract counts an answer as none.

use crate::catalogue::Cause;
use crate::scenario::Scenario;
use crate::units::Nanos;
use crate::world::platform::Platform;
use crate::world::requests::happening::Resolved;

/// All limits of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The share of requests under each of these is told, ascending.
    pub asked: Vec<Nanos>,
    /// By class, from when on an answer is too late for the contract; empty if no contract says so.
    good_under: Vec<Nanos>,
}

impl Limits {
    /// Collects what a scenario says.
    pub fn new(scenario: &Scenario, platform: &Platform) -> Limits {
        let of_class = |tier: usize| scenario.tiers[tier].contract.good_under;
        let some = platform.classes.iter().any(|class| of_class(class.tier).is_some());
        let good_under = platform.classes.iter().map(|class| of_class(class.tier).unwrap_or(Nanos::MAX));
        Limits { asked: scenario.latency_limits(), good_under: if some { good_under.collect() } else { Vec::new() } }
    }

    /// Returns whether there are none.
    pub fn are_none(&self) -> bool {
        self.asked.is_empty() && self.good_under.is_empty()
    }

    /// Returns whether an answer after this time is too late for the contract of its class.
    #[inline]
    pub fn is_late(&self, class: u16, latency: Nanos) -> bool {
        !self.good_under.is_empty() && latency > self.good_under[class as usize]
    }

    /// Returns why a request is bad: it failed, or its answer was too late for the contract.
    #[inline]
    pub fn why_bad(&self, request: &Resolved) -> Option<Cause> {
        let late = || self.is_late(request.class, request.at - request.arrival).then_some(Cause::TimedOut);
        request.failed.or_else(late)
    }
}
