//! Reading which part of a stage a fault strikes: a destination of a fan-out, a worker, the workers of a customer.

use super::document::{Node, Read};
use super::fan_out;
use super::fault::{CustomerRef, StagePart};
use super::grammar::shape::{About, Kind};
use super::keys::Keys;
use super::platform::Platform;
use super::stage::{Stage, StageKind};
use super::values;

/// A destination of a fan-out.
pub(super) const DESTINATION: About = About::new(
    "destination",
    Kind::Count("destinations", 1, fan_out::MOST),
    "of a fan-out `stage`: only calls to this one, from 1. Calls that were sent are not lost",
);
/// A worker.
pub(super) const WORKER: About =
    About::new("worker", Kind::Count("workers", 1, 1000), "of a `stage` with workers: only this one, from 1");
/// The workers of a customer.
pub(super) const WORKERS_OF: About = About::new(
    "workers_of",
    Kind::Written("enterprise/17"),
    "of a `stage` with workers: only those that serve this customer, written as in `cell_of`; in the cell it lives in",
);

/// Reads the part; `customer` reads who is meant.
pub(super) fn part(
    keys: &Keys<'_>,
    platform: &Platform<'_>,
    (workflow, stage): (Option<usize>, Option<&str>),
    customer: impl FnOnce(&Node) -> Read<CustomerRef>,
) -> Option<StagePart> {
    let (key, node) = keys.alternative(&[&DESTINATION, &WORKER, &WORKERS_OF])?;
    let Some(stage) = stage else {
        let error = node.error(format!("`{}` of what?", key.name), "needs a stage");
        keys.context.problem(error.help("add `stage`"));
        return None;
    };
    let is_meant = |(index, _): &(usize, _)| workflow.is_none_or(|workflow| workflow == *index);
    let workflows = platform.workflows.iter().enumerate().filter(is_meant);
    let stages: Vec<&Stage> = workflows
        .flat_map(|(_, workflow)| workflow.classes.iter().flatten())
        .flat_map(|class| class.path.iter().filter(|known| known.name == stage))
        .collect();
    let workers = |stage: &&Stage| match &stage.kind {
        StageKind::Pool(pool) => pool.workers.map(|workers| workers.count),
        StageKind::Delay | StageKind::FanOut(_) => None,
    };
    let destinations = |stage: &&Stage| match &stage.kind {
        StageKind::FanOut(fan_out) => Some(fan_out.destinations),
        StageKind::Pool(_) | StageKind::Delay => None,
    };
    let of_fan_out = key.is(&DESTINATION);
    let (most, noun) = if of_fan_out {
        (stages.iter().filter_map(destinations).max(), "destinations")
    } else {
        (stages.iter().filter_map(workers).max(), "workers")
    };
    let Some(most) = most else {
        let error = node.error(format!("stage `{stage}` has no {noun}"), "strikes nothing");
        let help = if of_fan_out { "only a fan-out has them" } else { "add `workers = 8` to the stage" };
        keys.context.problem(error.help(help));
        return None;
    };
    let number = |number: u32| {
        if number <= most {
            return Ok(number);
        }
        Err(Box::new(node.error(format!("stage `{stage}` has {most} {noun}"), "too large a number")))
    };
    keys.context.keep(match key {
        _ if of_fan_out => fan_out::destination(node).and_then(number).map(StagePart::Destination),
        key if key.is(&WORKER) => values::count(node, "workers", 1, most).and_then(number).map(StagePart::Worker),
        _ => customer(node).map(StagePart::WorkersOf),
    })
}
