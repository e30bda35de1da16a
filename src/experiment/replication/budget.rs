//! The month's budget: what a replication takes from what a contract month allows.
//!
//! Conditional figures: the faults of this horizon happen, and the rest of the month is as in the fault-free world. What comes of
//! that is told from all replications (`rest_of_month`).

use std::collections::BTreeMap;

use crate::measure::meter::{Meters, Used as Counted};
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
    /// Customers.
    pub customers: u64,
    /// Minutes that it allows, and of its window.
    pub allowed: f64,
    /// See `allowed`.
    pub window: f64,
    /// Minutes of the horizon.
    pub minutes: f64,
    /// The rest of the window, in horizons.
    pub rest: f64,
    /// Requests (or attempts) of the fault-free world, and those that failed.
    pub calm_requests: u64,
    /// See `calm_requests`.
    pub calm_failed: u64,
    /// Its customers, those who are alike together; the same parts in every replication.
    pub alike: Vec<Alike>,
    /// Bad minutes that one request fewer would have made good.
    pub decided_by_one: u64,
    /// By fault that took something, in the order of faults.
    pub by_fault: Vec<Taken>,
    /// What each fault took from the customer that used most (the first of several), in the unit of `worst`.
    pub from_worst: Vec<(usize, f64)>,
}

/// What a fault took from a group of customers, in the unit of [`Budget::worst`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// Which fault.
    pub fault: usize,
    /// From the worst customer.
    pub worst: f64,
    /// From the mean one.
    pub mean: f64,
}

/// Customers of a group that share a home cell and whose demands are of one octave.
#[derive(Debug, Clone, Default)]
pub struct Alike {
    /// What tells them from others: see [`likeness`].
    key: u32,
    /// Meters.
    pub meters: u64,
    /// Requests (or attempts) of the fault-free world.
    pub requests: u64,
    /// What it used of the allowance, in minutes: the sum over meters, and that of the squares.
    pub calm: f64,
    /// See `calm`.
    pub squares: f64,
    /// What they have used here.
    pub used: Vec<Used>,
}

/// Customers who have used the same of their allowance.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Minutes of the month.
    pub minutes: f64,
    /// How many.
    pub customers: u64,
    /// Dollars that they pay a month.
    pub fees: f64,
}

impl Alike {
    /// Returns the octave of their demands.
    pub fn octave(&self) -> u32 {
        self.key >> CELL_BITS
    }
}

const CELL_BITS: u32 = 24;

/// Tells by meter who is alike: the octave of the demand, then the home cell.
pub fn likeness(setting: &Setting, plan: &Plan) -> Vec<u32> {
    let platform = &setting.platform;
    let (mut demand, mut cells) = (vec![0.0_f32; plan.meters], vec![u32::MAX; plan.meters]);
    for class in &platform.classes {
        for sub in class.first..class.first + class.count as SubId {
            let meter = plan.meter(sub);
            demand[meter] += platform.population.demand(sub) as f32;
            // Who lives in several cells counts to the first.
            cells[meter] = cells[meter].min(platform.home[sub as usize]);
        }
    }
    let octave = |demand: f32| match demand > 0.0 {
        true => (libm::log2(f64::from(demand)).floor() + 128.0).clamp(1.0, 255.0) as u32,
        false => 0,
    };
    let key = |(&demand, &cell): (&f32, &u32)| octave(demand) << CELL_BITS | cell & ((1 << CELL_BITS) - 1);
    demand.iter().zip(&cells).map(key).collect()
}

/// A meter of those who are alike, as it is counted: what is used, its customers and what they pay.
type Parts = BTreeMap<u32, (Alike, BTreeMap<u64, (u64, f64)>)>;

/// Notes a meter: what it uses here and in the fault-free world, in minutes.
fn note(parts: &mut Parts, key: u32, (now, calm, requests): (f64, f64, u32), (customers, fees): (u64, f64)) {
    let (alike, used) = parts.entry(key).or_default();
    alike.key = key;
    alike.meters += 1;
    alike.requests += u64::from(requests);
    alike.calm += calm;
    alike.squares += calm * calm;
    let used = used.entry(now.to_bits()).or_default();
    *used = (used.0 + customers, used.1 + fees);
}

fn alike(parts: Parts) -> Vec<Alike> {
    let of = |(minutes, (customers, fees))| Used { minutes: f64::from_bits(minutes), customers, fees };
    parts.into_values().map(|(alike, used)| Alike { used: used.into_iter().map(of).collect(), ..alike }).collect()
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

/// Sets what was used here against a contract month; of a longer horizon, the mean of its months. `of_meters`: the fees, and who
/// is alike.
pub fn budgets(here: &Meters, calm: &Meters, of_meters: (&[f64], &[u32]), horizon: Nanos) -> Vec<Budget> {
    let (fees, likeness) = of_meters;
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
            customers: group.customers(),
            allowed,
            window: month,
            minutes,
            rest: rest / months,
            calm_requests: 0,
            calm_failed: calm.failed[index],
            alike: Vec::new(),
            decided_by_one: here.decided_by_one[index],
            by_fault: Vec::new(),
            from_worst: Vec::new(),
        };
        // Fine enough for whoever is near to the allowance, and not on the better side of it.
        let grid = |minutes: f64| match contract.measure {
            Measure::BadMinutes => minutes,
            Measure::Requests | Measure::MeanErrorShare => {
                (minutes / allowed * 1024.0 - 1e-6).ceil() * allowed / 1024.0
            }
        };
        let mut parts = Parts::new();
        let mut worst_meter = group.first as usize;
        for at in 0..group.count as usize {
            let meter = group.first as usize + at;
            let (used, base) = (here.used[meter], calm.used[meter]);
            // Minutes of the month used here, minutes lost in the fault-free world, and the availability over the horizon.
            let (now, lost, availability) = match contract.measure {
                Measure::BadMinutes => {
                    let bad = f64::from(used.lost);
                    (bad, f64::from(base.lost), 1.0 - bad / minutes)
                }
                Measure::Requests => {
                    let of = |used: Counted| f64::from(used.lost) / f64::from(used.all.max(1));
                    (f64::from(used.lost) / requests_of_a_month(base.all) * month, of(base) * minutes, 1.0 - of(used))
                }
                Measure::MeanErrorShare => {
                    let sum = here.share_sums[meter];
                    (sum, calm.share_sums[meter], 1.0 - sum / minutes)
                }
            };
            let now = now / months;
            let weight = group.weights.as_ref().map_or(1, |weights| u64::from(weights[at]));
            if now > budget.worst {
                (budget.worst, worst_meter) = (now, meter);
            }
            budget.mean += now * weight as f64;
            budget.worst_availability = budget.worst_availability.min(availability);
            budget.mean_availability += availability * weight as f64;
            budget.calm_requests += u64::from(base.all);
            note(&mut parts, likeness[meter], (grid(now), lost, base.all), (weight, fees[meter]));
        }
        budget.alike = alike(parts);
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
fn by_fault(here: &Meters, index: usize, of_month: impl Fn(usize, f64) -> f64) -> Vec<Taken> {
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
    found.into_iter().map(|(fault, (worst, sum))| Taken { fault, worst, mean: sum / customers }).collect()
}
