//! Collecting replications: what each leaves behind, small, and the histograms of all of them merged.
//!
//! Replications finish in any order and are added up in theirs: what is added are always the first so many, even if the run is
//! ended while an earlier one is under way, and results do not depend on the number of threads.

use std::collections::BTreeMap;

use crate::catalogue::{Cause, LookupPath, QUANTILES};
use crate::engine::histogram::Histogram;
use crate::measure::tally::{RouterTally, Tally};
use crate::scenario::Scenario;
use crate::scenario::client::Client;
use crate::units::Nanos;
use crate::world::platform::Platform;

use super::sections::{Sections, quantile};
use crate::experiment::exposure::TargetId;
use crate::experiment::replication::budget::Budget;
use crate::experiment::replication::busy::{Waits, WhileFault};
use crate::experiment::replication::incident::Incident;
use crate::experiment::replication::{Counted, Replication};
use crate::measure::meter::Attained;
use crate::measure::timeline::Bin;

/// Requests whose latencies are reported together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Workflow index; `None`: all.
    pub workflow: Option<usize>,
    /// Tier index; `None`: all.
    pub tier: Option<usize>,
    /// Classes in it.
    pub classes: Vec<usize>,
}

impl Slice {
    /// Returns the longest deadline of its requests.
    pub fn deadline(&self, scenario: &Scenario) -> Nanos {
        longest_deadline(scenario, self.workflow, self.tier)
    }
}

/// Returns the longest deadline of a workflow's and a tier's requests; of all, without one.
pub fn longest_deadline(scenario: &Scenario, workflow: Option<usize>, tier: Option<usize>) -> Nanos {
    clients(scenario, workflow, tier).map(|client| client.deadline).max().unwrap_or(0)
}

/// Returns the most attempts and hedges that one of these requests may make.
pub fn most_attempts(scenario: &Scenario, workflow: Option<usize>, tier: Option<usize>) -> f64 {
    let copies = |client: &Client| 1.0 + client.hedge.map_or(0.0, |hedge| f64::from(hedge.copies));
    let attempts = |client: &Client| f64::from(client.attempts) * copies(client);
    clients(scenario, workflow, tier).map(attempts).fold(1.0, f64::max)
}

/// The clients of a workflow and a tier; of all, without one.
fn clients(scenario: &Scenario, workflow: Option<usize>, tier: Option<usize>) -> impl Iterator<Item = &Client> {
    let some = |one: Option<usize>, n: usize| one.map_or(0..n, |one| one..one + 1);
    let tiers = move || some(tier, scenario.tiers.len());
    let classes =
        some(workflow, scenario.workflows.len()).flat_map(move |w| tiers().map(move |t| scenario.class(w, t)));
    classes.flatten().map(|class| &class.client)
}

/// Lists the slices of a scenario: every class, every workflow, every tier, all.
pub fn slices(platform: &Platform) -> Vec<Slice> {
    // All workflows come first, and all tiers within each.
    let mut slices: BTreeMap<(Option<usize>, Option<usize>), Vec<usize>> = BTreeMap::new();
    for (index, class) in platform.classes.iter().enumerate() {
        for workflow in [None, Some(class.workflow)] {
            for tier in [None, Some(class.tier)] {
                slices.entry((workflow, tier)).or_default().push(index);
            }
        }
    }
    slices.into_iter().map(|((workflow, tier), classes)| Slice { workflow, tier, classes }).collect()
}

/// Counts of one slice in one replication.
#[derive(Debug, Clone, Default)]
pub struct SliceCount {
    /// Requests.
    pub requests: u64,
    /// Answered in time.
    pub ok: u64,
    /// Failed, by cause.
    pub failed: [u64; Cause::ALL.len()],
    /// Attempts, hedges included.
    pub attempts: u64,
    /// Calls of fan-outs, each destination counted once.
    pub calls: u64,
    /// Calls beyond these: hedges.
    pub second_calls: u64,
    /// Quantiles of all requests' latency in nanoseconds (infinite beyond the deadline), and of ok ones'; `None` without requests.
    pub latency: [Option<(f64, f64)>; QUANTILES.len()],
    /// Sum of the ok requests' latencies, in nanoseconds.
    pub latency_sum: f64,
    /// Ok requests under each of the limits that are asked about; empty if there were none.
    pub under: Vec<u64>,
}

impl SliceCount {
    /// Returns the number of failed requests.
    pub fn all_failed(&self) -> u64 {
        self.failed.iter().sum()
    }
}

/// One world of one replication.
#[derive(Debug, Clone)]
pub struct WorldCount {
    /// By slice.
    pub slices: Vec<SliceCount>,
    /// All look-ups.
    pub router: RouterCount,
    /// Look-ups by path, and all of them.
    pub look_ups: [LookUps; LookupPath::ALL.len() + 1],
    /// The bins.
    pub timeline: Vec<Bin>,
    /// Look-ups at the store in the busiest second.
    pub busiest_store: u32,
    /// Mean number of attempts in the queues of stations, by bin.
    pub waiting: Vec<f64>,
    /// By station: how long attempts waited in it.
    pub waits: Vec<Waits>,
    /// Mean busy slots of each station.
    pub busy: Vec<f64>,
    /// Requests that arrived while a fault lasted: by fault, then by slice; empty if none did.
    pub while_faults: Vec<Vec<SliceCount>>,
}

/// Look-ups of one world of one replication, as the time line counts them.
#[derive(Debug, Clone, Copy, Default)]
pub struct RouterCount {
    /// All of them.
    pub look_ups: u64,
    /// Those that the cache answered.
    pub hits: u64,
    /// Those at the mapping store.
    pub at_store: u64,
}

/// Look-ups of one path of one world of one replication.
#[derive(Debug, Clone, Copy, Default)]
pub struct LookUps {
    /// All of them.
    pub all: u64,
    /// Those that found no cell.
    pub lost: u64,
    /// Quantiles of their latency in nanoseconds, infinite where lost.
    pub quantiles: [Option<f64>; QUANTILES.len()],
}

/// What a replication leaves behind.
#[derive(Debug, Clone)]
pub struct Run {
    /// Which replication, from 0.
    pub index: u32,
    /// With faults.
    pub with_faults: WorldCount,
    /// Without; `None` if there were none.
    pub without: Option<WorldCount>,
    /// Its incidents.
    pub incidents: Vec<Incident>,
    /// Its budgets.
    pub budgets: Vec<Budget>,
    /// Whole contract windows, by meter group.
    pub attained: Vec<Attained>,
    /// Faulted cells by bin.
    pub faulted_cells: Vec<u32>,
    /// By fault: how busy the stations were while it lasted.
    pub busy_while: Vec<Option<WhileFault>>,
    /// Every strike: which fault, and where.
    pub strikes: Vec<(usize, TargetId)>,
}

impl Run {
    /// Returns the fault-free world.
    pub fn calm(&self) -> &WorldCount {
        self.without.as_ref().unwrap_or(&self.with_faults)
    }
}

/// Histograms of all replications together.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// By class.
    pub tallies: Vec<Tally>,
    /// The router.
    pub router: RouterTally,
    /// Requests that arrived while a fault lasted: by fault, then by class.
    while_faults: Vec<Tally>,
    /// Histograms of neighbouring replications: of classes, of the router's paths, and while faults lasted.
    pub sections: Sections,
}

impl Merged {
    fn add(&mut self, index: u32, counted: &Counted) {
        merge(&mut self.tallies, &counted.tallies);
        merge(&mut self.while_faults, &counted.while_faults);
        self.router.merge(&counted.router);
        let router = counted.router.latency.iter();
        let histograms = latencies(&counted.tallies).chain(router).chain(latencies(&counted.while_faults));
        self.sections.add(index, histograms);
    }

    /// Returns the tally of a slice.
    pub fn slice(&self, slice: &Slice) -> Tally {
        slice_tally(&self.tallies, slice)
    }

    /// Returns the tally of a slice while a fault lasted.
    pub fn slice_while(&self, fault: usize, slice: &Slice) -> Tally {
        let first = fault * self.tallies.len();
        self.while_faults
            .get(first..first + self.tallies.len())
            .map_or_else(Tally::default, |own| slice_tally(own, slice))
    }

    /// Returns where the sections hold the histograms of a slice; while a fault lasted, if one is given.
    pub fn histograms_of(&self, slice: &Slice, fault: Option<usize>) -> Vec<usize> {
        let classes = self.tallies.len();
        let first = fault.map_or(0, |fault| classes + LookupPath::ALL.len() + fault * classes);
        slice.classes.iter().map(|class| first + class).collect()
    }

    /// Returns where the sections hold the histograms of a path of the router, or of all paths.
    pub fn histograms_of_path(&self, path: usize) -> Vec<usize> {
        let paths = if path < LookupPath::ALL.len() { path..path + 1 } else { 0..LookupPath::ALL.len() };
        paths.map(|path| self.tallies.len() + path).collect()
    }
}

fn latencies(tallies: &[Tally]) -> impl Iterator<Item = &Histogram> {
    tallies.iter().map(|tally| &tally.latency)
}

fn merge(mine: &mut Vec<Tally>, theirs: &[Tally]) {
    mine.resize(mine.len().max(theirs.len()), Tally::default());
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        mine.merge(theirs);
    }
}

/// All replications so far.
#[derive(Debug, Default)]
pub struct Collected {
    /// With faults, merged.
    pub with_faults: Merged,
    /// Without faults, merged (the same where there were none).
    pub calm: Merged,
    /// One by one, in their order.
    pub runs: Vec<Run>,
    /// Done before their turn.
    waiting: BTreeMap<u32, Replication>,
    /// Seconds in a bin of the time line.
    pub bin_seconds: f64,
}

impl Collected {
    /// Takes a replication, whichever comes first. Returns how many have come.
    pub fn take(&mut self, index: u32, replication: Replication, slices: &[Slice]) -> u32 {
        self.waiting.insert(index, replication);
        while let Some(next) = self.waiting.remove(&(self.runs.len() as u32)) {
            self.add(self.runs.len() as u32, next, slices);
        }
        (self.runs.len() + self.waiting.len()) as u32
    }

    fn add(&mut self, index: u32, replication: Replication, slices: &[Slice]) {
        self.with_faults.add(index, &replication.with_faults);
        self.calm.add(index, replication.without.as_ref().unwrap_or(&replication.with_faults));
        self.bin_seconds = crate::units::seconds(replication.with_faults.timeline.width);
        self.runs.push(Run {
            index,
            with_faults: world_count(&replication.with_faults, slices),
            without: replication.without.as_ref().map(|counted| world_count(counted, slices)),
            incidents: replication.incidents,
            budgets: replication.budgets,
            attained: replication.attained,
            faulted_cells: replication.faulted_cells,
            busy_while: replication.busy_while,
            strikes: replication.strikes,
        });
    }
}

fn slice_tally(tallies: &[Tally], slice: &Slice) -> Tally {
    let mut sum = Tally::default();
    for &class in &slice.classes {
        sum.merge(&tallies[class]);
    }
    sum
}

fn slice_counts(tallies: &[Tally], slices: &[Slice]) -> Vec<SliceCount> {
    let count = |slice: &Slice| {
        let tally = slice_tally(tallies, slice);
        SliceCount {
            requests: tally.requests,
            ok: tally.ok(),
            failed: tally.failed,
            attempts: tally.requests + tally.retries + tally.hedges,
            calls: tally.calls,
            second_calls: tally.second_calls,
            latency: QUANTILES.map(|(_, p)| {
                let all = quantile(&tally.latency, p, tally.requests)?.0;
                let ok = quantile(&tally.latency, p, tally.ok()).map_or(f64::INFINITY, |at| at.0);
                Some((all, ok))
            }),
            latency_sum: tally.latency.sum(),
            under: tally.under,
        }
    };
    slices.iter().map(count).collect()
}

fn world_count(counted: &Counted, slices: &[Slice]) -> WorldCount {
    let classes = counted.tallies.len().max(1);
    let while_faults = counted.while_faults.chunks(classes).map(|own| slice_counts(own, slices)).collect();
    let slices = slice_counts(&counted.tallies, slices);
    WorldCount {
        slices,
        router: counted.timeline.bins.iter().fold(RouterCount::default(), |sum, bin| RouterCount {
            look_ups: sum.look_ups + u64::from(bin.lookups),
            hits: sum.hits + u64::from(bin.hits),
            at_store: sum.at_store + u64::from(bin.store),
        }),
        look_ups: std::array::from_fn(|path| {
            let (histogram, lost) = counted.router.path(path);
            let all = histogram.total() + lost;
            LookUps { all, lost, quantiles: QUANTILES.map(|(_, p)| quantile(&histogram, p, all).map(|at| at.0)) }
        }),
        timeline: counted.timeline.bins.clone(),
        busiest_store: counted.timeline.busiest_store,
        waiting: counted.timeline.waiting(),
        waits: counted.waits.clone(),
        busy: counted.busy.clone(),
        while_faults,
    }
}
