//! The targets of a fault: where it may strike, one at a time.

use crate::scenario::Scenario;
use crate::scenario::fault::{Clock, Fault, Schedule, ScopeKind};
use crate::world::platform::Platform;
use crate::world::platform::population::{NONE, SubId};
use crate::world::platform::scope::{self, Target};

pub(crate) fn fault_clock(fault: &Fault) -> Option<Clock> {
    match fault.schedule {
        Schedule::Random { clock, .. } => Some(clock),
        Schedule::Scripted { .. } | Schedule::Trace(_) => None,
    }
}

/// All that a fault may strike, one at a time.
pub(crate) fn targets(scenario: &Scenario, platform: &Platform, fault: &Fault) -> Vec<Target> {
    match fault_clock(fault) {
        Some(Clock::Each(scope) | Clock::OneOf(scope)) => {
            scope::instances(scenario, platform, &fault.strikes, scope).into_iter().map(|(_, target)| target).collect()
        }
        None => vec![scope::target(scenario, platform, &fault.strikes, None)],
    }
}

/// Subscriptions of the customers that are struck themselves.
pub(crate) fn customers<'a>(platform: &'a Platform, target: &'a Target) -> impl Iterator<Item = SubId> + 'a {
    (0..platform.subscriptions()).filter(move |&sub| {
        platform.home[sub as usize] != NONE
            && target.is_struck(platform, platform.class_of(sub), || platform.population.customer[sub as usize])
    })
}

/// Cells in which struck customers live.
pub(crate) fn homes(platform: &Platform, target: &Target) -> Vec<u32> {
    let mut homes: Vec<u32> = customers(platform, target).map(|sub| platform.home[sub as usize]).collect();
    homes.sort_unstable();
    homes.dedup();
    homes
}

pub(crate) fn noun(fault: &Fault) -> &'static str {
    match fault_clock(fault) {
        Some(Clock::Each(scope) | Clock::OneOf(scope)) => match scope {
            ScopeKind::Cell => "cells",
            ScopeKind::Zone => "zones",
            ScopeKind::Tier => "tiers",
            ScopeKind::Workflow => "workflows",
            ScopeKind::Platform => "strikes",
        },
        None => "strikes",
    }
}
