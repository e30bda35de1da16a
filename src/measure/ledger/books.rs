//! The books of a replication: listens to flows, closes months and incidents.

use std::borrow::Cow;
use std::collections::HashMap;

use super::account::{Account, Alike, Piece};
use super::all_kept::AllKept;
use super::burn_rate::Alerts;
use super::calm::{Calm, judge};
pub use super::ground::Ground;
use super::homed::{Homed, exposed, only_tier};
use super::open::Open;
use super::reach;
use super::spread;
use super::totals::{Notable, StratumTotals, Totals};
use super::touched::Touched;
use super::window::allowed;
use crate::scenario::calendar::{Calendar, Calendars};
use crate::scenario::contract::Contract;
use crate::units::{MINUTE, MONTH, Nanos};
use crate::world::flow::observer::{Ending, FlowObserver, Onset, Stretch};

/// Windows kept for the strip of months.
const STRIP: usize = 120;

/// Sets of several cells whose exposed customers are remembered: years bring ever new ones.
const REMEMBERED: usize = 4_096;

/// The books of one replication.
#[derive(Debug)]
pub struct Books<'a> {
    ground: &'a Ground<'a>,
    months: Vec<Account>,
    harm: Vec<Account>,
    /// By calendar: tenancies that something has happened to in the window that is open.
    dirty: Vec<Vec<u32>>,
    is_dirty: Vec<bool>,
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
    /// Windows in which nothing happens.
    calm: Calm,
    /// By calendar: whom strikes touch in the window at hand, and whole windows so far.
    touched: Vec<(Touched, u64)>,
    /// Customers exposed where an incident took in more than one strike.
    exposed: HashMap<(usize, Vec<u32>), f64>,
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
        let tenancies = model.tenancies.len();
        let mut class_rate = vec![0.0; model.platform.classes.len()];
        model.tenancies.iter().for_each(|tenancy| class_rate[tenancy.class as usize] += tenancy.rate);
        let calendars = ground.scenario.calendars();
        let totals = Totals::new(&ground.shape());
        let touched =
            |calendar| (Touched::new(ground.scenario, tenancies, |tier| calendars.of_tier[tier] == calendar), 0);
        Books {
            ground,
            months: vec![Account::of_minutes(); tenancies],
            harm: vec![Account::of_parts(); tenancies],
            dirty: vec![Vec::new(); calendars.all.len()],
            is_dirty: vec![false; tenancies],
            judged: calendars.all.iter().map(|calendar| calendar.window(0).0).collect(),
            touched: (0..calendars.all.len()).map(touched).collect(),
            calendars,
            past: HashMap::new(),
            alerts: vec![Alerts::default(); class_rate.len()],
            class_rate,
            incidents: Vec::new(),
            calm: Calm::default(),
            exposed: HashMap::new(),
            tenancies: Vec::new(),
            scratch: vec![1.0; ground.rates.classes.len()],
            with_strip,
            totals,
        }
    }

    fn horizon(&self) -> Nanos {
        self.ground.model.platform.horizon
    }

    /// Windows will hear of a strike.
    fn touch(&mut self, onset: Onset<'_>) {
        self.touched.iter_mut().for_each(|(touched, _)| touched.struck(onset));
    }

    fn tier(&self, tenancy: usize) -> usize {
        self.ground.model.platform.classes[self.ground.model.tenancies[tenancy].class as usize].tier
    }

    fn contract(&self, tenancy: usize) -> &'a Contract {
        &self.ground.scenario.tiers[self.tier(tenancy)].contract
    }
}

impl FlowObserver for Books<'_> {
    fn opened(&mut self, incident: u32, onset: Onset<'_>) {
        let slot = incident as usize;
        if self.incidents.len() <= slot {
            self.incidents.resize_with(slot + 1, || None);
        }
        self.incidents[slot] = Some(Open::new(self.ground.exposure, onset, self.horizon()));
        self.touch(onset);
    }

    fn struck(&mut self, fault: usize) {
        self.totals.faults[fault].strikes += 1;
    }

    fn joined(&mut self, incident: u32, onset: Onset<'_>) {
        let horizon = self.horizon();
        if let Some(open) = &mut self.incidents[incident as usize] {
            open.join(self.ground.exposure, onset, horizon);
        }
        self.touch(onset);
    }

    fn merged(&mut self, incident: u32, gone: u32) {
        if let (Some(gone), Some(open)) = (self.incidents[gone as usize].take(), &mut self.incidents[incident as usize])
        {
            open.merge(self.ground.exposure, gone);
        }
    }

    fn failed(&mut self, stretch: Stretch) {
        let tenancy = stretch.tenancy as usize;
        let class = self.ground.model.tenancies[tenancy].class as usize;
        let base = self.ground.health.failed(tenancy)[stretch.level];
        let Stretch { from, to, failed, struck, gone, level, .. } = stretch;
        if !stretch.excluded && (failed != base || struck > 0.0 || gone.is_some()) {
            let calendar = self.calendars.of_tier[self.tier(tenancy)];
            let from = stretch.from.max(self.judged[calendar]);
            self.months[tenancy].add(Piece { from, to: to.max(from), failed, struck, gone, level, base });
            let held = gone.map_or(1.0, |(first, last)| {
                self.ground.health.lookups[level].held[class] * (1.0 - f64::midpoint(first, last))
            });
            let failed = 1.0 - (1.0 - struck) * held * (1.0 - failed);
            let rate = self.ground.model.tenancies[tenancy].rate * self.ground.model.factor(tenancy, level);
            let share = failed * rate / self.class_rate[class];
            self.alerts[class].failed(stretch.from, stretch.to, share);
            if !self.is_dirty[tenancy] {
                self.is_dirty[tenancy] = true;
                self.dirty[calendar].push(stretch.tenancy);
            }
        }
        let excess = (failed - base).max(0.0);
        self.harm[tenancy].add(Piece { from, to, failed: excess, struck, gone, level, base });
    }

    fn closed(&mut self, incident: u32, at: Nanos, cells: &[u32], ending: Ending) {
        let Some(open) = self.incidents[incident as usize].take() else { return };
        let model = self.ground.model;
        self.tenancies.clear();
        self.tenancies.extend(cells.iter().flat_map(|&cell| model.cells[cell as usize].tenancies.clone()));
        for &tenancy in &self.tenancies {
            self.harm[tenancy].close();
        }
        let happened = spread::Happened {
            model,
            rates: self.ground.rates,
            entries: &self.ground.health.entries,
            accounts: &self.harm,
            tenancies: &self.tenancies,
        };
        let harm = spread::harm(&happened, &mut self.scratch);
        for &tenancy in &self.tenancies {
            self.harm[tenancy].clear();
        }
        let mine = &self.ground.exposure.faults[open.fault];
        let exposed = match mine.place(cells).filter(|_| !mine.is_release()) {
            Some(place) => exposed(&place.homed, mine.only, None),
            None => {
                let only = only_tier(&self.ground.scenario.faults[open.fault].strikes);
                if self.exposed.len() == REMEMBERED {
                    self.exposed.clear();
                }
                let find = || spread::exposed(model, self.ground.rates, cells, only).iter().sum();
                *self.exposed.entry((open.fault, cells.to_vec())).or_insert_with(find)
            }
        };
        let totals = &mut self.totals.faults[open.fault];
        let all_harmed: f64 = harm.customers.iter().sum();
        let minutes: f64 = harm.minutes.iter().sum();
        if open.counted {
            totals.incidents += 1;
            totals.by_harmed.add_law(&harm.law().law(), 1.0);
            totals.is_drawn |= !harm.law().is_certain();
            totals.worst.iter_mut().zip(&harm.customers).for_each(|(most, here)| *most = most.max(*here));
            totals.worst_minutes = totals.worst_minutes.max(minutes);
            totals.stuck += u64::from(ending == Ending::NotRecovered);
            totals.cut_off += u64::from(ending == Ending::StillFaulted);
        }
        match open.reaches(self.ground.exposure) {
            Some((stratum, homed)) => {
                let stratum = &mut self.totals.strikes[open.fault][stratum];
                if open.counted {
                    stratum.note(totals, &harm, &homed);
                }
            }
            // A place that no clock knows: all of it is beyond.
            None if open.counted => StratumTotals::default().note(totals, &harm, &Homed::default()),
            None => {}
        }
        self.totals.share(open.fault, &open.parts(), minutes);
        let customers = (exposed, all_harmed);
        self.totals.note(Notable { fault: open.fault, span: (open.onset, at), customers, minutes, ending });
    }

    fn window_ended(&mut self, calendar: usize, from: Nanos, to: Nanos) {
        self.judged[calendar] = to;
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
        // What fails just before may still be told: of requests under way when a fault comes.
        self.sweep_alerts(to.saturating_sub(self.ground.exposure.margin), |other| other == calendar);
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

    /// The run is over: alerts look at its last hours, whole windows or not.
    pub fn finish(mut self) -> Totals {
        // What ends with the run is part of it.
        self.sweep_alerts(self.horizon() + 1, |_| true);
        self.totals
    }

    fn sweep_alerts(&mut self, to: Nanos, wanted: impl Fn(usize) -> bool) {
        let scenario = self.ground.scenario;
        for (index, class) in self.ground.model.platform.classes.iter().enumerate() {
            if wanted(self.calendars.of_tier[class.tier]) {
                let profile = self.ground.model.levels.is_varied().then_some(class.profile.as_ref());
                self.alerts[index].sweep(to, scenario.tiers[class.tier].contract.sla, profile);
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
        let by_level = self.ground.model.levels.minutes(from, to);
        let ground = self.ground;
        self.calm.prepare(ground, &by_level);
        let model = ground.model;
        let classes = &model.platform.classes;
        let is_mine = |class: usize| self.calendars.of_tier[classes[class].tier] == calendar;
        let varies = matches!(self.calendars.all[calendar], Calendar::Months(..));
        let (touched, passed) = &mut self.touched[calendar];
        // Rolling windows that come next reach back as far, but for a day.
        let next = if matches!(self.calendars.all[calendar], Calendar::Rolling(_)) { from } else { to };
        touched.look(model, ground.exposure.margin, (from, to), next);
        let place = std::mem::replace(passed, *passed + 1);
        let touched = &self.touched[calendar].0;
        let periods = self.totals.periods() as u64;
        let of_thirty_days = minutes as f64 / (MONTH / MINUTE) as f64;
        let mut all = std::mem::take(&mut self.totals.classes);
        // First as if nothing had happened, then what did: logarithms of the probability that all is kept.
        let mut all_of = vec![AllKept::default(); classes.len()];
        let mut kept = vec![0.0; classes.len()];
        let period_in = |tier: usize| {
            let windows = ground.reach.spans[tier].windows.max(1);
            (place * periods / windows).min(periods - 1) as usize
        };
        for (tenancy, calm) in self.calm.of(&by_level).iter().enumerate() {
            let class = model.tenancies[tenancy].class as usize;
            if !is_mine(class) {
                continue;
            }
            let tier = classes[class].tier;
            let rates = &ground.rates.classes[ground.rates.of_tenancy[tenancy].clone()];
            let happened = self.happened(tenancy);
            let touched = touched.minutes(tenancy);
            let is_reached = touched > 0.0;
            all_of[class].reached |= is_reached;
            let sla = ground.scenario.tiers[tier].contract.sla;
            let enough = is_reached && (!ground.reach.by_minutes[tenancy] || touched > allowed(sla, minutes) as f64);
            for (rate, calm) in rates.iter().zip(calm) {
                let judged = match &happened {
                    Some(happened) => &judge(ground, tenancy, rate, &by_level, happened),
                    None => calm,
                };
                let totals = &mut all[class];
                let customers = rate.customers;
                totals.periods[period_in(tier)].by_bad_minutes.add_law(&judged.law, customers);
                if varies {
                    for &(bad, odds) in &judged.law {
                        totals.by_rate.add(bad * (MONTH / MINUTE) as f64 / minutes as f64, odds * customers);
                    }
                }
                totals.is_drawn |= judged.cases.is_drawn();
                let worst = judged.worst(customers);
                if worst > totals.worst.0 {
                    totals.worst = (worst, to);
                }
                totals.worst_share = totals.worst_share.max(worst / minutes as f64);
                let here = &mut totals.periods[period_in(tier)];
                here.months += customers;
                here.touched += if is_reached { customers } else { 0.0 };
                let takes = if enough { customers } else { 0.0 };
                here.kept.take(calm.kept * customers, (calm.kept - judged.kept) * customers, takes);
                let bad = calm.cases.mean() * customers;
                let reachable = touched * customers * ground.reach.weights[class];
                here.bad_minutes.take(bad, judged.cases.mean() * customers - bad, reachable);
                let stake = if is_reached { reach::stake(self.contract(tenancy), rate) * of_thirty_days } else { 0.0 };
                here.credits.take(calm.credits * customers, (judged.credits - calm.credits) * customers, stake);
                kept[class] += judged.kept * customers;
                all_of[class].calm += customers * libm::log(calm.kept.max(0.0));
                all_of[class].found += customers * libm::log(judged.kept.max(0.0));
            }
        }
        for class in (0..classes.len()).filter(|&class| is_mine(class)) {
            let totals = &mut all[class];
            let here = &mut totals.periods[period_in(classes[class].tier)];
            all_of[class].into(&mut here.all_kept);
            here.windows += 1.0;
            totals.windows += 1;
        }
        self.totals.classes = all;
        self.touched[calendar].0.clear();
        for tier in (0..model.platform.tiers).filter(|&tier| self.calendars.of_tier[tier] == calendar) {
            let of_tier = || (0..classes.len()).filter(|&class| classes[class].tier == tier);
            let mut together = AllKept::default();
            of_tier().for_each(|class| together.add(all_of[class]));
            together.into(&mut self.totals.all_kept[tier][period_in(tier)]);
            let strip = &mut self.totals.lost_by_window[tier];
            if self.with_strip && strip.len() < STRIP {
                let kept: f64 = of_tier().map(|class| kept[class]).sum();
                let all: f64 = of_tier().map(|class| f64::from(classes[class].count)).sum();
                strip.push(if all > 0.0 { 1.0 - kept / all } else { 0.0 });
            }
        }
    }
}
