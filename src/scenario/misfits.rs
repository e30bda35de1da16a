//! What an expectation cannot ask for: what no run of this scenario measures, and filters that do not belong together.

use super::document::{Node, Read, Value};
use super::expect_keys::{CONDITION, FAULT, METRIC, Names, UNDER};
use super::keys::Keys;
use crate::catalogue::{Filter, Level, Spec, Statistic};
use crate::diagnostic::Diagnostic;

/// Names a level and the other one.
pub(super) fn levels(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Request => (Level::Request.text(), Level::Incident.text()),
        Level::Incident => (Level::Incident.text(), Level::Request.text()),
    }
}

/// Says why no run of this scenario measures a metric.
pub(super) fn unmeasured(node: &Node, metric: &Spec, names: &Names<'_>) -> Option<Diagnostic> {
    if !metric.is_measured_at(names.level) {
        let (level, other) = levels(names.level);
        let error = node.error(format!("the {level} level does not measure `{}`", metric.name), "not measured");
        return Some(error.help(format!("leave it to a run with level = \"{other}\"")));
    }
    let table = metric.table.filter(|table| !names.tables.contains(table))?;
    let error = node.error(format!("there is no `{}` without [{table}]", metric.name), "not measured");
    Some(error.help(format!("add [{table}], or leave this expectation out")))
}

/// Refuses a condition where there is but one world to measure in.
pub(super) fn world_fits(keys: &Keys<'_>, metric: &Spec) -> Option<Diagnostic> {
    let entry = keys.entry(&CONDITION)?;
    if !metric.has_conditions() {
        let error = entry.key_place.error(format!("`{}` is measured in one world only", metric.name), "no choice");
        return Some(error.help("leave `condition` out"));
    }
    keys.get(&FAULT)?;
    let error = entry.key_place.error("what happens while a fault lasts happens with faults", "no choice");
    Some(error.help("leave `condition` out, or the fault"))
}

/// A share of requests needs a latency under which they are, and the other way round.
pub(super) fn share_fits(keys: &Keys<'_>, metric: &Spec) -> Option<Diagnostic> {
    let under = keys.entry(&UNDER);
    let share = keys.all().iter().find(|entry| entry.key == "share" && !matches!(entry.node.value, Value::Bool(false)));
    match (metric.has_share_under(), under, share) {
        (true, None, Some(share)) => {
            let error = share.key_place.error(format!("a share of `{}`: under which limit?", metric.name), "of what?");
            Some(error.help("add `under = \"300ms\"`"))
        }
        (false, Some(under), _) => {
            let error = under.key_place.error(format!("`{}` has no requests under a latency", metric.name), "no use");
            Some(error.help("leave `under` out"))
        }
        (true, Some(under), None) => {
            let error = under.key_place.error("`under` without a `share`", "how many are to be under it?");
            Some(error.help("add `share = { at_least = \"99%\" }`"))
        }
        _ => None,
    }
}

/// Refuses a filter that the statistic does not have, and asks for those that it needs.
pub(super) fn filters_fit(keys: &Keys<'_>, metric: &Spec, statistic: Statistic) -> Read<()> {
    let filters = metric.filters_of(statistic);
    let name = match statistic {
        Statistic::End => format!("`end` of `{}`", metric.name),
        _ => format!("`{}`", metric.name),
    };
    let given = |filter: Filter| keys.all().iter().find(|entry| entry.key == filter.text());
    if let Some(entry) = Filter::ALL.into_iter().filter(|filter| !filters.takes.contains(filter)).find_map(given) {
        let error = entry.key_place.error(format!("{name} is not measured by {}", entry.key), "no such number");
        return Err(Box::new(match filters.takes {
            [] => error.help("leave the filter out"),
            takes => error.help(format!(
                "it can be asked by {}",
                takes.iter().map(|one| one.text()).collect::<Vec<_>>().join(" and ")
            )),
        }));
    }
    // Of incidents one thing at a time is told.
    let apart =
        [(Filter::Fault, Filter::Workflow, metric.takes_fault_and_workflow()), (Filter::Fault, Filter::Cause, false)];
    for (one, other, together) in apart {
        if let (Some(entry), Some(_), false) = (given(one), given(other), together) {
            let message = format!("{name} is not measured by {one} and {other} at once");
            let error = entry.node.error(message, "no such number");
            return Err(Box::new(error.help("leave one of the two out")));
        }
    }
    if let (Some(stage), None) = (given(Filter::Stage), given(Filter::Workflow)) {
        let error = stage.node.error(format!("{name} is measured for a stage of a workflow"), "of which workflow?");
        return Err(Box::new(error.help("add `workflow = \"NAME\"`")));
    }
    match (filters.needs.iter().find(|&&needed| given(needed).is_none()), keys.get(&METRIC)) {
        (Some(needed), Some(node)) => {
            let error = node.error(format!("{name} is measured for each {needed}"), format!("of which {needed}?"));
            Err(Box::new(error.help(format!("add `{needed} = \"NAME\"`"))))
        }
        _ => Ok(()),
    }
}
