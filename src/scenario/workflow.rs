//! Workflows, and what each is for each tier.

use super::client::Client;
use super::context::Context;
use super::demand::{ArrivalProcess, Demand, Profile, Skew};
use super::document::{Entry, Node, Table, Value};
use super::keys::Keys;
use super::merge;
use super::stage::Stage;
use super::values;
use super::{client, demand, profile, stage};

/// A product family with one affinity.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Workflow {
    /// Name, as in `[workflow.NAME]`.
    pub name: String,
    /// Channels it serves, for the reader.
    pub serves: Vec<String>,
    /// The workflow as each tier (index) meets it; `None` where the tier has no demand for it.
    pub classes: Vec<Option<Class>>,
}

/// A workflow as one tier meets it, every override applied.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Class {
    /// Share of the tier's customers that use it.
    pub adoption: f64,
    /// Mean requests per second of an adopting customer, or the recorded trace alone.
    pub demand: Demand,
    /// How requests follow each other.
    pub arrivals: ArrivalProcess,
    /// How demand differs between customers.
    pub skew: Skew,
    /// How demand changes over time.
    pub profile: Profile,
    /// The callers.
    pub client: Client,
    /// Steps, in order.
    pub path: Vec<Stage>,
    /// Dollars a customer pays per request.
    pub price: f64,
}

/// What a workflow's reader needs to know of the rest of the file.
pub(super) struct Surroundings<'a> {
    /// Tier names.
    pub(super) tiers: &'a [String],
    /// `[client]`.
    pub(super) client: Option<&'a Node>,
    /// `[stage]`.
    pub(super) stage: Option<&'a Node>,
}

/// Reads `[workflow.NAME]` as every tier meets it.
pub(super) fn workflow(context: &Context, entry: &Entry, around: &Surroundings<'_>) -> Option<Workflow> {
    let what = format!("workflow `{}`", entry.key);
    let Some(table) = entry.node.table() else {
        context.problem(entry.node.expected("a table", &format!("[workflow.{}] and its keys below", entry.key)));
        return None;
    };
    let serves = table.get("serves").map(|entry| &entry.node);
    let serves = serves.map(|node| values::list(node, "[\"SMS\", \"MMS\"]", values::text));
    let serves = serves.map_or_else(|| Some(Vec::new()), |serves| context.keep(serves));
    let overrides = table.get("tier").map(|entry| &entry.node);
    let own = |entry: &&Entry| !matches!(entry.key.as_str(), "serves" | "tier");
    let common = Table { entries: table.entries.iter().filter(own).cloned().collect() };
    let common = Node { value: Value::Table(common), ..entry.node.clone() };
    if let Some(overrides) = overrides {
        check_tiers(context, overrides, around.tiers);
    }
    let mut classes = Vec::with_capacity(around.tiers.len());
    for tier in around.tiers {
        let special = overrides.and_then(|overrides| overrides.child(tier));
        let merged = match special {
            None => common.clone(),
            Some(special) => {
                // Only what is no table cannot be merged; a table's own keys are checked by the reader.
                if special.table().is_none() {
                    context.problem(special.expected("a table", &format!("[workflow.{}.tier.{tier}]", entry.key)));
                }
                merge::specific(&common, special)
            }
        };
        classes.push(context.table(&merged, &what, |keys| class(keys, tier, around)).flatten());
    }
    if !context.has_problems() && classes.iter().all(Option::is_none) {
        let error = entry.key_place.error(format!("nobody uses {what}"), "has no demand");
        context.problem(error.help("add `demand = \"5/s\"`, or `demand = \"trace\"` with [trace]"));
    }
    Some(Workflow { name: entry.key.clone(), serves: serves?, classes })
}

fn check_tiers(context: &Context, overrides: &Node, tiers: &[String]) {
    let Some(table) = overrides.table() else {
        context.problem(overrides.expected("a table of tiers", "[workflow.messaging.tier.enterprise]"));
        return;
    };
    for entry in table.entries.iter().filter(|entry| !tiers.contains(&entry.key)) {
        let message = format!("there is no tier `{}`", entry.key);
        let known = tiers.iter().map(String::as_str);
        context.problem(super::keys::unknown(&entry.key_place, message, &entry.key, known, "tiers here"));
    }
}

fn class(keys: &Keys<'_>, tier: &str, around: &Surroundings<'_>) -> Option<Class> {
    let context = keys.context;
    // Known here, read by `workflow`.
    keys.get("serves");
    keys.get("tier");
    let adoption = match keys.get("adoption") {
        None => Some(1.0),
        Some(node) => match demand::of_tier(context, node, around.tiers, tier) {
            None => Some(1.0),
            Some(node) => context.keep(values::share(node)),
        },
    };
    if keys.get("demand").is_none() {
        keys.missing("demand", "demand = \"5/s\", or demand = { enterprise = \"12/s\" }");
    }
    let demand = keys.get("demand").and_then(|node| demand::demand(context, node, around.tiers, tier));
    let arrivals = match keys.get("arrivals") {
        None => Some(ArrivalProcess::Poisson),
        Some(node) => {
            if let (Some(Demand::Trace), Some(entry)) = (demand, keys.entry("arrivals")) {
                let error = entry.key_place.error("`arrivals` has no effect here", "the trace says when they come");
                context.problem(error.help("leave it out, or give a rate as `demand`"));
            }
            demand::arrivals(context, node)
        }
    };
    let skew = keys.get("skew").map_or(Some(Skew::Equal), |node| demand::skew(context, node));
    let profile = keys.get("profile").map_or_else(|| Some(Profile::constant()), |node| profile::profile(context, node));
    let price = keys.or("price", 0.0, values::dollars_per_request);
    let client = client::client(context, &cascaded(keys, around.client, keys.get("client")));
    let path = path(keys, around);
    let class = Class {
        adoption: adoption?,
        demand: demand?,
        arrivals: arrivals?,
        skew: skew?,
        profile: profile?,
        client: client?,
        path: path?,
        price,
    };
    let used = class.adoption > 0.0 && class.demand != Demand::Rate(0.0);
    used.then_some(class)
}

/// Lays what is said here over what is said for all; where neither is said, an empty table stands here.
fn cascaded(keys: &Keys<'_>, common: Option<&Node>, own: Option<&Node>) -> Node {
    match (common, own) {
        (None, None) => Node { value: Value::Table(Table::default()), place: keys.place.clone(), rank: 0 },
        (Some(node), None) | (None, Some(node)) => node.clone(),
        (Some(common), Some(own)) => Node { place: own.place.clone(), ..merge::specific(common, own) },
    }
}

/// Reads the path and the stages on it; without a path, the stages in the order of the file.
fn path(keys: &Keys<'_>, around: &Surroundings<'_>) -> Option<Vec<Stage>> {
    let context = keys.context;
    let stages = keys.get("stage");
    let empty = Table::default();
    let table = stages.map_or(Some(&empty), Node::table);
    let Some(table) = table else {
        if let Some(node) = stages {
            context.problem(node.expected("a table of stages", "stage.accept.service_time = \"8ms\""));
        }
        return None;
    };
    let declared: Vec<&str> = table.entries.iter().map(|entry| entry.key.as_str()).collect();
    let names: Vec<String> = match keys.get("path") {
        None => declared.iter().map(|name| (*name).to_owned()).collect(),
        Some(node) => {
            let names = context.keep(values::list(node, "[\"accept\", \"submit\"]", values::text))?;
            for entry in table.entries.iter().filter(|entry| !names.contains(&entry.key)) {
                let message = format!("stage `{}` is not on the path", entry.key);
                let known = names.iter().map(String::as_str);
                context.problem(super::keys::unknown(&entry.key_place, message, &entry.key, known, "the path"));
            }
            if names.iter().enumerate().any(|(index, name)| names[..index].contains(name)) {
                context.problem(
                    node.error("a stage that is on the path twice", "not supported").help("give it two names"),
                );
            }
            names
        }
    };
    if names.is_empty() {
        let error = keys.place.error(format!("{} has no stages", keys.what), "needs a path");
        context.problem(error.help("add `path = [\"accept\"]` and `stage.accept.service_time = \"8ms\"`"));
        return None;
    }
    if names.len() > 255 {
        context.problem(keys.place.error("a path of more than 255 stages", "too long"));
        return None;
    }
    names
        .iter()
        .map(|name| {
            let own = table.get(name).map(|entry| &entry.node);
            stage::stage(context, name, &cascaded(keys, around.stage, own))
        })
        .collect()
}
