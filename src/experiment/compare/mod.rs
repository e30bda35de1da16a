//! Designs compared on the same requests: paired differences, and a verdict that allows for their number.
//!
//! # Model
//! All designs run with the first one's seed, replications and confidence, and with the longest of their warm-ups: replication i
//! of one meets the same requests with the same luck as replication i of another. Differences are taken pair by pair and have
//! Student's t interval; those of harm that random faults do, the anchored one, which counts what these histories did not happen
//! to strike. Whether one is beyond chance is judged by Holm over all differences of the comparison.
//!
//! "The same" is said of what follows from the scenario, of designs that are one, and of numbers without random faults that are the
//! same in every replication: the same requests, with the same luck, met the same. Where random faults are about, histories that met
//! none of them, or the same ones, show no difference; what they did not meet may make one.
//!
//! Demand must be the same: counted class by class, in every replication.

mod difference;
mod measures;

pub use difference::{Change, Difference};

use std::sync::Arc;

use serde::Serialize;

use crate::catalogue::Level;
use crate::diagnostic::Diagnostics;
use crate::engine::stats::Estimate;
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::{Collected, Slice};
use crate::experiment::design::work;
use crate::experiment::exposure::Exposure;
use crate::experiment::outcome::Facts;
use crate::experiment::replication;
use crate::experiment::study::job::{self, Job};
use crate::experiment::study::warmup;
use crate::experiment::study::watch::{Options, RunError, Watcher, spared};
use crate::machine;
use crate::scenario::Scenario;
use crate::units::seconds;
use crate::world::platform::Platform;
use difference::{difference, judge, only_here};
use measures::measures;

/// What a comparison found.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The designs; all are compared with the first.
    pub designs: Vec<Design>,
    /// Seed of all.
    pub seed: u64,
    /// Level of confidence of the intervals, and of all verdicts together.
    pub confidence: f64,
    /// Warm-up of all, in seconds.
    pub warmup_seconds: f64,
    /// Measured time, in seconds.
    pub horizon_seconds: f64,
    /// Replications asked for.
    pub replications_asked: u32,
    /// Replications that all designs have done.
    pub replications_done: u32,
    /// Where demand differs from the first design's, in words; empty if it is the same.
    pub demand_differs: Vec<String>,
    /// All differences, design by design.
    pub differences: Vec<Difference>,
}

/// A design.
#[derive(Debug, Clone, Serialize)]
pub struct Design {
    /// Scenario name.
    pub name: String,
    /// Title from the file.
    pub title: String,
    /// The scenario file, as given on the command line.
    pub file: String,
}

/// One design, run.
struct Ran {
    scenario: Scenario,
    facts: Facts,
    collected: Collected,
    slices: Vec<Slice>,
    exposures: Vec<Option<Exposure>>,
    platform: Arc<Platform>,
}

/// Compares designs with the first of them.
///
/// # Errors
/// If a design cannot be run or has another horizon, or nothing was done before it was interrupted.
///
/// # Determinism
/// As for a run: the same bytes on any number of threads.
pub fn compare(scenarios: &[Scenario], options: &Options, watcher: &dyn Watcher) -> Result<Comparison, RunError> {
    let mut scenarios = scenarios.to_vec();
    let first = scenarios[0].run;
    let asked = options.replications.unwrap_or(first.replications);
    let pool = job::threads(options)?;
    let mut longest = 0;
    for scenario in &mut scenarios {
        if scenario.run.horizon != first.horizon {
            let message = "designs can be compared over the same horizon only";
            let help = "give both the same horizon, or --set run.horizon=..";
            let error = scenario.error_at("run.horizon", message, "differs from the first design's", Some(help));
            return Err(RunError::Scenario(Diagnostics(vec![error])));
        }
        if scenario.run.level == Level::Incident {
            let message = "designs are compared request by request";
            let help = "--set run.level=request, with a horizon of minutes; years are run one design at a time";
            let error =
                scenario.error_at("run.level", message, "months and years have no pairs of requests", Some(help));
            return Err(RunError::Scenario(Diagnostics(vec![error])));
        }
        scenario.run.seed = options.seed.unwrap_or(first.seed);
        scenario.run.replications = asked;
        scenario.run.confidence = first.confidence;
        work::check(scenario, pool.current_num_threads(), machine::memory()).map_err(RunError::Scenario)?;
        longest = longest.max(spared(|| pool.install(|| warmup::of(scenario)).map_err(RunError::Scenario))?);
    }
    for scenario in &mut scenarios {
        scenario.run.warmup = longest;
    }
    let jobs: Vec<Job<'_>> = spared(|| scenarios.iter().map(Job::new).collect::<Result<_, _>>())?;
    let length = replication::simulated_seconds(&scenarios[0]);
    watcher.started(asked.saturating_mul(jobs.len() as u32), length);
    pool.install(|| job::replicate(&jobs, asked, watcher));
    let finish = |job: Job<'_>| {
        let collected = job.collected.into_inner().expect("no thread panics while it holds the results");
        Ran {
            scenario: job.scenario.clone(),
            facts: job.facts,
            collected,
            slices: job.slices,
            exposures: job.exposures,
            platform: job.platform,
        }
    };
    let mut designs: Vec<Ran> = jobs.into_iter().map(finish).collect();
    keep_common(&mut designs);
    if designs[0].collected.runs.is_empty() {
        return Err(RunError::Interrupted);
    }
    Ok(compared(&designs, asked))
}

/// An interrupted comparison keeps the replications that every design has done.
fn keep_common(designs: &mut [Ran]) {
    let common = designs.iter().map(|design| design.collected.runs.len()).min().unwrap_or(0);
    for design in designs {
        design.collected.runs.truncate(common);
    }
}

fn compared(designs: &[Ran], asked: u32) -> Comparison {
    let first = &designs[0];
    let confidence = first.scenario.run.confidence;
    let of = |ran: &Ran| {
        let unseen = Unseen::of(&ran.scenario, &ran.platform, &ran.exposures, &ran.collected);
        measures(&ran.scenario, &ran.facts, &ran.collected, &ran.slices, (&ran.exposures, &unseen))
    };
    let base = of(first);
    let mut differences = Vec::new();
    for (design, ran) in designs.iter().enumerate().skip(1) {
        let mine = of(ran);
        let is_itself = is_same_scenario(&first.scenario, &ran.scenario);
        for measure in &base {
            let other = mine.iter().find(|other| other.subject == measure.subject);
            let mut found = difference(design, measure, other, confidence);
            if is_itself && found.change == Change::NotSeen {
                (found.difference, found.p_value, found.change) = (Estimate::exact(0.0), None, Change::Same);
            }
            differences.push(found);
        }
        let only = mine.iter().filter(|other| !base.iter().any(|measure| measure.subject == other.subject));
        differences.extend(only.map(|other| only_here(design, other, confidence)));
    }
    judge(&mut differences, 1.0 - confidence);
    Comparison {
        designs: designs
            .iter()
            .map(|ran| Design {
                name: ran.scenario.name.clone(),
                title: ran.scenario.title.clone(),
                file: ran.scenario.path.display().to_string(),
            })
            .collect(),
        seed: first.scenario.run.seed,
        confidence,
        warmup_seconds: seconds(first.scenario.run.warmup),
        horizon_seconds: seconds(first.scenario.run.horizon),
        replications_asked: asked,
        replications_done: first.collected.runs.len() as u32,
        demand_differs: designs[1..].iter().filter_map(|ran| demand_differs(first, ran)).collect(),
        differences,
    }
}

/// Whether two designs are one: what was read comes to the same.
fn is_same_scenario(one: &Scenario, other: &Scenario) -> bool {
    let digests = |scenario: &Scenario| scenario.digests.iter().map(|digest| digest.1.clone()).collect::<Vec<_>>();
    digests(one) == digests(other)
}

/// Says how a design's demand differs from the first one's: class by class, in every replication.
fn demand_differs(first: &Ran, other: &Ran) -> Option<String> {
    let requests = |ran: &Ran| -> Vec<(String, Vec<u64>)> {
        let classes = ran.slices.iter().enumerate().filter_map(|(index, slice)| {
            let (workflow, tier) = (slice.workflow?, slice.tier?);
            let name = format!("{}/{}", ran.scenario.workflows[workflow].name, ran.scenario.tiers[tier].name);
            Some((name, ran.collected.runs.iter().map(|run| run.calm().slices[index].requests).collect()))
        });
        classes.collect()
    };
    let (mine, theirs) = (requests(first), requests(other));
    let found = |classes: &[(String, Vec<u64>)], name: &str| {
        classes.iter().find(|class| class.0 == name).map(|class| class.1.clone())
    };
    let mut names: Vec<&String> = mine.iter().chain(&theirs).map(|class| &class.0).collect();
    names.sort();
    names.dedup();
    let differs: Vec<&str> =
        names.into_iter().filter(|name| found(&mine, name) != found(&theirs, name)).map(String::as_str).collect();
    let (name, base) = (&other.scenario.name, &first.scenario.name);
    (!differs.is_empty()).then(|| format!("{name} does not serve the same requests as {base}: {}", differs.join(", ")))
}
