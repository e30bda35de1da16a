//! Points, resolved: what each is, what is left out without simulating it, and which are the same scenario.

use crate::catalogue::{Metric, Statistic};
use crate::diagnostic::Diagnostics;
use crate::experiment;
use crate::experiment::outcome::Facts;
use crate::report::estimate;
use crate::scenario::Scenario;
use crate::scenario::expectation::Limit;
use crate::scenario::space::{Point, Refused, Space};

/// A point, resolved.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Its number and its choices.
    pub point: Point,
    /// One scenario for each file of the study; none if the point is no platform.
    pub scenarios: Vec<Scenario>,
    /// What follows from it without a run.
    pub known: Option<Known>,
    /// Why it is not simulated, if it is not.
    pub pruned: Option<String>,
}

/// What follows from a point without a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Cells.
    pub cells: u64,
    /// Instances.
    pub instances: u64,
    /// Cost a month, with what the levers' values cost; `None` without `[cost]`.
    pub cost: Option<f64>,
    /// Customers in the largest cell of each tier: (tier, customers).
    pub largest: Vec<(String, u64)>,
}

impl Tried {
    /// Returns the digests of its scenarios: points with the same ones are the same design.
    pub fn keys(&self) -> Vec<String> {
        self.scenarios.iter().map(key).collect()
    }
}

/// Returns the digest of a resolved scenario.
pub fn key(scenario: &Scenario) -> String {
    scenario.digests.first().map_or_else(String::new, |(_, digest)| digest.clone())
}

/// Resolves points.
///
/// # Errors
/// Values that cannot be read: the study is wrong, and no point is run.
pub fn resolve(space: &Space, points: &[Point]) -> Result<Vec<Tried>, Diagnostics> {
    let (mut tried, mut wrong) = (Vec::with_capacity(points.len()), Vec::new());
    for point in points {
        match space.at(point) {
            Ok(scenarios) => tried.push(look(space, point, scenarios)),
            Err(Refused::Design(problems)) => tried.push(Tried {
                point: point.clone(),
                scenarios: Vec::new(),
                known: None,
                pruned: Some(first(&problems)),
            }),
            Err(Refused::Value(Diagnostics(problems))) => {
                for problem in problems {
                    // A value may be wrong at many points: its first one shows it.
                    let is_known = |other: &crate::diagnostic::Diagnostic| {
                        (&other.file, &other.span, &other.message) == (&problem.file, &problem.span, &problem.message)
                    };
                    if !wrong.iter().any(is_known) {
                        wrong.push(problem);
                    }
                }
            }
        }
    }
    if wrong.is_empty() { Ok(tried) } else { Err(Diagnostics(wrong)) }
}

fn first(problems: &Diagnostics) -> String {
    problems.0.first().map_or_else(String::new, ToString::to_string)
}

fn look(space: &Space, point: &Point, scenarios: Vec<Scenario>) -> Tried {
    let mut pruned = None;
    let mut all: Vec<Facts> = Vec::new();
    for scenario in &scenarios {
        match experiment::facts(scenario) {
            Ok((facts, _)) => {
                let broken = scenario.expectations.iter().find_map(|one| {
                    let known = by_construction(one.metric, one.statistic, &facts)?;
                    let breaks = match one.limit {
                        Limit::AtMost(limit) => known > limit,
                        Limit::AtLeast(limit) => known < limit,
                    };
                    breaks.then(|| {
                        let unit = one.unit;
                        let word = if matches!(one.limit, Limit::AtLeast(_)) { "at least" } else { "limit" };
                        let (value, limit) =
                            (estimate::exactly(known, unit), estimate::exactly(one.limit.value(), unit));
                        format!("{}:{}: {} is {value} by construction ({word} {limit})", one.file, one.line, one.metric)
                    })
                });
                pruned = pruned.or(broken);
                all.push(facts);
            }
            Err(problems) => pruned = pruned.or(Some(first(&problems))),
        }
    }
    let known = (all.len() == scenarios.len()).then(|| {
        all.first().map(|facts| Known {
            cells: facts.cells,
            instances: facts.instances,
            cost: all.iter().find_map(|facts| facts.cost.map(|cost| cost.total + space.extra_cost(point))),
            largest: largest(facts),
        })
    });
    Tried { point: point.clone(), scenarios, known: known.flatten(), pruned }
}

/// Returns a number that follows from the design, if it is one.
fn by_construction(metric: Metric, statistic: Statistic, facts: &Facts) -> Option<f64> {
    match (metric, statistic) {
        (Metric::Cells, Statistic::Mean) => Some(facts.cells as f64),
        (Metric::Instances, Statistic::Mean) => Some(facts.instances as f64),
        (Metric::Cost, Statistic::Mean) => facts.cost.map(|cost| cost.total),
        _ => None,
    }
}

fn largest(facts: &Facts) -> Vec<(String, u64)> {
    let mut largest: Vec<(String, u64)> = Vec::new();
    for group in &facts.groups {
        // Cells that tiers share are told as those of all.
        let tier = group.tier.as_deref().unwrap_or("all");
        match largest.iter_mut().find(|(other, _)| other == tier) {
            Some((_, most)) => *most = (*most).max(group.largest),
            None => largest.push((tier.to_owned(), group.largest)),
        }
    }
    largest
}
