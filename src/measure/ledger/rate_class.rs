//! Rate classes: the customers of a tenancy, grouped by how much they ask for.
//!
//! Probabilities are computed once for each class instead of once for each customer. Classes are a fifth of a doubling wide;
//! customers that are alike form a class of exactly their rate.

use std::collections::BTreeMap;
use std::ops::Range;

use super::minute_odds::{MinuteOdds, Rule};
use crate::scenario::Scenario;
use crate::scenario::contract::{JudgedOn, Measure};
use crate::units::{MONTH, seconds};
use crate::world::flow::model::Model;
use crate::world::population::{NONE, SubId};

/// Rate classes for each doubling of the rate.
const PER_DOUBLING: f64 = 5.0;

/// Customers of one tenancy with about the same rate.
#[derive(Debug, Clone)]
pub struct RateClass {
    /// How many.
    pub customers: f64,
    /// Requests a minute of each of them.
    pub requests: f64,
    /// Probability of a minute without any.
    pub silent: f64,
    /// Requests a minute that its minutes are judged on: its own, or those of its home cell.
    pub judged_on: f64,
    /// Table of the odds of a bad minute.
    pub bad: usize,
    /// Table of the odds of a harmed minute.
    pub harm: usize,
    /// Dollars that each of them pays in 30 days, on average.
    pub fees: f64,
}

/// Customers of one tier who live in the same places with the same rates.
#[derive(Debug, Clone)]
pub struct Alike {
    /// Tier index.
    pub tier: usize,
    /// How many.
    pub customers: f64,
    /// Their rate classes, one for each workflow that they use, with the tenancy of each.
    pub classes: Vec<(u32, u32)>,
}

/// All rate classes of a platform, with the tables of their odds.
#[derive(Debug, Clone)]
pub struct RateClasses {
    /// All classes, tenancy by tenancy.
    pub classes: Vec<RateClass>,
    /// Classes of each tenancy.
    pub of_tenancy: Vec<Range<usize>>,
    /// Customers by the classes they are in.
    pub alike: Vec<Alike>,
    /// Tables of odds.
    pub odds: Vec<MinuteOdds>,
    /// Odds of a harmed part of a minute, for requests on a grid of half doublings.
    parts: Vec<MinuteOdds>,
}

/// The grid of the parts of minutes: requests from 2^-5 to 2^13, in half doublings.
const GRID: std::ops::RangeInclusive<i32> = -10..=26;

impl RateClasses {
    /// Groups the customers of a platform.
    pub fn new(scenario: &Scenario, model: &Model) -> RateClasses {
        let platform = &model.platform;
        let population = &platform.population;
        let rate = |sub: SubId| f64::from(population.rate[sub as usize]);
        let bin = |sub: SubId| (libm::log2(rate(sub)) * PER_DOUBLING).floor() as i32;
        // Mean rate of each class of rates, over all cells: few tables serve all.
        let mut means: BTreeMap<(u16, i32), (f64, f64)> = BTreeMap::new();
        let mut members: BTreeMap<(usize, i32), Vec<SubId>> = BTreeMap::new();
        for (index, tenancy) in model.tenancies.iter().enumerate() {
            let class = &platform.classes[tenancy.class as usize];
            let homed = (class.first..class.first + class.count)
                .filter(|&sub| platform.home[sub as usize] == tenancy.cell && rate(sub) > 0.0);
            for sub in homed {
                let mean = means.entry((tenancy.class, bin(sub))).or_default();
                *mean = (mean.0 + rate(sub), mean.1 + 1.0);
                members.entry((index, bin(sub))).or_default().push(sub);
            }
        }
        let mut all = RateClasses {
            classes: Vec::new(),
            of_tenancy: vec![0..0; model.tenancies.len()],
            alike: Vec::new(),
            odds: Vec::new(),
            parts: GRID
                .map(|step| {
                    MinuteOdds::new(
                        libm::exp2(f64::from(step) / 2.0),
                        Rule { share: scenario.run.harm_share, min_requests: 1 },
                    )
                })
                .collect(),
        };
        let mut known: BTreeMap<(u64, u64, u32), usize> = BTreeMap::new();
        let mut class_of_sub = vec![u32::MAX; population.customer.len()];
        let mut tenancy_of_sub = vec![u32::MAX; population.customer.len()];
        for (&(index, bin), subs) in &members {
            let tenancy = &model.tenancies[index];
            let class = &platform.classes[tenancy.class as usize];
            let contract = &scenario.tiers[class.tier].contract;
            let (sum, count) = means[&(tenancy.class, bin)];
            let requests = 60.0 * sum / count;
            let judged_on = match contract.judged_on {
                JudgedOn::OwnRequests => requests,
                JudgedOn::HomeCell => 60.0 * tenancy.rate,
            };
            let rule = Rule { share: contract.bad_from, min_requests: contract.min_requests };
            let harm = Rule { share: scenario.run.harm_share, min_requests: 1 };
            let mut table = |requests: f64, rule: Rule| {
                let key = (requests.to_bits(), rule.share.to_bits(), rule.min_requests);
                *known.entry(key).or_insert_with(|| {
                    all.odds.push(MinuteOdds::new(requests, rule));
                    all.odds.len() - 1
                })
            };
            let spec = scenario.class(class.workflow, class.tier);
            let price = spec.map_or(0.0, |spec| spec.price);
            let own: f64 = subs.iter().map(|&sub| rate(sub)).sum::<f64>() / subs.len() as f64;
            let (bad, harm) = match contract.measure {
                Measure::BadMinutes => (table(judged_on, rule), table(requests, harm)),
                Measure::Requests | Measure::MeanErrorShare => (0, table(requests, harm)),
            };
            let range = &mut all.of_tenancy[index];
            if range.start == range.end {
                *range = all.classes.len()..all.classes.len();
            }
            range.end += 1;
            for &sub in subs {
                class_of_sub[sub as usize] = all.classes.len() as u32;
                tenancy_of_sub[sub as usize] = index as u32;
            }
            let fees = own * price * seconds(MONTH);
            let silent = libm::exp(-requests);
            all.classes.push(RateClass { customers: subs.len() as f64, requests, silent, judged_on, bad, harm, fees });
        }
        let mut of_customer: Vec<Vec<(u32, u32)>> = vec![Vec::new(); population.customers() as usize];
        for (sub, &customer) in population.customer.iter().enumerate() {
            if platform.home[sub] != NONE && class_of_sub[sub] != u32::MAX {
                of_customer[customer as usize].push((class_of_sub[sub], tenancy_of_sub[sub]));
            }
        }
        let mut groups: BTreeMap<(usize, Vec<(u32, u32)>), f64> = BTreeMap::new();
        for (customer, classes) in of_customer.into_iter().enumerate().filter(|(_, classes)| !classes.is_empty()) {
            *groups.entry((population.tier_of(customer as u32), classes)).or_default() += 1.0;
        }
        all.alike = groups.into_iter().map(|((tier, classes), customers)| Alike { tier, customers, classes }).collect();
        all
    }

    /// Returns the odds that a part of a minute with so many requests on average is harmed, where a share of them fails.
    pub fn harm_of_part(&self, requests: f64, share: f64) -> f64 {
        // Of very few one failure is enough.
        if requests < 1.0 / 32.0 {
            return -libm::expm1(-requests * share);
        }
        let place = (2.0 * libm::log2(requests) - f64::from(*GRID.start())).clamp(0.0, (self.parts.len() - 1) as f64);
        let step = (place as usize).min(self.parts.len() - 2);
        let (low, high) = (self.parts[step].at(share), self.parts[step + 1].at(share));
        low + (high - low) * (place - step as f64)
    }
}
