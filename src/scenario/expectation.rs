//! Expectations: what must hold.

use super::context::Context;
use super::document::{Entry, Node, Read, Value};
use super::grammar::key::{self, Key};
use super::grammar::shape::{About, Kind, Others, Shape};
use super::grammar::words::listed;
use super::keys::Keys;
use super::law::dotted_quantile;
pub use super::limit::Limit;
use super::merge::{FILTERS, IDENTITY};
use super::text::{self, Per};
use super::unknown::unknown;
use super::values;
use crate::catalogue::{Condition, Level, LimitUnit, LookupPath, Metric, Spec, Statistic, Subject, Unit};
use crate::diagnostic::Diagnostic;
use crate::units::{self, Nanos};

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
    /// Path of a look-up through the router; `None`: all look-ups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<LookupPath>,
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
            ..Subject::new(self.metric, self.statistic, self.unit)
        }
    }
}

/// The names that an expectation may filter by: faults, tiers, workflows.
pub(super) struct Names<'a> {
    /// In the order of the filters' keys.
    pub(super) lists: [&'a [String]; 4],
    /// The level of the run, which measures some metrics and not others.
    pub(super) level: Level,
    /// The tables of the scenario that some metrics need.
    pub(super) tables: &'a [&'static str],
    /// The greatest number of cells down at once that is asked for.
    pub(super) cells_down: Option<u32>,
}

/// Shape of `[[expect]]`.
pub(super) const EXPECT: Shape = Shape {
    others: Some(Others {
        called: "STATISTIC",
        pattern: "^(mean|worst|share|end|busiest|p[0-9]+([.][0-9]+)?|(at_least|exactly)_[0-9]+)$",
        kind: Kind::Table(&LIMITS),
    }),
    ..Shape::new(
        "expect",
        "`expect`",
        &[&METRIC, &FAULT, &TIER, &WORKFLOW, &STAGE, PATH.about(), UNDER.about(), &CONDITION],
    )
};
const METRIC: About =
    About::new(IDENTITY[0], Kind::Name("metric"), "what is measured, see below").required("metric = \"blast_radius\"");
const FAULT: About = About::new(FILTERS[0], Kind::Name("fault"), "of the incidents of this fault");
const TIER: About = About::new(FILTERS[1], Kind::Name("tier"), "of this tier's customers").without("all tiers");
const WORKFLOW: About = About::new(FILTERS[2], Kind::Name("workflow"), "of this workflow").without("all workflows");
const STAGE: About = About::new(FILTERS[3], Kind::Name("stage"), "of this stage, beside its `workflow`");
const FILTER_KEYS: [&About; 4] = [&FAULT, &TIER, &WORKFLOW, &STAGE];
const PATH: Key<LookupPath> =
    key::word("path", "of `router_latency`: look-ups on this path only").without("all look-ups");
const UNDER: Key<Nanos> =
    key::positive_duration("under", "beside `share` of `latency` and `ok_latency`: the latency that is meant");
const CONDITION: About =
    About::new("condition", Kind::Word(worlds), "`\"with faults\"` or `\"no fault\"`: which world")
        .without("as the metric is judged");
const WORLDS: [Condition; 2] = [Condition::NoFault, Condition::WithFaults];

/// The worlds that an expectation may name, each with what it is.
fn worlds() -> Vec<(&'static str, &'static str)> {
    listed::<Condition>().into_iter().filter(|world| WORLDS.iter().any(|one| one.text() == world.0)).collect()
}

/// Shape of a limit on a statistic.
const LIMITS: Shape = Shape::new("limit", "a limit", &[&AT_LEAST, &AT_MOST]);
const AT_LEAST: About = About::new("at_least", Kind::Any(&[Kind::Number, Kind::Text]), "not below this");
const AT_MOST: About = About::new("at_most", Kind::Any(&[Kind::Number, Kind::Text]), "not above this")
    .required_if("this or `at_least`", "at_most = ..");

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
    let metric = keys.required(&METRIC, |node| values::reference(node, "metric", &known));
    let mut filters = [None, None, None, None];
    for ((filter, key), list) in filters.iter_mut().zip(FILTER_KEYS).zip(names.lists) {
        *filter = keys.optional(key, |node| values::reference(node, key.name, list)).map(|index| list[index].clone());
    }
    let metric = all[metric?];
    let under = keys.read(&UNDER);
    let worlds = WORLDS.map(|world| (world.text(), world));
    let condition = keys.optional(&CONDITION, |node| values::choice(node, &worlds));
    let path = keys.read(&PATH);
    let misfits = [world_fits(keys, metric), share_fits(keys, metric), path_fits(keys, metric)];
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
    let is_statistic = |entry: &&Entry| !IDENTITY.contains(&entry.key.as_str());
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

/// Names a level and the other one.
fn levels(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Request => (Level::Request.text(), Level::Incident.text()),
        Level::Incident => (Level::Incident.text(), Level::Request.text()),
    }
}

/// Says why no run of this scenario measures a metric.
fn unmeasured(node: &Node, metric: &Spec, names: &Names<'_>) -> Option<Diagnostic> {
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
fn world_fits(keys: &Keys<'_>, metric: &Spec) -> Option<Diagnostic> {
    let entry = keys.entry(&CONDITION)?;
    if !metric.has_conditions() {
        let error = entry.key_place.error(format!("`{}` is measured in one world only", metric.name), "no choice");
        return Some(error.help("leave `condition` out"));
    }
    keys.get(&FAULT)?;
    let error = entry.key_place.error("what happens while a fault lasts happens with faults", "no choice");
    Some(error.help("leave `condition` out, or the fault"))
}

/// Refuses a path of what is no look-up.
fn path_fits(keys: &Keys<'_>, metric: &Spec) -> Option<Diagnostic> {
    let entry = keys.entry(&PATH).filter(|_| metric.name != "router_latency")?;
    let error = entry.key_place.error(format!("`{}` is not measured by path", metric.name), "no such number");
    Some(error.help("only `router_latency` is: leave `path` out"))
}

/// A share of requests needs a latency under which they are, and the other way round.
fn share_fits(keys: &Keys<'_>, metric: &Spec) -> Option<Diagnostic> {
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

/// Refuses a filter that the statistic does not have, and asks for the one that it needs.
fn filters_fit(keys: &Keys<'_>, metric: &Spec, statistic: Statistic) -> Read<()> {
    let filters = metric.filters_of(statistic);
    let name = match statistic {
        Statistic::End => format!("`end` of `{}`", metric.name),
        _ => format!("`{}`", metric.name),
    };
    let is_idle =
        |entry: &&Entry| FILTERS.contains(&entry.key.as_str()) && !filters.takes.contains(&entry.key.as_str());
    if let Some(entry) = keys.all().iter().find(is_idle) {
        let error = entry.key_place.error(format!("{name} is not measured by {}", entry.key), "no such number");
        return Err(Box::new(match filters.takes {
            [] => error.help("leave the filter out"),
            takes => error.help(format!("it can be asked by {}", takes.join(" and "))),
        }));
    }
    if let (Some(fault), Some(_), false) = (keys.get(&FAULT), keys.get(&WORKFLOW), metric.takes_fault_and_workflow()) {
        let error = fault.error(format!("{name} is not measured by fault and workflow at once"), "no such number");
        return Err(Box::new(error.help("leave one of the two out")));
    }
    if let (Some(stage), None) = (keys.get(&STAGE), keys.get(&WORKFLOW)) {
        let error = stage.error(format!("{name} is measured for a stage of a workflow"), "of which workflow?");
        return Err(Box::new(error.help("add `workflow = \"NAME\"`")));
    }
    match (
        filters.needs.filter(|needed| FILTER_KEYS.iter().any(|key| key.name == *needed && keys.get(key).is_none())),
        keys.get(&METRIC),
    ) {
        (Some(needed), Some(node)) => {
            let error = node.error(format!("{name} is measured for each {needed}"), format!("of which {needed}?"));
            Err(Box::new(error.help(format!("add `{needed} = \"NAME\"`"))))
        }
        _ => Ok(()),
    }
}

/// Reads a lower limit, an upper one, or both: (limit, as written, unit of the row).
fn limits(keys: &Keys<'_>, metric: &Spec, statistic: Statistic) -> Vec<(Limit, String, Unit)> {
    let share = [LimitUnit::Share];
    let units = if statistic == Statistic::Share { &share[..] } else { metric.units };
    let given = [(AT_LEAST.name, keys.get(&AT_LEAST)), (AT_MOST.name, keys.get(&AT_MOST))];
    let given: Vec<(&str, &Node)> = given.into_iter().filter_map(|(key, node)| Some((key, node?))).collect();
    if given.is_empty() {
        keys.missing(&AT_MOST);
    }
    let mut found = Vec::new();
    for (key, node) in given {
        let Some((value, unit)) = keys.context.keep(quantity(node, units)) else { continue };
        let written = match &node.value {
            Value::Text(text) => text.clone(),
            _ => written(node).to_owned(),
        };
        let limit = if key == AT_MOST.name { Limit::AtMost(value) } else { Limit::AtLeast(value) };
        found.push((limit, written, unit.unit()));
    }
    if let [(Limit::AtLeast(low), _, low_unit), (Limit::AtMost(high), _, high_unit)] = found.as_slice()
        && low_unit == high_unit
        && low > high
    {
        let error = keys.place.error("`at_least` is above `at_most`", "nothing can keep both");
        keys.context.problem(error.help("swap them"));
    }
    found
}

/// A value as it stands in the file.
fn written(node: &Node) -> &str {
    node.place.source.text.get(node.place.span.clone()).unwrap_or("")
}

/// Reads a limit in the first of the units that its text fits.
fn quantity(node: &Node, units: &[LimitUnit]) -> Read<(f64, LimitUnit)> {
    let mut first = None;
    for unit in units {
        match one(node, *unit) {
            Ok(value) => return Ok((value, *unit)),
            // A percentage out of range is a better message than "this is no count".
            Err(error) if node.text().is_some_and(|text| text.contains('%')) => first = Some(error),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| Box::new(node.error("a limit that cannot be read", "here"))))
}

/// Reads "15min", "2h", "500 minutes", as minutes.
fn minutes(written: &str) -> text::Parsed<f64> {
    match text::count(written, "minutes") {
        Ok(count) => Ok(count),
        Err(_) => text::duration(written).map(|length| length as f64 / units::MINUTE as f64),
    }
}

fn one(node: &Node, unit: LimitUnit) -> Read<f64> {
    let is_text = node.text().is_some();
    let by = |parse: &dyn Fn(&str) -> text::Parsed<f64>, what: &str, example: &str| {
        let written = node.text().ok_or_else(|| Box::new(node.expected(what, example)))?;
        parse(written).map_err(|label| {
            Box::new(
                node.error(format!("expected {what}, found \"{written}\""), label).help(format!("write {example}")),
            )
        })
    };
    match unit {
        LimitUnit::Customers if is_text => {
            by(&|text| text::count(text, "customers"), "a count of customers", "\"50 customers\"")
        }
        LimitUnit::CustomerMinutes if is_text => {
            by(&|text| text::count(text, "minutes"), "customer-minutes", "\"500 minutes\"")
        }
        LimitUnit::Minutes if is_text => by(&minutes, "minutes", "\"15min\""),
        LimitUnit::Customers if matches!(node.value, Value::Float(_)) => Err(Box::new(
            node.error("a count of customers is a whole number", "not whole").help("or a share, like \"2%\""),
        )),
        LimitUnit::Share => values::share(node),
        LimitUnit::OpenShare if is_text => by(&text::percentage, "a share", "\"75%\""),
        LimitUnit::Customers
        | LimitUnit::CustomerMinutes
        | LimitUnit::Minutes
        | LimitUnit::Plain
        | LimitUnit::OpenShare => values::number(node),
        LimitUnit::Duration => values::duration(node).map(units::seconds),
        LimitUnit::Rate => values::rate(node),
        LimitUnit::Dollars => {
            let parse = |text: &str| {
                let month = text.contains('/');
                text::money(&if month { text.to_owned() } else { format!("{text}/month") }, Per::Month)
            };
            by(&parse, "dollars per month", "\"$150000/month\"")
        }
    }
}
