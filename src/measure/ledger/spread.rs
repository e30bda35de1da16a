//! How far an incident spreads: customers with a harmed minute, and their harmed minutes.

use super::account::Account;
use super::counted::Sum;
use super::luck;
use super::rate_class::{RateClass, RateClasses};
use crate::world::flow::entries::Entries;
use crate::world::flow::model::Model;

/// What one incident did.
#[derive(Debug, Clone, PartialEq)]
pub struct Harm {
    /// Customers harmed, by tier: expected number, given what happened.
    pub customers: Vec<f64>,
    /// The same as a law, by tier: each customer has luck of its own.
    pub laws: Vec<Sum>,
    /// Harmed customer-minutes, by tier.
    pub minutes: Vec<f64>,
}

/// An incident that is over.
#[derive(Debug, Clone, Copy)]
pub struct Happened<'a> {
    /// The model.
    pub model: &'a Model,
    /// Customers by rate.
    pub rates: &'a RateClasses,
    /// The entries of the router's cache in health, by level of demand.
    pub entries: &'a [Entries],
    /// What happened, by tenancy.
    pub accounts: &'a [Account],
    /// The tenancies in it.
    pub tenancies: &'a [usize],
}

/// Adds up what happened to the tenancies of an incident; `calm` is scratch, one number for each rate class, all 1.
pub fn harm(happened: &Happened<'_>, calm: &mut [f64]) -> Harm {
    let Happened { model, accounts, tenancies, .. } = *happened;
    let split = |tenancy: &usize| accounts[*tenancy].minutes.iter().filter_map(|alike| alike.split);
    let splits = || tenancies.iter().flat_map(split);
    // Each entry of a cache is a customer's own in one workflow.
    if splits().any(|split| split.gone.is_some()) {
        let (groups, minutes) = happened.harm(None, calm);
        return Harm::new(&groups, minutes);
    }
    // Who is struck is so in all its workflows: one luck for as long as the incident lasts.
    let lucks = luck::lucks(splits().map(|split| split.struck_of(1.0)));
    let mut sum = (Vec::new(), vec![0.0; model.platform.tiers]);
    for luck in lucks {
        let (groups, minutes) = happened.harm(Some(luck), calm);
        if luck.0 == 1.0 {
            return Harm::new(&groups, minutes);
        }
        let weighed = groups.into_iter().map(|group| Group { harmed: luck.0 * group.harmed, ..group });
        if sum.0.is_empty() {
            sum.0 = weighed.collect();
        } else {
            sum.0.iter_mut().zip(weighed).for_each(|(sum, mine): (&mut Group, Group)| sum.harmed += mine.harmed);
        }
        sum.1.iter_mut().zip(&minutes).for_each(|(sum, mine)| *sum += luck.0 * mine);
    }
    Harm::new(&sum.0, sum.1)
}

/// Customers who are harmed with the same probability, each for itself.
struct Group {
    tier: usize,
    customers: f64,
    harmed: f64,
}

/// Who is harmed more often than this is so for certain.
const CERTAIN: f64 = 1.0 - 1e-9;

impl Harm {
    fn new(groups: &[Group], minutes: Vec<f64>) -> Harm {
        let mut harm = Harm {
            customers: vec![0.0; minutes.len()],
            laws: vec![Sum { is_count: true, ..Sum::default() }; minutes.len()],
            minutes,
        };
        for &Group { tier, customers, harmed } in groups {
            harm.customers[tier] += customers * harmed;
            let law = &mut harm.laws[tier];
            if harmed > CERTAIN {
                law.sure += customers;
            } else {
                law.mean += customers * harmed;
                law.variance += customers * harmed * (1.0 - harmed);
            }
        }
        harm
    }

    /// The customers of all tiers as a law.
    pub fn law(&self) -> Sum {
        self.laws.iter().fold(Sum { is_count: true, ..Sum::default() }, |sum, &one| sum.and(one))
    }
}

impl Happened<'_> {
    /// Adds up for customers of one luck in all their workflows, or of any in each: who is harmed, and minutes by tier.
    fn harm(&self, luck: Option<(f64, f64)>, calm: &mut [f64]) -> (Vec<Group>, Vec<f64>) {
        let Happened { model, rates, accounts, tenancies, .. } = *self;
        let mut all_minutes = vec![0.0; model.platform.tiers];
        let mut groups = Vec::new();
        let mut first = None;
        let mut several = false;
        for &tenancy in tenancies {
            let account = &accounts[tenancy];
            if account.minutes.is_empty() {
                continue;
            }
            let class = &model.platform.classes[model.tenancies[tenancy].class as usize];
            several |= *first.get_or_insert(class.workflow) != class.workflow;
            for index in rates.of_tenancy[tenancy].clone() {
                let rate = &rates.classes[index];
                let of = |luck| self.minutes(tenancy, rate, luck);
                let (unharmed, minutes) = match luck {
                    Some(luck) => of(luck),
                    None => self.lucks(tenancy, rate).into_iter().fold((0.0, 0.0), |sum, luck| {
                        let (unharmed, minutes) = of(luck);
                        (sum.0 + luck.0 * unharmed, sum.1 + luck.0 * minutes)
                    }),
                };
                calm[index] = unharmed;
                all_minutes[class.tier] += minutes * rate.customers;
                groups.push(Group { tier: class.tier, customers: rate.customers, harmed: 1.0 - calm[index] });
            }
        }
        if several {
            // A customer that several of its workflows harm is one customer.
            groups.clear();
            // All others are unharmed.
            let touched = tenancies.iter().filter(|&&tenancy| !accounts[tenancy].minutes.is_empty());
            let touched = touched.flat_map(|&tenancy| rates.of_tenancy[tenancy].clone());
            for group in rates.joint(model).met(touched) {
                let unharmed: f64 = group.classes.iter().map(|&class| calm[class as usize]).product();
                groups.push(Group { tier: group.tier, customers: group.customers, harmed: 1.0 - unharmed });
            }
        }
        for &tenancy in tenancies {
            calm[rates.of_tenancy[tenancy].clone()].fill(1.0);
        }
        (groups, all_minutes)
    }

    fn held(&self, tenancy: usize, rate: &RateClass, level: u16) -> f64 {
        let factor = self.model.factor(tenancy, usize::from(level));
        self.entries[usize::from(level)].held(rate.requests / 60.0 * factor)
    }

    /// The lucks of a rate class, where they are its customers' own.
    fn lucks(&self, tenancy: usize, rate: &RateClass) -> Vec<(f64, f64)> {
        let minutes = self.accounts[tenancy].minutes.iter();
        luck::lucks(minutes.filter_map(|alike| Some(alike.split?.struck_of(self.held(tenancy, rate, alike.level)))))
    }

    /// The probability that no minute of a customer of a luck is harmed, and the expected number of those that are.
    fn minutes(&self, tenancy: usize, rate: &RateClass, luck: (f64, f64)) -> (f64, f64) {
        let factors = self.model.levels.factors(self.model.tenancies[tenancy].class as usize);
        let (mut unharmed, mut minutes) = (0.0, 0.0);
        for alike in &self.accounts[tenancy].minutes {
            let share = match alike.split {
                Some(_) => alike.share_of(luck, self.held(tenancy, rate, alike.level)),
                None => alike.share,
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
                covered if covered < 1.0 => self.rates.harm_of_part(rate.requests * factor * covered, share),
                _ => self.rates.odds[rate.harm + level].at(share),
            };
            minutes += harmed * count;
            unharmed += libm::log1p(-harmed) * count;
        }
        (libm::exp(unharmed), minutes)
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
