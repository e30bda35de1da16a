//! The books of a replication: listens to flows, closes months and incidents.

use std::borrow::Cow;
use std::collections::HashMap;

use super::account::{Account, Alike};
use super::burn_rate::Alerts;
use super::rate_class::{RateClass, RateClasses};
use super::spread;
use super::totals::{Notable, Totals, add};
use super::window::{Judged, Terms};
use crate::scenario::Scenario;
use crate::scenario::calendar::{Calendar, Calendars};
use crate::scenario::contract::Contract;
use crate::scenario::fault::Strikes;
use crate::units::{MINUTE, MONTH, Nanos};
use crate::world::flow::model::Model;
use crate::world::flow::observer::{Ending, FlowObserver, Stretch};
use crate::world::flow::run::Health;

/// Windows kept for the strip of months.
const STRIP: usize = 120;

/// Sets of several cells whose exposed customers are remembered: years bring ever new ones.
const REMEMBERED: usize = 4_096;

/// The same for all rate classes of a tenancy while nothing happens.
type Calm = Vec<Judged>;

/// Expected number of customers from which a rare luck counts as seen.
const SEEN: f64 = 0.01;

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
    /// By calendar: tenancies that something has happened to in the window that is open.
    dirty: Vec<Vec<u32>>,
    is_dirty: Vec<bool>,
    base: Vec<f64>,
    calendars: Calendars,
    /// By calendar: until when windows have been judged.
    judged: Vec<Nanos>,
    /// Of rolling windows: what happened on the days before, by tenancy and end of the day.
    past: HashMap<u32, Vec<(Nanos, Vec<Alike>)>>,
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
        let calendars = ground.scenario.calendars();
        let totals = Totals::new(model.platform.classes.len(), tiers, ground.scenario.faults.len());
        Books {
            ground,
            months: base.iter().map(|&base| Account::new(base)).collect(),
            harm: base.iter().map(|_| Account::of_parts()).collect(),
            dirty: vec![Vec::new(); calendars.all.len()],
            is_dirty: vec![false; base.len()],
            judged: calendars.all.iter().map(|calendar| calendar.window(0).0).collect(),
            calendars,
            past: HashMap::new(),
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

    fn tier(&self, tenancy: usize) -> usize {
        self.ground.model.platform.classes[self.ground.model.tenancies[tenancy].class as usize].tier
    }

    fn contract(&self, tenancy: usize) -> &'a Contract {
        &self.ground.scenario.tiers[self.tier(tenancy)].contract
    }

    /// Judges a window of a rate class to which these minutes happened.
    fn judge(&self, tenancy: usize, rate: &RateClass, minutes: u64, happened: &[Alike]) -> Judged {
        let (contract, base) = (self.contract(tenancy), self.base[tenancy]);
        Terms { contract, rate, odds: &self.ground.rates.odds[rate.bad], base, minutes }.judge(happened)
    }

    fn calm(&mut self, minutes: u64) {
        if self.calm.contains_key(&minutes) {
            return;
        }
        let rates = self.ground.rates;
        let of = |tenancy: usize| {
            let classes = &rates.classes[rates.of_tenancy[tenancy].clone()];
            classes.iter().map(|rate| self.judge(tenancy, rate, minutes, &[])).collect()
        };
        let calm = (0..self.months.len()).map(of).collect();
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

    fn struck(&mut self, fault: usize) {
        self.totals.faults[fault].strikes += 1;
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
            let calendar = self.calendars.of_tier[self.tier(tenancy)];
            let from = stretch.from.max(self.judged[calendar]);
            self.months[tenancy].add(from, stretch.to.max(from), stretch.failed, stretch.struck);
            let failed = stretch.struck + (1.0 - stretch.struck) * stretch.failed;
            let share = failed * self.ground.model.tenancies[tenancy].rate / self.class_rate[class];
            self.alerts[class].failed(stretch.from, stretch.to, share);
            if !self.is_dirty[tenancy] {
                self.is_dirty[tenancy] = true;
                self.dirty[calendar].push(stretch.tenancy);
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

    fn window_ended(&mut self, calendar: usize, from: Nanos, to: Nanos) {
        let since = std::mem::replace(&mut self.judged[calendar], to);
        let kind = self.calendars.all[calendar];
        for tenancy in std::mem::take(&mut self.dirty[calendar]) {
            self.months[tenancy as usize].close();
            if matches!(kind, Calendar::Rolling(_)) {
                let minutes = std::mem::take(&mut self.months[tenancy as usize].minutes);
                self.past.entry(tenancy).or_default().push((to, minutes));
                self.months[tenancy as usize].clear();
                self.is_dirty[tenancy as usize] = false;
            } else {
                self.dirty[calendar].push(tenancy);
            }
        }
        if matches!(kind, Calendar::Rolling(_)) {
            self.forget_before(calendar, from);
        }
        self.sweep_alerts(calendar, since, to);
        if kind.is_whole((from, to)) {
            self.judge_all(calendar, from, to);
        }
        for tenancy in std::mem::take(&mut self.dirty[calendar]) {
            self.is_dirty[tenancy as usize] = false;
            self.months[tenancy as usize].clear();
        }
    }
}

impl Books<'_> {
    /// Forgets the days of a rolling calendar that ended by then.
    fn forget_before(&mut self, calendar: usize, from: Nanos) {
        let (model, of_tier) = (self.ground.model, &self.calendars.of_tier);
        self.past.retain(|&tenancy, days| {
            let tier = model.platform.classes[model.tenancies[tenancy as usize].class as usize].tier;
            if of_tier[tier] == calendar {
                days.retain(|day| day.0 > from);
            }
            !days.is_empty()
        });
    }

    fn sweep_alerts(&mut self, calendar: usize, since: Nanos, to: Nanos) {
        let scenario = self.ground.scenario;
        for (index, class) in self.ground.model.platform.classes.iter().enumerate() {
            if self.calendars.of_tier[class.tier] == calendar {
                self.alerts[index].sweep(since, to, scenario.tiers[class.tier].contract.sla);
                self.totals.classes[index].alerts = self.alerts[index].fired;
            }
        }
    }

    /// Returns what happened in a window to a tenancy, if anything did.
    fn happened(&self, tenancy: usize) -> Option<Cow<'_, [Alike]>> {
        match self.is_dirty[tenancy] {
            true => Some(Cow::Borrowed(&self.months[tenancy].minutes)),
            false => {
                let days = self.past.get(&(tenancy as u32))?;
                Some(Cow::Owned(days.iter().flat_map(|day| &day.1).copied().collect()))
            }
        }
    }

    /// Judges a window of all customers whose contracts know it.
    fn judge_all(&mut self, calendar: usize, from: Nanos, to: Nanos) {
        let minutes = (to - from) / MINUTE;
        self.calm(minutes);
        let ground = self.ground;
        let model = ground.model;
        let classes = &model.platform.classes;
        let is_mine = |class: usize| self.calendars.of_tier[classes[class].tier] == calendar;
        let varies = matches!(self.calendars.all[calendar], Calendar::Months(..));
        let mut all = std::mem::take(&mut self.totals.classes);
        // First as if nothing had happened, then what did.
        let mut log_all = vec![0.0; classes.len()];
        let mut kept = vec![0.0; classes.len()];
        for (tenancy, calm) in self.calm[&minutes].iter().enumerate() {
            let class = model.tenancies[tenancy].class as usize;
            if !is_mine(class) {
                continue;
            }
            let rates = &ground.rates.classes[ground.rates.of_tenancy[tenancy].clone()];
            let happened = self.happened(tenancy);
            for (rate, calm) in rates.iter().zip(calm) {
                let judged = match &happened {
                    Some(happened) => &self.judge(tenancy, rate, minutes, happened),
                    None => calm,
                };
                let totals = &mut all[class];
                totals.months += rate.customers;
                totals.contract_minutes += rate.customers * minutes as f64;
                for case in &judged.cases.0 {
                    let customers = case.weight * rate.customers;
                    totals.bad_minutes += case.minutes * customers;
                    totals.by_bad_minutes.add(case.minutes, customers);
                    if varies {
                        totals.by_rate.add(case.minutes * (MONTH / MINUTE) as f64 / minutes as f64, customers);
                    }
                }
                let worst = judged.cases.most((SEEN / rate.customers).min(1.0));
                if worst > totals.worst.0 {
                    totals.worst = (worst, to, minutes);
                }
                totals.credits += judged.credits * rate.customers;
                totals.kept += judged.kept * rate.customers;
                kept[class] += judged.kept * rate.customers;
                log_all[class] += rate.customers * libm::log(judged.kept.max(0.0));
            }
        }
        for class in (0..classes.len()).filter(|&class| is_mine(class)) {
            let totals = &mut all[class];
            totals.all_kept += libm::exp(log_all[class]);
            totals.windows += 1;
            totals.minutes += minutes;
            totals.note_length((minutes, minutes));
        }
        self.totals.classes = all;
        for tier in (0..model.platform.tiers).filter(|&tier| self.calendars.of_tier[tier] == calendar) {
            let of_tier = || (0..classes.len()).filter(|&class| classes[class].tier == tier);
            self.totals.all_kept[tier] += libm::exp(of_tier().map(|class| log_all[class]).sum());
            let strip = &mut self.totals.lost_by_window[tier];
            if self.with_strip && strip.len() < STRIP {
                let kept: f64 = of_tier().map(|class| kept[class]).sum();
                let all: f64 = of_tier().map(|class| f64::from(classes[class].count)).sum();
                strip.push(if all > 0.0 { 1.0 - kept / all } else { 0.0 });
            }
        }
    }
}
