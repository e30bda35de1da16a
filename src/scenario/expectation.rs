//! Expectations: what must hold.

use super::context::Context;
use super::document::{Entry, Node, Value};
use super::expect_keys::{
    ALERT, CAUSE, CONDITION, EXPECT, FILTER_KEYS, METRIC, Names, PATH, UNDER, WORLDS, is_identity,
};
use super::keys::Keys;
use super::law::dotted_quantile;
pub use super::limit::Limit;
use super::limit::{LIMITS, limits, written};
use super::misfits::{filters_fit, levels, share_fits, unmeasured, world_fits};
use super::unknown::unknown;
use super::values;
use crate::catalogue::{Alert, Cause, Condition, LookupPath, Metric, Spec, Statistic, Subject, Unit};
use crate::units::Nanos;

/// One `[[expect]]`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Expectation {
    /// File as the user would name it; no part of what the scenario is.
    #[serde(skip)]
    pub file: String,
    /// Line of its limit.
    #[serde(skip)]
    pub line: u32,
    /// Metric.
    pub metric: Metric,
    /// Statistic.
    pub statistic: Statistic,
    /// Fault name.
    pub fault: Option<String>,
    /// Tier name.
    pub tier: Option<String>,
    /// Workflow name.
    pub workflow: Option<String>,
    /// Stage name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Path of a lookup through the router; `None`: all lookups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<LookupPath>,
    /// Why requests failed; `None`: for any reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// A burn-rate alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
    /// The latency under which a share of requests is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<Nanos>,
    /// The world it is about, "with faults" or "no fault"; `None`: the one its metric is judged in by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// The limit.
    pub limit: Limit,
    /// The limit's text as written ("50 customers").
    pub limit_text: String,
    /// Unit that the limit is in, which selects among rows of one metric.
    pub unit: Unit,
}

impl Expectation {
    /// Returns what it is about, in the world that it is judged in.
    pub fn subject(&self) -> Subject {
        Subject {
            condition: self.condition.unwrap_or(self.metric.spec().judged),
            tier: self.tier.clone(),
            workflow: self.workflow.clone(),
            fault: self.fault.clone(),
            stage: self.stage.clone(),
            path: self.path,
            cause: self.cause,
            alert: self.alert,
            ..Subject::new(self.metric, self.statistic, self.unit)
        }
    }
}

/// Reads `[[expect]]`: one expectation for each statistic.
pub(super) fn expectations(context: &Context, node: &Node, names: &Names<'_>) -> Vec<Expectation> {
    let Value::List(items) = &node.value else {
        context.problem(node.expected("a list of tables", "[[expect]]"));
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| context.shaped(item, &EXPECT, |keys| read(keys, names)).flatten())
        .flatten()
        .collect()
}

fn read(keys: &Keys<'_>, names: &Names<'_>) -> Option<Vec<Expectation>> {
    let context = keys.context;
    let all: Vec<&Spec> = Spec::expectable().collect();
    let known: Vec<&str> = all.iter().map(|spec| spec.name).collect();
    let metric = keys.required(&METRIC, |node| match node.text().and_then(Metric::renamed) {
        Some(today) => {
            let error = node.error("this metric has another name today", "the old one");
            Err(Box::new(error.help(format!("write {today}"))))
        }
        None => values::reference(node, "metric", &known),
    });
    let mut filters = [None, None, None, None];
    for ((filter, key), list) in filters.iter_mut().zip(FILTER_KEYS).zip(names.lists) {
        *filter = keys.optional(key, |node| values::reference(node, key.name, list)).map(|index| list[index].clone());
    }
    let metric = all[metric?];
    let under = keys.read(&UNDER);
    let worlds = WORLDS.map(|world| (world.text(), world));
    let condition = keys.optional(&CONDITION, |node| values::choice(node, &worlds));
    let (path, cause, alert) = (keys.read(&PATH), keys.read(&CAUSE), keys.read(&ALERT));
    let misfits = [world_fits(keys, metric), share_fits(keys, metric)];
    for error in misfits.into_iter().flatten() {
        context.problem(error);
    }
    // `mean = false` names what is left out, whatever is measured.
    let asks = |entry: &Entry| !matches!(entry.node.value, Value::Bool(false));
    let has = |key: &str| Statistic::of_key(key).is_some_and(|statistic| metric.has(statistic));
    let asked = keys.all().iter().any(|entry| has(&entry.key) && asks(entry));
    if let Some(error) = keys.get(&METRIC).filter(|_| asked).and_then(|node| unmeasured(node, metric, names)) {
        context.problem(error);
        return None;
    }
    let [fault, tier, workflow, stage] = filters;
    let is_statistic = |entry: &&Entry| !is_identity(&entry.key);
    let mut found = Vec::new();
    let mut given = false;
    for entry in keys.all().iter().filter(is_statistic) {
        given = true;
        let (key, node) = dotted_quantile(entry);
        let Some(statistic) = Statistic::of_key(&key).filter(|&statistic| metric.has(statistic)) else {
            let message = format!("`{}` has no statistic `{key}`", metric.name);
            let statistics: Vec<String> = metric.statistics.iter().map(Statistic::to_string).collect();
            let statistics = statistics.iter().map(String::as_str);
            context.problem(unknown(&entry.key_place, message, &key, statistics, "its statistics"));
            continue;
        };
        // `mean = false` replaces an inherited expectation by none.
        if matches!(node.value, Value::Bool(false)) {
            continue;
        }
        if !metric.measures(statistic, names.level) {
            let (level, _) = levels(names.level);
            let message = format!("the {level} level does not measure `{statistic}` of `{}`", metric.name);
            let known = metric.statistics.iter().filter(|known| metric.measures(**known, names.level));
            let help =
                format!("its statistics there: {}", known.map(Statistic::to_string).collect::<Vec<_>>().join(", "));
            context.problem(entry.key_place.error(message, "not measured").help(help));
            continue;
        }
        if let Some(cells) = statistic.count()
            && names.cells_down.is_none_or(|most| cells > most)
        {
            let message = format!("nothing measures {cells} cells down at once");
            let help = match names.cells_down {
                None => format!("add [run.rare] with cells_down = {cells}"),
                Some(most) => format!("write cells_down = {cells} in [run.rare], where it is {most}"),
            };
            context.problem(entry.key_place.error(message, "beyond what is asked for").help(help));
            continue;
        }
        if node.table().is_none() {
            let text = format!("{key} = {{ at_most = {} }}", written(node));
            context.problem(node.expected("a limit", &text));
            continue;
        }
        let limits = context.shaped(node, &LIMITS, |keys| limits(keys, metric, statistic)).unwrap_or_default();
        if let Err(error) = filters_fit(keys, metric, statistic) {
            context.problem(*error);
            continue;
        }
        let (statistic, under) = match under.filter(|_| statistic == Statistic::Share) {
            Some(limit) => (Statistic::Under(limit), Some(limit)),
            None => (statistic, None),
        };
        found.extend(limits.into_iter().map(|(limit, limit_text, unit)| Expectation {
            file: entry.key_place.source.name.clone(),
            line: entry.key_place.line(),
            metric: metric.metric,
            statistic,
            fault: fault.clone(),
            tier: tier.clone(),
            workflow: workflow.clone(),
            stage: stage.clone(),
            path,
            cause,
            alert,
            under,
            condition,
            limit,
            limit_text,
            unit,
        }));
    }
    if !given {
        let error = keys.place.error("an expectation without a limit", "what must hold?");
        context.problem(error.help(format!("add `{} = {{ at_most = .. }}`", metric.statistics[0])));
    }
    Some(found)
}
