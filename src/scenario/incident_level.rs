//! What the incident level cannot honour: refused by line, never ignored.

use super::Scenario;
use super::calendar::Window;
use super::contract::{CountedUnit, Counts};
use super::demand::{Demand, Profile};
use super::fault::{Clock, Effect, Fault, RouterStep, Schedule, ScopeKind, SharePer, Strikes};
use super::levels::{Levels, MOST_LEVELS};
use super::router::Starts;
use super::run::{FaultChoice, Level};
use super::stage::{Discipline, StageKind};
use crate::diagnostic::Diagnostic;
use crate::units::MINUTE;

const HELP: &str = "leave it to a run with level = \"request\"";

/// Returns what a scenario asks for that flows cannot answer.
pub(super) fn refused(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut problems = windows(scenario);
    let mut refuse = |key: &str, message: &str, label: &str, help: &str| {
        problems.push(scenario.error_at(key, message, label, Some(help)));
    };
    if !scenario.trace.is_empty() {
        refuse("trace", "the incident level knows flows, not single requests", "recorded requests", HELP);
    }
    let (mut profiles, mut varied) = (Vec::new(), None);
    for (tier, spec) in scenario.tiers.iter().enumerate() {
        if spec.new_customers > 0.0 {
            let key = format!("tier.{}.new_customers", spec.name);
            let message = "the incident level has a population that does not change";
            refuse(
                &key,
                message,
                "customers join",
                "write new_customers = \"0/s\": years of growth are another design",
            );
        }
        let own = format!("tier.{}.contract", spec.name);
        let key = |name: &str| {
            let own = format!("{own}.{name}");
            if scenario.is_written(&own) { own } else { format!("contract.{name}") }
        };
        if spec.contract.counts == Counts::PerCustomer {
            let help = "write counts = \"per workflow\"";
            refuse(&key("counts"), "the incident level judges each workflow of a customer", "pools workflows", help);
        }
        if spec.contract.unit == CountedUnit::Attempts {
            refuse(&key("unit"), "the incident level counts requests", "counts attempts", "write unit = \"requests\"");
        }
        if spec.contract.good_under.is_some() {
            let help = "leave `good_under` out, or leave it to a run with level = \"request\"";
            refuse(&key("good_under"), "flows have no latencies: an answer is in time or not", "by latency", help);
        }
        for workflow in &scenario.workflows {
            let Some(class) = &workflow.classes[tier] else { continue };
            let key = |name: &str| {
                let own = format!("workflow.{}.tier.{}.{name}", workflow.name, spec.name);
                if scenario.is_written(&own) { own } else { format!("workflow.{}.{name}", workflow.name) }
            };
            let in_minutes = |profile: &Profile| {
                let mut times = profile.steps.iter().map(|step| step.0).chain(profile.period);
                times.all(|time| time.is_multiple_of(MINUTE))
            };
            if !in_minutes(&class.profile) {
                let message = "the incident level knows demand that changes at whole minutes";
                refuse(&key("profile"), message, "changes within a minute", "write times and periods in whole minutes");
            }
            profiles.push(&class.profile);
            if class.profile.steps.len() > 1 {
                varied.get_or_insert_with(|| key("profile"));
            }
            if class.arrivals.batch() > 1 {
                let message = "the incident level knows requests that come one by one";
                refuse(&key("arrivals"), message, "come in batches", "write arrivals = \"poisson\"");
            }
            if class.client.hedge.is_some() {
                refuse(&key("client.hedge"), "the incident level knows no hedges", "hedges", HELP);
            }
            let retries = class.client.attempts > 1;
            if class.client.remembers_cell && retries && scenario.router.is_some() {
                let message = "the incident level looks every attempt's cell up";
                refuse(&key("client.remembers_cell"), message, "retries do not", "write remembers_cell = false");
            }
            for stage in &class.path {
                let stage_key = |name: &str| key(&format!("stage.{}.{name}", stage.name));
                if stage.luck_of_request > 0.0 && retries {
                    let message = "the incident level gives each attempt a service time of its own";
                    refuse(&stage_key("luck"), message, "retries meet the same again", "write luck = \"attempt\"");
                }
                match &stage.kind {
                    StageKind::FanOut(_) => {
                        refuse(&stage_key("kind"), "the incident level knows pools and delays", "another stage", HELP);
                    }
                    StageKind::Pool(pool) if pool.workers.is_some() => {
                        refuse(&stage_key("workers"), "the incident level knows no workers", "has workers", HELP);
                    }
                    StageKind::Pool(pool) if pool.discipline != Discipline::Fifo => {
                        let message = "the incident level serves first in, first out";
                        refuse(&stage_key("discipline"), message, "another order", "write discipline = \"fifo\"");
                    }
                    StageKind::Pool(pool) if pool.slows_by > 0.0 => {
                        let message = "the incident level knows services that do not slow each other";
                        refuse(&stage_key("slows_by"), message, "slows as more are in it", HELP);
                    }
                    StageKind::Pool(pool) if pool.overload => {
                        let message = "the incident level knows stations that keep up with their demand in health";
                        refuse(&stage_key("size.overload"), message, "overload is meant", HELP);
                    }
                    StageKind::Pool(_) | StageKind::Delay => {}
                }
            }
            if class.demand == Demand::Trace {
                refuse(&key("demand"), "the incident level knows flows, not single requests", "recorded", HELP);
            }
        }
    }
    if let Some(key) = varied
        && Levels::new(&profiles, scenario.run.horizon).is_none()
    {
        let message = format!("the profiles come to more than {MOST_LEVELS} different levels of demand");
        let help = "write longer steps, like `hours`, or a csv with a row an hour; or one profile for all workflows";
        refuse(&key, &message, "each of them needs flows of its own", help);
    }
    if let Some(router) = &scenario.router {
        let message = "the incident level knows how many look-ups hit, not which";
        if router.cache.coalesce {
            refuse("router.cache.coalesce", message, "some are shared", HELP);
        }
        if router.cache.starts == Starts::Cold {
            refuse("router.cache.starts", "how a cache fills is a matter of single requests", "begins empty", HELP);
        }
        if !router.cache.fill_after_timeout {
            refuse("router.cache.fill_after_timeout", message, "some answers are lost", HELP);
        }
    }
    for fault in scenario.faults.iter().filter(|fault| is_awake(scenario, fault)) {
        if let Some((part, message)) = beyond(fault) {
            let key = format!("fault.{}.{part}", fault.name);
            refuse(&key, message, "not at the incident level", "leave the fault out: `false` in place of its table");
        }
    }
    problems.dedup();
    problems
}

/// Returns what a scenario asks of the request level that only the incident level has.
pub(super) fn missing(scenario: &Scenario) -> Vec<Diagnostic> {
    let excludes = scenario.tiers.iter().find(|tier| !tier.contract.excludes.is_empty());
    let problem = excludes.map(|tier| {
        let own = format!("tier.{}.contract.excludes", tier.name);
        let key = if scenario.is_written(&own) { own } else { "contract.excludes".to_owned() };
        let message = "the request level judges every minute: what is announced for a month is no drill";
        let help = "write level = \"incident\", or leave `excludes` out";
        scenario.error_at(&key, message, "not at the request level", Some(help))
    });
    problem.into_iter().chain(windows(scenario)).collect()
}

/// Returns what contract windows ask that the run does not have, or that means nothing.
fn windows(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for tier in &scenario.tiers {
        let mut refuse = |key: &str, message: &str, label: &str, help: &str| {
            let own = format!("tier.{}.contract.{key}", tier.name);
            let key = if scenario.is_written(&own) { own } else { format!("contract.{key}") };
            problems.push(scenario.error_at(&key, message, label, Some(help)));
        };
        let is_dated = scenario.run.starts_on.is_some();
        match tier.contract.window {
            Some(Window::Month | Window::Quarter | Window::Rolling(_)) if scenario.run.level == Level::Request => {
                let message = "the request level judges windows of so many days, one after the other";
                refuse("window", message, "not at the request level", "write a number of days, like \"30d\"");
            }
            Some(Window::Month | Window::Quarter) if !is_dated => {
                let help = "write run.starts_on = \"2026-01-01\", or a number of days";
                refuse("window", "months and quarters need a day on which the run begins", "no run.starts_on", help);
            }
            Some(Window::Rolling(_)) if !tier.contract.credits.is_empty() => {
                let message = "a credit for rolling days would be due again every day for the same outage";
                refuse("credits", message, "with a rolling window", "write window = \"30d\", or leave the credits out");
            }
            _ => {}
        }
    }
    problems.dedup();
    problems
}

fn is_awake(scenario: &Scenario, fault: &Fault) -> bool {
    match (scenario.run.faults, &fault.schedule) {
        (FaultChoice::All, _) => true,
        (FaultChoice::Random, schedule) => matches!(schedule, Schedule::Random { .. }),
        (FaultChoice::Scripted, schedule) => !matches!(schedule, Schedule::Random { .. }),
    }
}

/// Whether a fault strikes only what stands in one zone.
fn in_zone(fault: &Fault) -> bool {
    let by_clock = matches!(
        fault.schedule,
        Schedule::Random { clock: Clock::Each(ScopeKind::Zone) | Clock::OneOf(ScopeKind::Zone), .. }
    );
    by_clock || matches!(&fault.strikes, Strikes::Cells(filter) if filter.zone.is_some())
}

/// What flows cannot say about a fault: the key to blame, and why.
fn beyond(fault: &Fault) -> Option<(&'static str, &'static str)> {
    if matches!(fault.strikes, Strikes::Router(RouterStep::Placement)) {
        return Some(("strikes", "only new customers reach placement, and the incident level has none"));
    }
    fault.effects.iter().find_map(|effect| match effect {
        Effect::Flush => Some(("effect", "how a cache fills again is a matter of single requests")),
        Effect::Errors { per: SharePer::Customer, .. }
            if matches!(fault.strikes, Strikes::Router(_)) || in_zone(fault) =>
        {
            Some(("effect", "the incident level strikes customers in their cells, not at the router or in a zone"))
        }
        Effect::Errors { .. } if matches!(fault.strikes, Strikes::Customers { customer: Some(_), .. }) => {
            Some(("strikes", "the incident level does not tell one customer's errors from its neighbours'"))
        }
        _ => None,
    })
}
