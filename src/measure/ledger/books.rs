//! The books of a replication: listens to flows, closes months and incidents.

use std::collections::HashMap;

use super::account::{Account, Alike};
use super::burn_rate::Alerts;
use super::luck;
use super::month_odds::{BadMinutes, error_share_kept, requests_kept};
use super::rate_class::{RateClass, RateClasses};
use super::spread;
use super::totals::{Notable, Totals, add};
use crate::scenario::Scenario;
use crate::scenario::calendar::Calendar;
use crate::scenario::contract::{Contract, Measure};
use crate::scenario::fault::Strikes;
use crate::units::{MINUTE, MONTH, Nanos};
use crate::world::flow::model::Model;
use crate::world::flow::observer::{Ending, FlowObserver, Stretch};
use crate::world::flow::run::Health;

/// Windows kept for the strip of months.
const STRIP: usize = 120;

/// Sets of several cells whose exposed customers are remembered: years bring ever new ones.
const REMEMBERED: usize = 4_096;

/// A window of a rate class.
#[derive(Debug, Clone, Copy)]
struct Month {
    kept: f64,
    bad_minutes: f64,
    credits: f64,
}

/// The same for all rate classes of a tenancy while nothing happens.
#[derive(Debug, Clone)]
struct Calm {
    months: Vec<Month>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    fault: usize,
    onset: Nanos,
    counted: bool,
    /// Cells that its fault strikes at once.
    cells: usize,
}

/// What a replication's books need to know: shared by all replications.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The model.
    pub model: &'a Model,
    /// The platform in health.
    pub health: &'a Health,
    /// The customers by rate.
    pub rates: &'a RateClasses,
}

/// The books of one replication.
#[derive(Debug)]
pub struct Books<'a> {
    ground: &'a Ground<'a>,
    months: Vec<Account>,
    harm: Vec<Account>,
    dirty: Vec<u32>,
    is_dirty: Vec<bool>,
    base: Vec<f64>,
    window_from: Nanos,
    alerts: Vec<Alerts>,
    /// Requests a second of each class.
    class_rate: Vec<f64>,
    /// Open incidents: their numbers are used again, hence stay small.
    incidents: Vec<Option<Open>>,
    /// By length of the window in minutes.
    calm: HashMap<u64, Vec<Calm>>,
    /// Customers exposed: by fault and cell, and where several cells are struck by all of these.
    exposed_in: Vec<Vec<Option<Vec<f64>>>>,
    exposed: HashMap<(usize, Vec<u32>), Vec<f64>>,
    scratch: Vec<f64>,
    tenancies: Vec<usize>,
    with_strip: bool,
    /// What has been found so far.
    pub totals: Totals,
}

impl<'a> Books<'a> {
    /// Opens the books; `with_strip` keeps what was lost in each window.
    pub fn new(ground: &'a Ground<'a>, with_strip: bool) -> Books<'a> {
        let model = ground.model;
        let mut base = vec![0.0; model.tenancies.len()];
        for (cell, flow) in model.cells.iter().zip(&ground.health.flows) {
            for (at, tenancy) in cell.tenancies.clone().enumerate() {
                base[tenancy] = flow.failed[at];
            }
        }
        let mut class_rate = vec![0.0; model.platform.classes.len()];
        model.tenancies.iter().for_each(|tenancy| class_rate[tenancy.class as usize] += tenancy.rate);
        let tiers = model.platform.tiers;
        let totals = Totals::new(model.platform.classes.len(), tiers, ground.scenario.faults.len());
        Books {
            ground,
            months: base.iter().map(|&base| Account::new(base)).collect(),
            harm: base.iter().map(|_| Account::of_parts()).collect(),
            dirty: Vec::new(),
            is_dirty: vec![false; base.len()],
            window_from: Calendar::new(ground.scenario.run.starts_on).start(0),
            alerts: vec![Alerts::default(); class_rate.len()],
            class_rate,
            incidents: Vec::new(),
            calm: HashMap::new(),
            exposed_in: vec![vec![None; model.cells.len()]; ground.scenario.faults.len()],
            exposed: HashMap::new(),
            tenancies: Vec::new(),
            scratch: vec![1.0; ground.rates.classes.len()],
            base,
            with_strip,
            totals,
        }
    }

    fn contract(&self, tenancy: usize) -> &'a Contract {
        let class = self.ground.model.tenancies[tenancy].class as usize;
        &self.ground.scenario.tiers[self.ground.model.platform.classes[class].tier].contract
    }

    /// Judges a window of a rate class: a probability for each case of its customers' luck, and what they have then.
    fn cases(&self, tenancy: usize, rate: &RateClass, minutes: u64) -> Vec<(f64, Month)> {
        let alike = &self.months[tenancy].minutes;
        match luck::cases(alike) {
            None => vec![(1.0, self.month(tenancy, rate, minutes, alike))],
            Some(cases) => cases
                .into_iter()
                .map(|(probability, alike)| (probability, self.month(tenancy, rate, minutes, &alike)))
                .collect(),
        }
    }

    /// Judges a window of a rate class to which these minutes happened.
    fn month(&self, tenancy: usize, rate: &RateClass, minutes: u64, alike: &[Alike]) -> Month {
        let contract = self.contract(tenancy);
        let touched: u64 = alike.iter().map(|alike| u64::from(alike.minutes)).sum();
        let rest = (self.base[tenancy], minutes.saturating_sub(touched));
        let allowed = |target: f64| ((1.0 - target) * minutes as f64 + 1e-6).floor() as u64;
        let lowest = contract.credits.iter().map(|credit| credit.below).fold(contract.sla, f64::min);
        let odds = &self.ground.rates.odds[rate.bad];
        let total = || {
            let failed: f64 = alike.iter().map(|alike| alike.share * f64::from(alike.minutes)).sum();
            (failed + rest.0 * rest.1 as f64) / minutes as f64
        };
        let (kept, bad_minutes): (Box<dyn Fn(f64) -> f64>, f64) = match contract.measure {
            Measure::BadMinutes => {
                let bad = BadMinutes::new(alike, rest, odds, allowed(lowest));
                let mean = bad.mean;
                (Box::new(move |target| bad.at_most(allowed(target))), mean)
            }
            Measure::Requests => {
                let (share, requests) = (total(), rate.judged_on * minutes as f64);
                (Box::new(move |target| requests_kept(requests, share, target)), share * minutes as f64)
            }
            Measure::MeanErrorShare => {
                let (share, requests, intervals) = (total(), rate.judged_on, minutes as f64 / 5.0);
                let kept = move |target| error_share_kept(alike, rest, requests, intervals, target);
                (Box::new(kept), share * minutes as f64)
            }
        };
        // Each credit is due below its own availability, in place of the less severe one.
        let mut credits = 0.0;
        let mut before = 0.0;
        for credit in &contract.credits {
            credits += (credit.share - before) * (1.0 - kept(credit.below));
            before = credit.share;
        }
        let window = minutes as f64 / (MONTH / MINUTE) as f64;
        Month { kept: kept(contract.sla), bad_minutes, credits: credits * contract.claimed * rate.fees * window }
    }

    fn calm(&mut self, minutes: u64) {
        if self.calm.contains_key(&minutes) {
            return;
        }
        let tenancies = 0..self.months.len();
        // Nothing has happened yet to an account that is made anew.
        let accounts = std::mem::take(&mut self.months);
        self.months = self.base.iter().map(|&base| Account::new(base)).collect();
        let calm = tenancies.map(|tenancy| {
            let rates = &self.ground.rates.classes[self.ground.rates.of_tenancy[tenancy].clone()];
            Calm { months: rates.iter().map(|rate| self.month(tenancy, rate, minutes, &[])).collect() }
        });
        let calm = calm.collect();
        self.months = accounts;
        self.calm.insert(minutes, calm);
    }
}

impl FlowObserver for Books<'_> {
    fn opened(&mut self, incident: u32, fault: usize, at: Nanos, cells: &[u32], counted: bool) {
        let slot = incident as usize;
        if self.incidents.len() <= slot {
            self.incidents.resize(slot + 1, None);
        }
        self.incidents[slot] = Some(Open { fault, onset: at, counted, cells: cells.len() });
    }

    fn joined(&mut self, incident: u32, fault: usize, cells: &[u32]) {
        // A compound incident is told of the fault that reaches furthest, else of the first.
        if let Some(open) = &mut self.incidents[incident as usize]
            && cells.len() > open.cells
        {
            (open.fault, open.cells) = (fault, cells.len());
        }
    }

    fn merged(&mut self, incident: u32, gone: u32) {
        if let (Some(gone), Some(open)) = (self.incidents[gone as usize].take(), &mut self.incidents[incident as usize])
        {
            open.onset = open.onset.min(gone.onset);
            if gone.cells > open.cells {
                (open.fault, open.cells) = (gone.fault, gone.cells);
            }
        }
    }

    fn failed(&mut self, stretch: Stretch) {
        let tenancy = stretch.tenancy as usize;
        let class = self.ground.model.tenancies[tenancy].class as usize;
        if !stretch.excluded && (stretch.failed != self.base[tenancy] || stretch.struck > 0.0) {
            let from = stretch.from.max(self.window_from);
            self.months[tenancy].add(from, stretch.to.max(from), stretch.failed, stretch.struck);
            let failed = stretch.struck + (1.0 - stretch.struck) * stretch.failed;
            let share = failed * self.ground.model.tenancies[tenancy].rate / self.class_rate[class];
            self.alerts[class].failed(stretch.from, stretch.to, share);
            if !self.is_dirty[tenancy] {
                self.is_dirty[tenancy] = true;
                self.dirty.push(stretch.tenancy);
            }
        }
        let excess = (stretch.failed - self.base[tenancy]).max(0.0);
        self.harm[tenancy].add(stretch.from, stretch.to, excess, stretch.struck);
    }

    fn closed(&mut self, incident: u32, at: Nanos, cells: &[u32], ending: Ending) {
        let Some(open) = self.incidents[incident as usize].take() else { return };
        let model = self.ground.model;
        self.tenancies.clear();
        self.tenancies.extend(cells.iter().flat_map(|&cell| model.cells[cell as usize].tenancies.clone()));
        for &tenancy in &self.tenancies {
            self.harm[tenancy].close();
        }
        let harm = spread::harm(model, self.ground.rates, &self.harm, &self.tenancies, &mut self.scratch);
        for &tenancy in &self.tenancies {
            self.harm[tenancy].clear();
        }
        let only = match &self.ground.scenario.faults[open.fault].strikes {
            Strikes::Cells(filter) => filter.tier,
            Strikes::Customers { tier, .. } => *tier,
            Strikes::Router(_) => None,
        };
        let ground = self.ground;
        let find = || spread::exposed(ground.model, ground.rates, cells, only);
        let exposed = match cells {
            [cell] => self.exposed_in[open.fault][*cell as usize].get_or_insert_with(find),
            _ => {
                if self.exposed.len() == REMEMBERED {
                    self.exposed.clear();
                }
                self.exposed.entry((open.fault, cells.to_vec())).or_insert_with(find)
            }
        };
        let totals = &mut self.totals.faults[open.fault];
        let all_exposed: f64 = exposed.iter().sum();
        let all_harmed: f64 = harm.customers.iter().sum();
        add(&mut totals.minutes, &harm.minutes);
        if open.counted {
            totals.incidents += 1;
            add(&mut totals.harmed, &harm.customers);
            add(&mut totals.exposed, exposed);
            totals.exposed_most = totals.exposed_most.max(all_exposed);
            totals.by_harmed.add(all_harmed, 1.0);
            totals.worst.iter_mut().zip(&harm.customers).for_each(|(most, here)| *most = most.max(*here));
            totals.stuck += u64::from(ending == Ending::NotRecovered);
            totals.cut_off += u64::from(ending == Ending::StillFaulted);
        }
        let minutes: f64 = harm.minutes.iter().sum();
        let customers = (all_exposed, all_harmed);
        self.totals.note(Notable { fault: open.fault, span: (open.onset, at), customers, minutes, ending });
    }

    fn window_ended(&mut self, from: Nanos, to: Nanos) {
        let minutes = (to - from) / MINUTE;
        self.calm(minutes);
        let ground = self.ground;
        let model = ground.model;
        let classes = &model.platform.classes;
        let calm = &self.calm[&minutes];
        // First as if nothing had happened, then what did.
        let mut log_all = vec![0.0; classes.len()];
        let mut kept = vec![0.0; classes.len()];
        for (tenancy, calm) in calm.iter().enumerate() {
            let class = model.tenancies[tenancy].class as usize;
            let rates = &ground.rates.classes[ground.rates.of_tenancy[tenancy].clone()];
            if self.is_dirty[tenancy] {
                self.months[tenancy].close();
            }
            for (rate, calm) in rates.iter().zip(&calm.months) {
                let cases =
                    if self.is_dirty[tenancy] { self.cases(tenancy, rate, minutes) } else { vec![(1.0, *calm)] };
                let totals = &mut self.totals.classes[class];
                totals.months += rate.customers;
                let mut kept_here = 0.0;
                for (probability, month) in cases {
                    let customers = probability * rate.customers;
                    kept_here += probability * month.kept;
                    totals.bad_minutes += month.bad_minutes * customers;
                    totals.credits += month.credits * customers;
                    totals.by_bad_minutes.add(month.bad_minutes, customers);
                    if month.bad_minutes > totals.worst.0 && customers > 0.0 {
                        totals.worst = (month.bad_minutes, to);
                    }
                }
                totals.kept += kept_here * rate.customers;
                kept[class] += kept_here * rate.customers;
                log_all[class] += rate.customers * libm::log(kept_here.max(0.0));
            }
        }
        let mut by_tier = vec![0.0; model.platform.tiers];
        for (class, &log) in log_all.iter().enumerate() {
            let tier = classes[class].tier;
            by_tier[tier] += log;
            let totals = &mut self.totals.classes[class];
            totals.all_kept += libm::exp(log);
            totals.windows += 1;
            let target = ground.scenario.tiers[tier].contract.sla;
            self.alerts[class].sweep(from, to, target);
            totals.alerts = self.alerts[class].fired;
        }
        if self.with_strip && self.totals.lost_by_window.len() < STRIP {
            let mut lost = vec![(0.0, 0.0); model.platform.tiers];
            for (class, &kept) in kept.iter().enumerate() {
                let sum = &mut lost[classes[class].tier];
                *sum = (sum.0 + kept, sum.1 + f64::from(classes[class].count));
            }
            let share = |&(kept, all): &(f64, f64)| if all > 0.0 { 1.0 - kept / all } else { 0.0 };
            self.totals.lost_by_window.push(lost.iter().map(share).collect());
        }
        by_tier.iter().zip(&mut self.totals.all_kept).for_each(|(&log, sum)| *sum += libm::exp(log));
        for &tenancy in &self.dirty {
            self.is_dirty[tenancy as usize] = false;
            self.months[tenancy as usize].clear();
        }
        self.dirty.clear();
        self.window_from = to;
    }
}
