//! How far an incident spreads: customers with a harmed minute, and their harmed minutes.

use super::account::Account;
use super::luck;
use super::rate_class::RateClasses;
use crate::world::flow::model::Model;

/// What one incident did.
#[derive(Debug, Clone, PartialEq)]
pub struct Harm {
    /// Customers harmed, by tier: expected number, given what happened.
    pub customers: Vec<f64>,
    /// Harmed customer-minutes, by tier.
    pub minutes: Vec<f64>,
}

/// Adds up what happened to the tenancies of an incident; `calm` is scratch, one number for each rate class, all 1.
pub fn harm(model: &Model, rates: &RateClasses, accounts: &[Account], tenancies: &[usize], calm: &mut [f64]) -> Harm {
    let split = |tenancy: &usize| accounts[*tenancy].minutes.iter().filter_map(|alike| alike.split);
    let case = Case { model, rates, accounts, tenancies };
    // Who is struck is so in all its workflows: one luck for as long as the incident lasts.
    let lucks = luck::lucks(tenancies.iter().flat_map(split).map(|split| split.struck));
    let mut harm = Harm { customers: vec![0.0; model.platform.tiers], minutes: vec![0.0; model.platform.tiers] };
    for (share, least) in lucks {
        let mine = case.harm(least, calm);
        if share == 1.0 {
            return mine;
        }
        harm.customers.iter_mut().zip(&mine.customers).for_each(|(sum, mine)| *sum += share * mine);
        harm.minutes.iter_mut().zip(&mine.minutes).for_each(|(sum, mine)| *sum += share * mine);
    }
    harm
}

/// An incident, to be added up for customers of one luck.
struct Case<'a> {
    model: &'a Model,
    rates: &'a RateClasses,
    accounts: &'a [Account],
    tenancies: &'a [usize],
}

impl Case<'_> {
    /// Adds up for customers who are struck where at least this share of customers is.
    fn harm(&self, least: f64, calm: &mut [f64]) -> Harm {
        let Case { model, rates, accounts, tenancies } = *self;
        let tiers = model.platform.tiers;
        let mut harm = Harm { customers: vec![0.0; tiers], minutes: vec![0.0; tiers] };
        let mut first = None;
        let mut several = false;
        for &tenancy in tenancies {
            let account = &accounts[tenancy];
            if account.minutes.is_empty() {
                continue;
            }
            let class = &model.platform.classes[model.tenancies[tenancy].class as usize];
            let factors = model.levels.factors(model.tenancies[tenancy].class as usize);
            several |= *first.get_or_insert(class.workflow) != class.workflow;
            for index in rates.of_tenancy[tenancy].clone() {
                let rate = &rates.classes[index];
                // Logarithm of the probability that no minute is harmed, and expected number of those that are.
                let (mut unharmed, mut minutes) = (0.0, 0.0);
                for alike in &account.minutes {
                    let share = match alike.split {
                        Some(split) if split.struck >= least => split.share,
                        _ => alike.share,
                    };
                    let (count, level) = (f64::from(alike.minutes), usize::from(alike.level));
                    let factor = factors[level];
                    // Where everything fails, only a minute without requests is unharmed.
                    if share >= 1.0 {
                        let requests = rate.requests * factor * alike.covered;
                        let is_usual = alike.covered >= 1.0 && factor == 1.0;
                        let harmed = if is_usual { 1.0 - rate.silent } else { -libm::expm1(-requests) };
                        minutes += harmed * count;
                        unharmed -= requests * count;
                        continue;
                    }
                    let harmed = match alike.covered {
                        covered if covered < 1.0 => rates.harm_of_part(rate.requests * factor * covered, share),
                        _ => rates.odds[rate.harm + level].at(share),
                    };
                    minutes += harmed * count;
                    unharmed += libm::log1p(-harmed) * count;
                }
                harm.minutes[class.tier] += minutes * rate.customers;
                calm[index] = libm::exp(unharmed);
                harm.customers[class.tier] += (1.0 - calm[index]) * rate.customers;
            }
        }
        if several {
            // A customer that several of its workflows harm is one customer.
            harm.customers.fill(0.0);
            // All others are unharmed.
            let touched = tenancies.iter().filter(|&&tenancy| !accounts[tenancy].minutes.is_empty());
            let touched = touched.flat_map(|&tenancy| rates.of_tenancy[tenancy].clone());
            for group in rates.joint(model).met(touched) {
                let unharmed: f64 = group.classes.iter().map(|&class| calm[class as usize]).product();
                harm.customers[group.tier] += group.customers * (1.0 - unharmed);
            }
        }
        for &tenancy in tenancies {
            calm[rates.of_tenancy[tenancy].clone()].fill(1.0);
        }
        harm
    }
}

/// Returns the customers of each tier who live in these cells; `only` limits them to one tier.
pub fn exposed(model: &Model, rates: &RateClasses, cells: &[u32], only: Option<usize>) -> Vec<f64> {
    let mut customers = vec![0.0; model.platform.tiers];
    let tier = |tenancy: usize| model.platform.classes[model.tenancies[tenancy].class as usize].tier;
    let tenancies = cells.iter().flat_map(|&cell| model.cells[cell as usize].tenancies.clone());
    let tenancies = tenancies.filter(|&tenancy| only.is_none_or(|only| only == tier(tenancy)));
    // A customer lives in one cell of each workflow.
    let workflow = |cell: &u32| model.platform.cells[*cell as usize].workflow;
    if cells.iter().all(|cell| workflow(cell) == workflow(&cells[0])) {
        for tenancy in tenancies {
            let classes = &rates.classes[rates.of_tenancy[tenancy].clone()];
            customers[tier(tenancy)] += classes.iter().map(|class| class.customers).sum::<f64>();
        }
    } else {
        let classes = tenancies.flat_map(|tenancy| rates.of_tenancy[tenancy].clone());
        rates.joint(model).met(classes).for_each(|group| customers[group.tier] += group.customers);
    }
    customers
}
