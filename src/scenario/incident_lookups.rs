//! Lookups that the incident level cannot follow: refused by line, never ignored.

use super::Scenario;
use super::demand::Demand;
use super::fault::{Effect, Fault, RouterStep, Schedule, Strikes};
use super::router::{Hits, Router};
use crate::diagnostic::Diagnostic;

/// A store that has so many times the capacity that all lookups need answers in time whatever the cache holds.
const AMPLE: f64 = 1.2;
/// Misses that may wait for more than half of a timeout.
const SLOW: f64 = 1e-3;

/// Returns what the faults in these years do to lookups that flows cannot follow.
pub(super) fn refused(scenario: &Scenario, faults: &[&Fault]) -> Vec<Diagnostic> {
    let Some(router) = &scenario.router else { return Vec::new() };
    let of_store = |fault: &&&Fault| matches!(fault.strikes, Strikes::Router(RouterStep::Store));
    let faults: Vec<&Fault> = faults.iter().filter(of_store).copied().collect();
    let mut problems = Vec::new();
    let by_chance = matches!(router.cache.hits, Hits::Ratio(_));
    let covers = router.local_copy.filter(|_| router.when_down.store_last_known).map_or(0.0, |copy| copy.covers);
    for fault in &faults {
        let mut refuse = |key: &str, message: &str, label: &str, help: &str| {
            problems.push(scenario.error_at(key, message, label, Some(help)));
        };
        let effects = || fault.effects.iter();
        let refuses =
            |effect: &Effect| matches!(effect, Effect::Crash | Effect::Errors { .. } | Effect::Capacity { .. });
        if covers > 0.0 && covers < 1.0 && effects().any(refuses) {
            let inner = "router.when_down.local_copy.covers";
            let key = if scenario.is_written(inner) { inner } else { "router.local_copy.covers" };
            let message = "the incident level does not tell the customers in the local copy from the others";
            let help =
                format!("write covers = \"100%\", leave out fault `{}`, or write level = \"request\"", fault.name);
            refuse(key, message, "some of them", &help);
        }
        if by_chance {
            continue;
        }
        let help = "write level = \"request\", or a cache with a `hit_ratio`, of which each lookup has luck of its own";
        let key = format!("fault.{}.effect", fault.name);
        if covers < 1.0 && loses_a_part(fault) {
            let message = "the incident level follows a cache with a life time or entries while all of its store is lost, not a part";
            refuse(&key, message, "some lookups fail, again and again those of the same customers", help);
        }
        if is_slow(scenario, router, fault) {
            let message = "the incident level does not follow a cache with a life time or entries whose misses take about as long as callers wait";
            refuse(&key, message, "answers come late and fill the cache all the same", help);
        }
    }
    let least = faults.iter().flat_map(|fault| &fault.effects).fold(1.0_f64, |least, effect| match effect {
        Effect::Capacity { factor } if *factor > 0.0 => least.min(*factor),
        _ => least,
    });
    let asked = AMPLE * asked(scenario);
    if let Some(capacity) = router.store.capacity.filter(|capacity| capacity * least < asked)
        && !by_chance
        && !faults.is_empty()
    {
        let message = "the incident level does not follow how an emptied cache fills where the store cannot answer everybody at once";
        let label = format!("{:.0} a second at most, of {asked:.0} with an empty cache", capacity * least);
        let help = "write level = \"request\", a cache with a `hit_ratio`, or a store that can";
        problems.push(scenario.error_at("router.store.capacity", message, &label, Some(help)));
    }
    problems
}

/// Whether a fault loses some lookups at the store and leaves others.
fn loses_a_part(fault: &Fault) -> bool {
    let recorded = match &fault.schedule {
        Schedule::Trace(recorded) => {
            recorded.incidents.iter().any(|incident| incident.share.is_some_and(|share| share < 1.0))
        }
        Schedule::Scripted { .. } | Schedule::Random { .. } => false,
    };
    recorded
        || fault
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Errors { share, .. } if *share > 0.0 && *share < 1.0))
}

/// Whether more than a few misses take about as long as callers wait, under a fault.
fn is_slow(scenario: &Scenario, router: &Router, fault: &Fault) -> bool {
    let classes = scenario.workflows.iter().flat_map(|workflow| workflow.classes.iter().flatten());
    let Some(patience) = classes.map(|class| class.client.timeout).min() else { return false };
    fault.effects.iter().any(|effect| match *effect {
        Effect::Slow { factor, shift } => {
            router.store.latency.above((patience as f64 / 2.0 - shift as f64) / factor.max(f64::MIN_POSITIVE)) > SLOW
        }
        _ => false,
    })
}

/// Requests a second of everybody, at their peak.
fn asked(scenario: &Scenario) -> f64 {
    let mut sum = 0.0;
    for (index, workflow) in scenario.workflows.iter().enumerate() {
        for (tier, class) in workflow.classes.iter().enumerate() {
            let Some(class) = class else { continue };
            let Demand::Rate(rate) = class.demand else { continue };
            let peak = class.profile.steps.iter().map(|step| step.1).fold(1.0, f64::max);
            let cohorts = scenario.cohorts.iter().filter(|cohort| cohort.tier == tier);
            let (mut named, mut theirs) = (0, 0.0);
            for cohort in cohorts {
                named += cohort.count;
                if cohort.workflows.contains(&index) {
                    theirs += f64::from(cohort.count) * cohort.demand.unwrap_or(rate);
                }
            }
            let others = f64::from(scenario.tiers[tier].customers.saturating_sub(named));
            sum += peak * (theirs + others * class.adoption * rate);
        }
    }
    sum
}
