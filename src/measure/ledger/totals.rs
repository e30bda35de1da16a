//! Totals: what the books of a replication, or of several, add up to.

use super::burn_rate::POLICIES;
use super::scale::Scale;
use crate::units::Nanos;
use crate::world::flow::observer::Ending;

/// What a class (a workflow in a tier) had of its contract months.
#[derive(Debug, Clone, Default)]
pub struct ClassTotals {
    /// Contract months: customers times windows.
    pub months: f64,
    /// Those that kept the promise.
    pub kept: f64,
    /// Windows in which every customer kept it.
    pub all_kept: f64,
    /// Windows, and their minutes: in all, of the shortest, of the longest.
    pub windows: u64,
    /// Minutes of all windows.
    pub minutes: u64,
    /// Minutes of the shortest window and of the longest; (0, 0) without any.
    pub lengths: (u64, u64),
    /// Minutes of all contract months: customers times those of windows.
    pub contract_minutes: f64,
    /// Bad minutes, summed over contract months.
    pub bad_minutes: f64,
    /// Contract months by their bad minutes.
    pub by_bad_minutes: Scale,
    /// Dollars of credits.
    pub credits: f64,
    /// Contract months by their bad minutes per 30 days, where windows are of different lengths.
    pub by_rate: Scale,
    /// Most bad minutes of a customer in a window, the end of that window, and its minutes.
    pub worst: (f64, Nanos, u64),
    /// How often each alert fired.
    pub alerts: [u64; POLICIES.len()],
}

/// What a fault did.
#[derive(Debug, Clone, Default)]
pub struct FaultTotals {
    /// Incidents that began within the horizon.
    pub incidents: u64,
    /// Its strikes within the horizon: those that are part of another fault's incident too.
    pub strikes: u64,
    /// Harmed customers of each incident, by tier.
    pub harmed: Vec<f64>,
    /// Exposed customers, summed over incidents, by tier.
    pub exposed: Vec<f64>,
    /// Most exposed by one incident.
    pub exposed_most: f64,
    /// Harmed customer-minutes, by tier; of incidents from before time 0 too.
    pub minutes: Vec<f64>,
    /// Incidents by the customers they harmed.
    pub by_harmed: Scale,
    /// Most harmed by one incident, by tier.
    pub worst: Vec<f64>,
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
    /// By tier: windows in which every customer kept the promise in every workflow.
    pub all_kept: Vec<f64>,
    /// By fault.
    pub faults: Vec<FaultTotals>,
    /// The incidents that cost most customer-minutes.
    pub notable: Vec<Notable>,
    /// Of the first replication alone: by tier and window, the share of customer months lost.
    pub lost_by_window: Vec<Vec<f64>>,
}

/// Adds one row of sums to another.
pub(super) fn add(sums: &mut [f64], more: &[f64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

fn greatest(most: &mut [f64], here: &[f64]) {
    most.iter_mut().zip(here).for_each(|(most, here)| *most = most.max(*here));
}

impl ClassTotals {
    /// Adds another class of the same windows, or the same class of other windows but for their number.
    pub fn add(&mut self, other: &ClassTotals) {
        self.months += other.months;
        self.contract_minutes += other.contract_minutes;
        self.by_rate.merge(&other.by_rate);
        self.note_length(other.lengths);
        self.kept += other.kept;
        self.all_kept += other.all_kept;
        self.bad_minutes += other.bad_minutes;
        self.by_bad_minutes.merge(&other.by_bad_minutes);
        self.credits += other.credits;
        if other.worst.0 > self.worst.0 {
            self.worst = other.worst;
        }
    }
}

impl ClassTotals {
    /// Keeps the lengths of the shortest window and the longest.
    pub fn note_length(&mut self, (shortest, longest): (u64, u64)) {
        if longest > 0 {
            let least = if self.lengths.1 == 0 { shortest } else { self.lengths.0.min(shortest) };
            self.lengths = (least, self.lengths.1.max(longest));
        }
    }
}

impl FaultTotals {
    fn new(tiers: usize) -> FaultTotals {
        let zeros = || vec![0.0; tiers];
        FaultTotals { harmed: zeros(), exposed: zeros(), minutes: zeros(), worst: zeros(), ..FaultTotals::default() }
    }

    fn merge(&mut self, other: &FaultTotals) {
        self.incidents += other.incidents;
        self.strikes += other.strikes;
        add(&mut self.harmed, &other.harmed);
        add(&mut self.exposed, &other.exposed);
        self.exposed_most = self.exposed_most.max(other.exposed_most);
        add(&mut self.minutes, &other.minutes);
        self.by_harmed.merge(&other.by_harmed);
        greatest(&mut self.worst, &other.worst);
        self.stuck += other.stuck;
        self.cut_off += other.cut_off;
    }
}

impl Totals {
    /// Returns the totals of nothing yet, for so many of each.
    pub fn new(classes: usize, tiers: usize, faults: usize) -> Totals {
        Totals {
            classes: vec![ClassTotals::default(); classes],
            all_kept: vec![0.0; tiers],
            faults: vec![FaultTotals::new(tiers); faults],
            notable: Vec::new(),
            lost_by_window: vec![Vec::new(); tiers],
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

    /// Adds the totals of other years; notable incidents and lost windows stay as they are.
    pub fn merge(&mut self, other: &Totals) {
        for (mine, theirs) in self.classes.iter_mut().zip(&other.classes) {
            mine.add(theirs);
            mine.windows += theirs.windows;
            mine.minutes += theirs.minutes;
            mine.alerts.iter_mut().zip(theirs.alerts).for_each(|(mine, theirs)| *mine += theirs);
        }
        add(&mut self.all_kept, &other.all_kept);
        self.faults.iter_mut().zip(&other.faults).for_each(|(mine, theirs)| mine.merge(theirs));
    }
}
