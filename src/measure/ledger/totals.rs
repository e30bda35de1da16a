//! Totals: what the books of a replication, or of several, add up to.

use super::burn_rate::POLICIES;
use super::homed::Homed;
use super::open::Part;
use super::scale::Scale;
use super::spread::Harm;
use crate::engine::stats::anchored::Sample;
use crate::units::Nanos;
use crate::world::flow::observer::Ending;

/// Harm beside what bounds it: of a part of a replication, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Anchored {
    /// What there would have been without any strike.
    pub calm: f64,
    /// What strikes took, where they reach.
    pub harm: f64,
    /// What they could take there.
    pub reach: f64,
    /// What was taken where no strike reaches: what outlasts a fault.
    pub beyond: f64,
}

impl Anchored {
    /// Adds what came of a month: harm up to what was in reach.
    pub fn take(&mut self, calm: f64, harm: f64, reach: f64) {
        let harm = harm.max(0.0);
        self.calm += calm;
        self.harm += harm.min(reach);
        self.reach += reach;
        self.beyond += (harm - reach).max(0.0);
    }

    /// Adds another.
    pub fn add(&mut self, other: &Anchored) {
        self.calm += other.calm;
        self.harm += other.harm;
        self.reach += other.reach;
        self.beyond += other.beyond;
    }

    /// Returns what was taken in all.
    pub fn taken(&self) -> f64 {
        self.harm + self.beyond
    }
}

/// Contract months of a class in one part of a replication.
#[derive(Debug, Clone, Default)]
pub struct Period {
    /// Contract months: customers times windows.
    pub months: f64,
    /// Windows.
    pub windows: f64,
    /// Contract months that a strike touched.
    pub touched: f64,
    /// Contract months kept, beside those that strikes could take.
    pub kept: Anchored,
    /// Windows in which every customer kept its promise.
    pub all_kept: Anchored,
    /// Bad minutes, summed over contract months: here strikes add.
    pub bad_minutes: Anchored,
    /// Dollars of credits: here strikes add.
    pub credits: Anchored,
    /// Contract months by their bad minutes.
    pub by_bad_minutes: Scale,
}

impl Period {
    /// Adds another class of the same windows, or the same class of other windows but for their number.
    pub fn add(&mut self, other: &Period) {
        self.months += other.months;
        self.touched += other.touched;
        self.kept.add(&other.kept);
        self.all_kept.add(&other.all_kept);
        self.bad_minutes.add(&other.bad_minutes);
        self.credits.add(&other.credits);
        self.by_bad_minutes.merge(&other.by_bad_minutes);
    }
}

/// What a class (a workflow in a tier) had of its contract months.
#[derive(Debug, Clone, Default)]
pub struct ClassTotals {
    /// Equally many windows each, as nearly as can be.
    pub periods: Vec<Period>,
    /// Windows.
    pub windows: u64,
    /// Contract months by their bad minutes per 30 days, where windows are of different lengths.
    pub by_rate: Scale,
    /// Most bad minutes of a customer in a window, and the end of that window.
    pub worst: (f64, Nanos),
    /// Greatest bad share of a customer's window.
    pub worst_share: f64,
    /// Whether customers to whom the same happened may come to different numbers of bad minutes.
    pub is_drawn: bool,
    /// How often each alert fired.
    pub alerts: [u64; POLICIES.len()],
}

/// What strikes of one stratum did, one by one.
#[derive(Debug, Clone, Default)]
pub struct StratumTotals {
    /// Incidents that began within the horizon.
    pub incidents: u64,
    /// Harmed beside exposed customers of each: of all tiers.
    pub customers: Sample,
    /// The same of each tier, and incidents by its customers that they harmed; empty where one tier alone is exposed.
    pub by_tier: Vec<(Sample, Scale)>,
    /// Harmed minutes of customers beside those that each strike touches; of strikes from before time 0 too.
    pub minutes: Sample,
    /// Incidents by the customers they harmed.
    pub by_harmed: Scale,
}

impl StratumTotals {
    /// Notes what an incident did to customers, beside those exposed; what it did beyond goes to its fault.
    pub(super) fn note(&mut self, fault: &mut FaultTotals, harm: &Harm, homed: &Homed) {
        let harmed = &harm.customers;
        let all: f64 = harmed.iter().sum();
        let exposed = homed.all();
        self.incidents += 1;
        self.by_harmed.add_law(&harm.law().law(), 1.0);
        self.customers.add(all.min(exposed), exposed);
        fault.beyond.1 += (all - exposed).max(0.0);
        let several = homed.customers.iter().filter(|&&customers| customers > 0.0).count() > 1;
        if several && self.by_tier.is_empty() {
            self.by_tier = vec![<(Sample, Scale)>::default(); harmed.len()];
        }
        for (tier, &here) in harmed.iter().enumerate() {
            let exposed = homed.customers.get(tier).copied().unwrap_or(0.0);
            if several {
                self.by_tier[tier].0.add(here.min(exposed), exposed);
                self.by_tier[tier].1.add_law(&harm.laws[tier].law(), 1.0);
            }
            fault.beyond.0[tier] += (here - exposed).max(0.0);
        }
    }

    /// Adds the strikes of one replication.
    fn take_run(&mut self, other: &StratumTotals) {
        self.incidents += other.incidents;
        self.customers.take_run(&other.customers);
        if self.by_tier.len() < other.by_tier.len() {
            self.by_tier.resize_with(other.by_tier.len(), Default::default);
        }
        for (mine, theirs) in self.by_tier.iter_mut().zip(&other.by_tier) {
            mine.0.take_run(&theirs.0);
            mine.1.merge(&theirs.1);
        }
        self.minutes.take_run(&other.minutes);
        self.by_harmed.merge(&other.by_harmed);
    }
}

/// What a fault did.
#[derive(Debug, Clone, Default)]
pub struct FaultTotals {
    /// Its strikes within the horizon: those that are part of another fault's incident too.
    pub strikes: u64,
    /// Incidents that began within the horizon and are told of it.
    pub incidents: u64,
    /// Harmed customers of incidents beyond those exposed, by tier, and of all tiers.
    pub beyond: (Vec<f64>, f64),
    /// Harmed customer-minutes; of incidents from before time 0 too, and its share of those that are told of other faults.
    pub minutes: f64,
    /// Those that were harmed beyond what it touches.
    pub minutes_beyond: f64,
    /// Incidents by the customers they harmed.
    pub by_harmed: Scale,
    /// Whether an incident may harm more customers or fewer by their luck.
    pub is_drawn: bool,
    /// Most harmed by one incident, by tier.
    pub worst: Vec<f64>,
    /// Most customer-minutes of one incident.
    pub worst_minutes: f64,
    /// Incidents that never recovered.
    pub stuck: u64,
    /// Incidents that the horizon cut off.
    pub cut_off: u64,
}

/// One of the worst incidents.
#[derive(Debug, Clone, PartialEq)]
pub struct Notable {
    /// Fault index.
    pub fault: usize,
    /// Onset and end, from time 0.
    pub span: (Nanos, Nanos),
    /// Customers exposed and harmed.
    pub customers: (f64, f64),
    /// Harmed customer-minutes.
    pub minutes: f64,
    /// How it ended.
    pub ending: Ending,
}

/// Notable incidents kept.
pub const NOTABLE: usize = 100;

/// All totals of a replication.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// By class.
    pub classes: Vec<ClassTotals>,
    /// By tier and period: windows in which every customer kept the promise in every workflow.
    pub all_kept: Vec<Vec<Anchored>>,
    /// By fault.
    pub faults: Vec<FaultTotals>,
    /// By fault and stratum: strikes, one by one.
    pub strikes: Vec<Vec<StratumTotals>>,
    /// The incidents that cost most customer-minutes.
    pub notable: Vec<Notable>,
    /// Of the first replication alone: by tier and window, the share of customer months lost.
    pub lost_by_window: Vec<Vec<f64>>,
}

/// Adds one row of sums to another.
fn add(sums: &mut [f64], more: &[f64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

fn greatest(most: &mut [f64], here: &[f64]) {
    most.iter_mut().zip(here).for_each(|(most, here)| *most = most.max(*here));
}

impl FaultTotals {
    fn new(tiers: usize) -> FaultTotals {
        let zeros = || vec![0.0; tiers];
        FaultTotals { beyond: (zeros(), 0.0), worst: zeros(), ..FaultTotals::default() }
    }

    fn merge(&mut self, other: &FaultTotals) {
        self.strikes += other.strikes;
        self.incidents += other.incidents;
        add(&mut self.beyond.0, &other.beyond.0);
        self.beyond.1 += other.beyond.1;
        self.minutes += other.minutes;
        self.minutes_beyond += other.minutes_beyond;
        self.by_harmed.merge(&other.by_harmed);
        self.is_drawn |= other.is_drawn;
        greatest(&mut self.worst, &other.worst);
        self.worst_minutes = self.worst_minutes.max(other.worst_minutes);
        self.stuck += other.stuck;
        self.cut_off += other.cut_off;
    }
}

/// How many of what there is to add up.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Classes.
    pub classes: usize,
    /// Tiers.
    pub tiers: usize,
    /// Strata of each fault.
    pub strata: Vec<usize>,
    /// Periods of a replication: a power of 2.
    pub periods: usize,
}

/// Adds the strikes of one replication, one by one, to others of the same faults and strata.
pub fn take_strikes(strikes: &mut Vec<Vec<StratumTotals>>, run: &[Vec<StratumTotals>]) {
    if strikes.is_empty() {
        *strikes = run.iter().map(|strata| vec![StratumTotals::default(); strata.len()]).collect();
    }
    let pairs = strikes.iter_mut().flatten().zip(run.iter().flatten());
    pairs.filter(|(_, run)| run.minutes.units() > 0).for_each(|(mine, run)| mine.take_run(run));
}

impl Totals {
    /// Returns the totals of nothing yet.
    pub fn new(shape: &Shape) -> Totals {
        let class = ClassTotals { periods: vec![Period::default(); shape.periods], ..ClassTotals::default() };
        Totals {
            classes: vec![class; shape.classes],
            all_kept: vec![vec![Anchored::default(); shape.periods]; shape.tiers],
            faults: vec![FaultTotals::new(shape.tiers); shape.strata.len()],
            strikes: shape.strata.iter().map(|&strata| vec![StratumTotals::default(); strata]).collect(),
            notable: Vec::new(),
            lost_by_window: vec![Vec::new(); shape.tiers],
        }
    }

    /// Returns how many periods there are.
    pub fn periods(&self) -> usize {
        self.all_kept.first().map_or(1, Vec::len)
    }

    /// Makes one period of every two neighbours.
    pub fn halve_periods(&mut self) {
        for class in &mut self.classes {
            let mut halves = std::mem::take(&mut class.periods).into_iter();
            while let Some(mut first) = halves.next() {
                if let Some(second) = halves.next() {
                    first.windows += second.windows;
                    first.add(&second);
                }
                class.periods.push(first);
            }
        }
        for tier in &mut self.all_kept {
            let halves = tier.chunks(2).map(|pair| {
                let mut first = pair[0];
                pair[1..].iter().for_each(|second| first.add(second));
                first
            });
            *tier = halves.collect();
        }
    }

    /// Shares the harmed minutes of an incident among its strikes, in proportion to those that each touches; what is beyond all of
    /// them goes to the fault that it is told of. Strikes of one incident are no units of their own.
    pub(super) fn share(&mut self, told: usize, parts: &[Part], minutes: f64) {
        let touched: f64 = parts.iter().map(|part| part.minutes).sum();
        let within = minutes.min(touched);
        self.faults[told].minutes += minutes - within;
        self.faults[told].minutes_beyond += minutes - within;
        for alike in parts.chunk_by(|one, other| one.of == other.of) {
            let (fault, stratum) = alike[0].of;
            let sample = &mut self.strikes[fault][stratum].minutes;
            for part in alike {
                let share = if touched > 0.0 { within * part.minutes / touched } else { 0.0 };
                sample.add(share, part.minutes);
                self.faults[fault].minutes += share;
            }
            sample.tie(alike.len() as u64);
        }
    }

    /// Keeps an incident if it is among those that cost most.
    pub fn note(&mut self, incident: Notable) {
        let place = self.notable.partition_point(|other| other.minutes >= incident.minutes);
        if place < NOTABLE {
            self.notable.insert(place, incident);
            self.notable.truncate(NOTABLE);
        }
    }

    /// Adds the totals of other years; notable incidents, single strikes and lost windows stay as they are.
    pub fn merge(&mut self, other: &Totals) {
        for (mine, theirs) in self.classes.iter_mut().zip(&other.classes) {
            for (mine, theirs) in mine.periods.iter_mut().zip(&theirs.periods) {
                mine.windows += theirs.windows;
                mine.add(theirs);
            }
            if theirs.worst.0 > mine.worst.0 {
                mine.worst = theirs.worst;
            }
            mine.worst_share = mine.worst_share.max(theirs.worst_share);
            mine.windows += theirs.windows;
            mine.is_drawn |= theirs.is_drawn;
            mine.by_rate.merge(&theirs.by_rate);
            mine.alerts.iter_mut().zip(theirs.alerts).for_each(|(mine, theirs)| *mine += theirs);
        }
        for (mine, theirs) in self.all_kept.iter_mut().flatten().zip(other.all_kept.iter().flatten()) {
            mine.add(theirs);
        }
        self.faults.iter_mut().zip(&other.faults).for_each(|(mine, theirs)| mine.merge(theirs));
    }
}
