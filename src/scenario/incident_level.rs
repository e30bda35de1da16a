//! What the incident level cannot honour: refused by line, never ignored.

use super::calendar::Window;
use super::client::Client;
use super::contract::{Contract, CountedUnit, Counts};
use super::demand::Demand;
use super::fault::{Clock, Effect, Fault, RouterStep, Schedule, ScopeKind, SharePer, Strikes};
use super::grammar::shape::{About, Refusal};
use super::levels::{Levels, MOST_LEVELS};
use super::read_effect::{FLUSH, LEAVE_OUT, NOT_THERE};
use super::router::{Cache, Router, Starts};
use super::run::FaultChoice;
use super::stage::{Discipline, Pool, Stage, StageKind};
use super::tier::Tier;
use super::workflow::Class;
use super::{Scenario, client, contract, demand, incident_lookups, read_router, read_stage, read_trace, tier};
use crate::catalogue::Level;
use crate::diagnostic::Diagnostic;
use crate::units::MINUTE;

/// What a level refuses, by the paths of keys.
struct Refused<'a> {
    scenario: &'a Scenario,
    problems: Vec<Diagnostic>,
}

impl Refused<'_> {
    /// Refuses a key with what its declaration says.
    fn key(&mut self, path: &str, key: &About) {
        let Some(Refusal { message, label, help }) = key.refusal else { return };
        self.say(path, message, label, help);
    }

    fn say(&mut self, path: &str, message: &str, label: &str, help: &str) {
        self.problems.push(self.scenario.error_at(path, message, label, Some(help)));
    }
}

/// Returns what a scenario asks for that flows cannot answer. What is refused is named in the declaration of its key.
pub(super) fn refused(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut refused = Refused { scenario, problems: windows(scenario) };
    if !scenario.trace.is_empty() {
        refused.key("trace", &read_trace::TRACE);
    }
    for (index, tier) in scenario.tiers.iter().enumerate() {
        of_tier(&mut refused, tier);
        for workflow in &scenario.workflows {
            let Some(class) = &workflow.classes[index] else { continue };
            let path = |key: &str| {
                let own = format!("workflow.{}.tier.{}.{key}", workflow.name, tier.name);
                if scenario.is_written(&own) { own } else { format!("workflow.{}.{key}", workflow.name) }
            };
            of_class(&mut refused, class, scenario.router.is_some(), &path);
        }
    }
    levels(&mut refused);
    if let Some(router) = &scenario.router {
        of_router(&mut refused, router);
    }
    let awake: Vec<&Fault> = scenario.faults.iter().filter(|fault| is_awake(scenario, fault)).collect();
    for fault in &awake {
        if let Some((part, message)) = beyond(fault) {
            let path = format!("fault.{}.{part}", fault.name);
            refused.say(&path, message, NOT_THERE, LEAVE_OUT);
        }
    }
    refused.problems.extend(incident_lookups::refused(scenario, &awake));
    refused.problems.dedup();
    refused.problems
}

// Types are taken apart completely, so that each new field asks what flows make of it.

fn of_tier(refused: &mut Refused<'_>, tier: &Tier) {
    let Tier { name, customers: _, cells: _, contract, new_customers } = tier;
    if *new_customers > 0.0 {
        refused.key(&format!("tier.{name}.new_customers"), &tier::NEW_CUSTOMERS);
    }
    let Contract {
        sla: _,
        measure: _,
        counts,
        unit,
        bad_from: _,
        min_requests: _,
        good_under,
        judged_on: _,
        credits: _,
        claimed: _,
        window: _,
        excludes: _,
    } = contract;
    let asked: [(bool, &About); 3] = [
        (*counts == Counts::PerCustomer, &contract::COUNTS),
        (*unit == CountedUnit::Attempts, &contract::UNIT),
        (good_under.is_some(), &contract::GOOD_UNDER),
    ];
    for (_, key) in asked.into_iter().filter(|asked| asked.0) {
        refused.key(&refused.scenario.path_of_promise(tier, key.name), key);
    }
}

fn of_class(refused: &mut Refused<'_>, class: &Class, has_router: bool, path: &dyn Fn(&str) -> String) {
    let Class { adoption: _, demand, arrivals, skew: _, profile, client, path: stages, price: _ } = class;
    let in_minutes = {
        let mut times = profile.steps.iter().map(|step| step.0).chain(profile.period);
        times.all(|time| time.is_multiple_of(MINUTE))
    };
    if !in_minutes {
        let message = "the incident level knows demand that changes at whole minutes";
        let help = "write times and periods in whole minutes";
        refused.say(&path("profile"), message, "changes within a minute", help);
    }
    if arrivals.batch() > 1 {
        refused.key(&path("arrivals"), &demand::ARRIVALS);
    }
    let Client { timeout: _, deadline: _, attempts, backoff: _, retry_budget: _, hedge, remembers_cell } = client;
    let retries = *attempts > 1;
    if hedge.is_some() {
        refused.key(&path("client.hedge"), &client::HEDGE);
    }
    if *remembers_cell && retries && has_router {
        refused.key(&path("client.remembers_cell"), &client::REMEMBERS_CELL);
    }
    for stage in stages {
        of_stage(refused, stage, retries, path);
    }
    if *demand == Demand::Trace {
        refused.key(&path("demand"), &demand::DEMAND);
    }
}

fn of_stage(refused: &mut Refused<'_>, stage: &Stage, retries: bool, path: &dyn Fn(&str) -> String) {
    let Stage { name, service_time: _, luck_of_request, kind } = stage;
    let path = |key: &str| path(&format!("stage.{name}.{key}"));
    if *luck_of_request > 0.0 && retries {
        refused.key(&path("luck"), &read_stage::LUCK);
    }
    let pool = match kind {
        StageKind::FanOut(_) => return refused.key(&path("kind"), &read_stage::KIND),
        StageKind::Delay => return,
        StageKind::Pool(pool) => pool,
    };
    let Pool {
        size: _,
        overload,
        slows_by,
        workers,
        queue: _,
        discipline,
        expired: _,
        instance_concurrency: _,
        min_per_zone: _,
    } = pool;
    let asked: [(bool, &str, &About); 4] = [
        (workers.is_some(), "workers", &read_stage::WORKERS),
        (*discipline != Discipline::Fifo, "discipline", &read_stage::DISCIPLINE),
        (*slows_by > 0.0, "slows_by", &read_stage::SLOWS_BY),
        (*overload, "size.overload", &read_stage::OVERLOAD),
    ];
    if let Some((_, key, about)) = asked.into_iter().find(|asked| asked.0) {
        refused.key(&path(key), about);
    }
}

/// Refuses more levels of demand than flows are found for.
fn levels(refused: &mut Refused<'_>) {
    let scenario = refused.scenario;
    let (mut profiles, mut varied) = (Vec::new(), None);
    for (index, tier) in scenario.tiers.iter().enumerate() {
        for workflow in &scenario.workflows {
            let Some(class) = &workflow.classes[index] else { continue };
            profiles.push(&class.profile);
            if class.profile.steps.len() > 1 {
                let own = format!("workflow.{}.tier.{}.profile", workflow.name, tier.name);
                let is_own = scenario.is_written(&own);
                varied.get_or_insert(if is_own { own } else { format!("workflow.{}.profile", workflow.name) });
            }
        }
    }
    if let Some(path) = varied
        && Levels::new(&profiles, scenario.run.horizon).is_none()
    {
        let message = format!("the profiles come to more than {MOST_LEVELS} different levels of demand");
        let help = "write longer steps, like `hours`, or a csv with a row an hour; or one profile for all workflows";
        refused.say(&path, &message, "each of them needs flows of its own", help);
    }
}

fn of_router(refused: &mut Refused<'_>, router: &Router) {
    let Router { latencies: _, cache, store: _, placement: _, network: _, when_down: _, local_copy: _ } = router;
    let Cache { hits: _, latency: _, coalesce, fill_after_timeout, starts } = cache;
    if *coalesce {
        refused.key("router.cache.coalesce", &read_router::COALESCE);
    }
    if *starts == Starts::Cold {
        refused.key("router.cache.starts", &read_router::STARTS);
    }
    if !fill_after_timeout {
        refused.key("router.cache.fill_after_timeout", &read_router::FILL_AFTER_TIMEOUT);
    }
}

/// Returns what a scenario asks of the request level that only the incident level has.
pub(super) fn missing(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut refused = Refused { scenario, problems: Vec::new() };
    if let Some(tier) = scenario.tiers.iter().find(|tier| !tier.contract.excludes.is_empty()) {
        let key = &contract::EXCLUDES;
        refused.key(&scenario.path_of_promise(tier, key.name), key);
    }
    refused.problems.extend(windows(scenario));
    refused.problems
}

/// Returns what contract windows ask that the run does not have, or that means nothing.
fn windows(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for tier in &scenario.tiers {
        let mut refuse = |key: &str, message: &str, label: &str, help: &str| {
            let path = scenario.path_of_promise(tier, key);
            problems.push(scenario.error_at(&path, message, label, Some(help)));
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

impl Scenario {
    /// Returns the path of a key of a tier's contract: its own, or that for all.
    fn path_of_promise(&self, tier: &Tier, key: &str) -> String {
        let own = format!("tier.{}.contract.{key}", tier.name);
        if self.is_written(&own) { own } else { format!("contract.{key}") }
    }
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
    let Fault { name: _, line: _, strikes, effects, schedule: _, detected_after: _, waves: _ } = fault;
    if matches!(strikes, Strikes::Router(RouterStep::Placement)) {
        return Some(("strikes", "only new customers reach placement, and the incident level has none"));
    }
    effects.iter().find_map(|effect| match effect {
        Effect::Flush => FLUSH.refusal.map(|refusal| ("effect", refusal.message)),
        Effect::Errors { per: SharePer::Customer, .. } if matches!(strikes, Strikes::Router(_)) || in_zone(fault) => {
            Some(("effect", "the incident level strikes customers in their cells, not at the router or in a zone"))
        }
        Effect::Errors { .. } if matches!(strikes, Strikes::Customers { customer: Some(_), .. }) => {
            Some(("strikes", "the incident level does not tell one customer's errors from its neighbours'"))
        }
        Effect::Crash
        | Effect::Blackhole
        | Effect::Slow { .. }
        | Effect::Errors { .. }
        | Effect::Capacity { .. }
        | Effect::Demand { .. } => None,
    })
}
