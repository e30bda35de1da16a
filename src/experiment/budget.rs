//! The month's budget: what a replication takes from what a contract month allows.
//!
//! Conditional figures: the faults of this horizon happen, and the rest of the month is as in the fault-free world.

use std::collections::BTreeMap;

use crate::measure::meter::Meters;
use crate::measure::plan::Plan;
use crate::scenario::Scenario;
use crate::scenario::contract::Measure;
use crate::units::{MINUTE, MONTH, Nanos, seconds};
use crate::world::platform::population::SubId;
use crate::world::requests::setting::Setting;

/// What a replication takes from the month of one contract group.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Tier index.
    pub tier: usize,
    /// Workflow index, `None` if pooled.
    pub workflow: Option<usize>,
    /// Minutes of the month's allowance that the worst customer used (for other measures: its failed share of a month).
    pub worst: f64,
    /// Mean over customers.
    pub mean: f64,
    /// Worst availability of a customer over the horizon, as the contract computes it.
    pub worst_availability: f64,
    /// Mean over customers.
    pub mean_availability: f64,
    /// Dollars of credits for this month, if the rest of it is as without faults.
    pub credits: f64,
    /// Customers whose month would still be kept.
    pub kept: u64,
    /// Of so many.
    pub customers: u64,
    /// Bad minutes that one request fewer would have made good.
    pub decided_by_one: u64,
    /// By fault that took something: what the worst customer lost to it in the unit of `worst`, and the mean.
    pub by_fault: Vec<(usize, f64, f64)>,
    /// What each fault took from the customer that used most (the first of several), in the unit of `worst`.
    pub from_worst: Vec<(usize, f64)>,
}

/// Returns the dollars a month that each meter's customers pay.
pub fn fees(scenario: &Scenario, setting: &Setting, plan: &Plan) -> Vec<f64> {
    let mut fees = vec![0.0; plan.meters];
    for class in &setting.platform.classes {
        let price = scenario.class(class.workflow, class.tier).map_or(0.0, |spec| spec.price);
        for sub in class.first..class.first + class.count as SubId {
            let rate = setting.platform.population.demand(sub);
            fees[plan.meter(sub)] += rate * price * seconds(MONTH);
        }
    }
    fees
}

/// Sets what was used here against a contract month, the rest of which is as in the fault-free world; of a longer horizon, the
/// mean of its months.
pub fn budgets(here: &Meters, calm: &Meters, fees: &[f64], horizon: Nanos) -> Vec<Budget> {
    let minutes = horizon.div_ceil(MINUTE) as f64;
    let mut budgets = Vec::new();
    for (index, group) in here.plan.groups.iter().enumerate().filter(|(_, group)| !group.newcomers) {
        let contract = &group.contract;
        let allowed = group.allowed_minutes();
        let month = group.window_minutes() as f64;
        let rest = (month - minutes).max(0.0) / minutes;
        let months = (minutes / month).max(1.0);
        let requests_of_a_month = |all: u32| (f64::from(all) * (1.0 + rest) / months).max(1.0);
        let mut budget = Budget {
            tier: group.tier,
            workflow: group.workflow,
            worst: 0.0,
            mean: 0.0,
            worst_availability: 1.0,
            mean_availability: 0.0,
            credits: 0.0,
            kept: 0,
            customers: group.customers(),
            decided_by_one: here.decided_by_one[index],
            by_fault: Vec::new(),
            from_worst: Vec::new(),
        };
        let mut worst_meter = group.first as usize;
        for at in 0..group.count as usize {
            let meter = group.first as usize + at;
            let (used, base) = (here.used[meter], calm.used[meter]);
            // Minutes of the month used here and in all of it, and the availability over the horizon.
            let (now, later, availability) = match contract.measure {
                Measure::BadMinutes => {
                    let bad = f64::from(used.lost);
                    (bad, f64::from(base.lost) * rest, 1.0 - bad / minutes)
                }
                Measure::Requests => {
                    let all = requests_of_a_month(base.all);
                    let share = f64::from(used.lost) / f64::from(used.all.max(1));
                    (f64::from(used.lost) / all * month, f64::from(base.lost) * rest / all * month, 1.0 - share)
                }
                Measure::MeanErrorShare => {
                    let sum = here.share_sums[meter];
                    (sum, calm.share_sums[meter] * rest, 1.0 - sum / minutes)
                }
            };
            let (now, later) = (now / months, later / months);
            let weight = group.weights.as_ref().map_or(1, |weights| u64::from(weights[at]));
            if now > budget.worst {
                (budget.worst, worst_meter) = (now, meter);
            }
            budget.mean += now * weight as f64;
            budget.worst_availability = budget.worst_availability.min(availability);
            budget.mean_availability += availability * weight as f64;
            if now + later <= allowed + 1e-9 {
                budget.kept += weight;
            }
            let of_month = 1.0 - (now + later) / month;
            let due = contract.credits.iter().filter(|credit| of_month < credit.below - 1e-12);
            let share = due.map(|credit| credit.share).fold(0.0, f64::max);
            budget.credits += share * contract.claimed * fees[meter];
        }
        let of_month = |meter: usize, taken: f64| match contract.measure {
            Measure::BadMinutes | Measure::MeanErrorShare => taken / months,
            Measure::Requests => taken / requests_of_a_month(calm.used[meter].all) / months * month,
        };
        budget.by_fault = by_fault(here, index, of_month);
        let taken = here.taken.of(worst_meter..worst_meter + 1);
        budget.from_worst = taken.map(|(meter, fault, taken)| (fault, of_month(meter, taken))).collect();
        budget.mean /= (budget.customers as f64).max(1.0);
        budget.mean_availability /= (budget.customers as f64).max(1.0);
        budgets.push(budget);
    }
    budgets
}

/// What each fault took from a group's customers, in minutes of a month: from the worst one and from the mean one. From whom it
/// spared more failures than it made it took nothing.
fn by_fault(here: &Meters, index: usize, of_month: impl Fn(usize, f64) -> f64) -> Vec<(usize, f64, f64)> {
    let group = &here.plan.groups[index];
    let first = group.first as usize;
    let mut found: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (meter, fault, taken) in here.taken.of(first..first + group.count as usize) {
        let used = of_month(meter, taken).max(0.0);
        let (worst, sum) = found.entry(fault).or_default();
        *worst = worst.max(used);
        *sum += used * group.weights.as_ref().map_or(1.0, |weights| f64::from(weights[meter - first]));
    }
    let customers = (group.customers() as f64).max(1.0);
    found.into_iter().map(|(fault, (worst, sum))| (fault, worst, sum / customers)).collect()
}
