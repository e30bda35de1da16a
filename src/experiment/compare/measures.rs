//! What designs are compared by: measures of a run, with one value for each replication.
//!
//! A ratio of sums (harmed customers per incident, failed share of requests) is linearized, so that its values have the ratio as
//! their mean and its spread as theirs. A quantile is each replication's own. What is counted until something ends (recovery) is
//! not here: censored times have no value per replication.

use std::collections::BTreeMap;

use crate::catalogue::{Condition, Good, Metric, Per, QUANTILES, Statistic, Subject, Unit};
use crate::engine::stats::{self, Estimate, Guard};
use crate::experiment::bounds::harm;
use crate::experiment::bounds::harm::{Count, Struck};
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::by_fault::ByFault;
use crate::experiment::collected::{Collected, Slice, SliceCount, WorldCount, most_attempts};
use crate::experiment::exposure::Exposure;
use crate::experiment::measures::router::most_look_ups;
use crate::experiment::measures::{contracts, table};
use crate::experiment::outcome::Facts;
use crate::scenario::Scenario;
use crate::scenario::fault::Schedule;
use crate::units::seconds;

/// The numbers of a measure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// One per replication, in their order.
    Each(Vec<f64>),
    /// The same of harm that may be rare: it lies between 0 and this.
    Within(Vec<f64>, f64),
    /// The same with random faults: it lies in this range, whatever they strike, of which not all was seen.
    Guarded(Vec<f64>, (f64, f64), Guard),
    /// Quantiles that may lie among what failed (infinite), beyond this deadline.
    Open(Vec<f64>, f64),
    /// The fault never struck: all that is known of the mean is what it exposes.
    Never(Estimate),
    /// Follows from the scenario without chance.
    Exact(f64),
    /// There are none: why.
    Missing(String),
}

/// A measure of one design.
#[derive(Debug, Clone)]
pub(crate) struct Measure {
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
pub(crate) fn measures(
    scenario: &Scenario,
    facts: &Facts,
    collected: &Collected,
    slices: &[Slice],
    (exposures, unseen): (&[Option<Exposure>], &Unseen<'_>),
) -> Vec<Measure> {
    let mut measures = Vec::new();
    let by_fault = ByFault::of(scenario, collected);
    let of_all = || Subject::new(Metric::Cells, Statistic::Mean, Unit::Plain);
    let names = |tier: Option<usize>, workflow: Option<usize>, fault: &str, condition: Condition| Subject {
        tier: tier.map(|tier| scenario.tiers[tier].name.clone()),
        workflow: workflow.map(|workflow| scenario.workflows[workflow].name.clone()),
        fault: (!fault.is_empty()).then(|| fault.to_owned()),
        condition,
        ..of_all()
    };
    let mut add = |(metric, statistic): (Metric, Statistic), unit: Unit, whom: Subject, values: Values| {
        let (subject, good) = (Subject { metric, statistic, unit, ..whom }, metric.spec().good(statistic));
        measures.push(Measure { subject, good, values, incidents: Vec::new() });
    };
    let tiers = || std::iter::once(None).chain((0..scenario.tiers.len()).map(Some));
    let random = |fault: usize| matches!(scenario.faults[fault].schedule, Schedule::Random { .. });
    let within = |is_random: bool, each: Vec<f64>, most: f64| {
        if is_random { Values::Within(each, most) } else { Values::Each(each) }
    };
    for (fault, exposure) in exposures.iter().enumerate() {
        let Some(exposure) = exposure else { continue };
        let name = &scenario.faults[fault].name;
        let incidents = by_fault.began(fault);
        let (confidence, horizon) = (scenario.run.confidence, scenario.run.horizon);
        let struck = Struck { exposure, incidents, confidence, horizon, workflows: scenario.workflows.len() };
        // What random faults do not strike in these histories is not harmless.
        let values = |pairs: Vec<(f64, f64)>, mean: Estimate, worst: &Estimate| match linearized(&pairs, "") {
            Values::Missing(_) => by_fault.counted_with(scenario, fault).map_or(Values::Never(mean), Values::Missing),
            Values::Each(each) if random(fault) => Values::Within(each, worst.high.unwrap_or(f64::INFINITY)),
            values => values,
        };
        let subject = |tier| names(tier, None, name, Condition::IfTheseHappen);
        for tier in tiers() {
            let harmed = struck.per_replication(tier, |incident| harm::in_tier(incident, tier).harmed);
            let mean = struck.mean_count(Count::BlastRadius, tier);
            let values = values(harmed, mean, &struck.worst_count(Count::BlastRadius, tier));
            add((Metric::BlastRadius, Statistic::Mean), Unit::Customers, subject(tier), values);
        }
        let minutes = struck.per_replication(None, |incident| incident.customer_minutes);
        let values = values(minutes, struck.mean_minutes(), &struck.worst_minutes());
        add((Metric::CustomerMinutes, Statistic::Mean), Unit::Minutes, subject(None), values);
        let in_all = by_fault.sums(Some(fault), |incident| incident.customer_minutes);
        let in_all = within(random(fault), in_all, struck.all_minutes());
        add((Metric::ReplicationMinutes, Statistic::Mean), Unit::Minutes, subject(None), in_all);
        let incidents = by_fault.sums(Some(fault), |_| 1);
        let incidents = match random(fault) {
            true => {
                let (guard, most) = unseen.strikes(Some(fault));
                Values::Guarded(incidents, (0.0, most), guard)
            }
            false => Values::Each(incidents),
        };
        add((Metric::ReplicationIncidents, Statistic::Mean), Unit::Plain, subject(None), incidents);
    }
    let any_random = exposures.iter().enumerate().any(|(fault, exposure)| exposure.is_some() && random(fault));
    let per_run = names(None, None, "", Condition::IfTheseHappen);
    let in_all = by_fault.sums(None, |incident| incident.customer_minutes);
    let most = exposures.iter().flatten().map(|one| harm::everybody(one, scenario.run.horizon)).fold(0.0, f64::max);
    add((Metric::ReplicationMinutes, Statistic::Mean), Unit::Minutes, per_run, within(any_random, in_all, most));
    let budgets = contracts::Groups::of(scenario, collected);
    let may_vary = any_random || !unseen.guard(Condition::WithFaults, None).is_idle();
    for tier in 0..scenario.tiers.len() {
        let uses = budgets.uses(collected, tier, None);
        let allowed = facts.tiers[tier].allowed_minutes;
        let subject = names(Some(tier), None, "", Condition::IfTheseHappen);
        let values = |of: &dyn Fn(&contracts::Use) -> f64, most: f64| {
            let each: Vec<f64> = uses.iter().map(of).collect();
            if may_vary { Values::Within(each, most) } else { Values::Each(each) }
        };
        let most = contracts::most_minutes(scenario, &scenario.tiers[tier].contract) / allowed;
        let worst = values(&|one| one.worst / allowed, most);
        add((Metric::MonthBudgetUsed, Statistic::Worst), Unit::Share, subject.clone(), worst);
        let customers = uses.first().map_or(0.0, |one| one.customers as f64);
        // What is lost in health is a guess that all replications share: they do not show how far it is off.
        let unsure = uses.iter().any(|one| one.kept[0] - one.kept[2] > 0.01 * customers);
        let kept = match unsure {
            true => Values::Missing(
                "the horizon is too short to tell how much of a month is lost in health: see month_budget_used"
                    .to_owned(),
            ),
            false => values(&|one| one.kept[1], customers),
        };
        add((Metric::MonthsWithinSla, Statistic::Mean), Unit::Customers, subject, kept);
    }
    let faulted = table::has_faults(scenario);
    let guard = |condition: Condition, of: Option<&[usize]>| {
        let guard = unseen.guard(condition, of);
        (!guard.is_idle() || any_random && condition == Condition::WithFaults).then_some(guard)
    };
    for condition in
        [Condition::WithFaults, Condition::NoFault].into_iter().filter(|&one| faulted || one == Condition::NoFault)
    {
        let worlds: Vec<&WorldCount> = collected
            .runs
            .iter()
            .map(|run| if condition == Condition::NoFault { run.calm() } else { &run.with_faults })
            .collect();
        for (index, slice) in slices.iter().enumerate().filter(|(_, slice)| slice.tier.is_none()) {
            let subject = || names(None, slice.workflow, "", condition);
            let guard = guard(condition, Some(&slice.classes));
            let guarded = |values: Values, range: (f64, f64)| match (values, &guard) {
                (Values::Each(each), Some(guard)) => Values::Guarded(each, range, guard.clone()),
                (values, _) => values,
            };
            let share = |of: fn(&SliceCount) -> f64| {
                let count = |world: &&WorldCount| {
                    let count = &world.slices[index];
                    (of(count), count.requests as f64)
                };
                linearized(&worlds.iter().map(count).collect::<Vec<_>>(), "no requests")
            };
            let failed = match share(|count| count.all_failed() as f64) {
                Values::Each(each) if guard.is_some() => Values::Within(each, 1.0),
                values => values,
            };
            add((Metric::ErrorShare, Statistic::Mean), Unit::Share, subject(), failed);
            let attempts = share(|count| count.attempts as f64);
            let attempts = guarded(attempts, (1.0, most_attempts(scenario, slice.workflow, slice.tier)));
            add((Metric::RetryAmplification, Statistic::Mean), Unit::Plain, subject(), attempts);
            for (at, limit) in scenario.latency_limits().into_iter().enumerate() {
                let under = |world: &&WorldCount| {
                    let count = &world.slices[index];
                    (count.under.get(at).copied().unwrap_or(0) as f64, count.requests as f64)
                };
                let share = linearized(&worlds.iter().map(under).collect::<Vec<_>>(), "no requests");
                let share = guarded(share, (0.0, 1.0));
                add((Metric::Latency, Statistic::Under(limit)), Unit::Share, subject(), share);
            }
            if condition == Condition::NoFault {
                let sum = |world: &&WorldCount| {
                    let count = &world.slices[index];
                    (count.latency_sum / 1e9, count.ok as f64)
                };
                let mean = linearized(&worlds.iter().map(sum).collect::<Vec<_>>(), "no request succeeded");
                let deadline = seconds(slice.deadline(scenario));
                let mean = guarded(mean, (0.0, deadline));
                add((Metric::OkLatency, Statistic::Mean), Unit::Seconds, subject(), mean);
                for (at, (statistic, _)) in
                    QUANTILES.into_iter().enumerate().filter(|(_, one)| one.0 != Statistic::P999)
                {
                    let own = worlds.iter().map(|world| world.slices[index].latency[at].map(|(all, _)| all / 1e9));
                    let values = match own.collect::<Option<Vec<f64>>>() {
                        None => Values::Missing("no requests in some replication".to_owned()),
                        Some(own) if own.iter().all(|own| own.is_finite()) => {
                            guarded(Values::Each(own), (0.0, deadline))
                        }
                        Some(own) => Values::Open(own, deadline),
                    };
                    add((Metric::Latency, statistic), Unit::Seconds, subject(), values);
                }
            }
        }
        if scenario.router.is_some() {
            let subject = || names(None, None, "", condition);
            let guard = guard(condition, None);
            let guarded = |values: Values, range: (f64, f64)| match (values, &guard) {
                (Values::Each(each), Some(guard)) => Values::Guarded(each, range, guard.clone()),
                (values, _) => values,
            };
            let hits: Vec<(f64, f64)> =
                worlds.iter().map(|w| (w.router.hits as f64, w.router.look_ups as f64)).collect();
            let hits = guarded(linearized(&hits, "no lookups"), (0.0, 1.0));
            add((Metric::HitRatio, Statistic::Mean), Unit::Share, subject(), hits);
            let horizon = seconds(scenario.run.horizon);
            let store = Values::Each(worlds.iter().map(|w| w.router.at_store as f64 / horizon).collect());
            let brings = guard.as_ref().map_or(0.0, |guard| guard.brings) * most_attempts(scenario, None, None);
            let store = guarded(store, (0.0, (most_look_ups(scenario, &worlds) + brings) / horizon));
            add((Metric::StoreLoad, Statistic::Mean), Unit::PerSecond, subject(), store);
        }
    }
    let exact =
        [(Metric::Cells, Unit::Plain, facts.cells as f64), (Metric::Instances, Unit::Plain, facts.instances as f64)];
    let cost = facts.cost.map(|cost| (Metric::Cost, Unit::Dollars, cost.total));
    for (metric, unit, value) in exact.into_iter().chain(cost) {
        add((metric, Statistic::Mean), unit, of_all(), Values::Exact(value));
    }
    let numbers: BTreeMap<&str, usize> = scenario.faults.iter().map(|fault| fault.name.as_str()).zip(0..).collect();
    for measure in measures.iter_mut().filter(|measure| measure.subject.per() == Per::Incident) {
        let fault = numbers.get(measure.subject.fault()).copied();
        measure.incidents = by_fault.sums(fault, |_| 1);
    }
    measures
}

fn linearized(pairs: &[(f64, f64)], otherwise: &str) -> Values {
    stats::linearized(pairs).map_or_else(|| Values::Missing(otherwise.to_owned()), Values::Each)
}
