//! What designs are compared by: measures of a run, with one value for each replication.
//!
//! A ratio of sums (harmed customers per incident, failed share of requests) is linearized, so that its values have the ratio as
//! their mean and its spread as theirs. A quantile is each replication's own. What is counted until something ends (recovery) is
//! not here: censored times have no value per replication.

use super::collect::{Collected, QUANTILES, Slice, SliceCount, WorldCount};
use super::results::Facts;
use super::rows::{CONDITIONAL, NO_FAULT, WITH_FAULTS};
use super::run_rows::of_runs;
use super::{budget_rows, fault_rows, latency_rows};
use crate::engine::stats;
use crate::scenario::Scenario;
use crate::units::seconds;
use crate::world::faults::is_awake;

/// What a measure is of; the same names as in summary.csv.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Subject {
    /// Metric.
    pub metric: String,
    /// Statistic.
    pub statistic: String,
    /// Tier name or "".
    pub tier: String,
    /// Workflow name or "".
    pub workflow: String,
    /// Fault name or "".
    pub fault: String,
    /// Unit.
    pub unit: String,
    /// Condition.
    pub condition: String,
    /// Per what it is a mean: "incident", "run", or "".
    pub per: String,
}

/// Which direction is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Good {
    /// Less is better.
    Less,
    /// More is better.
    More,
    /// Neither: it is a property of the design.
    Neither,
}

/// The numbers of a measure.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// One per replication, in their order.
    Each(Vec<f64>),
    /// Follows from the scenario without chance.
    Exact(f64),
    /// There are none: why.
    Missing(String),
}

/// A measure of one design.
#[derive(Debug, Clone)]
pub struct Measure {
    /// What it is of.
    pub subject: Subject,
    /// Which direction is good.
    pub good: Good,
    /// Its numbers.
    pub values: Values,
    /// Of a mean per incident: incidents in each replication.
    pub incidents: Vec<f64>,
}

/// Lists all measures of a run.
pub fn measures(scenario: &Scenario, facts: &Facts, collected: &Collected, slices: &[Slice]) -> Vec<Measure> {
    let mut measures = Vec::new();
    let names = |tier: Option<usize>, workflow: Option<usize>, fault: &str, condition: &str| Subject {
        tier: tier.map_or(String::new(), |tier| scenario.tiers[tier].name.clone()),
        workflow: workflow.map_or(String::new(), |workflow| scenario.workflows[workflow].name.clone()),
        fault: fault.to_owned(),
        condition: condition.to_owned(),
        ..Subject::default()
    };
    let mut add = |(metric, statistic): (&str, &str), unit: &str, subject: Subject, good: Good, values: Values| {
        let subject = Subject { metric: metric.into(), statistic: statistic.into(), unit: unit.into(), ..subject };
        measures.push(Measure { subject, good, values, incidents: Vec::new() });
    };
    let tiers = || std::iter::once(None).chain((0..scenario.tiers.len()).map(Some));
    for (fault, spec) in scenario.faults.iter().enumerate().filter(|(_, fault)| is_awake(fault, scenario.run.faults)) {
        let incidents = fault_rows::incidents_of(collected, fault);
        let per_incident = |of: &dyn Fn(&super::incident::Incident) -> u64| {
            let pairs: Vec<(f64, f64)> =
                incidents.iter().map(|run| (run.iter().map(|one| of(one) as f64).sum(), run.len() as f64)).collect();
            linearized(&pairs, "the fault did not strike in this horizon")
        };
        let subject = |tier, per: &str| Subject { per: per.to_owned(), ..names(tier, None, &spec.name, CONDITIONAL) };
        for tier in tiers() {
            let harmed = per_incident(&|incident| fault_rows::in_tier(incident, tier).harmed);
            add(("blast_radius", "mean"), "customers", subject(tier, "incident"), Good::Less, harmed);
        }
        let minutes = per_incident(&|incident| incident.customer_minutes);
        add(("customer_minutes", "mean"), "min", subject(None, "incident"), Good::Less, minutes);
        let in_all = of_runs(collected, Some(fault), |incident| incident.customer_minutes);
        add(("run_minutes", "mean"), "min", subject(None, "run"), Good::Less, Values::Each(in_all));
        let incidents = of_runs(collected, Some(fault), |_| 1);
        add(("run_incidents", "mean"), "", subject(None, "run"), Good::Neither, Values::Each(incidents));
    }
    let subject = Subject { per: "run".to_owned(), ..names(None, None, "", CONDITIONAL) };
    let in_all = of_runs(collected, None, |incident| incident.customer_minutes);
    add(("run_minutes", "mean"), "min", subject, Good::Less, Values::Each(in_all));
    for tier in 0..scenario.tiers.len() {
        let uses = budget_rows::uses(collected, tier, None);
        let allowed = facts.tiers[tier].allowed_minutes;
        let subject = names(Some(tier), None, "", CONDITIONAL);
        let worst = Values::Each(uses.iter().map(|one| one.worst / allowed).collect());
        add(("month_budget_used", "worst"), "share", subject.clone(), Good::Less, worst);
        let kept = Values::Each(uses.iter().map(|one| one.kept as f64).collect());
        add(("months_still_kept", "mean"), "customers", subject, Good::More, kept);
    }
    let faulted = collected.runs.iter().any(|run| run.without.is_some());
    for condition in [WITH_FAULTS, NO_FAULT].into_iter().filter(|&one| faulted || one == NO_FAULT) {
        let worlds: Vec<&WorldCount> = collected
            .runs
            .iter()
            .map(|run| if condition == NO_FAULT { run.calm() } else { &run.with_faults })
            .collect();
        for (index, slice) in slices.iter().enumerate().filter(|(_, slice)| slice.tier.is_none()) {
            let subject = || names(None, slice.workflow, "", condition);
            let share = |of: fn(&SliceCount) -> f64| {
                let count = |world: &&WorldCount| {
                    let count = &world.slices[index];
                    (of(count), count.requests as f64)
                };
                linearized(&worlds.iter().map(count).collect::<Vec<_>>(), "no requests")
            };
            add(("error_share", "mean"), "share", subject(), Good::Less, share(|count| count.all_failed() as f64));
            let attempts = share(|count| count.attempts as f64);
            add(("retry_amplification", "mean"), "", subject(), Good::Less, attempts);
            for (at, limit) in scenario.latency_limits().into_iter().enumerate() {
                let under = |world: &&WorldCount| {
                    let count = &world.slices[index];
                    (count.under.get(at).copied().unwrap_or(0) as f64, count.requests as f64)
                };
                let share = linearized(&worlds.iter().map(under).collect::<Vec<_>>(), "no requests");
                add(("latency", &latency_rows::under(limit)), "share", subject(), Good::More, share);
            }
            if condition == NO_FAULT {
                let sum = |world: &&WorldCount| {
                    let count = &world.slices[index];
                    (count.latency_sum / 1e9, count.ok as f64)
                };
                let mean = linearized(&worlds.iter().map(sum).collect::<Vec<_>>(), "no request succeeded");
                add(("ok_latency", "mean"), "s", subject(), Good::Less, mean);
                for (at, (statistic, _)) in QUANTILES.into_iter().enumerate().filter(|(_, (name, _))| *name != "p99.9")
                {
                    let own = worlds.iter().map(|world| world.slices[index].latency[at].map(|(all, _)| all / 1e9));
                    let own: Option<Vec<f64>> = own.map(|value| value.filter(|value| value.is_finite())).collect();
                    let why = "beyond the deadline, or no requests, in some replication";
                    let values = own.map_or_else(|| Values::Missing(why.to_owned()), Values::Each);
                    add(("latency", statistic), "s", subject(), Good::Less, values);
                }
            }
        }
        if scenario.router.is_some() {
            let subject = || names(None, None, "", condition);
            let hits: Vec<(f64, f64)> = worlds.iter().map(|w| (w.router[1] as f64, w.router[0] as f64)).collect();
            add(("hit_ratio", "mean"), "share", subject(), Good::More, linearized(&hits, "no look-ups"));
            let horizon = seconds(scenario.run.horizon);
            let store = Values::Each(worlds.iter().map(|w| w.router[2] as f64 / horizon).collect());
            add(("store_load", "mean"), "/s", subject(), Good::Less, store);
        }
    }
    let exact = [("cells", "", facts.cells as f64), ("instances", "", facts.instances as f64)];
    let cost = facts.cost.map(|cost| ("cost", "$", cost.total));
    for (metric, unit, value) in exact.into_iter().chain(cost) {
        let good = if metric == "cost" { Good::Less } else { Good::Neither };
        add((metric, "mean"), unit, Subject::default(), good, Values::Exact(value));
    }
    for measure in measures.iter_mut().filter(|measure| measure.subject.per == "incident") {
        let fault = scenario.faults.iter().position(|fault| fault.name == measure.subject.fault);
        measure.incidents = of_runs(collected, fault, |_| 1);
    }
    measures
}

fn linearized(pairs: &[(f64, f64)], otherwise: &str) -> Values {
    stats::linearized(pairs).map_or_else(|| Values::Missing(otherwise.to_owned()), Values::Each)
}
