//! What the run takes from each contract, over replications.

use std::collections::BTreeMap;

use super::rest_of_month::{self, ByLoss, Outlook, by_loss};
use super::table::{About, Rows, has_faults};
use crate::catalogue::{Condition, Metric, Statistic, Unit};
use crate::engine::stats::{self, Estimate};
use crate::experiment::collected::by_fault::ByFault;
use crate::experiment::collected::{Collected, Run, most_attempts};
use crate::experiment::exposure::Exposure;
use crate::experiment::outcome::{BudgetRow, Facts};
use crate::experiment::replication::budget::Budget;
use crate::measure::plan::window_minutes;
use crate::scenario::Scenario;
use crate::scenario::contract::{Contract, CountedUnit, Measure};
use crate::scenario::grammar::words::Worded as _;
use crate::scenario::run::FaultChoice;
use crate::units::{MINUTE, seconds};

/// Budgets of one tier and workflow in one replication, merged over groups (newcomers have groups of their own).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Use {
    /// Minutes of the allowance that the worst customer used.
    pub(crate) worst: f64,
    total: f64,
    worst_availability: f64,
    availability: f64,
    /// Customers whose month would still be kept, in the mean.
    pub(crate) kept: ByLoss,
    pub(crate) customers: u64,
    decided_by_one: u64,
    credits: ByLoss,
    attained: [u64; 5],
}

/// The groups of each tier, the same in every replication, and what comes of their months.
pub(crate) struct Groups {
    of_tier: Vec<Vec<usize>>,
    outlooks: Vec<Vec<Outlook>>,
}

impl Groups {
    /// Sorts the groups by tier.
    pub(crate) fn of(scenario: &Scenario, collected: &Collected) -> Groups {
        let mut groups = vec![Vec::new(); scenario.tiers.len()];
        for (at, budget) in collected.runs.first().iter().flat_map(|run| &run.budgets).enumerate() {
            groups[budget.tier].push(at);
        }
        // How much is lost in health and what faults do: each has half of the error.
        let confidence = 1.0 - 0.5 * (1.0 - scenario.run.confidence);
        Groups { of_tier: groups, outlooks: rest_of_month::outlooks(scenario, &collected.runs, confidence) }
    }

    /// Merges the groups that match; `workflow = None` takes all of the tier's.
    pub(crate) fn uses(&self, collected: &Collected, tier: usize, workflow: Option<usize>) -> Vec<Use> {
        let runs = collected.runs.iter().zip(&self.outlooks);
        runs.map(|(run, outlooks)| merged((run, outlooks), &self.of_tier[tier], workflow)).collect()
    }
}

fn merged((run, outlooks): (&Run, &[Outlook]), groups: &[usize], workflow: Option<usize>) -> Use {
    let mut all = Use { worst_availability: 1.0, ..Use::default() };
    for &at in groups {
        let (budget, attained, outlook) = (&run.budgets[at], &run.attained[at], &outlooks[at]);
        if workflow.is_some() && budget.workflow != workflow {
            continue;
        }
        all.worst = all.worst.max(budget.worst);
        all.total += budget.mean * budget.customers as f64;
        all.worst_availability = all.worst_availability.min(budget.worst_availability);
        all.availability += budget.mean_availability * budget.customers as f64;
        all.customers += budget.customers;
        all.decided_by_one += budget.decided_by_one;
        for at in 0..3 {
            all.kept[at] += outlook.kept[at];
            all.credits[at] += outlook.credits[at];
        }
        let counts = [attained.met, attained.triples, attained.all_met, attained.windows, attained.silent];
        all.attained.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    all
}

/// Returns the fault that took most from the customer that used most of a tier's contracts, over all replications: of several the first.
fn culprit(collected: &Collected, groups: &[usize], workflow: Option<usize>) -> Option<usize> {
    let mut taken: BTreeMap<usize, f64> = BTreeMap::new();
    for run in &collected.runs {
        let budgets = groups.iter().map(|&at| &run.budgets[at]);
        let budgets = budgets.filter(|budget| workflow.is_none() || budget.workflow == workflow);
        let worst = budgets.reduce(|a, b| if b.worst > a.worst { b } else { a });
        for &(fault, minutes) in worst.iter().flat_map(|budget| &budget.from_worst) {
            *taken.entry(fault).or_default() += minutes;
        }
    }
    let most = taken.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a });
    most.filter(|(_, minutes)| *minutes > 0.0).map(|(fault, _)| fault)
}

fn measure_name(contract: &Contract) -> &'static str {
    contract.measure.word()
}

/// What a contract counts, in words.
fn counted(measure: Measure) -> &'static str {
    match measure {
        Measure::BadMinutes => "bad minutes",
        Measure::Requests => "failed requests",
        Measure::MeanErrorShare => "error shares",
    }
}

/// Adds the rows of all contracts, and returns the table of budgets.
pub(crate) fn add(
    rows: &mut Rows<'_>,
    collected: &Collected,
    by_fault: &ByFault<'_>,
    facts: &Facts,
    exposures: &[Option<Exposure>],
) -> Vec<BudgetRow> {
    let scenario = rows.scenario;
    let mut table = Vec::new();
    let groups = Groups::of(scenario, collected);
    for (tier, spec) in scenario.tiers.iter().enumerate() {
        let pooled = groups.of_tier[tier].iter().any(|&at| collected.runs[0].budgets[at].workflow.is_none());
        let each = (0..scenario.workflows.len()).filter(|&w| !pooled && scenario.class(w, tier).is_some()).map(Some);
        for workflow in std::iter::once(None).chain(each) {
            let uses = groups.uses(collected, tier, workflow);
            let about = About { tier: Some(tier), workflow, condition: Condition::IfTheseHappen, ..About::default() };
            let allowed = facts.tiers[tier].allowed_minutes;
            let row = budget_row(rows, &uses, about, &spec.contract, allowed);
            let mostly_by =
                culprit(collected, &groups.of_tier[tier], workflow).map(|fault| scenario.faults[fault].name.clone());
            table.push(BudgetRow { mostly_by, ..row });
            attainment(rows, &uses, about);
        }
        table.extend(taken_by_faults(
            rows,
            (collected, by_fault, &groups),
            (tier, facts.tiers[tier].allowed_minutes),
            exposures,
        ));
    }
    table
}

fn budget_row(rows: &mut Rows<'_>, uses: &[Use], about: About<'_>, contract: &Contract, allowed: f64) -> BudgetRow {
    let scenario = rows.scenario;
    let confidence = rows.confidence;
    let mean = |of: fn(&Use) -> f64, most: f64| {
        let values: Vec<f64> = uses.iter().map(of).collect();
        mean_of(scenario, &values, most, confidence)
    };
    // So many customers in every replication: new ones have months of their own.
    let ratio = |of: fn(&Use) -> f64, most: f64| {
        let values: Vec<f64> = uses.iter().map(|one| of(one) / one.customers.max(1) as f64).collect();
        mean_of(scenario, &values, most, confidence)
    };
    let most = most_minutes(scenario, contract);
    let used_worst = mean(|one| one.worst, most);
    let share_worst = used_worst.scaled(1.0 / allowed);
    let share_mean = ratio(|one| one.total, most).scaled(1.0 / allowed);
    // A count and its share are one fact, with one interval.
    let kept_share = kept_share(scenario, uses, confidence);
    let kept = kept_share.scaled(uses.first().map_or(1.0, |one| one.customers.max(1) as f64));
    rows.add(
        (Metric::MonthBudgetUsed, Statistic::Worst),
        (Unit::Share, "what a month allows"),
        about,
        share_worst.clone(),
    );
    rows.add(
        (Metric::MonthBudgetUsed, Statistic::Mean),
        (Unit::Share, "what a month allows"),
        about,
        share_mean.clone(),
    );
    let minutes = |minutes: Estimate| match contract.measure {
        Measure::BadMinutes => minutes,
        Measure::Requests | Measure::MeanErrorShare => Estimate::null(format!(
            "this contract counts {}, not bad minutes: see month_budget_used",
            counted(contract.measure)
        )),
    };
    rows.add((Metric::BadMinutes, Statistic::Worst), (Unit::Minutes, ""), about, minutes(used_worst.clone()));
    rows.add((Metric::BadMinutes, Statistic::Mean), (Unit::Minutes, ""), about, minutes(share_mean.scaled(allowed)));
    rows.add((Metric::MonthsWithinSla, Statistic::Mean), (Unit::Customers, ""), about, kept.clone());
    rows.add((Metric::MonthsWithinSla, Statistic::Mean), (Unit::Share, "customers"), about, kept_share);
    rows.add(
        (Metric::Availability, Statistic::Mean),
        (Unit::Share, "horizon"),
        about,
        ratio(|one| one.availability, 1.0),
    );
    rows.add(
        (Metric::Availability, Statistic::Worst),
        (Unit::Share, "horizon"),
        about,
        mean(|one| one.worst_availability, 1.0),
    );
    if !contract.credits.is_empty() {
        rows.add(
            (Metric::Credits, Statistic::Mean),
            (Unit::Dollars, "month"),
            about,
            credits(uses, &|values, confidence| mean_of(scenario, values, f64::INFINITY, confidence), confidence),
        );
    }
    let decided = uses.iter().map(|one| one.decided_by_one as f64).sum::<f64>() / uses.len().max(1) as f64;
    BudgetRow {
        tier: about.tier.map_or(String::new(), |tier| scenario.tiers[tier].name.clone()),
        workflow: about.workflow.map(|workflow| scenario.workflows[workflow].name.clone()),
        fault: None,
        measure: measure_name(contract).to_owned(),
        allowed,
        used_worst,
        share_worst,
        share_mean,
        mostly_by: None,
        months_within_sla: kept,
        customers: uses.first().map_or(0, |one| one.customers),
        good_with_one_failure_fewer: (contract.measure == Measure::BadMinutes).then_some(decided),
    }
}

/// The share of customers whose month would still be kept.
fn kept_share(scenario: &Scenario, uses: &[Use], confidence: f64) -> Estimate {
    let found = |at: usize, confidence: f64| {
        let of = |one: &Use| (one.kept[at].clamp(0.0, one.customers as f64), one.customers as f64);
        share_of(scenario, &uses.iter().map(of).collect::<Vec<_>>(), confidence)
    };
    // What is lost in health takes months away.
    by_loss(&found, (2, 0), uses.iter().map(|one| (one.kept, one.customers as f64)), confidence)
}

/// Dollars of credits; `mean` finds that of one number for each replication.
fn credits(uses: &[Use], mean: &dyn Fn(&[f64], f64) -> Estimate, confidence: f64) -> Estimate {
    let found =
        |at: usize, confidence: f64| mean(&uses.iter().map(|one| one.credits[at]).collect::<Vec<_>>(), confidence);
    by_loss(&found, (0, 2), uses.iter().map(|one| (one.credits, one.credits[1])), confidence)
}

/// Mean of what lies in `0..=most`: anchored to its ends where faults are awake, whose harm may be rare; else Student's t.
fn mean_of(scenario: &Scenario, values: &[f64], most: f64, confidence: f64) -> Estimate {
    if has_faults(scenario) && most.is_finite() {
        stats::anchored::within(values, most, confidence)
    } else {
        stats::mean_within(values, (0.0, most), confidence)
    }
}

/// A share of customers or windows, likewise: those of a replication are lost together.
fn share_of(scenario: &Scenario, pairs: &[(f64, f64)], confidence: f64) -> Estimate {
    if has_faults(scenario) { stats::anchored::share(pairs, confidence) } else { stats::proportion(pairs, confidence) }
}

/// Minutes of an allowance that a run can use: those of its horizon, a contract window of a longer one; more, if attempts are counted, which
/// there may be more of than of requests.
pub(crate) fn most_minutes(scenario: &Scenario, contract: &Contract) -> f64 {
    let minutes = (seconds(scenario.run.horizon.min(window_minutes(contract) * MINUTE)) / 60.0).ceil();
    if contract.measure == Measure::Requests && contract.unit == CountedUnit::Attempts {
        return minutes * most_attempts(scenario, None, None);
    }
    minutes
}

/// Returns why a scenario's attainment is not measured: only whole contract windows and random faults tell how often.
pub(crate) fn why_no_attainment(scenario: &Scenario, tier: Option<usize>) -> Option<&'static str> {
    let run = &scenario.run;
    let tiers = scenario.tiers.iter().enumerate().filter(|(index, _)| tier.is_none_or(|tier| tier == *index));
    let longest = tiers.map(|(_, tier)| window_minutes(&tier.contract)).max().unwrap_or(0);
    if run.horizon < longest * MINUTE {
        Some(match longest {
            43_200 => {
                "the horizon holds no whole contract window of 30 days: see month_budget_used and months_within_sla"
            }
            _ => "the horizon holds no whole contract window: see month_budget_used and months_within_sla",
        })
    } else if run.faults == FaultChoice::Scripted && !scenario.faults.is_empty() {
        Some("scripted faults say what happens if, not how often: give faults an mtbf and an mttr")
    } else {
        None
    }
}

fn attainment(rows: &mut Rows<'_>, uses: &[Use], about: About<'_>) {
    let about = About { condition: Condition::Always, ..about };
    let denominator = "customers, workflows and windows";
    if let Some(reason) = why_no_attainment(rows.scenario, about.tier) {
        rows.add((Metric::SlaAttainment, Statistic::Mean), (Unit::Share, denominator), about, Estimate::null(reason));
        rows.add(
            (Metric::SlaAttainmentOfAll, Statistic::Mean),
            (Unit::Share, "windows"),
            about,
            Estimate::null(reason),
        );
        rows.add((Metric::SlaSilent, Statistic::Mean), (Unit::Share, denominator), about, Estimate::null(reason));
        return;
    }
    let pairs = |y: usize, x: usize| -> Vec<(f64, f64)> {
        uses.iter().map(|one| (one.attained[y] as f64, one.attained[x] as f64)).collect()
    };
    let confidence = rows.confidence;
    let scenario = rows.scenario;
    let kept = share_of(scenario, &pairs(0, 1), confidence);
    rows.add((Metric::SlaAttainment, Statistic::Mean), (Unit::Share, denominator), about, kept);
    let all = share_of(scenario, &pairs(2, 3), confidence);
    rows.add((Metric::SlaAttainmentOfAll, Statistic::Mean), (Unit::Share, "windows"), about, all);
    let silent = stats::proportion(&pairs(4, 1), confidence);
    rows.add((Metric::SlaSilent, Statistic::Mean), (Unit::Share, denominator), about, silent);
}

/// What each fault takes from a tier's month: the sum over its incidents, of the worst customer and of the mean one.
fn taken_by_faults(
    rows: &mut Rows<'_>,
    (collected, by_fault, groups): (&Collected, &ByFault<'_>, &Groups),
    (tier, allowed): (usize, f64),
    exposures: &[Option<Exposure>],
) -> Vec<BudgetRow> {
    let scenario: &Scenario = rows.scenario;
    let contract = &scenario.tiers[tier].contract;
    let mut table = Vec::new();
    for (index, fault) in scenario.faults.iter().enumerate() {
        let Some(exposure) = &exposures[index] else { continue };
        let about =
            About { tier: Some(tier), fault: &fault.name, condition: Condition::IfTheseHappen, ..About::default() };
        let denominator = "what a month allows";
        if let Some(why) = by_fault.counted_with(scenario, index) {
            let null = Estimate::null(why);
            rows.add((Metric::MonthBudgetUsed, Statistic::Worst), (Unit::Share, denominator), about, null.clone());
            rows.add((Metric::MonthBudgetUsed, Statistic::Mean), (Unit::Share, denominator), about, null);
            continue;
        }
        // Whom a fault cannot reach by construction it takes nothing from.
        let any = by_fault.began(index).iter().flatten().any(|one| one.by_tier[tier].harmed > 0);
        let most = if any || exposure.may_reach(tier) { most_minutes(scenario, contract) } else { 0.0 };
        let uses: Vec<Lost> =
            collected.runs.iter().map(|run| use_by(&run.budgets, &groups.of_tier[tier], index)).collect();
        let worst: Vec<f64> = uses.iter().map(|one| one.worst).collect();
        let used_worst = stats::anchored::within(&worst, most, rows.confidence);
        let share_worst = used_worst.scaled(1.0 / allowed);
        let means: Vec<f64> = uses.iter().map(|one| one.sum / one.customers.max(1.0)).collect();
        let share_mean = stats::anchored::within(&means, most, rows.confidence).scaled(1.0 / allowed);
        rows.add((Metric::MonthBudgetUsed, Statistic::Worst), (Unit::Share, denominator), about, share_worst.clone());
        rows.add((Metric::MonthBudgetUsed, Statistic::Mean), (Unit::Share, denominator), about, share_mean.clone());
        table.push(BudgetRow {
            tier: scenario.tiers[tier].name.clone(),
            workflow: None,
            fault: Some(fault.name.clone()),
            measure: measure_name(contract).to_owned(),
            allowed,
            used_worst,
            share_worst,
            share_mean,
            mostly_by: None,
            months_within_sla: Estimate::null("counted for the whole run, not fault by fault"),
            customers: uses.first().map_or(0, |one| one.customers as u64),
            good_with_one_failure_fewer: None,
        });
    }
    table
}

/// What a fault took from a tier's contracts in one replication.
#[derive(Debug, Clone, Copy, Default)]
struct Lost {
    /// From the worst customer.
    worst: f64,
    /// From all of them.
    sum: f64,
    /// How many they are.
    customers: f64,
}

/// Sums up what a fault took.
fn use_by(budgets: &[Budget], groups: &[usize], fault: usize) -> Lost {
    let mut sum = Lost::default();
    for budget in groups.iter().map(|&at| &budgets[at]) {
        let taken = budget.by_fault.binary_search_by_key(&fault, |taken| taken.fault);
        let (worst, mean) = taken.map_or((0.0, 0.0), |at| (budget.by_fault[at].worst, budget.by_fault[at].mean));
        sum.worst = sum.worst.max(worst);
        sum.sum += mean * budget.customers as f64;
        sum.customers += budget.customers as f64;
    }
    sum
}
