//! The plan of the meters: which of them each subscription feeds, and under which contract.

use std::collections::BTreeMap;

use crate::scenario::contract::{Contract, CountedUnit, Counts, JudgedOn};
use crate::units::{MINUTE, Nanos};
use crate::world::platform::Platform;
use crate::world::platform::population::SubId;
use crate::world::requests::setting::Setting;

/// Meters that share a contract.
#[derive(Debug, Clone)]
pub struct Group {
    /// Tier index.
    pub tier: usize,
    /// Workflow index; `None` if the contract pools a customer's workflows.
    pub workflow: Option<usize>,
    /// First meter.
    pub first: u32,
    /// Number of meters.
    pub count: u32,
    /// The promise.
    pub contract: Contract,
    /// Customers that a meter speaks for: 1, but for home cells.
    pub weights: Option<Vec<u32>>,
    /// New customers: their first window is not whole, so nothing is said about it.
    pub newcomers: bool,
}

impl Group {
    /// Returns how many customers (or (customer, workflow) pairs) the group's meters speak for.
    pub fn customers(&self) -> u64 {
        match &self.weights {
            Some(weights) => weights.iter().map(|&weight| u64::from(weight)).sum(),
            None => u64::from(self.count),
        }
    }

    /// Returns the minutes of its contract's window.
    pub fn window_minutes(&self) -> u64 {
        window_minutes(&self.contract)
    }

    /// Returns the bad minutes that a contract window allows.
    pub fn allowed_minutes(&self) -> f64 {
        allowed_minutes(self.contract.sla, self.window_minutes())
    }
}

/// Returns the minutes of a contract's window in a run without a calendar.
pub fn window_minutes(contract: &Contract) -> u64 {
    contract.window(None).minutes().0
}

/// Returns the bad minutes that a window allows at an availability: 4.32 at 99.99 % of 30 days.
pub fn allowed_minutes(sla: f64, minutes: u64) -> f64 {
    // 1 - 0.9999 is not quite 0.0001: rounded to a millionth of a minute, so that limits are what they are said to be.
    ((1.0 - sla) * minutes as f64 * 1e6).round() / 1e6
}

/// Which meter each subscription feeds.
#[derive(Debug)]
pub struct Plan {
    /// Groups, in order of their first meter.
    pub groups: Vec<Group>,
    /// Meter of each subscription; `None`: its own.
    pub(super) meter_of: Option<Vec<u32>>,
    /// Number of meters.
    pub meters: usize,
    /// Whether a class counts attempts, by class.
    pub counts_attempts: Vec<bool>,
    pub(super) slots: usize,
    pub(super) warmup: Nanos,
    pub(super) horizon_minutes: u64,
}

impl Plan {
    /// Lays the meters out for a replication.
    pub fn new(setting: &Setting, contracts: &[Contract]) -> Plan {
        let platform = &setting.platform;
        let subs = setting.subscriptions();
        let plain = contracts
            .iter()
            .all(|contract| contract.counts == Counts::PerWorkflow && contract.judged_on == JudgedOn::OwnRequests);
        let mut groups = Vec::new();
        let mut meter_of = vec![0_u32; if plain { 0 } else { subs }];
        let mut next = 0_u32;
        // Ranges of subscriptions of each class, newcomers included.
        let mut ranges: Vec<(usize, std::ops::Range<SubId>)> =
            platform.classes.iter().enumerate().map(|(i, class)| (i, class.first..class.first + class.count)).collect();
        ranges.extend(
            setting.newcomers.groups.iter().map(|&(class, first, count)| (class as usize, first..first + count)),
        );
        // By tier, those who were there from the start and newcomers.
        let mut pooled: Vec<BTreeMap<u32, u32>> = vec![BTreeMap::new(); 2 * platform.tiers];
        for (class, range) in ranges {
            let spec = &platform.classes[class];
            let contract = &contracts[spec.tier];
            let mut group = Group {
                tier: spec.tier,
                workflow: Some(spec.workflow),
                first: next,
                count: range.len() as u32,
                contract: contract.clone(),
                weights: None,
                newcomers: range.start as usize >= platform.home.len(),
            };
            if plain {
                next += group.count;
                groups.push(group);
            } else if contract.judged_on == JudgedOn::HomeCell {
                cell_meters(platform, range, &mut group, &mut meter_of);
                next += group.count;
                groups.push(group);
            } else if contract.counts == Counts::PerCustomer {
                let pool = &mut pooled[2 * spec.tier + usize::from(group.newcomers)];
                for sub in range {
                    let customers = pool.len() as u32;
                    let index = *pool.entry(setting.customer(sub)).or_insert(customers);
                    meter_of[sub as usize] = index;
                }
            } else {
                for (i, sub) in range.enumerate() {
                    meter_of[sub as usize] = next + i as u32;
                }
                next += group.count;
                groups.push(group);
            }
        }
        for (pool, customers) in pooled.iter().enumerate().filter(|(_, customers)| !customers.is_empty()) {
            let (tier, newcomers) = (pool / 2, pool % 2 == 1);
            for sub in 0..subs as u32 {
                let joined = sub as usize >= platform.home.len();
                if platform.classes[setting.class_of(sub) as usize].tier == tier && joined == newcomers {
                    meter_of[sub as usize] += next;
                }
            }
            let count = customers.len() as u32;
            let contract = contracts[tier].clone();
            groups.push(Group { tier, workflow: None, first: next, count, contract, weights: None, newcomers });
            next += count;
        }
        Plan {
            groups,
            meter_of: (!plain).then_some(meter_of),
            meters: next as usize,
            counts_attempts: platform
                .classes
                .iter()
                .map(|class| contracts[class.tier].unit == CountedUnit::Attempts)
                .collect(),
            // What a fault made fail is known a minute later: its recovery must have lasted.
            slots: platform.longest_deadline.min(platform.horizon).div_ceil(MINUTE) as usize
                + 1
                + usize::from(!setting.activations.is_empty()),
            warmup: platform.warmup,
            horizon_minutes: platform.horizon.div_ceil(MINUTE),
        }
    }

    /// Returns the meter that a subscription feeds.
    #[inline]
    pub fn meter(&self, sub: SubId) -> usize {
        match &self.meter_of {
            None => sub as usize,
            Some(table) => table[sub as usize] as usize,
        }
    }
}

/// One meter for each cell in which customers of the range live; newcomers, whose home is not known yet, share one.
fn cell_meters(platform: &Platform, range: std::ops::Range<SubId>, group: &mut Group, meter_of: &mut [u32]) {
    let mut cells: Vec<u32> = Vec::new();
    let mut weights: Vec<u32> = Vec::new();
    for sub in range {
        let home = platform.home.get(sub as usize).copied().unwrap_or(u32::MAX);
        let index = cells.iter().position(|&cell| cell == home).unwrap_or_else(|| {
            cells.push(home);
            weights.push(0);
            cells.len() - 1
        });
        weights[index] += 1;
        meter_of[sub as usize] = group.first + index as u32;
    }
    group.count = cells.len() as u32;
    group.weights = Some(weights);
}
