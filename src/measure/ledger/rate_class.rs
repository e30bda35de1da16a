//! Rate classes: the customers of a tenancy, grouped by how much they ask for.
//!
//! Probabilities are computed once for each class instead of once for each customer. Classes are a fifth of a doubling wide;
//! customers that are alike form a class of exactly their rate.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::joint::Joint;
use super::minute_odds::{MinuteOdds, Rule};
use crate::scenario::Scenario;
use crate::scenario::contract::{JudgedOn, Measure};
use crate::stop;
use crate::units::{MONTH, seconds};
use crate::world::flow::model::Model;
use crate::world::platform::population::NONE;

/// Rate classes for each doubling of the rate.
const PER_DOUBLING: f64 = 5.0;

/// Customers of one tenancy with about the same rate.
#[derive(Debug, Clone)]
pub struct RateClass {
    /// Which of the classes of rates.
    pub bin: i32,
    /// How many.
    pub customers: f64,
    /// Requests a minute of each of them, where the factor of demand is 1.
    pub requests: f64,
    /// Probability of a minute without any.
    pub silent: f64,
    /// Requests a minute that its minutes are judged on: its own, or those of its home cell.
    pub judged_on: f64,
    /// First table of the odds of a bad minute: those of all levels of demand follow each other.
    pub bad: usize,
    /// First table of the odds of a harmed minute.
    pub harm: usize,
    /// Dollars that each of them pays in 30 days, on average.
    pub fees: f64,
}

/// All rate classes of a platform, with the tables of their odds.
#[derive(Debug, Clone)]
pub struct RateClasses {
    /// All classes, tenancy by tenancy.
    pub classes: Vec<RateClass>,
    /// Classes of each tenancy.
    pub of_tenancy: Vec<Range<usize>>,
    /// Tables of odds.
    pub odds: Vec<MinuteOdds>,
    /// Odds of a harmed part of a minute, for requests on a grid of half doublings.
    parts: Vec<MinuteOdds>,
    /// Customers by all their classes; only incidents that reach several workflows ask for them.
    joint: OnceLock<Joint>,
}

/// The grid of the parts of minutes: requests from 2^-5 to 2^13, in half doublings.
const GRID: std::ops::RangeInclusive<i32> = -10..=26;

/// The class of a rate.
fn bin(rate: f64) -> i32 {
    (libm::log2(rate) * PER_DOUBLING).floor() as i32
}

/// Numbers and sums of rates, by bin.
struct Bins(Vec<(u32, f64)>);

/// Bins of the least and the greatest rate that there can be (32 bits).
const BINS: std::ops::Range<i32> = -750..650;

impl Bins {
    fn new() -> Bins {
        Bins(vec![(0, 0.0); BINS.len()])
    }

    fn of(&mut self, bin: i32) -> &mut (u32, f64) {
        &mut self.0[(bin - BINS.start) as usize]
    }

    fn add(&mut self, bin: i32, rate: f64) {
        let sum = self.of(bin);
        *sum = (sum.0 + 1, sum.1 + rate);
    }
}

/// The customers of one tenancy in one bin.
struct Members {
    tenancy: usize,
    bin: i32,
    count: u32,
    /// Sum of their rates.
    sum: f64,
}

/// Returns the customers of a class (a workflow in a tier) by tenancy and bin, in that order, and by bin over all cells.
fn binned(model: &Model, index: u16) -> (Vec<Members>, Bins) {
    let platform = &model.platform;
    let class = &platform.classes[index as usize];
    let subs = || {
        let range = class.first as usize..(class.first + class.count) as usize;
        let (homes, rates) = (&platform.home[range.clone()], &platform.population.rate[range]);
        homes.iter().zip(rates).filter(|&(&home, &rate)| home != NONE && rate > 0.0)
    };
    // Rates, cell by cell: a counting sort.
    let mut ends = vec![0_u32; platform.cells.len() + 1];
    subs().for_each(|(&home, _)| ends[home as usize + 1] += 1);
    (1..ends.len()).for_each(|cell| ends[cell] += ends[cell - 1]);
    let mut rates = vec![0.0_f32; ends[platform.cells.len()] as usize];
    for (&home, &rate) in subs() {
        rates[ends[home as usize] as usize] = rate;
        ends[home as usize] += 1;
    }
    let (mut members, mut all, mut here) = (Vec::new(), Bins::new(), Bins::new());
    let mut last = (0.0_f32, 0);
    let mut from = 0;
    for (cell, end) in model.cells.iter().zip(ends) {
        stop::point();
        let homed = &rates[from..end as usize];
        from = end as usize;
        let Some(tenancy) = cell.tenancies.clone().find(|&tenancy| model.tenancies[tenancy].class == index) else {
            continue;
        };
        let (mut least, mut most) = (BINS.end, BINS.start);
        for &rate in homed {
            // Neighbours are often alike.
            if rate != last.0 {
                last = (rate, bin(f64::from(rate)));
            }
            here.add(last.1, f64::from(rate));
            all.add(last.1, f64::from(rate));
            (least, most) = (least.min(last.1), most.max(last.1));
        }
        for bin in least..=most {
            let (count, sum) = std::mem::take(here.of(bin));
            if count > 0 {
                members.push(Members { tenancy, bin, count, sum });
            }
        }
    }
    (members, all)
}

impl RateClasses {
    /// Groups the customers of a platform.
    pub fn new(scenario: &Scenario, model: &Model) -> RateClasses {
        let platform = &model.platform;
        let harm = Rule { share: scenario.run.harm_share, min_requests: 1 };
        let mut all = RateClasses {
            classes: Vec::new(),
            of_tenancy: vec![0..0; model.tenancies.len()],
            odds: Vec::new(),
            parts: GRID.map(|step| MinuteOdds::new(libm::exp2(f64::from(step) / 2.0), harm)).collect(),
            joint: OnceLock::new(),
        };
        // Mean rate of each class of rates, over all cells: few tables serve all.
        let mut means: Vec<Bins> = Vec::new();
        let mut members: Vec<Members> = Vec::new();
        for class in 0..platform.classes.len() {
            let (mine, bins) = binned(model, class as u16);
            members.extend(mine);
            means.push(bins);
        }
        members.sort_by_key(|members| (members.tenancy, members.bin));
        // By requests, rule and, where demand changes, class.
        let mut known: BTreeMap<(u64, u64, u32, u16), usize> = BTreeMap::new();
        for Members { tenancy: index, bin, count, sum: of_members } in members {
            let tenancy = &model.tenancies[index];
            let class = &platform.classes[tenancy.class as usize];
            let contract = &scenario.tiers[class.tier].contract;
            let (customers, sum) = *means[tenancy.class as usize].of(bin);
            let requests = 60.0 * sum / f64::from(customers);
            let judged_on = match contract.judged_on {
                JudgedOn::OwnRequests => requests,
                JudgedOn::HomeCell => 60.0 * tenancy.rate,
            };
            let rule = Rule { share: contract.bad_from, min_requests: contract.min_requests };
            let factors = model.levels.factors(tenancy.class as usize);
            let like = if model.levels.is_varied() { tenancy.class } else { 0 };
            let mut table = |requests: f64, rule: Rule| {
                let key = (requests.to_bits(), rule.share.to_bits(), rule.min_requests, like);
                *known.entry(key).or_insert_with(|| {
                    all.odds.extend(factors.iter().map(|factor| MinuteOdds::new(requests * factor, rule)));
                    all.odds.len() - factors.len()
                })
            };
            let spec = scenario.class(class.workflow, class.tier);
            let price = spec.map_or(0.0, |spec| spec.price);
            let (bad, harm) = match contract.measure {
                Measure::BadMinutes => (table(judged_on, rule), table(requests, harm)),
                Measure::Requests | Measure::MeanErrorShare => (0, table(requests, harm)),
            };
            let range = &mut all.of_tenancy[index];
            if range.start == range.end {
                *range = all.classes.len()..all.classes.len();
            }
            range.end += 1;
            let fees = of_members / f64::from(count) * price * seconds(MONTH);
            let (customers, silent) = (f64::from(count), libm::exp(-requests));
            all.classes.push(RateClass { bin, customers, requests, silent, judged_on, bad, harm, fees });
        }
        all
    }

    /// Returns the customers by all their classes.
    pub fn joint(&self, model: &Model) -> &Joint {
        self.joint.get_or_init(|| Joint::new(model, &self.of_subs(model), self.classes.len()))
    }

    /// Returns the rate class of each subscription; none of those that ask for nothing.
    pub(super) fn of_subs(&self, model: &Model) -> Vec<u32> {
        let platform = &model.platform;
        let mut found = vec![NONE; platform.home.len()];
        for (index, class) in platform.classes.iter().enumerate() {
            // Where the rate classes of the class's customers are, by cell.
            let of_cell = |tenancies: &Range<usize>| {
                let mine = tenancies.clone().find(|&tenancy| model.tenancies[tenancy].class as usize == index);
                mine.map_or(0..0, |tenancy| self.of_tenancy[tenancy].clone())
            };
            let of_cell: Vec<Range<usize>> = model.cells.iter().map(|cell| of_cell(&cell.tenancies)).collect();
            let mut last = (0.0_f32, 0);
            let subs = class.first as usize..(class.first + class.count) as usize;
            let asking = platform.home[subs.clone()].iter().zip(&platform.population.rate[subs.clone()]);
            for (found, (&home, &rate)) in found[subs].iter_mut().zip(asking) {
                if home == NONE || rate <= 0.0 {
                    continue;
                }
                if rate != last.0 {
                    last = (rate, bin(f64::from(rate)));
                }
                let range = of_cell[home as usize].clone();
                let at = self.classes[range.clone()].binary_search_by_key(&last.1, |class| class.bin);
                *found = at.map_or(NONE, |at| (range.start + at) as u32);
            }
        }
        found
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
